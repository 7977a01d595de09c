"""Which sandbox a request names, by its path, its header or its token."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes

from mockserver.core.exchange import Kind, Violation
from mockserver.problems import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.core.exchange import Request

DEFAULT = "default"
"""The sandbox of requests that name none."""

PREFIX = "/sandbox/"
HEADER = "X-Mock-Sandbox"
_HEADER = HEADER.lower()
TOKEN = "sbx_"  # noqa: S105 the start of a name, and no secret
LONGEST_NAME = 1_000
"""Characters of a name: the ids of parametrized tests grow long, but not longer."""

_BEARER = re.compile(rf"(?i:bearer) +{TOKEN}(\S*) *")


def prefix_of(name: str) -> str:
    """What stands before the paths of a sandbox that has this name; nothing for the default one."""
    return "" if name == DEFAULT else PREFIX + quote(name, safe="")


def split_path(
    path: str, is_route: Callable[[str], bool], is_known: Callable[[str], bool]
) -> tuple[str | None, str]:
    """The sandbox that a decoded path names, and the path within it.

    Not every server tells whether a slash of the path was sent as %2F, and names may hold
    slashes. So the name ends where a path begins that somebody answers; where there is no such
    place, with the longest name that is known; else at the first slash.
    """
    if not path.startswith(PREFIX):
        return None, path
    below = path[len(PREFIX) :]
    ends = [at for at, character in enumerate(below) if character == "/"] or [len(below)]
    ends = ends[: LONGEST_NAME + 1]
    at = next((end for end in ends if is_route(below[end:])), None)
    if at is None:
        at = next((end for end in reversed(ends) if is_known(below[:end])), ends[0])
    return below[:at], below[at:] or "/"


def named_by(request: Request) -> str | None:
    """The name of the sandbox that a request is for, or None where it names none.

    Raises:
        RefusedError: 400 for what no name can be, 409 where two ways of naming disagree.
    """
    header = request.headers.get(_HEADER)
    token = _BEARER.fullmatch(request.headers.get("authorization", ""))
    if request.sandbox is None and header is None and token is None:
        return None
    ways = {"path": request.sandbox, "header": None, "token": None}
    if header is not None:
        ways["header"] = _decoded(header)
    if token:
        ways["token"] = _decoded(token[1])
    names = {way: name for way, name in ways.items() if name is not None}
    for way, name in names.items():
        if any("\ud800" <= character <= "\udfff" for character in name):
            raise _refused(way, "a name in percent-encoded UTF-8", "other bytes")
        if not 1 <= len(name) <= LONGEST_NAME:
            raise _refused(way, f"a name of 1 to {LONGEST_NAME} characters", f"{len(name)} of them")
    if len(set(names.values())) > 1:
        told = ", ".join(f"the {way} names {name[:60]!r}" for way, name in names.items())
        detail = f"one sandbox was expected, but {told}"
        raise RefusedError(409, detail, hint=detail)
    return next(iter(names.values()), None)


def _decoded(text: str) -> str:
    """A percent-encoded name; WSGI carries the bytes of a header as Latin-1, which they may be."""
    raw = unquote_to_bytes(text.strip().encode("latin-1", "replace"))
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _refused(place: str, expected: str, found: str) -> RefusedError:
    violation = Violation(f"the sandbox named by the {place}", expected, found, Kind.PARAMETER)
    return RefusedError(400, str(violation), violations=(violation,))
