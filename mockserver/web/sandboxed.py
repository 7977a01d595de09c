"""A sandbox in the path: /sandbox/NAME before any other one, for clients that know a base URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.selection import PREFIX, split_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

SANDBOX = "mockserver.sandbox"
"""Set in the environ to the name that the path begins with."""

ROOT = "mockserver.root"
"""Set beside it to the path that the app is mounted at, without the sandbox."""


def sandboxed(
    app: WSGIApplication, is_route: Callable[[str], bool], is_known: Callable[[str], bool]
) -> WSGIApplication:
    """The same app below /sandbox/NAME too, which it sees as a part of where it is mounted.

    `is_route` says whether somebody answers at a path, `is_known` whether a name is one of a
    sandbox: not every server tells which slashes of a path are part of a name.
    """

    def within(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        raw = environ.get("PATH_INFO", "")
        if not raw.startswith(PREFIX):
            return app(environ, start_response)
        # Bytes that are no UTF-8 go through as they are, to be refused with every other such path.
        path = raw.encode("latin-1").decode(errors="surrogateescape")
        name, below = split_path(path, is_route, is_known)
        rest = below.encode(errors="surrogateescape").decode("latin-1")
        mounted = environ.get("SCRIPT_NAME", "")
        seen = {
            "SCRIPT_NAME": mounted + raw.removesuffix(rest).rstrip("/"),
            "PATH_INFO": rest,
            SANDBOX: name,
            ROOT: mounted,
        }
        return app({**environ, **seen}, start_response)

    return within
