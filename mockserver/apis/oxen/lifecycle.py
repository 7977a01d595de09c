"""The life cycle of the hub's evaluations, as data.

The statuses and their spelling are documented by the hub's OpenAPI document. That `running` may
go straight to `completed`, and the ways into `errored` and `cancelled`, are inferred: the hub
documents no transitions. Its times are documented; when they are set was seen in its examples.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from mockserver.core.lifecycle import LifeCycle

if TYPE_CHECKING:
    from collections.abc import Mapping


class Status(StrEnum):
    """Where an evaluation stands, in the hub's words and order."""

    QUEUED = "queued"
    RUNNING = "running"
    COMMITTING = "committing"
    COMPLETED = "completed"
    ERRORED = "errored"
    CANCELLED = "cancelled"


CYCLE = LifeCycle(
    successors={
        Status.QUEUED: frozenset({Status.RUNNING, Status.ERRORED, Status.CANCELLED}),
        Status.RUNNING: frozenset(
            {Status.COMMITTING, Status.COMPLETED, Status.ERRORED, Status.CANCELLED}
        ),
        Status.COMMITTING: frozenset({Status.COMPLETED, Status.ERRORED}),
        Status.COMPLETED: frozenset(),
        Status.ERRORED: frozenset(),
        Status.CANCELLED: frozenset(),
    },
    works_in=Status.RUNNING,
    whole=frozenset({Status.COMMITTING, Status.COMPLETED}),
    explained=frozenset({Status.ERRORED}),
    cancelled=Status.CANCELLED,
    failed=Status.ERRORED,
    times={
        "inserted_at": frozenset({Status.QUEUED}),
        "started_at": frozenset({Status.RUNNING}),
        "completed_at": frozenset({Status.COMPLETED}),
        "cancelled_at": frozenset({Status.CANCELLED}),
    },
)
WORDS: Mapping[str, str] = MappingProxyType({status: status.value for status in Status})
"""The hub calls every status by a word of its own."""
