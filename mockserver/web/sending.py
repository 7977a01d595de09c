"""The last step of an answer: into Flask's own, late or cut short where that is wanted."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from flask import Response as FlaskResponse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from wsgiref.types import StartResponse, WSGIEnvironment

    from mockserver.core.exchange import Response


_OPENING = {
    "vary",
    "content-length",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "access-control-allow-credentials",
    "access-control-allow-methods",
    "access-control-max-age",
    "access-control-allow-headers",
}
"""Headers that a fixture may have given an answer already, which then are put right one by one."""


class CutShortError(ConnectionAbortedError):
    """Ends an answer in the middle of its body.

    It is a connection's error by kind, of which servers make no traceback: they take it that
    the client has gone.
    """


class Opened(FlaskResponse):
    """An answer that says already which pages may read it."""


def sent(response: Response, opened: Sequence[tuple[str, str]] = ()) -> FlaskResponse:
    """The answer as Flask sends it; where it is to be held back, this returns only then.

    `opened` are the headers that open it to pages of other origins, if they are known.

    A body that is to be cut is announced whole: the client reads its start, and then that the
    connection has ended too early. Flask's test client has no connection that could end; it
    raises `CutShortError` where the body is read.
    """
    if response.held > 0:
        time.sleep(response.held)
    named = {name.lower() for name, _ in response.headers}
    sized = ("Content-Length", str(len(response.body)))
    is_simple = named.isdisjoint(_OPENING)
    headers = [*response.headers, sized, *opened] if is_simple else [*response.headers]
    answer = _flask_response(response, headers, Opened if opened else FlaskResponse)
    if "content-type" not in named:
        del answer.headers["Content-Type"]
    if not is_simple:
        add_opening(answer, opened)
    return answer


def _flask_response(
    response: Response, headers: list[tuple[str, str]], kind: type[FlaskResponse]
) -> FlaskResponse:
    body, cut = response.body, response.cut
    if cut is None or cut >= len(body):
        return kind(body, response.status, headers)
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


class _CutShort(Opened):
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
