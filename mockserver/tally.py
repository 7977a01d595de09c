"""The tally: what is counted of a sandbox, which outlives the exchanges that its journal drops."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from dataclasses import field
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass
from mockserver.core.exchange import Client

if TYPE_CHECKING:
    from mockserver.core.exchange import Exchange
    from mockserver.expectations import Expectation

MOST_CLIENTS = 1_000
MOST_BREACHES = 1_000
MOST_MISSED = 1_000
MOST_ENDS = 10_000
"""How many ends, each seen by one client, are remembered, the least recently seen going first."""

REST = Client(mark="the rest")
"""Stands for all clients past the bound."""

_LONGEST_TEXT = 500


@dataclass(frozen=True, slots=True)
class Breach:
    """What violations have in common that are counted together.

    Attributes:
        operation: the operation that was asked for, or None where nothing matched.
        of: "request", or "answer" where it is ours that was wrong.
    """

    operation: str | None
    of: str
    place: str
    expected: str


@dataclass(frozen=True, slots=True)
class Breaches:
    """How often there was such a breach, with what was found the first time."""

    count: int
    found: str
    advice: str

    def __add__(self, other: Breaches) -> Breaches:
        """Both together, told by the first one's example."""
        return Breaches(self.count + other.count, self.found, self.advice)


@dataclass(frozen=True, slots=True)
class Looks:
    """What a client saw of the evaluations of an API.

    Attributes:
        saw: the statuses, in the API's words.
        polls_after_end: how often it looked again at one whose end it had seen.
    """

    saw: frozenset[str] = frozenset()
    polls_after_end: int = 0

    def __add__(self, other: Looks) -> Looks:
        """Both together."""
        return Looks(self.saw | other.saw, self.polls_after_end + other.polls_after_end)


@dataclass(slots=True)
class Counts:
    """What was counted; the counts of two can be added up.

    Attributes:
        operations: how often each status was answered, by operation; None where nothing matched.
        clients: what each client saw, by API.
        breaches: what was broken, those awaited not counted.
        broken_requests: requests that broke something that nobody awaited.
        broken_answers: answers of ours that broke something.
        awaited: requests that broke something as expected.
        faults: answers that a fault has changed.
        missed: expectations of departed sandboxes that were not met.
    """

    requests: int = 0
    operations: dict[str | None, Counter[int]] = field(default_factory=dict)
    clients: dict[Client, dict[str, Looks]] = field(default_factory=dict)
    breaches: dict[Breach, Breaches] = field(default_factory=dict)
    broken_requests: int = 0
    broken_answers: int = 0
    awaited: int = 0
    faults: int = 0
    missed: list[Expectation] = field(default_factory=list)

    def count(self, exchange: Exchange, *, looked_again: bool) -> None:
        """Add a single exchange to these, within the bounds."""
        self.requests += 1
        self.faults += exchange.fault is not None
        codes = self.operations.get(exchange.operation_id)
        if codes is None:
            codes = self.operations[exchange.operation_id] = Counter()
        codes[exchange.response.status] += 1
        known = self.clients.get(exchange.client, {}).get(exchange.api)
        if (
            known is None
            or looked_again
            or not (exchange.seen is None or exchange.seen in known.saw)
        ):
            saw = frozenset[str]() if exchange.seen is None else frozenset({exchange.seen})
            self._look(exchange.client, {exchange.api: Looks(saw, int(looked_again))})
        if violations := exchange.violations:
            self.broken_requests += any(not v.is_ours and not v.awaited for v in violations)
            self.broken_answers += any(v.is_ours for v in violations)
            self.awaited += any(v.awaited for v in violations)
            for breach, breaches in _breaches_of(exchange).items():
                self._break(breach, breaches)

    def include(self, other: Counts) -> None:
        """Add another's counts to these, within the bounds."""
        self.requests += other.requests
        self.broken_requests += other.broken_requests
        self.broken_answers += other.broken_answers
        self.awaited += other.awaited
        self.faults += other.faults
        for operation, codes in other.operations.items():
            self.operations.setdefault(operation, Counter()).update(codes)
        for client, by_api in other.clients.items():
            self._look(client, by_api)
        for breach, breaches in other.breaches.items():
            self._break(breach, breaches)
        self.missed += other.missed[: MOST_MISSED - len(self.missed)]

    def _look(self, client: Client, by_api: dict[str, Looks]) -> None:
        has_room = client in self.clients or len(self.clients) < MOST_CLIENTS
        own = self.clients.setdefault(client if has_room else REST, {})
        for api, looks in by_api.items():
            own[api] = own.get(api, Looks()) + looks

    def _break(self, breach: Breach, breaches: Breaches) -> None:
        before = self.breaches.get(breach)
        if before is not None:
            self.breaches[breach] = before + breaches
        elif len(self.breaches) < MOST_BREACHES:
            self.breaches[breach] = breaches


class Tally:
    """Counts exchanges, from any number of threads and in bounded memory."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._lock = threading.Lock()
        self._counts = Counts()
        # By their hashes alone, for each of them would hold texts that a client has chosen.
        self._ends: OrderedDict[int, None] = OrderedDict()

    def add(self, exchange: Exchange) -> None:
        """Count an exchange."""
        with self._lock:
            looked_again = self._looked_again(exchange)
            self._counts.count(exchange, looked_again=looked_again)

    def miss(self, expectation: Expectation) -> None:
        """Keep an expectation that was not met by the time its sandbox departed."""
        with self._lock:
            self._counts.include(Counts(missed=[expectation]))

    def absorb(self, other: Tally) -> None:
        """Add another tally's counts to these; the ends that it remembers stay its own."""
        theirs = other.counts()  # never under our lock: two may absorb each other at once
        with self._lock:
            self._counts.include(theirs)

    def forget_ends(self) -> None:
        """No longer know who saw which end: after a restore an evaluation goes on from before."""
        with self._lock:
            self._ends.clear()

    @property
    def size(self) -> int:
        """How many things it keeps apart, each of a few hundred bytes."""
        counts = self._counts
        return len(counts.clients) + len(counts.breaches) + len(counts.missed) + len(self._ends)

    def counts(self) -> Counts:
        """The counts as they are now, for the caller to keep."""
        copied = Counts()
        with self._lock:
            copied.include(self._counts)
        return copied

    def _looked_again(self, exchange: Exchange) -> bool:
        """Whether this client has seen the end that it is shown; from now on it has."""
        if exchange.seen is None or not exchange.ended or exchange.evaluation_id is None:
            return False
        end = hash((exchange.client, exchange.api, exchange.evaluation_id))
        known = end in self._ends
        self._ends[end] = None
        self._ends.move_to_end(end)
        if len(self._ends) > MOST_ENDS:
            self._ends.popitem(last=False)
        return known


def _breaches_of(exchange: Exchange) -> dict[Breach, Breaches]:
    """What an exchange broke, in texts of bounded length."""
    found: dict[Breach, Breaches] = {}
    for violation in exchange.violations:
        if violation.awaited:
            continue
        of = "answer" if violation.is_ours else "request"
        place, expected = violation.place[:_LONGEST_TEXT], violation.expected[:_LONGEST_TEXT]
        example, advice = violation.found[:_LONGEST_TEXT], violation.advice[:_LONGEST_TEXT]
        breach = Breach(exchange.operation_id, of, place, expected)
        once = Breaches(1, example, advice)
        found[breach] = found[breach] + once if breach in found else once
    return found
