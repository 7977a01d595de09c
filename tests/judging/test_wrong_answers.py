"""Strict plus rules catches every plainly wrong answer that we could think of, each by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import (
    CANCELLED,
    COMMITTING,
    COMPLETED,
    CREATE_BODY,
    ERRORED,
    EVALUATION,
    ID,
    N_COMPLETED,
    N_CREATED,
    N_ITEM,
    N_PAGE,
    N_RESULTS,
    N_RUNNING,
    N_WAITING,
    NUGEN,
    PROBLEM,
    QUEUED,
    RUNNING,
    SAMPLE,
    STATUS,
    Json,
    altered,
    archive,
    created,
    entry,
    judged,
    places,
    shown,
    without,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

OTHER = "00000000-0000-4000-8000-000000000001"
RESULTS = f"{NUGEN}/evaluations/eval-xyz789/results"
LIST = f"{NUGEN}/evaluations"
N_CREATE = {"model_id": "model-abc123", "benchmark_id": "task-abc123"}
Case = tuple["Sequence[Json]", str]


def got(evaluation: object, **envelope: object) -> Json:
    return entry(EVALUATION, shown(evaluation, **envelope))


def lie(good: Json, path: str, value: object) -> Json:
    return got(altered(good, path, value))


def at(path: str) -> str:
    return f"body /evaluation/{path}"


TRUE: dict[str, Sequence[Json]] = {
    **{
        one["status"]: [got(one)]
        for one in (QUEUED, RUNNING, COMMITTING, COMPLETED, ERRORED, CANCELLED)
    },
    "a sample": [got(SAMPLE)],
    "a create": [created(shown(QUEUED))],
    "a problem": [entry(EVALUATION, PROBLEM, status=404)],
    "a life": [
        created(shown(QUEUED)),
        *(
            entry(EVALUATION, shown(one), after=after)
            for after, one in ((7.0, RUNNING), (300.0, COMMITTING), (400.0, COMPLETED))
        ),
    ],
    **{
        f"nugen {n}": [entry(STATUS, one)]
        for n, one in enumerate((N_WAITING, N_RUNNING, N_COMPLETED))
    },
    "nugen results": [entry(RESULTS, N_RESULTS)],
    "nugen list": [entry(LIST, N_PAGE)],
    "nugen create": [entry(LIST, N_CREATED, method="POST", sent=N_CREATE, after=0)],
}


@pytest.mark.parametrize("entries", TRUE.values(), ids=TRUE)
def test_a_true_exchange_is_clean(entries: Sequence[Json]) -> None:
    assert judged(archive(*entries))["findings"] == []


HUB: dict[str, Case] = {
    # what the envelope may not be
    "nothing at all": ([entry(EVALUATION, {})], "body /evaluation"),
    "null": ([entry(EVALUATION, "null")], "body"),
    "a list": ([entry(EVALUATION, [])], "body"),
    "a text": ([entry(EVALUATION, '"completed"')], "body"),
    "no evaluation": ([entry(EVALUATION, without(shown(1), "evaluation"))], "body /evaluation"),
    "evaluation is null": ([got(None)], "body /evaluation"),
    "evaluation is a list": ([got([COMPLETED])], "body /evaluation"),
    "evaluation is empty": ([got({})], at("id")),
    "no envelope": ([entry(EVALUATION, COMPLETED)], "body /evaluation"),
    "no status in the envelope": (
        [entry(EVALUATION, without(shown(COMPLETED), "status"))],
        "body /status",
    ),
    "another word for success": ([got(COMPLETED, status="ok")], "body /status"),
    "an error that is a success": ([got(COMPLETED, status="error")], "body /status"),
    "the evaluation's status in the envelope": (
        [got(COMPLETED, status="completed")],
        "body /status",
    ),
    "another message": (
        [got(COMPLETED, status_message="resource_created")],
        "body /status_message",
    ),
    "a field beside the envelope's": ([got(COMPLETED, error=None)], "body /error"),
    "a success that is a problem": ([entry(EVALUATION, PROBLEM)], "body /evaluation"),
    "a problem that is a success": (
        [entry(EVALUATION, shown(COMPLETED), status=404)],
        "body /evaluation",
    ),
    # what a body may not be
    "no body": ([entry(EVALUATION, "")], "body"),
    "HTML for JSON": ([entry(EVALUATION, "<html></html>")], "body"),
    "HTML that says so": (
        [entry(EVALUATION, "<html></html>", headers={"Content-Type": "text/html"})],
        "header Content-Type",
    ),
    "no content type": (
        [entry(EVALUATION, shown(COMPLETED), headers={"Content-Type": "x-unknown"})],
        "header Content-Type",
    ),
    "half a body": ([entry(EVALUATION, '{"evaluation": {"id": "')], "body"),
    "something after the body": ([entry(EVALUATION, '{"status": "success"} {}')], "body"),
    "a byte order mark": ([entry(EVALUATION, '\ufeff{"status": "success"}')], "body"),
    "NaN": ([entry(EVALUATION, '{"evaluation": {"credits_used": NaN}}')], "body"),
    "an infinite number": ([entry(EVALUATION, '{"evaluation": {"credits_used": 1e999}}')], "body"),
    "half a surrogate pair": ([entry(EVALUATION, '{"status": "\\ud800"}')], "body"),
    "a nesting without end": ([entry(EVALUATION, "[" * 100_000)], "body"),
    "a name twice": (
        [entry(EVALUATION, '{"status": "error", "status": "success"}')],
        "body",
    ),
    "another charset": (
        [
            entry(
                EVALUATION,
                shown(COMPLETED),
                headers={"Content-Type": "application/json; charset=latin-1"},
            )
        ],
        "header Content-Type",
    ),
    # what a status may not be
    "a create that is a 201": ([created(shown(QUEUED), status=201)], "status"),
    "a look that is a 202": ([entry(EVALUATION, shown(QUEUED), status=202)], "status"),
    "a look that is a 204": ([entry(EVALUATION, "", status=204)], "status"),
    "a redirect": ([entry(EVALUATION, "", status=302, headers={"Location": "/login"})], "status"),
    "a teapot": ([entry(EVALUATION, PROBLEM, status=418)], "status"),
    "a 422": ([created(PROBLEM, status=422)], "status"),
    # what a problem may not be
    "a problem without its error": (
        [entry(EVALUATION, without(PROBLEM, "error"), status=404)],
        "body /error",
    ),
    "a problem in the other envelope": (
        [entry(EVALUATION, PROBLEM | {"error": {"message": "no"}}, status=404)],
        "body /error/message",
    ),
    "a problem that is a text": (
        [entry(EVALUATION, PROBLEM | {"error": "no"}, status=404)],
        "body /error",
    ),
    "a problem that is a success in a word": (
        [entry(EVALUATION, PROBLEM | {"status": "success"}, status=404)],
        "body /status",
    ),
    "a problem that contradicts itself": (
        [entry(EVALUATION, PROBLEM | {"status_message": "invalid_params"}, status=404)],
        "body /status_message",
    ),
    "a bad token that is not found": (
        [entry(EVALUATION, PROBLEM, status=401)],
        "body /error/type",
    ),
    "a wait that is no time": (
        [entry(EVALUATION, PROBLEM, status=429, headers={"Retry-After": "soon"})],
        "header Retry-After",
    ),
    "a wait that has passed": (
        [entry(EVALUATION, PROBLEM, status=503, headers={"Retry-After": "-5"})],
        "header Retry-After",
    ),
    # what a field may not be
    "a field is missing": ([got(without(COMPLETED, "name"))], at("name")),
    "the progress is missing": ([got(without(QUEUED, "progress"))], at("progress")),
    "a field too many": ([got(COMPLETED | {"queued_at": None})], at("queued_at")),
    "a misspelt field": ([got(COMPLETED | {"finished_at": None})], at("finished_at")),
    "an unknown status": ([lie(COMPLETED, "status", "succeeded")], at("status")),
    "no status": ([lie(COMPLETED, "status", None)], at("status")),
    "the other spelling": ([lie(CANCELLED, "status", "canceled")], at("status")),
    "an upper-case status": ([lie(COMPLETED, "status", "COMPLETED")], at("status")),
    "a status that is a number": ([lie(COMPLETED, "status", 3)], at("status")),
    "an unknown input type": ([lie(QUEUED, "input_type", "audio")], at("input_type")),
    "an unknown output type": ([lie(QUEUED, "output_type", "tokens")], at("output_type")),
    "an id that is no uuid": ([lie(COMPLETED, "id", "7")], at("id")),
    "an id that is a number": ([lie(COMPLETED, "id", 7)], at("id")),
    "an id that is null": ([lie(COMPLETED, "id", None)], at("id")),
    "a number as text": ([lie(COMPLETED, "tokens_used", "10044")], at("tokens_used")),
    "half a token": ([lie(COMPLETED, "tokens_used", 10044.5)], at("tokens_used")),
    "a count that is true": (
        [lie(RUNNING, "progress", {"processed": True, "total": 9})],
        at("progress/processed"),
    ),
    "credits as text": ([lie(COMPLETED, "credits_used", "0.5")], at("credits_used")),
    "credits are null": ([lie(QUEUED, "credits_used", None)], at("credits_used")),
    "tokens are null": ([lie(QUEUED, "tokens_used", None)], at("tokens_used")),
    "a truth value as text": ([lie(QUEUED, "is_sample", "false")], at("is_sample")),
    "a truth value as number": ([lie(QUEUED, "is_sample", 0)], at("is_sample")),
    "no creation time": ([lie(QUEUED, "inserted_at", None)], at("inserted_at")),
    "a time without offset": (
        [lie(QUEUED, "inserted_at", "2024-10-12T21:38:44")],
        at("inserted_at"),
    ),
    "a time in seconds": ([lie(QUEUED, "inserted_at", 1728769124)], at("inserted_at")),
    "a date without time": ([lie(QUEUED, "inserted_at", "2024-10-12")], at("inserted_at")),
    "a day that is none": ([lie(QUEUED, "inserted_at", "2024-02-30T00:00:00Z")], at("inserted_at")),
    "an empty time": ([lie(QUEUED, "started_at", "")], at("started_at")),
    "the model as a word": ([lie(COMPLETED, "model", "gpt-4o")], at("model")),
    "the resource as a path": ([lie(COMPLETED, "resource", "main/a")], at("resource")),
    "an error that is no text": ([lie(ERRORED, "error_message", {"a": 1})], at("error_message")),
    "progress as a share": ([lie(RUNNING, "progress", 0.13)], at("progress")),
    "progress is null": ([lie(RUNNING, "progress", None)], at("progress")),
    "progress without total": (
        [lie(RUNNING, "progress", {"processed": 13})],
        at("progress/total"),
    ),
    "progress with a share": (
        [lie(RUNNING, "progress", {"processed": 1, "total": 2, "percent": 50})],
        at("progress/percent"),
    ),
    "a resource without version": (
        [lie(COMPLETED, "resource", {"path": "a"})],
        at("resource/version"),
    ),
    "a creator without a name": (
        [lie(COMPLETED, "created_by", {"id": "1", "username": "ox", "image": None})],
        at("created_by/name"),
    ),
    # what cannot be true
    "more done than there is": (
        [lie(RUNNING, "progress/processed", 174)],
        at("progress/processed"),
    ),
    "less than nothing done": ([lie(RUNNING, "progress/processed", -1)], at("progress/processed")),
    "less than nothing to do": ([lie(RUNNING, "progress/total", -1)], at("progress/total")),
    "negative tokens": (
        [got(RUNNING | {"tokens_used": -20, "prompt_tokens_used": -60})],
        at("tokens_used"),
    ),
    "negative credits": ([lie(RUNNING, "credits_used", -0.1)], at("credits_used")),
    "progress while queued": ([lie(QUEUED, "progress/total", 73)], at("progress/total")),
    "tokens while queued": (
        [got(QUEUED | {"tokens_used": 5, "prompt_tokens_used": 5})],
        at("tokens_used"),
    ),
    "credits while queued": ([lie(QUEUED, "credits_used", 0.1)], at("credits_used")),
    "completed and unfinished": (
        [lie(COMPLETED, "progress/processed", 99)],
        at("progress/processed"),
    ),
    "committing and unfinished": (
        [lie(COMMITTING, "progress/processed", 99)],
        at("progress/processed"),
    ),
    "tokens that do not add up": ([lie(COMPLETED, "tokens_used", 10045)], at("tokens_used")),
    "running and never started": ([lie(RUNNING, "started_at", None)], at("started_at")),
    "queued and started": (
        [lie(QUEUED, "started_at", "2024-10-12T21:38:44Z")],
        at("started_at"),
    ),
    "completed without a time": ([lie(COMPLETED, "completed_at", None)], at("completed_at")),
    "running and completed": (
        [lie(RUNNING, "completed_at", "2024-10-12T21:40:00Z")],
        at("completed_at"),
    ),
    "errored and completed": (
        [lie(ERRORED, "completed_at", "2024-10-12T21:40:00Z")],
        at("completed_at"),
    ),
    "cancelled and completed": (
        [lie(CANCELLED, "completed_at", "2024-10-12T21:40:00Z")],
        at("completed_at"),
    ),
    "running and cancelled": (
        [lie(RUNNING, "cancelled_at", "2024-10-12T21:40:00Z")],
        at("cancelled_at"),
    ),
    "cancelled without a time": ([lie(CANCELLED, "cancelled_at", None)], at("cancelled_at")),
    "errored without a message": ([lie(ERRORED, "error_message", None)], at("error_message")),
    "completed with a message": ([lie(COMPLETED, "error_message", "oh")], at("error_message")),
    "running with a message": ([lie(RUNNING, "error_message", "oh")], at("error_message")),
    "errored before it started, with rows done": (
        [got(ERRORED | {"started_at": None})],
        at("progress/processed"),
    ),
    "started before it was created": (
        [lie(RUNNING, "started_at", "2024-10-12T21:38:43Z")],
        at("started_at"),
    ),
    "completed before it started": (
        [lie(COMPLETED, "completed_at", "2024-10-12T21:38:43Z")],
        at("completed_at"),
    ),
    "completed in the future": (
        [lie(COMPLETED, "completed_at", "2024-10-12T22:50:01Z")],
        at("completed_at"),
    ),
    "created in the future": (
        [lie(QUEUED, "inserted_at", "2025-10-12T22:50:01Z")],
        at("inserted_at"),
    ),
    "a sample of more rows than were asked for": (
        [lie(SAMPLE, "progress/total", 11)],
        at("progress/total"),
    ),
    # what does not answer the request
    "another evaluation": ([lie(COMPLETED, "id", OTHER)], at("id")),
    "created with another prompt": ([created(shown(QUEUED | {"prompt": "Else"}))], at("prompt")),
    "created for another column": (
        [created(shown(QUEUED | {"target_column": "x"}))],
        at("target_column"),
    ),
    "created on another branch": (
        [created(shown(QUEUED | {"target_branch": "main"}))],
        at("target_branch"),
    ),
    "created from another file": (
        [created(shown(altered(QUEUED, "resource/path", "other.parquet")))],
        at("resource"),
    ),
    "created from another version": (
        [created(shown(altered(QUEUED, "resource/version", "dev")))],
        at("resource"),
    ),
    "created with another model": (
        [created(shown(altered(QUEUED, "model/id", OTHER)))],
        at("model/id"),
    ),
    "created under another name": ([created(shown(QUEUED | {"name": "m"}))], at("name")),
    "created of another kind": (
        [created(shown(QUEUED | {"output_type": "embeddings"}))],
        at("output_type"),
    ),
    "created as a sample that nobody wanted": (
        [created(shown(QUEUED | {"is_sample": True}))],
        at("is_sample"),
    ),
    "created with another sample": (
        [
            created(
                shown(QUEUED | {"is_sample": True, "sample_count": 10}),
                sent=CREATE_BODY | {"is_sample": True, "sample_count": 3},
            )
        ],
        at("sample_count"),
    ),
    "created and running": ([created(shown(RUNNING), after=10)], at("status")),
    "created and completed": ([created(shown(COMPLETED), after=3600)], at("status")),
    "created long before it was asked for": (
        [created(shown(QUEUED), after=3600)],
        at("inserted_at"),
    ),
}


def life(*steps: tuple[float, Json]) -> list[Json]:
    return [entry(EVALUATION, shown(one), after=after) for after, one in steps]


ROWS: dict[str, Case] = {
    "from completed to running": (life((400, COMPLETED), (410, RUNNING)), at("status")),
    "from running to queued": (life((100, RUNNING), (110, QUEUED)), at("status")),
    "from errored to running": (life((100, ERRORED), (110, RUNNING)), at("status")),
    "from cancelled to completed": (life((100, CANCELLED), (400, COMPLETED)), at("status")),
    "from committing to running": (life((300, COMMITTING), (310, RUNNING)), at("status")),
    "from committing to cancelled": (
        life((80, COMMITTING), (400, COMPLETED | {**CANCELLED, "progress": COMPLETED["progress"]})),
        at("status"),
    ),
    "progress that falls": (
        life((100, RUNNING), (110, altered(RUNNING, "progress/processed", 12))),
        at("progress/processed"),
    ),
    "a total that grows": (
        life((100, RUNNING), (110, altered(RUNNING, "progress/total", 101))),
        at("progress/total"),
    ),
    "a total that shrinks": (
        life((100, RUNNING), (110, altered(RUNNING, "progress/total", 99))),
        at("progress/total"),
    ),
    "tokens that fall": (
        life((100, RUNNING), (110, RUNNING | {"tokens_used": 99, "prompt_tokens_used": 59})),
        at("tokens_used"),
    ),
    "credits that fall": (
        life((100, RUNNING), (110, RUNNING | {"credits_used": 0.05})),
        at("credits_used"),
    ),
    "a start that moves": (
        life((100, RUNNING), (110, RUNNING | {"started_at": "2024-10-12T21:38:51Z"})),
        at("started_at"),
    ),
    "a birth that moves": (
        life((100, RUNNING), (110, RUNNING | {"inserted_at": "2024-10-12T21:38:45Z"})),
        at("inserted_at"),
    ),
    "a time that vanishes": (
        life((100, ERRORED), (110, ERRORED | {"started_at": None})),
        at("started_at"),
    ),
    "a start while it was seen to wait": (life((60, QUEUED), (110, RUNNING)), at("started_at")),
    "an end while it was seen to run": (
        life((380, RUNNING), (400, COMPLETED)),
        at("completed_at"),
    ),
    "an end that goes on": (
        life((400, COMPLETED), (410, COMPLETED | {"credits_used": 0.6})),
        at("credits_used"),
    ),
    "an error that changes": (
        life((100, ERRORED), (110, ERRORED | {"error_message": "Another."})),
        at("error_message"),
    ),
    "an end that moves": (
        life((400, COMPLETED), (410, COMPLETED | {"completed_at": "2024-10-12T21:44:33Z"})),
        at("completed_at"),
    ),
    "another prompt": (life((100, RUNNING), (110, RUNNING | {"prompt": "Else"})), at("prompt")),
    "another repository": (
        life((100, RUNNING), (110, RUNNING | {"repository_id": OTHER})),
        at("repository_id"),
    ),
    "another owner": (
        life((100, RUNNING), (110, altered(RUNNING, "created_by/username", "mule"))),
        at("created_by"),
    ),
    "another model": (
        life((100, RUNNING), (110, altered(RUNNING, "model/name", "gpt-5"))),
        at("model"),
    ),
    "another file": (
        life((100, RUNNING), (110, altered(RUNNING, "resource/path", "b"))),
        at("resource"),
    ),
    "an id for two evaluations": (
        [
            created(shown(QUEUED)),
            created(shown(QUEUED | {"inserted_at": "2024-10-12T21:38:46Z"}), after=2),
        ],
        at("id"),
    ),
    "progress that falls after an answer that shows none": (
        life(
            (100, RUNNING), (105, without(RUNNING, "progress")),
            (110, altered(RUNNING, "progress/processed", 12)),
        ),
        at("progress/processed"),
    ),
}  # fmt: skip


def status(good: Json, **lies: object) -> list[Json]:
    return [entry(STATUS, good | lies)]


def results(**lies: object) -> list[Json]:
    return [entry(RESULTS, N_RESULTS | lies)]


SCORES = {
    f"{measure}_{statistic}": 0.5
    for measure in ("binary_correctness", "answer_relevance")
    for statistic in ("mean", "std", "min", "max")
}
COMPARED: Json = N_RESULTS | {
    "metrics": None,
    "method": "eval-compare",
    "model_id_2": "other",
    "base_model": {"model_id": "model-abc123", "metrics": SCORES},
    "eval_model": {"model_id": "other", "metrics": SCORES},
    "comparison": {
        "metrics": [
            {"metric": name, "base": 0.5, "evaluated": 0.5, "improvement_%": 0.0} for name in SCORES
        ],
        "summary": {"avg_improvement": 0.0, "max_improvement": 0.0, "min_improvement": 0.0},
    },
}


def page(query: str = "", **lies: object) -> list[Json]:
    return [entry(LIST + query, N_PAGE | lies)]


OF_NUGEN: dict[str, Case] = {
    "a word of no generation": (status(N_RUNNING, status="running"), "body /status"),
    "a word in another case": (status(N_RUNNING, status="Pending"), "body /status"),
    "no word": (status(N_RUNNING, status=None), "body /status"),
    "completed half-way": (status(N_RUNNING, status="completed"), "body /questions_completed"),
    "an id that is a number": (status(N_RUNNING, evaluation_id=7), "body /evaluation_id"),
    "no benchmark": (status(N_RUNNING, benchmark_id=None), "body /benchmark_id"),
    "progress in other words": (status(N_RUNNING, progress="5 of 10"), "body /progress"),
    "progress of another count": (status(N_RUNNING, progress="6/10 questions"), "body /progress"),
    "progress of another total": (status(N_RUNNING, progress="5/11 questions"), "body /progress"),
    "a count as text": (status(N_RUNNING, questions_completed="5"), "body /questions_completed"),
    "a negative count": (
        status(N_RUNNING, questions_completed=-1, progress="-1/10 questions"),
        "body /questions_completed",
    ),
    "more done than there is": (
        status(N_RUNNING, questions_completed=11, progress="11/10 questions"),
        "body /questions_completed",
    ),
    "half a question": (status(N_RUNNING, questions_completed=5.5), "body /questions_completed"),
    "a total that is true": (status(N_RUNNING, total_questions=True), "body /total_questions"),
    "a negative average": (
        status(N_RUNNING, avg_time_per_question=-1),
        "body /avg_time_per_question",
    ),
    "an average as text": (
        status(N_RUNNING, avg_time_per_question="12.5"),
        "body /avg_time_per_question",
    ),
    "an average of nothing": (
        status(N_WAITING, avg_time_per_question=12.5),
        "body /avg_time_per_question",
    ),
    "an average longer than the run": (
        status(N_COMPLETED, avg_time_per_question=200.0),
        "body /avg_time_per_question",
    ),
    "half a second to go": (status(N_RUNNING, eta_seconds=62.5), "body /eta_seconds"),
    "an end in the past": (status(N_RUNNING, eta_seconds=-62), "body /eta_seconds"),
    "an estimate of something else": (status(N_RUNNING, eta_seconds=100), "body /eta_seconds"),
    "something to go at the end": (status(N_COMPLETED, eta_seconds=30), "body /eta_seconds"),
    "a time in a word": (status(N_RUNNING, start_time="yesterday"), "body /start_time"),
    "a time without a zone": (
        status(N_RUNNING, start_time="2024-10-12T21:38:47"),
        "body /start_time",
    ),
    "a start in the future": (
        status(N_RUNNING, start_time="2024-10-12T23:38:47Z"),
        "body /start_time",
    ),
    "an end while pending": (
        status(N_RUNNING, end_time="2024-10-12T21:40:00Z"),
        "body /end_time",
    ),
    "completed and never ended": (status(N_COMPLETED, end_time=None), "body /end_time"),
    "completed and never started": (status(N_COMPLETED, start_time=None), "body /start_time"),
    "an end before the start": (
        status(N_COMPLETED, end_time="2024-10-12T21:38:46Z"),
        "body /end_time",
    ),
    "a field too many": (status(N_RUNNING, extra=1), "body /extra"),
    "another evaluation's status": (
        status(N_RUNNING, evaluation_id="eval-other"),
        "body /evaluation_id",
    ),
    "results of another evaluation": (results(evaluation_id="eval-other"), "body /evaluation_id"),
    "results of what is pending": (results(status="pending"), "body /status"),
    "results of a comparison that is none": (results(method="eval-compare"), "body /method"),
    "results by no known method": (results(method="guess"), "body /method"),
    "results with a negative count": (results(raw_answers_count=-1), "body /raw_answers_count"),
    "results from the future": (
        results(completed_at="2025-10-12T21:40:45Z"),
        "body /completed_at",
    ),
    "more right than there are": (
        results(metrics={"total_questions": 10, "correct_answers": 11}),
        "body /metrics/correct_answers",
    ),
    "a comparison with metrics of one": (
        [entry(RESULTS, COMPARED | {"metrics": {"accuracy": 1}})],
        "body /metrics",
    ),
    "a comparison of seven scores": (
        [
            entry(
                RESULTS,
                altered(COMPARED, "comparison/metrics", COMPARED["comparison"]["metrics"][1:]),
            )
        ],
        "body /comparison/metrics",
    ),
    "an improvement that is none": (
        [entry(RESULTS, altered(COMPARED, "comparison/metrics/0/improvement_%", 50.0))],
        "body /comparison/metrics/0/improvement_%",
    ),
    "a score that its model has not": (
        [entry(RESULTS, altered(COMPARED, "comparison/metrics/0/base", 0.6))],
        "body /comparison/metrics/0/base",
    ),
    "a summary of other rows": (
        [entry(RESULTS, altered(COMPARED, "comparison/summary/max_improvement", 9.0))],
        "body /comparison/summary/max_improvement",
    ),
    "a page of another limit": (page("?limit=5"), "body /limit"),
    "a page from another offset": (page("?offset=5"), "body /offset"),
    "a page longer than its limit": (
        page(evaluations=[N_ITEM | {"evaluation_id": f"e{n}"} for n in range(11)], total=11),
        "body /evaluations",
    ),
    "a total less than the page": (page(total=0), "body /total"),
    "a line twice": (page(evaluations=[N_ITEM, N_ITEM], total=2), "body /evaluations"),
    "a line of another model": (page("?model_id=other"), "body /evaluations/0/model_id"),
    "a line of another status": (page("?status=failed"), "body /evaluations/0/status"),
    "a line created in the future": (
        page(evaluations=[N_ITEM | {"created_at": "2025-10-12T21:38:44Z"}]),
        "body /evaluations/0/created_at",
    ),
    "created for another model": (
        [entry(LIST, N_CREATED | {"model_id": "m"}, method="POST", sent=N_CREATE, after=0)],
        "body /model_id",
    ),
    "created and completed": (
        [entry(LIST, N_CREATED | {"status": "completed"}, method="POST", sent=N_CREATE, after=0)],
        "body /status",
    ),
    "a problem in another shape": (
        [entry(STATUS, PROBLEM, status=404)],
        "body /detail",
    ),
    "a 401 that says nothing": (
        [entry(STATUS, {"detail": "Not authenticated"}, status=401)],
        "header WWW-Authenticate",
    ),
    # one after the other
    "results before it had completed": (
        [
            entry(RESULTS, N_RESULTS, after=130),
            entry(STATUS, N_RUNNING, after=140),
        ],
        "body /status",
    ),
    "a list that goes back": (
        [entry(STATUS, N_COMPLETED, after=130), entry(LIST, N_PAGE, after=140)],
        "body /evaluations/0/status",
    ),
    "fewer questions than before": (
        [
            entry(STATUS, N_RUNNING, after=100),
            entry(STATUS, without(N_WAITING, "start_time"), after=110),
        ],
        "body /questions_completed",
    ),
    "fewer questions than before a list has shown the end": (
        [
            entry(STATUS, N_RUNNING, after=100),
            entry(LIST, N_PAGE | {"evaluations": [N_ITEM | {"status": "failed"}]}, after=105),
            entry(
                STATUS,
                N_RUNNING
                | {"status": "failed", "questions_completed": 4, "progress": "4/10 questions"}
                | {"end_time": "2024-10-12T21:40:20Z"},
                after=110,
            ),
        ],
        "body /questions_completed",
    ),
    "another total": (
        [
            entry(STATUS, N_WAITING, after=1),
            entry(
                STATUS,
                N_WAITING | {"total_questions": 11, "progress": "0/11 questions"},
                after=2,
            ),
        ],
        "body /total_questions",
    ),
    "another benchmark": (
        [
            entry(STATUS, N_WAITING, after=1),
            entry(STATUS, N_WAITING | {"benchmark_id": "task-other"}, after=2),
        ],
        "body /benchmark_id",
    ),
    "failed after all": (
        [
            entry(STATUS, N_COMPLETED, after=130),
            entry(STATUS, N_COMPLETED | {"status": "failed"}, after=140),
        ],
        "body /status",
    ),
}
WRONG = {
    **{f"hub: {name}": case for name, case in {**HUB, **ROWS}.items()},
    **{f"nugen: {name}": case for name, case in OF_NUGEN.items()},
}


def test_the_table_is_long_enough_to_mean_something() -> None:
    assert len(WRONG) >= 150


def test_what_the_tables_alter_is_clean_as_it_stands() -> None:
    assert judged(archive(entry(RESULTS, COMPARED)))["findings"] == []
    assert judged(archive(*life((1, QUEUED), (100, RUNNING), (400, COMPLETED))))["findings"] == []
    assert ID in EVALUATION


@pytest.mark.parametrize(("entries", "place"), WRONG.values(), ids=WRONG)
def test_a_plainly_wrong_answer_is_caught_at_its_place(entries: Sequence[Json], place: str) -> None:
    assert place in places(judged(archive(*entries)), "document", "assumption", "rule")


def test_the_published_document_and_the_rules_let_most_of_it_through() -> None:
    """Which is why strict is the default."""
    caught = [
        name for name, (entries, _) in WRONG.items()
        if not judged(archive(*entries), published=True)["clean"]
    ]  # fmt: skip
    assert len(WRONG) / 2 < len(caught) < len(WRONG)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(10**30), 1e308, -1e308, 5e-324])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
GOOD: list[tuple[str, Json, list[str]]] = [
    (EVALUATION, shown(COMPLETED), [f"evaluation/{name}" for name in COMPLETED] + ["evaluation"]),
    (EVALUATION, shown(RUNNING), ["evaluation/progress/total", "status"]),
    (STATUS, N_RUNNING, [*N_RUNNING]),
    (RESULTS, COMPARED, [*COMPARED, "comparison/metrics/0/base", "comparison/summary"]),
    (LIST, N_PAGE, [*N_PAGE, *(f"evaluations/0/{name}" for name in N_ITEM)]),
]


@settings(max_examples=100)
@given(st.sampled_from(GOOD), st.data(), st.sampled_from([200, 404, 500]), st.booleans())
def test_no_answer_is_a_traceback(
    good: tuple[str, Json, list[str]], data: st.DataObject, status: int, published: bool
) -> None:
    url, body, paths = good
    for path in data.draw(st.lists(st.sampled_from(paths), min_size=1, max_size=1)):
        body = altered(body, path, data.draw(JSON))
    entries = [entry(url, body, status=status), entry(url, good[1], after=3700)]
    assert judged(archive(*entries), published=published)["exchanges"]
