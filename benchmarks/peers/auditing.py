"""Whether the mock has really counted, checked and journaled what it was sent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from peers.asked import Ask
from peers.load import CONNECTIONS
from peers.processes import ServerError

if TYPE_CHECKING:
    from peers.load import Load
    from peers.processes import Running

    Report = dict[str, Any]

REPORT = Ask("GET", "/_mock/report")
JOURNAL = Ask("GET", "/_mock/journal.har")
STRAY = 2 * CONNECTIONS
"""Requests of this run and the last one that were answered after the load program had left."""


@dataclass(slots=True)
class Audit:
    """What the mock's report said before a run, and whether it fits what was sent since."""

    live: Running
    before: Report

    @classmethod
    def of(cls, live: Running) -> Audit:
        """Begin."""
        return cls(live, _told(live, REPORT))

    def require(self, load: Load, *, refused: bool) -> None:
        """Compare with what has been sent.

        Raises:
            ServerError: requests were not counted, or something broke that must not.
        """
        now = _told(self.live, REPORT)
        grown = {
            name: now[name] - self.before[name]
            for name in ("requests", "broken_requests", "broken_answers")
        }
        wanted = {"requests": load.requests, "broken_requests": load.refused, "broken_answers": 0}
        for name, count in grown.items():
            spare = STRAY if wanted[name] else 0
            if not wanted[name] <= count <= wanted[name] + spare:
                raise ServerError(
                    f"its report counts {count} more {name}, expected {wanted[name]} "
                    f"for {load.requests} {'bad' if refused else 'good'} requests"
                )


def journaled(live: Running) -> tuple[int, int]:
    """Different answers in the journal, and how many there are.

    Raises:
        ServerError: the journal is empty.
    """
    entries = _told(live, JOURNAL)["log"]["entries"]
    if not entries:
        raise ServerError("its journal is empty")
    return len({entry["response"]["content"]["text"] for entry in entries}), len(entries)


def _told(live: Running, wanted: Ask) -> Report:
    status, body = live.ask(wanted)
    if status != 200:  # noqa: PLR2004 the one that says yes
        raise ServerError(f"{wanted.path}: {status}")
    told: Report = json.loads(body)
    return told
