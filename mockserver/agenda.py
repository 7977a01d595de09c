"""The agenda: which change of status comes next, among any number of evaluations."""

from __future__ import annotations

from heapq import heapify, heappop, heappush, heapreplace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from mockserver.core.evaluation import Evaluation
    from mockserver.store import Key

    _Entry = tuple[datetime, int, Key]

_SPARE = 1_000
"""Entries that say nothing any more which may lie about before they are swept."""


class Agenda:
    """Evaluations by their next change; callers hold the sandbox's lock.

    An entry says when to look at an evaluation again, never later than its next change. Those
    that were replaced or dropped are not looked for when that happens: their entries are put
    right when their turn comes, and swept when they outnumber the others.
    """

    def __init__(self, get: Callable[[Key], Evaluation | None]) -> None:
        """Start empty; `get` gives the evaluation that is kept under a key now."""
        self._get = get
        self._heap: list[_Entry] = []
        self._added = 0
        self._swept = 0

    def add(self, evaluation: Evaluation) -> None:
        """Keep an eye on an evaluation that is new, or has been replaced."""
        self._added += 1
        heappush(self._heap, (evaluation.born, self._added, evaluation.key))
        if len(self._heap) > 2 * self._swept + _SPARE:
            self._sweep()

    def _sweep(self) -> None:
        """Keep of each evaluation that is there the entry that comes first."""
        first: dict[Key, _Entry] = {}
        for entry in self._heap:
            if self._get(entry[2]) is not None:
                first[entry[2]] = min(entry, first.get(entry[2], entry))
        self._heap = list(first.values())
        heapify(self._heap)
        self._swept = len(self._heap)

    def next_change(self, now: datetime) -> datetime | None:
        """The next instant after `now` at which any status changes; `now` never goes back."""
        heap = self._heap
        while heap:
            at, order, key = heap[0]
            evaluation = self._get(key)
            upcoming = evaluation.next_change(now) if evaluation is not None else None
            if upcoming is None:
                heappop(heap)
            elif upcoming == at:
                return at
            else:
                heapreplace(heap, (upcoming, order, key))
        return None
