"""Cross-origin headers: on every answer, or a browser hides our good message from its page.

Those of the control API are for pages that the server was told of: it steers, and any page in
the developer's browser can reach what listens on the same machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_EXPOSED = "Retry-After, Allow, Content-Disposition, WWW-Authenticate, x-oxen-request-id"
_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"


def is_preflight(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a browser asks whether it may ask."""
    return (
        method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers
    )


def cors_headers(
    method: str, headers: Mapping[str, str], answered: Iterable[str]
) -> list[tuple[str, str]]:
    """The headers for an answer to this request, which itself carries these header names.

    The origin and the headers it asks for are echoed, `sentry-trace` too: a page that
    instruments its requests must not be told that its own tracing is the mistake.
    """
    return _opened(method, headers, headers.get("origin"), answered)


def control_cors_headers(
    method: str, headers: Mapping[str, str], origin: str | None, answered: Iterable[str]
) -> list[tuple[str, str]]:
    """The headers for an answer of the control API; `origin` is the request's, if it is allowed.

    Any other page in the developer's own browser can neither read what was answered nor, as
    its preflights come to nothing, send what the control API takes.
    """
    return _opened(method, headers, origin, answered) if origin else [("Vary", "Origin")]


def opened_to(origin: str | None, answered: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """What lets a page of this origin read an answer with these headers, or without it any page."""
    own = sorted({name for name in answered if name.lower().startswith("x-mock-")})
    found = (
        ("Access-Control-Allow-Origin", origin or "*"),
        ("Access-Control-Expose-Headers", ", ".join([_EXPOSED, *own])),
        ("Vary", "Origin"),
    )
    return (*found, ("Access-Control-Allow-Credentials", "true")) if origin else found


def _opened(
    method: str, headers: Mapping[str, str], origin: str | None, answered: Iterable[str]
) -> list[tuple[str, str]]:
    """What lets a page of this origin read the answer, or where there is none, any page."""
    found = [*opened_to(origin, tuple(answered))]
    if is_preflight(method, headers):
        found.append(("Access-Control-Allow-Methods", _METHODS))
        found.append(("Access-Control-Max-Age", "600"))
        if asked := headers.get("access-control-request-headers"):
            found.append(("Access-Control-Allow-Headers", asked))
    return found
