"""Sightings: what was shown of each evaluation last, for the rules over two looks."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from mockserver.core import rules
from mockserver.core.dataclass import dataclass
from mockserver.core.sure import is_surely_true, surely_follows

if TYPE_CHECKING:
    from datetime import datetime

    from mockserver.core.evaluation import Evaluation
    from mockserver.core.exchange import Violation
    from mockserver.core.rules import Sighting

    _Seen = tuple[str, str, str]

MOST_SIGHTINGS = 20_000
"""How many evaluations' last sightings are remembered, the least recently seen going first."""


@dataclass(slots=True)
class _Last:
    """What was shown last, first at its own instant and until now the same."""

    of: Evaluation
    seen: Sighting
    now: datetime

    def sighting(self) -> Sighting:
        return self.seen if self.now == self.seen.now else replace(self.seen, now=self.now)


class Sightings:
    """The last sighting of each evaluation, by whom it was shown to."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self._lock = threading.Lock()
        self._last: OrderedDict[_Seen, _Last] = OrderedDict()

    def judge(self, scope: str, shown: Evaluation, seen: Sighting) -> tuple[Violation, ...]:
        """Judge what is about to be shown by the temporal rules, alone and after the last.

        Answers overtake each other, so the two are put in the order of their instants. A
        sighting of what stood under this id before a reload says nothing about what stands now.
        """
        key = (shown.collection, scope, shown.id)
        broken = () if is_surely_true(seen) else rules.check(seen)
        with self._lock:
            known = self._last.get(key)
            last = known.sighting() if known is not None and _same_life(known.of, shown) else None
            if last is None or last.now <= seen.now:
                self._last[key] = _Last(shown, seen, seen.now)
                self._last.move_to_end(key)
            if len(self._last) > MOST_SIGHTINGS:
                self._last.popitem(last=False)
        if last is None:
            return broken
        before, after = (last, seen) if last.now <= seen.now else (seen, last)
        if surely_follows(before, after):
            return broken
        return broken + rules.check_pair(before, after)

    def repeat(self, scope: str, shown: Evaluation, seen: Sighting, now: datetime) -> bool:
        """Whether this sighting is the last one, which is then known to be shown at `now` too."""
        with self._lock:
            last = self._last.get((shown.collection, scope, shown.id))
            if last is None or last.seen is not seen or last.of is not shown:
                return False
            last.now = max(last.now, now)
            return True

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
