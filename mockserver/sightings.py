"""Sightings: what was shown of each evaluation last, for the rules over two looks."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from mockserver.core import rules

if TYPE_CHECKING:
    from mockserver.core.evaluation import Evaluation
    from mockserver.core.exchange import Violation
    from mockserver.core.rules import Sighting

    _Seen = tuple[str, str, str]

MOST_SIGHTINGS = 20_000
"""How many evaluations' last sightings are remembered, the least recently seen going first."""


class Sightings:
    """The last sighting of each evaluation, by whom it was shown to."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self._lock = threading.Lock()
        self._last: OrderedDict[_Seen, tuple[Evaluation, Sighting]] = OrderedDict()

    def judge(self, scope: str, shown: Evaluation, seen: Sighting) -> tuple[Violation, ...]:
        """Judge what is about to be shown by the temporal rules, alone and after the last.

        Answers overtake each other, so the two are put in the order of their instants. A
        sighting of what stood under this id before a reload says nothing about what stands now.
        """
        key = (shown.collection, scope, shown.id)
        broken = rules.check(seen)
        with self._lock:
            of, last = self._last.get(key, (shown, None))
            if not _same_life(of, shown):
                last = None
            if last is None or last.now <= seen.now:
                self._last[key] = (shown, seen)
                self._last.move_to_end(key)
            if len(self._last) > MOST_SIGHTINGS:
                self._last.popitem(last=False)
        if last is None:
            return broken
        before, after = (last, seen) if last.now <= seen.now else (seen, last)
        return broken + rules.check_pair(before, after)

    def forget(self, id_: str) -> None:
        """Nothing was seen of what has this id."""
        with self._lock:
            for key in [key for key in self._last if key[-1] == id_]:
                del self._last[key]

    def forget_one(self, evaluation: Evaluation) -> None:
        """Nothing was seen of this one, for whose scope it was alone."""
        with self._lock:
            self._last.pop((evaluation.collection, str(evaluation.scope), evaluation.id), None)

    def clear(self) -> None:
        """Nothing was seen."""
        with self._lock:
            self._last.clear()


def _same_life(one: Evaluation, other: Evaluation) -> bool:
    return one is other or (
        (one.born, one.timeline, one.work, one.fixed)
        == (other.born, other.timeline, other.work, other.fixed)
    )
