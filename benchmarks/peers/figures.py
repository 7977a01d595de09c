"""What was measured, as medians with their spread."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from peers.load import Load
    from peers.servers import Server
    from peers.verifying import Verified

KINDS = ("get", "create", "refused")


@dataclass(frozen=True, slots=True)
class Spread:
    """A median, and between what it lies."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Of at least one value."""
        found = sorted(values)
        return cls(statistics.median(found), found[0], found[-1])


@dataclass(slots=True)
class Row:
    """Everything about one server.

    Attributes:
        problem: why it is not measured, or no further; empty if nothing is amiss.
        cold: milliseconds from the start of a process to the first 200.
        memory: MB with all children, after the looks.
        loads: the runs by kind.
        journaled: of the mock: different answers among the last looks in its journal, and of
            how many.
    """

    server: Server
    version: str = ""
    problem: str = ""
    verified: Verified | None = None
    cold: list[float] = field(default_factory=list)
    memory: float = 0.0
    loads: dict[str, list[Load]] = field(default_factory=dict)
    journaled: tuple[int, int] = (0, 0)

    def rates(self, kind: str) -> list[float]:
        """Requests per second, round by round."""
        return [load.rate for load in self.loads.get(kind, ())]

    def rate(self, kind: str) -> float | None:
        """The median of these."""
        rates = self.rates(kind)
        return statistics.median(rates) if rates else None


@dataclass(slots=True)
class Alone:
    """What is measured of the mock alone, by name; and what went wrong, by what was tried."""

    values: dict[str, list[float]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    def median(self, name: str) -> float | None:
        """The middle of what was measured under this name, or None."""
        found = self.values.get(name)
        return statistics.median(found) if found else None


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """The median of ours over theirs, round by round, or None where either is missing."""
    pairs = list(zip(ours, theirs, strict=False))
    return statistics.median(a / b for a, b in pairs) if pairs else None
