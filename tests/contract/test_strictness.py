"""Two strictnesses: what the hub publishes, and what this mock holds its own answers to."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from mockserver.apis.oxen import CREATE, GET, OxenApi
from mockserver.contract.contract import Contract
from mockserver.contract.overlay import load_overlay
from mockserver.contract.routes import Match
from mockserver.core import rules
from mockserver.core.exchange import Request, Response, Violation, json_response

if TYPE_CHECKING:
    from collections.abc import Sequence

SPEC = Path(__file__).parents[2] / "spec"
NOW = datetime(2024, 10, 12, 22, tzinfo=UTC)


def contract_with(*names: str) -> Contract:
    overlays = [load_overlay((SPEC / name).read_text("utf-8"), name) for name in names]
    text = (SPEC / "oxen.yaml").read_text("utf-8")
    return Contract.load_own("oxen", text, "oxen.yaml", lambda: overlays)


PUBLISHED = contract_with()
STRICT = contract_with("oxen.overlay.yaml")
LEGACY = contract_with("oxen.overlay.yaml", "oxen.legacy.overlay.yaml")

COMPLETED: dict[str, Any] = {
    "cancelled_at": None,
    "completed_at": "2024-10-12T21:44:32Z",
    "completion_tokens_used": 2004,
    "created_by": {"id": "1", "username": "ox", "name": None, "image": None},
    "credits_used": 0.5,
    "error_message": None,
    "id": "d0c8585d-1234-5678-abcd-ef0123456789",
    "input_type": "text",
    "inserted_at": "2024-10-12T21:38:44Z",
    "is_sample": False,
    "model": {"name": "gpt-4o-mini"},
    "name": None,
    "output_type": "text",
    "progress": {"processed": 100, "total": 100},
    "prompt": "Classify: {text}",
    "prompt_tokens_used": 8040,
    "repository_id": "2f0c7cb4-1b2f-4c7c-a1c0-4a8f3b1f5f11",
    "resource": {"path": "data.parquet", "version": "main"},
    "sample_count": 10,
    "started_at": "2024-10-12T21:38:44Z",
    "status": "completed",
    "target_branch": "results",
    "target_column": "prediction",
    "target_path": None,
    "tokens_used": 10044,
}
QUEUED = COMPLETED | {
    "status": "queued",
    "progress": {"processed": 0, "total": 0},
    "started_at": None,
    "completed_at": None,
    "credits_used": 0,
    **dict.fromkeys(("tokens_used", "prompt_tokens_used", "completion_tokens_used"), 0),
}
RUNNING = COMPLETED | {
    "status": "running",
    "completed_at": None,
    "progress": {"processed": 13, "total": 73},
}
ERRORED = RUNNING | {"status": "errored", "error_message": "no credits"}
CANCELLED = RUNNING | {"status": "cancelled", "cancelled_at": "2024-10-12T21:40:00Z"}
COMMITTING = COMPLETED | {"status": "committing", "completed_at": None}


def answer(evaluation: object, **envelope: object) -> dict[str, Any]:
    whole = {"evaluation": evaluation, "status": "success", "status_message": "resource_found"}
    return whole | envelope


def without(value: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: inner for name, inner in value.items() if name not in names}


def judged(contract: Contract, response: Response, operation: str = GET) -> Sequence[Violation]:
    return contract.check_answer(contract.operations[operation], response)


def judged_with_rules(body: dict[str, Any]) -> Sequence[Violation]:
    """What the strict contract holds against an answer, and else what the rules do."""
    found = judged(STRICT, json_response(200, body))
    return found or rules.check(OxenApi({}).sighting(GET, body, NOW))


# -- the strict document ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "contract", [PUBLISHED, STRICT, LEGACY], ids=["published", "strict", "legacy"]
)
def test_each_document_is_valid_openapi(contract: Contract) -> None:
    for document in (contract.document.value, contract.strict):
        assert list(OpenAPIV30SpecValidator(copy.deepcopy(dict(document))).iter_errors()) == []


def request_side(document: Any) -> dict[str, Any]:  # noqa: ANN401 because JSON has no narrower type
    """Everything in a document that speaks of requests, components that they use included."""
    operations = {
        f"{method} {path}": {key: value for key, value in operation.items() if key != "responses"}
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }
    answers = {"Error", "Evaluation", "EvaluationResponse"}
    schemas = without(document["components"]["schemas"], *answers)
    top = without(document, "paths", "components")
    rest = without(document["components"], "schemas")
    return {"top": top, "operations": operations, "schemas": schemas, "rest": rest}


def test_the_overlay_changes_nothing_about_requests_but_that_create_needs_its_body() -> None:
    published = copy.deepcopy(request_side(PUBLISHED.document.value))
    create = next(name for name in published["operations"] if name.startswith("post "))
    body = published["operations"][create]["requestBody"]
    assert body["required"] is False
    body["required"] = True
    assert request_side(STRICT.strict) == published


def test_no_schema_of_requests_holds_one_of_answers() -> None:
    used = json.dumps(request_side(PUBLISHED.document.value))
    assert "#/components/schemas/CreateEvaluationRequest" in used
    assert "#/components/schemas/Evaluation" not in used


def test_the_overlay_drops_no_documented_answer_and_adds_only_errors() -> None:
    for path, item in PUBLISHED.document.value["paths"].items():
        for method, operation in item.items():
            strict = STRICT.strict["paths"][path][method]["responses"]
            added = strict.keys() - operation["responses"].keys()
            assert strict.keys() > operation["responses"].keys()
            assert all(int(code) >= 400 for code in added)


def test_where_the_document_leaves_a_value_free_the_overlay_does_too() -> None:
    def properties(contract: Contract) -> dict[str, Any]:
        found: dict[str, Any] = contract.strict["components"]["schemas"]["Evaluation"]["properties"]
        return found

    closed = {"additionalProperties", "required"}
    for name, published in properties(PUBLISHED).items():
        strict = properties(STRICT)[name]
        added = strict.keys() - published.keys()
        assert added <= (closed if name in {"progress", "resource", "created_by"} else set()), name
        assert {key: strict[key] for key in published} == published, name


def test_every_documented_property_of_an_evaluation_is_required_and_no_other_comes() -> None:
    schemas = STRICT.strict["components"]["schemas"]
    for schema in (schemas["Evaluation"], schemas["EvaluationResponse"]):
        assert sorted(schema["required"]) == sorted(schema["properties"])
        assert schema["additionalProperties"] is False


# -- requests ---------------------------------------------------------------------------------

SPEC_BODY = {
    "prompt": "Classify: {text}",
    "input_type": "text",
    "output_type": "text",
    "model_id": "41148aa1-906c-411c-b84b-847d980e8896",
    "target_column": "prediction",
}
LEGACY_BODY = {
    "name": "n",
    "prompt": "Classify: {text}",
    "type": "text",
    "model": "gpt-4o-mini",
    "is_sample": False,
    "target_column": "prediction",
    "target_branch": "results",
    "auto_commit": True,
    "commit_message": "m",
}


def refused(contract: Contract, body: object) -> list[str]:
    raw = b"" if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    asked = Request("POST", "/api/repos/ox/cats/evaluations/main/a", (), headers, raw)
    match = contract.routes.match("POST", asked.path)
    assert isinstance(match, Match)
    assert match.name == CREATE
    return [str(violation) for violation in contract.check_request(match, asked)]


def test_the_published_document_lets_a_create_without_a_body_through_and_strict_does_not() -> None:
    assert refused(PUBLISHED, None) == []
    assert refused(STRICT, None) == ["body: expected a JSON body (required), found nothing"]


@pytest.mark.parametrize(
    "body",
    [
        SPEC_BODY,
        SPEC_BODY | {"anything": "else", "sample_count": -(10**30), "batch_size": 0},
        SPEC_BODY | {"commit_message": None, "prompt": "", "target_column": ""},
    ],
)
def test_whatever_the_published_document_takes_strict_takes(body: dict[str, Any]) -> None:
    assert refused(PUBLISHED, body) == refused(STRICT, body) == []


def test_the_older_body_is_refused_unless_its_dialect_is_switched_on() -> None:
    assert refused(STRICT, LEGACY_BODY)
    assert refused(LEGACY, LEGACY_BODY) == []
    assert refused(LEGACY, SPEC_BODY) == []


@pytest.mark.parametrize(
    "body",
    [
        without(LEGACY_BODY, "prompt"),
        without(LEGACY_BODY, "target_column"),
        without(LEGACY_BODY, "type"),
        without(LEGACY_BODY, "model"),
        without(SPEC_BODY, "input_type"),
        without(SPEC_BODY, "model_id"),
        LEGACY_BODY | {"type": "video"},
        LEGACY_BODY | {"model": ""},
        SPEC_BODY | {"model_id": "gpt-4o-mini"},
        {},
        [],
    ],
)
def test_either_dialect_must_be_whole(body: object) -> None:
    assert refused(LEGACY, body)


def test_the_older_dialect_changes_no_answer() -> None:
    for name in ("Evaluation", "EvaluationResponse", "Error"):
        schemas = LEGACY.strict["components"]["schemas"]
        assert schemas[name] == STRICT.strict["components"]["schemas"][name]


# -- answers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "evaluation",
    [QUEUED, RUNNING, COMMITTING, COMPLETED, ERRORED, CANCELLED],
    ids=lambda evaluation: str(evaluation["status"]),
)
def test_a_true_answer_passes_everything(evaluation: dict[str, Any]) -> None:
    body = answer(evaluation)
    assert judged(PUBLISHED, json_response(200, body)) == ()
    assert judged_with_rules(body) == ()
    assert judged(STRICT, json_response(200, body), CREATE) == ()


@pytest.mark.parametrize("operation", [GET, CREATE])
def test_the_published_document_accepts_an_empty_object_and_strict_does_not(operation: str) -> None:
    assert judged(PUBLISHED, json_response(200, {}), operation) == ()
    assert [v.place for v in judged(STRICT, json_response(200, {}), operation)] == [
        "body /evaluation",
        "body /status",
        "body /status_message",
    ]


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    # what the envelope may not be
    "nothing at all": ({}, "/evaluation"),
    "no evaluation": (without(answer(COMPLETED), "evaluation"), "/evaluation"),
    "evaluation is null": (answer(None), "/evaluation"),
    "evaluation is a list": (answer([COMPLETED]), "/evaluation"),
    "evaluation is empty": (answer({}), "/evaluation/id"),
    "no envelope": (COMPLETED, "/evaluation"),
    "no status in the envelope": (without(answer(COMPLETED), "status"), "/status"),
    "another word for success": (answer(COMPLETED, status="ok"), "/status"),
    "the evaluation's status in the envelope": (answer(COMPLETED, status="completed"), "/status"),
    "another message": (answer(COMPLETED, status_message="resource_created"), "/status_message"),
    "a field beside the envelope's": (answer(COMPLETED, error=None), "/error"),
    # what a field may not be
    "a field is missing": (answer(without(COMPLETED, "name")), "/evaluation/name"),
    "the progress is missing": (answer(without(QUEUED, "progress")), "/evaluation/progress"),
    "a field too many": (answer(COMPLETED | {"queued_at": None}), "/evaluation/queued_at"),
    "a misspelt field": (answer(COMPLETED | {"finished_at": None}), "/evaluation/finished_at"),
    "an unknown status": (answer(COMPLETED | {"status": "succeeded"}), "/evaluation/status"),
    "the other spelling": (answer(CANCELLED | {"status": "canceled"}), "/evaluation/status"),
    "an upper-case status": (answer(COMPLETED | {"status": "COMPLETED"}), "/evaluation/status"),
    "an unknown input type": (answer(QUEUED | {"input_type": "audio"}), "/evaluation/input_type"),
    "an id that is no uuid": (answer(COMPLETED | {"id": "7"}), "/evaluation/id"),
    "an id that is a number": (answer(COMPLETED | {"id": 7}), "/evaluation/id"),
    "a number as text": (answer(COMPLETED | {"tokens_used": "10044"}), "/evaluation/tokens_used"),
    "half a token": (answer(COMPLETED | {"tokens_used": 10044.5}), "/evaluation/tokens_used"),
    "credits as text": (answer(COMPLETED | {"credits_used": "0.5"}), "/evaluation/credits_used"),
    "tokens are null": (answer(QUEUED | {"tokens_used": None}), "/evaluation/tokens_used"),
    "a truth value as text": (answer(QUEUED | {"is_sample": "false"}), "/evaluation/is_sample"),
    "no creation time": (answer(QUEUED | {"inserted_at": None}), "/evaluation/inserted_at"),
    "a time without offset": (
        answer(QUEUED | {"inserted_at": "2024-10-12T21:38:44"}),
        "/evaluation/inserted_at",
    ),
    "a time in seconds": (answer(QUEUED | {"inserted_at": 1728769124}), "/evaluation/inserted_at"),
    "a date without time": (
        answer(QUEUED | {"inserted_at": "2024-10-12"}),
        "/evaluation/inserted_at",
    ),
    "a day that is none": (
        answer(QUEUED | {"inserted_at": "2024-02-30T00:00:00Z"}),
        "/evaluation/inserted_at",
    ),
    "the model as a word": (answer(COMPLETED | {"model": "gpt-4o"}), "/evaluation/model"),
    "progress as a share": (answer(RUNNING | {"progress": 0.13}), "/evaluation/progress"),
    "progress without total": (
        answer(RUNNING | {"progress": {"processed": 13}}),
        "/evaluation/progress/total",
    ),
    "progress with a share": (
        answer(RUNNING | {"progress": {"processed": 1, "total": 2, "percent": 50}}),
        "/evaluation/progress/percent",
    ),
    "a resource without version": (
        answer(COMPLETED | {"resource": {"path": "a"}}),
        "/evaluation/resource/version",
    ),
    "a creator without a name": (
        answer(COMPLETED | {"created_by": {"id": "1", "username": "ox", "image": None}}),
        "/evaluation/created_by/name",
    ),
    # what cannot be true
    "more done than there is": (
        answer(RUNNING | {"progress": {"processed": 74, "total": 73}}),
        "/evaluation/progress/processed",
    ),
    "less than nothing done": (
        answer(RUNNING | {"progress": {"processed": -1, "total": 73}}),
        "/evaluation/progress/processed",
    ),
    "progress while queued": (
        answer(QUEUED | {"progress": {"processed": 0, "total": 73}}),
        "/evaluation/progress/total",
    ),
    "tokens while queued": (
        answer(QUEUED | {"tokens_used": 5, "prompt_tokens_used": 5}),
        "/evaluation/tokens_used",
    ),
    "completed and unfinished": (
        answer(COMPLETED | {"progress": {"processed": 99, "total": 100}}),
        "/evaluation/progress/processed",
    ),
    "tokens that do not add up": (
        answer(COMPLETED | {"tokens_used": 10045}),
        "/evaluation/tokens_used",
    ),
    "running and never started": (answer(RUNNING | {"started_at": None}), "/evaluation/started_at"),
    "queued and started": (
        answer(QUEUED | {"started_at": "2024-10-12T21:38:44Z"}),
        "/evaluation/started_at",
    ),
    "completed without a time": (
        answer(COMPLETED | {"completed_at": None}),
        "/evaluation/completed_at",
    ),
    "running and completed": (
        answer(RUNNING | {"completed_at": "2024-10-12T21:40:00Z"}),
        "/evaluation/completed_at",
    ),
    "cancelled without a time": (
        answer(CANCELLED | {"cancelled_at": None}),
        "/evaluation/cancelled_at",
    ),
    "errored without a message": (
        answer(ERRORED | {"error_message": None}),
        "/evaluation/error_message",
    ),
    "completed with a message": (
        answer(COMPLETED | {"error_message": "oh"}),
        "/evaluation/error_message",
    ),
    "started before it was created": (
        answer(RUNNING | {"started_at": "2024-10-12T21:38:43Z"}),
        "/evaluation/started_at",
    ),
    "completed before it started": (
        answer(COMPLETED | {"completed_at": "2024-10-12T21:38:43Z"}),
        "/evaluation/completed_at",
    ),
    "completed in the future": (
        answer(COMPLETED | {"completed_at": "2024-10-12T22:00:01Z"}),
        "/evaluation/completed_at",
    ),
}


def test_the_table_of_wrong_answers_is_long_enough_to_mean_something() -> None:
    assert len(WRONG) >= 46


@pytest.mark.parametrize(("body", "place"), WRONG.values(), ids=WRONG)
def test_a_plainly_wrong_answer_is_refused_at_its_place(body: dict[str, Any], place: str) -> None:
    assert f"body {place}" in [violation.place for violation in judged_with_rules(body)]


def test_most_plainly_wrong_answers_pass_the_published_document() -> None:
    passed = [
        n for n, (body, _) in WRONG.items() if not judged(PUBLISHED, json_response(200, body))
    ]
    assert len(passed) > len(WRONG) / 2


# -- errors -----------------------------------------------------------------------------------

PROBLEM = {
    "error": {"type": "invalid_params", "title": "Invalid parameters supplied", "detail": "d"},
    "status": "error",
    "status_message": "invalid_params",
}


@pytest.mark.parametrize("operation", [GET, CREATE])
@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 429, 500, 503])
def test_every_error_that_can_be_asked_for_comes_in_the_envelope(
    status: int, operation: str
) -> None:
    assert judged(STRICT, json_response(status, PROBLEM), operation) == ()
    assert judged(STRICT, json_response(status, {}), operation)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (without(PROBLEM, "error"), "body /error"),
        (PROBLEM | {"error": {"message": "no"}}, "body /error/message"),
        (PROBLEM | {"error": "no"}, "body /error"),
        (PROBLEM | {"error": {"type": "", "title": ""}}, "body /error/type"),
        (PROBLEM | {"status": "success"}, "body /status"),
        (PROBLEM | {"status_message": ""}, "body /status_message"),
        (PROBLEM | {"detail": "x"}, "body /detail"),
    ],
)
def test_an_error_in_another_envelope_is_refused(body: dict[str, Any], place: str) -> None:
    assert place in [violation.place for violation in judged(STRICT, json_response(404, body))]
    assert judged(PUBLISHED, json_response(404, body)) == ()


@pytest.mark.parametrize(
    ("response", "place"),
    [
        (json_response(201, answer(QUEUED)), "status"),
        (json_response(418, PROBLEM), "status"),
        (Response(200), "body"),
        (Response(200, (("Content-Type", "application/json"),), b"{"), "body"),
        (Response(200, (("Content-Type", "application/json"),), b"\xff"), "body"),
        (Response(200, (("Content-Type", "text/html"),), b"<html>"), "header Content-Type"),
        (
            Response(404, (("Content-Type", "application/problem+json"),), b"{}"),
            "header Content-Type",
        ),
    ],
)
def test_an_answer_of_another_kind_is_refused(response: Response, place: str) -> None:
    assert [violation.place for violation in judged(STRICT, response)] == [place]
