"""Temporal rules: what must hold of one sighting of an evaluation, and of two in a row.

The contract judges the shape of an answer; these judge whether it can be true. They speak
of what was seen, on our own answers or on anybody's, not of how it was made. Each rule is a
function that yields its breaches; its name is the rule's name, its docstring the sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from mockserver.core.exchange import Kind, Violation
from mockserver.core.lifecycle import INITIAL, REACHABLE, TERMINAL, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from mockserver.core.evaluation import Snapshot


@dataclass(frozen=True, slots=True)
class Sighting:
    """An evaluation as somebody saw it.

    Attributes:
        now: the instant of the answer.
        snapshot: what it said of status, progress, usage and times.
        fixed: what it said of everything that never changes, by the API's field names.
    """

    now: datetime
    snapshot: Snapshot
    fixed: Mapping[str, object]


class Breach(NamedTuple):
    """How a rule was broken: the field of the sighting, what should stand there, what does."""

    field: str
    expected: str
    found: object


_AT_WORK = frozenset({Status.RUNNING, Status.COMMITTING})
_ALL_DONE = frozenset({Status.COMMITTING, Status.COMPLETED})
_COUNTERS = ("processed", "total", "prompt_tokens", "completion_tokens", "tokens", "credits")
_TIMES = ("inserted_at", "started_at", "completed_at", "cancelled_at")


def counters_are_not_negative(seen: Sighting) -> Iterator[Breach]:
    """No counter is below zero."""
    for name in _COUNTERS:
        value = getattr(seen.snapshot, name)
        if value < 0:
            yield Breach(name, "0 or more", value)


def progress_within_total(seen: Sighting) -> Iterator[Breach]:
    """No more rows are processed than there are."""
    if seen.snapshot.processed > seen.snapshot.total:
        yield Breach(
            "processed", f"at most the total {seen.snapshot.total}", seen.snapshot.processed
        )


def queued_has_done_nothing(seen: Sighting) -> Iterator[Breach]:
    """While queued every counter is 0, the total included."""
    if seen.snapshot.status is INITIAL:
        for name in _COUNTERS:
            value = getattr(seen.snapshot, name)
            if value > 0:
                yield Breach(name, "0 while queued", value)


def finished_work_is_whole(seen: Sighting) -> Iterator[Breach]:
    """Every row is processed once an evaluation commits or has completed."""
    snapshot = seen.snapshot
    if snapshot.status in _ALL_DONE and snapshot.processed != snapshot.total:
        yield Breach("processed", f"{snapshot.total} once {snapshot.status}", snapshot.processed)


def tokens_add_up(seen: Sighting) -> Iterator[Breach]:
    """Tokens used are prompt and completion tokens together."""
    snapshot = seen.snapshot
    total = snapshot.prompt_tokens + snapshot.completion_tokens
    if snapshot.tokens != total:
        yield Breach("tokens", f"{total}, prompt and completion tokens together", snapshot.tokens)


def unstarted_work_has_no_progress(seen: Sighting) -> Iterator[Breach]:
    """Nothing is processed before the start."""
    if seen.snapshot.started_at is None and seen.snapshot.processed > 0:
        yield Breach("processed", "0 before the start", seen.snapshot.processed)


def started_once_out_of_the_queue(seen: Sighting) -> Iterator[Breach]:
    """The start is unset while queued, and set once running, committing or completed."""
    status, started = seen.snapshot.status, seen.snapshot.started_at
    if status is INITIAL and started is not None:
        yield Breach("started_at", "null while queued", started)
    if status in _AT_WORK | {Status.COMPLETED} and started is None:
        yield Breach("started_at", f"an instant once {status}", None)


def completed_at_exactly_when_completed(seen: Sighting) -> Iterator[Breach]:
    """The completion time is set exactly when the status is completed."""
    yield from _exactly_when(seen, "completed_at", Status.COMPLETED)


def cancelled_at_exactly_when_cancelled(seen: Sighting) -> Iterator[Breach]:
    """The cancellation time is set exactly when the status is cancelled."""
    yield from _exactly_when(seen, "cancelled_at", Status.CANCELLED)


def error_message_exactly_when_errored(seen: Sighting) -> Iterator[Breach]:
    """The error message is set exactly when the status is errored."""
    yield from _exactly_when(seen, "error_message", Status.ERRORED)


def _exactly_when(seen: Sighting, field: str, status: Status) -> Iterator[Breach]:
    value = getattr(seen.snapshot, field)
    if seen.snapshot.status is status and value is None:
        yield Breach(field, f"set once {status}", None)
    if seen.snapshot.status is not status and value is not None:
        yield Breach(field, f"null while {seen.snapshot.status}", value)


def times_in_order(seen: Sighting) -> Iterator[Breach]:
    """Created, then started, then ended."""
    before = seen.snapshot.inserted_at
    for name in ("started_at", "completed_at", "cancelled_at"):
        instant = getattr(seen.snapshot, name)
        if instant is not None:
            if instant < before:
                yield Breach(name, f"not before {before}", instant)
            before = max(before, instant)


def times_not_in_the_future(seen: Sighting) -> Iterator[Breach]:
    """No time lies after the instant of the answer."""
    for name in _TIMES:
        instant = getattr(seen.snapshot, name)
        if instant is not None and instant > seen.now:
            yield Breach(name, f"not after the answer's own instant {seen.now}", instant)


def status_follows_the_life_cycle(before: Sighting, after: Sighting) -> Iterator[Breach]:
    """A status is only followed by itself or by one the life cycle can reach from it."""
    was, now = before.snapshot.status, after.snapshot.status
    if now not in REACHABLE[was]:
        legal = ", ".join(status for status in Status if status in REACHABLE[was])
        yield Breach("status", f"after {was} one of {legal}", now)


def counters_never_fall(before: Sighting, after: Sighting) -> Iterator[Breach]:
    """Progress, tokens and credits never fall."""
    for name in _COUNTERS:
        was, now = getattr(before.snapshot, name), getattr(after.snapshot, name)
        if now < was:
            yield Breach(name, f"at least {was}, seen before", now)


def total_is_settled_once_started(before: Sighting, after: Sighting) -> Iterator[Breach]:
    """The total does not change once the work has started."""
    was, now = before.snapshot, after.snapshot
    if was.started_at is not None and now.total > was.total:
        yield Breach("total", f"{was.total}, seen before", now.total)


def times_stay(before: Sighting, after: Sighting) -> Iterator[Breach]:
    """A time that is set never changes."""
    for name in _TIMES:
        was, now = getattr(before.snapshot, name), getattr(after.snapshot, name)
        if was is not None and now != was:
            yield Breach(name, f"{was}, seen before", now)


def times_appear_when_they_happen(before: Sighting, after: Sighting) -> Iterator[Breach]:
    """A time that was unset and is set now lies between the two looks, to the whole second."""
    earliest = before.now.replace(microsecond=0)
    for name in _TIMES:
        was, now = getattr(before.snapshot, name), getattr(after.snapshot, name)
        if was is None and now is not None and now < earliest:
            yield Breach(name, f"not before {earliest}, when it was still unset", now)


def the_end_is_final(before: Sighting, after: Sighting) -> Iterator[Breach]:
    """Nothing changes after the end."""
    was, now = before.snapshot, after.snapshot
    if was.status in TERMINAL and now.status is was.status:
        for name in (*_COUNTERS, *_TIMES, "error_message"):
            if getattr(now, name) != getattr(was, name):
                yield Breach(name, f"{getattr(was, name)}, final since the end", getattr(now, name))


def what_was_asked_stays(before: Sighting, after: Sighting) -> Iterator[Breach]:
    """What was asked of the evaluation never changes."""
    for name in sorted(before.fixed.keys() | after.fixed.keys()):
        was, now = before.fixed.get(name), after.fixed.get(name)
        if was != now:
            yield Breach(name, f"{str(was)[:80]}, seen before", now)


OF_ONE: tuple[Callable[[Sighting], Iterator[Breach]], ...] = (
    counters_are_not_negative,
    progress_within_total,
    queued_has_done_nothing,
    unstarted_work_has_no_progress,
    finished_work_is_whole,
    tokens_add_up,
    started_once_out_of_the_queue,
    completed_at_exactly_when_completed,
    cancelled_at_exactly_when_cancelled,
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


def check(seen: Sighting, places: Mapping[str, str]) -> tuple[Violation, ...]:
    """Judge one sighting; `places` says where each field stands in the answer."""
    return tuple(
        _violation(rule.__name__, breach, places) for rule in OF_ONE for breach in rule(seen)
    )


def check_pair(
    before: Sighting, after: Sighting, places: Mapping[str, str]
) -> tuple[Violation, ...]:
    """Judge two sightings of the same evaluation, the earlier one first."""
    return tuple(
        _violation(rule.__name__, breach, places)
        for rule in OF_TWO
        for breach in rule(before, after)
    )


def _violation(rule: str, breach: Breach, places: Mapping[str, str]) -> Violation:
    return Violation(
        place=places.get(breach.field, f"body /{breach.field}"),
        expected=breach.expected,
        found="null" if breach.found is None else str(breach.found)[:80],
        kind=Kind.RULE,
        advice=f"rule: {rule.replace('_', ' ')}",
    )
