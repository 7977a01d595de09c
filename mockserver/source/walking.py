"""A walk through plain values, without recursion."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.source.source import Path


def walk(value: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every value inside a value, itself first, with its path of keys and indices."""
    ahead = [(path, value)]
    while ahead:
        path, value = ahead.pop()
        yield path, value
        if isinstance(value, dict):
            ahead += [((*path, key), inner) for key, inner in reversed(value.items())]
        elif isinstance(value, list):
            last = len(value) - 1
            ahead += [((*path, last - n), inner) for n, inner in enumerate(reversed(value))]
