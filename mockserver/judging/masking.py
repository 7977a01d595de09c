"""Secrets that recorded traffic holds, and texts without them.

What is told of an exchange never quotes its headers or its query. A secret may stand elsewhere all
the same, in a body that repeats it for one; so every text passes here before it is told.
"""

from __future__ import annotations

import json
import re
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from mockserver.tokens import SECRET

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mockserver.judging.entry import Entry

MASK = "[secret]"
_SHORTEST = 6
"""Characters of the shortest secret that is looked for; shorter ones stand within other words."""

_TELLING = 8
"""Characters by which the beginning of a secret gives it away, where a text was cut."""

_NAMED = re.compile(
    r"(?i)(token|secret|passw|api[-_]?key|apikey|access[-_]?key|^key$|^code$|auth|signature|^sig$|"
    r"session|credential|jwt)"
)
_CUT = "…"
"""Stands where a text was cut, as `shortened` writes it; one may end without it, too."""

_CHALLENGE = "www-authenticate"
_SET_COOKIE = "set-cookie"
_PARTS = re.compile(r"[\s;,]+")


class Mask:
    """Takes secrets out of texts."""

    def __init__(self, entries: Iterable[Entry], others: Iterable[str] = ()) -> None:
        """Learn every secret that these entries hold, and these others."""
        every = chain(others, (secret for entry in entries for secret in _secrets(entry)))
        found = {form for secret in every for form in _forms(secret)}
        self._starts: dict[str, list[str]] = {}
        for secret in sorted(found, key=len, reverse=True):
            if len(secret) >= _SHORTEST:
                self._starts.setdefault(secret[:_TELLING], []).append(secret)
        starts = sorted(self._starts, key=len, reverse=True)
        self._search = re.compile("|".join(map(re.escape, starts))) if starts else None

    def __call__(self, text: str) -> str:
        """The text, with every secret in it, or the beginning of one that was cut, masked."""
        if self._search is None:
            return text
        told, at = "", 0
        while match := self._search.search(text, at):
            secrets = self._starts[match[0]]
            end = max(_end(secret, text, match.start()) for secret in secrets)
            told += text[at : match.start()] + (MASK if end else text[match.start()])
            at = end or match.start() + 1
        return told + text[at:]


def _end(secret: str, text: str, start: int) -> int:
    """Where a secret ends that begins there, whole or cut; 0 where it is another word."""
    if text.startswith(secret, start):
        return start + len(secret)
    rest = text[start:].removesuffix('"')
    cut = rest.partition(_CUT)[0]
    return start + len(cut) if secret.startswith(cut) else 0


def _secrets(entry: Entry) -> Iterator[str]:
    request = entry.request
    for name, value in request.headers.items():
        if name in SECRET or _NAMED.search(name):
            yield from _parts(value)
    for name, value in entry.response.headers:
        named = _NAMED.search(name) and name.lower() != _CHALLENGE
        if named or name.lower() == _SET_COOKIE:
            yield from _parts(value.partition(";")[0])
    for name, value in request.query:
        if _NAMED.search(name):
            yield value
    yield from entry.hidden


def _parts(value: str) -> Iterator[str]:
    """A header's value, and what in it may be a secret alone: a token, what a cookie holds."""
    yield value
    for part in _PARTS.split(value):
        name, equals, held = part.partition("=")
        yield from (part, held) if equals and held else (name,)


_HARMLESS = frozenset({"bearer", "basic", "digest", "token"})


def _forms(secret: str) -> Iterator[str]:
    """A secret as it may be written elsewhere; of one that was cut already, nothing."""
    if secret.lower() in _HARMLESS or secret.endswith("..."):
        return
    yield secret
    yield unquote(secret)
    yield quote(secret, safe="", errors="replace")
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
