"""Each fault is seen by real clients, over a socket, on both servers, exactly when it was said."""

from __future__ import annotations

import http.client
import json
import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import httpx
import pytest
from wire import KINDS, PATIENCE, running

from mockserver import Client, Settings, ThreadServer, create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Ask = Callable[[str, float], "Seen"]

HELD = 0.2
"""Seconds for which an answer is held back."""
HASTY = 0.1
"""Seconds that a client waits which gives up on that."""
HAPPY = "d0c8585d-1234-5678-abcd-ef0123456789"
SLOW = "449f0282-e196-4a84-8e43-39cacb0b6f11"
HEADERS = {"Authorization": "Bearer any-token"}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a client was told."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def by_http_client(url: str, patience: float) -> Seen:
    parts = urlsplit(url)
    with closing(
        http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=patience)
    ) as connection:
        connection.request("GET", parts.path, headers=HEADERS)
        with closing(connection.getresponse()) as answer:
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Seen(answer.status, headers, answer.read())


def by_httpx(url: str, patience: float) -> Seen:
    with httpx.Client(trust_env=False, timeout=httpx.Timeout(PATIENCE, read=patience)) as client:
        answer = client.get(url, headers=HEADERS)
        return Seen(answer.status_code, answer.headers, answer.content)


CLIENTS: Mapping[str, tuple[Ask, type[Exception], type[Exception]]] = {
    "http.client": (by_http_client, TimeoutError, http.client.IncompleteRead),
    "httpx": (by_httpx, httpx.ReadTimeout, httpx.RemoteProtocolError),
}
"""How each asks, and what it raises where an answer is late, and where it is cut short."""


class World:
    """A sandbox of a running server whose time stands still."""

    def __init__(self, client: httpx.Client, name: str, **options: object) -> None:
        self.client = client
        told = client.put(f"/_mock/sandboxes/{name}", json={"rate": 0, **options})
        self.url: str = told.json()["url"]

    def post(self, path: str, body: object) -> None:
        assert self.client.post(f"{self.url}/_mock/{path}", json=body).is_success

    def get(self, path: str) -> Any:  # noqa: ANN401 because JSON has no type
        return self.client.get(f"{self.url}/_mock/{path}").json()

    def path(self, id_: str) -> str:
        return f"{self.url}/api/repos/ox/cats/evaluations/{id_}"

    def until(self, status: str) -> None:
        self.post("clock/advance", {"until": {"id": HAPPY, "status": status}})


def nobody_moves(_world: World) -> None:
    """The next call is the one that is meant, or the one after it."""


WHEN: Mapping[
    str, tuple[str, dict[str, object], Callable[[World], None], Callable[[World], None]]
] = {
    "while it commits": (
        HAPPY,
        {"operation": "get_evaluation", "status": "committing"},
        lambda world: world.until("committing"),
        lambda world: world.until("completed"),
    ),
    "after row 100": (
        SLOW,
        {"id": SLOW, "after_row": 100, "count": 1},
        lambda world: world.post("clock/advance", {"seconds": 300}),
        nobody_moves,
    ),
    "on the second call": (HAPPY, {"id": HAPPY, "nth": 2}, nobody_moves, nobody_moves),
}
"""Whom it is about, when it strikes, and what comes before that call and after it."""
WHAT: Mapping[str, dict[str, object]] = {
    "unavailable": {"code": 503, "retry_after": 7},
    "late": {"delay": HELD},
    "truncated": {"body": "truncated"},
    "malformed": {"body": "malformed"},
}


@pytest.fixture(scope="module", params=KINDS)
def steering(request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """A client of a running server, for its control API."""
    with running(request.param) as server:
        url = f"http://127.0.0.1:{server.port}"
        with httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE) as client:
            yield client


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("what", WHAT)
def test_each_fault_is_seen_by_a_client_on_the_call_that_was_meant_and_on_no_other(
    steering: httpx.Client, client: str, when: str, what: str
) -> None:
    world = World(steering, f"{client} {when} {what}")
    ask, is_late, is_cut = CLIENTS[client]
    id_, rule, before, after = WHEN[when]
    url = world.path(id_)
    world.post("faults", {**rule, **WHAT[what]})
    calm = [ask(url, PATIENCE)]
    before(world)
    if what == "unavailable":
        seen = ask(url, PATIENCE)
        assert (seen.status, seen.headers["retry-after"]) == (503, "7")
        assert json.loads(seen.body)["status_message"] == "service_unavailable"
        assert seen.headers["x-mock-fault"] == "fault-1"
    elif what == "late":
        with pytest.raises(is_late):
            ask(url, HASTY)
    elif what == "truncated":
        with pytest.raises(is_cut):
            ask(url, PATIENCE)
    else:
        seen = ask(url, PATIENCE)
        assert (seen.status, seen.headers["content-type"]) == (200, "application/json")
        with pytest.raises(json.JSONDecodeError):
            json.loads(seen.body)
    after(world)
    calm.append(ask(url, PATIENCE))
    assert [(seen.status, "x-mock-fault" in seen.headers) for seen in calm] == [(200, False)] * 2
    assert {json.loads(seen.body)["evaluation"]["id"] for seen in calm} == {id_}
    told = world.get("journal")["exchanges"]
    assert [one["fault"] for one in told] == [None, "fault-1", None]
    assert told[1]["code"] == (503 if what == "unavailable" else 200)
    report = world.get("report")
    assert (report["faults"], report["broken_requests"], report["clean"]) == (1, 0, True)


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_that_waits_gets_an_answer_that_was_held_back_whole(
    steering: httpx.Client, client: str
) -> None:
    world = World(steering, f"patient {client}")
    world.post("faults", {"id": HAPPY, "delay": HELD})
    started = time.monotonic()
    seen = CLIENTS[client][0](world.path(HAPPY), PATIENCE)
    assert time.monotonic() - started >= HELD
    assert json.loads(seen.body)["evaluation"]["status"] == "queued"


def test_an_archive_tells_of_a_truncated_answer_what_was_sent(steering: httpx.Client) -> None:
    world = World(steering, "archived")
    whole = by_httpx(world.path(HAPPY), PATIENCE)
    world.post("faults", {"id": HAPPY, "body": "truncated"})
    with pytest.raises(http.client.IncompleteRead) as caught:
        by_http_client(world.path(HAPPY), PATIENCE)
    assert whole.body.startswith(caught.value.partial)
    entry = world.get("journal.har")["log"]["entries"][1]
    assert entry["_fault"] == "fault-1"
    assert entry["response"]["content"]["text"].encode() == caught.value.partial


def test_a_probability_is_drawn_from_the_seed_so_the_same_calls_are_struck(
    steering: httpx.Client,
) -> None:
    def struck(name: str, seed: str) -> list[bool]:
        world = World(steering, name, seed=seed)
        world.post("faults", {"operation": "get_evaluation", "probability": 0.3, "code": 503})
        statuses = [
            world.client.get(world.path(HAPPY), headers=HEADERS).status_code for _ in range(100)
        ]
        assert set(statuses) == {200, 503}
        return [status == 503 for status in statuses]

    one, same, other = struck("one", "a"), struck("same", "a"), struck("other", "b")
    assert one == same != other
    assert 15 < sum(one) < 45


@pytest.mark.parametrize("spoiled", ["truncated", "malformed"])
def test_an_end_that_came_spoiled_has_not_been_seen(
    spoiled: Literal["truncated", "malformed"],
) -> None:
    with ThreadServer(create_app(Settings(speed=0))) as server, Client(server.url) as mock:
        mine = mock.evaluations.add("happy-path")
        mock.clock.advance_until(mine, "completed")
        mock.faults.add(operation="get_evaluation", body=spoiled, count=1)
        url = f"{mock.url}/api/repos/ox/cats/evaluations/{mine['id']}"
        with pytest.raises((httpx.RemoteProtocolError, json.JSONDecodeError)):
            httpx.get(url, headers=HEADERS).json()
        assert [one["status_seen"] for one in mock.journal.find()["exchanges"]] == [None]
        assert httpx.get(url, headers=HEADERS).json()["evaluation"]["status"] == "completed"
        (client,) = mock.report()["clients"]
        assert (client["saw"], client["polls_after_end"]) == (["completed"], 0)
