"""Nugen's two strictnesses, and that strict plus rules lets no plainly wrong status through."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from mockserver.apis.nugen import NugenApi
from mockserver.core import rules
from mockserver.core.exchange import Violation, json_response
from mockserver.loading import load_contracts
from mockserver.settings import Settings

STATUS = "nugen.get_evaluation_status"
API = NugenApi({})
CONTRACT = load_contracts(Settings(), (API,))["nugen"]
NOW = datetime(2026, 3, 1, 12, 5, tzinfo=UTC)
RUNNING: dict[str, Any] = {
    "evaluation_id": "eval-xyz789",
    "status": "pending",
    "benchmark_id": "task-abc123",
    "progress": "5/10 questions",
    "questions_completed": 5,
    "total_questions": 10,
    "avg_time_per_question": 12.5,
    "eta_seconds": 62,
    "start_time": "2026-03-01T12:00:03Z",
}
WAITING = {
    "evaluation_id": "eval-xyz789",
    "status": "pending",
    "benchmark_id": "task-abc123",
    "progress": "0/10 questions",
    "questions_completed": 0,
    "total_questions": 10,
}
COMPLETED = {
    **WAITING,
    "status": "completed",
    "progress": "10/10 questions",
    "questions_completed": 10,
    "avg_time_per_question": 11.8,
    "start_time": "2026-03-01T12:00:03Z",
    "end_time": "2026-03-01T12:02:01Z",
}
UNSET = dict.fromkeys(("avg_time_per_question", "eta_seconds", "start_time", "end_time"))
LIVE = {**WAITING, "status": "PROCESSING", **UNSET}
GOOD = {"waiting": WAITING, "running": RUNNING, "completed": COMPLETED, "live": LIVE}

LIES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("running", {"status": "running"}),
    ("running", {"status": "Pending"}),
    ("running", {"status": None}),
    ("running", {"status": "completed"}),
    ("running", {"evaluation_id": 7}),
    ("running", {"benchmark_id": None}),
    ("running", {"progress": "5 of 10"}),
    ("running", {"progress": "6/10 questions"}),
    ("running", {"progress": "5/11 questions"}),
    ("running", {"questions_completed": "5"}),
    ("running", {"questions_completed": -1, "progress": "-1/10 questions"}),
    ("running", {"questions_completed": 11, "progress": "11/10 questions"}),
    ("running", {"questions_completed": 5.5}),
    ("running", {"total_questions": 4}),
    ("running", {"total_questions": True}),
    ("running", {"avg_time_per_question": -1}),
    ("running", {"avg_time_per_question": "12.5"}),
    ("running", {"eta_seconds": 62.5}),
    ("running", {"eta_seconds": -62}),
    ("running", {"eta_seconds": 100}),
    ("running", {"start_time": "yesterday"}),
    ("running", {"start_time": "2026-03-01T12:00:03"}),
    ("running", {"start_time": "2026-03-01T13:00:03Z"}),
    ("running", {"start_time": None, "end_time": "2026-03-01T12:01:00Z"}),
    ("running", {"end_time": "2026-03-01T12:01:00Z"}),
    ("running", {"extra": 1}),
    ("waiting", {"avg_time_per_question": 12.5}),
    ("completed", {"questions_completed": 9, "progress": "9/10 questions"}),
    ("completed", {"end_time": None}),
    ("completed", {"start_time": None}),
    ("completed", {"end_time": "2026-03-01T12:00:01Z"}),
    ("completed", {"end_time": "2027-03-01T12:00:01Z"}),
    ("completed", {"eta_seconds": 30}),
    ("live", {"questions_completed": 1, "progress": "1/10 questions"}),
    ("live", {"status": "READY"}),
)
"""A good answer, and what to alter in it so that it cannot be true."""


def judged(body: dict[str, Any]) -> tuple[Violation, ...]:
    """What strict holds against a status, and else what the rules do."""
    found = CONTRACT.check_answer(CONTRACT.operations[STATUS], json_response(200, body))
    return found or rules.check(API.sighting(STATUS, body, NOW))


def test_both_documents_are_valid_and_need_no_repair() -> None:
    assert CONTRACT.repairs == ()
    for document in (CONTRACT.document.value, CONTRACT.strict):
        assert list(OpenAPIV31SpecValidator(copy.deepcopy(dict(document))).iter_errors()) == []


@pytest.mark.parametrize("name", GOOD)
def test_good_answers_of_both_styles_pass(name: str) -> None:
    assert judged(GOOD[name]) == ()


@pytest.mark.parametrize(("name", "lie"), LIES, ids=[f"{n}-{lie}" for n, lie in LIES])
def test_a_plainly_wrong_status_is_caught_by_strict_or_by_the_rules(
    name: str, lie: dict[str, Any]
) -> None:
    assert judged({**GOOD[name], **lie}) != ()


@pytest.mark.parametrize("name", ["evaluation_id", "status", "benchmark_id"])
def test_the_three_documented_properties_are_always_there(name: str) -> None:
    assert judged({key: value for key, value in RUNNING.items() if key != name}) != ()


@pytest.mark.parametrize("operation", CONTRACT.operations.values(), ids=lambda o: o.short)
def test_every_operation_documents_who_is_let_in_and_how_it_fails(operation: Any) -> None:  # noqa: ANN401 because pytest hands it over
    paths = CONTRACT.strict["paths"]
    responses = paths[operation.template][operation.method.lower()]["responses"]
    assert {"401", "403", "404", "429", "500", "501"} <= responses.keys()
