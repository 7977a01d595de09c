"""Virtual time is arithmetic on readings that are passed in, and it never goes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lives import BORN, MICROSECOND, lengths, seconds

from mockserver.core.clock import FASTEST, Clock, ClockError
from mockserver.core.errors import MockserverError
from mockserver.core.timeline import ZERO

SECOND = 10**9
"""A second of real readings."""

Change = tuple[str, float]

real_readings = st.integers(-(10**13), 10**13)
rates = st.one_of(st.sampled_from((0.0, 1.0, 60.0, FASTEST)), st.floats(0, FASTEST))
clocks = st.builds(Clock, st.just(BORN), real_readings, rates)
durations = lengths(ZERO, timedelta(days=365))
changes = st.one_of(
    st.tuples(st.just("advance"), st.floats(0, 86_400)), st.tuples(st.just("rate"), rates)
)


def changed(clock: Clock, change: Change, real: int) -> Clock:
    kind, amount = change
    return (
        clock.advance(seconds(amount), real) if kind == "advance" else clock.at_rate(amount, real)
    )


@pytest.mark.parametrize(
    ("base", "complaint"),
    [
        pytest.param(BORN.replace(tzinfo=None), "an instant in UTC", id="no zone"),
        pytest.param(
            BORN.replace(tzinfo=timezone(timedelta(hours=1))), "an instant in UTC", id="elsewhere"
        ),
        pytest.param(
            datetime(1969, 12, 31, tzinfo=UTC), "1970 to 2900, found 1969", id="too early"
        ),
        pytest.param(datetime(2901, 1, 1, tzinfo=UTC), "1970 to 2900, found 2901", id="too late"),
    ],
)
def test_a_clock_is_set_in_utc_and_within_the_calendar(base: datetime, complaint: str) -> None:
    with pytest.raises(ClockError, match=complaint):
        Clock(base, 0)


@pytest.mark.parametrize("rate", [-1.0, -1e-9, FASTEST + 1, float("inf"), float("nan")])
def test_a_clock_runs_neither_backwards_nor_faster_than_a_day_a_second(rate: float) -> None:
    with pytest.raises(ClockError, match="rate: expected 0 to 86400, found"):
        Clock(BORN, 0, rate)
    with pytest.raises(ClockError, match="rate: expected 0 to 86400, found"):
        Clock(BORN, 0).at_rate(rate, 0)


def test_a_refused_clock_is_an_error_on_purpose_and_a_value_error() -> None:
    assert issubclass(ClockError, (MockserverError, ValueError))


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
def test_a_clock_answers_in_utc_by_whatever_name_its_base_called_it(
    clock: Clock, real: int
) -> None:
    greenwich = Clock(clock.base.replace(tzinfo=timezone(timedelta(), "GMT")), clock.anchor)
    assert greenwich.now(real).tzinfo is UTC
    assert greenwich.now(real) == Clock(clock.base, clock.anchor).now(real)


@given(clocks, real_readings, real_readings)
def test_a_later_reading_never_tells_an_earlier_instant(
    clock: Clock, one: int, another: int
) -> None:
    assert clock.now(min(one, another)) <= clock.now(max(one, another))


@given(clocks, st.integers(0, 10**13))
def test_a_reading_from_before_the_anchor_counts_as_the_anchor(clock: Clock, stale: int) -> None:
    assert clock.now(clock.anchor - stale) == clock.base


@given(clocks, changes, st.integers(0, 10**13))
def test_a_change_at_a_stale_reading_counts_as_one_at_the_anchor(
    clock: Clock, change: Change, stale: int
) -> None:
    assert changed(clock, change, clock.anchor - stale) == changed(clock, change, clock.anchor)


@given(clocks, st.lists(real_readings, min_size=1))
def test_a_frozen_clock_stands_still_at_every_reading(clock: Clock, readings: list[int]) -> None:
    frozen = clock.at_rate(0, clock.anchor + SECOND)
    assert {frozen.now(real) for real in readings} == {clock.now(clock.anchor + SECOND)}


@given(clocks, durations, real_readings)
def test_a_frozen_clock_still_moves_when_told_to(clock: Clock, by: timedelta, real: int) -> None:
    frozen = clock.at_rate(0, real)
    assert frozen.advance(by, real).now(real + SECOND) == frozen.now(real) + by


@given(clocks, durations, real_readings)
def test_advancing_moves_the_clock_by_exactly_that_much_and_keeps_its_rate(
    clock: Clock, by: timedelta, real: int
) -> None:
    later = clock.advance(by, real)
    assert later.now(real) == clock.now(real) + by
    assert later.rate == clock.rate


@given(clocks, st.timedeltas(max_value=-MICROSECOND), real_readings)
def test_a_clock_cannot_be_advanced_backwards(clock: Clock, by: timedelta, real: int) -> None:
    with pytest.raises(ClockError, match="expected a duration of 0s or more"):
        clock.advance(by, real)


@pytest.mark.parametrize(
    ("by", "complaint"),
    [
        pytest.param(timedelta.max, "leads beyond the calendar", id="off the calendar"),
        pytest.param(timedelta(days=366_000), "1970 to 2900", id="too far to come back from"),
    ],
)
def test_a_clock_cannot_be_advanced_beyond_the_calendar(by: timedelta, complaint: str) -> None:
    with pytest.raises(ClockError, match=complaint):
        Clock(BORN, 0).advance(by, 0)


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
def test_no_mix_of_changes_at_stale_readings_takes_back_what_a_change_has_told(
    clock: Clock, steps: list[tuple[Change, int]], look: int
) -> None:
    """Readings come in any order here, as from threads that read before they waited their turn."""
    for change, real in steps:
        told = clock.now(real)
        clock = changed(clock, change, real)
        assert told <= clock.now(real)
        assert told <= clock.now(look)
