"""How many rows are done at a given part of the work, and when each of them ended.

A course is straight lines between milestones. Where nobody names the milestones they are drawn
from a seed: uneven, as real jobs are, yet the same in every process and every release. All of
it is exact integer arithmetic, so no number of rows is too large.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from datetime import timedelta
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    Milestones = Sequence[tuple[int, timedelta]]

_STRETCHES = 24
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Course:
    """A run of so many rows over so many ticks, `scale` of which are a microsecond.

    Attributes:
        rows: how many rows are done when it ends.
        ticks: the instants of the milestones, rising from 0 to the end of the run.
        work: how much is done at each of them, rising from 0; the last is all of it.
    """

    rows: int
    ticks: tuple[int, ...]
    work: tuple[int, ...]
    scale: int

    def done(self, elapsed: timedelta) -> int:
        """Rows done when `elapsed` has passed; never falls, ends at `rows`."""
        tick = elapsed // _MICROSECOND * self.scale
        if tick >= self.ticks[-1]:
            return self.rows
        at = bisect_right(self.ticks, tick) - 1
        long = self.ticks[at + 1] - self.ticks[at]
        share = self.work[at] * long + (self.work[at + 1] - self.work[at]) * (tick - self.ticks[at])
        return self.rows * share // (self.work[-1] * long)

    def ended(self, row: int) -> timedelta:
        """How far into the run this row, counted from 1, was done: to the microsecond."""
        wanted = row * self.work[-1]
        at = bisect_left(self.work, wanted, key=lambda work: work * self.rows) - 1
        long = self.ticks[at + 1] - self.ticks[at]
        missing = (wanted - self.work[at] * self.rows) * long
        per_tick = (self.work[at + 1] - self.work[at]) * self.rows
        tick = self.ticks[at] + _up(missing, per_tick)
        return _up(tick, self.scale) * _MICROSECOND


def _up(number: int, by: int) -> int:
    """The quotient, rounded up."""
    return -(-number // by)


@lru_cache(maxsize=4096)
def uneven(seed: str, rows: int, whole: timedelta) -> Course:
    """A course drawn from the seed: every stretch of equal time does some work.

    The slowest does a quarter of the fastest at the least, so progress never stands still long.
    """
    digest = hashlib.blake2b(seed.encode(), digest_size=_STRETCHES).digest()
    work = (0, *accumulate(85 + byte for byte in digest))
    long = whole // _MICROSECOND
    return Course(rows, tuple(part * long for part in range(_STRETCHES + 1)), work, _STRETCHES)


def paced(milestones: Milestones, rows: int, whole: timedelta) -> Course:
    """A course through these milestones: so many rows are done when so long has passed."""
    passed = [(0, timedelta()), *milestones]
    if passed[-1][0] < rows:
        passed.append((rows, whole))
    ticks = tuple(instant // _MICROSECOND for _, instant in passed)
    return Course(rows, ticks, tuple(done for done, _ in passed), 1)
