"""Bearer tokens (RFC 6750): asked for, told apart, and never shown whole."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from functools import lru_cache
from typing import TYPE_CHECKING

from mockserver.core.exchange import Client, Kind, Request, Violation
from mockserver.problems import RefusedError
from mockserver.selection import TOKEN

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_USER_AGENT = 200
_LONGEST_KNOWN = 500
"""Characters of credentials that may be remembered."""

SECRET = frozenset(
    {"authorization", "proxy-authorization", "cookie", "x-api-key", "x-mock-control-token"}
)
_SCHEMES = frozenset({"bearer", "basic", "digest", "token"})
_BEARER = re.compile(r"(?i:bearer) +(\S+) *")
_KEY = secrets.token_bytes(32)
"""Of this process alone: without it a mark says nothing about what it was made of."""


def require_token(request: Request, known: Sequence[str], wrong: int) -> str:
    """Let a request with a known token pass; without known tokens any non-empty one is known.

    `wrong` is the status that an unknown token gets.

    Raises:
        RefusedError: 401, telling a missing header, a malformed and a wrong one apart.
    """
    header = request.headers.get("authorization")
    if header is None:
        raise _refused(401, "Bearer and a token", "no such header", "Bearer")
    given = _BEARER.fullmatch(header)
    if given is None:
        scheme = header.strip().split(" ", 1)[0].lower()
        found = "no single token after it" if scheme == "bearer" else "another scheme"
        found = found if scheme else "an empty header"
        raise _refused(401, "Bearer and a token", found, 'Bearer error="invalid_request"')
    token = given[1].encode("latin-1", "replace")  # as WSGI carries the bytes of a header
    if known and not any(hmac.compare_digest(token, one.encode()) for one in known):
        expected = "a token this server was started with (--token)"
        raise _refused(wrong, expected, "another token", 'Bearer error="invalid_token"')
    return token.decode(errors="replace")


def _refused(status: int, expected: str, found: str, challenge: str) -> RefusedError:
    violation = Violation("header Authorization", expected, found, Kind.SECURITY)
    headers = (("WWW-Authenticate", challenge),) if status == 401 else ()  # noqa: PLR2004 RFC 9110, 11.6.1
    return RefusedError(status, str(violation), headers=headers, violations=(violation,))


def without_secrets(request: Request) -> Request:
    """The request with its credentials shortened to what tells two apart."""
    if SECRET.isdisjoint(request.headers):
        return request
    headers = {
        name: _shortened(value) if name in SECRET else value
        for name, value in request.headers.items()
    }
    r = request
    return Request(r.method, r.path, r.query, headers, r.body, r.sandbox)


def client_of(request: Request) -> Client:
    """Who sent a request that still has its secrets.

    A token that names a sandbox says where it leads and not who came: all of them look the same.
    """
    agent = request.headers.get("user-agent", "")[:LONGEST_USER_AGENT] or None
    credentials = request.headers.get("authorization", "")
    if len(credentials) > _LONGEST_KNOWN:
        return _client(agent, credentials)
    return _known_client(agent, credentials)


def _client(agent: str | None, credentials: str) -> Client:
    _, token = _parted(credentials)
    if not token:
        return Client(user_agent=agent)
    if token.startswith(TOKEN):
        return Client(f"{TOKEN}...", agent, _mark(TOKEN))
    return Client(_start(token), agent, _mark(token))


_known_client = lru_cache(maxsize=1_000)(_client)
"""The same, remembering who came: to hash a token takes longer than to look it up."""


def _mark(token: str) -> str:
    raw = token.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(raw, key=_KEY, digest_size=8).hexdigest()


def _shortened(credentials: str) -> str:
    scheme, token = _parted(credentials)
    return f"{scheme} {_start(token)}" if scheme else _start(token)


def _parted(credentials: str) -> tuple[str, str]:
    """A known scheme and its token; who sends a bare token has put it where a scheme stands."""
    scheme, _, rest = credentials.partition(" ")
    if scheme.lower() in _SCHEMES:
        return scheme, rest.strip()
    return "", credentials.strip()


def _start(token: str) -> str:
    start = token[:4] if len(token) > 8 else ""  # noqa: PLR2004 half of a token at the most
    return f"{start}..."
