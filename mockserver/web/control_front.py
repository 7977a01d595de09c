"""The short way to the control API: plain looks past Flask, which has everything else.

Whoever waits for a server asks whether it is up, and a test looks at the clock before it moves it;
neither should have to wait until Flask has been imported.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from mockserver.core.exchange import Request
from mockserver.problems import RefusedError
from mockserver.web.cors import control_cors_headers
from mockserver.web.headers import headers_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from mockserver.control.control import Control
    from mockserver.core.exchange import Response
    from mockserver.guard import Guard

_OK = 200
_LOOKS = {"/_mock/health", "/_mock/clock", "/_mock/report"}
"""What is looked at most, and never tells the server's own URL, which Flask makes out."""


class ControlFront:
    """A WSGI app that makes and asks the Flask app where a request is no plain look."""

    def __init__(
        self, control: Control, guard: Guard, make_app: Callable[[], WSGIApplication]
    ) -> None:
        """Make no app yet."""
        self._control = control
        self._guard = guard
        self._make_app = make_app
        self._app: WSGIApplication | None = None
        self._making = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        if _is_plain(environ):
            headers = headers_in(environ)
            request = Request("GET", environ["PATH_INFO"], (), headers)
            response = self._looked(request, environ)
            if response is not None:
                origin = self._guard.allowed_origin(request)
                names = [name for name, _ in response.headers]
                opened = control_cors_headers("GET", headers, origin, names)
                sized = ("Content-Length", str(len(response.body)))
                start_response("200 OK", [*response.headers, sized, *opened])
                return [response.body]
        return self.whole()(environ, start_response)

    def _looked(self, request: Request, environ: WSGIEnvironment) -> Response | None:
        """The answer to a look, or None where it did not come to one: it can be asked again."""
        try:
            self._guard.check(request, environ.get("REMOTE_ADDR", ""))
        except RefusedError:
            return None
        response = self._control.answer(request, "")
        return response if response.status == _OK else None

    def whole(self) -> WSGIApplication:
        """The Flask app."""
        with self._making:
            if self._app is None:
                self._app = self._make_app()
            return self._app


def _is_plain(environ: WSGIEnvironment) -> bool:
    return (
        environ["REQUEST_METHOD"] == "GET"
        and environ["PATH_INFO"] in _LOOKS
        and not environ.get("QUERY_STRING")
        and not environ.get("SCRIPT_NAME")
        and "HTTP_TRANSFER_ENCODING" not in environ
        and environ.get("CONTENT_LENGTH", "") in {"", "0"}
    )
