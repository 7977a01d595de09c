"""The headers of a request, out of the environ that WSGI puts them in (PEP 3333)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

_UNSENT = {"HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"}
"""What a client may send in their place, which is not them."""
_BARE = {"CONTENT_TYPE", "CONTENT_LENGTH"}
"""The headers that have no prefix, and are empty where they were not sent."""
_MOST = 1_000


class _Names(dict[str, str]):
    """The names of headers by their keys in an environ, and nothing for other keys.

    A client may send headers of any name, so only so many are remembered.
    """

    def __missing__(self, key: str) -> str:
        name = ""
        if key in _BARE or (key.startswith("HTTP_") and key not in _UNSENT):
            name = key.removeprefix("HTTP_").replace("_", "-").lower()
        if len(self) < _MOST:
            self[key] = name
        return name


_NAMES = _Names()


def headers_in(environ: WSGIEnvironment) -> dict[str, str]:
    """The headers by lower-case name."""
    named = _NAMES
    return {
        name: value
        for key, value in environ.items()
        if (name := named[key]) and (value or key not in _BARE)
    }
