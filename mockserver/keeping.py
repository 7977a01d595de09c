"""HTTP/1.1 for the server in process, on the standard library's own server.

A connection is kept wherever nothing of a request can be left on it, which Werkzeug's server never
does: pollers ask again and again, and a look by httpx took 1.25 ms in place of the 2.1 that it took
with a connection and a thread of its own. Nothing outside the standard library is imported for it,
so that a test run starts soon.
"""

from __future__ import annotations

import io
import os
import selectors
import socket
import sys
import threading
import traceback
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from io import BufferedIOBase
    from wsgiref.types import WSGIApplication, WSGIEnvironment

    _Begun = list[tuple[str, list[tuple[str, str]]]]

_BODILESS = {"204", "304"}
"""Statuses of answers that have no body (RFC 9110, 6.4.1)."""
_LONGEST = 18
"""Digits of a Content-Length that is taken for one; of more no number has to be made."""
_PATIENCE = 0.01
"""Seconds in which the rest of a body that nobody has read must go on coming."""
_MOST_UNREAD = 10_000_000_000
"""Bytes of such a rest that are thrown away, for the client to hear why."""


class Server(ThreadingMixIn, TCPServer):
    """Serves an app, each connection in a thread of its own."""

    daemon_threads = True
    allow_reuse_address = os.name == "posix"  # elsewhere it lets two servers share a port
    request_queue_size = 128

    def __init__(self, host: str, port: int, app: WSGIApplication) -> None:
        """Listen.

        Raises:
            OSError: the address cannot be used.
        """
        self.app = app
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._is_over = False
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), Handler)

    def begin(self, connection: socket.socket) -> None:
        """A connection has come; after the end it is closed at once."""
        with self._lock:
            self._open.add(connection)
            if self._is_over:
                _hang_up(connection)

    def end(self, connection: socket.socket) -> None:
        """A connection has gone."""
        with self._lock:
            self._open.discard(connection)

    def hang_up(self) -> None:
        """Close every connection; whoever waits on one for the next request is told of its end."""
        with self._lock:
            self._is_over = True
            for connection in self._open:
                _hang_up(connection)


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):  # the client may have been first
        connection.shutdown(socket.SHUT_RDWR)


class _Body(io.RawIOBase):
    """The body of a request, as long as it was announced to be."""

    def __init__(self, stream: BufferedIOBase, length: int) -> None:
        self._stream = stream
        self.left = length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 as RawIOBase has it
        part = self._stream.read(min(len(buffer), self.left))
        buffer[: len(part)] = part
        self.left -= len(part)
        return len(part)


def _may_be_left(body: _Body | None) -> bool:
    """Whether something of a body may still come that nobody has read."""
    return body is None or body.left > 0


class Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection; the request log is elsewhere."""

    protocol_version = "HTTP/1.1"
    server_version = "oxen-mockserver"
    _has_begun = False  # whether the head of the answer is on its way
    disable_nagle_algorithm = True  # an answer must not wait for the client to hear of another
    server: Server

    def handle(self) -> None:
        """Answer on this connection until one side closes it."""
        self.server.begin(self.connection)
        try:
            super().handle()
        except ConnectionError:  # the client has gone, or is meant to think so
            self.close_connection = True
        finally:
            self.server.end(self.connection)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """The same for every method: which are known is for the app to say."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def version_string(self) -> str:
        """What the server calls itself; which Python runs it is nobody's business."""
        return self.server_version

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 as the base class has it
        """Say nothing."""

    def _answer(self) -> None:
        body = self._body()
        begun: _Begun = []
        chunks: Iterable[bytes] = ()
        self._has_begun = False

        def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:  # noqa: ANN401 as WSGI has it
            begun[:] = [(status, headers)]
            return self.wfile.write

        try:
            chunks = self.server.app(self._environ(body or self.rfile), start)
            self._send(begun, chunks, body)
        except ConnectionError:
            raise
        except Exception:  # noqa: BLE001 because whatever an app may raise is told
            traceback.print_exc()
            self.close_connection = True
            if not self._has_begun:
                self.send_error(500)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
            if _may_be_left(body):
                self._drain()

    def _send(self, begun: _Begun, chunks: Iterable[bytes], body: _Body | None) -> None:
        """Send head and body; without a length the body ends with the connection."""
        parts = iter(chunks)
        first = next(parts, b"")  # some apps start their answer as late as this
        [(status, headers)] = begun
        code, _, reason = status.partition(" ")
        has_body = self.command != "HEAD" and code not in _BODILESS
        is_told = any(name.lower() == "content-length" for name, _ in headers)
        if (has_body and not is_told) or _may_be_left(body):
            self.close_connection = True
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self._has_begun = True
        self.end_headers()
        if has_body:
            self.wfile.write(first)
            for part in parts:
                self.wfile.write(part)

    def _body(self) -> _Body | None:
        """The body, if it is told how long it is; of any other only the app may find the end."""
        announced = self.headers.get_all("Content-Length", ["0"])
        is_one = len(announced) == 1 and announced[0].isascii() and announced[0].isdecimal()
        if "Transfer-Encoding" in self.headers or not is_one or len(announced[0]) > _LONGEST:
            return None
        return _Body(self.rfile, int(announced[0]))

    def _drain(self) -> None:
        """Read what is left, for a client that sends before it reads would miss our answer."""
        unread = 0
        with selectors.DefaultSelector() as selector:
            selector.register(self.connection, selectors.EVENT_READ)
            while unread < _MOST_UNREAD and selector.select(_PATIENCE):
                part = self.connection.recv(1_000_000)
                unread += len(part)
                if not part:
                    return

    def _environ(self, body: BufferedIOBase | _Body) -> WSGIEnvironment:
        """The request as WSGI has it (PEP 3333), with the path as it was sent beside it."""
        scheme, slashes, after = self._target().partition("://")
        is_absolute = bool(slashes) and scheme.lower() in {"http", "https"}
        host, slash, rest = after.partition("/")
        target = slash + rest if is_absolute else self._target()
        path, _, query = target.partition("#")[0].partition("?")
        address = self.server.server_address
        environ: WSGIEnvironment = {
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": body,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "SERVER_SOFTWARE": self.server_version,
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path.encode("latin-1")).decode("latin-1"),
            "QUERY_STRING": query,
            "RAW_URI": target,
            "REMOTE_ADDR": self.client_address[0],
            "SERVER_NAME": str(address[0]),
            "SERVER_PORT": str(address[1]),
            "SERVER_PROTOCOL": self.request_version,
        }
        self._add_headers(environ)
        if is_absolute:
            environ["HTTP_HOST"] = host  # which beats the header (RFC 9112, 3.2.2)
        if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
            from werkzeug.serving import DechunkedInput  # noqa: PLC0415 because few clients send so

            environ["wsgi.input"] = DechunkedInput(self.rfile)  # type: ignore[arg-type]  # because it reads alone
            environ["wsgi.input_terminated"] = True
        return environ

    def _target(self) -> str:
        """As it was sent; the base class folds slashes at its start."""
        return self.requestline.split(" ")[1]

    def _add_headers(self, environ: WSGIEnvironment) -> None:
        for name, value in self.headers.items():
            if "_" in name:
                continue  # in WSGI it could not be told from the name with a hyphen
            key = name.upper().replace("-", "_")
            if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
                key = f"HTTP_{key}"
                value = f"{environ[key]},{value}" if key in environ else value  # noqa: PLW2901 the same header, all of it
            environ[key] = value.replace("\r\n", "")
