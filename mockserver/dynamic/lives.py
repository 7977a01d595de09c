"""Lives drawn: a timeline, the work that rides on it, and an instant at which to look.

The status comes first, each as likely as any other, and then a life that comes to it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass
from mockserver.core.evaluation import Usage
from mockserver.core.timeline import Phase, Timeline

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from mockserver.core.lifecycle import LifeCycle
    from mockserver.dynamic.choices import Choices

MICROSECOND = timedelta(microseconds=1)
FIRST_BIRTH = datetime(2020, 1, 1, tzinfo=UTC)
"""No drawn life begins before; they are lived in years of their own, whatever a clock says."""

_YEARS = timedelta(days=5 * 365)
_UNITS = tuple(
    timedelta(seconds=count) // MICROSECOND for count in (1, 60, 0.001, 0.000001, 3_600, 86_400)
)
_MOST_OF_A_UNIT = 59
_AFTER_THE_END = timedelta(days=1)
_MOST_MORE = 2
"""How often a status is looked at again."""
_MESSAGES = (
    "The model is gone.",
    "out of credits",
    "",
    "Traceback (most recent call last):\n  ...",
    "数据 🐂",
)
_FEW_ROWS = ((1, 20), (100, 100), (21, 300))
_ROWS = (*_FEW_ROWS, (0, 0), (301, 10**9))
_COSTS = (Decimal(0), Decimal("0.00005"), Decimal("20.04"), Decimal("80.4"), Decimal(1_000_000))


@dataclass(frozen=True, slots=True)
class Life:
    """What lives, without what it was asked.

    Attributes:
        stops_at: the row at which the work stops, or None where it is all done.
        error_message: what went wrong, or None where nothing explains itself.
    """

    timeline: Timeline
    rows: int
    stops_at: int | None
    usage: Usage
    error_message: str | None


def birth(choices: Choices) -> datetime:
    """When a life begins: the simplest is the first instant of 2020."""
    days = choices.whole(0, _YEARS // timedelta(days=1))
    return FIRST_BIRTH + timedelta(days=days, microseconds=choices.whole(0, _UNITS[-1] - 1))


def timeline(choices: Choices, cycle: LifeCycle, through: Collection[str]) -> tuple[Timeline, str]:
    """A life that comes to one of these statuses, and stays there; and which one it is.

    Where none of them is one of this cycle's, any will do.
    """
    known = [one for one in cycle.statuses if one in through]
    status = choices.pick(known or cycle.statuses)
    path = choices.pick([one for one in orders(cycle) if status in one])
    lengths = [_length(choices, least=int(one == status)) for one in path[:-1]]
    phases = [Phase(one, lasts) for one, lasts in zip(path, lengths, strict=False)]
    return Timeline(cycle, (*phases, Phase(path[-1]))), status


def life(choices: Choices, drawn: Timeline, *, few_rows: bool) -> Life:
    """What else there is to a life along this timeline; few rows, but some, an answer can list."""
    cycle, passed = drawn.cycle, {phase.status for phase in drawn.phases}
    rows = choices.whole(*choices.pick(_FEW_ROWS if few_rows else _ROWS))
    stops_at = None if passed & cycle.whole else choices.whole(0, rows)
    usage = Usage(*(choices.pick(_COSTS) for _ in range(3))) if choices.chance(30) else Usage()
    explained = drawn.phases[-1].status in cycle.explained
    message = choices.pick(_MESSAGES) if explained else None
    return Life(drawn, rows, stops_at, usage, message)


def look(choices: Choices, drawn: Timeline, status: str) -> timedelta:
    """An instant at which a life shows this status, from its birth; the simplest is the first."""
    moment = next(moment for moment in drawn.moments() if moment.status == status)
    ends = moment.began + _AFTER_THE_END if moment.ends is None else moment.ends
    last = (ends - moment.began) // MICROSECOND - 1
    return moment.began + choices.pick((0, last, choices.whole(0, last))) * MICROSECOND


def looks(choices: Choices, life: Timeline) -> tuple[timedelta, ...]:
    """Instants at which to look, from birth, so that each status is seen that lasts.

    The one in which work is done is looked at most, and at its end at least.
    """
    seen = []
    for moment in life.moments():
        if moment.ends != moment.began:
            ends = moment.began + _AFTER_THE_END if moment.ends is None else moment.ends
            again = choices.whole(0, _MOST_MORE)
            seen += [moment.began, *(look(choices, life, moment.status) for _ in range(again))]
            if moment.status == life.cycle.works_in:
                seen += [moment.began + (ends - moment.began) / 2, ends - MICROSECOND]
    return tuple(sorted(seen))


def _length(choices: Choices, least: int) -> timedelta:
    """How long a phase lasts: no time at all now and then, unless it is to be seen."""
    unit = choices.pick(_UNITS)
    lasts = choices.whole(1, _MOST_OF_A_UNIT) * unit
    if least == 0 and choices.chance(15):
        lasts = 0
    return lasts * MICROSECOND


@lru_cache(maxsize=64)
def orders(cycle: LifeCycle) -> tuple[tuple[str, ...], ...]:
    """Every order in which a life of this cycle can go, the longest first."""
    return tuple(sorted(_orders(cycle, cycle.initial), key=len, reverse=True))


def _orders(cycle: LifeCycle, status: str) -> Iterator[tuple[str, ...]]:
    if status in cycle.terminal:
        yield (status,)
    for after in cycle.statuses:  # in the order of the table, which a set has not
        if after in cycle.successors[status]:
            yield from ((status, *rest) for rest in _orders(cycle, after))
