"""How many rows are done at a given part of the work: uneven, as real jobs are, yet repeatable."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from functools import lru_cache
from itertools import accumulate

_STRETCHES = 24
_MICROSECOND = timedelta(microseconds=1)


@lru_cache(maxsize=4096)
def _pace(seed: str) -> tuple[int, ...]:
    """Work done at the end of each of the equal stretches of time, drawn from the seed.

    Every stretch does some work (a quarter of the fastest at the least), so that progress
    is uneven and never stands still for long.
    """
    digest = hashlib.blake2b(seed.encode(), digest_size=_STRETCHES).digest()
    return (0, *accumulate(85 + byte for byte in digest))


def rows_done(seed: str, rows: int, elapsed: timedelta, whole: timedelta) -> int:
    """Rows done of `rows` when `elapsed` of `whole` has passed; never falls, ends at `rows`.

    Exact integer arithmetic, so no number of rows is too large.
    """
    if elapsed >= whole:
        return rows
    spent, full = elapsed // _MICROSECOND, whole // _MICROSECOND
    stretch, into = divmod(spent * _STRETCHES, full)
    pace = _pace(seed)
    done = pace[stretch] * full + (pace[stretch + 1] - pace[stretch]) * into
    return rows * done // (pace[-1] * full)
