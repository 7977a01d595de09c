"""A sandbox: one world with a clock, a store, a journal and a seed of its own."""

from __future__ import annotations

import hashlib
import itertools
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from mockserver.core import rules
from mockserver.journal import Journal
from mockserver.store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from mockserver.core.clock import Clock
    from mockserver.core.evaluation import Evaluation
    from mockserver.core.exchange import Violation
    from mockserver.store import Store

    _Seen = tuple[str, str, str]

MOST_SIGHTINGS = 20_000
"""How many evaluations' last sightings are remembered, the least recently seen going first."""


class Sandbox:
    """Everything that changes hangs here and is replaced under one lock."""

    def __init__(
        self, clock: Clock, seed: str, real: Callable[[], int] = time.monotonic_ns
    ) -> None:
        """Start a world at the clock's base; `real` reads monotonic time in nanoseconds."""
        self._lock = threading.Lock()
        self._clock = clock
        self._real = real
        self._seed = seed
        self._made = 0
        self._asked = itertools.count(1)
        self._store: Store = MemoryStore()
        self._sightings: OrderedDict[_Seen, tuple[Evaluation, rules.Sighting]] = OrderedDict()
        self._of_fixtures: dict[str, Evaluation] = {}
        self.epoch = clock.base
        self.journal = Journal()

    def now(self) -> datetime:
        """The virtual instant; read it once for a request and pass it down."""
        return self._clock.now(self._real())

    def find(self, collection: str, scope: str, id_: str, now: datetime) -> Evaluation | None:
        """The evaluation of this id that this scope holds at this instant."""
        found = self._store.find(collection, scope, id_)
        return found if found is not None and found.born <= now else None

    def held(self, collection: str, scope: str, now: datetime) -> tuple[Evaluation, ...]:
        """Every evaluation that this scope holds at this instant, the newest first."""
        with self._lock:
            held = self._store.held(collection, scope)
        found = [evaluation for evaluation in held[::-1] if evaluation.born <= now]
        return tuple(sorted(found, key=lambda e: e.born, reverse=True))

    def anywhere(self, id_: str) -> tuple[Evaluation, ...]:
        """Every evaluation of this id in any collection and scope, born or not."""
        return self._store.anywhere(id_)

    def evaluations(self) -> tuple[Evaluation, ...]:
        """Every evaluation there is, born or not."""
        with self._lock:
            return tuple(self._store)

    def create(
        self, make: Callable[[str], Evaluation], id_from: Callable[[str], str]
    ) -> Evaluation:
        """Keep a new evaluation; `make` is given its id, which no other one has.

        `id_from` makes an id of a text, the same of the same text.
        """
        with self._lock:
            id_ = self._new_id(id_from)
            created = make(id_)
            self._store.put(created)
            for gone in self._store.keep_bounded(created):
                self._sightings.pop((gone.collection, str(gone.scope), gone.id), None)
            return created

    def _new_id(self, id_from: Callable[[str], str]) -> str:
        while True:
            self._made += 1
            drawn = id_from(f"{self._seed}/{self._made}")
            if not self._store.anywhere(drawn):
                return drawn

    def new_request_id(self) -> str:
        """An id for a request that brought none; the same requests in order get the same ids."""
        return uuid_from(f"{self._seed}/request/{next(self._asked)}")

    def set_fixtures(self, fresh: Mapping[str, Evaluation | None]) -> None:
        """Start the evaluations of these fixtures, or anew, or none any more.

        Fixtures go by any name, as long as it is the same each time.

        What was seen under their ids is forgotten, created evaluations are not touched. All
        at once, for an id may move from one fixture to another.
        """
        with self._lock:
            for name in fresh:
                before = self._of_fixtures.pop(name, None)
                if before is not None:
                    self._store.drop(before)
                    self._forget_sightings(before.id)
            for name, evaluation in fresh.items():
                if evaluation is not None:
                    self._of_fixtures[name] = evaluation
                    self._store.put(evaluation)
                    self._forget_sightings(evaluation.id)

    def _forget_sightings(self, id_: str) -> None:
        for key in [key for key in self._sightings if key[-1] == id_]:
            del self._sightings[key]

    def judge(self, scope: str, shown: Evaluation, seen: rules.Sighting) -> tuple[Violation, ...]:
        """Judge what is about to be shown by the temporal rules, alone and after the last.

        Answers overtake each other, so the two are put in the order of their instants. A
        sighting of what stood under this id before a reload says nothing about what stands now.
        """
        key = (shown.collection, scope, shown.id)
        broken = rules.check(seen)
        with self._lock:
            of, last = self._sightings.get(key, (shown, None))
            if not _same_life(of, shown):
                last = None
            if last is None or last.now <= seen.now:
                self._sightings[key] = (shown, seen)
                self._sightings.move_to_end(key)
            if len(self._sightings) > MOST_SIGHTINGS:
                self._sightings.popitem(last=False)
        if last is None:
            return broken
        before, after = (last, seen) if last.now <= seen.now else (seen, last)
        return broken + rules.check_pair(before, after)


def _same_life(one: Evaluation, other: Evaluation) -> bool:
    return one is other or (
        (one.born, one.timeline, one.work, one.fixed)
        == (other.born, other.timeline, other.work, other.fixed)
    )


def uuid_from(text: str) -> str:
    """A uuid (version 8 of RFC 9562, made from a hash) that the same text always gives."""
    digest = bytearray(hashlib.blake2b(text.encode(), digest_size=16).digest())
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    raw = digest.hex()
    return f"{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}"
