"""Where evaluations are kept: memory now, anything with these few verbs later."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.core.evaluation import Evaluation

MOST_CREATED = 200_000
MOST_BYTES = 1_000_000_000
"""Bounds on what clients can make the store keep; past them the oldest created one goes."""


class Store(Protocol):
    """Evaluations by repository and id; callers hold the sandbox's lock while they write."""

    def find(self, repository: str, id_: str) -> Evaluation | None:
        """The evaluation of this id in this repository, its own before one that all share."""

    def anywhere(self, id_: str) -> tuple[Evaluation, ...]:
        """Every evaluation of this id, whatever its repository."""

    def put(self, evaluation: Evaluation) -> None:
        """Add an evaluation, or replace the one of the same repository and id."""

    def drop(self, evaluation: Evaluation) -> None:
        """Forget the evaluation of this one's repository and id."""

    def keep_bounded(self, created: Evaluation) -> tuple[Evaluation, ...]:
        """Count a created evaluation; the oldest created ones, returned, make room past bounds."""

    def __iter__(self) -> Iterator[Evaluation]:
        """Every evaluation, oldest first."""


class MemoryStore:
    """A store in this process's memory."""

    def __init__(self) -> None:
        """Start empty."""
        self._by_id: dict[str, tuple[Evaluation, ...]] = {}
        self._created: deque[Evaluation] = deque()
        self._bytes = 0

    def find(self, repository: str, id_: str) -> Evaluation | None:
        """See `Store`."""
        found = self._by_id.get(id_, ())
        own = (e for e in found if e.repository == repository)
        return next(own, next((e for e in found if e.repository is None), None))

    def anywhere(self, id_: str) -> tuple[Evaluation, ...]:
        """See `Store`."""
        return self._by_id.get(id_, ())

    def put(self, evaluation: Evaluation) -> None:
        """See `Store`."""
        others = self._others(evaluation)
        self._by_id[evaluation.id] = (*others, evaluation)

    def drop(self, evaluation: Evaluation) -> None:
        """See `Store`."""
        others = self._others(evaluation)
        if others:
            self._by_id[evaluation.id] = others
        else:
            self._by_id.pop(evaluation.id, None)

    def _others(self, evaluation: Evaluation) -> tuple[Evaluation, ...]:
        found = self._by_id.get(evaluation.id, ())
        return tuple(e for e in found if e.repository != evaluation.repository)

    def keep_bounded(self, created: Evaluation) -> tuple[Evaluation, ...]:
        """See `Store`."""
        self._created.append(created)
        self._bytes += created.weight
        gone = []
        while len(self._created) > MOST_CREATED or self._bytes > MOST_BYTES:
            oldest = self._created.popleft()
            self._bytes -= oldest.weight
            self.drop(oldest)
            gone.append(oldest)
        return tuple(gone)

    def __iter__(self) -> Iterator[Evaluation]:
        """See `Store`."""
        return (evaluation for found in tuple(self._by_id.values()) for evaluation in found)
