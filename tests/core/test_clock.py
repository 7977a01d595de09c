"""Virtual time is arithmetic on readings that are passed in, and it never goes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lives import BORN, CYCLES, ELSEWHERE, MICROSECOND, SummerTime, lengths, seconds

from mockserver.core.clock import EARLIEST, FASTEST, LATEST, Clock, ClockError
from mockserver.core.errors import MockserverError
from mockserver.core.timeline import LONGEST, ZERO

if TYPE_CHECKING:
    from mockserver.core.lifecycle import LifeCycle

SECOND = 10**9
"""A second of real readings."""
AN_AGE = 10**8 * SECOND
"""Three years of real readings: the fastest clock is at the end by then, wherever it began."""

Change = tuple[str, float]

real_readings = st.integers(-(10**13), 10**13)
rates = st.one_of(st.sampled_from((0.0, 1.0, 60.0, FASTEST)), st.floats(0, FASTEST))
bases = st.one_of(
    st.sampled_from((BORN, EARLIEST, LATEST)),
    lengths(ZERO, timedelta(days=1)).map(lambda left: LATEST - left),
)
clocks = st.builds(Clock, bases, real_readings, rates)
durations = st.one_of(lengths(ZERO, timedelta(days=365)), lengths(ZERO, LATEST - BORN))
ended = st.builds(
    lambda base, anchor: (Clock(base, anchor, FASTEST), anchor + AN_AGE), bases, real_readings
)
"""A clock that has run to the end, and a reading at which it is there."""
changes = st.one_of(
    st.tuples(st.just("advance"), st.floats(0, 86_400)), st.tuples(st.just("rate"), rates)
)


def ahead(clock: Clock, by: timedelta) -> timedelta:
    """This much, or as much of it as the clock can still be advanced by."""
    return min(by, LATEST - clock.base)


def changed(clock: Clock, change: Change, real: int) -> Clock:
    kind, amount = change
    if kind == "rate":
        return clock.at_rate(amount, real)
    return clock.advance(ahead(clock, seconds(amount)))


@pytest.mark.parametrize(
    ("base", "complaint"),
    [
        pytest.param(BORN.replace(tzinfo=None), "an instant in UTC", id="no zone"),
        pytest.param(BORN.astimezone(ELSEWHERE), "an instant in UTC", id="elsewhere"),
        pytest.param(
            EARLIEST - MICROSECOND, "1970-01-01 to 9000-01-01, found 1969-12-31", id="too early"
        ),
        pytest.param(
            LATEST + MICROSECOND, "1970-01-01 to 9000-01-01, found 9000-01-01", id="too late"
        ),
    ],
)
def test_a_clock_is_set_in_utc_and_within_the_calendar(base: datetime, complaint: str) -> None:
    with pytest.raises(ClockError, match=complaint):
        Clock(base, 0)


@pytest.mark.parametrize("base", [EARLIEST, LATEST])
def test_a_clock_can_be_set_to_either_end_of_the_calendar(base: datetime) -> None:
    assert Clock(base, 0).now(0) == base


@pytest.mark.parametrize("cycle", CYCLES.values(), ids=CYCLES)
def test_the_longest_life_that_is_born_at_the_end_ends_inside_the_calendar(
    cycle: LifeCycle,
) -> None:
    not_at_an_end = len(cycle.statuses) - len(cycle.terminal)
    assert LATEST + not_at_an_end * LONGEST < datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize("rate", [-1.0, -1e-9, FASTEST + 1, float("inf"), float("nan")])
def test_a_clock_runs_neither_backwards_nor_faster_than_a_day_a_second(rate: float) -> None:
    with pytest.raises(ClockError, match="rate: expected 0 to 86400, found"):
        Clock(BORN, 0, rate)
    with pytest.raises(ClockError, match="rate: expected 0 to 86400, found"):
        Clock(BORN, 0).at_rate(rate, 0)


def test_a_refused_clock_is_an_error_on_purpose_and_a_value_error() -> None:
    assert issubclass(ClockError, MockserverError)
    assert issubclass(ClockError, ValueError)


@pytest.mark.parametrize(
    ("rate", "spent"),
    [(1.0, seconds(10)), (60.0, timedelta(minutes=10)), (0.5, seconds(5)), (0.0, timedelta())],
)
def test_a_clock_moves_as_fast_as_its_rate_says(rate: float, spent: timedelta) -> None:
    assert Clock(BORN, 7, rate).now(7 + 10 * SECOND) == BORN + spent


@given(st.integers(0, 10**10), st.integers(0, 999), real_readings)
def test_a_clock_at_rate_one_keeps_real_time_to_the_microsecond(
    whole: int, nanoseconds: int, anchor: int
) -> None:
    told = Clock(BORN, anchor).now(anchor + whole * 1000 + nanoseconds)
    assert told == BORN + timedelta(microseconds=whole)


@given(clocks)
def test_a_clock_says_its_base_at_its_anchor(clock: Clock) -> None:
    assert clock.now(clock.anchor) == clock.base


@given(clocks, real_readings)
def test_a_clock_answers_in_utc(clock: Clock, real: int) -> None:
    assert clock.now(real).tzinfo is UTC


def test_a_zone_with_summer_time_is_no_base_even_while_it_agrees_with_utc() -> None:
    with pytest.raises(ClockError, match="expected an instant in UTC"):
        Clock(datetime(2026, 3, 31, 23, 30, tzinfo=SummerTime()), 0)


@given(clocks, real_readings, real_readings)
def test_a_later_reading_never_tells_an_earlier_instant(
    clock: Clock, one: int, another: int
) -> None:
    assert clock.now(min(one, another)) <= clock.now(max(one, another))


@given(clocks, st.integers(0, 10**13))
def test_a_reading_from_before_the_anchor_counts_as_the_anchor(clock: Clock, stale: int) -> None:
    assert clock.now(clock.anchor - stale) == clock.base


@given(clocks, rates, st.integers(0, 10**13))
def test_a_change_of_rate_at_a_stale_reading_counts_as_one_at_the_anchor(
    clock: Clock, rate: float, stale: int
) -> None:
    assert clock.at_rate(rate, clock.anchor - stale) == clock.at_rate(rate, clock.anchor)


@given(clocks, rates, real_readings, real_readings)
def test_a_change_of_rate_takes_back_nothing_told_at_its_reading(
    clock: Clock, rate: float, real: int, look: int
) -> None:
    """Not even for a look that read the time before and had to wait its turn."""
    assert clock.now(real) <= clock.at_rate(rate, real).now(look)


@given(clocks, st.lists(real_readings, min_size=1))
def test_a_frozen_clock_stands_still_at_every_reading(clock: Clock, readings: list[int]) -> None:
    frozen = clock.at_rate(0, clock.anchor + SECOND)
    assert {frozen.now(real) for real in readings} == {clock.now(clock.anchor + SECOND)}


@given(clocks, durations, real_readings)
def test_a_frozen_clock_still_moves_when_told_to(clock: Clock, by: timedelta, real: int) -> None:
    frozen = clock.at_rate(0, real)
    by = ahead(frozen, by)
    assert frozen.advance(by).now(real + SECOND) == frozen.now(real) + by


@given(clocks, durations, real_readings)
def test_advancing_moves_the_clock_by_exactly_that_much_at_every_reading_up_to_the_end(
    clock: Clock, by: timedelta, real: int
) -> None:
    by = ahead(clock, by)
    left = LATEST - clock.now(real)
    assert clock.advance(by).now(real) == clock.now(real) + min(by, left)


@given(clocks, durations)
def test_advancing_changes_neither_the_rate_nor_the_anchor(clock: Clock, by: timedelta) -> None:
    later = clock.advance(ahead(clock, by))
    assert (later.rate, later.anchor) == (clock.rate, clock.anchor)


@given(clocks, st.integers(0, 100))
def test_advancing_by_nothing_any_number_of_times_changes_nothing(clock: Clock, times: int) -> None:
    same = clock
    for _ in range(times):
        same = same.advance(ZERO)
    assert same == clock


@given(clocks, durations, st.integers(1, 100))
def test_advancing_in_small_steps_leads_as_far_as_in_one(
    clock: Clock, by: timedelta, steps: int
) -> None:
    step = ahead(clock, by) // steps
    stepped = clock
    for _ in range(steps):
        stepped = stepped.advance(step)
    assert stepped == clock.advance(step * steps)


@given(clocks, st.timedeltas(max_value=-MICROSECOND))
def test_a_clock_cannot_be_advanced_backwards(clock: Clock, by: timedelta) -> None:
    with pytest.raises(ClockError, match="expected a duration of 0s or more"):
        clock.advance(by)


@given(clocks)
def test_a_clock_can_be_advanced_to_the_end_and_not_a_microsecond_further(clock: Clock) -> None:
    left = LATEST - clock.base
    assert clock.advance(left).now(clock.anchor) == LATEST
    for by in (left + MICROSECOND, timedelta.max):
        with pytest.raises(ClockError, match="advance: expected to stay before 9000, found"):
            clock.advance(by)


# At the end


def test_a_clock_that_reaches_the_end_tells_every_microsecond_before_it() -> None:
    clock = Clock(LATEST - 2 * MICROSECOND, 0)
    told = [LATEST - clock.now(real) for real in (0, 999, 1000, 1999, 2000, 3000)]
    assert told == [2 * MICROSECOND, 2 * MICROSECOND, MICROSECOND, MICROSECOND, ZERO, ZERO]


@given(bases, real_readings, st.integers(0, 10**30))
def test_the_fastest_clock_comes_to_the_end_and_stays_there_for_ever(
    base: datetime, anchor: int, later: int
) -> None:
    arrived = anchor + AN_AGE
    assert Clock(base, anchor, FASTEST).now(arrived) == LATEST
    assert Clock(base, anchor, FASTEST).now(arrived + later) == LATEST


@given(ended, rates, st.integers(0, 10**30))
def test_the_rate_of_a_clock_at_the_end_can_be_changed_but_nothing_moves_it(
    end: tuple[Clock, int], rate: float, later: int
) -> None:
    clock, real = end
    other = clock.at_rate(rate, real)
    assert (other.base, other.rate) == (LATEST, rate)
    assert other.now(real + later) == LATEST


@given(ended, durations, st.integers(0, 10**30))
def test_a_clock_that_ran_to_the_end_can_be_told_to_move_and_stays_there(
    end: tuple[Clock, int], by: timedelta, later: int
) -> None:
    clock, real = end
    assert clock.advance(ahead(clock, by)).now(real + later) == LATEST


@given(clocks, rates, real_readings)
def test_changing_the_rate_does_not_move_the_clock(clock: Clock, rate: float, real: int) -> None:
    other = clock.at_rate(rate, real)
    assert other.now(real) == clock.now(real)
    assert other.rate == rate


@given(clocks, rates, real_readings)
def test_changing_the_rate_counts_from_this_reading_on(
    clock: Clock, rate: float, real: int
) -> None:
    other = clock.at_rate(rate, real)
    fresh = max(real, clock.anchor)
    assert other.now(fresh + SECOND) == Clock(clock.now(real), 0, rate).now(SECOND)


@given(clocks, st.lists(st.tuples(st.none() | changes, st.integers(0, 10**12)), max_size=12))
def test_no_mix_of_looking_advancing_and_changing_the_rate_moves_the_clock_back(
    clock: Clock, steps: list[tuple[Change | None, int]]
) -> None:
    real, told = clock.anchor, [clock.base]
    for change, later in steps:
        real += later
        told.append(clock.now(real))
        if change is not None:
            clock = changed(clock, change, real)
            told.append(clock.now(real))
    assert all(before <= after for before, after in pairwise(told))


@given(clocks, st.lists(st.tuples(changes, real_readings), min_size=1, max_size=12), real_readings)
def test_no_mix_of_changes_takes_back_what_was_told_at_the_same_reading_or_before(
    clock: Clock, steps: list[tuple[Change, int]], look: int
) -> None:
    """Readings come in any order here, as from threads that read before they waited their turn."""
    for change, real in steps:
        told = clock.now(min(real, look))
        clock = changed(clock, change, real)
        assert told <= clock.now(look)
