"""The formats of texts that contracts name and that are read here, for libraries differ in them."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache

_DATE_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)", re.ASCII
)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)


def is_date_time(value: object) -> bool:
    """Whether a text is a date-time of RFC 3339, with its offset; other types pass."""
    if not isinstance(value, str):
        return True
    found = _DATE_TIME.fullmatch(value)
    return found is not None and _is_in_the_calendar(found[1], found[2])


@lru_cache(maxsize=1_000)
def _is_in_the_calendar(day: str, time: str) -> bool:
    """Whether there is such a second, told as 2026-03-01 and 12:00:00."""
    try:
        datetime.fromisoformat(f"{day}T{time[:6]}{min(int(time[6:]), 59):02}")
    except ValueError:
        return False
    return int(time[6:]) < 60 or time.endswith(":59:60")  # noqa: PLR2004 a leap second is legal


def is_uuid(value: object) -> bool:
    """Whether a text is a uuid in its usual form (RFC 9562); other types pass."""
    return not isinstance(value, str) or _UUID.fullmatch(value) is not None
