"""Sandboxes stay independent, however many are driven at once, and the same seed tells the same."""

from __future__ import annotations

import http.client
import json
import queue
import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from served import CREATE_BODY, SEED_PATH
from wire import PATIENCE, Server, running

from mockserver.assemble import Mock, app_of, assemble
from mockserver.budget import Budget
from mockserver.control.control import Control, load_own_contract
from mockserver.engine import Engine
from mockserver.making import Maker
from mockserver.sandboxes import Sandboxes
from mockserver.served import Served
from mockserver.server import ThreadServer
from mockserver.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from flask import Flask

    Answer = tuple[int, tuple[tuple[str, str], ...], bytes]
    Asked = tuple[str, str, object]
    Ask = Callable[[str, str, Asked], Answer]
    """Asks a sandbox, named in this way by this name."""
    Step = tuple[str, float, str]
    """What to do, what is particular about it, and how to name the sandbox."""

SANDBOXES, THREADS, LENGTH = 200, 32, 8
SEED, EPOCH = "7", "2026-03-01T12:00:00Z"
STARTED = Settings(speed=0, seed=SEED, epoch=datetime(2026, 3, 1, 12, tzinfo=UTC))
EVALUATIONS = "/api/repos/ox/cats/evaluations"
NUGENS = "/api/v3/evaluations"
NUGEN = {"model_id": "m", "benchmark_id": "benchmark-abc123"}
MOVES = (
    *("create", "create", "poll", "poll", "poll", "nugen create", "nugen poll", "nugen list"),
    *("broken create", "wait", "next", "step", "cancel", "fail", "strike", "spoil", "expect"),
    *("reset", "everything"),
)
SHARES = st.floats(0, 1, exclude_max=True)
WAYS = ("path", "header", "token")
STEPS = st.lists(st.tuples(st.sampled_from(MOVES), SHARES, st.sampled_from(WAYS)), max_size=20)
EVERY_MOVE: list[Step] = [(move, n / 19, WAYS[n % 2]) for n, move in enumerate(MOVES)]


def steps_of(seed: int, count: int) -> list[Step]:
    """A script of its own for each seed."""
    drawn = random.Random(seed)  # noqa: S311 because it is a script and no secret
    return [(drawn.choice(MOVES), drawn.random(), drawn.choice(WAYS)) for _ in range(count)]


def _asked(move: str, share: float, mine: str, nugens: str) -> Asked:
    """A request; the share says what is particular about it."""
    fault = {"probability": share, "count": 3}
    return {
        "create": ("POST", f"{EVALUATIONS}/main/a", {**CREATE_BODY, "name": f"{share}"}),
        "poll": ("GET", f"{EVALUATIONS}/{mine}", None),
        "nugen create": ("POST", NUGENS, NUGEN),
        "nugen poll": ("GET", f"{NUGENS}/{nugens}/status", None),
        "nugen list": ("GET", NUGENS, None),
        "broken create": ("POST", f"{EVALUATIONS}/main/a", {**CREATE_BODY, "prompt": 7}),
        "wait": ("POST", "/_mock/clock/advance", {"seconds": round(share * 40, 3)}),
        "next": ("POST", "/_mock/clock/advance", {"to": "next"}),
        "step": ("PUT", "/_mock/clock", {"step": share < 0.7}),
        "cancel": ("POST", f"/_mock/evaluations/{mine}/cancel", {}),
        "fail": ("POST", f"/_mock/evaluations/{mine}/outcome", {"at_row": int(share * 90)}),
        "strike": ("POST", "/_mock/faults", {**fault, "code": 503}),
        "spoil": ("POST", "/_mock/faults", {**fault, "body": "malformed"}),
        "expect": ("POST", "/_mock/expectations", {"place": "body /prompt"}),
        "reset": ("POST", "/_mock/reset", {}),
        "everything": ("GET", "/_mock/evaluations", None),
    }[move]


@dataclass(slots=True)
class Script:
    """What is asked of a sandbox, one step after the other, and what was told so far."""

    name: str
    steps: Sequence[Step]
    told: list[Answer] = field(default_factory=list)
    mine: list[str] = field(default_factory=lambda: [SEED_PATH.rpartition("/")[2]])
    nugens: list[str] = field(default_factory=lambda: ["eval-xyz789"])

    def take_a_step(self, ask: Ask) -> bool:
        """Whether there is one left afterwards."""
        if self.steps[len(self.told) :]:
            move, share, way = self.steps[len(self.told)]
            ids = (
                self.mine[int(share * len(self.mine))],
                self.nugens[int(share * len(self.nugens))],
            )
            answer = ask(way, self.name, _asked(move, share, *ids))
            self.told.append(answer)
            struck = any(header == "x-mock-fault" for header, _ in answer[1])
            if answer[0] == 200 and not struck and move == "create":
                self.mine.append(json.loads(answer[2])["evaluation"]["id"])
            if answer[0] == 200 and not struck and move == "nugen create":
                self.nugens.append(json.loads(answer[2])["evaluation_id"])
        return len(self.told) < len(self.steps)

    def play(self, ask: Ask) -> list[Answer]:
        """Everything that is told, where nobody else asks."""
        while self.take_a_step(ask):
            pass
        return self.told


# -- the ways to ask --------------------------------------------------------------------------


def _named(way: str, name: str, path: str) -> tuple[str, dict[str, str]]:
    """A path with headers that name a sandbox in this way."""
    encoded = quote(name, safe="")
    headers = {
        "Host": "localhost",  # for addresses are told with it
        "Content-Type": "application/json",
        "Authorization": "Bearer any-token",
        "User-Agent": "a script",
    }
    if way == "path":
        return f"/sandbox/{encoded}{path}", headers
    if way == "header":
        return path, {**headers, "X-Mock-Sandbox": encoded}
    return path, {**headers, "Authorization": f"Bearer sbx_{encoded}"}


def _answer(status: int, headers: Sequence[tuple[str, str]], body: bytes) -> Answer:
    """An answer without what a server adds on its own account."""
    kept = [(name.lower(), value) for name, value in headers]
    added = {"date", "server", "connection", "content-length"}
    return status, tuple(sorted(pair for pair in kept if pair[0] not in added)), body


def in_process(app: Flask) -> Ask:
    client = app.test_client()

    def ask(way: str, name: str, asked: Asked) -> Answer:
        method, path, body = asked
        path, headers = _named(way, name, path)
        data = None if body is None else json.dumps(body)
        answer = client.open(path, method=method, data=data, headers=headers)
        return _answer(answer.status_code, [*answer.headers.items()], answer.get_data())

    return ask


def over(connection: http.client.HTTPConnection) -> Ask:
    def ask(way: str, name: str, asked: Asked) -> Answer:
        method, path, body = asked
        path, headers = _named(way, name, path)
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        return _answer(answer.status, answer.getheaders(), answer.read())

    return ask


def at_once(port: int, scripts: Sequence[Script], threads: int) -> list[list[Answer]]:
    """The answers to every script: each thread takes a step of whichever sandbox is free."""
    free: queue.SimpleQueue[Script] = queue.SimpleQueue()
    for script in scripts:
        free.put(script)

    def drive() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        with closing(connection), suppress(queue.Empty):
            while True:
                script = free.get_nowait()
                if script.take_a_step(over(connection)):
                    free.put(script)

    with ThreadPoolExecutor(threads) as pool:
        for driving in [pool.submit(drive) for _ in range(threads)]:
            driving.result()
    return [script.told for script in scripts]


MOCK = assemble(STARTED, real=lambda: 0)


def fresh() -> Flask:
    """A server of its own, wired as `assemble` does it, of contracts that are proved already."""
    served = [Served(one.api, one.contract, one.catalog) for one in MOCK.maker.served.values()]
    budget = Budget()
    maker = Maker(STARTED, served, SEED, budget, lambda: 0)
    sandboxes = Sandboxes(maker.plain, budget, lambda: 0)
    engine = Engine(sandboxes=sandboxes, tokens=())
    return app_of(Mock(STARTED, engine, Control(engine, maker, load_own_contract), maker, ()))


def alone(scripts: Sequence[Script]) -> list[list[Answer]]:
    """The answers to every script, each in a fresh server that nobody else asks."""
    return [Script(one.name, one.steps).play(in_process(fresh())) for one in scripts]


# -- at once ----------------------------------------------------------------------------------


def assert_equal(told: list[list[Answer]], expected: list[list[Answer]]) -> None:
    """Each answer is the expected one; says of the first other one where it stands."""
    for number, (one, other) in enumerate(zip(told, expected, strict=True)):
        for step, pair in enumerate(zip(one, other, strict=True)):
            assert pair[0] == pair[1], f"script {number}, step {step}"


def test_200_sandboxes_driven_at_once_by_32_threads_each_tell_what_they_tell_alone() -> None:
    names = [f"tests/test_{n}.py::test[{n}]" for n in range(SANDBOXES)]
    scripts = [Script(name, steps_of(n, LENGTH)) for n, name in enumerate(names)]
    with ThreadServer(fresh()) as server:
        told = at_once(urlsplit(server.url).port or 0, scripts, THREADS)
    assert_equal(told, alone(scripts))
    codes = {answer[0] for one in told for answer in one}
    assert codes == {
        200,
        201,
        400,
        404,
        409,
        503,
    }  # nothing was gone, and nothing was a fault of ours
    assert len({json.dumps(str(one)) for one in told}) == SANDBOXES  # and no two were alike


@pytest.fixture(scope="module")
def granian() -> Iterator[Server]:
    with running("granian", speed=0) as server:
        yield server


def test_so_do_sandboxes_of_the_server_in_the_foreground(granian: Server) -> None:
    scripts = [Script(f"on granian/{n}", steps_of(1_000 + n, 10)) for n in range(40)]
    with closing(http.client.HTTPConnection("127.0.0.1", granian.port, timeout=PATIENCE)) as made:
        for script in scripts:
            path = f"/_mock/sandboxes/{quote(script.name, safe='')}"
            answer = over(made)("header", "default", ("PUT", path, {"seed": SEED, "epoch": EPOCH}))
            assert answer[0] == 201
    assert_equal(at_once(granian.port, scripts, 16), alone(scripts))


# -- the same again ---------------------------------------------------------------------------

ONE, OTHER = fresh(), app_of(assemble(STARTED, real=lambda: 0))


@examples(max_examples=25)
@given(STEPS)
@example(EVERY_MOVE)
@example([*EVERY_MOVE, *EVERY_MOVE])
def test_the_same_seed_epoch_and_order_of_requests_give_equal_bytes_wherever_they_are_sent(
    steps: list[Step],
) -> None:
    # A token that names a sandbox is a token of its own, which Nugen tells apart.
    steps = [(move, share, way if way != "token" else "path") for move, share, way in steps]
    told = []
    for app in (ONE, OTHER):
        for name in ("one", "other"):
            assert app.test_client().put(f"/_mock/sandboxes/{name}", json={}).status_code < 300
            answers = Script(name, steps).play(in_process(app))
            told.append(
                [(status, headers, _renamed(body, name)) for status, headers, body in answers]
            )
    assert told[0] == told[1] == told[2] == told[3]


def _renamed(body: bytes, name: str) -> bytes:
    """The body as a sandbox of any name tells it: addresses and its own name hold that."""
    return body.replace(f"/sandbox/{name}".encode(), b"/sandbox/any").replace(
        f'"name":"{name}"'.encode(), b'"name":"any"'
    )


def test_another_seed_gives_other_ids_and_other_strikes() -> None:
    steps: list[Step] = [("strike", 0.5, "path"), *[("create", n / 40, "path") for n in range(40)]]
    told = []
    for seed in ("7", "8"):
        client = ONE.test_client()
        client.put("/_mock/sandboxes/seeded", json={"seed": seed})
        answers = Script("seeded", steps).play(in_process(ONE))
        ids = {json.loads(body)["evaluation"]["id"] for status, _, body in answers if status == 200}
        told.append(([answer[0] for answer in answers], ids))
    (struck, ids), (other_struck, other_ids) = told
    assert struck.count(503) == other_struck.count(503) == 3
    assert struck != other_struck
    assert not ids & other_ids


def test_after_a_reset_the_same_requests_get_the_same_ids_and_strikes_again() -> None:
    steps: list[Step] = [("strike", 0.5, "path"), *[("create", n / 20, "path") for n in range(20)]]
    ONE.test_client().put("/_mock/sandboxes/again", json={})
    told = Script("again", [*steps, ("reset", 0.5, "path"), *steps]).play(in_process(ONE))
    assert told[: len(steps)] == told[len(steps) + 1 :]
