"""Whatever this mock serves and journals is judged clean: its own lives come first."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import judged, lines, places

from mockserver.assemble import app_of, assemble
from mockserver.settings import Settings

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
HUB = "/api/repos/ox/cats/evaluations"
NUGEN = "/api/v3"
CREATE: dict[str, object] = {
    "prompt": "Is this positive? {review}",
    "input_type": "text",
    "output_type": "text",
    "model_id": "41148aa1-906c-411c-b84b-847d980e8896",
    "target_column": "prediction",
}
LIVES = (
    "happy-path",
    "cancelled",
    "errored-midway",
    "errored-committing",
    "without-auto-commit",
    "embeddings",
    "large-numbers",
    "unicode-and-nulls",
    "sample-run",
)
OF_NUGEN = ("happy-path", "failed", "slow", "upper-case")


class World:
    """A mock whose time is set by hand, and what its journal holds."""

    def __init__(self, **assume: object) -> None:
        self.real = 0
        mock = assemble(
            Settings(epoch=EPOCH, seed="7", assume=assume), real=lambda: self.real * 1_000_000
        )
        self._client = app_of(mock).test_client()

    def ask(self, path: str, **sent: Any) -> TestResponse:  # noqa: ANN401 as a client takes it
        headers = {"Authorization": "Bearer some-secret-token", **sent.pop("headers", {})}
        return self._client.open(path, headers=headers, **sent)

    def created(self, life: str, **body: object) -> str:
        told = self.ask(
            f"{HUB}/main/data/cats.parquet",
            method="POST",
            json={**CREATE, **body},
            headers={"Prefer": f"example={life}"},
        )
        return f"{HUB}/{told.get_json()['evaluation']['id']}"

    def created_at_nugen(self, life: str, **body: object) -> str:
        told = self.ask(
            f"{NUGEN}/evaluations",
            method="POST",
            json={"model_id": "m", "benchmark_id": "benchmark-abc123", **body},
            headers={"Prefer": f"example={life}"},
        )
        return f"{NUGEN}/evaluations/{told.get_json()['evaluation_id']}"

    @property
    def har(self) -> dict[str, Any]:
        raw = self._client.get("/_mock/journal.har").get_data(as_text=True)
        found: dict[str, Any] = json.loads(raw)
        return found


INSTANTS = st.lists(st.integers(0, 200_000), min_size=1, max_size=12).map(sorted)


@settings(max_examples=30)
@given(st.sampled_from(LIVES), st.booleans(), st.booleans(), INSTANTS)
def test_every_life_on_the_hub_is_clean(
    life: str, sample: bool, commit: bool, instants: list[int]
) -> None:
    world = World()
    path = world.created(life, is_sample=sample, auto_commit=commit, name="n")
    for world.real in instants:
        world.ask(path)
        world.ask(path.upper().replace(HUB.upper(), HUB))
    told = judged(world.har)
    assert lines(told) == []
    assert told["evaluations"] == 1


@settings(max_examples=20)
@given(st.sampled_from(OF_NUGEN), st.booleans(), INSTANTS)
def test_every_life_of_nugen_is_clean(life: str, compared: bool, instants: list[int]) -> None:
    world = World()
    path = world.created_at_nugen(life, **({"model_id_2": "other"} if compared else {}))
    for world.real in instants:
        for operation in ("status", "results", "download"):
            world.ask(f"{path}/{operation}")
        world.ask(f"{NUGEN}/evaluations?limit=2&offset=1")
    told = judged(world.har)
    assert lines(told) == []


def test_an_end_that_is_seen_first_where_nothing_is_counted_is_clean() -> None:
    """Results and lists show no counters, and what the status showed before was not final."""
    for first in ("results", "download", "../../evaluations"):
        world = World()
        path = world.created_at_nugen("happy-path")
        for world.real, operation in ((5_000, "status"), (200_000, first), (200_001, "status")):
            world.ask(f"{NUGEN}/evaluations" if first[0] == "." else f"{path}/{operation}")
        assert lines(judged(world.har)) == []


def test_benchmarks_and_everything_bundled_are_clean() -> None:
    world = World()
    made = world.ask(
        f"{NUGEN}/benchmark/create", method="POST", json={"documents": ["d"], "num_questions": 3}
    )
    for world.real in range(0, 200_000, 5_000):
        for path in ("benchmark/list", "evaluations?limit=100", "evaluations?status=completed"):
            world.ask(f"{NUGEN}/{path}")
        world.ask(f"{NUGEN}/benchmark/status/{made.get_json()['id']}")
        world.ask(f"{NUGEN}/benchmark/{made.get_json()['id']}/data")
    assert lines(judged(world.har)) == []


@pytest.mark.parametrize("offset", [10**9, 68_393_400_072_795, 10**15, 10**16, 10**30])
def test_a_page_from_far_beyond_the_end_is_clean(offset: int) -> None:
    world = World()
    assert world.ask(f"{NUGEN}/evaluations?offset={offset}").status_code == 200
    assert lines(judged(world.har)) == []


@pytest.mark.parametrize("code", [400, 401, 402, 403, 404, 429, 500, 503])
def test_every_problem_on_the_hub_is_clean(code: int) -> None:
    world = World()
    world.ask(world.created("happy-path"), headers={"Prefer": f"code={code}"})
    assert lines(judged(world.har)) == []


@pytest.mark.parametrize("code", [400, 401, 403, 404, 429, 500, 503])
def test_every_problem_of_nugen_is_clean(code: int) -> None:
    """But for a 400 and a 422, which no document has for a status."""
    world = World()
    world.ask(f"{world.created_at_nugen('happy-path')}/results", headers={"Prefer": f"code={code}"})
    expected = ["body /detail"] if code == 400 else []
    assert sorted(places(judged(world.har))) == expected


def test_an_answer_that_a_fault_has_spoiled_is_not_clean() -> None:
    world = World()
    path = world.created("happy-path")
    fault = {"operation": "get_evaluation", "body": "truncated"}
    made = world.ask("/_mock/faults", method="POST", json=fault)
    assert made.status_code < 300, made.get_data(as_text=True)
    world.ask(path)
    assert places(judged(world.har)) == {"body"}


def test_a_mock_with_something_else_assumed_is_clean_where_the_judge_assumes_it_too() -> None:
    world = World(fractional_seconds=True, default_target_branch="results")
    path = world.created("happy-path")
    world.ask(path)
    told = judged(world.har)
    assert places(told) == {"assumption default_target_branch"}
    assert judged(world.har, default_target_branch="results")["clean"]
