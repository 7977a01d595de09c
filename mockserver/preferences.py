"""What a client prefers of one answer: the Prefer header (RFC 7240)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mockserver.problems import ASKABLE

_PREFERENCE = re.compile(
    r"""\s*(?P<name>[^\s=;,"]+)\s*(?:=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s;,"]*)))?"""
    r"""(?:\s*;[^,"]*(?:"(?:[^"\\]|\\.)*"[^,"]*)*)?\s*(?:,|$)"""
)


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


def read_preferences(header: str) -> Preferences:
    """Read a Prefer header; of a repeated preference the first counts, as RFC 7240 asks.

    Raises:
        UnreadablePreferenceError: a known preference with an impossible value.
    """
    given: dict[str, str] = {}
    at = 0
    while at < len(header):
        found = _PREFERENCE.match(header, at)
        if found is None:
            given.setdefault(header[at:].strip()[:40], "")
            break
        quoted = found["quoted"]
        value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else (found["bare"] or "")
        given.setdefault(found["name"].lower(), value)
        at = found.end()
    code = given.pop("code", None)
    example = given.pop("example", None)
    if code is not None and code not in {str(known) for known in ASKABLE}:
        known_codes = ", ".join(str(known) for known in ASKABLE)
        raise UnreadablePreferenceError(f"code: expected one of {known_codes}, found {code[:40]!r}")
    if example == "":
        raise UnreadablePreferenceError("example: expected the name of a fixture, found nothing")
    return Preferences(int(code) if code else None, example, tuple(name for name in given if name))
