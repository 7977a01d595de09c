"""How often and how long everything is measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """One way of measuring.

    Attributes:
        rounds: of looks, over all servers; `fewer` of creates and of refusals.
        seconds: of load in a round of one server; one more goes before the first, uncounted.
        starts: cold starts of each server; of the mock `firsts` with nothing kept by earlier ones.
        own: rounds of what is measured of the mock alone.
        evaluations: how many there are where there are many; likewise sandboxes.
        pairs: runs of pytest with the plugin and without.
        imports: processes that import the mock.
        batches: batches of requests in process.
    """

    rounds: int = 5
    fewer: int = 5
    seconds: int = 5
    starts: int = 7
    firsts: int = 3
    own: int = 5
    evaluations: int = 100_000
    sandboxes: int = 1_000
    pairs: int = 15
    imports: int = 15
    batches: int = 25

    def of(self, kind: str) -> int:
        """The rounds of a kind of request."""
        return self.rounds if kind == "get" else self.fewer


FULL = Plan()
QUICK = Plan(
    rounds=2,
    fewer=2,
    seconds=1,
    starts=1,
    firsts=1,
    own=1,
    evaluations=5_000,
    sandboxes=500,
    pairs=1,
    imports=3,
    batches=4,
)
