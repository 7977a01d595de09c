"""32 threads creating and polling at once, over real sockets, on both servers."""

from __future__ import annotations

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from wire import GOOD, KINDS, PATIENCE, Server, running

from mockserver.apis.oxen import GET, OxenApi
from mockserver.core import rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockserver.core.rules import Sighting

THREADS = 32
CREATES = 3
POLLS = 6
HEADERS = {"Authorization": "Bearer any-token", "Content-Type": "application/json"}
SEED_ID = "d0c8585d-1234-5678-abcd-ef0123456789"


@pytest.fixture(scope="module", params=KINDS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    # At this speed a default life of half a minute passes while the threads are at work.
    with running(request.param, speed=60) as found:
        yield found


@dataclass(slots=True)
class Told:
    """What one thread was told."""

    created: list[str] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)
    sightings: dict[str, list[Sighting]] = field(default_factory=dict)

    def take(self, status: int, body: Mapping[str, Any], now: str) -> str:
        self.statuses.add(status)
        seen = OxenApi({}).sighting(GET, body, datetime.fromisoformat(now))
        id_: str = body["evaluation"]["id"]
        self.sightings.setdefault(id_, []).append(seen)
        return id_


def _say(connection: http.client.HTTPConnection, told: Told, path: str, body: object = None) -> str:
    raw = None if body is None else json.dumps(body)
    connection.request("GET" if body is None else "POST", path, raw, HEADERS)
    with closing(connection.getresponse()) as response:
        answer = json.loads(response.read())
        return told.take(response.status, answer, response.headers["X-Mock-Now"])


def _work(server: Server, number: int, together: Barrier) -> Told:
    told = Told()
    base = f"/api/repos/ox/thread-{number % 4}/evaluations"
    with closing(
        http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    ) as connection:
        together.wait(PATIENCE)
        for create in range(CREATES):
            body = {**GOOD, "name": f"{number}/{create}", "auto_commit": create % 2 == 0}
            told.created.append(_say(connection, told, f"{base}/main/a.parquet", body))
            for poll in range(POLLS // CREATES):
                _say(connection, told, f"{base}/{told.created[poll % len(told.created)]}")
                _say(connection, told, f"{base}/{SEED_ID}")
        for id_ in told.created:
            _say(connection, told, f"{base}/{id_}")
    return told


@pytest.fixture(scope="module")
def told(server: Server) -> tuple[Told, ...]:
    together = Barrier(THREADS)
    with ThreadPoolExecutor(THREADS) as pool:
        working = [pool.submit(_work, server, number, together) for number in range(THREADS)]
        return tuple(work.result(60) for work in working)


def test_no_request_of_any_thread_fails(told: tuple[Told, ...]) -> None:
    assert {status for one in told for status in one.statuses} == {200}


def test_no_two_creates_get_the_same_id(told: tuple[Told, ...]) -> None:
    created = [id_ for one in told for id_ in one.created]
    assert len(created) == len(set(created)) == THREADS * CREATES


def test_every_create_is_readable_afterwards_with_what_it_was_asked(
    server: Server, told: tuple[Told, ...]
) -> None:
    with closing(
        http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    ) as connection:
        for number, one in enumerate(told):
            for create, id_ in enumerate(one.created):
                again = Told()
                path = f"/api/repos/ox/thread-{number % 4}/evaluations/{id_}"
                assert _say(connection, again, path) == id_
                assert again.statuses == {200}
                assert again.sightings[id_][0].fixed["name"] == f"{number}/{create}"


def test_what_each_poller_sees_only_moves_forwards(told: tuple[Told, ...]) -> None:
    looked = 0
    for one in told:
        for sightings in one.sightings.values():
            for before, after in pairwise(sightings):
                assert before.now <= after.now
                assert rules.check_pair(before, after) == ()
                looked += 1
            assert [found for seen in sightings for found in rules.check(seen)] == []
    assert looked > THREADS * CREATES


def test_pollers_did_see_something_move(told: tuple[Told, ...]) -> None:
    seen = {s.word for one in told for all_ in one.sightings.values() for s in all_}
    assert len(seen) > 1
