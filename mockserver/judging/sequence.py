"""What was seen of each thing, one look after the other, judged by the rules over two looks."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from mockserver.core import rules
from mockserver.core.dataclass import dataclass
from mockserver.core.exchange import Kind, Violation
from mockserver.judging.when import surely_before, when_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mockserver.core.rules import Sighting
    from mockserver.judging.selecting import Ours


@dataclass(frozen=True, slots=True)
class Seen:
    """A look at something that lives.

    Attributes:
        scope: in which world, and for whom, it is this thing.
        creates: whether the look is the answer to what made it.
        sighting: its instant is the earliest at which the answer can have looked.
    """

    exchange: Ours
    scope: tuple[str, ...]
    creates: bool
    sighting: Sighting


def in_a_row(looks: Iterable[Seen]) -> Iterator[tuple[Seen, Violation]]:
    """Everything that looks at the same thing hold against each other, with the later look."""
    by_scope: dict[tuple[str, ...], list[Seen]] = {}
    for look in looks:
        by_scope.setdefault(look.scope, []).append(look)
    for same in by_scope.values():
        yield from _judged(_ordered(same))


def _ordered(looks: Iterable[Seen]) -> list[Seen]:
    """The looks in the order in which the server answered.

    Where that is not sure, as of polls that overtook each other, in one that the rules allow.
    """
    placed: list[Seen] = []
    for look in sorted(looks, key=_stamp):
        placed.insert(_place(placed, look), look)
    return placed


def _stamp(look: Seen) -> tuple[object, ...]:
    entry = look.exchange.entry
    return when_of(entry).stamp, entry.started, entry.file, entry.index


def _place(placed: list[Seen], look: Seen) -> int:
    for at in range(len(placed), -1, -1):
        before = placed[at - 1] if at else None
        after = placed[at] if at < len(placed) else None
        if (before is None or _fit(before, look)) and (after is None or _fit(look, after)):
            return at
        if before is None or surely_before(before.exchange.entry, look.exchange.entry):
            break
    return len(placed)


def _fit(before: Seen, after: Seen) -> bool:
    return not after.creates and not _pair(before.sighting, after.sighting)


class Row:
    """What has been seen of one thing so far, for the next look at it to be held against."""

    def __init__(self) -> None:
        """Know nothing of it yet."""
        self._known: Sighting | None = None
        self._alive: Sighting | None = None  # where its end has not shown every counter

    def judge(self, look: Seen) -> Iterator[Violation]:
        """Everything that a look holds against those before it; from then on it is one of them."""
        known, alive, now = self._known, self._alive, look.sighting
        self._remember(now)
        if known is not None:
            if look.creates:
                yield _not_new(look)
            yield from _pair(known, now)
        if alive is not None:
            yield from _pair(alive, now)

    def _remember(self, now: Sighting) -> None:
        known = self._known
        if known is None:
            self._known = now
            return
        self._known = _with_what_was_known(known, now)
        hidden = known.counters.keys() - self._known.counters.keys()
        if hidden:
            counters = {name: known.counters[name] for name in hidden}
            self._alive = replace(known, counters=counters, times={}, fixed={})


def _judged(looks: list[Seen]) -> Iterator[tuple[Seen, Violation]]:
    row = Row()
    for look in looks:
        for violation in row.judge(look):
            yield look, violation


def _pair(before: Sighting, after: Sighting) -> tuple[Violation, ...]:
    """Judge two sightings by what both of them show: different answers show different fields."""
    shared = before.fixed.keys() & after.fixed.keys()
    return rules.check_pair(
        replace(before, fixed=_only(before.fixed, shared)),
        replace(after, fixed=_only(after.fixed, shared)),
    )


def _only(values: Mapping[str, object], names: Iterable[str]) -> Mapping[str, object]:
    return MappingProxyType({name: values[name] for name in names})


def _with_what_was_known(before: Sighting, after: Sighting) -> Sighting:
    """A sighting with what an earlier one showed and this one does not.

    What was counted before the end is no count of the end, which is final: so it is left out.
    """
    set_ = {name: instant for name, instant in before.times.items() if instant is not None}
    ended = after.is_surely(after.cycle.terminal) and before.word != after.word
    return replace(
        after,
        counters={**({} if ended else before.counters), **after.counters},
        times={**set_, **after.times},
        fixed={**before.fixed, **after.fixed},
    )


def _not_new(look: Seen) -> Violation:
    thing = look.scope[-1]
    place = next(
        (look.sighting.places[n] for n in ("id", "evaluation_id") if n in look.sighting.places),
        "body",
    )
    return Violation(
        place, "an id that was never seen before", thing, Kind.RULE,
        "rule: what is created is new", rule="what is created is new",
    )  # fmt: skip
