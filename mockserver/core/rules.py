"""Temporal rules: what must hold of one sighting of an evaluation, and of two in a row.

The contract judges the shape of an answer; these judge whether it can be true. They speak
of what was seen, on our own answers or on anybody's, not of how it was made. Each rule is a
function that yields its breaches; its name is the rule's name, its docstring the sentence.
"""

from __future__ import annotations

from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from mockserver.core.dataclass import dataclass
from mockserver.core.exchange import Kind, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from decimal import Decimal

    from mockserver.core.lifecycle import LifeCycle


@dataclass(frozen=True, slots=True)
class Sighting:
    """An evaluation as somebody saw it; what an answer does not show is in none of the mappings.

    Attributes:
        now: the instant of the answer.
        cycle: the life cycle it should follow.
        word: what the answer calls its status.
        words: what that API calls each status of the life cycle.
        counters: how many, by the core's names; `processed` and `total` are rows.
        times: by the life cycle's names, None while unset.
        fixed: what it said of everything that never changes, by the API's field names.
        places: where each of these stands in the answer.
        error_message: what it says went wrong, or None.
        implied: by field, what follows from other fields and what stands there.
        statuses: the statuses of the life cycle that go by this word.
    """

    now: datetime
    cycle: LifeCycle
    word: str
    words: Mapping[str, str]
    counters: Mapping[str, int | Decimal]
    times: Mapping[str, datetime | None]
    fixed: Mapping[str, object]
    places: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    error_message: str | None = None
    implied: Mapping[str, tuple[object, object]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    statuses: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Refuse a word that the API does not have.

        Raises:
            ValueError: no status goes by this word.
        """
        statuses = self.cycle.meant_by(self.word, self.words)
        if not statuses:
            raise ValueError(f"expected one of {set(self.words.values())}, found {self.word!r}")
        object.__setattr__(self, "statuses", statuses)

    def is_surely(self, statuses: frozenset[str]) -> bool:
        """Whether it stands at one of these, whichever of them its word means."""
        return self.statuses <= statuses

    def is_surely_not(self, statuses: frozenset[str]) -> bool:
        """Whether it stands at none of these, whichever its word means."""
        return self.statuses.isdisjoint(statuses)


class Breach(NamedTuple):
    """How a rule was broken: the field of the sighting, what should stand there, what does."""

    field: str
    expected: str
    found: object


def counters_are_not_negative(seen: Sighting) -> Iterator[Breach]:
    """No counter is below zero."""
    for name, value in seen.counters.items():
        if value < 0:
            yield Breach(name, "0 or more", value)


def progress_within_total(seen: Sighting) -> Iterator[Breach]:
    """No more rows are processed than there are."""
    processed, total = _progress(seen)
    if processed is not None and total is not None and processed > total:
        yield Breach("processed", f"at most the total {total}", processed)


def the_queue_has_done_nothing(seen: Sighting) -> Iterator[Breach]:
    """Before the work begins every counter is 0, the total too unless it is told in advance."""
    if seen.is_surely(seen.cycle.beginning):
        for name, value in seen.counters.items():
            if value > 0 and not (name == "total" and seen.cycle.announces_total):
                yield Breach(name, f"0 while {seen.word}", value)


def unstarted_work_has_no_progress(seen: Sighting) -> Iterator[Breach]:
    """Nothing is processed before the start."""
    processed, _ = _progress(seen)
    for name in seen.cycle.starts:
        if seen.times.get(name, seen.now) is None and processed is not None and processed > 0:
            yield Breach("processed", "0 before the start", processed)


def finished_work_is_whole(seen: Sighting) -> Iterator[Breach]:
    """Every row is processed once an evaluation commits or has completed."""
    processed, total = _progress(seen)
    shown = processed is not None and total is not None
    if shown and seen.is_surely(seen.cycle.whole) and processed != total:
        yield Breach("processed", f"{total} once {seen.word}", processed)


def tokens_add_up(seen: Sighting) -> Iterator[Breach]:
    """Tokens used are prompt and completion tokens together."""
    if {"tokens", "prompt_tokens", "completion_tokens"} <= seen.counters.keys():
        total = seen.counters["prompt_tokens"] + seen.counters["completion_tokens"]
        if seen.counters["tokens"] != total:
            expected = f"{total}, prompt and completion tokens together"
            yield Breach("tokens", expected, seen.counters["tokens"])


def what_follows_from_other_fields_agrees(seen: Sighting) -> Iterator[Breach]:
    """A text, an average or an estimate made from other fields agrees with them."""
    for name, (expected, found) in seen.implied.items():
        if found != expected:
            told = "null" if expected is None else expected
            yield Breach(name, f"{told}, as follows from the other fields", found)


def times_are_set_once_they_have_come(seen: Sighting) -> Iterator[Breach]:
    """A time is set once the status shows that it has come, and unset while it cannot have."""
    for name, instant in seen.times.items():
        if instant is None and seen.is_surely(seen.cycle.tells[name]):
            yield Breach(name, f"an instant once {seen.word}", None)
        if instant is not None and seen.is_surely(seen.cycle.hides[name]):
            yield Breach(name, f"null while {seen.word}", instant)


def error_message_exactly_when_errored(seen: Sighting) -> Iterator[Breach]:
    """The error message is set exactly when the evaluation has ended in an error."""
    explained, message = seen.cycle.explained, seen.error_message
    if explained and seen.is_surely(explained) and message is None:
        yield Breach("error_message", f"set once {seen.word}", None)
    if message is not None and seen.is_surely_not(explained):
        yield Breach("error_message", f"null while {seen.word}", message)


def times_in_order(seen: Sighting) -> Iterator[Breach]:
    """Created, then started, then ended."""
    before = None
    for name, instant in seen.times.items():
        if instant is not None:
            if before is not None and instant < before:
                yield Breach(name, f"not before {before}", instant)
            before = instant if before is None else max(before, instant)


def times_not_in_the_future(seen: Sighting) -> Iterator[Breach]:
    """No time lies after the instant of the answer."""
    for name, instant in seen.times.items():
        if instant is not None and instant > seen.now:
            yield Breach(name, f"not after the answer's own instant {seen.now}", instant)


def status_follows_the_life_cycle(before: Sighting, after: Sighting) -> Iterator[Breach]:
    """A status is only followed by itself or by one the life cycle can reach from it."""
    reachable = _reachable(before)
    if after.is_surely_not(reachable):
        words = dict.fromkeys(before.words[s] for s in before.cycle.statuses if s in reachable)
        yield Breach("status", f"after {before.word} one of {', '.join(words)}", after.word)


def counters_never_fall(before: Sighting, after: Sighting) -> Iterator[Breach]:
    """Progress, tokens and credits never fall."""
    for name, was in before.counters.items():
        now = after.counters.get(name, was)
        if now < was:
            yield Breach(name, f"at least {was}, seen before", now)


def total_is_settled_once_started(before: Sighting, after: Sighting) -> Iterator[Breach]:
    """The total does not change once it has been told or the work has started."""
    starts = [before.times.get(name) for name in before.cycle.starts]
    settled = before.cycle.announces_total or any(start is not None for start in starts)
    was, now = before.counters.get("total"), after.counters.get("total")
    if settled and was is not None and now is not None and now > was:
        yield Breach("total", f"{was}, seen before", now)


def times_stay(before: Sighting, after: Sighting) -> Iterator[Breach]:
    """A time that is set never changes."""
    for name, was in before.times.items():
        now = after.times.get(name, was)
        if was is not None and now != was:
            yield Breach(name, f"{was}, seen before", now)


def times_appear_when_they_happen(before: Sighting, after: Sighting) -> Iterator[Breach]:
    """A time that was unset and is set now lies between the two looks, to the whole second."""
    earliest = before.now.replace(microsecond=0)
    for name, was in before.times.items():
        now = after.times.get(name)
        if was is None and now is not None and now < earliest:
            yield Breach(name, f"not before {earliest}, when it was still unset", now)


def the_end_is_final(before: Sighting, after: Sighting) -> Iterator[Breach]:
    """Nothing changes after the end."""
    if before.is_surely(before.cycle.terminal) and after.word == before.word:
        message = ("error_message", before.error_message, after.error_message)
        for name, was, now in (*_shown_in_both(before, after), message):
            if now != was:
                yield Breach(name, f"{was}, final since the end", now)


def what_was_asked_stays(before: Sighting, after: Sighting) -> Iterator[Breach]:
    """What was asked of the evaluation never changes."""
    if before.fixed == after.fixed:  # as it nearly always is
        return
    for name in sorted(before.fixed.keys() | after.fixed.keys()):
        was, now = before.fixed.get(name), after.fixed.get(name)
        if was != now:
            yield Breach(name, f"{str(was)[:80]}, seen before", now)


def _progress(seen: Sighting) -> tuple[int | Decimal | None, int | Decimal | None]:
    return seen.counters.get("processed"), seen.counters.get("total")


def _reachable(seen: Sighting) -> frozenset[str]:
    """Every status that may be seen after it, whichever its word means."""
    return frozenset[str]().union(*(seen.cycle.reachable[status] for status in seen.statuses))


def _shown_in_both(before: Sighting, after: Sighting) -> Iterator[tuple[str, object, object]]:
    for was, now in ((before.counters, after.counters), (before.times, after.times)):
        yield from ((name, was[name], now[name]) for name in was if name in now)


OF_ONE: tuple[Callable[[Sighting], Iterator[Breach]], ...] = (
    counters_are_not_negative,
    progress_within_total,
    the_queue_has_done_nothing,
    unstarted_work_has_no_progress,
    finished_work_is_whole,
    tokens_add_up,
    what_follows_from_other_fields_agrees,
    times_are_set_once_they_have_come,
    error_message_exactly_when_errored,
    times_in_order,
    times_not_in_the_future,
)
OF_TWO: tuple[Callable[[Sighting, Sighting], Iterator[Breach]], ...] = (
    status_follows_the_life_cycle,
    counters_never_fall,
    total_is_settled_once_started,
    times_stay,
    times_appear_when_they_happen,
    the_end_is_final,
    what_was_asked_stays,
)


def check(seen: Sighting) -> tuple[Violation, ...]:
    """Judge one sighting."""
    return tuple(
        broken(rule.__name__, breach, seen.places) for rule in OF_ONE for breach in rule(seen)
    )


def check_pair(before: Sighting, after: Sighting) -> tuple[Violation, ...]:
    """Judge two sightings of the same evaluation, the earlier one first."""
    return tuple(
        broken(rule.__name__, breach, after.places)
        for rule in OF_TWO
        for breach in rule(before, after)
    )


def broken(rule: str, breach: Breach, places: Mapping[str, str]) -> Violation:
    """A breach of the rule of this name, told at the place of its field."""
    name = rule.replace("_", " ")
    return Violation(
        place=places.get(breach.field, f"body /{breach.field}"),
        expected=breach.expected,
        found="null" if breach.found is None else str(breach.found)[:80],
        kind=Kind.RULE,
        advice=f"rule: {name}",
        rule=name,
    )
