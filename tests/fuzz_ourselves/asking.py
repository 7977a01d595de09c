"""A server without a socket, frozen in time, and what it is asked in one sandbox."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from mockserver.assemble import assemble
from mockserver.core.exchange import Request
from mockserver.settings import Settings

EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
BASE = "http://localhost"
SANDBOX = "drawn"
MOCK = assemble(Settings(epoch=EPOCH, speed=0, seed="fuzz"))


def asked(method: str, path: str, body: object = None) -> tuple[int, Any]:
    """The status of an answer, of an API's or of the control API, and its body."""
    raw = b"" if body is None else json.dumps(body).encode()
    return sent(method, path, raw)


def sent(method: str, path: str, raw: bytes) -> tuple[int, Any]:
    """The same, where the body need not be JSON."""
    headers = {"authorization": "Bearer any", "content-type": "application/json"}
    sandbox = None if path.startswith("/_mock/sandboxes") else SANDBOX
    request = Request(method, path, (), headers, raw, sandbox)
    is_control = path.startswith("/_mock/")
    answer = MOCK.control.answer(request, BASE) if is_control else MOCK.engine.answer(request)
    return answer.status, json.loads(answer.body) if is_control else answer.body


def shown_at(fixture: str = "") -> list[str]:
    """The paths at which evaluations of a fixture are seen, or all of them."""
    _, listed = asked("GET", "/_mock/evaluations")
    start = f"{BASE}/sandbox/{SANDBOX}"
    return [
        one["url"].removeprefix(start)
        for one in listed["evaluations"]
        if not fixture or (one["fixture"] or "").endswith(f"/{fixture}")
    ]
