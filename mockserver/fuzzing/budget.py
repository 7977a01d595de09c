"""How much is asked: so many requests, or for so long; and who is told as it goes on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent: one of the two is said.

    Attributes:
        requests: how many.
        seconds: for how long.
    """

    requests: int | None = None
    seconds: float | None = None


class Meter:
    """Counts what is spent, over all of a run."""

    def __init__(self, budget: Budget, tick: Callable[[float], None]) -> None:
        """Start now; `tick` is told after each request how much is spent, from 0 to 1."""
        self._budget, self._tick = budget, tick
        self._started = time.monotonic()
        self._until = 1.0
        self.requests = 0

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self._started

    @property
    def spent(self) -> float:
        """How much of the budget is gone, from 0 to 1 and beyond."""
        if self._budget.requests is not None:
            return self.requests / self._budget.requests
        return self.seconds / (self._budget.seconds or 1)

    @property
    def is_spent(self) -> bool:
        """Whether what is going on has had its share."""
        return self.spent >= self._until

    def share(self, until: float) -> None:
        """What goes on from now may go on until so much of the whole is gone."""
        self._until = until

    def count(self) -> None:
        """Count a request that has been answered, or was not."""
        self.requests += 1
        self._tick(min(1.0, self.spent))
