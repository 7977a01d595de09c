"""Whether two JSON values are the same: to Python, 1 is true."""

from __future__ import annotations


def same(one: object, other: object) -> bool:
    """Whether two values are the same, whatever the order of their keys; 1 and 1.0 are."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other
