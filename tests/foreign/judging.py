"""What every foreign client is given: a server, a sandbox of its own, and a mock that judges it."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from served import Served

from mockserver import Client, Settings, ThreadServer, create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVERS = ("in this process", "as its users start it")
"""The thread server keeps the path as it was sent, granian hands over a decoded one."""

LIFE = ("queued", "running", "committing", "completed")
TOKEN = "any-token"  # noqa: S105 the mock takes any
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
EPOCH = "2026-03-01T12:00:00Z"


@contextmanager
def serving(kind: str, folder: Path) -> Iterator[str]:
    """The URL of such a server, on which time stands still."""
    if kind == SERVERS[0]:
        epoch = datetime.fromisoformat(EPOCH).astimezone(UTC)
        with ThreadServer(create_app(Settings(speed=0, seed="7", epoch=epoch))) as server:
            yield server.url
    else:
        with Served("--frozen", "--seed", "7", "--epoch", EPOCH, cwd=folder) as served:
            yield served.url


def assert_no_violation(mock: Client, *, requests: int) -> None:
    """Nothing was broken in this sandbox but what was announced, in so many requests."""
    report = mock.report()
    told = [
        f"{one['of']}: {one['place']}: expected {one['expected']}, found {one['found']}"
        for one in report["violations"]
    ]
    assert (report["broken_requests"], report["broken_answers"]) == (0, 0), told
    assert (report["missing"], report["clean"]) == ([], True)
    assert report["requests"] == requests
