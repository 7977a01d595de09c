"""The questions of a benchmark: those its fixture names, the rest made up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def question(benchmark: Mapping[str, Any], number: int) -> tuple[str, str]:
    """The question of this number, from 1, and its expected answer."""
    named = benchmark.get("questions", ())
    if number <= len(named):
        return named[number - 1]["question"], named[number - 1]["answer"]
    return f"What does section {number} say?", f"What stands in section {number}."
