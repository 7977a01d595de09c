"""Instants as the mock's own headers and documents write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


def instant_text(instant: datetime) -> str:
    """An instant in UTC, to the microsecond, so that nothing is lost."""
    return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")
