"""Virtual time as arithmetic: a base instant plus real time at a rate. It never goes back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from mockserver.core.errors import MockserverError

FASTEST = 86_400.0
"""The highest rate, a day a second: faster than any test needs, slow enough for the calendar."""


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
        """Refuse a clock that could go back or leave the calendar."""
        if self.base.utcoffset() != timedelta():
            raise ClockError(f"the clock's base: expected an instant in UTC, found {self.base}")
        if not 1970 <= self.base.year <= 2900:  # noqa: PLR2004 because the bounds are the message
            raise ClockError(
                f"the clock's base: expected a year from 1970 to 2900, found {self.base:%Y}"
            )
        if not 0 <= self.rate <= FASTEST:
            raise ClockError(f"the clock's rate: expected 0 to {FASTEST:.0f}, found {self.rate}")

    def now(self, real: int) -> datetime:
        """The virtual instant at a real reading; a reading from before the anchor counts as it."""
        spent = max(0, real - self.anchor)
        return self.base.astimezone(UTC) + timedelta(microseconds=int(spent * self.rate) // 1000)

    def advance(self, by: timedelta, real: int) -> Clock:
        """The same clock, moved forward by `by` at this reading.

        Raises:
            ClockError: `by` is negative, or leads off the calendar.
        """
        if by < timedelta():
            raise ClockError(f"advance: expected a duration of 0s or more, found {by}")
        try:
            there = self.now(real) + by
        except OverflowError:
            raise ClockError(f"advance: {by} leads beyond the calendar") from None
        return replace(self, base=there, anchor=max(real, self.anchor))

    def at_rate(self, rate: float, real: int) -> Clock:
        """The same clock, moving at `rate` from this reading on."""
        return Clock(self.now(real), max(real, self.anchor), rate)
