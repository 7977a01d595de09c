"""Waits for an evaluation of the Oxen hub with requests; the hub's address is built in."""

from __future__ import annotations

from time import monotonic, sleep
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

HUB = "https://hub.oxen.ai"
ENDS = ("completed", "errored", "cancelled")
RETRIES = Retry(total=3, status_forcelist=[429, 502, 503, 504], respect_retry_after_header=True)
"""Asks again after what passes, when the hub says; three times, and then no more."""


def session(token: str) -> requests.Session:
    """A session that asks with this token, and again after what passes."""
    made = requests.Session()
    made.headers["Authorization"] = f"Bearer {token}"
    made.mount("https://", HTTPAdapter(max_retries=RETRIES))
    return made


def wait(
    asked: requests.Session, repository: str, evaluation_id: str, at_most: float = 600.0
) -> dict[str, Any]:
    """The evaluation at its end, whichever that is.

    Raises:
        TimeoutError: it has not come to it within so many seconds.
    """
    started, pause = monotonic(), 1.0
    while monotonic() - started < at_most:
        answer = asked.get(f"{HUB}/api/repos/{repository}/evaluations/{evaluation_id}")
        answer.raise_for_status()
        seen: dict[str, Any] = answer.json()["evaluation"]
        if seen["status"] in ENDS:
            return seen
        sleep(pause)
        pause = min(pause * 2, 30.0)
    raise TimeoutError(f"evaluation {evaluation_id} has not ended within {at_most:g} s")
