"""How the answers of an evaluation scored: made up, but the same for the same id, and they add up.

The two measures of a question, their names and the arithmetic of a comparison were seen in a
real answer. That the spread is the population's is assumed, as is the rounding of single metrics.
"""

from __future__ import annotations

import hashlib
from statistics import fmean, pstdev
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLACES = 4
_STATISTICS = ("mean", "std", "min", "max")
_BYTE = 256
_SHARE_CORRECT = 205
"""Of 256 questions, how many are answered right: four in five."""


@dataclass(frozen=True, slots=True)
class Score:
    """One answer's: whether it was right, and how relevant from 0 to 1."""

    correct: bool
    relevance: float


def scores_of(id_: str, model: str, questions: int) -> tuple[Score, ...]:
    """The scores of a model's answers to so many questions, drawn from the evaluation's id."""
    drawn = [
        hashlib.blake2b(f"{id_}/{model}/{number}".encode(), digest_size=2).digest()
        for number in range(1, questions + 1)
    ]
    return tuple(Score(d[0] < _SHARE_CORRECT, round(0.5 + d[1] / _BYTE / 2, 2)) for d in drawn)


def single_metrics(scores: Sequence[Score]) -> dict[str, object]:
    """The metrics of one model alone; the average is the mean of the two before it."""
    correct = sum(score.correct for score in scores)
    accuracy = round(correct / len(scores), _PLACES) if scores else 0.0
    relevance = round(fmean(s.relevance for s in scores), _PLACES) if scores else 0.0
    return {
        "accuracy": accuracy,
        "relevance": relevance,
        "average_score": round((accuracy + relevance) / 2, _PLACES),
        "total_questions": len(scores),
        "correct_answers": correct,
    }


def model_metrics(scores: Sequence[Score]) -> dict[str, float]:
    """The eight metrics of one of two models, by their names."""
    measures = {
        "answer_relevance": [score.relevance for score in scores],
        "binary_correctness": [float(score.correct) for score in scores],
    }
    return {
        f"{measure}_{statistic}": round(_statistic(statistic, values), _PLACES)
        for measure, values in measures.items()
        for statistic in ("max", "min", "std", "mean")
    }


def _statistic(name: str, values: Sequence[float]) -> float:
    if not values:
        return 0.0
    match name:
        case "max":
            return max(values)
        case "min":
            return min(values)
        case "std":
            return pstdev(values)
        case _:
            return fmean(values)


def comparison(base: dict[str, float], evaluated: dict[str, float]) -> dict[str, object]:
    """Eight rows, correctness before relevance, and a summary over all of them."""
    names = [f"{m}_{s}" for m in ("binary_correctness", "answer_relevance") for s in _STATISTICS]
    gains = [_improvement(base[name], evaluated[name]) for name in names]
    return {
        "metrics": [
            {
                "base": base[name],
                "metric": name,
                "evaluated": evaluated[name],
                "improvement_%": gain,
            }
            for name, gain in zip(names, gains, strict=True)
        ],
        "summary": {
            "avg_improvement": round(fmean(gains), 2),
            "max_improvement": max(gains),
            "min_improvement": min(gains),
        },
    }


def _improvement(base: float, evaluated: float) -> float:
    """In per cent to two places; the whole number 0 where there is no base to speak of."""
    return round((evaluated - base) / base * 100, 2) if base else 0
