"""Where evaluations are kept: memory now, anything with these few verbs later."""

from __future__ import annotations

from collections import OrderedDict
from itertools import islice
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.budget import Budget
    from mockserver.core.evaluation import Evaluation

Key = tuple[str, str | None, str]
"""An evaluation's collection, scope and id."""

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

    def get(self, key: Key) -> Evaluation | None:
        """The evaluation of exactly this collection, scope and id."""

    def put(self, evaluation: Evaluation) -> None:
        """Add an evaluation, or replace the one of the same collection, scope and id."""

    def drop(self, evaluation: Evaluation) -> None:
        """Forget the evaluation of this one's collection, scope and id."""

    def keep_bounded(self, created: Evaluation) -> tuple[Evaluation, ...]:
        """Count a created evaluation; the oldest created ones, returned, make room past bounds."""

    def page(self, offset: int, most: int) -> tuple[Evaluation, ...]:
        """So many evaluations after the first `offset` ones, oldest first."""

    def clear(self) -> None:
        """Forget everything."""

    def __len__(self) -> int:
        """How many there are."""

    def __iter__(self) -> Iterator[Evaluation]:
        """Every evaluation, oldest first."""


class MemoryStore:
    """A store in this process's memory."""

    def __init__(self, budget: Budget) -> None:
        """Start empty; what created evaluations weigh is charged to the budget."""
        self._budget = budget
        self._all: dict[Key, Evaluation] = {}
        self._by_id: dict[str, tuple[Evaluation, ...]] = {}
        self._held: dict[tuple[str, str | None], dict[str, Evaluation]] = {}
        self._created: OrderedDict[Key, Evaluation] = OrderedDict()
        self._bytes = 0

    def find(self, collection: str, scope: str, id_: str) -> Evaluation | None:
        """See `Store`."""
        own = self._all.get((collection, scope, id_))
        return own or self._all.get((collection, None, id_))

    def held(self, collection: str, scope: str) -> tuple[Evaluation, ...]:
        """See `Store`."""
        shared = self._held.get((collection, None), {})
        own = self._held.get((collection, scope), {})
        return (*(e for e in shared.values() if e.id not in own), *own.values())

    def anywhere(self, id_: str) -> tuple[Evaluation, ...]:
        """See `Store`."""
        return self._by_id.get(id_, ())

    def get(self, key: Key) -> Evaluation | None:
        """See `Store`."""
        return self._all.get(key)

    def put(self, evaluation: Evaluation) -> None:
        """See `Store`."""
        key = key_of(evaluation)
        self._all[key] = evaluation
        self._by_id[evaluation.id] = (*self._others(evaluation), evaluation)
        self._held.setdefault(key[:2], {})[evaluation.id] = evaluation

    def drop(self, evaluation: Evaluation) -> None:
        """See `Store`."""
        key = key_of(evaluation)
        self._all.pop(key, None)
        others = self._others(evaluation)
        if others:
            self._by_id[evaluation.id] = others
        else:
            self._by_id.pop(evaluation.id, None)
        home = self._held.get(key[:2], {})
        home.pop(evaluation.id, None)
        if not home:
            self._held.pop(key[:2], None)
        if created := self._created.pop(key, None):
            self._weigh(-created.weight)

    def _others(self, evaluation: Evaluation) -> tuple[Evaluation, ...]:
        found = self._by_id.get(evaluation.id, ())
        return tuple(e for e in found if key_of(e) != key_of(evaluation))

    def keep_bounded(self, created: Evaluation) -> tuple[Evaluation, ...]:
        """See `Store`."""
        self._created[key_of(created)] = created
        self._weigh(created.weight)
        gone = []
        while len(self._created) > MOST_CREATED or self._bytes > MOST_BYTES:
            oldest = next(iter(self._created.values()))
            self.drop(oldest)
            gone.append(oldest)
        return tuple(gone)

    def _weigh(self, count: int) -> None:
        self._bytes += count
        self._budget.add(count)

    def page(self, offset: int, most: int) -> tuple[Evaluation, ...]:
        """See `Store`."""
        return tuple(islice(self._all.values(), offset, offset + most))

    def clear(self) -> None:
        """See `Store`."""
        self._weigh(-self._bytes)
        self._all, self._by_id, self._held = {}, {}, {}
        self._created = OrderedDict()

    def __len__(self) -> int:
        """See `Store`."""
        return len(self._all)

    def __iter__(self) -> Iterator[Evaluation]:
        """See `Store`."""
        return iter(tuple(self._all.values()))


def key_of(evaluation: Evaluation) -> Key:
    """Where an evaluation is kept."""
    return evaluation.collection, evaluation.scope, evaluation.id
