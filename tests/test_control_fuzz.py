"""The control API under requests that its own document makes up, good and bad, by schemathesis.

Everything is drawn from a fixed seed and nothing is remembered, so that every run asks the same.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings

from mockserver.assemble import create_app
from mockserver.settings import Settings

if TYPE_CHECKING:
    from schemathesis.generation.stateful.state_machine import APIStateMachine

    Case = schemathesis.Case[Any]

THERE = {
    "/_mock/evaluations": "d0c8585d-1234-5678-abcd-ef0123456789",
    "/_mock/faults": "fault-1",
    "/_mock/expectations": "expectation-1",
    "/_mock/sandboxes": "there",
}
"""An id of each kind that is there when a test begins."""
_WAIT = re.compile(r"[0-9]{1,5}(ms|s)")

app = create_app(Settings(epoch=datetime(2026, 3, 1, 12, tzinfo=UTC), seed="fuzz", speed=0))
schema = schemathesis.openapi.from_wsgi(
    "/_mock/openapi/control.json", app, config=schemathesis.Config(seed=1)
)
fuzzed = settings(
    max_examples=25,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
if TYPE_CHECKING:
    StateMachine = APIStateMachine
else:
    # What a reset forgets, schemathesis would miss: it looks for everything that it has created.
    StateMachine = schema.exclude(operation_id="control.reset").as_state_machine()


def start_anew() -> None:
    """Have the same there, whatever was done before."""
    client = app.test_client()
    listed = client.get("/_mock/sandboxes").get_json()["sandboxes"]
    others = [quote(one["name"], safe="") for one in listed if one["name"] != "default"]
    for method, path, body in (
        *(("DELETE", f"/_mock/sandboxes/{name}", {}) for name in others),
        ("PUT", "/_mock/sandboxes/default", {}),
        ("PUT", "/_mock/sandboxes/there", {}),
        ("POST", "/_mock/faults", {"operation": "get_evaluation", "code": 503}),
        ("POST", "/_mock/expectations", {"place": "body"}),
    ):
        assert client.open(path, method=method, json=body).status_code in {200, 201}


@pytest.fixture(autouse=True)
def _anew() -> None:
    start_anew()


def hurry(case: Case) -> None:
    """Have nobody wait for long.

    A request for the journal that may wait holds its answer back until another one comes, and
    here none does: each would cost up to 5 s. So a good duration becomes a short one.
    """
    wait = (case.query or {}).get("wait")
    if isinstance(wait, str) and _WAIT.fullmatch(wait):
        case.query["wait"] = "1ms"


def lead(case: Case) -> None:
    """Have half of the good requests find something, for of ids that are made up none is there."""
    is_good = case.meta is not None and case.meta.generation.mode.is_positive
    for name in {"id", "name"} & set(case.path_parameters or ()):
        drawn, kind = str(case.path_parameters[name]), case.path.partition("/{")[0]
        if is_good and sum(drawn.encode()) % 2:
            case.path_parameters[name] = THERE[kind]


@schema.parametrize()
@fuzzed
def test_no_request_finds_an_answer_that_the_document_does_not_have(case: Case) -> None:
    hurry(case)
    lead(case)
    case.call_and_validate()


class Sequences(StateMachine):
    """Requests that follow from the answers to others, which have the ids that they lead to."""

    def setup(self) -> None:
        start_anew()

    def before_call(self, case: Case) -> None:
        hurry(case)
        if (case.path_parameters or {}).get("name") == "default":
            case.path_parameters["name"] = "another"  # for the same reason


TestSequences = Sequences.TestCase
TestSequences.settings = settings(fuzzed, max_examples=20, stateful_step_count=6)
