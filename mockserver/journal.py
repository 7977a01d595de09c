"""The journal: the last exchanges of a sandbox, in bounded memory."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.core.exchange import Exchange

MOST_EXCHANGES = 1_000
MOST_BYTES = 16_000_000
LONGEST_BODY = 64_000
"""Bytes of a body that are kept; what is longer is cut."""


class Journal:
    """Keeps the newest exchanges; the oldest make room."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = threading.Lock()
        self._kept: deque[tuple[Exchange, int]] = deque()
        self._bytes = 0

    def add(self, exchange: Exchange) -> None:
        """Keep an exchange, its bodies cut to a bounded length."""
        request, response = exchange.request, exchange.response
        if max(len(request.body), len(response.body)) > LONGEST_BODY:
            exchange = replace(
                exchange,
                request=replace(request, body=request.body[:LONGEST_BODY]),
                response=replace(response, body=response.body[:LONGEST_BODY]),
            )
        size = _size(exchange)
        with self._lock:
            self._kept.append((exchange, size))
            self._bytes += size
            while len(self._kept) > MOST_EXCHANGES or self._bytes > MOST_BYTES:
                self._bytes -= self._kept.popleft()[1]

    def exchanges(self) -> tuple[Exchange, ...]:
        """What is kept, oldest first."""
        with self._lock:
            return tuple(exchange for exchange, _ in self._kept)


def _size(exchange: Exchange) -> int:
    """Bytes an exchange takes, roughly: whatever a client can make long is counted."""
    request, response = exchange.request, exchange.response
    pairs = (*request.query, *request.headers.items(), *response.headers)
    told = sum(len(str(violation)) for violation in exchange.violations) + len(exchange.hint)
    texts = len(request.path) + sum(len(name) + len(value) for name, value in pairs) + told
    return len(request.body) + len(response.body) + texts + 1_000
