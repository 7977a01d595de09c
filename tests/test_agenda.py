"""The agenda: which change comes next among any evaluations, and what it keeps to know that."""

from __future__ import annotations

import gc
import sys
import tracemalloc
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from mockserver.agenda import Agenda
from mockserver.assemble import app_of, assemble
from mockserver.budget import Budget
from mockserver.core.clock import Clock
from mockserver.core.evaluation import Evaluation
from mockserver.sandbox import NothingAheadError, Sandbox
from mockserver.settings import Settings
from mockserver.store import MemoryStore

sys.path.append(str(Path(__file__).parent / "core"))  # where the strategies of evaluations are
from lives import (
    BORN,
    HAPPY,
    MICROSECOND,
    cancelled,
    evaluation_of,
    evaluations,
    failing,
    lengths,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEYS = st.tuples(st.sampled_from("abcd"), st.sampled_from([None, "ox/cats"]))
BIRTHS = lengths(-HOUR, 2 * HOUR).map(lambda after: BORN + after)
LIVES = st.tuples(evaluations(), KEYS, BIRTHS).map(
    lambda drawn: replace(drawn[0], id=drawn[1][0], scope=drawn[1][1], born=drawn[2])
)
"""Lives under a few keys, so that one takes the place of another, all within a few hours."""


def by_brute_force(lives: Iterable[Evaluation], now: datetime) -> datetime | None:
    return min((at for one in lives if (at := one.next_change(now)) is not None), default=None)


class Changing(RuleBasedStateMachine):
    """Evaluations that come, change and go while time passes, as a sandbox has them do."""

    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryStore(Budget())
        self.agenda = Agenda(self.store.get)
        self.now = BORN

    def _keep(self, evaluation: Evaluation) -> None:
        self.store.put(evaluation)
        self.agenda.add(evaluation)

    def _any(self, which: int) -> Evaluation:
        kept = tuple(self.store)
        return kept[which % len(kept)]

    @initialize(some=st.lists(LIVES, max_size=6))
    def begin(self, some: list[Evaluation]) -> None:
        for evaluation in some:
            self._keep(evaluation)

    @rule(evaluation=LIVES)
    def add(self, evaluation: Evaluation) -> None:
        self._keep(evaluation)

    @precondition(lambda self: len(self.store) > 0)
    @rule(which=st.integers(0, 99))
    def cancel(self, which: int) -> None:
        changed = cancelled(self._any(which), self.now) if self._is_born(which) else None
        if changed is not None:
            self._keep(changed)

    @precondition(lambda self: len(self.store) > 0)
    @rule(which=st.integers(0, 99), share=st.none() | st.floats(0, 1))
    def fail(self, which: int, share: float | None) -> None:
        evaluation = self._any(which)
        row = None if share is None else int(evaluation.work.stops_at * share)
        changed = failing(evaluation, self.now, row)
        if changed is not None:
            self._keep(changed)

    def _is_born(self, which: int) -> bool:
        return self._any(which).born <= self.now

    @precondition(lambda self: len(self.store) > 0)
    @rule(which=st.integers(0, 99))
    def drop(self, which: int) -> None:
        self.store.drop(self._any(which))

    @rule(by=lengths(timedelta(), HOUR))
    def wait(self, by: timedelta) -> None:
        self.now += by

    @rule(short=st.sampled_from([timedelta(), MICROSECOND, -MICROSECOND]))
    def go_to_the_next_change(self, short: timedelta) -> None:
        instant = by_brute_force(self.store, self.now)
        if instant is not None:
            self.now = max(self.now, instant + short)

    @invariant()
    def it_knows_the_next_change(self) -> None:
        expected = by_brute_force(self.store, self.now)
        assert self.agenda.next_change(self.now) == expected
        assert self.agenda.next_change(self.now) == expected  # asking changes nothing


@pytest.mark.parametrize("spare", [0, 1_000])
def test_the_next_change_is_the_first_of_all_however_evaluations_come_change_and_go(
    spare: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.agenda._SPARE", spare)  # none has it sweep all the time
    run_state_machine_as_test(
        Changing, settings=settings(max_examples=100, stateful_step_count=25, deadline=None)
    )


@given(st.lists(LIVES, max_size=12))
@example([])
def test_going_from_change_to_change_meets_every_change_of_every_evaluation(
    lives: list[Evaluation],
) -> None:
    sandbox = Sandbox(Clock(BORN, 0, 0), "a seed", lambda: 0)
    for evaluation in {one.key: one for one in lives}.values():
        sandbox.create(lambda id_, one=evaluation: replace(one, id=id_), str)  # type: ignore[misc]  # a default binds it now
    expected = {at for one in sandbox.evaluations() for at in one.changes() if at > BORN}
    met = [sandbox.move(sandbox.next_change) for _ in expected]
    assert met == sorted(expected)
    with pytest.raises(NothingAheadError):
        sandbox.move(sandbox.next_change)


def test_to_next_over_http_stops_at_each_change_that_the_control_api_tells_of() -> None:
    client = app_of(
        assemble(Settings(epoch=EPOCH, seed="7", speed=0), real=lambda: 0)
    ).test_client()

    def asked(path: str) -> Any:  # noqa: ANN401 because JSON has no type
        return client.get(path).get_json()

    ids = [one["id"] for one in asked("/_mock/evaluations")["evaluations"]]
    told = {change["at"] for id_ in ids for change in asked(f"/_mock/evaluations/{id_}")["changes"]}
    expected = sorted(at for at in told if at > asked("/_mock/clock")["now"])
    assert len(expected) > 20
    met = []
    while (answer := client.post("/_mock/clock/advance", json={"to": "next"})).status_code == 200:
        met.append(answer.get_json()["now"])
    assert met == expected
    assert answer.status_code == 409
    assert "no evaluation of this sandbox changes any more" in answer.get_json()["detail"]


def test_an_evaluation_that_is_replaced_by_one_that_changes_sooner_is_not_overslept() -> None:
    store = MemoryStore(Budget())
    agenda = Agenda(store.get)
    evaluation = evaluation_of(HAPPY)
    store.put(evaluation)
    agenda.add(evaluation)
    now = BORN + timedelta(seconds=11)
    assert agenda.next_change(now) == BORN + timedelta(seconds=20)
    sooner = evaluation.fail(now, 2, "it broke")
    store.put(sooner)
    agenda.add(sooner)
    assert agenda.next_change(now) == sooner.changes()[-1] < BORN + timedelta(seconds=20)


# -- what it keeps ----------------------------------------------------------------------------


def _alive(prefix: str) -> int:
    """How many evaluations there are anywhere in memory whose ids begin like this."""
    gc.collect()
    return sum(
        isinstance(found, Evaluation) and found.id.startswith(prefix) for found in gc.get_objects()
    )


def test_an_evaluation_that_the_store_has_dropped_is_kept_alive_by_nothing() -> None:
    sandbox = Sandbox(Clock(BORN, 0, 0), "a seed", lambda: 0)
    template = evaluation_of(HAPPY)
    for number in range(301):
        kept = sandbox.keep(replace(template, id=f"come-and-gone-{number}", born=sandbox.now()))
        if number % 2:
            kept = sandbox.change(kept, lambda one, now: one.cancel(now))
        if number % 3:
            sandbox.move(lambda now: now + timedelta(seconds=7))
            with suppress(NothingAheadError):
                sandbox.move(sandbox.next_change)
        if number != 300:
            sandbox.remove(kept)
    assert _alive("come-and-gone-") == 1
    sandbox.remove(kept)
    del kept
    assert _alive("come-and-gone-") == 0


def _held_after(sandbox: Sandbox, times: int, template: Evaluation) -> int:
    """Bytes that are held more after so many evaluations have come and gone."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(times):
            sandbox.remove(sandbox.keep(replace(template, id=f"one-{number}")))
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return after - before


def test_it_stays_small_when_many_evaluations_come_and_go() -> None:
    sandbox = Sandbox(Clock(BORN, 0, 0), "a seed", lambda: 0)
    assert _held_after(sandbox, 10_000, evaluation_of(HAPPY)) < 1_000_000
    assert len(sandbox) == 0


def test_it_stays_small_when_many_come_and_go_beside_many_that_stay() -> None:
    sandbox = Sandbox(Clock(BORN, 0, 0), "a seed", lambda: 0)
    for number in range(3_000):
        sandbox.keep(replace(evaluation_of(HAPPY), id=f"stays-{number}"))
    assert _held_after(sandbox, 10_000, evaluation_of(HAPPY)) < 3_000_000
    assert sandbox.move(sandbox.next_change) == BORN + timedelta(seconds=10)


def test_it_stays_small_when_one_evaluation_is_changed_over_and_over() -> None:
    sandbox = Sandbox(Clock(BORN, 0, 0), "a seed", lambda: 0)
    kept = sandbox.keep(evaluation_of(HAPPY))
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(10_000):  # a failure to come may be thought better of, any time
            kept = sandbox.change(kept, lambda one, now: one.fail(now, number % 7, "it broke"))  # noqa: B023 called at once
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 500_000


def test_it_stays_small_when_a_fixture_is_saved_over_and_over() -> None:
    sandbox = Sandbox(Clock(BORN, 0, 0), "a seed", lambda: 0)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(10_000):
            sandbox.set_fixtures({"oxen/mine": evaluation_of(HAPPY)})
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 500_000
