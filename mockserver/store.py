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
    """Evaluations by collection, scope and id; callers hold the sandbox's lock to write."""

    def find(self, collection: str, scope: str, id_: str) -> Evaluation | None:
        """The evaluation of this id in this scope, its own before one that all share."""

    def held(self, collection: str, scope: str) -> tuple[Evaluation, ...]:
        """Every evaluation of this scope, those that all share first, each in order of coming."""

    def anywhere(self, id_: str) -> tuple[Evaluation, ...]:
        """Every evaluation of this id, whatever its collection and scope."""

    def put(self, evaluation: Evaluation) -> None:
        """Add an evaluation, or replace the one of the same collection, scope and id."""

    def drop(self, evaluation: Evaluation) -> None:
        """Forget the evaluation of this one's collection, scope and id."""

    def keep_bounded(self, created: Evaluation) -> tuple[Evaluation, ...]:
        """Count a created evaluation; the oldest created ones, returned, make room past bounds."""

    def __iter__(self) -> Iterator[Evaluation]:
        """Every evaluation, oldest first."""


class MemoryStore:
    """A store in this process's memory."""

    def __init__(self) -> None:
        """Start empty."""
        self._by_id: dict[str, tuple[Evaluation, ...]] = {}
        self._held: dict[tuple[str, str | None], dict[str, Evaluation]] = {}
        self._created: deque[Evaluation] = deque()
        self._bytes = 0

    def find(self, collection: str, scope: str, id_: str) -> Evaluation | None:
        """See `Store`."""
        own = self._held.get((collection, scope), {}).get(id_)
        return own or self._held.get((collection, None), {}).get(id_)

    def held(self, collection: str, scope: str) -> tuple[Evaluation, ...]:
        """See `Store`."""
        shared = self._held.get((collection, None), {})
        own = self._held.get((collection, scope), {})
        return (*(e for e in shared.values() if e.id not in own), *own.values())

    def anywhere(self, id_: str) -> tuple[Evaluation, ...]:
        """See `Store`."""
        return self._by_id.get(id_, ())

    def put(self, evaluation: Evaluation) -> None:
        """See `Store`."""
        self._by_id[evaluation.id] = (*self._others(evaluation), evaluation)
        self._held.setdefault(_home(evaluation), {})[evaluation.id] = evaluation

    def drop(self, evaluation: Evaluation) -> None:
        """See `Store`."""
        others = self._others(evaluation)
        if others:
            self._by_id[evaluation.id] = others
        else:
            self._by_id.pop(evaluation.id, None)
        home = self._held.get(_home(evaluation), {})
        home.pop(evaluation.id, None)
        if not home:
            self._held.pop(_home(evaluation), None)

    def _others(self, evaluation: Evaluation) -> tuple[Evaluation, ...]:
        found = self._by_id.get(evaluation.id, ())
        return tuple(e for e in found if _home(e) != _home(evaluation))

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


def _home(evaluation: Evaluation) -> tuple[str, str | None]:
    return evaluation.collection, evaluation.scope
