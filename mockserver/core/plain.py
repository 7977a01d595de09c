"""Text for a person's screen: in one line, and short."""

from __future__ import annotations

_LONGEST = 60
_LONGEST_OF_A_VALUE = 80


def plain(line: str) -> str:
    """A line that forges no other and steers no terminal, whatever somebody has put into it."""
    if line.isprintable():  # as most are
        return line
    return "".join(c if c.isprintable() else "?" for c in line)


def shortened(text: str) -> str:
    """A text, short enough to read in a line."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def represented(value: object) -> str:
    """A value as Python writes it, cut where it is long; some integers it does not write."""
    try:
        return repr(value)[:_LONGEST_OF_A_VALUE]
    except ValueError:
        return "a number of more than 4,300 digits"
