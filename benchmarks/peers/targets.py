"""What the mock has to reach, and whether it has, in one run."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from peers.documents import HUB_PATHS, MANY_PATHS
from peers.figures import ratio
from peers.servers import OURS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from peers.figures import Alone, Row

UNKNOWN = "not measured"


@dataclass(frozen=True, slots=True)
class Target:
    """One figure that has a bound.

    Attributes:
        found: None where it was not measured.
        least: whether the bound is one below which it must not be.
    """

    about: str
    found: float | None
    bound: float
    unit: str
    least: bool

    @property
    def reached(self) -> bool | None:
        """Whether it holds, or None where that is not known."""
        if self.found is None:
            return None
        return self.found >= self.bound if self.least else self.found <= self.bound

    def verdict(self) -> str:
        """Reached, or by how much not."""
        if self.found is None:
            return UNKNOWN
        if self.reached:
            return "reached"
        return f"**missed** by {abs(self.found - self.bound) / self.bound * 100:.0f} %"


def targets(rows: Sequence[Row], alone: Alone) -> list[Target]:
    """Every target, in the order in which they were set."""
    by_key = {row.server.key: row for row in rows}
    return [*_side_by_side(by_key), *_alone(alone)]


def _side_by_side(rows: Mapping[str, Row]) -> Iterator[Target]:
    for kind, peer, title, bound in (
        ("get", "openapi-backend", "GET, to openapi-backend's", 1.5),
        ("get", "prism", "GET, to Prism's", 5),
        ("get", "bare", "GET, to a bare WSGI callable's", 0.5),
        ("create", "prism", "POST, to Prism's", 3),
        ("refused", "prism", "a refused POST, to Prism's", 1),
    ):
        sides = (rows[key].rates(kind) if key in rows else [] for key in (OURS, peer))
        yield Target(f"requests per second of {title}", ratio(*sides), bound, "times", least=True)
    peers = [slow for row in rows.values() if row.server.is_peer if (slow := p99(row))]
    own = p99(rows[OURS]) if OURS in rows else None
    best = min(peers, default=None)
    yield Target("p99 of GET, to the best peer's", _over(own, best), 1, "times", least=False)
    cold = rows[OURS].cold if OURS in rows else []
    started = statistics.median(cold) if cold else None
    yield Target("cold start to the first 200", started, 300, "ms", least=False)


def p99(row: Row) -> float | None:
    """The median over the rounds of looks, in milliseconds."""
    found = [load.p99 / 1_000 for load in row.loads.get("get", ())]
    return statistics.median(found) if found else None


def _alone(alone: Alone) -> Iterator[Target]:
    def share(name: str, side: str, other: str) -> float | None:
        values = alone.values
        return ratio(values.get(f"{name}, {side}", []), values.get(f"{name}, {other}", []))

    yield _least(
        "GET among ten of many evaluations, to ten alone", share("evaluations", "many", "few")
    )
    yield _most("memory of an evaluation", alone.median("bytes an evaluation"), 2_048, "bytes")
    yield _least("GET in one of many sandboxes, to one alone", share("sandboxes", "many", "one"))
    yield _most("`import mockserver`", alone.median("import"), 50, "ms")
    yield _most("what the plugin adds to a run of pytest", alone.median("plugin"), 20, "ms")
    base = alone.median("start, 2 paths")
    for paths, bound in ((HUB_PATHS, 2), (MANY_PATHS, 4)):
        started = alone.median(f"start, {paths} paths")
        yield _most(
            f"cold start with {paths} paths, to with 2", _over(started, base), bound, "times"
        )
        yield _least(f"GET with {paths} paths, to with 2", share("paths", str(paths), "2"))
    yield _most("in process, the short way", alone.median("in process, short"), 15, "µs")
    yield _most("in process, through Flask", alone.median("in process, flask"), 100, "µs")


def _least(about: str, found: float | None) -> Target:
    """Nine tenths at least: as good as the same."""
    return Target(about, found, 0.9, "times", least=True)


def _most(about: str, found: float | None, bound: float, unit: str) -> Target:
    return Target(about, found, bound, unit, least=False)


def _over(one: float | None, other: float | None) -> float | None:
    return None if one is None or not other else one / other
