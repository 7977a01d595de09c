"""Deliberate breaches: what a client was said to break on purpose, and how often it did."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass
from mockserver.core.errors import NoRoomError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mockserver.core.exchange import Violation

MOST_EXPECTATIONS = 1_000


@dataclass(frozen=True, slots=True)
class Expectation:
    """A violation that somebody said would come.

    Attributes:
        id: as in "expectation-1".
        operation: the operationId it is about, or None for any, and for what matched none.
        place: where, as violations say it; * stands for anything.
        count: in how many exchanges it is to come.
        met: in how many it came, `count` at the most.
    """

    id: str
    operation: str | None
    place: str
    count: int
    met: int

    def covers(self, operation_id: str | None, violation: Violation) -> bool:
        """Whether this violation of a request to that operation is one of those meant."""
        if violation.is_ours or self.operation not in {None, operation_id}:
            return False
        return _takes(self.place, violation.place)


class Expectations:
    """The expectations of one sandbox, in bounded number."""

    def __init__(self) -> None:
        """Start with none."""
        self._lock = threading.Lock()
        self._held: dict[str, Expectation] = {}
        self._made = 0

    @property
    def made(self) -> int:
        """How many ids were ever given."""
        with self._lock:
            return self._made

    def add(self, operation: str | None, place: str, count: int) -> Expectation:
        """Expect a violation in this place, in `count` exchanges.

        Raises:
            NoRoomError: there are as many expectations as may be.
        """
        with self._lock:
            if len(self._held) >= MOST_EXPECTATIONS:
                raise NoRoomError(
                    f"there are {MOST_EXPECTATIONS} expectations already, the most that are kept; "
                    "take back those that are met with DELETE /_mock/expectations/ID, or say one "
                    "with a count in place of many"
                )
            added = Expectation(self._new_id(), operation, place, count, 0)
            self._held[added.id] = added
            return added

    def _new_id(self) -> str:
        while True:
            self._made += 1
            drawn = f"expectation-{self._made}"
            if drawn not in self._held:  # a snapshot that was edited may hold any id
                return drawn

    def remove(self, id_: str) -> bool:
        """Take an expectation back; whether there was one of this id."""
        with self._lock:
            return self._held.pop(id_, None) is not None

    def __len__(self) -> int:
        """How many there are, met ones included."""
        return len(self._held)

    def all(self) -> tuple[Expectation, ...]:
        """Every expectation, in the order of their coming."""
        with self._lock:
            return tuple(self._held.values())

    def missing(self) -> tuple[Expectation, ...]:
        """Those that did not come as often as was said."""
        return tuple(one for one in self.all() if one.met < one.count)

    def restore(self, expectations: Iterable[Expectation], made: int) -> None:
        """Put these in the place of all there are; `made` is how many ids were ever given."""
        with self._lock:
            self._held = {one.id: one for one in expectations}
            self._made = made

    def awaited(
        self, operation_id: str | None, violations: Sequence[Violation]
    ) -> tuple[Violation, ...]:
        """The violations of one exchange, marked where an expectation that is not met covers them.

        Every expectation that covers one of them counts this exchange once, however many it covers
        and whatever other ones do.
        """
        if not violations:
            return ()
        found: set[int] = set()
        with self._lock:
            for one in [one for one in self._held.values() if one.met < one.count]:
                covered = {i for i, v in enumerate(violations) if one.covers(operation_id, v)}
                if covered:
                    self._held[one.id] = replace(one, met=one.met + 1)
                    found |= covered
        return tuple(
            replace(v, awaited=True) if i in found else v for i, v in enumerate(violations)
        )


def _takes(pattern: str, place: str) -> bool:
    """Whether a pattern in which only the star is special takes a place.

    `fnmatch` would have brackets, which places hold, mean something, and would keep every pattern.
    """
    start, *others = pattern.split("*")
    if not others:
        return place == pattern
    *between, end = others
    at = len(start)
    for part in between:
        found = place.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return place.startswith(start) and place.endswith(end) and len(place) - at >= len(end)
