"""A life cycle as data: statuses, which may follow which, and what each of them means.

The engine knows no API's statuses. One value of `LifeCycle` an API, or a kind of resource of
it, decides about order; nothing else does. Statuses are the life cycle's own names. A wire may
have one word for two of them: the core tells waiting from running where a client cannot.
"""

from __future__ import annotations

from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass
from mockserver.core.errors import IllegalLifeCycleError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    Table = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True, eq=False)
class LifeCycle:
    """The statuses of one kind of work, in order.

    Attributes:
        successors: every status with those that may follow it; a life begins with the first.
        works_in: the status in which rows are processed.
        whole: the statuses in which every row is done.
        explained: the ends that say what went wrong.
        cancelled: the end that a client's cancel leads to, or None where nobody can cancel.
        failed: the end that a failure leads to, or None where there is no one such end.
        times: each time by its name, with the statuses whose beginning it tells, in order.
        announces_total: whether the number of rows is told before the work has begun.
        statuses: every status, in order.
        initial: the status in which every life begins, `beginning` with no other one.
        terminal: the statuses that end a life: nothing follows them.
        starts: the times that tell when the work began.
        reachable: of every status those that may be seen after it, itself included.
        tells: of every time the statuses in which it is surely set.
        hides: of every time the statuses in which it is surely unset.
    """

    successors: Table
    works_in: str
    times: Table
    whole: frozenset[str] = frozenset()
    explained: frozenset[str] = frozenset()
    cancelled: str | None = None
    failed: str | None = None
    announces_total: bool = False
    statuses: tuple[str, ...] = field(init=False)
    initial: str = field(init=False)
    beginning: frozenset[str] = field(init=False)
    terminal: frozenset[str] = field(init=False)
    starts: tuple[str, ...] = field(init=False)
    reachable: Table = field(init=False)
    tells: Table = field(init=False)
    hides: Table = field(init=False)
    _meant: dict[frozenset[str], frozenset[str]] = field(
        init=False, repr=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        """Refuse a table that no life could follow, and see what follows from it."""
        self._refuse_strangers()
        for name in ("successors", "times"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        statuses = tuple(self.successors)
        object.__setattr__(self, "statuses", statuses)
        object.__setattr__(self, "initial", statuses[0])
        object.__setattr__(self, "beginning", frozenset(statuses[:1]))
        terminal = frozenset(status for status in statuses if not self.successors[status])
        object.__setattr__(self, "terminal", terminal)
        starts = tuple(name for name, begun in self.times.items() if self.works_in in begun)
        object.__setattr__(self, "starts", starts)
        reachable = {status: self._reached(status, ()) for status in self.successors}
        object.__setattr__(self, "reachable", MappingProxyType(reachable))
        lost = self.successors.keys() - reachable[self.initial]
        endless = {s for s, after in reachable.items() if not after & self.terminal}
        if lost or endless:
            found = ", ".join(sorted(lost | endless))
            raise IllegalLifeCycleError(
                f"a status: expected one that a life can come to and go on to an end from, "
                f"found {found}"
            )
        self._refuse_what_no_end_can_be()
        tells, hides = {}, {}
        for name, begun in self.times.items():
            without = self._reached(self.initial, begun)
            tells[name] = frozenset(self.successors.keys() - without)
            passed = frozenset[str]().union(*(reachable[status] for status in begun))
            hides[name] = frozenset(self.successors.keys() - passed)
        object.__setattr__(self, "tells", MappingProxyType(tells))
        object.__setattr__(self, "hides", MappingProxyType(hides))

    def _refuse_strangers(self) -> None:
        named = {self.works_in, *self.whole, *self.explained}
        named |= {end for end in (self.cancelled, self.failed) if end is not None}
        named = named.union(*self.successors.values(), *self.times.values())
        if strangers := named - self.successors.keys():
            known = ", ".join(self.successors)
            raise IllegalLifeCycleError(
                f"a status: expected one of {known or 'none'}, found {', '.join(sorted(strangers))}"
            )

    def _refuse_what_no_end_can_be(self) -> None:
        """A life never comes back to a status; only an end explains, or ends a life early."""
        steps = ((status, after) for status in self.successors for after in self.successors[status])
        if back := {status for status, after in steps if status in self.reachable[after]}:
            raise IllegalLifeCycleError(
                f"a status: expected one that is left for ever, found {', '.join(sorted(back))}"
            )
        ends = {*self.explained, *(e for e in (self.cancelled, self.failed) if e is not None)}
        if going := ends - self.terminal:
            raise IllegalLifeCycleError(
                "explained, cancelled and failed: expected ends, "
                f"of {self.in_order(self.terminal)}, found {', '.join(sorted(going))}"
            )

    def _reached(self, start: str, avoiding: Collection[str]) -> frozenset[str]:
        """Every status a life may come to from this one without passing any of those."""
        reached: set[str] = set()
        edge = {start} - set(avoiding)
        while edge:
            reached |= edge
            after = {follows for status in edge for follows in self.successors[status]}
            edge = after - reached - set(avoiding)
        return frozenset(reached)

    def meant_by(self, word: str, words: Mapping[str, str]) -> frozenset[str]:
        """The statuses that go by this word, where each goes by one of these words."""
        found = frozenset([status for status in words if words[status] == word])
        return self._meant.setdefault(found, found)  # one set for all who ask, and they are many

    def in_order(self, statuses: Collection[str]) -> str:
        """These statuses as a list in words, in the order of the table."""
        return ", ".join(status for status in self.successors if status in statuses)

    def diagram(self) -> str:
        """Draw the table as text, one line a status, for the documentation and the terminal."""
        width = max(len(status) for status in self.successors)
        return "\n".join(
            f"{status:<{width}} -> {self.in_order(after)}"
            if after
            else f"{status:<{width}}    (the end)"
            for status, after in self.successors.items()
        )
