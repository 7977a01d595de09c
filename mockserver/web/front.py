"""The short way: plain requests past Flask, by the same engine; Flask has all the others.

It stands in front of every app of ours, and before one that need not be made until then.

Most requests of a test are a GET or a POST of an operation with nothing odd about it. What Flask
does for these can be done in a few lines, and a run that sends no others need not import it.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from mockserver.admission import head
from mockserver.core.exchange import Request
from mockserver.problems import RefusedError, is_control
from mockserver.selection import PREFIX, split_path
from mockserver.web.body import cut_short
from mockserver.web.cors import opened_to
from mockserver.web.headers import headers_in
from mockserver.web.own_errors import own_error
from mockserver.web.prefix import OUTSIDE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from mockserver.admission import Admission
    from mockserver.core.exchange import Response
    from mockserver.engine import Engine

_METHODS = {"GET", "POST"}
_STATUSES = {
    200: "200 OK",
    201: "201 CREATED",
    400: "400 BAD REQUEST",
    401: "401 UNAUTHORIZED",
    403: "403 FORBIDDEN",
    404: "404 NOT FOUND",
    409: "409 CONFLICT",
    415: "415 UNSUPPORTED MEDIA TYPE",
    429: "429 TOO MANY REQUESTS",
    500: "500 INTERNAL SERVER ERROR",
    501: "501 NOT IMPLEMENTED",
    503: "503 SERVICE UNAVAILABLE",
}
"""As Flask writes them; an answer with another status is sent by Flask."""
_PRESERVED = "werkzeug.debug.preserve_context"
"""Set where a test client is to see Flask's own request afterwards."""
_LONGEST_LENGTH = 18
"""Digits of a Content-Length; of more no number has to be made."""
_PLAIN = {"content-type", "retry-after", "www-authenticate", "content-disposition"}
"""Headers that are sent as they are; so is whatever starts with x-."""


class Front:
    """A WSGI app that makes and asks the Flask app where a request or its answer is not plain."""

    def __init__(
        self,
        engine: Engine,
        make_app: Callable[[], WSGIApplication],
        max_body: int,
        is_alone: Callable[[], bool] = lambda: True,
    ) -> None:
        """Make no app yet; bodies of more than `max_body` bytes are not plain.

        `is_alone` says whether nobody else has a part in answering now: if not, nothing is plain.
        """
        self._engine = engine
        self._make_app = make_app
        self._max_body = max_body
        self._is_alone = is_alone
        self._app: WSGIApplication | None = None
        self._making = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        length = self._length(environ)
        if length is None:
            return self._whole()(environ, start_response)
        engine, path = self._engine, environ["PATH_INFO"]
        sandbox, below = None, path
        if path.startswith(PREFIX):
            sandbox, below = split_path(path, self._is_answered, engine.sandboxes.knows)
        method, headers = environ["REQUEST_METHOD"], headers_in(environ)
        admission = engine.admitted(head(method, below, sandbox, (), headers))
        if admission is None:
            if is_control(below) or not engine.answers_at(below):
                return self._whole()(environ, start_response)
        elif not length and (same := engine.repeat(admission)):
            return _send(same, environ, start_response)
        bare = Request(method, below, (), headers, b"", sandbox)
        try:
            response = self._answer(bare, admission, environ, length)
        except Exception as error:  # noqa: BLE001 because whatever it is, the client is told
            response = engine.refuse(bare, own_error(error))
        return _send(response, environ, start_response)

    def _length(self, environ: WSGIEnvironment) -> int | None:
        """The length of the body of a plain request, None for any other request."""
        length = environ.get("CONTENT_LENGTH") or "0"
        if (
            environ["REQUEST_METHOD"] in _METHODS
            and self._is_alone()
            and environ["PATH_INFO"].isascii()
            and not environ.get("QUERY_STRING")
            and not environ.get("SCRIPT_NAME")
            and "HTTP_TRANSFER_ENCODING" not in environ
            and _PRESERVED not in environ
            and OUTSIDE not in environ
            and length.isascii()
            and length.isdecimal()
            and len(length) <= _LONGEST_LENGTH
            and int(length) <= self._max_body
        ):
            return int(length)
        return None

    def _is_answered(self, path: str) -> bool:
        return is_control(path) or self._engine.answers_at(path)

    def _answer(
        self, bare: Request, admission: Admission | None, environ: WSGIEnvironment, length: int
    ) -> Response:
        if not length:
            return self._engine.answer_as(admission, bare)
        try:
            body = _read(environ, length)
        except RefusedError as error:
            return self._engine.refuse(bare, error)
        return self._engine.answer_as(admission, bare.with_body(body))

    def _whole(self) -> WSGIApplication:
        with self._making:
            if self._app is None:
                self._app = self._make_app()
            return self._app


def _send(
    response: Response, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """Send an answer, by Flask where it is not plain; never one to a preflight."""
    names = tuple([name for name, _ in response.headers])
    opened, is_plain = _opened(environ.get("HTTP_ORIGIN"), names)
    status = _STATUSES.get(response.status)
    if status is None or response.cut is not None or response.held or not is_plain:
        return _sent(response, opened)(environ, start_response)
    sized = ("Content-Length", str(len(response.body)))
    start_response(status, [*response.headers, sized, *opened])
    return [response.body]


def _read(environ: WSGIEnvironment, length: int) -> bytes:
    """The whole body.

    Raises:
        RefusedError: 400 for one that ends early.
    """
    found = b""
    with suppress(OSError):
        while len(found) < length and (part := environ["wsgi.input"].read(length - len(found))):
            found += part
    if len(found) < length:
        raise cut_short()
    return found


@lru_cache(maxsize=100)
def _opened(origin: str | None, names: tuple[str, ...]) -> tuple[tuple[tuple[str, str], ...], bool]:
    """What opens an answer with headers of these names, and whether all are sent as they are."""
    lower = [name.lower() for name in names]
    is_known = all(name in _PLAIN or name.startswith("x-") for name in lower)
    return opened_to(origin, names), is_known and "content-type" in lower


def _sent(response: Response, opened: Sequence[tuple[str, str]]) -> WSGIApplication:
    """An answer as Flask sends it."""
    from mockserver.web.sending import sent  # noqa: PLC0415 because few answers need Flask

    return sent(response, opened)
