"""What a client sees follows from the facts and the instant alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lives import (
    BORN,
    ELSEWHERE,
    ENORMOUS,
    HAPPY,
    MICROSECOND,
    NUGEN,
    Asked,
    AskedTwice,
    asked,
    asked_twice,
    evaluation_of,
    evaluations,
    instants_of,
    lengths,
    lives,
    path_to,
    seconds,
)

from mockserver.apis.nugen.lifecycle import COMPLETED, FAILED, RUNNING, WAITING
from mockserver.apis.oxen.lifecycle import Status
from mockserver.core.evaluation import (
    NEVER,
    Evaluation,
    Snapshot,
    Usage,
    Work,
    boundary_instants,
    observe,
)
from mockserver.core.progress import paced, uneven
from mockserver.core.timeline import ZERO, Phase, Timeline

if TYPE_CHECKING:
    from datetime import datetime


HOUR = timedelta(hours=1)


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
def test_what_is_seen_is_seen_until_the_instant_that_is_told(ask: AskedTwice) -> None:
    evaluation, now, later = ask
    seen = observe(evaluation, now)
    assert seen.until > now
    if later < seen.until:
        assert observe(evaluation, later) == seen
    if seen.until is not NEVER:
        assert observe(evaluation, seen.until - MICROSECOND) == seen


@given(asked())
def test_what_may_change_is_looked_for_no_earlier_than_it_does(ask: Asked) -> None:
    evaluation, now = ask
    seen = observe(evaluation, now)
    if evaluation.ending is None and seen.until is not NEVER:
        assert observe(evaluation, seen.until) != seen


@given(asked_twice())
def test_time_never_moves_a_status_backwards(
    ask: AskedTwice,
) -> None:
    evaluation, before, after = ask
    reachable = evaluation.timeline.cycle.reachable[observe(evaluation, before).status]
    assert observe(evaluation, after).status in reachable


@given(asked())
def test_the_status_is_the_one_that_the_life_has_at_that_instant(ask: Asked) -> None:
    evaluation, now = ask
    assert observe(evaluation, now).status == evaluation.life.at(now - evaluation.born).status


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
    cycle = evaluation.timeline.cycle
    ran = evaluation.timeline.span(cycle.works_in) is not None
    last = observe(evaluation, evaluation.changes()[-1])
    assert last.processed == (evaluation.work.stops_at if ran else 0)
    assert last.total == (evaluation.work.rows if ran or cycle.announces_total else 0)


def test_a_run_of_enormously_many_rows_moves_and_ends() -> None:
    evaluation = evaluation_of(HAPPY, rows=ENORMOUS)
    done = [observe(evaluation, BORN + seconds(10 + second)).processed for second in range(11)]
    assert done[0] == 0
    assert done[-1] == ENORMOUS
    assert all(before < after for before, after in pairwise(done))


@given(asked())
def test_the_queue_shows_nothing_but_the_birth_and_a_total_that_is_told_in_advance(
    ask: Asked,
) -> None:
    evaluation, now = ask
    cycle, seen = evaluation.timeline.cycle, observe(evaluation, now)
    if seen.status == cycle.initial:
        total = evaluation.work.rows if cycle.announces_total else 0
        first = next(iter(cycle.times))
        times = {name: evaluation.born if name == first else None for name in cycle.times}
        assert seen == Snapshot(seen.status, 0, total, 0, 0, 0, Decimal(), times, None, None)


@given(asked())
def test_the_times_are_the_instants_of_the_changes(ask: Asked) -> None:
    evaluation, now = ask
    cycle, seen = evaluation.timeline.cycle, observe(evaluation, now)
    assert list(seen.times) == list(cycle.times)
    for name, told in cycle.times.items():
        began: set[datetime | None] = {
            evaluation.born + moment.began
            for moment in evaluation.life.moments()
            if moment.status in told and evaluation.born + moment.began <= now
        }
        assert {seen.times[name]} == (began or {None})


@given(asked())
def test_a_time_is_set_where_the_status_tells_that_it_has_come_and_unset_where_it_hides_it(
    ask: Asked,
) -> None:
    cycle, seen = ask[0].timeline.cycle, observe(*ask)
    for name, instant in seen.times.items():
        assert instant is not None or seen.status not in cycle.tells[name]
        assert instant is None or seen.status not in cycle.hides[name]


@pytest.mark.parametrize(
    ("look", "set_then"),
    [
        (seconds(5), {"inserted_at": 0}),
        (seconds(15), {"inserted_at": 0, "started_at": 10}),
        (seconds(25), {"inserted_at": 0, "started_at": 10}),
        (HOUR, {"inserted_at": 0, "started_at": 10, "completed_at": 30}),
    ],
)
def test_an_evaluation_of_the_hub_tells_when_it_was_inserted_started_and_completed(
    look: timedelta, set_then: dict[str, int]
) -> None:
    unset = dict.fromkeys(("inserted_at", "started_at", "completed_at", "cancelled_at"))
    told = {name: BORN + seconds(second) for name, second in set_then.items()}
    assert observe(evaluation_of(HAPPY), BORN + look).times == unset | told


@given(asked())
def test_what_went_wrong_is_said_when_it_has_gone_wrong_and_not_before(ask: Asked) -> None:
    cycle, seen = ask[0].timeline.cycle, observe(*ask)
    assert (seen.error_message is not None) is (seen.status in cycle.explained)


def test_an_evaluation_that_fails_in_the_queue_has_never_started() -> None:
    seen = observe(evaluation_of(path_to(Status.QUEUED, Status.ERRORED)), BORN + HOUR)
    assert (seen.status, seen.times["started_at"], seen.total) == (Status.ERRORED, None, 0)


def test_what_tells_its_rows_in_advance_and_fails_while_it_waits_has_done_none_of_them() -> None:
    seen = observe(evaluation_of(path_to(WAITING, FAILED, cycle=NUGEN)), BORN + HOUR)
    assert (seen.status, seen.processed, seen.total) == (FAILED, 0, 10)
    assert seen.times == {"created_at": BORN, "start_time": None, "end_time": BORN + seconds(10)}


@given(asked())
def test_an_instant_is_the_same_whatever_zone_it_is_told_in(ask: Asked) -> None:
    evaluation, now = ask
    there = now.astimezone(ELSEWHERE)
    assert observe(evaluation, there) == observe(evaluation, now)
    assert evaluation.next_change(there) == evaluation.next_change(now)


# How long it took


@given(asked())
def test_the_time_spent_is_how_long_the_rows_that_are_done_took_and_not_a_microsecond_more(
    ask: Asked,
) -> None:
    evaluation, now = ask
    seen = observe(evaluation, now)
    run = evaluation.life.span(evaluation.timeline.cycle.works_in)
    if seen.processed == 0 or run is None:
        assert (seen.processed, seen.spent) == (0, None)
        return
    assert seen.spent is not None
    ended = evaluation.born + run.began + seen.spent
    assert ended <= now
    assert observe(evaluation, ended).processed == seen.processed
    if seen.spent > ZERO:
        assert observe(evaluation, ended - MICROSECOND).processed < seen.processed


@given(asked())
def test_the_time_spent_is_the_end_of_the_last_row_of_the_course(ask: Asked) -> None:
    evaluation, now = ask
    seen, work = observe(evaluation, now), evaluation.work
    run = evaluation.timeline.span(evaluation.timeline.cycle.works_in)
    if seen.processed and run is not None and run.ends is not None:
        whole = run.ends - run.began
        course = (
            paced(work.pace, work.stops_at, whole)
            if work.pace
            else uneven(evaluation.id, work.stops_at, whole)
        )
        assert seen.spent == course.ended(seen.processed)


@pytest.mark.parametrize(
    ("look", "processed", "spent"),
    [
        (seconds(10), 0, None),
        (seconds(10 + 12.4), 0, None),
        (seconds(10 + 12.5), 1, seconds(12.5)),
        (seconds(10 + 62.4), 4, seconds(50)),
        (seconds(10 + 62.5), 5, seconds(62.5)),
        (seconds(10 + 117.9), 9, seconds(106.9)),
        (seconds(10 + 118), 10, seconds(118)),
        (HOUR, 10, seconds(118)),
    ],
)
def test_a_run_that_has_done_half_after_a_minute_tells_how_long_that_took(
    look: timedelta, processed: int, spent: timedelta | None
) -> None:
    phases = Phase(WAITING, seconds(10)), Phase(RUNNING, seconds(118)), Phase(COMPLETED)
    work = Work(10, 10, pace=((5, seconds(62.5)),))
    seen = observe(replace(evaluation_of(Timeline(NUGEN, phases)), work=work), BORN + look)
    assert (seen.processed, seen.spent) == (processed, spent)


def test_a_paced_run_that_fails_midway_goes_on_from_its_milestone_to_where_it_stops() -> None:
    failing = evaluation_of(path_to(Status.QUEUED, Status.RUNNING, Status.ERRORED))
    paced_run = replace(failing, work=Work(10, 6, pace=((2, seconds(5)),)))
    looks = (seconds(15), seconds(17.5), HOUR)
    seen = [observe(paced_run, BORN + look) for look in looks]
    assert [(one.processed, one.spent) for one in seen] == [
        (2, seconds(5)),
        (4, seconds(7.5)),
        (6, seconds(10)),
    ]


def test_a_cancelled_run_has_spent_what_the_rows_it_did_took() -> None:
    work = Work(10, 10, pace=((5, seconds(5)),))
    cancelled = replace(evaluation_of(HAPPY), work=work).cancel(BORN + seconds(13.5))
    seen = observe(cancelled, BORN + HOUR)
    assert (seen.processed, seen.spent) == (3, seconds(3))


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
        assert observe(evaluation, after - MICROSECOND).status == held
        assert observe(evaluation, after).status != held


@given(asked())
def test_the_next_change_is_the_first_instant_at_which_the_status_differs(ask: Asked) -> None:
    evaluation, now = ask
    here, change = observe(evaluation, now).status, evaluation.next_change(now)
    if change is None:
        assert here in evaluation.timeline.cycle.terminal
    else:
        assert now < change
        assert observe(evaluation, change - MICROSECOND).status == here
        assert observe(evaluation, change).status != here


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
