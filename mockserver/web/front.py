"""The short way: plain requests past Flask, by the same engine; Flask has all the others.

Most requests of a test are a GET or a POST of an operation with nothing odd about it. What Flask
does for these can be done in a few lines, and a run that sends no others need not import it.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from mockserver.core.exchange import Request
from mockserver.problems import RefusedError, is_control
from mockserver.selection import PREFIX, split_path
from mockserver.web.body import cut_short
from mockserver.web.cors import cors_headers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from mockserver.core.exchange import Response
    from mockserver.engine import Engine

_METHODS = {"GET", "POST"}
_UNSENT = {"HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"}
"""What a client may send in their place, which is not them."""
_PHRASES = {
    200: "OK", 201: "CREATED", 400: "BAD REQUEST", 401: "UNAUTHORIZED", 403: "FORBIDDEN",
    404: "NOT FOUND", 409: "CONFLICT", 415: "UNSUPPORTED MEDIA TYPE", 429: "TOO MANY REQUESTS",
    500: "INTERNAL SERVER ERROR", 501: "NOT IMPLEMENTED", 503: "SERVICE UNAVAILABLE",
}  # fmt: skip
"""As Flask writes them; an answer with another status is sent by Flask."""
_LONGEST_LENGTH = 18
"""Digits of a Content-Length; of more no number has to be made."""
_PLAIN = {"content-type", "retry-after", "www-authenticate", "content-disposition"}
"""Headers that are sent as they are; so is whatever starts with x-."""


class Front:
    """A WSGI app that makes and asks the Flask app where a request or its answer is not plain."""

    def __init__(
        self, engine: Engine, make_app: Callable[[], WSGIApplication], max_body: int
    ) -> None:
        """Make no app yet; bodies of more than `max_body` bytes are not plain."""
        self._engine = engine
        self._make_app = make_app
        self._max_body = max_body
        self._app: WSGIApplication | None = None
        self._making = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        path = environ["PATH_INFO"]
        sandbox, below = None, path
        if self._is_plain(environ):
            if path.startswith(PREFIX):
                sandbox, below = split_path(path, self._is_answered, self._engine.sandboxes.knows)
            if not is_control(below) and self._engine.answers_at(below):
                method, headers = environ["REQUEST_METHOD"], _headers(environ)
                bare = Request(method, below, (), headers, b"", sandbox)
                return self._answer(bare, environ, start_response)
        return self._whole()(environ, start_response)

    def _is_plain(self, environ: WSGIEnvironment) -> bool:
        length = environ.get("CONTENT_LENGTH") or "0"
        return (
            environ["REQUEST_METHOD"] in _METHODS
            and environ["PATH_INFO"].isascii()
            and not environ.get("QUERY_STRING")
            and not environ.get("SCRIPT_NAME")
            and "HTTP_TRANSFER_ENCODING" not in environ
            and length.isascii()
            and length.isdecimal()
            and len(length) <= _LONGEST_LENGTH
            and int(length) <= self._max_body
        )

    def _is_answered(self, path: str) -> bool:
        return is_control(path) or self._engine.answers_at(path)

    def _answer(
        self, bare: Request, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        try:
            response = self._engine.answer(replace(bare, body=_read(environ, length)))
        except RefusedError as error:
            response = self._engine.refuse(bare, error)
        answered = [name for name, _ in response.headers]
        opened = cors_headers(bare.method, bare.headers, answered)
        if not _is_simple(response):
            return _sent(response, opened)(environ, start_response)
        sized = ("Content-Length", str(len(response.body)))
        status = f"{response.status} {_PHRASES[response.status]}"
        start_response(status, [*response.headers, sized, *opened])
        return [response.body]

    def _whole(self) -> WSGIApplication:
        with self._making:
            if self._app is None:
                self._app = self._make_app()
            return self._app


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


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    """The headers by lower-case name."""
    found = {}
    for key, value in environ.items():
        if key.startswith("HTTP_") and key not in _UNSENT:
            found[key[5:].replace("_", "-").lower()] = value
        elif key in {"CONTENT_TYPE", "CONTENT_LENGTH"} and value:
            found[key.replace("_", "-").lower()] = value
    return found


def _is_simple(response: Response) -> bool:
    names = [name.lower() for name, _ in response.headers]
    return (
        response.status in _PHRASES
        and response.cut is None
        and response.held == 0
        and "content-type" in names
        and all(name in _PLAIN or name.startswith("x-") for name in names)
    )


def _sent(response: Response, opened: Iterable[tuple[str, str]]) -> WSGIApplication:
    """An answer as Flask sends it."""
    from mockserver.web.sending import add_opening, sent  # noqa: PLC0415 because few answers need Flask

    answer = sent(response)
    add_opening(answer, opened)
    return answer
