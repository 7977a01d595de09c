"""Progress is uneven yet repeatable, never falls and ends with the last row, of any number."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import example, given
from hypothesis import strategies as st
from lives import ENORMOUS, MICROSECOND, ROWS, lengths, seconds

from mockserver.core.progress import rows_done
from mockserver.core.timeline import LONGEST, ZERO

if TYPE_CHECKING:
    from datetime import timedelta

seeds = st.text("0a-é猫", max_size=8)
wholes = st.one_of(
    st.sampled_from((MICROSECOND, seconds(1), LONGEST)), lengths(MICROSECOND, LONGEST)
)


@st.composite
def runs(draw: st.DrawFn) -> tuple[timedelta, timedelta, timedelta]:
    """The length of a run and two instants in it, the earlier one first."""
    whole = draw(wholes)
    inside = st.one_of(lengths(ZERO, whole), st.sampled_from((ZERO, whole, whole - MICROSECOND)))
    one, another = draw(inside), draw(inside)
    return whole, min(one, another), max(one, another)


@given(seeds, ROWS, runs())
def test_progress_never_falls_and_stays_within_the_rows(
    seed: str, count: int, run: tuple[timedelta, timedelta, timedelta]
) -> None:
    whole, before, after = run
    done = rows_done(seed, count, before, whole), rows_done(seed, count, after, whole)
    assert 0 <= done[0] <= done[1] <= count


@given(seeds, ROWS, wholes)
def test_no_row_is_done_at_the_start_and_every_row_at_the_end(
    seed: str, count: int, whole: timedelta
) -> None:
    assert rows_done(seed, count, ZERO, whole) == 0
    assert rows_done(seed, count, whole, whole) == count


@given(seeds, st.integers(1), wholes)
def test_the_last_row_is_not_done_a_microsecond_early(
    seed: str, count: int, whole: timedelta
) -> None:
    assert rows_done(seed, count, whole - MICROSECOND, whole) < count


@given(seeds, ROWS, wholes, st.timedeltas(ZERO))
def test_work_that_is_done_stays_done(
    seed: str, count: int, whole: timedelta, later: timedelta
) -> None:
    assert rows_done(seed, count, max(whole, later), whole) == count


@given(seeds, ROWS, st.timedeltas(ZERO))
def test_work_of_no_length_is_done_at_once(seed: str, count: int, elapsed: timedelta) -> None:
    assert rows_done(seed, count, elapsed, ZERO) == count


@given(seeds, st.integers(0, ENORMOUS), st.integers(1, 10**6), runs())
@example("d0c8", ENORMOUS + 1, 10**6 + 3, (seconds(7), seconds(3), seconds(4)))
def test_no_number_of_rows_is_too_large_to_count_exactly(
    seed: str, count: int, times: int, run: tuple[timedelta, timedelta, timedelta]
) -> None:
    """A run of so many times the rows is, to the last row, as far at the same instant."""
    whole, elapsed, _ = run
    far = rows_done(seed, count * times, elapsed, whole) // times
    assert far == rows_done(seed, count, elapsed, whole)


@given(seeds, lengths(seconds(1), LONGEST))
def test_progress_never_stands_still_for_a_tenth_of_the_run(seed: str, whole: timedelta) -> None:
    tenths = [rows_done(seed, 1000, whole * part / 10, whole) for part in range(11)]
    assert all(before < after for before, after in pairwise(tenths))


@given(seeds)
def test_progress_is_uneven(seed: str) -> None:
    done = [rows_done(seed, 10**6, seconds(second), seconds(240)) for second in range(241)]
    steps = [after - before for before, after in pairwise(done)]
    assert max(steps) > 1.1 * min(steps)


def test_two_seeds_do_not_run_alike() -> None:
    runs_seen = {
        tuple(rows_done(seed, 10**6, seconds(second), seconds(10)) for second in range(10))
        for seed in ("d0c8", "d0c9", "")
    }
    assert len(runs_seen) == 3


def test_a_seed_runs_the_same_way_in_every_process_and_every_release() -> None:
    done = [rows_done("d0c8", 1000, seconds(second), seconds(5)) for second in range(6)]
    assert done == [0, 235, 382, 560, 762, 1000]
