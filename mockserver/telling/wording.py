"""Answers in words and columns, for a person."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from mockserver.durations import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockserver.client import shapes

NOTHING = "-"
"""Stands in a table where there is no value."""

_MODULES = re.compile(r"^(?:[A-Z]\w*\.)+")
_MILLISECOND = timedelta(milliseconds=1)


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    """Rows below headings, each column as wide as it must be; one line where there is no row."""
    if not rows:
        yield "none"
        return
    cells = [[*map(str, headings)], *([cell(value) for value in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        told = (f"{text:<{width}}" for text, width in zip(row, widths, strict=True))
        yield "  ".join(told).rstrip()


def facts(**values: object) -> Iterator[str]:
    """A line for each of these names with its value."""
    room = max(map(len, values))
    for name, value in values.items():
        yield f"{name.replace('_', ' '):<{room}}  {cell(value)}"


def cell(value: object) -> str:
    """A value as one cell shows it."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def instant(text: str) -> str:
    """An instant to the millisecond, and to the second where it is a whole one."""
    at = datetime.fromisoformat(text)
    precision = "milliseconds" if at.microsecond >= 1_000 else "seconds"  # noqa: PLR2004 of them
    return at.isoformat(timespec=precision).replace("+00:00", "Z")


def time_of_day(text: str) -> str:
    """An instant as the request log writes it."""
    return datetime.fromisoformat(text).isoformat(timespec="milliseconds")[11:23]


def distance(at: str, now: str) -> str:
    """How far an instant is from now, as in "in 3s" and "3s ago"."""
    away = datetime.fromisoformat(at) - datetime.fromisoformat(now)
    if abs(away) < _MILLISECOND:
        return "now"
    told = format_duration(abs(away))
    return f"in {told}" if away > timedelta() else f"{told} ago"


def written(path: str) -> str:
    """A path as a client writes it: percent-encoded, so it can be pasted and forges no line."""
    return quote(path, safe="/:@!$&'()*+,;=~{}", errors="backslashreplace")


def counted(count: int, noun: str) -> str:
    """A number of things."""
    plural = f"{noun}es" if noun.endswith("x") else f"{noun}s"
    return f"{count} {noun if count == 1 else plural}"


def pace(rate: float, *, step: bool) -> str:
    """How a clock goes."""
    known = {0.0: "frozen", 1.0: "as real time does"}
    told = known.get(rate, f"{rate:g} virtual seconds a second")
    return f"{told}; each look moves it to the next change" if step else told


def short(operation: str | None) -> str:
    """An operation without the modules that Phoenix puts before its name."""
    return NOTHING if operation is None else _MODULES.sub("", operation)


def line_of(exchange: shapes.Exchange) -> str:
    """An exchange in a line: its place, then what the request log says of it."""
    parts = [f"{exchange['seq']:>4}", time_of_day(exchange["now"]), str(exchange["code"])]
    parts += [exchange["method"], exchange["path"]]
    if exchange["status_seen"]:
        parts.append(f"[{exchange['status_seen']}]")
    told = [f"struck by {exchange['fault']}"] if exchange["fault"] else []
    told += [violation_of(violation) for violation in exchange["violations"]]
    if exchange["hint"]:
        told.append(f"hint: {exchange['hint']}")
    if told:
        parts += ["-", "; ".join(told)]
    return " ".join(parts)


def violation_of(violation: shapes.Violation | shapes.Broken) -> str:
    """A violation in a line."""
    told = f"{violation['place']}: expected {violation['expected']}, found {violation['found']}"
    advice = violation.get("advice")
    told = f"{told} ({advice})" if advice else told
    return f"{told} [as expected]" if violation.get("awaited") else told
