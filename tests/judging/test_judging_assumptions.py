"""What is assumed, confirmed or refuted by traffic, one by one, and the setting that changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from recordings import (
    COMPLETED,
    CREATE_BODY,
    EVALUATION,
    ID,
    N_COMPLETED,
    N_RUNNING,
    N_WAITING,
    NUGEN,
    PROBLEM,
    QUEUED,
    RUNNING,
    SAMPLE,
    STATUS,
    Json,
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

    from mockserver.judging.told import Assumption, Told

OLDER: Json = {
    "name": "n",
    "prompt": "Classify: {text}",
    "type": "text",
    "model": "gpt-4o-mini",
    "target_column": "prediction",
    "target_branch": "results",
}
UNAUTHENTICATED = PROBLEM | {
    "error": {"type": "unauthenticated", "title": "A valid API key is needed."},
    "status_message": "unauthenticated",
}
INVALID = PROBLEM | {
    "error": {"type": "invalid_params", "title": "Invalid parameters supplied"},
    "status_message": "invalid_params",
}
KNOWN = entry(EVALUATION, shown(COMPLETED), after=400)
NO_ID = EVALUATION.replace(ID, "7")
NAIVE = {
    "start_time": "2024-10-12T21:38:47.123456",
    "end_time": "2024-10-12T21:40:45.123456",
}

CASES: dict[str, tuple[Sequence[Json], str, bool, str]] = {
    "the older body is taken": (
        [created(shown(QUEUED), sent=OLDER)],
        "dialect", False, "--dialect legacy",
    ),
    "the older body is refused": ([created(INVALID, sent=OLDER, status=400)], "dialect", True, ""),
    "reading takes no token": (
        [KNOWN, entry(EVALUATION, shown(COMPLETED), after=401, asked={})],
        "read_needs_token", False, "--assume read_needs_token=false",
    ),
    "reading takes a token": (
        [KNOWN, entry(EVALUATION, UNAUTHENTICATED, status=401, after=401, asked={})],
        "read_needs_token", True, "",
    ),
    "an id that is none gets a 400": (
        [entry(NO_ID, INVALID, status=400)],
        "malformed_id_status", False, "--assume malformed_id_status=400",
    ),
    "an id that is none gets a 404": (
        [entry(NO_ID, PROBLEM, status=404)],
        "malformed_id_status", True, "",
    ),
    "a create without a branch gets one": (
        [created(shown(QUEUED), sent=without(CREATE_BODY, "target_branch"))],
        "default_target_branch", False, "--assume default_target_branch=results",
    ),
    "a create without a path gets none": (
        [created(shown(QUEUED))],
        "default_target_path", True, "",
    ),
    "a create without a path gets one": (
        [created(shown(QUEUED | {"target_path": "out.parquet"}))],
        "default_target_path", False, "--assume default_target_path=out.parquet",
    ),
    "a sample commits": (
        [entry(EVALUATION, shown(
            SAMPLE | {"status": "committing", "progress": {"processed": 10, "total": 10}}
        ))],
        "commit_samples", False, "--assume commit_samples=true",
    ),
    "times with fractions": (
        [entry(EVALUATION, shown(RUNNING | {"started_at": "2024-10-12T21:38:50.123456Z"}))],
        "fractional_seconds", False, "--assume fractional_seconds=true",
    ),
    "times in whole seconds": ([KNOWN], "fractional_seconds", True, ""),
    "words of July 2026": (
        [entry(STATUS, N_WAITING | {"status": "PROCESSING"})],
        "status_words", False, "--assume status_words=PROCESSING",
    ),
    "words as documented": ([entry(STATUS, N_COMPLETED)], "status_words", True, ""),
    "unset fields are null": (
        [entry(STATUS, N_RUNNING | {"end_time": None})],
        "answer_style", False, "--assume answer_style=live",
    ),
    "times without a zone": (
        [entry(STATUS, N_COMPLETED | NAIVE | {"eta_seconds": 0})],
        "answer_style", False, "--assume answer_style=live",
    ),
    "unset fields are absent": ([entry(STATUS, N_WAITING)], "answer_style", True, ""),
}  # fmt: skip


def weighed(told: Told, name: str) -> Assumption:
    [one] = [one for one in told["assumptions"] if one["name"] == name]
    return one


@pytest.mark.parametrize(("entries", "name", "holds", "setting"), CASES.values(), ids=CASES)
def test_an_assumption_is_weighed(
    entries: Sequence[Json], name: str, holds: bool, setting: str
) -> None:
    told = judged(archive(*entries))
    one = weighed(told, name)
    assert (one["holds"], one["setting"]) == (holds, setting)
    assert (f"assumption {name}" in places(told)) is not holds
    published = judged(archive(*entries), published=True)
    assert weighed(published, name) == one
    assert f"assumption {name}" not in places(published)


REFUTED = {name: case for name, case in CASES.items() if case[3]}


@pytest.mark.parametrize(("entries", "name", "holds", "setting"), REFUTED.values(), ids=REFUTED)
def test_what_is_advised_makes_the_finding_go(
    entries: Sequence[Json], name: str, holds: bool, setting: str
) -> None:
    text = setting.rpartition("=")[2].rpartition(" ")[2]
    value: Any = {"true": True, "false": False, "400": 400}.get(text, text)
    told = judged(archive(*entries), **{name: value})
    assert weighed(told, name)["holds"] is not holds
    assert told["findings"] == []


def test_what_is_shown_both_ways_has_no_setting() -> None:
    fraction = RUNNING | {"started_at": "2024-10-12T21:38:50.5Z"}
    told = judged(
        archive(
            entry(EVALUATION, shown(fraction), after=60),
            entry(EVALUATION.replace("cats", "dogs"), shown(RUNNING)),
        )
    )
    one = weighed(told, "fractional_seconds")
    assert (one["holds"], one["setting"], one["shown"]) == (False, "", ["true", "false"])


# What overlays assume

ADDED = entry(EVALUATION, shown(COMPLETED | {"queued_at": None}))


def test_what_breaks_strict_alone_is_held_against_the_overlay_that_assumes_it() -> None:
    told = judged(archive(ADDED))
    [finding] = told["findings"]
    assert finding["kind"] == "assumption"
    assert finding["source"] == "oxen.overlay.yaml $.components.schemas.Evaluation"
    one = weighed(told, finding["source"])
    assert one["holds"] is False
    assert "examples of 2024 had ten more" in one["about"]
    assert judged(archive(ADDED), published=True)["clean"]


GET_TARGET = "$.paths['/api/repos/{namespace}/{repo_name}/evaluations/{evaluation_id}'].get"
OVERLAID = {
    "a field of the envelope": (
        entry(EVALUATION, shown(COMPLETED, more=1)), "$.components.schemas.EvaluationResponse",
    ),
    "a word of the envelope": (
        entry(EVALUATION, shown(COMPLETED, status="ok")),
        "$.components.schemas.EvaluationResponse.properties.status",
    ),
    "a field of the progress": (
        entry(EVALUATION, shown(RUNNING | {"progress": {"processed": 1, "total": 2, "of": 3}})),
        "$.components.schemas.Evaluation.properties.progress",
    ),
    "another 404": (
        entry(EVALUATION, {"message": "no"}, status=404),
        f"{GET_TARGET}.responses['404'].content['application/json']",
    ),
    "another 401": (
        entry(EVALUATION, {"status": "error", "status_message": "unauthenticated"}, status=401),
        f"{GET_TARGET}.responses",
    ),
    "Nugen's word": (
        entry(STATUS, N_RUNNING | {"status": "running"}),
        "$.components.schemas.EvaluationStatusResponse",
    ),
    "Nugen's 401": (
        entry(STATUS, {"detail": "Who?"}, status=401, headers={"WWW-Authenticate": "Bearer"}),
        "$.paths[*][*].responses",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("wrong", "target"), OVERLAID.values(), ids=OVERLAID)
def test_the_action_is_named_that_assumes_what_is_broken(wrong: Json, target: str) -> None:
    told = judged(archive(wrong))
    assert {one["kind"] for one in told["findings"]} == {"assumption"}
    assert {one["source"].partition(" ")[2] for one in told["findings"]} == {target}
    assert judged(archive(wrong), published=True)["clean"]


def test_what_breaks_the_published_document_is_held_against_the_server() -> None:
    told = judged(archive(entry(EVALUATION, shown(COMPLETED | {"tokens_used": "many"}))))
    assert [(one["kind"], one["place"]) for one in told["findings"]] == [
        ("document", "body /evaluation/tokens_used")
    ]


def test_an_error_that_comes_as_assumed_confirms_its_action() -> None:
    told = judged(archive(KNOWN, entry(EVALUATION, UNAUTHENTICATED, status=401, asked={})))
    [target] = [one for one in told["assumptions"] if one["name"].startswith("oxen.overlay")]
    assert target["holds"] is True
    assert "401" not in target["name"]
    assert "A missing or bad token" in target["about"]


def test_an_error_that_the_published_document_does_not_name_is_no_breach_of_it() -> None:
    """A document need not name every error (OpenAPI 3.0.4, 4.8.16), but must every success."""
    told = judged(archive(entry(EVALUATION, PROBLEM, status=503)), published=True)
    assert told["clean"]
    assert told["notes"] == [
        "errors that the published document does not name, as it need not: 1 x 503"
    ]
    assert places(judged(archive(created(shown(QUEUED), status=201)), published=True)) == {"status"}


def test_a_request_is_judged_by_the_published_document_whichever_is_chosen() -> None:
    nothing = created(INVALID, status=400, sent="")
    assert judged(archive(nothing))["findings"] == []
    many = entry(
        f"{NUGEN}/benchmark/create",
        {"id": "b", "status": "pending"},
        method="POST",
        sent={"documents": ["d"], "num_questions": 20_000},
    )
    assert judged(archive(many))["findings"] == []
