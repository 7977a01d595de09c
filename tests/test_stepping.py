"""Step mode: looking moves time, so that a poller without sleeps sees every status."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from itertools import groupby
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.assemble import app_of, assemble
from mockserver.settings import Settings
from mockserver.stepping import MOST_WATCHED, Watched
from mockserver.web.sending import CutShortError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from werkzeug.test import TestResponse

EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
SEED_ID = "d0c8585d-1234-5678-abcd-ef0123456789"
EVALUATIONS = "/api/repos/ox/cats/evaluations"
NUGENS = "/api/v3/evaluations"
TOKEN = {"Authorization": "Bearer any-token"}
GOOD: Mapping[str, object] = {
    "prompt": "Is it a cat? {image}",
    "input_type": "image",
    "output_type": "text",
    "model_id": "41148aa1-906c-411c-b84b-847d980e8896",
    "target_column": "answer",
}
NOW = "X-Mock-Now"


REAL = [0]
MOCK = assemble(Settings(epoch=EPOCH, seed="stepping"), real=lambda: REAL[0])
CLIENT = app_of(MOCK).test_client()
"""One mock for all tests; each has a sandbox of its own in it, and moves real time on at most."""


class Stage:
    """A sandbox in step mode, made anew, whose real time moves only when it is told to."""

    def __init__(self, rate: float = 0, *, step: bool = True, name: str = "stage") -> None:
        self.headers = {**TOKEN, "X-Mock-Sandbox": name}
        self.control("PUT", f"/sandboxes/{name}", rate=rate, step=step)

    def wait(self, seconds: float) -> None:
        """Let real time pass."""
        REAL[0] += round(seconds * 1_000_000_000)

    def ask(self, path: str, method: str = "GET", **sent: Any) -> TestResponse:  # noqa: ANN401 as the client takes it
        headers = {**self.headers, **sent.pop("headers", {})}
        return CLIENT.open(path, method=method, headers=headers, **sent)

    def control(self, method: str, path: str, **body: object) -> Any:  # noqa: ANN401 because JSON has no type
        sent: dict[str, Any] = {} if method == "GET" else {"json": body}
        answer = self.ask(f"/_mock{path}", method, **sent)
        assert answer.status_code < 300, answer.get_data(as_text=True)
        return answer.get_json()

    def now(self) -> str:
        """The time of day, asked of the control API, which never moves it."""
        return time_of(self.control("GET", "/clock")["now"])

    def added(self, *phases: object) -> str:
        """An evaluation that lives these phases, born now."""
        message = "It broke." if phases[-1] == "errored" else None
        overrides = {"phases": list(phases), "error_message": message}
        told = self.control("POST", "/evaluations", fixture="happy-path", overrides=overrides)
        return str(told["id"])

    def life(self, id_: str) -> list[str]:
        """The statuses that can be seen of it, in order."""
        changes = self.control("GET", f"/evaluations/{id_}")["changes"]
        return [change["status"] for change in changes]

    def poll(self, id_: str) -> str:
        answer = self.ask(f"{EVALUATIONS}/{id_}")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return str(answer.get_json()["evaluation"]["status"])


def time_of(instant: str) -> str:
    assert instant.startswith("2026-03-01T")
    return instant[11:-8]


LENGTHS = st.sampled_from(["0s", "0.001ms", "1s", "3s", "24s", "1h"]) | st.integers(1, 90).map(
    "{}s".format
)
ORDERS = st.sampled_from(
    [
        ("queued", "running", "committing", "completed"),
        ("queued", "running", "completed"),
        ("queued", "running", "committing", "errored"),
        ("queued", "running", "cancelled"),
        ("queued", "errored"),
    ]
)


@st.composite
def lives(draw: st.DrawFn) -> list[object]:
    """Phases as a fixture has them, of any length."""
    *before, end = draw(ORDERS)
    return [*({status: draw(LENGTHS)} for status in before), end]


EASY: list[object] = [{"queued": "3s"}, {"running": "24s"}, "completed"]
QUICK: list[object] = [
    {"queued": "0s"},
    {"running": "0.001ms"},
    {"committing": "0.001ms"},
    "completed",
]
SLOW: list[object] = [{"queued": "1h"}, {"running": "1h"}, "completed"]


def in_order(seen: Sequence[str]) -> list[str]:
    """What was seen, each status once however often it was seen in a row."""
    return [status for status, _ in groupby(seen)]


# -- one poller -------------------------------------------------------------------------------


@given(lives())
@example(QUICK)
def test_a_poller_that_never_sleeps_sees_every_status_exactly_once_in_order(
    phases: list[object],
) -> None:
    stage = Stage()
    id_ = stage.added(*phases)
    life = stage.life(id_)
    assert [stage.poll(id_) for _ in life] == life
    assert [stage.poll(id_) for _ in range(3)] == [life[-1]] * 3


def test_a_created_evaluation_is_seen_queued_running_committing_and_completed() -> None:
    stage = Stage()
    created = stage.ask(f"{EVALUATIONS}/main/a.parquet", "POST", json={**GOOD, "auto_commit": True})
    id_ = created.get_json()["evaluation"]["id"]
    seen = [stage.poll(id_) for _ in range(4)]
    assert seen == ["queued", "running", "committing", "completed"]


def test_each_answer_shows_the_instant_before_its_move() -> None:
    stage = Stage()
    id_ = stage.added({"queued": "3s"}, {"running": "24s"}, {"committing": "3s"}, "completed")
    told = []
    for _ in range(5):
        before = stage.now()
        told.append(time_of(stage.ask(f"{EVALUATIONS}/{id_}").headers[NOW]))
        assert told[-1] == before
    assert told == ["12:00:00", "12:00:03", "12:00:27", "12:00:30", "12:00:30"]


def test_a_poller_sees_what_it_is_shown_and_not_what_time_has_moved_to() -> None:
    stage = Stage()
    id_ = stage.added({"queued": "3s"}, {"running": "24s"}, "completed")
    shown = stage.ask(f"{EVALUATIONS}/{id_}").get_json()["evaluation"]
    assert (shown["status"], shown["started_at"]) == ("queued", None)
    shown = stage.ask(f"{EVALUATIONS}/{id_}").get_json()["evaluation"]
    assert (shown["status"], shown["started_at"]) == ("running", "2026-03-01T12:00:03Z")
    assert (shown["progress"]["processed"], shown["completed_at"]) == (0, None)


def test_nugens_statuses_are_stepped_through_too_though_two_share_a_word() -> None:
    stage = Stage()
    body = {"model_id": "model-abc123", "benchmark_id": "benchmark-abc123"}
    id_ = stage.ask(NUGENS, "POST", json=body).get_json()["evaluation_id"]
    seen = []
    for _ in range(4):
        standing = stage.control("GET", f"/evaluations/{id_}")["status"]
        told = stage.ask(f"{NUGENS}/{id_}/status").get_json()
        seen.append((standing, told["status"], told["questions_completed"]))
    assert seen == [
        ("waiting", "pending", 0),
        ("running", "pending", 0),
        ("completed", "completed", 10),
        ("completed", "completed", 10),
    ]


def test_a_benchmark_is_stepped_through_too() -> None:
    stage = Stage()
    told = stage.ask(
        "/api/v3/benchmark/create", "POST", json={"documents": ["d"], "num_questions": 3}
    ).get_json()
    id_ = told["id"]
    life = stage.life(id_)
    standing = []
    for _ in life:
        standing.append(stage.control("GET", f"/evaluations/{id_}")["status"])
        assert stage.ask(f"/api/v3/benchmark/status/{id_}").status_code == 200
    assert standing == life


def test_where_step_mode_is_off_a_look_moves_nothing() -> None:
    stage = Stage(step=False)
    id_ = stage.added(*EASY)
    assert [stage.poll(id_) for _ in range(5)] == ["queued"] * 5
    stage.control("PUT", "/clock", step=True)
    assert [stage.poll(id_) for _ in range(3)] == ["queued", "running", "completed"]


def test_a_cancellation_is_what_the_next_look_sees() -> None:
    stage = Stage()
    id_ = stage.added(*SLOW)
    assert stage.poll(id_) == "queued"
    stage.control("POST", f"/evaluations/{id_}/cancel")
    assert [stage.poll(id_), stage.poll(id_)] == ["cancelled", "cancelled"]
    assert stage.now() == "13:00:00"  # where the first look had moved it


def test_a_failure_that_is_asked_for_later_is_stepped_to() -> None:
    stage = Stage()
    id_ = stage.added({"queued": "3s"}, {"running": "24s"}, {"committing": "3s"}, "completed")
    assert stage.poll(id_) == "queued"
    stage.control("POST", f"/evaluations/{id_}/outcome", at_row=5, message="It broke.")
    assert [stage.poll(id_), stage.poll(id_)] == ["running", "errored"]
    assert stage.control("GET", f"/evaluations/{id_}")["progress"]["processed"] == 5


# -- two pollers ------------------------------------------------------------------------------


@settings(max_examples=40)
@given(lives(), lives(), st.integers(0, 3))
@example(EASY, EASY, 0)
@example(QUICK, SLOW, 1)
def test_two_pollers_taking_turns_each_see_every_status_from_their_first_poll_on(
    one: list[object], other: list[object], head_start: int
) -> None:
    stage = Stage()
    ids = [stage.added(*one), stage.added(*other)]
    lives_ = [stage.life(id_) for id_ in ids]
    seen: list[list[str]] = [[stage.poll(ids[0]) for _ in range(head_start)], []]
    for _ in range(len(lives_[0]) + len(lives_[1])):
        for mine, id_ in zip(seen, ids, strict=True):
            mine.append(stage.poll(id_))
    for mine, life in zip(seen, lives_, strict=True):
        assert in_order(mine) == life[life.index(mine[0]) :]
    if head_start == 0:
        assert in_order(seen[0]) == lives_[0]


@settings(max_examples=20)
@given(st.lists(lives(), min_size=3, max_size=5))
def test_several_pollers_taking_turns_each_see_every_status_from_their_first_poll_on(
    drawn: list[list[object]],
) -> None:
    stage = Stage()
    ids = [stage.added(*phases) for phases in drawn]
    lives_ = {id_: stage.life(id_) for id_ in ids}
    seen: dict[str, list[str]] = {id_: [] for id_ in ids}
    for _ in range(sum(map(len, lives_.values()))):
        for id_ in ids:
            seen[id_].append(stage.poll(id_))
    for id_, life in lives_.items():
        assert in_order(seen[id_]) == life[life.index(seen[id_][0]) :]


def test_two_pollers_of_equal_lives_see_each_status_as_often() -> None:
    stage = Stage()
    ids = [stage.added(*EASY), stage.added(*EASY)]
    first = stage.poll(ids[0])  # alone until here, so time moves on
    turns = [[stage.poll(id_) for id_ in reversed(ids)] for _ in range(4)]
    assert first == "queued"
    assert turns == [["running"] * 2, ["completed"] * 2, ["completed"] * 2, ["completed"] * 2]


@settings(max_examples=40)
@given(lives(), st.integers(1, 3))
@example(EASY, 1)
def test_a_poller_that_has_stopped_costs_another_of_an_equal_life_one_poll_a_status_at_the_most(
    phases: list[object], polls: int
) -> None:
    stage = Stage()
    stopping, going_on = stage.added(*phases), stage.added(*phases)
    for _ in range(polls):
        stage.poll(stopping)
    life = stage.life(going_on)
    seen = [stage.poll(going_on) for _ in range(2 * len(life))]
    assert in_order(seen) == life[life.index(seen[0]) :]
    before_the_end = [status for status in seen if status != life[-1]]
    assert all(len(list(times)) <= 2 for _, times in groupby(before_the_end))


@settings(max_examples=40)
@given(lives(), lives(), st.integers(1, 3))
@example(SLOW, EASY, 1)
def test_a_poller_that_has_stopped_holds_up_no_other_for_ever(
    stopped: list[object], goes_on: list[object], polls: int
) -> None:
    stage = Stage()
    stopping, going_on = stage.added(*stopped), stage.added(*goes_on)
    for _ in range(polls):
        stage.poll(stopping)
    life = stage.life(going_on)
    steps = len(stage.life(stopping)) + len(life)
    seen = [stage.poll(going_on) for _ in range(2 * steps)]  # each step: one poll, and one more
    assert in_order(seen) == life[life.index(seen[0]) :]


def test_a_poller_that_has_seen_its_end_and_stopped_costs_another_no_poll() -> None:
    stage = Stage()
    ended, going_on = stage.added(*QUICK), stage.added(*SLOW)
    while stage.poll(ended) != "completed":
        pass
    assert [stage.poll(going_on) for _ in range(3)] == ["queued", "running", "completed"]


def test_a_poller_whose_evaluation_was_forgotten_holds_up_nobody() -> None:
    stage = Stage()
    gone, going_on = stage.added(*SLOW), stage.added(*EASY)
    stage.poll(gone)
    stage.poll(going_on)
    stage.control("DELETE", f"/evaluations/{gone}")
    seen = [stage.poll(going_on) for _ in range(3)]
    assert in_order(seen)[-1] == "completed"


def test_however_many_poll_one_evaluation_at_once_together_they_miss_no_status() -> None:
    stage = Stage()
    id_ = stage.added(
        *({status: "3s"} for status in ("queued", "running", "committing")), "errored"
    )
    together = Barrier(8)

    def poll_to_the_end() -> list[tuple[str, str]]:
        together.wait(20)
        seen: list[tuple[str, str]] = []
        while not seen or seen[-1][1] != "errored":
            answer = stage.ask(f"{EVALUATIONS}/{id_}")
            seen.append((answer.headers[NOW], answer.get_json()["evaluation"]["status"]))
        return seen

    with ThreadPoolExecutor(8) as pool:
        polling = [pool.submit(poll_to_the_end) for _ in range(8)]
        told = [poll.result(20) for poll in polling]
    assert all(seen == sorted(seen, key=lambda pair: pair[0]) for seen in told)
    everything = sorted({pair for seen in told for pair in seen})
    assert [status for _, status in everything] == stage.life(id_)


def test_a_look_that_was_overtaken_by_a_step_does_not_move_time_on() -> None:
    """Two polls at once are shown the same status; the next one is still to be seen."""
    stage = Stage()
    id_ = stage.added({"queued": "3s"}, {"running": "24s"}, "completed")
    sandbox = MOCK.engine.sandboxes.find("stage").sandbox
    [evaluation], shown = sandbox.anywhere(id_), sandbox.now()
    for _ in range(3):
        sandbox.looked_at(evaluation, shown)
    assert stage.poll(id_) == "running"


# -- what never moves the clock ---------------------------------------------------------------


def _preflight(stage: Stage) -> int:
    asking = {"Origin": "http://page.test", "Access-Control-Request-Method": "GET"}
    return stage.ask(f"{EVALUATIONS}/{SEED_ID}", "OPTIONS", headers=asking).status_code


def _create(stage: Stage) -> int:
    return stage.ask(f"{EVALUATIONS}/main/a.parquet", "POST", json=dict(GOOD)).status_code


IDLE = {
    "a preflight": (_preflight, 204),
    "HEAD": (lambda stage: stage.ask(f"{EVALUATIONS}/{SEED_ID}", "HEAD").status_code, 200),
    "HEAD of Nugen": (
        lambda stage: stage.ask(f"{NUGENS}/eval-xyz789/status", "HEAD").status_code,
        200,
    ),
    "OPTIONS": (lambda stage: stage.ask(f"{EVALUATIONS}/{SEED_ID}", "OPTIONS").status_code, 204),
    "a list": (lambda stage: stage.ask(NUGENS).status_code, 200),
    "a list of benchmarks": (lambda stage: stage.ask("/api/v3/benchmark/list").status_code, 200),
    "results that are not there": (
        lambda stage: stage.ask(f"{NUGENS}/eval-xyz789/results").status_code,
        400,
    ),
    "a create": (_create, 200),
    "a path that nobody has": (lambda stage: stage.ask("/nowhere").status_code, 404),
    "an id that nobody has": (lambda stage: stage.ask(f"{EVALUATIONS}/{'0' * 8}").status_code, 404),
    "a method that nothing takes": (
        lambda stage: stage.ask(f"{EVALUATIONS}/{SEED_ID}", "PUT").status_code,
        405,
    ),
    "no token": (
        lambda stage: (
            stage.ask(f"{EVALUATIONS}/{SEED_ID}", headers={"Authorization": ""}).status_code
        ),
        401,
    ),
    "a problem that was asked for": (
        lambda stage: (
            stage.ask(f"{EVALUATIONS}/{SEED_ID}", headers={"Prefer": "code=429"}).status_code
        ),
        429,
    ),
    "a canned answer": (lambda stage: stage.ask("/api/ai/models").status_code, 200),
}
CONTROL = [
    "/health",
    "/clock",
    "/sandboxes",
    "/sandboxes/stage",
    "/evaluations",
    f"/evaluations/{SEED_ID}",
    "/evaluations/eval-xyz789",
    "/faults",
    "/journal",
    "/journal.har",
    "/expectations",
    "/report",
]


@pytest.mark.parametrize("speed", [0, 60])
@pytest.mark.parametrize("name", IDLE)
def test_what_shows_no_status_never_moves_the_clock(name: str, speed: float) -> None:
    stage = Stage(speed)
    asking, expected = IDLE[name]
    for _ in range(3):
        assert asking(stage) == expected
    assert stage.now() == "12:00:00"
    stage.wait(1)
    assert asking(stage) == expected
    assert stage.now() == ("12:01:00" if speed else "12:00:00")


@pytest.mark.parametrize("speed", [0, 60])
def test_control_calls_never_move_the_clock(speed: float) -> None:
    stage = Stage(speed)
    for path in CONTROL * 2:
        stage.control("GET", path)
    stage.control("POST", "/sandboxes/stage/snapshot")
    stage.added(*EASY)
    assert stage.now() == "12:00:00"


FAULTS = [{"code": 503}, {"code": 503, "delay": 0}, {"body": "malformed"}, {"body": "truncated"}]


@pytest.mark.parametrize("speed", [0, 60])
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_an_answer_that_a_fault_has_spoiled_never_moves_the_clock(
    fault: dict[str, object], speed: float
) -> None:
    stage = Stage(speed)
    id_ = stage.added(*EASY)
    added = stage.control("POST", "/faults", **fault)
    for _ in range(3):
        with suppress(CutShortError):  # how the test client tells of a connection that ends
            answer = stage.ask(f"{EVALUATIONS}/{id_}")
            assert answer.headers["X-Mock-Fault"] == added["id"]
    assert stage.control("GET", "/faults")["faults"][0]["struck"] == 3
    assert stage.now() == "12:00:00"
    stage.control("DELETE", f"/faults/{added['id']}")
    assert [stage.poll(id_) for _ in range(3)] == ["queued", "running", "completed"]


def test_an_answer_that_only_comes_late_was_read_and_moves_the_clock() -> None:
    stage = Stage()
    id_ = stage.added(*EASY)
    stage.control("POST", "/faults", delay=0)
    assert [stage.poll(id_) for _ in range(3)] == ["queued", "running", "completed"]


def test_a_fault_strikes_each_status_that_a_poller_would_have_seen_and_none_is_lost() -> None:
    stage = Stage()
    id_ = stage.added({"queued": "3s"}, {"running": "24s"}, {"committing": "3s"}, "completed")
    stage.control("POST", "/faults", status="running", code=503, count=2)
    stage.control("POST", "/faults", status="committing", body="malformed", count=1)
    seen = []
    for _ in range(7):
        answer = stage.ask(f"{EVALUATIONS}/{id_}")
        struck = "X-Mock-Fault" in answer.headers
        seen.append("struck" if struck else answer.get_json()["evaluation"]["status"])
    assert seen == ["queued", "struck", "struck", "running", "struck", "committing", "completed"]


# -- with time that moves by itself -----------------------------------------------------------


@given(st.sampled_from([1.0, 60.0, 86_400.0]), lives())
def test_a_poller_sees_every_status_too_where_time_moves_by_itself_but_slower_than_it_polls(
    speed: float, phases: list[object]
) -> None:
    stage = Stage(speed)
    id_ = stage.added(*phases)
    life = stage.life(id_)
    assert [stage.poll(id_) for _ in life] == life


def test_what_time_has_brought_by_itself_is_not_stepped_over() -> None:
    stage = Stage(1)
    id_ = stage.added({"queued": "3s"}, {"running": "24s"}, {"committing": "3s"}, "completed")
    assert stage.poll(id_) == "queued"
    assert stage.now() == "12:00:03"
    stage.wait(24)
    assert stage.poll(id_) == "committing"
    assert stage.now() == "12:00:30"
    stage.wait(1)
    assert stage.now() == "12:00:31"
    assert stage.poll(id_) == "completed"


def test_time_never_goes_back_while_pollers_and_real_time_move_it() -> None:
    stage = Stage(60)
    ids = [stage.added(*EASY), stage.added(*SLOW)]
    told = []
    for turn in range(20):
        stage.wait(0.01 * (turn % 3))
        told.append(stage.ask(f"{EVALUATIONS}/{ids[turn % 2]}").headers[NOW])
    assert told == sorted(told)


# -- what is remembered -----------------------------------------------------------------------


def test_the_most_recently_polled_evaluations_are_remembered_and_no_more_than_so_many() -> None:
    watched = Watched()
    keys = [("some/evaluation", None, str(number)) for number in range(MOST_WATCHED + 5)]
    for key in keys:
        watched.look(key, set(keys))
    assert list(watched) == keys[5:]
    assert len(watched.state()) == MOST_WATCHED


def test_each_sandbox_is_in_step_mode_by_itself_and_so_is_the_default_one() -> None:
    stepping, still = Stage(name="stepping"), Stage(step=False, name="still")
    CLIENT.post("/_mock/reset", json={})
    default = CLIENT.put("/_mock/clock", json={"rate": 0, "step": True}).get_json()["now"]
    path = f"{EVALUATIONS}/{SEED_ID}"
    told = [
        (stepping.poll(SEED_ID), still.poll(SEED_ID), CLIENT.get(path, headers=TOKEN).headers[NOW])
        for _ in range(4)
    ]
    seen, stood, moved = zip(*told, strict=True)
    assert seen == ("queued", "running", "committing", "completed")
    assert stood == ("queued",) * 4
    assert moved[0] == default < moved[1] < moved[2]
    assert still.now() == "12:00:00"
