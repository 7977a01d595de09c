"""The life cycle of an evaluation: its statuses, and which may follow which.

One table decides about order; nothing else in the package does. The statuses and their
spelling are documented by the hub's OpenAPI document. That `running` may go straight to
`completed`, and the ways into `errored` and `cancelled`, are inferred: the hub documents no
transitions.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

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


INITIAL = Status.QUEUED

SUCCESSORS: Mapping[Status, frozenset[Status]] = MappingProxyType(
    {
        Status.QUEUED: frozenset({Status.RUNNING, Status.ERRORED, Status.CANCELLED}),
        Status.RUNNING: frozenset(
            {Status.COMMITTING, Status.COMPLETED, Status.ERRORED, Status.CANCELLED}
        ),
        Status.COMMITTING: frozenset({Status.COMPLETED, Status.ERRORED}),
        Status.COMPLETED: frozenset(),
        Status.ERRORED: frozenset(),
        Status.CANCELLED: frozenset(),
    }
)

TERMINAL = frozenset(status for status, after in SUCCESSORS.items() if not after)


def _close(status: Status) -> frozenset[Status]:
    reached: set[Status] = set()
    edge = {status}
    while edge:
        reached |= edge
        edge = {after for before in edge for after in SUCCESSORS[before]} - reached
    return frozenset(reached)


REACHABLE: Mapping[Status, frozenset[Status]] = MappingProxyType(
    {status: _close(status) for status in Status}
)
"""Every status that a poller may see after having seen this one, itself included."""


def diagram() -> str:
    """Draw the table as text, one line a status, for the documentation and the terminal."""
    width = max(len(status) for status in Status)
    return "\n".join(
        f"{status:<{width}} -> {', '.join(s for s in Status if s in SUCCESSORS[status])}"
        if SUCCESSORS[status]
        else f"{status:<{width}}    (the end)"
        for status in Status
    )
