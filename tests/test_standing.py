"""An answer that stands is the one that would be given at length, and leaves the same traces."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from served import CREATE_BODY, CREATE_PATH

from mockserver import Settings
from mockserver.assemble import Mock, assemble
from mockserver.core.exchange import Request
from mockserver.moods import Mood

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from mockserver.core.exchange import Exchange, Response

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)
HEADERS = {"authorization": "Bearer any-token", "user-agent": "poller"}
SECOND = 1_000_000_000
HALFWAY = {"at_row": 60}
RULE = {"operation": "get_evaluation", "code": 503, "count": 1}


class World:
    """A mock with a clock of its own; in a world at length no request is ever the same again."""

    def __init__(self, *, at_length: bool, fixtures: tuple[Path, ...] = ()) -> None:
        self.real, self.asked, self.at_length = 0, 0, at_length
        given = Settings(seed="7", epoch=EPOCH, fixtures=fixtures)
        self.mock: Mock = assemble(given, real=lambda: self.real)
        self.ids = [self.create() for _ in range(3)]

    def create(self) -> str:
        answer = self.ask("POST", CREATE_PATH, json.dumps(CREATE_BODY).encode())
        return str(json.loads(answer.body)["evaluation"]["id"])

    def ask(self, method: str, path: str, body: bytes, **headers: str) -> Response:
        self.asked += 1
        once = {"x-nonce": str(self.asked)} if self.at_length else {"x-nonce": "0"}
        told = HEADERS | headers | once | ({"content-type": "application/json"} if body else {})
        return self.mock.engine.answer(Request(method, path, (), told, body))

    def look(self, which: int, **headers: str) -> Response:
        return self.ask("GET", f"/api/repos/ox/cats/evaluations/{self.ids[which]}", b"", **headers)

    def steer(self, method: str, path: str, body: object) -> int:
        request = Request(method, path, (), {"content-type": "application/json"},
                          json.dumps(body).encode())  # fmt: skip
        status = self.mock.control.answer(request, "http://127.0.0.1").status
        assert status in {200, 201, 404, 409}  # gone by a reset, or beyond what can be done
        return status

    def traces(self) -> tuple[list[Exchange], object]:
        sandbox = self.mock.engine.sandbox
        return list(sandbox.journal.exchanges()), sandbox.tally.counts()


def plain(exchange: Exchange) -> tuple[object, ...]:
    """An exchange but for the header that makes each request another one."""
    headers = {k: v for k, v in exchange.request.headers.items() if k != "x-nonce"}
    told = [getattr(exchange, name) for name in exchange.__slots__ if name != "request"]
    return (exchange.request.method, exchange.request.path, headers, *told)


LOOKS = st.tuples(st.just("look"), st.integers(0, 2), st.sampled_from(["", "mine-7", "code=404"]))
STEPS = st.one_of(
    LOOKS,
    LOOKS,
    st.tuples(st.just("wait"), st.sampled_from([0, 1, 1_000, SECOND, 5 * SECOND, 60 * SECOND])),
    st.tuples(st.just("advance"), st.sampled_from([1e-6, 1, 20, 3_600])),
    st.tuples(st.just("cancel"), st.integers(0, 2)),
    st.tuples(st.just("fail"), st.integers(0, 2)),
    st.tuples(st.just("fault")),
    st.tuples(st.just("step"), st.booleans()),
    st.tuples(st.just("mood"), st.sampled_from([Mood.STRICT, None])),
    st.tuples(st.just("reset")),
    st.tuples(st.just("create")),
)


def go(world: World, step: tuple[Any, ...]) -> object:
    """Take a step; what is answered, if anything is."""
    kind, *told = step
    ways: dict[str, Callable[..., object]] = {
        "look": _look,
        "wait": _wait,
        "advance": lambda w, by: w.steer("POST", "/_mock/clock/advance", {"seconds": by}),
        "cancel": lambda w, at: w.steer("POST", f"/_mock/evaluations/{w.ids[at]}/cancel", {}),
        "fail": lambda w, at: w.steer("POST", f"/_mock/evaluations/{w.ids[at]}/outcome", HALFWAY),
        "fault": lambda w: w.steer("POST", "/_mock/faults", RULE),
        "step": lambda w, on: w.steer("PUT", "/_mock/clock", {"step": on}),
        "mood": _set_mood,
        "reset": lambda w: w.steer("POST", "/_mock/reset", {}),
        "create": _create,
    }
    return ways[kind](world, *told)


def _look(world: World, which: int, how: str) -> Response:
    if how == "mine-7":
        return world.look(which, **{"x-oxen-request-id": how})
    return world.look(which, prefer=how) if how else world.look(which)


def _wait(world: World, nanoseconds: int) -> None:
    world.real += nanoseconds


def _set_mood(world: World, mood: Mood | None) -> None:
    world.mock.engine.sandbox.mood = mood


def _create(world: World) -> str:
    world.ids[0] = world.create()
    return world.ids[0]


@examples(max_examples=60, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=25))
def test_what_stands_is_what_would_be_answered_at_length(steps: list[tuple[Any, ...]]) -> None:
    short, long = World(at_length=False), World(at_length=True)
    for step in steps:
        assert go(short, step) == go(long, step)
    (exchanges, counts), (others, theirs) = short.traces(), long.traces()
    assert [plain(one) for one in exchanges] == [plain(one) for one in others]
    assert counts == theirs


def test_a_look_in_the_same_step_is_not_answered_at_length_again() -> None:
    world = World(at_length=False)
    for _ in range(2):
        world.look(0)
    one, other = world.traces()[0][-2:]
    assert one.request is other.request
    assert one.response.body is other.response.body


def test_a_fixture_that_is_saved_is_seen_at_once(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    id_ = "11111111-1111-4111-8111-111111111111"
    life = "about: x\nphases:\n  - queued: 1h\n  - running: 1h\n  - completed\n"
    text = f"{life}evaluation:\n  id: {id_}\n  name: NAME\n"
    file.write_text(text.replace("NAME", "before"), "utf-8")
    world = World(at_length=False, fixtures=(tmp_path,))
    world.ids[0] = id_
    for _ in range(2):
        assert json.loads(world.look(0).body)["evaluation"]["name"] == "before"
    file.write_text(text.replace("NAME", "after"), "utf-8")
    world.mock.reload([file])
    assert json.loads(world.look(0).body)["evaluation"]["name"] == "after"


def test_what_is_known_of_requests_takes_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.admission.MOST_BYTES", 20_000)
    world = World(at_length=True)
    for _ in range(50):
        world.look(0)
    admissions = world.mock.engine._gate._admissions  # noqa: SLF001 what it keeps is nobody's business
    assert 0 < len(admissions) < 6
    assert len(world.traces()[0]) == 53


def test_a_head_of_enormous_length_is_not_remembered() -> None:
    world = World(at_length=False)
    before = len(world.mock.engine._gate._admissions)  # noqa: SLF001 as above
    assert world.look(0, **{"x-long": "x" * 20_000}).status == 200
    assert len(world.mock.engine._gate._admissions) == before  # noqa: SLF001 as above
