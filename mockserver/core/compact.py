"""Mappings that take less memory where there are a great many with the same keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class _Holder:
    """Its instances' mappings share their keys (PEP 412), which saves more than half of each."""


def compact(facts: Mapping[str, object]) -> dict[str, object]:
    """The same mapping, in less memory where others have the same keys in the same order."""
    holder = _Holder()
    for name, value in facts.items():
        setattr(holder, name, value)
    return vars(holder)
