"""What every server is asked: the paths, the headers, and bodies of which no two are the same."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EVALUATION = "5d3f0c52-8f0e-4b6e-9a55-7a3c0f9be1aa"
"""Runs for two hours over 1,200,000 rows: its figures move 167 times a second."""
MODERATE = "5d3f0c52-8f0e-4b6e-9a55-7a3c0f9be1ac"
"""Runs as long over 12,000 rows; so does whatever is created below `LONG_LIVES`."""
RESTLESS = "5d3f0c52-8f0e-4b6e-9a55-7a3c0f9be1ab"
"""Runs for a day over so many rows that nearly every look shows other figures."""
BUNDLED = "d0c8585d-1234-5678-abcd-ef0123456789"
"""The evaluation that is there without any fixture of ours."""
BELOW = "/api/repos/ox/cats/evaluations"
LONG_LIVES = "main%2Fmock%2Fbench%2Frows.parquet"
"""What is created there lives as `MODERATE` does."""
TOKEN = {"Authorization": "Bearer any-token"}
IS_JSON = {"Content-Type": "application/json"}
WRONG = {"Prefer": "example=wrong"}
"""Asks the peers for an answer that breaks the contract, on purpose."""

HOLE = "@@@@@@@@@@"
"""Once in a body: the load program writes a number there, another one in each request."""
FLAWS = ("missing", "word", "uuid", "type")
"""What is wrong with a bad body: no prompt, an unknown word, no uuid, a number for a text."""
WORDS = ("text", "image", "video")
COLUMNS = 100


@dataclass(frozen=True, slots=True)
class Ask:
    """A request; its body may have a hole."""

    method: str
    path: str
    body: str = ""

    def filled(self, number: int) -> bytes:
        """The body with this number in its hole."""
        return self.body.replace(HOLE, f"{number:010}").encode()

    @property
    def headers(self) -> Mapping[str, str]:
        """What goes with it."""
        return {**TOKEN, **IS_JSON} if self.body else TOKEN


def look(name: str = EVALUATION, below: str = BELOW) -> Ask:
    """A look at an evaluation."""
    return Ask("GET", f"{below}/{name}")


def creates(file: str) -> tuple[Ask, ...]:
    """Some hundred creates that keep the contract."""
    return tuple(Ask("POST", f"{BELOW}/{file}", json.dumps(body)) for body in _good_bodies())


def refusals(file: str) -> tuple[Ask, ...]:
    """Some hundred creates that break it, in each way as often."""
    flaws = itertools.cycle(FLAWS)
    return tuple(
        Ask("POST", f"{BELOW}/{file}", json.dumps(spoiled(body, next(flaws))))
        for body in _good_bodies()
    )


def _good_bodies() -> Iterator[dict[str, object]]:
    for number, (given, wanted) in itertools.product(
        range(COLUMNS), itertools.product(WORDS, WORDS)
    ):
        yield {
            "prompt": f"Is this positive? {{review}} {HOLE}",
            "input_type": given,
            "output_type": wanted,
            "model_id": f"41148aa1-906c-411c-b84b-{number:012}",
            "target_column": f"prediction_{number}",
            "auto_commit": number % 2 == 0,
        }


def spoiled(body: Mapping[str, object], flaw: str) -> dict[str, object]:
    """The body with one thing wrong with it."""
    if flaw == "missing":
        kept = {name: value for name, value in body.items() if name != "prompt"}
        return {**kept, "name": f"No prompt {HOLE}"}
    wrong: dict[str, dict[str, object]] = {
        "word": {"input_type": f"smell of {body['target_column']}"},
        "uuid": {"model_id": f"gpt-{body['target_column']}"},
        "type": {"target_column": 7},
    }
    return {**body, **wrong[flaw]}
