"""Create an evaluation at OXEN_BASE_URL, and say its status until it has ended."""

from __future__ import annotations

import json
import os
import time
import urllib.request
from typing import Any

BASE = os.environ["OXEN_BASE_URL"].rstrip("/")  # it may have a path, which stays
EVALUATIONS = f"{BASE}/api/repos/ox/cats/evaluations"
HEADERS = {
    "Authorization": f"Bearer {os.environ['OXEN_API_KEY']}",
    "Content-Type": "application/json",
}
CREATE = {
    "prompt": "Is this positive? {review}",
    "input_type": "text",
    "output_type": "text",
    "model_id": "41148aa1-906c-411c-b84b-847d980e8896",
    "target_column": "prediction",
    "auto_commit": True,
}
ENDS = {"completed", "errored", "cancelled"}


def ask(url: str, body: object = None) -> dict[str, Any]:
    """The evaluation that is answered."""
    raw = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, raw, HEADERS)  # noqa: S310 because it is ours
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 the same
        evaluation: dict[str, Any] = json.load(response)["evaluation"]
        return evaluation


def main() -> None:
    """Poll four times a second."""
    evaluation = ask(f"{EVALUATIONS}/main/data/reviews.parquet", CREATE)
    while True:
        progress = evaluation["progress"]
        line = f"{evaluation['status']} {progress['processed']}/{progress['total']}"
        print(line, flush=True)  # noqa: T201 because whoever runs it wants to see it
        if evaluation["status"] in ENDS:
            return
        time.sleep(0.25)
        evaluation = ask(f"{EVALUATIONS}/{evaluation['id']}")


if __name__ == "__main__":
    main()
