"""An evaluation can be made to fail, now or once so many rows are done, and its past stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lives import (
    BATCHES,
    BORN,
    CYCLES,
    HAPPY,
    MICROSECOND,
    Asked,
    asked,
    evaluation_of,
    evaluations,
    failing,
    instants_of,
    lengths,
    path_to,
    seconds,
)

from mockserver.core.errors import IllegalTransitionError
from mockserver.core.evaluation import Ending, Evaluation, boundary_instants, observe
from mockserver.core.timeline import ZERO

HOUR = timedelta(hours=1)


@st.composite
def failing_ones(draw: st.DrawFn) -> tuple[Evaluation, Evaluation, int | None]:
    """An evaluation, the same one made to fail, and the row at which it does."""
    evaluation = draw(evaluations())
    now = draw(instants_of(evaluation))
    row = draw(st.none() | st.integers(0, evaluation.work.stops_at))
    failed = failing(evaluation, now, row)
    assume(failed is not None)
    assert failed is not None
    return evaluation, failed, row


def ending_of(evaluation: Evaluation) -> Ending:
    assert evaluation.ending is not None
    return evaluation.ending


@given(failing_ones(), lengths(ZERO, HOUR))
def test_it_fails_at_its_instant_for_ever_and_no_microsecond_earlier(
    ones: tuple[Evaluation, Evaluation, int | None], later: timedelta
) -> None:
    evaluation, failed, _ = ones
    at = ending_of(failed).at
    assert observe(failed, at + later).status == evaluation.timeline.cycle.failed
    if at > evaluation.born:
        before = at - MICROSECOND
        assert observe(failed, before).status == observe(evaluation, before).status


@given(failing_ones(), st.data())
def test_failing_leaves_the_past_as_it_was(
    ones: tuple[Evaluation, Evaluation, int | None], data: st.DataObject
) -> None:
    evaluation, failed, _ = ones
    drawn = data.draw(instants_of(evaluation))
    for instant in (*boundary_instants(evaluation), drawn):
        if instant < ending_of(failed).at:
            assert observe(failed, instant) == observe(evaluation, instant)


@given(failing_ones())
def test_exactly_so_many_rows_are_done_as_it_was_made_to_fail_at(
    ones: tuple[Evaluation, Evaluation, int | None],
) -> None:
    _, failed, row = ones
    at = ending_of(failed).at
    if row is not None:
        assert observe(failed, at).processed == row
        assert observe(failed, at + HOUR).processed == row


@given(failing_ones())
def test_it_says_what_went_wrong_where_a_failure_is_explained(
    ones: tuple[Evaluation, Evaluation, int | None],
) -> None:
    _, failed, _ = ones
    cycle, seen = failed.timeline.cycle, observe(failed, ending_of(failed).at)
    assert (seen.error_message == "made to fail") == (cycle.failed in cycle.explained)


@given(asked())
def test_what_has_failed_can_neither_fail_again_nor_be_cancelled(ask: Asked) -> None:
    evaluation, now = ask
    failed = failing(evaluation, now, None)
    assume(failed is not None)
    assert failed is not None
    with pytest.raises(IllegalTransitionError):
        failed.cancel(now)
    assert failing(failed, now, None) is None


def test_a_failure_still_to_come_may_be_moved_or_overtaken_by_a_cancellation() -> None:
    evaluation = evaluation_of(HAPPY, rows=100)
    failed = evaluation.fail(BORN, 70, "no answer")
    sooner = failed.fail(BORN, 50, "no answer")
    assert observe(sooner, BORN + HOUR).processed == 50
    cancelled = failed.cancel(BORN + seconds(1))
    assert observe(cancelled, BORN + HOUR).status == "cancelled"


@pytest.mark.parametrize(
    ("after", "row", "complaint"),
    [
        (18, 3, r"^\d+ rows are done: it cannot fail at row 3$"),
        (0, 11, r"^the row at which it fails: expected 0 to 10, found 11$"),
        (40, None, "^completed cannot be followed by errored$"),
        (-1, None, "^born at .*, it cannot be errored at"),
    ],
)
def test_a_failure_that_is_not_possible_is_refused_with_the_reason(
    after: int, row: int | None, complaint: str
) -> None:
    with pytest.raises(IllegalTransitionError, match=complaint):
        evaluation_of(HAPPY).fail(BORN + seconds(after), row, "no answer")


def test_a_life_without_a_run_cannot_fail_at_a_row() -> None:
    queued = evaluation_of(path_to("queued", "cancelled"))
    with pytest.raises(IllegalTransitionError, match="its life has no run"):
        queued.fail(BORN, 1, "no answer")


def test_a_message_is_given_exactly_where_a_failure_is_explained() -> None:
    with pytest.raises(IllegalTransitionError, match=r"error message.*found None"):
        evaluation_of(HAPPY).fail(BORN)
    nugen = CYCLES["nugen"]
    life = evaluation_of(path_to("waiting", "running", "completed", cycle=nugen))
    with pytest.raises(IllegalTransitionError, match="error message"):
        life.fail(BORN, None, "no answer")


def test_a_life_cycle_without_one_end_for_failures_lets_nobody_fail() -> None:
    cycle = replace(BATCHES, failed=None)
    life = evaluation_of(
        path_to("validating", "in_progress", "finalizing", "completed", cycle=BATCHES)
    )
    other = replace(life, timeline=replace(life.timeline, cycle=cycle))
    with pytest.raises(IllegalTransitionError, match="no such end"):
        other.fail(BORN)
