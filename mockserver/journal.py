"""The journal: the last exchanges of a sandbox, in bounded memory, and waiting for the next."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.budget import Budget
    from mockserver.core.exchange import Exchange, Request

    _Kept = Exchange | Callable[[], Exchange]

MOST_EXCHANGES = 1_000
MOST_BYTES = 16_000_000
LONGEST_BODY = 64_000
"""Bytes of a body that are kept; what is longer is cut."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An exchange with its place: a cursor that goes on from here."""

    seq: int
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in the journal.

    Attributes:
        cursor: where to go on from.
        lost: whether exchanges after the cursor that was asked for have made room already.
    """

    entries: tuple[Entry, ...]
    cursor: int
    lost: bool


class Journal:
    """Keeps the newest exchanges; the oldest make room."""

    def __init__(self, budget: Budget) -> None:
        """Start empty; what it keeps is charged to the budget."""
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._budget = budget
        self._kept: deque[tuple[int, _Kept, int]] = deque()
        self._bytes = 0
        self._last = 0
        self._waiting = 0

    def add(self, exchange: Exchange, weight: int | None = None) -> None:
        """Keep an exchange, its bodies cut to a bounded length; `weight_of` it may be known."""
        request, response = exchange.request, exchange.response
        if max(len(request.body), len(response.body)) > LONGEST_BODY:
            exchange = replace(
                exchange,
                request=replace(request, body=request.body[:LONGEST_BODY]),
                response=replace(response, body=response.body[:LONGEST_BODY]),
            )
            weight = None
        self._add(exchange, weight_of(exchange) if weight is None else weight)

    def add_later(self, exchange: Callable[[], Exchange], weight: int) -> None:
        """Keep an exchange of this weight that is made when somebody looks, as few ever do."""
        self._add(exchange, weight)

    def _add(self, exchange: _Kept, weight: int) -> None:
        with self._lock:
            self._last += 1
            self._kept.append((self._last, exchange, weight))
            change = weight
            while len(self._kept) > MOST_EXCHANGES or self._bytes + change > MOST_BYTES:
                change -= self._kept.popleft()[2]
            if change:
                self._weigh(change)
            if self._waiting:
                self._changed.notify_all()

    def exchanges(self) -> tuple[Exchange, ...]:
        """What is kept, oldest first."""
        with self._lock:
            return tuple(_made(kept) for _, kept, _ in self._kept)

    @property
    def last(self) -> int:
        """The cursor after everything that has been kept so far."""
        return self._last

    def __len__(self) -> int:
        """How many exchanges are kept."""
        return len(self._kept)

    def find(
        self, after: int, wanted: Callable[[Exchange], bool], most: int, seconds: float = 0.0
    ) -> Found:
        """The first exchanges after a cursor that are wanted, at most so many.

        Where there is none yet, wait for one: real seconds, and no longer.
        """
        with self._lock:
            entries, cursor = self._after(after, wanted, most)
            lost = after < self._last - len(self._kept)
            if not entries and seconds > 0:
                start = cursor

                def has_come() -> bool:
                    nonlocal entries, cursor
                    entries, cursor = self._after(start, wanted, most)
                    return bool(entries)

                self._waiting += 1
                try:
                    self._changed.wait_for(has_come, seconds)
                finally:
                    self._waiting -= 1
            return Found(entries, cursor, lost)

    def _after(
        self, after: int, wanted: Callable[[Exchange], bool], most: int
    ) -> tuple[tuple[Entry, ...], int]:
        newer = (Entry(seq, _made(kept)) for seq, kept, _ in self._kept if seq > after)
        found = tuple(islice((entry for entry in newer if wanted(entry.exchange)), most))
        return found, found[-1].seq if len(found) == most else self._last

    def clear(self) -> None:
        """Forget everything; cursors go on from where they are."""
        with self._lock:
            self._kept.clear()
            self._weigh(-self._bytes)

    def _weigh(self, count: int) -> None:
        self._bytes += count
        self._budget.add(count)


def _made(kept: _Kept) -> Exchange:
    return kept() if callable(kept) else kept


def weight_of(exchange: Exchange) -> int:
    """Bytes an exchange takes, roughly: whatever a client can make long is counted."""
    return weight_of_head(exchange.request) + weight_beside(exchange)


def weight_of_head(request: Request) -> int:
    """Bytes that a request takes without its body."""
    size = 1_000 + len(request.path)
    for name, value in request.headers.items():
        size += len(name) + len(value)
    for name, value in request.query:
        size += len(name) + len(value)
    return size


def weight_beside(exchange: Exchange) -> int:
    """Bytes that the rest of an exchange takes."""
    response = exchange.response
    size = len(exchange.request.body) + len(response.body) + len(exchange.hint)
    for name, value in response.headers:
        size += len(name) + len(value)
    for violation in exchange.violations:
        size += len(str(violation))
    return size
