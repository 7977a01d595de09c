"""A status on Nugen's wire, written from a snapshot and read back into a sighting.

Key order is that of the one answer that was seen. The average is over the questions answered so
far, up to the end of the last of them, rounded to hundredths (assumed); the estimate is average
times what is left, cut to whole seconds: 12.5 x 5 is told as 62.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mockserver.apis.nugen.lifecycle import COMPLETED, CYCLE, RUNNING, WORDS
from mockserver.apis.times import read_time
from mockserver.core.rules import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from mockserver.apis.nugen.manner import Manner
    from mockserver.core.evaluation import Evaluation, Snapshot

PLACES: Mapping[str, str] = MappingProxyType(
    {"processed": "body /questions_completed", "total": "body /total_questions"}
)
COUNTERS = {"processed": "questions_completed", "total": "total_questions"}
_HUNDREDTHS = 2


def status_of(evaluation: Evaluation, seen: Snapshot, manner: Manner) -> dict[str, object]:
    """What the status operation answers."""
    average = average_of(seen)
    told: dict[str, object] = {
        "progress": f"{seen.processed}/{seen.total} questions",
        "questions_completed": seen.processed,
        "total_questions": seen.total,
        "avg_time_per_question": average,
        "eta_seconds": _estimate(seen, average, manner),
        "start_time": manner.status_times.write(seen.times["start_time"]),
        "end_time": manner.status_times.write(seen.times["end_time"]),
    }
    return {
        "evaluation_id": evaluation.id,
        "status": manner.words[seen.status],
        "benchmark_id": evaluation.fixed["benchmark_id"],
        **manner.fields(told, evaluation.shows.get(seen.status)),
    }


def average_of(seen: Snapshot) -> float | None:
    """Seconds a question took so far, or None while none is answered."""
    if seen.spent is None:
        return None
    return round(seen.spent.total_seconds() / seen.processed, _HUNDREDTHS)


def _estimate(seen: Snapshot, average: float | None, manner: Manner) -> int | None:
    if seen.status == COMPLETED and manner.shows_unset:
        return 0  # as in the one answer that was seen
    if seen.status != RUNNING or average is None:
        return None
    return _whole_seconds(average, seen.total - seen.processed)


def _whole_seconds(average: float, left: int) -> int:
    """In binary fractions, as the service, which is written in Python, would."""
    return int(average * left)


def sighting_of(body: Mapping[str, Any], now: datetime, *identity: str) -> Sighting:
    """What an answer with a status shows, in the core's words; `identity` never changes."""
    shown = {name: key for name, key in COUNTERS.items() if body.get(key) is not None}
    return Sighting(
        now=now,
        cycle=CYCLE,
        word=body["status"],
        words=next(words for words in WORDS.values() if body["status"] in words.values()),
        counters={name: body[key] for name, key in shown.items()},
        times={name: read_time(body[name]) for name in CYCLE.times if name in body},
        fixed={name: body[name] for name in identity if name in body},
        places=PLACES,
        implied=dict(implied(body)),
    )


def implied(body: Mapping[str, Any]) -> Iterator[tuple[str, tuple[object, object]]]:
    """What follows from the counters, beside what stands there."""
    done, total = body.get("questions_completed"), body.get("total_questions")
    average, estimate = body.get("avg_time_per_question"), body.get("eta_seconds")
    if done is None or total is None:
        return
    if body.get("progress") is not None:
        yield "progress", (f"{done}/{total} questions", body["progress"])
    if average is not None and done == 0:
        yield "avg_time_per_question", (None, average)
    if average is not None and estimate is not None:
        expected = _whole_seconds(average, total - done)
        if abs(estimate - expected) > 1:  # others may round where we cut
            yield "eta_seconds", (expected, estimate)
