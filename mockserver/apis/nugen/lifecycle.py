"""The life cycle of Nugen's evaluations and benchmarks, as data.

Waiting and running share one word: only the counters tell them apart (documented). Both ways
of speaking were published: the documented words, and from July 2026 the upper-case ones. That
there is no way out of an end is inferred, as is that waiting may fail. Nobody can cancel:
no such operation is documented.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from mockserver.core.lifecycle import LifeCycle

if TYPE_CHECKING:
    from collections.abc import Mapping

WAITING, RUNNING, COMPLETED, FAILED = "waiting", "running", "completed", "failed"

CYCLE = LifeCycle(
    successors={
        WAITING: frozenset({RUNNING, FAILED}),
        RUNNING: frozenset({COMPLETED, FAILED}),
        COMPLETED: frozenset(),
        FAILED: frozenset(),
    },
    works_in=RUNNING,
    whole=frozenset({COMPLETED}),
    failed=FAILED,
    times={
        "created_at": frozenset({WAITING}),
        "start_time": frozenset({RUNNING}),
        "end_time": frozenset({COMPLETED, FAILED}),
    },
    announces_total=True,
)

WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "pending": MappingProxyType(
            {WAITING: "pending", RUNNING: "pending", COMPLETED: "completed", FAILED: "failed"}
        ),
        "PROCESSING": MappingProxyType(
            {WAITING: "PROCESSING", RUNNING: "PROCESSING", COMPLETED: "READY", FAILED: "FAILED"}
        ),
    }
)
"""What each status is called, by the first word of either way of speaking."""
