"""Sandboxes stay independent, however many are driven at once, and the same seed tells the same."""

from __future__ import annotations

import http.client
import json
import queue
import random
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from served import CREATE_BODY, CREATE_PATH, SEED_PATH
from wire import Server, running

from mockserver.assemble import create_app
from mockserver.server import ThreadServer
from mockserver.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Answer = tuple[int, bytes]
    Ask = Callable[[str, str, object], Answer]
    Step = tuple[str, float]

SANDBOXES, THREADS = 200, 32
STARTED = Settings(speed=0, seed="7", epoch=datetime(2026, 3, 1, 12, tzinfo=UTC))
HEADERS: Mapping[str, str] = {
    "Authorization": "Bearer any-token",
    "Content-Type": "application/json",
}
MOVES = ("create", "poll", "look", "wait", "next", "cancel", "fail", "strike", "reset", "list")
NUGEN = {"model_id": "m", "benchmark_id": "b"}
STEPS = st.lists(st.tuples(st.sampled_from(MOVES), st.floats(0, 1, exclude_max=True)), max_size=12)


def steps_of(seed: int, count: int) -> list[Step]:
    """A script of its own for each seed."""
    drawn = random.Random(seed)  # noqa: S311 because it is a script and no secret
    return [(drawn.choice(MOVES), drawn.random()) for _ in range(count)]


def played(ask: Ask, steps: list[Step]) -> Iterator[Answer]:
    """The answers to a script, one after the other; addresses are left out of them."""
    made: list[str] = []
    for move, share in steps:
        mine = made[int(share * len(made))] if made else SEED_PATH.rpartition("/")[2]
        if move == "create":
            answer = ask("POST", CREATE_PATH, {**CREATE_BODY, "name": f"{share}"})
            made += [json.loads(answer[1])["evaluation"]["id"]] if answer[0] == 200 else []
            yield answer
        elif move == "poll":
            yield ask("GET", f"/api/repos/ox/cats/evaluations/{mine}", None)
        elif move == "look":
            yield ask("POST", "/api/v3/evaluations", NUGEN)
        elif move == "list":
            yield ask("GET", "/api/v3/evaluations", None)
        elif move == "wait":
            yield ask("POST", "/_mock/clock/advance", {"seconds": round(share * 40, 3)})
        elif move == "next":
            yield ask("POST", "/_mock/clock/advance", {"to": "next"})
        elif move == "strike":
            yield ask("POST", "/_mock/faults", {"code": 503, "probability": share, "count": 3})
        elif move == "reset":
            yield ask("POST", "/_mock/reset", {})[0], b""
        else:
            path = f"/_mock/evaluations/{mine}/{'cancel' if move == 'cancel' else 'outcome'}"
            yield ask("POST", path, {} if move == "cancel" else {"at_row": int(share * 90)})[0], b""


def in_process(client: Any, name: str) -> Ask:  # noqa: ANN401 because Flask's is generic
    def ask(method: str, path: str, body: object) -> Answer:
        below = f"/sandbox/{quote(name, safe='')}{path}"
        data = None if body is None else json.dumps(body)
        answer = client.open(below, method=method, data=data, headers=HEADERS)
        return answer.status_code, answer.get_data()

    return ask


def over_a_socket(port: int, name: str) -> Ask:
    def ask(method: str, path: str, body: object) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            headers = {**HEADERS, "X-Mock-Sandbox": quote(name, safe="")}
            raw = None if body is None else json.dumps(body)
            connection.request(method, path, raw, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    return ask


def at_once(port: int, scripts: Mapping[str, list[Step]], threads: int) -> dict[str, list[Answer]]:
    """The answers of every script: each thread takes a step of whichever is free, in turn."""
    free: queue.Queue[tuple[str, Iterator[Answer]]] = queue.Queue()
    told: dict[str, list[Answer]] = {name: [] for name in scripts}
    for name, steps in scripts.items():
        free.put((name, played(over_a_socket(port, name), steps)))
    left = threading.Semaphore(sum(map(len, scripts.values())))

    def drive() -> None:
        while left.acquire(blocking=False):
            while True:
                name, script = free.get()
                answer = next(script, None)
                if answer is not None:
                    break
            told[name].append(answer)
            free.put((name, script))

    drivers = [threading.Thread(target=drive) for _ in range(threads)]
    for driver in drivers:
        driver.start()
    for driver in drivers:
        driver.join()
    return told


def alone(scripts: Mapping[str, list[Step]]) -> dict[str, list[Answer]]:
    client = create_app(STARTED).test_client()
    return {name: [*played(in_process(client, name), s)] for name, s in scripts.items()}


def test_200_sandboxes_driven_at_once_by_32_threads_each_tell_what_they_tell_alone() -> None:
    scripts = {f"tests/test_{n}.py::test[{n}]": steps_of(n, 8) for n in range(SANDBOXES)}
    with ThreadServer(create_app(STARTED)) as server:
        told = at_once(urlsplit(server.url).port or 0, scripts, THREADS)
    assert told == alone(scripts)


@pytest.fixture(scope="module")
def granian() -> Iterator[Server]:
    with running("granian", speed=0) as server:
        yield server


def test_so_do_sandboxes_of_the_server_in_the_foreground(granian: Server) -> None:
    scripts = {f"on granian/{n}": steps_of(1_000 + n, 6) for n in range(40)}
    for name in scripts:
        options = {"seed": "7", "epoch": "2026-03-01T12:00:00Z"}
        path = f"/_mock/sandboxes/{quote(name, safe='')}"
        assert over_a_socket(granian.port, "default")("PUT", path, options)[0] == 201
    assert at_once(granian.port, scripts, 16) == alone(scripts)


ONE, OTHER = create_app(STARTED).test_client(), create_app(STARTED).test_client()


@examples(max_examples=30)
@given(STEPS)
def test_the_same_seed_epoch_and_order_of_requests_give_equal_bytes_wherever_they_are_sent(
    steps: list[Step],
) -> None:
    for client in (ONE, OTHER):
        for name in ("one", "another"):
            client.put(f"/_mock/sandboxes/{name}", json={})
    told = [[*played(in_process(c, n), steps)] for c in (ONE, OTHER) for n in ("one", "another")]
    assert told[0] == told[1] == told[2] == told[3]
