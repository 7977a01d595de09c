"""How an API writes instants, as data."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import overload

from mockserver.core.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class TimeFormat:
    """ISO 8601 in UTC.

    Attributes:
        fractions: whether microseconds are written; whole seconds are rounded down.
        zone: what stands for UTC at the end; empty where an API leaves the zone out.
    """

    fractions: bool
    zone: str

    @overload
    def write(self, instant: datetime) -> str: ...
    @overload
    def write(self, instant: None) -> None: ...
    @overload
    def write(self, instant: datetime | None) -> str | None: ...
    def write(self, instant: datetime | None) -> str | None:
        """An instant as a text; what is unset stays None."""
        if instant is None:
            return None
        told = instant if instant.tzinfo is UTC else instant.astimezone(UTC)
        text = told.isoformat(timespec="microseconds" if self.fractions else "seconds")
        return text.removesuffix("+00:00") + self.zone


def read_time(text: str | None) -> datetime | None:
    """The instant that a text of any of these formats means; without a zone it is in UTC."""
    if text is None:
        return None
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
