"""A quick yes by the temporal rules; whatever it is not sure of they are asked about.

Nearly every look is a true one, and from one to the next nearly nothing changes but counters, which
rise. That much is seen at a glance. Both functions may stay silent on what is right and must never
say yes to what breaks a rule of `rules`, which alone say what is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from mockserver.core.rules import Sighting

    Counter = int | Decimal


def is_surely_true(seen: Sighting) -> bool:
    """Whether this look breaks no rule of one."""
    return not seen.implied and _counters_are_true(seen) and _times_are_true(seen)


def _counters_are_true(seen: Sighting) -> bool:
    counters, cycle, statuses = seen.counters, seen.cycle, seen.statuses
    processed, total = counters.get("processed"), counters.get("total")
    if processed is None or total is None or processed > total or min(counters.values()) < 0:
        return False
    if processed != total and statuses <= cycle.whole:
        return False
    if statuses <= cycle.beginning and any(
        value and not (name == "total" and cycle.announces_total)
        for name, value in counters.items()
    ):
        return False
    tokens = counters.get("tokens")
    if tokens is None:
        return True
    prompt, completion = counters.get("prompt_tokens"), counters.get("completion_tokens")
    return prompt is not None and completion is not None and tokens == prompt + completion


def _times_are_true(seen: Sighting) -> bool:
    times, cycle, statuses = seen.times, seen.cycle, seen.statuses
    before = None
    for name, instant in times.items():
        if instant is None:
            if statuses <= cycle.tells[name] or (name in cycle.starts and _has_begun(seen)):
                return False
        elif instant > seen.now or statuses <= cycle.hides[name] or (before and instant < before):
            return False
        else:
            before = instant
    if seen.error_message is None:
        return not cycle.explained or not statuses <= cycle.explained
    return not statuses.isdisjoint(cycle.explained)


def _has_begun(seen: Sighting) -> bool:
    return bool(seen.counters["processed"])


def surely_follows(before: Sighting, after: Sighting) -> bool:
    """Whether the second of two looks that are true by themselves breaks no rule of two."""
    was, now = before.counters, after.counters
    return (
        before.cycle is after.cycle
        and before.word == after.word
        and before.times == after.times
        and before.error_message == after.error_message
        and before.fixed == after.fixed
        and (was == now or (before.is_surely_not(before.cycle.terminal) and _have_risen(was, now)))
    )


def _have_risen(was: Mapping[str, Counter], now: Mapping[str, Counter]) -> bool:
    if was.keys() != now.keys() or was.get("total") != now.get("total"):
        return False
    return all(now[name] >= count for name, count in was.items())
