"""The two servers of this project, running, and bytes sent to them by hand."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mockserver.assemble import create_app
from mockserver.server import ThreadServer
from mockserver.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

KINDS = ("thread", "granian")
PATIENCE = 20
"""Seconds to wait for bytes before something is stuck."""

SEED_PATH = b"/api/repos/ox/cats/evaluations/d0c8585d-1234-5678-abcd-ef0123456789"
CREATE_PATH = b"/api/repos/ox/cats/evaluations/main/a.parquet"
ORIGIN = "http://page.test:5173"
TOKEN = b"Authorization: Bearer any-token"
IS_JSON = b"Content-Type: application/json"
GOOD: Mapping[str, object] = {
    "prompt": "Is it a cat? {image}",
    "input_type": "image",
    "output_type": "text",
    "model_id": "41148aa1-906c-411c-b84b-847d980e8896",
    "target_column": "answer",
}


class NeverStartedError(Exception):
    """The server's process ended before it said where it listens."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server listens, and which of the two it is."""

    kind: str
    port: int

    @property
    def is_granian(self) -> bool:
        return self.kind == "granian"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.body)
        return value


@contextmanager
def running(kind: str, *, max_body: int = 10_000_000, speed: float = 1) -> Iterator[Server]:
    """A server of this kind, alone on a port of its own, gone afterwards."""
    if kind == "thread":
        app = create_app(Settings(max_body=max_body, speed=speed))
        with ThreadServer(app) as server:
            yield Server(kind, int(server.url.rsplit(":", 1)[1]))
        return
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--quiet"]
    command += ["--max-body", str(max_body), "--speed", str(speed)]
    environ = {k: v for k, v in os.environ.items() if not k.startswith("OXEN_MOCK_")}
    with (
        tempfile.TemporaryDirectory() as nowhere,  # where no oxen-mock.toml is found upwards
        subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=environ, cwd=nowhere
        ) as process,
    ):
        try:
            yield Server(kind, _port_of(process))
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _port_of(process: subprocess.Popen[str]) -> int:
    for line in process.stdout or ():
        if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
            return int(found[1])
    raise NeverStartedError


def message(
    method: bytes = b"GET",
    path: bytes = SEED_PATH,
    headers: Iterable[bytes] = (TOKEN,),
    body: bytes | None = None,
) -> bytes:
    """A request as bytes, for a connection of its own."""
    lines = [b"%s %s HTTP/1.1" % (method, path), b"Host: mock.test", b"Connection: close"]
    lines += [f"Origin: {ORIGIN}".encode(), *headers]
    if body is not None:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join([*lines, b"", body or b""])


def creating(body: bytes, headers: Iterable[bytes] = (TOKEN, IS_JSON)) -> bytes:
    """A create that carries these bytes."""
    return message(b"POST", CREATE_PATH, headers, body)


def good_body(**more: object) -> bytes:
    return json.dumps({**GOOD, **more}).encode()


def send(server: Server, raw: bytes, *, hang_up: bool = False) -> Answer | None:
    """All of the bytes first and only then the answer; None where the server just closes."""
    address = ("127.0.0.1", server.port)
    with closing(socket.create_connection(address, timeout=PATIENCE)) as connection:
        try:
            connection.sendall(raw)
            if hang_up:
                connection.shutdown(socket.SHUT_WR)
            method = raw.partition(b" ")[0].decode("latin-1")
            with closing(http.client.HTTPResponse(connection, method=method)) as response:
                response.begin()
                body = response.read()
                headers = {name.lower(): value for name, value in response.getheaders()}
                return Answer(response.status, headers, body)
        except TimeoutError:
            raise
        except (OSError, http.client.HTTPException):
            return None


def ask(server: Server, raw: bytes, *, hang_up: bool = False) -> Answer:
    """The same, of a server that has to answer."""
    answer = send(server, raw, hang_up=hang_up)
    assert answer is not None, f"{server.kind} closed the connection without an answer"
    return answer
