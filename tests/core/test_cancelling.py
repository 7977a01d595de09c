"""An evaluation can be cancelled where its life cycle has such an end, and its past stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lives import (
    BATCHES,
    BORN,
    CYCLES,
    HAPPY,
    MICROSECOND,
    Asked,
    asked,
    can_be_cancelled,
    cancelled_in_time,
    cancelled_too_late,
    evaluation_of,
    evaluations,
    instants_of,
    lengths,
    path_to,
    seconds,
)

from mockserver.core.errors import IllegalTimelineError, IllegalTransitionError
from mockserver.core.evaluation import Ending, Evaluation, boundary_instants, observe
from mockserver.core.timeline import ZERO

HOUR = timedelta(hours=1)
UNCANCELLABLE_CYCLE = st.sampled_from([c for c in CYCLES.values() if c.cancelled is None])


@pytest.mark.parametrize(
    ("after", "complaint"),
    [
        pytest.param(-MICROSECOND, "^born at .* cannot be cancelled at", id="before birth"),
        pytest.param(seconds(20), "^committing cannot be followed", id="while committing"),
        pytest.param(HOUR, "^completed cannot be followed by cancelled$", id="after the end"),
    ],
)
def test_a_cancellation_that_was_never_possible_cannot_be_built(
    after: timedelta, complaint: str
) -> None:
    with pytest.raises(IllegalTransitionError, match=complaint):
        replace(evaluation_of(HAPPY), ending=Ending(BORN + after, "cancelled"))


@given(cancelled_in_time(), lengths(MICROSECOND, HOUR))
def test_what_was_cancelled_cannot_be_born_anew_after_its_cancellation(
    ask: Asked, later: timedelta
) -> None:
    evaluation, now = ask
    with pytest.raises(IllegalTransitionError, match=r"^born at .* cannot be cancelled at"):
        replace(evaluation.cancel(now), born=now + later)


@given(cancelled_in_time())
def test_cancelling_ends_the_life_at_that_instant_and_for_ever(ask: Asked) -> None:
    evaluation, now = ask
    cancelled = evaluation.cancel(now)
    for later in (now, now + MICROSECOND, evaluation.changes()[-1] + HOUR):
        seen = observe(cancelled, max(now, later))
        assert seen.status == evaluation.timeline.cycle.cancelled
        assert any(instant == now for instant in seen.times.values())
    assert cancelled.changes()[-1] == now


@given(cancelled_in_time(), st.data())
def test_cancelling_leaves_the_past_as_it_was(ask: Asked, data: st.DataObject) -> None:
    evaluation, now = ask
    cancelled = evaluation.cancel(now)
    if now > evaluation.born:
        past = data.draw(lengths(ZERO, now - evaluation.born - MICROSECOND))
        before = (*boundary_instants(evaluation), evaluation.born + past, now - MICROSECOND)
        for instant in before:
            if instant < now:
                assert observe(cancelled, instant) == observe(evaluation, instant)


@given(cancelled_in_time(), lengths(ZERO, HOUR))
def test_cancelling_keeps_what_was_done_and_adds_nothing(ask: Asked, later: timedelta) -> None:
    evaluation, now = ask
    cycle, was = evaluation.timeline.cycle, observe(evaluation, now)
    told = {name: now for name, begun in cycle.times.items() if cycle.cancelled in begun}
    seen = observe(evaluation.cancel(now), now + later)
    assert seen == replace(was, status=seen.status, times={**was.times, **told})
    assert seen.status == cycle.cancelled


@given(cancelled_in_time())
def test_cancelling_changes_the_new_evaluation_and_not_the_old(ask: Asked) -> None:
    evaluation, now = ask
    assert evaluation.cancel(now) == replace(evaluation, ending=Ending(now, "cancelled"))
    assert evaluation.ending is None


@given(cancelled_too_late())
@example((evaluation_of(HAPPY), BORN + seconds(20)))
def test_nobody_can_cancel_what_commits_or_has_ended(ask: Asked) -> None:
    evaluation, now = ask
    status = observe(evaluation, now).status
    end = evaluation.timeline.cycle.cancelled
    with pytest.raises(IllegalTransitionError, match=f"^{status} cannot be followed by {end}$"):
        evaluation.cancel(now)


@given(evaluations(cycles=UNCANCELLABLE_CYCLE), st.data())
def test_nobody_can_cancel_where_the_life_cycle_has_no_such_end(
    evaluation: Evaluation, data: st.DataObject
) -> None:
    now = data.draw(instants_of(evaluation))
    with pytest.raises(IllegalTransitionError, match=r"^nobody can cancel it: .* no such end$"):
        evaluation.cancel(now)
    for status in evaluation.timeline.cycle.statuses:
        if status not in evaluation.timeline.cycle.terminal:
            with pytest.raises((IllegalTransitionError, IllegalTimelineError)):
                replace(evaluation, ending=Ending(now, status))


def test_a_life_that_is_cancelled_by_way_of_a_phase_of_its_own_is_told_like_any_other() -> None:
    path = ("validating", "in_progress", "cancelling", "cancelled")
    seen = observe(evaluation_of(path_to(*path, cycle=BATCHES)), BORN + HOUR)
    told = {name: instant for name, instant in seen.times.items() if instant is not None}
    assert told == {f"{s}_at": BORN + at * seconds(10) for at, s in enumerate(path)}


@given(evaluations(), lengths(MICROSECOND, HOUR))
def test_nobody_can_cancel_what_is_not_born(evaluation: Evaluation, early: timedelta) -> None:
    with pytest.raises(IllegalTransitionError, match=r"^born at .* cannot be cancelled at"):
        evaluation.cancel(evaluation.born - early)


@given(cancelled_in_time(), st.data())
def test_nobody_can_cancel_twice(ask: Asked, data: st.DataObject) -> None:
    """Not earlier, when it still ran, not at the same instant and not later."""
    evaluation, now = ask
    again = data.draw(st.one_of(st.just(now), instants_of(evaluation)))
    with pytest.raises(IllegalTransitionError, match=r"^it was cancelled at .* already$"):
        evaluation.cancel(now).cancel(again)


@given(asked())
def test_an_evaluation_can_be_cancelled_once_while_its_status_allows_it(ask: Asked) -> None:
    evaluation, now = ask
    ending, cycle = evaluation.ending, evaluation.timeline.cycle
    already = ending is not None and ending.status == cycle.cancelled
    legal = not already and can_be_cancelled(evaluation, now)
    try:
        evaluation.cancel(now)
    except IllegalTransitionError:
        assert not legal
    else:
        assert legal
