"""Python clients that openapi-python-client makes of our documents, over whole lives.

Generated classes read every field by its type: a word that an enum lacks, a time that is none or
a field that is missing is an exception, and so is a status that the document does not have.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from judging import LIFE, SERVERS, TOKEN, UNKNOWN_ID, assert_no_violation, serving

from mockserver import Client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGES = {
    "oxen.strict.json": "oxen_as_strict",
    "oxen.json": "oxen_as_published",
    "nugen.strict.json": "nugen_as_strict",
}
OXEN = ("oxen.strict.json", "oxen.json")
CONTROLLER = "api.evaluations.oxen_api_web_controllers_evaluation_controller_"
WHERE = {"namespace": "ox", "repo_name": "cats"}
WILDCARD = "main/data/a.parquet"
CREATE = {
    "prompt": "Is this a cat? {picture}",
    "input_type": "text",
    "output_type": "text",
    "model_id": "123e4567-e89b-12d3-a456-426614174000",
    "target_column": "answer",
    "auto_commit": True,
}
CONFIG = {
    "post_hooks": [],  # they format what nobody reads
    "literal_enums": True,  # with classes, Nugen's failed and FAILED would be one name
}

each_document = pytest.mark.parametrize("document", OXEN)
strict, published = (pytest.mark.parametrize("document", [document]) for document in OXEN)


@pytest.fixture(scope="module", autouse=True)
def _generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Have a package of every document."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "config.json").write_text(json.dumps(CONFIG), "utf-8")
    with serving(SERVERS[0], folder) as url, Client(url) as mock:
        for document, package in PACKAGES.items():
            (folder / document).write_text(json.dumps(mock.document(document)), "utf-8")
            generate(folder, document, package)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield


def generate(folder: Path, document: str, package: str) -> None:
    command = ["-m", "openapi_python_client", "generate", "--meta", "none"]
    command += [
        "--path",
        document,
        "--output-path",
        package,
        "--config",
        "config.json",
        "--fail-on-warning",
    ]
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module", params=SERVERS)
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(request.param, tmp_path_factory.mktemp("server")) as url:
        yield url


@pytest.fixture
def mock(url: str, request: pytest.FixtureRequest) -> Iterator[Client]:
    """A sandbox by the name that pytest has for the test, slashes and brackets included."""
    with Client(url, sandbox=request.node.nodeid) as mock:
        yield mock


class Generated:
    """The package of a document, and a client of it that a sandbox's base URL leads to."""

    def __init__(self, document: str, mock: Client) -> None:
        self.package = PACKAGES[document]
        self.client = import_module(self.package).AuthenticatedClient(
            base_url=mock.url, token=TOKEN, raise_on_unexpected_status=True
        )

    def module(self, name: str) -> Any:  # noqa: ANN401 nobody has typed it before it is generated
        return import_module(f"{self.package}.{name}")

    def call(self, operation: str, **said: object) -> Any:  # noqa: ANN401 the same
        """What an operation answers, in whole: status, headers, bytes, and what was read."""
        return self.module(operation).sync_detailed(client=self.client, **said)

    def model(self, name: str) -> Any:  # noqa: ANN401 the same
        return getattr(self.module("models"), name)


class Oxen(Generated):
    """The two operations of the hub."""

    def create(self, **changed: object) -> Any:  # noqa: ANN401 the same
        body = self.model("CreateEvaluationRequest").from_dict({**CREATE, **changed})
        return self.call(
            f"{CONTROLLER}create_evaluation", **WHERE, resource_path=WILDCARD, body=body
        )

    def look(self, id_: object) -> Any:  # noqa: ANN401 the same
        return self.call(f"{CONTROLLER}get_evaluation", **WHERE, evaluation_id=str(id_))


@pytest.fixture
def oxen(document: str, mock: Client) -> Iterator[Oxen]:
    made = Oxen(document, mock)
    with made.client:
        yield made


@each_document
def test_it_lives_a_whole_life(oxen: Oxen, mock: Client) -> None:
    created = oxen.create()
    evaluation = created.parsed.evaluation
    assert evaluation.resource.to_dict() == {"version": "main", "path": "data/a.parquet"}
    statuses, answers = [], [created]
    for status in LIFE:
        mock.clock.advance_until(str(evaluation.id), status)
        answers.append(oxen.look(evaluation.id))
        statuses.append(str(answers[-1].parsed.evaluation.status))
    assert statuses == list(LIFE)
    ended = answers[-1].parsed.evaluation
    assert ended.started_at < ended.completed_at
    assert ended.progress.processed == ended.progress.total > 0
    for answer in answers:
        assert answer.parsed.to_dict() == as_it_reads_times(json.loads(answer.content))
    assert_no_violation(mock, requests=1 + len(LIFE))


def as_it_reads_times(answer: dict[str, Any]) -> dict[str, Any]:
    """The same answer with its times as Python writes them, and nothing else changed."""
    evaluation = answer["evaluation"]
    times = {name: value for name, value in evaluation.items() if name.endswith("_at") and value}
    told = {name: value.replace("Z", "+00:00") for name, value in times.items()}
    return {**answer, "evaluation": {**evaluation, **told}}


@each_document
def test_it_reads_why_an_evaluation_failed(oxen: Oxen, mock: Client) -> None:
    id_ = str(oxen.create().parsed.evaluation.id)
    mock.evaluations.fail(id_, at_row=7, message="The model did not answer.")
    mock.clock.advance_until(id_, "errored")
    seen = oxen.look(id_).parsed.evaluation
    assert (str(seen.status), seen.error_message) == ("errored", "The model did not answer.")
    assert (seen.progress.processed, seen.completed_at) == (7, None)
    assert_no_violation(mock, requests=2)


@each_document
def test_it_reads_that_there_is_no_such_evaluation(oxen: Oxen, mock: Client) -> None:
    answer = oxen.look(UNKNOWN_ID)
    assert answer.status_code == 404
    assert answer.parsed.to_dict()["status_message"] == "resource_not_found"
    assert_no_violation(mock, requests=1)


@each_document
def test_it_reads_what_was_wrong_with_its_body(oxen: Oxen, mock: Client) -> None:
    mock.expectations.add("body /prompt", operation="create_evaluation")
    answer = oxen.create(prompt=7)
    assert answer.status_code == 400
    error = answer.parsed.to_dict()["error"]
    assert error["detail"] == "body /prompt: expected a string, found 7"
    assert_no_violation(mock, requests=1)


@strict
def test_it_reads_a_limit_and_the_time_to_wait_where_the_document_has_them(
    oxen: Oxen, mock: Client
) -> None:
    id_ = oxen.create().parsed.evaluation.id
    mock.faults.add(operation="get_evaluation", code=429, retry_after=5, count=1)
    limited = oxen.look(id_)
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "5")
    assert limited.parsed.status_message == "too_many_requests"
    assert str(oxen.look(id_).parsed.evaluation.status) == "queued"
    assert_no_violation(mock, requests=3)


@published
def test_it_refuses_a_limit_where_the_document_has_none(oxen: Oxen, mock: Client) -> None:
    mock.faults.add(operation="get_evaluation", code=429, retry_after=5, count=1)
    with pytest.raises(oxen.module("errors").UnexpectedStatus, match="429"):
        oxen.look(UNKNOWN_ID)


@strict
def test_it_looks_at_several_at_once_without_waiting(oxen: Oxen, mock: Client) -> None:
    ids = [str(oxen.create(name=name).parsed.evaluation.id) for name in "abc"]
    look = oxen.module(f"{CONTROLLER}get_evaluation").asyncio

    async def looked() -> list[Any]:
        async with oxen.client as client:
            asked = (look(client=client, **WHERE, evaluation_id=id_) for id_ in ids)
            return await asyncio.gather(*asked)

    assert [one.evaluation.name for one in asyncio.run(looked())] == ["a", "b", "c"]
    assert_no_violation(mock, requests=6)


@pytest.fixture
def nugen(mock: Client) -> Iterator[Generated]:
    made = Generated("nugen.strict.json", mock)
    with made.client:
        yield made


def test_nugens_lives_a_whole_life_too(nugen: Generated, mock: Client) -> None:
    wanted = {"model_id": "m", "benchmark_id": "b"}
    body = nugen.model("CreateEvaluationRequest").from_dict(wanted)
    created = nugen.call("api.evaluations.nugen_create_evaluation", body=body).parsed
    mine = {"evaluation_id": created.evaluation_id}
    seen = []
    for status in ("waiting", "running", "completed"):
        mock.clock.advance_until(created.evaluation_id, status)
        look = nugen.call("api.evaluations.nugen_get_evaluation_status", **mine).parsed
        seen.append((look.status, look.questions_completed))
    assert seen == [("pending", 0), ("pending", 0), ("completed", look.total_questions)]
    results = nugen.call("api.evaluations.nugen_get_evaluation_results", **mine).parsed
    assert results.evaluation_id == created.evaluation_id
    unknown = nugen.call("api.evaluations.nugen_get_evaluation_status", evaluation_id="eval-none")
    assert (unknown.status_code, type(unknown.parsed).__name__) == (404, "Detail")
    assert_no_violation(mock, requests=6)
