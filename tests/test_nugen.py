"""Nugen over HTTP: the documented examples to the letter, and what follows from them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.assemble import app_of, assemble
from mockserver.core import rules
from mockserver.core.errors import BadFixturesError
from mockserver.core.exchange import json_response
from mockserver.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from werkzeug.test import TestResponse

EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
BASE = "/api/v3"
EXAMPLE = f"{BASE}/evaluations/eval-xyz789"
CREATE = {"model_id": "model-abc123", "benchmark_id": "benchmark-abc123"}
NOT_YET = {"detail": {"evaluation_id": "eval-xyz789", "message": "Evaluation is not completed yet"}}
MEASURES = ("binary_correctness", "answer_relevance")


class World:
    """A mock whose real time stands still until it is moved."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 as Settings takes it
        self.real = 0
        self.mock = assemble(Settings(epoch=EPOCH, seed="7", **settings), real=lambda: self.real)
        self.client = app_of(self.mock).test_client()

    def at(self, seconds: float) -> World:
        self.real = round(seconds * 1_000_000) * 1_000
        return self

    def ask(self, path: str, who: str = "k", **sent: Any) -> TestResponse:  # noqa: ANN401 the same
        headers = {"Authorization": f"Bearer {who}", **sent.pop("headers", {})}
        return self.client.open(path, headers=headers, **sent)

    def get(self, path: str, who: str = "k") -> Any:  # noqa: ANN401 because JSON has no type
        answer = self.ask(path, who)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()

    def created(self, who: str = "k", prefer: str = "", **body: object) -> str:
        answer = self.ask(
            f"{BASE}/evaluations",
            who,
            method="POST",
            json={**CREATE, **body},
            headers={"Prefer": prefer},
        )
        assert answer.status_code == 200, answer.get_data(as_text=True)
        id_: str = answer.get_json()["evaluation_id"]
        return id_


# The documented examples


PENDING = (
    '{"evaluation_id":"eval-xyz789","status":"pending","benchmark_id":"task-abc123",'
    '"progress":"0/10 questions","questions_completed":0,"total_questions":10}'
)
IN_PROGRESS = (
    '{"evaluation_id":"eval-xyz789","status":"pending","benchmark_id":"task-abc123",'
    '"progress":"5/10 questions","questions_completed":5,"total_questions":10,'
    '"avg_time_per_question":12.5,"eta_seconds":62}'
)
COMPLETED = (
    '{"evaluation_id":"eval-xyz789","status":"completed","benchmark_id":"task-abc123",'
    '"progress":"10/10 questions","questions_completed":10,"total_questions":10,'
    '"avg_time_per_question":11.8}'
)


@pytest.mark.parametrize(
    ("seconds", "body"),
    [
        pytest.param(0, PENDING, id="waiting"),
        pytest.param(3, PENDING, id="running, none answered yet"),
        pytest.param(65.5, IN_PROGRESS, id="the fifth answer has just come"),
        pytest.param(76.5, IN_PROGRESS, id="the sixth has not come"),
        pytest.param(121, COMPLETED, id="completed"),
        pytest.param(10**6, COMPLETED, id="completed long ago"),
    ],
)
def test_the_documented_examples_come_out_to_the_letter(seconds: float, body: str) -> None:
    assert World().at(seconds).ask(f"{EXAMPLE}/status").get_data(as_text=True) == body


def test_counters_and_averages_are_steps_that_change_when_an_answer_ends() -> None:
    world, seen = World(), []
    for tick in range(1300):
        body = world.at(tick / 10).get(f"{EXAMPLE}/status")
        seen.append((body["questions_completed"], body.get("avg_time_per_question")))
    assert [done for done, _ in dict.fromkeys(seen)] == list(range(11))
    averages = [12.5] * 5 + [12.27, 12.1, 11.97, 11.88, 11.8]
    assert [average for _, average in dict.fromkeys(seen)] == [None, *averages]


def test_a_status_shows_the_keys_that_the_fixture_names_and_no_other() -> None:
    world = World()
    created = world.created()
    for seconds in range(0, 130, 3):
        shown = world.at(seconds).get(f"{EXAMPLE}/status").keys()
        assert not shown & {"start_time", "end_time"}
    assert world.get(f"{BASE}/evaluations/{created}/status").keys() >= {"start_time", "end_time"}


# Results


def test_results_and_download_are_a_400_until_completed() -> None:
    world = World()
    for seconds in (0, 60, 120.9):
        for what in ("results", "download"):
            answer = world.at(seconds).ask(f"{EXAMPLE}/{what}")
            assert (answer.status_code, answer.get_json()) == (400, NOT_YET)
    results = world.at(121).get(f"{EXAMPLE}/results")
    assert results["metrics"] == {
        "accuracy": 0.92,
        "relevance": 0.88,
        "average_score": 0.9,
        "total_questions": 10,
        "correct_answers": 9,
    }
    assert (results["raw_answers_count"], results["method"]) == (10, "eval")
    assert results["completed_at"] == "2026-03-01T12:02:01Z"
    assert not results.keys() & {"model_id_2", "base_model", "eval_model", "comparison"}


def test_a_failed_evaluation_never_has_results_and_keeps_its_counters() -> None:
    world = World().at(10**5)
    assert world.ask(f"{BASE}/evaluations/eval-failed1/results").status_code == 400
    status = world.get(f"{BASE}/evaluations/eval-failed1/status")
    assert (status["status"], status["progress"]) == ("failed", "4/10 questions")
    assert status.keys() >= {"end_time"}
    assert "eta_seconds" not in status


@pytest.mark.parametrize(
    ("id_", "name", "count"),
    [
        ("eval-happy1", "evaluation_results_eval-happy1.json", 10),
        ("eval-compare1", "evaluation_comparison_eval-compare1.json", 10),
    ],
)
def test_the_download_is_an_indented_attachment_named_by_its_mode(
    id_: str, name: str, count: int
) -> None:
    answer = World().at(60).ask(f"{BASE}/evaluations/{id_}/download")
    assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"
    assert answer.get_data(as_text=True).startswith('{\n  "evaluation_id"')
    told = answer.get_json()
    assert len(told["detailed_results"]) == told["raw_answers_count"] == count
    assert told["detailed_results"][0]["question"] == "Who approves expenses?"
    assert told["created_at"] == "2026-03-01T12:00:00Z"


def test_single_metrics_are_those_of_the_answers_in_the_download() -> None:
    told = World().at(60).get(f"{BASE}/evaluations/eval-happy1/download")
    scores = [answer["score"] for answer in told["detailed_results"]]
    relevance = [answer["relevance"] for answer in told["detailed_results"]]
    metrics = told["metrics"]
    assert metrics["correct_answers"] == sum(scores)
    assert metrics["accuracy"] == round(sum(scores) / 10, 4)
    assert metrics["relevance"] == pytest.approx(sum(relevance) / 10, abs=1e-4)
    average = (metrics["accuracy"] + metrics["relevance"]) / 2
    assert metrics["average_score"] == pytest.approx(average, abs=1e-4)


def test_two_models_count_twice_and_are_compared_by_eight_metrics() -> None:
    world = World()
    assert world.get(f"{BASE}/evaluations/eval-compare1/status")["total_questions"] == 10
    told = world.at(60).get(f"{BASE}/evaluations/eval-compare1/results")
    assert (told["method"], told["metrics"]) == ("eval-compare", None)
    base, other = told["base_model"], told["eval_model"]
    assert (base["model_id"], other["model_id"]) == ("model-abc123", "model-def456")
    names = [f"{m}_{s}" for m in MEASURES for s in ("mean", "std", "min", "max")]
    rows = told["comparison"]["metrics"]
    assert [row["metric"] for row in rows] == names
    for row in rows:
        was, now = base["metrics"][row["metric"]], other["metrics"][row["metric"]]
        assert (row["base"], row["evaluated"]) == (was, now)
        gain = round((now - was) / was * 100, 2) if was else 0
        assert row["improvement_%"] == gain
    gains = [row["improvement_%"] for row in rows]
    assert told["comparison"]["summary"] == {
        "avg_improvement": pytest.approx(sum(gains) / 8, abs=0.005),
        "max_improvement": max(gains),
        "min_improvement": min(gains),
    }


def test_an_improvement_on_nothing_is_the_whole_number_zero() -> None:
    world = World()
    rows = []
    for second in ("m", "n", "o"):
        id_ = world.created(model_id_2=second, benchmark_id="unknown")
        told = world.at(world.real / 10**9 + 60).get(f"{BASE}/evaluations/{id_}/results")
        rows += told["comparison"]["metrics"]
    nothing = [row["improvement_%"] for row in rows if row["base"] == 0]
    assert nothing
    assert {(type(gain), gain) for gain in nothing} == {(int, 0)}


# Creating and listing


def test_a_created_evaluation_asks_the_questions_of_its_benchmark_and_else_of_its_fixture() -> None:
    world = World()
    answer = world.ask(
        f"{BASE}/benchmark/create", method="POST", json={"documents": ["d"], "num_questions": 7}
    )
    known, unknown = answer.get_json()["id"], "somebody-elses"
    for benchmark, total in ((known, 7), (unknown, 10)):
        id_ = world.created(benchmark_id=benchmark)
        assert world.get(f"{BASE}/evaluations/{id_}/status")["total_questions"] == total
    twice = world.created(benchmark_id=known, model_id_2="another")
    assert world.get(f"{BASE}/evaluations/{twice}/status")["total_questions"] == 14


def test_the_list_counts_what_the_filter_matches_and_not_the_page() -> None:
    world = World(fixtures=())
    ids = [world.at(number).created(model_id="mine") for number in range(12)]
    listed = f"{BASE}/evaluations?model_id=mine"
    first = world.get(listed)
    assert (first["total"], first["limit"], first["offset"]) == (12, 10, 0)
    assert [item["evaluation_id"] for item in first["evaluations"]] == ids[:1:-1]
    rest = world.get(f"{listed}&limit=5&offset=10")
    assert [item["evaluation_id"] for item in rest["evaluations"]] == ids[1::-1]
    assert (rest["total"], rest["limit"], rest["offset"]) == (12, 5, 10)
    assert world.get(f"{listed}&offset=99")["evaluations"] == []


def test_the_filter_tells_running_from_waiting_where_the_words_do_not() -> None:
    world = World()
    ids = [world.created(model_id="mine"), world.at(20).created(model_id="mine")]

    def found(status: str) -> list[str]:
        listed = world.get(f"{BASE}/evaluations?model_id=mine&status={status}")
        return [item["evaluation_id"] for item in listed["evaluations"]]

    assert found("pending") == ids[::-1]
    assert found("in_progress") == ids[:1]
    assert found("completed") == found("READY") == []
    world.at(28)
    assert found("completed") == ids[:1]


@pytest.mark.parametrize("name", ["eval-xyz789", "eval-slow1"])
def test_fixtures_belong_to_every_token(name: str) -> None:
    world = World()
    for token in ("one", "another"):
        assert world.ask(f"{BASE}/evaluations/{name}/status", token).status_code == 200


def test_what_one_token_created_another_does_not_find() -> None:
    world = World()
    id_ = world.created("mine")
    for what in ("status", "results", "download"):
        answer = world.ask(f"{BASE}/evaluations/{id_}/{what}", "yours")
        assert (answer.status_code, answer.get_json()) == (404, {"detail": "Evaluation not found"})
        assert "another token" in answer.headers["X-Mock-Hint"]
    mine, yours = (world.get(f"{BASE}/evaluations?limit=100", one) for one in ("mine", "yours"))
    assert mine["total"] == yours["total"] + 1
    assert mine["user_id"] != yours["user_id"]


def test_a_fixture_with_an_owner_is_found_by_that_token_alone(tmp_path: Path) -> None:
    text = "api: nugen\nowner: mine\nphases: [waiting: 1s, running: 1s, completed]\n"
    (tmp_path / "own.yaml").write_text(text + "evaluation: {id: eval-own}\n", "utf-8")
    world = World(fixtures=(tmp_path,))
    path = f"{BASE}/evaluations/eval-own/status"
    assert world.ask(path, "mine").status_code == 200
    assert world.ask(path, "yours").status_code == 404


# Ways of speaking


def test_the_upper_case_words_are_those_of_july_2026() -> None:
    world = World()
    path = f"{BASE}/evaluations/eval-upper1/status"
    words = [world.at(second).get(path)["status"] for second in range(0, 30, 5)]
    assert list(dict.fromkeys(words)) == ["PROCESSING", "READY"]
    created = world.created(model_id="mock-upper-case")
    assert world.get(f"{BASE}/evaluations/{created}/status")["status"] == "PROCESSING"


def test_the_live_style_sends_every_key_null_while_unset_and_times_without_a_zone() -> None:
    world = World()
    path = f"{BASE}/evaluations/eval_01K0HZX4M8Q2W7T/status"
    waiting, done = world.get(path), world.at(60).get(path)
    assert list(waiting) == list(done)
    unset = {name for name, value in waiting.items() if value is None}
    assert unset == {"avg_time_per_question", "eta_seconds", "start_time", "end_time"}
    assert (done["eta_seconds"], done["end_time"]) == (0, "2026-03-01T12:00:17.000000")


def test_a_breach_that_no_fixture_declares_is_refused(tmp_path: Path) -> None:
    text = "api: nugen\nphases: [waiting: 1s, running: 1s, completed]\nassume: {answer_style: live}"
    (tmp_path / "own.yaml").write_text(text, "utf-8")
    with pytest.raises(BadFixturesError, match="/start_time: expected a date-time"):
        World(fixtures=(tmp_path,))


# Benchmarks


def test_a_benchmark_lives_from_documents_to_questions() -> None:
    world = World()
    sent = {"documents": ["handbook", "faq"], "num_questions": 3}
    created = world.ask(f"{BASE}/benchmark/create", method="POST", json=sent).get_json()
    assert created.keys() == {"id", "status"}
    status, data = f"{BASE}/benchmark/status/{created['id']}", f"{BASE}/benchmark/{created['id']}"
    assert world.get(status)["status"] == created["status"] == "pending"
    assert world.get(f"{data}/data")["questions"] == []
    world.at(60)
    assert world.get(status)["status"] == "completed"
    told = world.get(f"{data}/data")
    assert [one["question_num"] for one in told["questions"]] == [1, 2, 3]
    assert told["document_ids"] == ["handbook", "faq"]
    [listed] = [b for b in world.get(f"{BASE}/benchmark/list")["benchmarks"] if b["id"] in data]
    assert (listed["num_questions"], listed["documents"]) == (3, ["handbook", "faq"])


@pytest.mark.parametrize("documents", [None, [], "handbook", [""], [7], {}])
def test_a_benchmark_without_documents_or_with_bad_ones_is_a_400(documents: object) -> None:
    sent = {"num_questions": 3} | ({} if documents is None else {"documents": documents})
    answer = World().ask(f"{BASE}/benchmark/create", method="POST", json=sent)
    assert answer.status_code == 400
    assert "documents" in answer.get_json()["detail"]


def test_a_failed_benchmark_says_what_went_wrong() -> None:
    world = World()
    path = f"{BASE}/benchmark/benchmark-failed1/data"
    assert world.get(path)["error"] is None
    assert world.at(60).get(path)["error"] == "The document cannot be read."


# At every instant


def test_every_status_keeps_the_rules_every_few_seconds_and_after_each_other() -> None:
    world = World()
    api = world.mock.engine.apis["nugen"].api
    listed = world.get(f"{BASE}/evaluations?limit=100")["evaluations"]
    seen: dict[str, list[rules.Sighting]] = {item["evaluation_id"]: [] for item in listed}
    for second in range(0, 150, 3):
        world.at(second)
        for id_, sightings in seen.items():
            body = world.get(f"{BASE}/evaluations/{id_}/status")
            now = EPOCH + timedelta(seconds=second)
            sightings.append(api.sighting("nugen.get_evaluation_status", body, now))
    for sightings in seen.values():
        assert [found for one in sightings for found in rules.check(one)] == []
        assert [found for pair in pairwise(sightings) for found in rules.check_pair(*pair)] == []


def test_a_lie_about_progress_average_or_estimate_is_caught() -> None:
    api = World().mock.engine.apis["nugen"].api
    good = World().at(65.5).get(f"{EXAMPLE}/status")
    lies = ({"progress": "6/10 questions"}, {"eta_seconds": 99}, {"questions_completed": 11})
    now = EPOCH + timedelta(seconds=66)
    assert rules.check(api.sighting("nugen.get_evaluation_status", good, now)) == ()
    for lie in lies:
        seen = api.sighting("nugen.get_evaluation_status", {**good, **lie}, now)
        assert rules.check(seen) != ()


# Settings, and what the contract bounds


@pytest.mark.parametrize("assumed", [{"status_words": "PROCESSING"}, {"answer_style": "live"}])
def test_a_whole_server_can_speak_otherwise(assumed: dict[str, str]) -> None:
    world = World(assume=assumed)
    created = world.created()
    seen = world.at(60).get(f"{BASE}/evaluations/{created}/status")
    if "status_words" in assumed:
        assert seen["status"] == "READY"
        assert "benchmark_id" in world.get(f"{BASE}/benchmark/status/benchmark-abc123")
    else:
        assert seen["end_time"] == "2026-03-01T12:00:27.000000"
        assert seen["eta_seconds"] == 0


def test_nobody_can_have_more_questions_made_than_fit_into_memory() -> None:
    sent = {"documents": ["d"], "num_questions": 10_001}
    answer = World().ask(f"{BASE}/benchmark/create", method="POST", json=sent)
    assert answer.status_code == 422
    assert answer.get_json()["detail"][0]["ctx"] == {"le": 10_000}


def test_an_empty_filter_is_let_in_and_matches_nothing() -> None:
    listed = World().get(f"{BASE}/evaluations?model_id=&status=")
    assert (listed["total"], listed["evaluations"]) == (0, [])


def test_an_operation_that_is_not_simulated_says_how_to_have_it_answered(tmp_path: Path) -> None:
    path = f"{BASE}/benchmark/upload"
    answer = World().ask(path, method="POST")
    assert answer.status_code == 501
    assert "`api: nugen`" in answer.get_json()["detail"]
    text = "kind: answer\napi: nugen\noperation: nugen.upload_benchmark\nstatus: 200\nbody: {}\n"
    (tmp_path / "upload.yaml").write_text(text, "utf-8")
    assert World(fixtures=(tmp_path,)).ask(path, method="POST").get_json() == {}


def test_a_create_prefers_a_fixture_of_its_own_kind() -> None:
    world = World()
    failing = world.created(prefer="example=failed")
    assert world.at(60).get(f"{BASE}/evaluations/{failing}/status")["status"] == "failed"
    refused = world.ask(
        f"{BASE}/evaluations", method="POST", json=CREATE, headers={"Prefer": "example=benchmark"}
    )
    assert refused.status_code == 400
    assert "found benchmark, a benchmark" in refused.get_json()["detail"]


def test_a_list_keeps_the_contract_whatever_style_a_status_of_it_has() -> None:
    world = World()
    contract = world.mock.engine.apis["nugen"].contract
    operation = contract.operations["nugen.list_evaluations"]
    for second in (0, 60, 4_000):
        body = world.at(second).get(f"{BASE}/evaluations?limit=100")
        assert contract.check_answer(operation, json_response(200, body)) == ()


_WORLD = World()
_SEGMENTS = (
    "evaluations",
    "benchmark",
    "eval-xyz789",
    "status",
    "results",
    "create",
    "%0A",
    "ä",
    "",
)


@given(
    method=st.sampled_from(("GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE")),
    steps=st.lists(st.sampled_from(_SEGMENTS) | st.text(max_size=5), max_size=4),
    query=st.dictionaries(
        st.sampled_from(("limit", "offset", "status", "x")), st.text(max_size=8), max_size=3
    ),
    body=st.binary(max_size=40)
    | st.dictionaries(
        st.sampled_from(("model_id", "benchmark_id", "documents", "num_questions", "model_id_2")),
        st.none() | st.integers() | st.text(max_size=5) | st.lists(st.text(max_size=3), max_size=2),
    ).map(lambda value: json.dumps(value).encode()),
    seconds=st.integers(0, 200),
)
def test_no_request_is_a_fault_and_every_refusal_is_in_fastapis_envelope(
    method: str, steps: list[str], query: dict[str, str], body: bytes, seconds: int
) -> None:
    path = "/".join([BASE, *(quote(step, safe="") for step in steps)])
    url = f"{path}?{urlencode(query)}"
    headers = {"Content-Type": "application/json"}
    answer = _WORLD.at(seconds).ask(url, method=method, data=body, headers=headers)
    assert answer.status_code < 500 or answer.status_code == 501, answer.get_data(as_text=True)
    if answer.status_code >= 400 and method != "HEAD":
        assert answer.get_json().keys() == {"detail"}


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("phases: [waiting: 1s, running: 1s, completed]", "say api: nugen"),
        ("api: nugen\nphases: [queued: 1s, running: 1s, completed]", "leave out api: nugen"),
    ],
)
def test_a_fixture_in_the_words_of_the_other_api_is_told_so(
    text: str, advice: str, tmp_path: Path
) -> None:
    (tmp_path / "own.yaml").write_text(text, "utf-8")
    with pytest.raises(BadFixturesError, match=advice):
        World(fixtures=(tmp_path,))
