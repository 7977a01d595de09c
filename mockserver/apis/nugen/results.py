"""The results of a completed evaluation, and the file of them that can be downloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.apis.nugen.manner import DOCUMENTED
from mockserver.apis.nugen.questions import question
from mockserver.apis.nugen.scores import comparison, model_metrics, scores_of, single_metrics

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockserver.apis.nugen.manner import Manner
    from mockserver.apis.nugen.scores import Score
    from mockserver.core.evaluation import Evaluation, Snapshot

_NOT_COMPLETED = "Evaluation is not completed yet"
"""Seen, in a later version of the API."""


def not_completed(evaluation: Evaluation) -> dict[str, object]:
    """What is answered until there are results."""
    return {"detail": {"evaluation_id": evaluation.id, "message": _NOT_COMPLETED}}


def results_of(evaluation: Evaluation, seen: Snapshot, manner: Manner) -> dict[str, object]:
    """The results; with a second model both are compared and there are no metrics of one."""
    asked: Mapping[str, Any] = evaluation.fixed
    second = asked.get("model_id_2")
    base, other = _scores(evaluation, seen)
    told: dict[str, object] = {"model_id_2": second}
    if second is None:
        told |= dict.fromkeys(("base_model", "eval_model", "comparison"))
    else:
        metrics = model_metrics(base), model_metrics(other)
        told["base_model"] = {"metrics": metrics[0], "model_id": asked["model_id"]}
        told["eval_model"] = {"metrics": metrics[1], "model_id": second}
        told["comparison"] = comparison(*metrics)
    return {
        "evaluation_id": evaluation.id,
        "model_id": asked["model_id"],
        "benchmark_id": asked["benchmark_id"],
        "status": manner.words[seen.status],
        "raw_answers_count": seen.processed,
        "completed_at": DOCUMENTED.write(seen.times["end_time"]),
        "metrics": metrics_of(evaluation, seen),
        "method": "eval" if second is None else "eval-compare",
        **manner.fields(told),
    }


def metrics_of(evaluation: Evaluation, seen: Snapshot) -> object:
    """The metrics of a single model: the fixture's, or else what its answers come to."""
    if evaluation.fixed.get("model_id_2") is not None:
        return None
    return evaluation.fixed.get("metrics") or single_metrics(_scores(evaluation, seen)[0])


def download_of(
    evaluation: Evaluation, seen: Snapshot, manner: Manner, benchmark: Mapping[str, Any]
) -> tuple[dict[str, object], str]:
    """The file with every answer, and its name."""
    second = evaluation.fixed.get("model_id_2")
    kind = "results" if second is None else "comparison"
    body = results_of(evaluation, seen, manner) | {
        "detailed_results": list(_answers(evaluation, seen, benchmark)),
        "created_at": DOCUMENTED.write(seen.times["created_at"]),
    }
    return body, f"evaluation_{kind}_{evaluation.id}.json"


def _scores(evaluation: Evaluation, seen: Snapshot) -> tuple[tuple[Score, ...], tuple[Score, ...]]:
    """The scores of the first model and of the second, if there is one."""
    asked: Mapping[str, Any] = evaluation.fixed
    second = asked.get("model_id_2")
    if second is None:
        return scores_of(evaluation.id, asked["model_id"], seen.total), ()
    each = seen.total // 2
    # The same model twice still answers twice.
    return (
        scores_of(evaluation.id, f"1/{asked['model_id']}", each),
        scores_of(evaluation.id, f"2/{second}", each),
    )


def _answers(
    evaluation: Evaluation, seen: Snapshot, benchmark: Mapping[str, Any]
) -> Iterator[dict[str, object]]:
    """Each answer, the first model's before the second's."""
    for scores in _scores(evaluation, seen):
        for number, score in enumerate(scores, 1):
            asked, expected = question(benchmark, number)
            yield {
                "question_id": f"q{number}",
                "question": asked,
                "expected_answer": expected,
                "model_answer": expected if score.correct else "I do not know.",
                "score": float(score.correct),
                "relevance": score.relevance,
            }
