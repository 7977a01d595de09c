"""Evaluations as a client would have seen them, true or altered, in the words of their API."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lives import BATCHES, CYCLES, NUGEN, OXEN

from mockserver.apis.nugen.lifecycle import WORDS as NUGEN_WORDS
from mockserver.apis.oxen.lifecycle import WORDS as OXEN_WORDS
from mockserver.core.evaluation import observe
from mockserver.core.rules import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from mockserver.core.evaluation import Evaluation
    from mockserver.core.exchange import Violation

PLAIN = {cycle: {status: status for status in cycle.statuses} for cycle in CYCLES.values()}
"""Every status by a word of its own, as not every API has it."""
WORDS = {OXEN: OXEN_WORDS, NUGEN: NUGEN_WORDS["pending"], BATCHES: PLAIN[BATCHES]}
ROWS = ("processed", "total")
COUNTERS = {
    OXEN: (*ROWS, "prompt_tokens", "completion_tokens", "tokens", "credits"),
    NUGEN: ROWS,
    BATCHES: ROWS,
}


def sighting(
    evaluation: Evaluation, now: datetime, words: Mapping[str, str] | None = None
) -> Sighting:
    """What a client sees, in its API's words unless others are given."""
    cycle, seen = evaluation.timeline.cycle, observe(evaluation, now)
    spoken = WORDS[cycle] if words is None else words
    return Sighting(
        now=now,
        cycle=cycle,
        word=spoken[seen.status],
        words=spoken,
        counters={name: getattr(seen, name) for name in COUNTERS[cycle]},
        times=seen.times,
        fixed=evaluation.fixed,
        error_message=seen.error_message,
    )


def altered(seen: Sighting, **lies: Any) -> Sighting:  # noqa: ANN401 a lie is of any type
    """The same sighting with these lies in it, each by the name that a rule has for it."""
    counters, times = dict(seen.counters), dict(seen.times)
    others: dict[str, Any] = {}
    for name, lie in lies.items():
        if name in counters:
            counters[name] = lie
        elif name in times:
            times[name] = lie
        else:
            others["word" if name == "status" else name] = lie
    return replace(seen, counters=counters, times=times, **others)


def in_whole_seconds(seen: Sighting) -> Sighting:
    """The same sighting by an API that leaves out the fractions of its times."""
    times = {
        name: instant and instant.replace(microsecond=0) for name, instant in seen.times.items()
    }
    return replace(seen, times=times)


def broken(violations: Iterable[Violation]) -> set[str]:
    """The names of the rules that were broken, as their functions are called."""
    return {violation.rule.replace(" ", "_") for violation in violations}
