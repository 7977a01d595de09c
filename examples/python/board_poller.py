"""What a page shows of evaluations on the Oxen hub, with httpx: asked for again and again."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx

ENDS = {"completed", "errored", "cancelled"}
PASSING = {408, 429, 500, 502, 503, 504}
"""Answers after which what was known stays on the page."""


@dataclass(frozen=True)
class Row:
    """What is shown of an evaluation; `done` is a share, and None as long as nobody knows it."""

    status: str = "unknown"
    done: float | None = None


@dataclass
class Board:
    """The rows of a page, by the ids of evaluations of one repository, as in "ox/cats"."""

    http: httpx.Client
    base_url: str
    token: str
    repository: str
    rows: dict[str, Row] = field(default_factory=dict)

    def refresh(self, evaluation_id: str) -> Row:
        """The row as it is now; where the hub is in trouble, as it was."""
        row = self.rows.setdefault(evaluation_id, Row())
        if row.status in ENDS:
            return row
        try:
            answer = self._get(evaluation_id)
            if answer.status_code in PASSING:
                return row
            seen = answer.raise_for_status().json()["evaluation"]
        except (httpx.TransportError, ValueError):  # an answer that is cut off, or is no JSON
            return row
        progress = seen["progress"]
        done = progress["processed"] / progress["total"] if progress["total"] else None
        self.rows[evaluation_id] = Row(seen["status"], done)
        return self.rows[evaluation_id]

    def waits_for(self) -> set[str]:
        """The ids that are still worth asking for."""
        return {each for each, row in self.rows.items() if row.status not in ENDS}

    def _get(self, evaluation_id: str) -> httpx.Response:
        return self.http.get(
            f"{self.base_url}/api/repos/{self.repository}/evaluations/{evaluation_id}",
            headers={"Authorization": f"Bearer {self.token}"},
        )
