"""The request log: bounded, and nobody waits for it."""

from __future__ import annotations

import io
import threading
from datetime import UTC, datetime

from mockserver.core.exchange import Exchange, Request, Response
from mockserver.requestlog import RequestLog

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Blocked(io.StringIO):
    """A terminal that takes nothing until it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()

    def write(self, text: str) -> int:
        self.released.wait(20)
        return super().write(text)


def exchange_of(body: bytes) -> Exchange:
    return Exchange(Request("POST", "/x", body=body), Response(200), (), NOW)


def test_what_waits_for_a_blocked_terminal_is_lines_and_no_bodies() -> None:
    stream = Blocked()
    log = RequestLog(stream, colour=False)
    for _ in range(50):
        log(exchange_of(b"x" * 100_000))
    waiting = list(log._waiting.queue)  # noqa: SLF001 because what it keeps is the claim
    stream.released.set()
    assert 45 <= len(waiting) <= 50
    assert max(len(str(line)) for line in waiting) < 200


def test_once_its_reader_is_gone_it_keeps_nothing() -> None:
    stream = io.StringIO()
    stream.close()
    log = RequestLog(stream, colour=False)
    log(exchange_of(b""))
    for _ in range(20_000):
        if log._gone:  # noqa: SLF001 because what it keeps is the claim
            break
        threading.Event().wait(0.001)
    log(exchange_of(b""))
    assert log._waiting.empty()  # noqa: SLF001 because what it keeps is the claim


def test_what_was_asked_before_the_end_is_written_by_then() -> None:
    stream = io.StringIO()
    log = RequestLog(stream, colour=False)
    for _ in range(500):
        log(exchange_of(b""))
    log.close()
    assert len(stream.getvalue().splitlines()) == 500


def test_without_a_line_the_end_waits_for_nothing() -> None:
    RequestLog(io.StringIO(), colour=False).close()
