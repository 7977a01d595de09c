"""What a client prefers of one answer: the Prefer header (RFC 7240)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from mockserver.core.dataclass import dataclass
from mockserver.moods import MOODS, Mood

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST_NAME = 40
_SEED = re.compile(r"[A-Za-z0-9._~:/+-]{1,100}", re.ASCII)


class UnreadablePreferenceError(ValueError):
    """A preference this server knows, with a value it cannot have; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What was preferred.

    Attributes:
        code: answer with this status, or None.
        example: follow the fixture of this name, or None.
        dynamic: draw the answer in this mood; False for not at all, whatever else says so, and
            None where nothing is preferred.
        seed: draw it from this, or None.
        unknown: names of preferences that this server does not know.
    """

    code: int | None = None
    example: str | None = None
    dynamic: Mood | Literal[False] | None = None
    seed: str | None = None
    unknown: tuple[str, ...] = ()


NOTHING_PREFERRED = Preferences()


def read_preferences(header: str, askable: Sequence[int]) -> Preferences:
    """Read a Prefer header; of a repeated preference the first counts, as RFC 7240 asks.

    `askable` are the codes that may be preferred.

    Raises:
        UnreadablePreferenceError: a known preference with an impossible value.
    """
    if not header:
        return NOTHING_PREFERRED
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
    return Preferences(
        code=int(code) if code else None,
        example=example,
        dynamic=_mood(given.pop("dynamic", None)),
        seed=_seed(given.pop("seed", None)),
        unknown=tuple(name for name in given if name),
    )


def _mood(word: str | None) -> Mood | Literal[False] | None:
    """The mood that a word means; none, and `true` as other mocks have it, is strict."""
    if word is None:
        return None
    word = word.lower()
    if word == "false":
        return False
    if word in {"", "true"}:
        return Mood.STRICT
    if word not in MOODS:
        known = ", ".join((*MOODS, "true", "false"))
        raise UnreadablePreferenceError(f"dynamic: expected one of {known}, found {word[:40]!r}")
    return Mood(word)


def _seed(word: str | None) -> str | None:
    if word is not None and not _SEED.fullmatch(word):
        raise UnreadablePreferenceError(
            f"seed: expected 1 to 100 letters, digits and any of . _ ~ : / + -, found {word[:40]!r}"
        )
    return word


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
