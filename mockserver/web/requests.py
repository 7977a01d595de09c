"""Flask's request into our own."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from flask import request as flask_request

from mockserver.core.exchange import Request
from mockserver.problems import RefusedError
from mockserver.web.headers import headers_in
from mockserver.web.sandboxed import ROOT, SANDBOX


def read_request(body: bytes) -> Request:
    """The request that Flask is handling, with this body."""
    environ = flask_request.environ
    has_query = bool(environ.get("QUERY_STRING"))
    return Request(
        method=environ["REQUEST_METHOD"],  # as sent: `get` is not GET (RFC 9110, 9.1)
        path=path_of(),
        query=tuple(flask_request.args.items(multi=True)) if has_query else (),
        headers=headers_in(environ),
        body=body,
        sandbox=environ.get(SANDBOX),
    )


def path_of() -> str:
    """The path as it was sent, decoded; werkzeug's own lacks empty segments at the start."""
    raw: str = flask_request.environ.get("PATH_INFO", "")
    return raw.encode("latin-1", "replace").decode(errors="replace") or "/"


def headers_of() -> dict[str, str]:
    """The headers by lower-case name."""
    return headers_in(flask_request.environ)


def base_url() -> str:
    """The URL of the server as the client reaches it, without a sandbox and a final slash."""
    environ = flask_request.environ
    mounted: str = environ[ROOT] if SANDBOX in environ else environ.get("SCRIPT_NAME", "")
    return flask_request.host_url.rstrip("/") + mounted.rstrip("/")


def refuse_broken_path() -> None:
    """WSGI carries the path's bytes as Latin-1; bytes that are no UTF-8 name nothing.

    Some servers replace such bytes before; these also hand over the path as it was sent.

    Raises:
        RefusedError: 400.
    """
    environ = flask_request.environ
    try:
        environ.get("PATH_INFO", "").encode("latin-1").decode()
        environ.get(SANDBOX, "").encode()
        unquote_to_bytes(environ.get("RAW_URI", "").partition("?")[0].encode("latin-1")).decode()
    except UnicodeError:
        raise RefusedError(400, "path: expected percent-encoded UTF-8, found other bytes") from None
