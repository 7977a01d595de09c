"""The one way to the server: a request out, its answer in, and within a time that ends.

Nothing is sent but what is handed over here. No redirect is followed, so no token goes where
nobody has sent it; neither proxies nor passwords of the environment are heeded; what may have been
done is not asked for twice.
"""

from __future__ import annotations

import selectors
import socket
import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection, IncompleteRead
from threading import Timer
from typing import TYPE_CHECKING

from mockserver.core.errors import MockserverError
from mockserver.core.exchange import Response

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.client.address import Address
    from mockserver.fuzzing.exchanged import Sent

PATIENCE = 10.0
"""Seconds until a request is given up, from connecting to the last byte of its answer."""
LARGEST = 64_000_000
"""Bytes of the longest answer that is read."""
_IDLE = 1.0
"""Seconds after which a connection that nobody used is not trusted any more."""


class UnansweredError(MockserverError):
    """There was no whole answer.

    Attributes:
        gone: whether there was nobody to ask.
    """

    def __init__(self, reason: str, *, gone: bool = False) -> None:
        """Keep whether anybody was there."""
        super().__init__(reason)
        self.gone = gone


class UnsendableError(MockserverError):
    """A request that HTTP cannot carry."""


class Wire:
    """A connection to a server, kept open between requests; one thread at a time may ask."""

    def __init__(self, address: Address, patience: float = PATIENCE) -> None:
        """Connect to nothing yet."""
        self._address, self._patience = address, patience
        self._http = self._made()
        self._used = 0.0
        self._late = False

    def ask(self, sent: Sent) -> Response:
        """The answer to a request.

        Raises:
            UnansweredError: there was none.
            UnsendableError: the request is no HTTP.
        """
        was_open = self._is_open()
        try:
            return self._asked(sent)
        except ConnectionError as error:
            # It may have been closed just as we asked (RFC 9112, 9.3); only what changes nothing
            # may then be asked again (RFC 9110, 9.2.2).
            if not was_open or sent.method != "GET" or self._late:
                raise UnansweredError(self._why(error)) from None
        except (OSError, HTTPException) as error:
            raise UnansweredError(self._why(error)) from None
        try:
            return self._asked(sent)
        except (OSError, HTTPException) as error:
            raise UnansweredError(self._why(error)) from None

    def close(self) -> None:
        """Let go of the connection; whoever asks again opens another."""
        self._http.close()

    def cut(self) -> None:
        """End what is under way under the feet of whoever waits for it, in another thread."""
        if self._http.sock is not None:
            _cut(self._http.sock)

    def _made(self) -> HTTPConnection:
        kind = HTTPSConnection if self._address.scheme == "https" else HTTPConnection
        return kind(self._address.host, self._address.port, timeout=self._patience)

    def _asked(self, sent: Sent) -> Response:
        self._late = False
        self._begin(sent)
        self._connect()
        timer = Timer(self._patience, self._give_up)
        timer.daemon = True
        timer.start()
        try:
            return self._told(sent)
        except BaseException:
            self._http.close()  # or the next question would get the rest of this answer
            raise
        finally:
            timer.cancel()
            self._used = time.monotonic()

    def _connect(self) -> None:
        if self._http.sock is not None:
            return
        try:
            self._http.connect()
        except (OSError, UnicodeError) as error:  # the latter for what can be no name of a host
            self._http.close()
            raise UnansweredError(_reason(error), gone=True) from None

    def _begin(self, sent: Sent) -> None:
        """Put its head together, of which nothing is sent yet."""
        try:
            self._http.putrequest(sent.method, sent.target, skip_accept_encoding=True)
            for name, value in _framed(sent):
                self._http.putheader(name, value)
        except (ValueError, HTTPException) as error:
            self._http.close()
            self._http = self._made()  # the old one would send the beginning before the next head
            raise UnsendableError(str(error)) from None

    def _told(self, sent: Sent) -> Response:
        self._http.endheaders(sent.body or None)
        with self._http.getresponse() as got:
            length = got.length
            body = got.read(LARGEST + 1)
            if len(body) > LARGEST:
                raise UnansweredError(f"more than {LARGEST:,} bytes came")
            if length is not None and len(body) < length:
                raise IncompleteRead(body, length - len(body))
            return Response(got.status, tuple(got.getheaders()), body)

    def _is_open(self) -> bool:
        """Whether it is still open: between two requests there is nothing to read but the end."""
        if self._http.sock is None:
            return False
        with selectors.DefaultSelector() as selector:
            selector.register(self._http.sock, selectors.EVENT_READ)
            stale = time.monotonic() - self._used > _IDLE or bool(selector.select(0))
        if stale:
            self._http.close()
        return not stale

    def _give_up(self) -> None:
        self._late = True
        self.cut()

    def _why(self, error: Exception) -> str:
        if self._late or isinstance(error, TimeoutError):
            return f"it was not whole within {self._patience:g} s"
        if isinstance(error, IncompleteRead):
            return "its body was cut short"
        return _reason(error)


def _framed(sent: Sent) -> Iterator[tuple[str, str]]:
    """Its headers, with what says how long its body is."""
    yield from sent.headers
    if sent.body or sent.method in {"POST", "PUT", "PATCH"}:
        yield "Content-Length", str(len(sent.body))


def _cut(line: socket.socket) -> None:
    try:
        # That of the socket itself: TLS would first have a word with the other side.
        socket.socket.shutdown(line, socket.SHUT_RDWR)
    except OSError:  # it was closed already
        return


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
