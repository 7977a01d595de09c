"""Where evaluations are kept: memory now, anything with these few verbs later."""

from __future__ import annotations

from collections import deque
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

_SPARE = 1_000
"""Keys of dropped ones that may lie about before they are swept."""


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
        self._by_id: dict[str, Evaluation | tuple[Evaluation, ...]] = {}
        self._held: dict[tuple[str, str | None], dict[str, Evaluation]] = {}
        self._created: set[Key] = set()
        self._in_order: deque[Key] = deque()
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
        found = self._by_id.get(id_, ())
        return found if isinstance(found, tuple) else (found,)

    def get(self, key: Key) -> Evaluation | None:
        """See `Store`."""
        return self._all.get(key)

    def put(self, evaluation: Evaluation) -> None:
        """See `Store`."""
        key = evaluation.key
        self._all[key] = evaluation
        others = self._others(evaluation)
        self._by_id[evaluation.id] = (*others, evaluation) if others else evaluation
        self._held.setdefault(key[:2], {})[evaluation.id] = evaluation

    def drop(self, evaluation: Evaluation) -> None:
        """See `Store`."""
        key = evaluation.key
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
        if key in self._created:
            self._created.remove(key)
            self._weigh(-evaluation.weight)

    def _others(self, evaluation: Evaluation) -> tuple[Evaluation, ...]:
        return tuple(e for e in self.anywhere(evaluation.id) if e.key != evaluation.key)

    def keep_bounded(self, created: Evaluation) -> tuple[Evaluation, ...]:
        """See `Store`."""
        self._created.add(created.key)
        self._in_order.append(created.key)
        self._weigh(created.weight)
        gone = []
        while len(self._created) > MOST_CREATED or self._bytes > MOST_BYTES:
            oldest = self._all[next(self._oldest())]
            self.drop(oldest)
            gone.append(oldest)
        if len(self._in_order) > 2 * len(self._created) + _SPARE:
            self._in_order = deque(dict.fromkeys(k for k in self._in_order if k in self._created))
        return tuple(gone)

    def _oldest(self) -> Iterator[Key]:
        """The created ones that are still there, oldest first; each is not told again."""
        while self._in_order:
            if (key := self._in_order.popleft()) in self._created:
                yield key

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
        self._created, self._in_order = set(), deque()

    def __len__(self) -> int:
        """See `Store`."""
        return len(self._all)

    def __iter__(self) -> Iterator[Evaluation]:
        """See `Store`."""
        return iter(tuple(self._all.values()))
