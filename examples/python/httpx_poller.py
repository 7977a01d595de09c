"""Creates an evaluation on the Oxen hub and waits for its end, with httpx."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

PASSING = {408, 429, 500, 502, 503, 504}
"""Answers after which it is worth while to ask again."""


class EvaluationEndedError(Exception):
    """It has ended, and not as it should."""


@dataclass(frozen=True)
class Poller:
    """Asks one hub on behalf of one repository, as in "ox/cats"."""

    base_url: str
    token: str
    repository: str
    every: float = 5.0
    at_most: float = 600.0

    def create(self, path: str, prompt: str, model_id: str) -> str:
        """The id of a new evaluation of a file, as in "main/reviews.parquet"."""
        asked = {
            "prompt": prompt,
            "model_id": model_id,
            "input_type": "text",
            "output_type": "text",
            "target_column": "prediction",
        }
        with self._client() as client:
            answer = client.post(path, json=asked).raise_for_status()
        created: str = answer.json()["evaluation"]["id"]
        return created

    def wait(
        self, evaluation_id: str, tell: Callable[[float | None], None] = lambda _: None
    ) -> dict[str, Any]:
        """The evaluation once it has completed; `tell` hears which share of it is done.

        Raises:
            EvaluationEndedError: it was cancelled, or failed.
            TimeoutError: it goes on for longer than anybody wants to wait.
        """
        ends = time.monotonic() + self.at_most
        with self._client() as client:
            while time.monotonic() < ends:
                pause = self.every
                answer = client.get(evaluation_id)
                if answer.status_code in PASSING:
                    pause = float(answer.headers.get("Retry-After", pause))
                else:
                    seen = answer.raise_for_status().json()["evaluation"]
                    tell(share(seen["progress"]))
                    if seen["status"] == "completed":
                        return dict(seen)
                    if seen["status"] in {"errored", "cancelled"}:
                        raise EvaluationEndedError(seen["error_message"] or seen["status"])
                time.sleep(pause)
        raise TimeoutError(f"evaluation {evaluation_id} has not ended within {self.at_most:g} s")

    def _client(self) -> httpx.Client:
        return httpx.Client(
            base_url=f"{self.base_url}/api/repos/{self.repository}/evaluations/",
            headers={"Authorization": f"Bearer {self.token}"},
        )


def share(progress: dict[str, int]) -> float | None:
    """How much is done; None before the hub knows how much there is to do."""
    return progress["processed"] / progress["total"] if progress["total"] else None
