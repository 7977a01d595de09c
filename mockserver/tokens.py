"""Bearer tokens (RFC 6750): asked for, told apart, and never shown whole."""

from __future__ import annotations

import hmac
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from mockserver.core.exchange import Kind, Violation
from mockserver.problems import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockserver.core.exchange import Request

_BEARER = re.compile(r"(?i:bearer) +(\S+) *")


def require_token(request: Request, known: Sequence[str]) -> None:
    """Let a request with a known token pass; without known tokens any non-empty one is known.

    Raises:
        RefusedError: 401, telling a missing header, a malformed and a wrong one apart.
    """
    header = request.headers.get("authorization")
    if header is None:
        raise _unauthenticated("Bearer and a token", "no such header", "Bearer")
    given = _BEARER.fullmatch(header)
    if given is None:
        scheme = header.split(" ", 1)[0].lower()
        found = "no single token after it" if scheme == "bearer" else "another scheme"
        raise _unauthenticated("Bearer and a token", found, 'Bearer error="invalid_request"')
    token = given[1].encode()
    if known and not any(hmac.compare_digest(token, one.encode()) for one in known):
        expected = "a token this server was started with (--token)"
        raise _unauthenticated(expected, "another token", 'Bearer error="invalid_token"')


def _unauthenticated(expected: str, found: str, challenge: str) -> RefusedError:
    violation = Violation("header Authorization", expected, found, Kind.SECURITY)
    return RefusedError(
        401, str(violation), headers=(("WWW-Authenticate", challenge),), violations=(violation,)
    )


def without_secrets(request: Request) -> Request:
    """The request with its credentials shortened to what tells two apart."""
    if "authorization" not in request.headers:
        return request
    scheme, _, token = request.headers["authorization"].partition(" ")
    shortened = f"{scheme[:20]} {token[:4]}..." if len(token) > 8 else f"{scheme[:20]} ..."  # noqa: PLR2004 half of a token at the most
    return replace(request, headers={**request.headers, "authorization": shortened})
