"""Connections to the server in process stay open where nothing can be left on them."""

from __future__ import annotations

import http.client
import json
import socket
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from mockserver import Settings, ThreadServer, create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment

SEED = "/api/repos/ox/cats/evaluations/d0c8585d-1234-5678-abcd-ef0123456789"
CREATE = "/api/repos/ox/cats/evaluations/main/a.parquet"
TOKEN = {"Authorization": "Bearer t"}
PATIENCE = 10.0


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadServer]:
    with ThreadServer(create_app(Settings(speed=0))) as server:
        yield server


def connected(server: ThreadServer) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=PATIENCE)


def ask(
    connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None
) -> tuple[int, bytes]:
    sent = {**TOKEN, "Content-Type": "application/json"} if body is not None else TOKEN
    connection.request(method, path, body, sent)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_requests_without_a_body_share_a_connection(server: ThreadServer) -> None:
    with closing(connected(server)) as connection:
        asked = [
            ("GET", SEED),
            ("HEAD", SEED),
            ("GET", "/nowhere"),
            ("DELETE", SEED),
            ("GET", SEED),
        ]
        codes, ports = [], set()
        for method, path in asked:
            codes.append(ask(connection, method, path)[0])
            assert connection.sock is not None
            ports.add(connection.sock.getsockname()[1])
        assert codes == [200, 200, 404, 405, 200]
        assert len(ports) == 1


@pytest.mark.parametrize("body", [b"{}", b"x" * 300_000, b""])
def test_what_comes_after_a_body_is_never_taken_for_a_part_of_it(
    server: ThreadServer, body: bytes
) -> None:
    with closing(connected(server)) as connection:
        for _ in range(3):
            assert ask(connection, "POST", CREATE, body)[0] == 400
            assert json.loads(ask(connection, "GET", SEED)[1])["status"] == "success"


def test_two_requests_sent_at_once_are_answered_one_after_the_other(server: ThreadServer) -> None:
    request = f"GET {SEED} HTTP/1.1\r\nHost: mock.test\r\nAuthorization: Bearer t\r\n"
    both = f"{request}\r\n{request}Connection: close\r\n\r\n"
    assert raw(server, both.encode()).count(b"HTTP/1.1 200 OK") == 2


def test_an_older_client_has_its_connection_closed(server: ThreadServer) -> None:
    request = f"GET {SEED} HTTP/1.0\r\nAuthorization: Bearer t\r\n\r\n"
    assert raw(server, request.encode()).startswith(b"HTTP/1.1 200 OK")


def test_a_server_that_was_stopped_answers_nobody_any_more() -> None:
    server = ThreadServer(create_app(Settings(speed=0)))
    with closing(connected(server)) as connection:
        assert ask(connection, "GET", SEED)[0] == 200
        server.stop()
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            ask(connection, "GET", SEED)


def _without_length(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", environ["wsgi.url_scheme"])])
    yield b"one"
    yield b"two"


def _raises(_environ: WSGIEnvironment, _start: StartResponse) -> Iterable[bytes]:
    raise RuntimeError("an app may be anybody's")


@pytest.mark.parametrize(
    ("app", "told"), [(_without_length, (200, b"onetwo")), (_raises, (500, None))]
)
def test_any_app_is_served(
    app: Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]],
    told: tuple[int, bytes | None],
) -> None:
    with ThreadServer(app) as server, closing(connected(server)) as connection:
        for _ in range(2):
            status, body = ask(connection, "GET", "/")
            assert status == told[0]
            assert told[1] is None or body == told[1]


def _fails_midway(_environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "6")])
    yield b"one"
    raise RuntimeError("an app may be anybody's")


def test_an_app_that_fails_midway_leaves_a_body_that_is_cut_and_nothing_else() -> None:
    with ThreadServer(_fails_midway) as server:
        assert raw(server, b"GET / HTTP/1.1\r\nHost: mock.test\r\n\r\n").endswith(b"\r\n\r\none")


@pytest.mark.parametrize("length", [b"9" * 5_000, b"0" * 5_000])
def test_a_length_that_no_number_can_be_is_the_client_s_fault(
    server: ThreadServer, length: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    head = b"POST %s HTTP/1.1\r\nHost: mock.test\r\nContent-Length: %s\r\n\r\n"
    assert raw(server, head % (CREATE.encode(), length)).startswith(b"HTTP/1.1 4")
    assert "Traceback" not in capfd.readouterr().err


def raw(server: ThreadServer, sent: bytes) -> bytes:
    """Everything that comes until the server closes."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    with closing(socket.create_connection((host, int(port)), PATIENCE)) as connection:
        connection.sendall(sent)
        received = b""
        while chunk := connection.recv(65_536):
            received += chunk
    return received
