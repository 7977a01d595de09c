"""Instants as the mock's own headers and documents write them, and as they are read back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mockserver.core.clock import EARLIEST, LATEST
from mockserver.core.errors import MockserverError
from mockserver.core.plain import plain

_SECOND = timedelta(seconds=1)
_NOTHING = timedelta()


class NoInstantError(MockserverError, ValueError):
    """A date-time that is none of the calendar's useful part.

    Attributes:
        expected: what would be.
        found: what it is.
    """

    def __init__(self, found: str, earliest: datetime, latest: datetime) -> None:
        """Keep the facts."""
        self.expected = f"an instant of the years {earliest:%Y} to {latest:%Y}"
        self.found = plain(found[:60])
        super().__init__(f"expected {self.expected}, found {self.found}")


def instant_text(instant: datetime) -> str:
    """An instant in UTC, to the microsecond, so that nothing is lost."""
    return f"{instant.isoformat(timespec='microseconds')[:-6]}Z"


def read_instant(text: str, beyond: timedelta = _NOTHING) -> datetime:
    """The instant that a date-time of RFC 3339 means; a leap second is the second after it.

    It lies where a clock of ours can stand, or no further `beyond` that.

    Raises:
        NoInstantError: it does not, or is none.
    """
    whole = text.upper()
    day, time, rest = whole[:10], whole[11:19], whole[19:]
    leaps = time.endswith(":60")
    try:
        instant = datetime.fromisoformat(f"{day}T{time[:6]}59{rest}" if leaps else whole)
        instant = instant.astimezone(UTC) + (_SECOND if leaps else _NOTHING)
    except (ValueError, OverflowError):
        instant = None
    earliest, latest = EARLIEST - beyond, LATEST + beyond
    if instant is None or not earliest <= instant <= latest:
        raise NoInstantError(text, earliest, latest)
    return instant
