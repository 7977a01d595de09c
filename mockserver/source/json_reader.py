"""JSON text into plain values, strictly: each key once, numbers finite, no bottomless depth."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import TYPE_CHECKING

from mockserver.core.errors import FlawedError
from mockserver.core.exchange import Kind, Violation
from mockserver.core.plain import shortened
from mockserver.source.source import DEEPEST, LARGEST_WHOLE, NOT_UNICODE, TOO_DEEP, is_unicode

if TYPE_CHECKING:
    from collections.abc import Iterator


def read_json(text: str, label: str) -> object:
    """Read a JSON document.

    Raises:
        JSONDecodeError: it is no JSON.
        FlawedError: it is, and cannot be read all the same.
    """
    flaws: list[Violation] = []

    def pairs(items: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(items)
        if len(found) < len(items):
            counts = Counter(name for name, _ in items)
            twice = ", ".join(sorted(name for name in counts if counts[name] > 1))
            told = f"{shortened(twice)} twice"
            flaws.append(Violation(label, "each key once", told, Kind.SOURCE))
        return found

    def whole(digits: str) -> int:
        if len(digits) <= LARGEST_WHOLE:
            return int(digits)
        expected = f"a number of at most {LARGEST_WHOLE} digits"
        flaws.append(Violation(label, expected, f"{len(digits)} digits", Kind.SOURCE))
        return 0

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_int=whole)
    except RecursionError:
        flaws.append(Violation(label, *TOO_DEEP, Kind.SOURCE))
    else:
        flaws += [Violation(label, *flaw, Kind.SOURCE) for flaw in _beyond_json(value)]
    if flaws:
        raise FlawedError(f"{label} cannot be read", flaws)
    return value


def _beyond_json(value: object) -> Iterator[tuple[str, str]]:
    """What Python's reader lets through: text that is not Unicode, infinities, any depth."""
    level, depth = [value], 1
    while level:
        within: list[object] = []
        for item in level:
            if isinstance(item, str) and not is_unicode(item):
                yield NOT_UNICODE
            elif isinstance(item, float) and not math.isfinite(item):
                yield "a number that JSON can carry", str(item)
            elif isinstance(item, dict):
                within += [*item, *item.values()]
            elif isinstance(item, list):
                within += item
        if depth > DEEPEST and any(isinstance(item, dict | list) for item in level):
            yield TOO_DEEP
            return
        level, depth = within, depth + 1
