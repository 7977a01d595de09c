"""Where an answer's choices come from: a seed, or whoever draws them one by one.

One generator serves both. What is asked for in a header is drawn from a seed, what a property is
tested with is drawn by Hypothesis, which then shrinks it: so the simplest choice is always the
first one, and the smallest number.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

_HUNDRED = 100
_BYTES = 64
_SPARE_BITS = 64
"""Bits drawn beyond those that a range needs, so that no number of it is favoured."""

_ALPHABET = (
    *("abcdefghijklmnopqrstuvwxyz" + "ABCXYZ 0189"),
    *"_-.,:;!?/\\'\"<>&%{}[]()#@+=*$~^`|",
    *"äßéñøŁ",
    *"ΩЖअกあ漢한",
    *"אب\u202e\u200f",
    *("\u0301", "\u200d", "\ufeff", "\u00a0", "\u2028"),
    *("🐂", "👩‍🚀", "🏳️‍🌈", "🇳🇱", "\U0010ffff"),
    *("\t", "\n", "\r\n", "\x00", "\x1b", "\x7f"),
)
"""From the plain to what breaks layouts, parsers and fonts."""
_LONGEST = 12


class Choices(ABC):
    """A source of choices, each simplest first."""

    @abstractmethod
    def whole(self, least: int, most: int) -> int:
        """A whole number of this range, both ends included; the simplest is `least`."""

    def pick(self, options: Sequence[T]) -> T:
        """One of these, all of them equally likely; the simplest is the first."""
        return options[self.whole(0, len(options) - 1)] if len(options) > 1 else options[0]

    def chance(self, percent: int) -> bool:
        """Yes, so often; no is simpler."""
        return self.whole(0, _HUNDRED - 1) >= _HUNDRED - percent

    def text(self) -> str:
        """A short text of any characters that JSON can carry; the simplest is empty."""
        length = self.whole(0, _LONGEST)
        return "".join(self.pick(_ALPHABET) for _ in range(length))


class Seeded(Choices):
    """Choices that the same seed always makes, in every process and on every platform."""

    def __init__(self, seed: str) -> None:
        """Draw from this seed, which is any text."""
        self._key = hashlib.blake2b(seed.encode(errors="surrogatepass")).digest()
        self._count = 0
        self._left = b""

    def whole(self, least: int, most: int) -> int:
        """See `Choices`."""
        span = most - least + 1
        size = (span.bit_length() + _SPARE_BITS + 7) // 8
        return least + int.from_bytes(self._bytes(size)) % span

    def _bytes(self, size: int) -> bytes:
        while len(self._left) < size:
            count = self._count.to_bytes(8)
            self._left += hashlib.blake2b(count, key=self._key, digest_size=_BYTES).digest()
            self._count += 1
        taken, self._left = self._left[:size], self._left[size:]
        return taken
