"""Serve an app under a path prefix, as a proxy that strips nothing would have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

OUTSIDE = "mockserver.outside"
"""Set to the prefix in the environ of a request that was sent outside of it."""


def under_prefix(app: WSGIApplication, prefix: str) -> WSGIApplication:
    """The same app below `prefix`; it tells any other path where it is."""

    def prefixed(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == prefix or path.startswith(f"{prefix}/"):
            below = {
                "SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + prefix,
                "PATH_INFO": path[len(prefix) :] or "/",
            }
            return app({**environ, **below}, start_response)
        return app({**environ, OUTSIDE: prefix}, start_response)

    return prefixed
