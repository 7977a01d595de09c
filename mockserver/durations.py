"""Durations as people write them: digits with a unit, one or several, as in 1m30s."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

from mockserver.core.plain import shortened

_PART = re.compile(r"(\d++(?:\.\d++)?)(ms|s|m|h|d)", re.ASCII)
_WHOLE = re.compile(f"(?:{_PART.pattern})+", re.ASCII)
_MICROSECONDS = {
    "ms": 1_000,
    "s": 1_000_000,
    "m": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
}
_MOST_DIGITS = 20
"""Digits of the most microseconds that dates can carry; far longer numbers take long to reckon."""


def parse_duration(text: str) -> timedelta:
    """The duration a text stands for; a leading minus makes it negative.

    Raises:
        ValueError: a part without a unit, or a duration longer than dates can carry.
    """
    unsigned, found = text.removeprefix("-"), repr(shortened(text))
    if not _WHOLE.fullmatch(unsigned):
        raise ValueError(f"expected a duration with units, as in 2s or 1m30s, found {found}")
    try:
        parts = _PART.findall(unsigned)
        span = timedelta(microseconds=sum(_microseconds(*part) for part in parts))
    except OverflowError:
        raise ValueError(f"expected a duration that dates can carry, found {found}") from None
    return -span if text.startswith("-") else span


def _microseconds(number: str, unit: str) -> int:
    if len(number.partition(".")[0].lstrip("0")) > _MOST_DIGITS:
        raise OverflowError
    return int(Decimal(number) * _MICROSECONDS[unit])


def format_duration(span: timedelta) -> str:
    """The shortest such text for a duration; parsing it gives the duration back, to the ms."""
    total = abs(span) // timedelta(milliseconds=1)
    parts = []
    for unit in ("d", "h", "m", "s", "ms"):
        count, total = divmod(total, _MICROSECONDS[unit] // 1000)
        if count:
            parts.append(f"{count}{unit}")
    return "-" * (span < timedelta() and bool(parts)) + ("".join(parts) or "0s")
