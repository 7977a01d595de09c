"""Choices that Hypothesis makes, and shrinks."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from mockserver.dynamic.choices import Choices

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy


_A_FEW = 256


class Drawing(Choices):
    """The choices of one example."""

    def __init__(self, draw: DrawFn) -> None:
        """Make them by this function, as composite strategies get it."""
        self._draw = draw

    def whole(self, least: int, most: int) -> int:
        """See `Choices`."""
        return self._draw(_range(least, most))


@lru_cache(maxsize=4_096)
def _range(least: int, most: int) -> SearchStrategy[int]:
    """Made once: Hypothesis spends more on making a strategy than on drawing from it.

    `integers` draws the least of a few numbers more often than all others together.
    """
    if most - least < _A_FEW:
        return st.sampled_from(range(least, most + 1))
    return st.integers(least, most)
