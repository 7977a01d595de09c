"""Progress is uneven yet repeatable, never falls and ends with the last row, of any number."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lives import ENORMOUS, MICROSECOND, MILESTONES, PARTS, ROWS, lengths, pace_of, seconds

from mockserver.core.progress import Course, paced, uneven
from mockserver.core.timeline import LONGEST, ZERO

if TYPE_CHECKING:
    from datetime import timedelta

    from lives import Pace

seeds = st.text("0a-é猫", max_size=8)
wholes = st.one_of(
    st.sampled_from((MICROSECOND, seconds(1), LONGEST)), lengths(MICROSECOND, LONGEST)
)
shares = st.one_of(st.integers(0, PARTS), st.sampled_from((0, PARTS)))
steps = st.sampled_from((ZERO, MICROSECOND, -MICROSECOND))


def part_of(whole: timedelta, share: int) -> timedelta:
    return whole // MICROSECOND * share // PARTS * MICROSECOND


@st.composite
def instants(draw: st.DrawFn, whole: timedelta) -> timedelta:
    """Some instant of a run of this length: its ends, a microsecond off them, anywhere."""
    return min(max(part_of(whole, draw(shares)) + draw(steps), ZERO), whole)


@st.composite
def runs(draw: st.DrawFn) -> tuple[timedelta, timedelta, timedelta]:
    """The length of a run and two instants in it, the earlier one first."""
    whole = draw(wholes)
    one, another = draw(instants(whole)), draw(instants(whole))
    return whole, min(one, another), max(one, another)


@st.composite
def paces(draw: st.DrawFn) -> tuple[Pace, int, timedelta]:
    """Milestones, the rows and the length of the run they are milestones of."""
    rows, whole = draw(ROWS), draw(wholes)
    return pace_of(draw(MILESTONES), rows, whole), rows, whole


@st.composite
def courses(draw: st.DrawFn) -> tuple[Course, timedelta]:
    """Any course, drawn from a seed or through milestones, and the length of its run."""
    if draw(st.booleans()):
        pace, rows, whole = draw(paces())
        return paced(pace, rows, whole), whole
    rows, whole = draw(ROWS), draw(wholes)
    return uneven(draw(seeds), rows, whole), whole


# Any course


@given(courses(), st.data())
def test_progress_never_falls_and_stays_within_the_rows(
    run: tuple[Course, timedelta], data: st.DataObject
) -> None:
    course, whole = run
    before, after = sorted((data.draw(instants(whole)), data.draw(instants(whole))))
    assert 0 <= course.done(before) <= course.done(after) <= course.rows


@given(courses())
def test_no_row_is_done_at_the_start_and_every_row_at_the_end(
    run: tuple[Course, timedelta],
) -> None:
    course, whole = run
    assert course.done(ZERO) == 0
    assert course.done(whole) == course.rows


@given(courses(), st.timedeltas(ZERO))
def test_work_that_is_done_stays_done(run: tuple[Course, timedelta], later: timedelta) -> None:
    course, whole = run
    assert course.done(max(whole, later)) == course.rows


@given(courses(), st.data())
def test_a_row_ends_at_the_first_instant_at_which_so_many_are_done(
    run: tuple[Course, timedelta], data: st.DataObject
) -> None:
    course, whole = run
    if course.rows:
        row = data.draw(st.one_of(st.integers(1, course.rows), st.sampled_from((1, course.rows))))
        ended = course.ended(row)
        assert ZERO < ended <= whole
        assert course.done(ended) >= row
        assert course.done(ended - MICROSECOND) < row


@given(courses(), st.data())
def test_what_is_done_has_ended_and_what_comes_next_has_not(
    run: tuple[Course, timedelta], data: st.DataObject
) -> None:
    course, whole = run
    elapsed = data.draw(instants(whole))
    done = course.done(elapsed)
    if done:
        assert course.ended(done) <= elapsed
    if done < course.rows:
        assert course.ended(done + 1) > elapsed


@given(seeds, ROWS, st.timedeltas(ZERO))
def test_work_of_no_length_is_done_at_once(seed: str, count: int, elapsed: timedelta) -> None:
    for course in (uneven(seed, count, ZERO), paced((), count, ZERO)):
        assert course.done(elapsed) == count
        assert count == 0 or course.ended(1) == course.ended(count) == ZERO


# Drawn from a seed


@given(seeds, st.integers(1), wholes)
def test_the_last_row_is_not_done_a_microsecond_early(
    seed: str, count: int, whole: timedelta
) -> None:
    course = uneven(seed, count, whole)
    assert course.done(whole - MICROSECOND) < count
    assert course.ended(count) == whole


@given(seeds, st.integers(0, ENORMOUS), st.integers(1, 10**6), runs())
@example("d0c8", ENORMOUS + 1, 10**6 + 3, (seconds(7), seconds(3), seconds(4)))
def test_no_number_of_rows_is_too_large_to_count_exactly(
    seed: str, count: int, times: int, run: tuple[timedelta, timedelta, timedelta]
) -> None:
    """A run of so many times the rows is, to the last row, as far at the same instant."""
    whole, elapsed, _ = run
    far = uneven(seed, count * times, whole).done(elapsed) // times
    assert far == uneven(seed, count, whole).done(elapsed)


@given(seeds, lengths(seconds(1), LONGEST))
def test_progress_never_stands_still_for_a_tenth_of_the_run(seed: str, whole: timedelta) -> None:
    course = uneven(seed, 1000, whole)
    tenths = [course.done(whole * part / 10) for part in range(11)]
    assert all(before < after for before, after in pairwise(tenths))


@given(seeds)
def test_progress_is_uneven(seed: str) -> None:
    course = uneven(seed, 10**6, seconds(240))
    done = [course.done(seconds(second)) for second in range(241)]
    risen = [after - before for before, after in pairwise(done)]
    assert max(risen) > 1.1 * min(risen)


def test_two_seeds_do_not_run_alike() -> None:
    runs_seen = {
        tuple(uneven(seed, 10**6, seconds(10)).done(seconds(second)) for second in range(10))
        for seed in ("d0c8", "d0c9", "")
    }
    assert len(runs_seen) == 3


def test_a_seed_runs_the_same_way_in_every_process_and_every_release() -> None:
    course = uneven("d0c8", 1000, seconds(5))
    assert [course.done(seconds(second)) for second in range(6)] == [0, 235, 382, 560, 762, 1000]


# Through milestones


@given(paces())
def test_a_paced_run_goes_exactly_through_its_milestones(
    run: tuple[Pace, int, timedelta],
) -> None:
    pace, rows, whole = run
    course = paced(*run)
    for row, instant in pace:
        # Where the run ends too, whatever is left of the rows is done at once.
        assert course.done(instant) == (row if instant < whole else rows)
        assert course.done(instant - MICROSECOND) < row
        assert course.ended(row) == instant


@given(paces())
def test_a_paced_run_whose_last_milestone_is_short_of_the_rows_ends_with_the_run(
    run: tuple[Pace, int, timedelta],
) -> None:
    pace, rows, whole = run
    if rows and (not pace or pace[-1][0] < rows):
        assert paced(*run).ended(rows) == whole


@pytest.mark.parametrize(
    ("row", "ended"),
    [
        pytest.param(1, seconds(12.5), id="a fifth of the way to the milestone"),
        pytest.param(4, seconds(50), id="most of the way to the milestone"),
        pytest.param(5, seconds(62.5), id="the milestone"),
        pytest.param(6, seconds(73.6), id="a fifth of the way from the milestone to the end"),
        pytest.param(10, seconds(118), id="the end of the run"),
    ],
)
def test_a_run_that_has_done_half_after_a_minute_goes_straight_there_and_straight_on(
    row: int, ended: timedelta
) -> None:
    course = paced(((5, seconds(62.5)),), 10, seconds(118))
    assert course.ended(row) == ended
    assert course.done(ended) == row
    assert course.done(ended - MICROSECOND) == row - 1


def test_a_row_that_ends_between_two_microseconds_has_ended_at_the_later_one() -> None:
    course = paced((), 3, 10 * MICROSECOND)
    assert [course.ended(row) // MICROSECOND for row in (1, 2, 3)] == [4, 7, 10]


def test_a_run_that_is_done_at_its_last_milestone_waits_for_its_end_and_does_nothing() -> None:
    course = paced(((2, seconds(4)),), 2, seconds(60))
    done = [course.done(seconds(second)) for second in (0, 1, 2, 3, 4, 5, 60)]
    assert done == [0, 0, 1, 1, 2, 2, 2]
