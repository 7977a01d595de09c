"""Answers that come late, and answers that end in the middle, on both servers."""

from __future__ import annotations

import http.client
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import httpx
import pytest
from sending_app import PROC, Running, body_of, build, running
from served import PATIENCE, until
from wire import KINDS

from mockserver.core.exchange import Response
from mockserver.web.sending import CutShortError, sent

if TYPE_CHECKING:
    from collections.abc import Iterator

HELD = 0.05
MANY = 100
LENGTHS = (2, 3, 400, 70_000, 3_000_000)


@pytest.fixture(scope="module", params=KINDS)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    with running(request.param, tmp_path_factory.mktemp("printed")) as found:
        yield found


def raw_answer(server: Running, path: str, method: str = "GET") -> tuple[bytes, bytes]:
    """Head and body as they came until the server closed, on a connection that would be kept."""
    with closing(socket.create_connection(("127.0.0.1", server.port), PATIENCE)) as connection:
        connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: mock.test\r\n\r\n".encode())
        received = b""
        while chunk := connection.recv(65_536):
            received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    return head.lower() + b"\r\n", body


def ask(server: Running, path: str, method: str = "GET") -> tuple[http.client.HTTPResponse, bytes]:
    address = ("127.0.0.1", server.port)
    with closing(http.client.HTTPConnection(*address, timeout=PATIENCE)) as connection:
        connection.request(method, path)
        response = connection.getresponse()
        return response, response.read()


def whole(server: Running) -> object:
    return json.loads(ask(server, "/whole")[1])


@pytest.mark.parametrize("length", LENGTHS)
def test_a_cut_body_is_announced_whole_and_the_connection_ends_after_its_start(
    server: Running, length: int
) -> None:
    head, body = raw_answer(server, f"/cut/{length}/{length // 2}")
    assert head.startswith(b"http/1.1 200 ok\r\n")
    assert b"\r\ncontent-length: %d\r\n" % length in head
    assert b"\r\nx-mock-of: sending\r\n" in head
    assert b"transfer-encoding" not in head
    assert body == body_of(length)[: length // 2]


@pytest.mark.parametrize("length", [1, 400])
def test_of_a_body_that_is_cut_at_its_start_only_white_space_comes(
    server: Running, length: int
) -> None:
    head, body = raw_answer(server, f"/cut/{length}/0")
    assert b"\r\ncontent-length: %d\r\n" % (length + 1) in head
    assert body == b" "


def test_the_standard_client_says_how_many_bytes_are_missing(server: Running) -> None:
    with pytest.raises(http.client.IncompleteRead) as caught:
        ask(server, "/cut/400/150")
    assert caught.value.partial == body_of(400)[:150]
    assert caught.value.expected == 250


@pytest.mark.parametrize("cut", [1, 200, 399])
def test_httpx_says_that_the_server_has_broken_the_protocol(server: Running, cut: int) -> None:
    with (
        httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client,
        pytest.raises(httpx.RemoteProtocolError, match=f"received {cut} bytes, expected 400"),
    ):
        client.get(f"/cut/400/{cut}")


def test_a_client_that_keeps_connections_gets_its_next_answer_whole(server: Running) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client:
        for _ in range(5):
            with pytest.raises(httpx.RemoteProtocolError):
                client.get("/cut/400/200")
            assert client.get("/whole").json() == {"whole": True}


def test_an_answer_to_head_has_the_head_of_the_cut_one(server: Running) -> None:
    response, body = ask(server, "/cut/400/200", "HEAD")
    assert (response.status, body) == (200, b"")
    assert response.getheader("Content-Length") == "400"


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_that_never_has_a_body_cannot_be_cut(server: Running, status: int) -> None:
    response, body = ask(server, f"/cut/400/200?status={status}")
    assert (response.status, body) == (status, b"")
    assert whole(server) == {"whole": True}


def test_a_body_that_is_cut_behind_its_end_is_whole(server: Running) -> None:
    response, body = ask(server, "/cut/400/400")
    assert body == body_of(400)
    assert response.getheader("Content-Length") == "400"


def test_every_one_of_many_cut_answers_has_its_start_while_others_get_theirs_whole(
    server: Running,
) -> None:
    def one(number: int) -> bytes:
        assert whole(server) == {"whole": True}
        return raw_answer(server, f"/cut/{400 + number}/200")[1]

    with ThreadPoolExecutor(16) as pool:
        bodies = list(pool.map(one, range(MANY)))
    assert bodies == [body_of(400)[:200]] * MANY


@pytest.mark.skipif(not PROC.exists(), reason="only Linux counts a process's threads and files")
def test_cut_answers_leave_no_thread_and_no_connection_behind(server: Running) -> None:
    def process() -> dict[str, int]:
        found: dict[str, int] = json.loads(ask(server, "/process")[1])
        return found

    for _ in range(10):  # what a pool starts with its first requests is not left behind
        raw_answer(server, "/cut/400/200")
    before = process()
    for number in range(MANY):
        raw_answer(server, f"/cut/400/{number % 3 * 100}")

    def back() -> bool:
        return all(now <= before[name] + 3 for name, now in process().items())

    until(back, f"threads and open files as before: {before}, after {process()}")


def test_a_cut_answer_prints_nothing(
    server: Running, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    for path in ("/cut/400/200", "/cut/400/0"):
        raw_answer(server, path)
    assert whole(server) == {"whole": True}
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []
    if server.printed is not None:
        assert server.printed.read_text("utf-8") == ""


def test_what_waits_for_the_end_of_an_answer_hears_of_it_though_it_is_cut(server: Running) -> None:
    def ended() -> int:
        return int(ask(server, "/ended")[1])

    before = ended()
    raw_answer(server, "/cut/400/200")
    until(lambda: ended() == before + 1, "the cut answer has ended")


def test_an_answer_is_held_back_for_as_long_as_it_says(server: Running) -> None:
    before = time.monotonic()
    response, _ = ask(server, f"/held/{HELD}")
    assert time.monotonic() - before >= HELD
    assert response.status == 200


def test_answers_held_back_do_not_hold_each_other_back(server: Running) -> None:
    before = time.monotonic()
    with ThreadPoolExecutor(MANY) as pool:
        statuses = list(pool.map(lambda _: ask(server, f"/held/{HELD}")[0].status, range(MANY)))
    assert statuses == [200] * MANY
    assert time.monotonic() - before < HELD * MANY / 2


def test_in_flasks_test_client_a_cut_body_raises_where_it_is_read() -> None:
    response = build().test_client().get("/cut/400/200")
    assert response.headers["Content-Length"] == "400"
    with pytest.raises(CutShortError):
        response.get_data()


def test_a_hook_of_the_app_may_read_what_is_left_of_a_cut_body() -> None:
    assert sent(Response(200, (), body_of(400), cut=200)).get_data() == body_of(400)[:200]


def test_an_answer_that_is_neither_held_nor_cut_is_sent_as_it_is() -> None:
    headers = (("Content-Type", "application/json"), ("X-Twice", "a"), ("X-Twice", "b"))
    answer = sent(Response(418, headers, b"{}"))
    assert (answer.status_code, answer.get_data()) == (418, b"{}")
    assert answer.headers.to_wsgi_list() == [*headers, ("Content-Length", "2")]


def test_an_answer_without_a_type_gets_none() -> None:
    assert "Content-Type" not in sent(Response(204)).headers
    assert "Content-Type" not in sent(Response(200, (), b"ab", cut=1)).headers
