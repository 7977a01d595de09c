"""The last step of an answer: into Flask's own, late or cut short where that is wanted."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from flask import Response as FlaskResponse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment

    from mockserver.core.exchange import Response


class CutShortError(ConnectionAbortedError):
    """Ends an answer in the middle of its body.

    It is a connection's error by kind, of which servers make no traceback: they take it that
    the client has gone.
    """


def sent(response: Response) -> FlaskResponse:
    """The answer as Flask sends it; where it is to be held back, this returns only then.

    A body that is to be cut is announced whole: the client reads its start, and then that the
    connection has ended too early. Flask's test client has no connection that could end; it
    raises `CutShortError` where the body is read.
    """
    if response.held > 0:
        time.sleep(response.held)
    answer = _flask_response(response)
    if response.header("Content-Type") is None:
        del answer.headers["Content-Type"]
    return answer


def _flask_response(response: Response) -> FlaskResponse:
    body, cut, headers = response.body, response.cut, list(response.headers)
    if cut is None or cut >= len(body):
        return FlaskResponse(body, response.status, headers)
    if cut == 0:  # granian would take that for an empty body; white space is nothing of JSON yet
        body, cut = b" " + body, 1
    answer = _CutShort(body[:cut], response.status, headers)
    # A body in chunks would just end, and nobody would notice that some of it is missing.
    answer.headers["Content-Length"] = str(len(body))
    return answer


def add_opening(answer: FlaskResponse, opened: Iterable[tuple[str, str]]) -> None:
    """Add what opens an answer to pages of other origins."""
    for name, value in opened:
        if name == "Vary":
            answer.vary.add(value)
        else:
            answer.headers[name] = value


class _CutShort(FlaskResponse):
    """The start of a body, in an answer that announces more of it."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Send the start and have the server end the connection."""
        if environ.get("SERVER_SOFTWARE") == "Granian":
            return self._for_granian(environ, start_response)
        self.response = _broken_off(self.get_data())
        return super().__call__(environ, start_response)

    def _for_granian(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """The start as a list, which granian sends whatever was announced, and then hangs up.

        It would throw away what it has not sent yet, often even the status, on an exception.
        """
        self.headers["Connection"] = "close"
        chunks = list(super().__call__(environ, start_response))
        self.close()  # a list cannot have the server call it
        return chunks


def _broken_off(start: bytes) -> Iterator[bytes]:
    yield start
    raise CutShortError("the body is cut short on purpose")
