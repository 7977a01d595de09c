"""Step mode: time moves when somebody looks, and only as far as nobody misses a status."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockserver.store import Key

MOST_WATCHED = 1_000


class Watched:
    """The evaluations that are being polled, each with whether it was seen since the last step.

    Several pollers may take turns. Time moves on once each of them has seen what there is to see
    at this instant; who looks twice has waited long enough, so that one that has stopped polling
    holds up nobody. Callers hold the sandbox's lock.
    """

    def __init__(self) -> None:
        """Start with nobody polling."""
        self._seen: OrderedDict[Key, bool] = OrderedDict()

    def look(self, key: Key, going_on: set[Key]) -> bool:
        """Note a look at an evaluation; whether time may move on now.

        `going_on` are those of the watched evaluations whose status will still change.
        """
        again = self._seen.get(key, False)
        self._seen[key] = True
        self._seen.move_to_end(key)
        if len(self._seen) > MOST_WATCHED:
            self._seen.popitem(last=False)
        return again or all(seen for other, seen in self._seen.items() if other in going_on)

    def stepped(self) -> None:
        """Time has moved: there is something new to see for everybody."""
        for key in self._seen:
            self._seen[key] = False

    def __iter__(self) -> Iterator[Key]:
        """Every evaluation that is being polled."""
        return iter(tuple(self._seen))

    def state(self) -> tuple[tuple[Key, bool], ...]:
        """Everything there is to remember, the least recently polled first."""
        return tuple(self._seen.items())

    def restore(self, state: Mapping[Key, bool]) -> None:
        """Put it back to such a state."""
        self._seen = OrderedDict(state)
