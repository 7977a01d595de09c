"""A server that follows a script byte for byte, for what no real one does when it is asked to."""

from __future__ import annotations

import json
import socket
import threading
from typing import TYPE_CHECKING, Self

from served import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    Script = Sequence[Sequence[bytes | None]]


def answer(
    body: object,
    *,
    status: str = "200 OK",
    media_type: str = "application/json",
    now: str | None = "2030-01-01T00:00:00.000000Z",
) -> bytes:
    """A whole answer, after which the connection is kept; a text is sent as it stands.

    Without `now` it is one of a server that is not ours.
    """
    raw = (body if isinstance(body, str) else json.dumps(body)).encode()
    time = "" if now is None else f"X-Mock-Now: {now}\r\n"
    head = f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\n{time}Content-Length: {len(raw)}"
    return f"{head}\r\n\r\n".encode() + raw


class LineServer:
    """Takes a connection for each list of the script, and there answers each request in turn.

    A connection ends with its list, `b""` is an end without an answer, and None is silence until
    the client gives up.

    Attributes:
        asked: the requests as they came, each with the number of its connection.
        ended: set once a connection has ended.
    """

    def __init__(self, script: Script) -> None:
        self.asked: list[tuple[int, bytes]] = []
        self.ended = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._threads = [
            threading.Thread(target=self._answer, args=(number, answers), daemon=True)
            for number, answers in enumerate(script)
        ]
        self._next = threading.Lock()
        for thread in self._threads:
            thread.start()

    def _answer(self, number: int, answers: Sequence[bytes | None]) -> None:
        with self._next:
            connection, _ = self._socket.accept()
        connection.settimeout(PATIENCE)
        with connection:
            for told in answers:
                self.asked.append((number, _request(connection)))
                if told is None:
                    connection.recv(1)
                else:
                    connection.sendall(told)
        self.ended.set()

    @property
    def lines(self) -> list[str]:
        """The first line of every request."""
        return [asked.partition(b"\r\n")[0].decode() for _, asked in self.asked]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        for thread in self._threads:
            thread.join(PATIENCE)
        self._socket.close()


def _request(connection: socket.socket) -> bytes:
    """A whole request, by its Content-Length."""
    asked = b""
    while b"\r\n\r\n" not in asked:
        asked += connection.recv(65_536)
    head, _, body = asked.partition(b"\r\n\r\n")
    lines = [line.lower().split(b":") for line in head.split(b"\r\n")[1:]]
    length = next((int(line[1]) for line in lines if line[0] == b"content-length"), 0)
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body
