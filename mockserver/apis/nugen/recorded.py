"""How exchanges with Nugen read in a recording: what they show, and what they say of assumptions.

A status is shown by more than the status operations: by a create, by every line of a list, and by
results, which are there only once an evaluation has completed.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from mockserver.apis.nugen import benchmarks, evaluations
from mockserver.apis.nugen.agreement import disagreements
from mockserver.apis.nugen.lifecycle import CYCLE, WORDS
from mockserver.apis.nugen.wire import COUNTERS, implied
from mockserver.apis.recorded import (
    Look,
    Recorded,
    instants,
    lines,
    named,
    number,
    numbers,
    text,
)
from mockserver.core.asked import Asked
from mockserver.core.rules import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

_EVALUATION, _BENCHMARK = "evaluation", "benchmark"
_RESULTS = frozenset({evaluations.RESULTS, evaluations.DOWNLOAD})
_OF_EVALUATION = frozenset({evaluations.STATUS, *_RESULTS})
_OF_BENCHMARK = frozenset({benchmarks.STATUS, benchmarks.DATA})
_LISTS = {evaluations.LIST: "evaluations", benchmarks.LIST: "benchmarks"}
_FIXED = {
    _EVALUATION: ("evaluation_id", "benchmark_id", "model_id", "model_id_2", "judge_provider"),
    _BENCHMARK: ("id", "benchmark_id", "benchmark_name", "num_questions"),
}
_ENDS = {"end_time": "completed_at"}
"""What results call the end."""

_MAY_BE_UNSET = {
    evaluations.STATUS: ("avg_time_per_question", "eta_seconds", "start_time", "end_time"),
    benchmarks.STATUS: ("start_time", "end_time"),
}
_ZONED = re.compile(r".*(Z|[+-]\d\d:\d\d)", re.ASCII)

__all__ = ["asked", "disagreements", "looks", "shows"]


def asked(exchange: Recorded) -> Asked:
    """See `Reading`."""
    match exchange.operation:
        case evaluations.CREATE:
            echoed = ("model_id", "benchmark_id")
            return Asked({n: exchange.sent[n] for n in echoed if n in exchange.sent}, creates=True)
        case benchmarks.CREATE:
            return Asked(creates=True)
        case evaluations.LIST:
            filtered = {n: exchange.query[n] for n in ("model_id",) if n in exchange.query}
            return Asked(filtered)
        case operation if operation in _OF_EVALUATION:
            return Asked(named(exchange, {"evaluation_id": "evaluation_id"}))
        case operation if operation in _OF_BENCHMARK:
            return Asked(named(exchange, dict.fromkeys(("id", "benchmark_id"), "benchmark_id")))
    return Asked()


def looks(exchange: Recorded, now: datetime) -> Iterator[Look]:
    """See `Reading`."""
    told, operation = exchange.told, exchange.operation
    if operation in {evaluations.CREATE, *_OF_EVALUATION}:
        yield from _look(told, now, _EVALUATION)
        if operation in _RESULTS:
            yield from _results(told, now)
    elif operation in {benchmarks.CREATE, *_OF_BENCHMARK}:
        yield from _look(told, now, _BENCHMARK)
    elif operation in _LISTS:
        kind = _EVALUATION if operation == evaluations.LIST else _BENCHMARK
        for at, item in lines(told, _LISTS[operation]):
            yield from _look(item, now, kind, f"body /{_LISTS[operation]}/{at}")


def _look(told: Mapping[str, object], now: datetime, kind: str, at: str = "body") -> Iterator[Look]:
    """What one object shows that has a status."""
    word, words = text(told, "status"), _family(told)
    id_ = text(told, "evaluation_id" if kind == _EVALUATION else "id") or text(told, "benchmark_id")
    if words is None or not id_:
        return
    times = instants(told, CYCLE.times)
    fixed = {name: told[name] for name in _FIXED[kind] if name in told}
    keys = (*COUNTERS.items(), *((name, name) for name in (*times, *fixed, "status", *_IMPLIED)))
    yield Look(
        f"{kind} {id_}",
        Sighting(
            now=now,
            cycle=CYCLE,
            word=word,
            words=WORDS[words],
            counters=numbers(told, COUNTERS),
            times=times,
            fixed=fixed,
            places={name: f"{at} /{key}" if at == "body" else f"{at}/{key}" for name, key in keys},
            implied=_implied(told, times, now),
        ),
    )


_IMPLIED = ("progress", "avg_time_per_question", "eta_seconds")


def _implied(
    told: Mapping[str, object], times: Mapping[str, datetime | None], now: datetime
) -> Mapping[str, tuple[object, object]]:
    """What follows from the counters and the times; what is of another type says nothing."""
    names = (*COUNTERS.values(), "avg_time_per_question", "eta_seconds")
    readable = {name: number(told, name) for name in names}
    found = dict(implied({**readable, "progress": text(told, "progress") or None}))
    average, start = readable["avg_time_per_question"], times.get("start_time")
    if average is not None and start is not None:
        elapsed = ((times.get("end_time") or now) - start).total_seconds()
        if average > elapsed + 1:  # the times are told to the second
            found["avg_time_per_question"] = f"at most the {elapsed:g} s since the start", average
    return found


def _results(told: Mapping[str, object], now: datetime) -> Iterator[Look]:
    """What results alone show: the end, and how much there was in the end."""
    words = _family(told)
    if words is None:
        return
    shown = {name: told.get(key) for name, key in _ENDS.items()} | {
        "created_at": told.get("created_at", "")
    }
    yield Look(
        f"results of {_EVALUATION} {text(told, 'evaluation_id')}",
        Sighting(
            now=now,
            cycle=CYCLE,
            word=text(told, "status"),
            words=WORDS[words],
            counters=numbers(told, {"processed": "raw_answers_count"}),
            times=instants(shown, CYCLE.times),
            fixed={},
            places={
                "processed": "body /raw_answers_count",
                **{name: f"body /{key}" for name, key in _ENDS.items()},
            },
        ),
    )


def _family(told: Mapping[str, object]) -> str | None:
    """Which way of speaking the status is of, by its first word."""
    word = text(told, "status")
    return next((first for first, words in WORDS.items() if word in words.values()), None)


def shows(exchange: Recorded) -> Iterator[tuple[str, str | bool | int]]:
    """See `Reading`."""
    if not exchange.succeeded:
        return
    told = exchange.told
    items = chain.from_iterable(lines(told, name) for name in _LISTS.values())
    families = (_family(shown) for shown in (told, *(item for _, item in items)))
    yield from (("status_words", family) for family in dict.fromkeys(families) if family)
    names = _MAY_BE_UNSET.get(exchange.operation, ())
    naive = (text(told, name) and not _ZONED.fullmatch(text(told, name)) for name in names[-2:])
    if any(name in told and told[name] is None for name in names) or any(naive):
        yield "answer_style", "live"
    elif any(name not in told for name in names):
        yield "answer_style", "documented"
