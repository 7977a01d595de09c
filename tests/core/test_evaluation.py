"""What a client sees follows from the facts and the instant alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lives import (
    BORN,
    ELSEWHERE,
    ENORMOUS,
    HAPPY,
    MICROSECOND,
    Asked,
    AskedTwice,
    SummerTime,
    asked,
    asked_twice,
    can_be_cancelled,
    cancelled_in_time,
    cancelled_too_late,
    evaluation_of,
    evaluations,
    instants_of,
    lengths,
    lives,
    path_to,
    seconds,
)

from mockserver.core.errors import IllegalTimelineError, IllegalTransitionError
from mockserver.core.evaluation import (
    Evaluation,
    Snapshot,
    Usage,
    Work,
    boundary_instants,
    observe,
)
from mockserver.core.lifecycle import REACHABLE, TERMINAL, Status
from mockserver.core.timeline import ZERO, Timeline

if TYPE_CHECKING:
    from datetime import timezone

HOUR = timedelta(hours=1)
COSTS = ("prompt_tokens", "completion_tokens", "credits")


# What cannot be built


def test_an_illegal_order_of_phases_cannot_reach_an_evaluation() -> None:
    with pytest.raises(IllegalTimelineError):
        replace(evaluation_of(HAPPY), timeline=Timeline(HAPPY.phases[:-1]))


@pytest.mark.parametrize(
    ("rows", "stops_at", "complaint"),
    [
        pytest.param(-1, 0, "rows: expected 0 or more, found -1", id="fewer rows than none"),
        pytest.param(10, 11, "stops: expected 0 to 10, found 11", id="stops after the last row"),
        pytest.param(10, -1, "stops: expected 0 to 10, found -1", id="stops before the first row"),
    ],
)
def test_work_that_stops_where_there_is_none_cannot_be_built(
    rows: int, stops_at: int, complaint: str
) -> None:
    with pytest.raises(IllegalTimelineError, match=complaint):
        Work(rows, stops_at)


@pytest.mark.parametrize("name", COSTS)
@pytest.mark.parametrize("cost", ["-0.000001", "-1", "NaN", "sNaN", "Infinity", "-Infinity"])
def test_a_row_costs_a_number_that_is_not_below_zero(name: str, cost: str) -> None:
    with pytest.raises(IllegalTimelineError, match=f"usage per row, {name}: expected 0 or more"):
        replace(Usage(), **{name: Decimal(cost)})


@pytest.mark.parametrize(
    "path", [(Status.QUEUED, Status.ERRORED), (Status.QUEUED, Status.RUNNING, Status.ERRORED)]
)
def test_a_life_that_ends_errored_says_what_went_wrong(path: tuple[Status, ...]) -> None:
    with pytest.raises(IllegalTimelineError, match=r"expected exactly when .* found None"):
        replace(evaluation_of(path_to(*path)), error_message=None)


@pytest.mark.parametrize(
    "path", [(Status.QUEUED, Status.CANCELLED), (Status.QUEUED, Status.RUNNING, Status.COMPLETED)]
)
def test_a_life_that_ends_otherwise_has_no_error_message(path: tuple[Status, ...]) -> None:
    with pytest.raises(IllegalTimelineError, match=r"expected exactly when .* found 'oh'"):
        replace(evaluation_of(path_to(*path)), error_message="oh")


@pytest.mark.parametrize(
    "path",
    [
        (Status.QUEUED, Status.RUNNING, Status.COMPLETED),
        (Status.QUEUED, Status.RUNNING, Status.COMMITTING, Status.COMPLETED),
        (Status.QUEUED, Status.RUNNING, Status.COMMITTING, Status.ERRORED),
    ],
)
def test_a_run_that_commits_or_completes_cannot_stop_midway(path: tuple[Status, ...]) -> None:
    with pytest.raises(IllegalTimelineError, match="all 10 rows: it cannot stop at row 9"):
        replace(evaluation_of(path_to(*path)), work=Work(10, 9))


@pytest.mark.parametrize("end", [Status.ERRORED, Status.CANCELLED])
def test_a_run_that_fails_can_stop_midway(end: Status) -> None:
    whole = evaluation_of(path_to(Status.QUEUED, Status.RUNNING, end))
    assert observe(replace(whole, work=Work(10, 3)), BORN + HOUR).processed == 3


@pytest.mark.parametrize("zone", [None, ELSEWHERE], ids=["no zone", "elsewhere"])
def test_an_evaluation_is_born_in_utc(zone: timezone | None) -> None:
    with pytest.raises(IllegalTimelineError, match="born: expected an instant in UTC, found"):
        replace(evaluation_of(HAPPY), born=BORN.replace(tzinfo=zone))


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
        replace(evaluation_of(HAPPY), cancelled_at=BORN + after)


@given(cancelled_in_time(), lengths(MICROSECOND, HOUR))
def test_what_was_cancelled_cannot_be_born_anew_after_its_cancellation(
    ask: Asked, later: timedelta
) -> None:
    evaluation, now = ask
    with pytest.raises(IllegalTransitionError, match=r"^born at .* cannot be cancelled at"):
        replace(evaluation.cancel(now), born=now + later)


# Looking


@given(asked_twice())
def test_asking_twice_gives_the_same_answer_whatever_was_asked_between(
    ask: AskedTwice,
) -> None:
    evaluation, before, after = ask
    first = observe(evaluation, before)
    observe(evaluation, after)
    assert observe(replace(evaluation), before) == first


@given(evaluations(), lengths(MICROSECOND, HOUR))
def test_nothing_can_be_seen_before_birth(evaluation: Evaluation, early: timedelta) -> None:
    with pytest.raises(ValueError, match=r"^evaluation .* is born at"):
        observe(evaluation, evaluation.born - early)


@given(asked_twice())
def test_time_never_moves_a_status_backwards(
    ask: AskedTwice,
) -> None:
    evaluation, before, after = ask
    assert observe(evaluation, after).status in REACHABLE[observe(evaluation, before).status]


@given(asked())
def test_the_status_is_the_one_that_the_life_has_at_that_instant(ask: Asked) -> None:
    evaluation, now = ask
    assert observe(evaluation, now).status is evaluation.life.at(now - evaluation.born).status


@given(asked_twice())
def test_no_counter_ever_falls(ask: AskedTwice) -> None:
    evaluation, before, after = ask
    was, now = observe(evaluation, before), observe(evaluation, after)
    for name in ("processed", "total", "prompt_tokens", "completion_tokens", "tokens", "credits"):
        assert getattr(was, name) <= getattr(now, name)


@given(asked())
def test_progress_stays_within_the_total(ask: Asked) -> None:
    seen = observe(*ask)
    assert 0 <= seen.processed <= seen.total


@given(evaluations())
def test_a_run_ends_at_the_row_at_which_it_stops(evaluation: Evaluation) -> None:
    running = evaluation.timeline.span(Status.RUNNING)
    last = observe(evaluation, evaluation.changes()[-1])
    assert last.processed == (evaluation.work.stops_at if running else 0)
    assert last.total == (evaluation.work.rows if running else 0)


def test_a_run_of_enormously_many_rows_moves_and_ends() -> None:
    evaluation = evaluation_of(HAPPY, rows=ENORMOUS)
    done = [observe(evaluation, BORN + seconds(10 + second)).processed for second in range(11)]
    assert done[0] == 0
    assert done[-1] == ENORMOUS
    assert all(before < after for before, after in pairwise(done))


@given(asked())
def test_the_queue_shows_nothing_but_the_birth(ask: Asked) -> None:
    evaluation, now = ask
    seen = observe(evaluation, now)
    if seen.status is Status.QUEUED:
        nothing = Snapshot(seen.status, 0, 0, 0, 0, 0, Decimal(), evaluation.born, *[None] * 4)
        assert seen == nothing


@given(asked())
def test_the_times_are_the_instants_of_the_changes(ask: Asked) -> None:
    evaluation, now = ask
    seen = observe(evaluation, now)
    began = {moment.status: evaluation.born + moment.began for moment in evaluation.life.moments()}
    started = now >= began.get(Status.RUNNING, now + HOUR)
    assert seen.inserted_at == evaluation.born
    assert seen.started_at == (began[Status.RUNNING] if started else None)
    for end, time in (
        (Status.COMPLETED, seen.completed_at),
        (Status.CANCELLED, seen.cancelled_at),
    ):
        assert time == (began[end] if seen.status is end else None)


@given(asked())
def test_what_went_wrong_is_said_when_it_has_gone_wrong_and_not_before(ask: Asked) -> None:
    evaluation, now = ask
    seen = observe(evaluation, now)
    assert (seen.error_message is not None) is (seen.status is Status.ERRORED)


def test_an_evaluation_that_fails_in_the_queue_has_never_started() -> None:
    seen = observe(evaluation_of(path_to(Status.QUEUED, Status.ERRORED)), BORN + HOUR)
    assert (seen.status, seen.started_at, seen.total) == (Status.ERRORED, None, 0)


@given(asked())
def test_an_instant_is_the_same_whatever_zone_it_is_told_in(ask: Asked) -> None:
    evaluation, now = ask
    there = now.astimezone(ELSEWHERE)
    assert observe(evaluation, there) == observe(evaluation, now)
    assert evaluation.next_change(there) == evaluation.next_change(now)


def test_nobody_is_born_in_a_zone_with_summer_time_even_while_it_agrees_with_utc() -> None:
    with pytest.raises(IllegalTimelineError, match="expected an instant in UTC"):
        replace(
            evaluation_of(path_to(Status.QUEUED, Status.ERRORED)),
            born=BORN.replace(tzinfo=SummerTime()),
        )


# Usage


@given(evaluations(st.integers(0, 10**9)), st.data())
def test_usage_is_exact_and_only_tokens_are_rounded_and_only_down(
    evaluation: Evaluation, data: st.DataObject
) -> None:
    seen, usage = observe(evaluation, data.draw(instants_of(evaluation))), evaluation.work.usage
    assert Fraction(seen.credits) == seen.processed * Fraction(usage.credits)
    assert seen.prompt_tokens == seen.processed * Fraction(usage.prompt_tokens) // 1
    assert seen.completion_tokens == seen.processed * Fraction(usage.completion_tokens) // 1
    assert seen.tokens == seen.prompt_tokens + seen.completion_tokens


def test_credits_do_not_gather_the_error_of_binary_fractions() -> None:
    usage = Usage(credits=Decimal("0.1"))
    seen = observe(evaluation_of(HAPPY, rows=3, usage=usage), BORN + HOUR)
    assert str(seen.credits) == "0.3"


@given(st.integers(0, 10**9), st.integers(0, 10**9), lives())
def test_more_rows_never_cost_less(rows: int, more: int, life: Evaluation) -> None:
    few, many = (
        observe(evaluation_of(HAPPY, rows=count, usage=life.work.usage), BORN + HOUR)
        for count in (rows, rows + more)
    )
    assert few.credits <= many.credits
    assert few.tokens <= many.tokens


@pytest.mark.parametrize("cost", ["1", "0.1"])
def test_an_enormous_run_is_billed_to_the_last_row(cost: str) -> None:
    usage = Usage(Decimal(cost), Decimal(cost), Decimal(cost))
    seen = observe(evaluation_of(HAPPY, rows=ENORMOUS + 7, usage=usage), BORN + HOUR)
    assert Fraction(seen.credits) == (ENORMOUS + 7) * Fraction(cost)
    assert seen.prompt_tokens == (ENORMOUS + 7) * Fraction(cost) // 1


def test_an_answer_does_not_hang_on_the_decimal_context_of_the_thread() -> None:
    evaluation = evaluation_of(HAPPY, rows=12_345)
    seen = observe(evaluation, BORN + HOUR)
    with localcontext(prec=3):
        assert observe(evaluation, BORN + HOUR) == seen


# Cancelling


@given(cancelled_in_time())
def test_cancelling_ends_the_life_at_that_instant_and_for_ever(ask: Asked) -> None:
    evaluation, now = ask
    cancelled = evaluation.cancel(now)
    for later in (now, now + MICROSECOND, evaluation.changes()[-1] + HOUR):
        seen = observe(cancelled, max(now, later))
        assert (seen.status, seen.cancelled_at) == (Status.CANCELLED, now)
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
    assert observe(evaluation.cancel(now), now + later) == replace(
        observe(evaluation, now), status=Status.CANCELLED, cancelled_at=now
    )


@given(cancelled_in_time())
def test_cancelling_changes_the_new_evaluation_and_not_the_old(ask: Asked) -> None:
    evaluation, now = ask
    assert evaluation.cancel(now) == replace(evaluation, cancelled_at=now)
    assert evaluation.cancelled_at is None


@given(cancelled_too_late())
@example((evaluation_of(HAPPY), BORN + seconds(20)))
def test_nobody_can_cancel_what_commits_or_has_ended(ask: Asked) -> None:
    evaluation, now = ask
    status = observe(evaluation, now).status
    with pytest.raises(IllegalTransitionError, match=f"^{status} cannot be followed by cancelled$"):
        evaluation.cancel(now)


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
    legal = evaluation.cancelled_at is None and can_be_cancelled(observe(evaluation, now).status)
    try:
        evaluation.cancel(now)
    except IllegalTransitionError:
        assert not legal
    else:
        assert legal


# Changes


@given(lives())
def test_the_changes_begin_with_birth_and_come_each_once_in_order(evaluation: Evaluation) -> None:
    changes = evaluation.changes()
    assert changes[0] == evaluation.born
    assert all(before < after for before, after in pairwise(changes))


@given(lives())
def test_the_status_changes_at_each_change_and_not_a_microsecond_earlier(
    evaluation: Evaluation,
) -> None:
    for before, after in pairwise(evaluation.changes()):
        held = observe(evaluation, before).status
        assert observe(evaluation, after - MICROSECOND).status is held
        assert observe(evaluation, after).status is not held


@given(asked())
def test_the_next_change_is_the_first_instant_at_which_the_status_differs(ask: Asked) -> None:
    evaluation, now = ask
    here, change = observe(evaluation, now).status, evaluation.next_change(now)
    if change is None:
        assert here in TERMINAL
    else:
        assert now < change
        assert observe(evaluation, change - MICROSECOND).status is here
        assert observe(evaluation, change).status is not here


@given(lives())
def test_the_boundaries_are_the_changes_with_a_microsecond_on_either_side(
    evaluation: Evaluation,
) -> None:
    boundaries, changes = boundary_instants(evaluation), evaluation.changes()
    assert all(before < after for before, after in pairwise(boundaries))
    assert {change + step for change in changes for step in (ZERO, MICROSECOND)} <= {*boundaries}
    assert {change - MICROSECOND for change in changes[1:]} <= {*boundaries}
    assert boundaries[0] == evaluation.born
    for boundary in boundaries:
        assert boundary.tzinfo is UTC
        assert any(abs(boundary - change) <= MICROSECOND for change in changes)
