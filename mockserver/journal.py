"""The journal: the last exchanges of a sandbox, in bounded memory, and waiting for the next."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.budget import Budget
    from mockserver.core.exchange import Exchange

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
        self._changed = threading.Condition()
        self._budget = budget
        self._kept: deque[tuple[Entry, int]] = deque()
        self._bytes = 0
        self._last = 0

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
        with self._changed:
            self._last += 1
            self._kept.append((Entry(self._last, exchange), size))
            change = size
            while len(self._kept) > MOST_EXCHANGES or self._bytes + change > MOST_BYTES:
                change -= self._kept.popleft()[1]
            self._weigh(change)
            self._changed.notify_all()

    def exchanges(self) -> tuple[Exchange, ...]:
        """What is kept, oldest first."""
        with self._changed:
            return tuple(entry.exchange for entry, _ in self._kept)

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
        with self._changed:
            entries, cursor = self._after(after, wanted, most)
            lost = after < self._last - len(self._kept)
            if not entries and seconds > 0:
                start = cursor

                def has_come() -> bool:
                    nonlocal entries, cursor
                    entries, cursor = self._after(start, wanted, most)
                    return bool(entries)

                self._changed.wait_for(has_come, seconds)
            return Found(entries, cursor, lost)

    def _after(
        self, after: int, wanted: Callable[[Exchange], bool], most: int
    ) -> tuple[tuple[Entry, ...], int]:
        newer = (entry for entry, _ in self._kept if entry.seq > after)
        found = tuple(islice((e for e in newer if wanted(e.exchange)), most))
        return found, found[-1].seq if len(found) == most else self._last

    def clear(self) -> None:
        """Forget everything; cursors go on from where they are."""
        with self._changed:
            self._kept.clear()
            self._weigh(-self._bytes)

    def _weigh(self, count: int) -> None:
        self._bytes += count
        self._budget.add(count)


def _size(exchange: Exchange) -> int:
    """Bytes an exchange takes, roughly: whatever a client can make long is counted."""
    request, response = exchange.request, exchange.response
    pairs = (*request.query, *request.headers.items(), *response.headers)
    told = sum(len(str(violation)) for violation in exchange.violations) + len(exchange.hint)
    texts = len(request.path) + sum(len(name) + len(value) for name, value in pairs) + told
    return len(request.body) + len(response.body) + texts + 1_000
