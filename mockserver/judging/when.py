"""The instant of a recorded answer, by the clock of whoever answered, as exactly as it is known.

The recorder's clock and the server's may differ by minutes. This mock says its own virtual instant
in X-Mock-Now; other servers say theirs in Date, to the second (RFC 9110, 6.6.1), as they begin to
answer. Where neither stands there, the recorder's clock has to do.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from mockserver.core.clock import EARLIEST, LATEST
from mockserver.core.dataclass import dataclass
from mockserver.instants import NoInstantError, read_instant

if TYPE_CHECKING:
    from mockserver.judging.entry import Entry

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class When:
    """When an answer was given.

    Attributes:
        stamp: what is said of it; by this answers are put in order.
        earliest: before this it did not look at what it tells.
        latest: after this it did not, either.
        is_theirs: whether the clock is the server's own.
    """

    stamp: datetime
    earliest: datetime
    latest: datetime
    is_theirs: bool


def when_of(entry: Entry) -> When:
    """When an entry's answer was given."""
    try:
        virtual = read_instant(entry.response.header("X-Mock-Now") or "")
    except NoInstantError:
        pass
    else:
        return When(virtual, virtual, virtual, is_theirs=True)
    taken = entry.ended - entry.started
    dated = _dated(entry.response.header("Date"))
    if dated is not None:
        return When(dated, dated - taken, dated + _SECOND, is_theirs=True)
    return When(entry.ended, entry.started, entry.ended + _SECOND, is_theirs=False)


def _dated(header: str | None) -> datetime | None:
    """The instant that a Date says, if it is one that a clock may show."""
    try:
        instant = parsedate_to_datetime(header or "").replace(tzinfo=UTC)  # it is GMT, by its form
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return instant if EARLIEST <= instant <= LATEST else None


def surely_before(one: Entry, other: Entry) -> bool:
    """Whether one answer was given before the other, whichever clock is asked.

    Answers overtake each other: one that was still on its way when the other was asked for may
    tell of what was before or after it.
    """
    first, second = when_of(one), when_of(other)
    if first.latest < second.earliest:
        return True
    return first.stamp <= second.stamp and one.ended <= other.started
