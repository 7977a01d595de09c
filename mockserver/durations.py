"""Durations as people write them: digits with a unit, one or several, as in 1m30s."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", re.ASCII)
_MICROSECONDS = {
    "ms": 1_000,
    "s": 1_000_000,
    "m": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
}


def parse_duration(text: str) -> timedelta:
    """The duration a text stands for; a leading minus makes it negative.

    Raises:
        ValueError: a part without a unit, or a duration longer than dates can carry.
    """
    unsigned = text.removeprefix("-")
    parts = _PART.findall(unsigned)
    if not parts or "".join(number + unit for number, unit in parts) != unsigned:
        raise ValueError(f"expected a duration with units, as in 2s or 1m30s, found {text!r}")
    total = sum(int(Decimal(number) * _MICROSECONDS[unit]) for number, unit in parts)
    try:
        span = timedelta(microseconds=total)
    except OverflowError:
        raise ValueError(f"expected a duration that dates can carry, found {text!r}") from None
    return -span if text.startswith("-") else span


def format_duration(span: timedelta) -> str:
    """The shortest such text for a duration; parsing it gives the duration back, to the ms."""
    total = abs(span) // timedelta(milliseconds=1)
    parts = []
    for unit in ("d", "h", "m", "s", "ms"):
        count, total = divmod(total, _MICROSECONDS[unit] // 1000)
        if count:
            parts.append(f"{count}{unit}")
    return "-" * (span < timedelta() and bool(parts)) + ("".join(parts) or "0s")
