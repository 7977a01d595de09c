"""The evaluation as the peers in Python answer it: its figures move with the clock."""
# ruff: noqa: INP001 because it is started as a script, with nothing but its own folder at hand

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

ROWS_A_SECOND = 11_574
WRONG = "example=wrong"
"""A client's Prefer that asks for an answer that breaks the contract."""


class Moving:
    """Makes the answer anew for each request."""

    def __init__(self, folder: Path) -> None:
        """Begin with the answer of the example."""
        self._example: dict[str, Any] = json.loads((folder / "answer.json").read_text("utf-8"))
        self._begun = time.time()

    def now(self, prefer: str | None) -> dict[str, Any]:
        """The answer at this instant; with a type that is wrong where that is preferred."""
        rows = int((time.time() - self._begun) * ROWS_A_SECOND)
        shown = dict(self._example["evaluation"])
        shown["progress"] = {"processed": rows, "total": shown["progress"]["total"]}
        shown["prompt_tokens_used"] = rows * 80
        shown["completion_tokens_used"] = rows * 20
        shown["tokens_used"] = rows * 100
        if prefer == WRONG:
            shown["progress"] = "half"
        return {**self._example, "evaluation": shown}


def anybody(token: str) -> dict[str, str]:
    """Let in whoever has a token."""
    return {"sub": token}
