"""Serve an app under a path prefix, as a proxy that strips nothing would have it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def under_prefix(app: WSGIApplication, prefix: str) -> WSGIApplication:
    """The same app below `prefix`; any other path is told where the app is."""

    def prefixed(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == prefix or path.startswith(f"{prefix}/"):
            below = {
                "SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + prefix,
                "PATH_INFO": path[len(prefix) :] or "/",
            }
            return app({**environ, **below}, start_response)
        told = {
            "error": {
                "type": "resource_not_found",
                "title": "The requested resource could not be found",
                "detail": f"this server was started with --prefix {prefix}; ask below that path",
            },
            "status": "error",
            "status_message": "resource_not_found",
        }
        body = json.dumps(told).encode()
        headers = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Access-Control-Allow-Origin", "*"),
        ]
        start_response("404 Not Found", headers)
        return [body]

    return prefixed
