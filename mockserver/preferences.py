"""What a client prefers of one answer: the Prefer header (RFC 7240)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST_NAME = 40


class UnreadablePreferenceError(ValueError):
    """A preference this server knows, with a value it cannot have; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What was preferred.

    Attributes:
        code: answer with this status, or None.
        example: follow the fixture of this name, or None.
        unknown: names of preferences that this server does not know.
    """

    code: int | None = None
    example: str | None = None
    unknown: tuple[str, ...] = ()


def read_preferences(header: str, askable: Sequence[int]) -> Preferences:
    """Read a Prefer header; of a repeated preference the first counts, as RFC 7240 asks.

    `askable` are the codes that may be preferred.

    Raises:
        UnreadablePreferenceError: a known preference with an impossible value.
    """
    given: dict[str, str] = {}
    for element in _split(header, ","):
        preference, *_parameters = _split(element, ";")
        name, _, word = preference.partition("=")
        given.setdefault(name.strip().lower()[:_LONGEST_NAME], _unquoted(word.strip()))
    code = given.pop("code", None)
    example = given.pop("example", None)
    if code is not None and code not in {str(known) for known in askable}:
        known_codes = ", ".join(str(known) for known in askable)
        raise UnreadablePreferenceError(f"code: expected one of {known_codes}, found {code[:40]!r}")
    if example == "":
        raise UnreadablePreferenceError("example: expected the name of a fixture, found nothing")
    return Preferences(int(code) if code else None, example, tuple(name for name in given if name))


def _split(text: str, separator: str) -> list[str]:
    """The parts between separators, but for those inside a quoted string (RFC 9110, 5.6.4)."""
    parts, start, quoted, escaped = [], 0, False, False
    for index, character in enumerate(text):
        if escaped:
            escaped = False
        elif character == '"':
            quoted = not quoted
        elif quoted:
            escaped = character == "\\"
        elif character == separator:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]


def _unquoted(word: str) -> str:
    if len(word) < len('""') or not (word.startswith('"') and word.endswith('"')):
        return word
    return re.sub(r"\\(.)", r"\1", word[1:-1])
