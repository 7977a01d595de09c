"""An evaluation's form on the hub's wire, written from a snapshot and read back into one.

All 25 properties are always sent, null where unset, as every documented example does.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mockserver.apis.oxen.lifecycle import CYCLE, WORDS
from mockserver.apis.times import TimeFormat, read_time
from mockserver.core.rules import Sighting
from mockserver.sandbox import uuid_from

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mockserver.core.evaluation import Evaluation, Snapshot

PLACES: Mapping[str, str] = MappingProxyType(
    {
        "processed": "body /evaluation/progress/processed",
        "total": "body /evaluation/progress/total",
        "tokens": "body /evaluation/tokens_used",
        "prompt_tokens": "body /evaluation/prompt_tokens_used",
        "completion_tokens": "body /evaluation/completion_tokens_used",
        "credits": "body /evaluation/credits_used",
    }
    | {
        name: f"body /evaluation/{name}"
        for name in (
            *("status", "inserted_at", "started_at", "completed_at", "cancelled_at"),
            *("error_message", "id", "repository_id", "name", "prompt", "input_type"),
            *("output_type", "is_sample", "sample_count", "resource", "target_branch"),
            *("target_column", "target_path", "model", "created_by"),
        )
    }
)
FIXED = (
    *("id", "repository_id", "name", "prompt", "input_type", "output_type", "is_sample"),
    *("sample_count", "resource", "target_branch", "target_column", "target_path", "model"),
    "created_by",
)
"""What never changes of an evaluation, by the names it has on the wire."""


_WITH_FRACTIONS, _WHOLE = (
    TimeFormat(fractions=True, zone="Z"),
    TimeFormat(fractions=False, zone="Z"),
)


@lru_cache(maxsize=100)
def _repository_id(repository: str) -> str:
    return uuid_from(f"repo/{repository}")


_ASKED = frozenset(FIXED) - {"id", "repository_id"}
"""What was asked of an evaluation, by the names that it has on the wire."""


def on_wire(
    evaluation: Evaluation, repository: str, snapshot: Snapshot, *, fractions: bool
) -> dict[str, object]:
    """What the hub would send of this evaluation in this repository.

    `fractions` says whether times carry microseconds; documented ones have whole seconds.
    """
    write = (_WITH_FRACTIONS if fractions else _WHOLE).write
    fixed, times = evaluation.fixed, snapshot.times
    told = {
        "cancelled_at": write(times["cancelled_at"]),
        "completed_at": write(times["completed_at"]),
        "completion_tokens_used": snapshot.completion_tokens,
        "created_by": fixed["created_by"],
        "credits_used": round(float(snapshot.credits), 9),
        "error_message": snapshot.error_message,
        "id": evaluation.id,
        "input_type": fixed["input_type"],
        "inserted_at": write(times["inserted_at"]),
        "is_sample": fixed["is_sample"],
        "model": fixed["model"],
        "name": fixed["name"],
        "output_type": fixed["output_type"],
        "progress": {"processed": snapshot.processed, "total": snapshot.total},
        "prompt": fixed["prompt"],
        "prompt_tokens_used": snapshot.prompt_tokens,
        "repository_id": _repository_id(repository),
        "resource": fixed["resource"],
        "sample_count": fixed["sample_count"],
        "started_at": write(times["started_at"]),
        "status": snapshot.status,
        "target_branch": fixed["target_branch"],
        "target_column": fixed["target_column"],
        "target_path": fixed["target_path"],
        "tokens_used": snapshot.tokens,
    }
    if fixed.keys() <= _ASKED:
        return told
    more = {name: value for name, value in fixed.items() if name not in told}
    if "repository_id" in fixed:
        more["repository_id"] = fixed["repository_id"]
    return dict(sorted({**told, **more}.items()))


def from_wire(resource: Mapping[str, Any], now: datetime) -> Sighting:
    """What such an object shows, in the core's words, seen at this instant."""
    return Sighting(
        now=now,
        cycle=CYCLE,
        word=resource["status"],
        words=WORDS,
        counters={
            "processed": resource["progress"]["processed"],
            "total": resource["progress"]["total"],
            "prompt_tokens": resource["prompt_tokens_used"],
            "completion_tokens": resource["completion_tokens_used"],
            "tokens": resource["tokens_used"],
            "credits": Decimal(str(resource["credits_used"])),
        },
        times={name: read_time(resource[name]) for name in CYCLE.times},
        fixed={name: resource[name] for name in FIXED},
        places=PLACES,
        error_message=resource["error_message"],
    )
