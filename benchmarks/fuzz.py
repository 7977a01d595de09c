"""How fast examples are drawn: over HTTP in process, by strategies, and in the lives of a client.

    python benchmarks/fuzz.py [--examples 500] [--rounds 5]

Drawn answers are asked for in turns with the answers of a fixture, by the same client on the same
Flask app, so that their ratio says what drawing costs. Told are the medians of the rounds.
The figures of the strategies hold what Hypothesis itself does for an example. Nothing else should
run.
"""
# ruff: noqa: INP001 because it is a program and no package

from __future__ import annotations

import argparse
import statistics
import sys
import time
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, settings

from mockserver import Settings, create_app
from mockserver.moods import MOODS
from mockserver.strategies import answers, evaluations, lives, timelines

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

EXAMPLES = 500
ROUNDS = 5
PATH = "/api/repos/ox/cats/evaluations/d0c8585d-1234-5678-abcd-ef0123456789"


def tell(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")


def timed(work: Callable[[], object]) -> float:
    """Seconds that a piece of work takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def of_http(examples: int, rounds: int) -> None:
    """Answers a second over Flask's test client, and how much longer a drawn one takes."""
    client = create_app(Settings(speed=0, seed="7")).test_client()
    kinds = ("fixture", *MOODS)
    taken: dict[str, list[float]] = {kind: [] for kind in kinds}

    def ask(kind: str, at: int) -> None:
        prefer = {} if kind == "fixture" else {"Prefer": f"dynamic={kind}, seed={at}"}
        client.get(PATH, headers={"Authorization": "Bearer t", **prefer})

    for kind in kinds:
        ask(kind, 0)  # what is worked out once, is
    for turn in range(rounds):
        for kind in kinds:
            seeds = range(turn * examples, (turn + 1) * examples)
            taken[kind].append(timed(lambda k=kind, s=seeds: [ask(k, at) for at in s]))
    plain = statistics.median(taken["fixture"])
    tell(f"{'over HTTP, in process':32}{'a second':>10}{'to a fixture`s':>16}")
    for kind in kinds:
        middle = statistics.median(taken[kind])
        tell(f"{kind:32}{examples / middle:>10.0f}{middle / plain:>16.2f}")


def of_strategies(examples: int, rounds: int) -> None:
    """Examples a second of each strategy, with nothing done to them."""
    kinds: dict[str, SearchStrategy[object]] = {
        "timelines()": timelines(),
        "evaluations()": evaluations(),
        **{f"answers(mood={mood!r})": answers(mood=mood) for mood in MOODS},
        **{f"lives(mood={mood!r})": lives(mood=mood) for mood in ("strict", "broken")},
    }
    tell(f"\n{'strategies':32}{'a second':>10}")
    for name, strategy in kinds.items():
        middle = statistics.median(timed(run_of(strategy, examples)) for _ in range(rounds))
        tell(f"{name:32}{examples / middle:>10.0f}")


def run_of(strategy: SearchStrategy[object], examples: int) -> Callable[[], object]:
    """A run of Hypothesis over so many examples, the same ones each time."""

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def client(_: object) -> None:
        pass

    return client


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--examples", type=int, default=EXAMPLES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    of_http(asked.examples, asked.rounds)
    of_strategies(asked.examples, asked.rounds)


if __name__ == "__main__":
    main()
