"""Virtual time as arithmetic: a base instant plus real time at a rate. It never goes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from mockserver.core.dataclass import dataclass
from mockserver.core.errors import MockserverError

FASTEST = 86_400.0
"""The highest rate, a day a second: faster than any test needs, slow enough for the calendar."""
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)
"""Where virtual time stops: the longest life still ends inside the calendar."""


class ClockError(MockserverError, ValueError):
    """A clock that could run backwards, or off the calendar."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Virtual time is `base` at the real reading `anchor` and moves `rate` times as fast since.

    Real readings are nanoseconds of a monotonic clock and are always passed in.

    Attributes:
        base: the virtual instant at the anchor, aware, in UTC.
        anchor: the real reading at the base, in nanoseconds.
        rate: virtual seconds per real second: 1 real, 0 frozen, 60 fast.
    """

    base: datetime
    anchor: int
    rate: float = 1.0

    def __post_init__(self) -> None:
        """Refuse a clock that could go back or starts outside the calendar's useful part."""
        if self.base.tzinfo is not UTC:  # a zone that is UTC only in winter would go back in spring
            raise ClockError(f"the clock's base: expected an instant in UTC, found {self.base}")
        if not EARLIEST <= self.base <= LATEST:
            raise ClockError(
                f"the clock's base: expected {EARLIEST:%Y-%m-%d} to {LATEST:%Y-%m-%d}, "
                f"found {self.base:%Y-%m-%d}"
            )
        if not 0 <= self.rate <= FASTEST:
            raise ClockError(f"the clock's rate: expected 0 to {FASTEST:.0f}, found {self.rate}")

    def now(self, real: int) -> datetime:
        """The virtual instant at a real reading, at most `LATEST`.

        A reading from before the anchor counts as the anchor.
        """
        if real <= self.anchor:
            return self.base
        spent = int((real - self.anchor) * self.rate) // 1000
        try:
            instant = self.base + timedelta(microseconds=spent)
        except OverflowError:  # further than any calendar goes
            return LATEST
        return min(instant, LATEST)

    def advance(self, by: timedelta) -> Clock:
        """The same clock, `by` further on at every reading.

        Raises:
            ClockError: `by` is negative, or leads past `LATEST`.
        """
        if by < timedelta():
            raise ClockError(f"advance: expected a duration of 0s or more, found {by}")
        if by > LATEST - self.base:
            raise ClockError(f"advance: expected to stay before {LATEST:%Y}, found {by}")
        return replace(self, base=self.base + by)

    def at_rate(self, rate: float, real: int) -> Clock:
        """The same clock, moving at `rate` from this reading on."""
        return Clock(self.now(real), max(real, self.anchor), rate)
