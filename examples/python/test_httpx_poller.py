"""Ten tests of a poller; none of them waits, and none leaves this machine."""

from __future__ import annotations

import pytest
from httpx_poller import EvaluationEndedError, Poller
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.testing import Oxen, Server

MODEL = "41148aa1-906c-411c-b84b-847d980e8896"


@pytest.fixture
def poller(oxen: Oxen) -> Poller:
    oxen.patch_sleep("httpx_poller.time.sleep")
    return Poller(oxen.url, oxen.token, "ox/cats")


def test_an_evaluation_is_created_as_it_was_asked_for(poller: Poller, oxen: Oxen) -> None:
    created = poller.create("main/data/reviews.parquet", "Is {review} positive?", MODEL)
    assert oxen.evaluations.get(created)["status"] == "queued"


def test_it_waits_for_the_end(poller: Poller, oxen: Oxen) -> None:
    evaluation = oxen.add("happy-path", rows=50)
    assert poller.wait(evaluation["id"])["progress"] == {"processed": 50, "total": 50}


def test_progress_is_unknown_while_queued_and_then_grows(poller: Poller, oxen: Oxen) -> None:
    told: list[float | None] = []
    poller.wait(oxen.add("happy-path")["id"], told.append)
    assert told[0] is None
    known = [share for share in told if share is not None]
    assert known == sorted(known)
    assert known[-1] == 1


@pytest.mark.parametrize(
    ("fixture", "reason"),
    [("errored-midway", "503, service unavailable"), ("cancelled", "cancelled")],
)
def test_other_ends_are_told(poller: Poller, oxen: Oxen, fixture: str, reason: str) -> None:
    with pytest.raises(EvaluationEndedError, match=reason):
        poller.wait(oxen.add(fixture)["id"])


def test_a_failure_at_any_row_ends_it(poller: Poller, oxen: Oxen) -> None:
    evaluation = oxen.add("slow")
    oxen.fail(evaluation, at_row=71, message="out of credits")
    with pytest.raises(EvaluationEndedError, match="out of credits"):
        poller.wait(evaluation["id"])


def test_it_gives_up_in_the_end(poller: Poller, oxen: Oxen) -> None:
    with pytest.raises(TimeoutError):
        poller.wait(oxen.add("stuck")["id"])


def test_a_passing_trouble_is_tried_again(poller: Poller, oxen: Oxen) -> None:
    oxen.faults.add(operation="get_evaluation", status="running", code=503, count=2)
    assert poller.wait(oxen.add("happy-path")["id"])["status"] == "completed"


def test_it_waits_as_long_as_it_is_told_to(poller: Poller, oxen: Oxen) -> None:
    oxen.faults.add(operation="get_evaluation", code=429, retry_after=45, count=1)
    poller.wait(oxen.add("happy-path")["id"])
    assert [one["code"] for one in oxen.journal.find()["exchanges"]] == [429, 200]


@settings(deadline=None, max_examples=20)
@given(rows=st.integers(0, 300), every=st.floats(1, 30))
def test_whatever_the_size_and_the_pace(oxen_server: Server[Oxen], rows: int, every: float) -> None:
    with oxen_server.sandbox(seed="7") as oxen:
        oxen.patch_sleep("httpx_poller.time.sleep")
        poller = Poller(oxen.url, oxen.token, "ox/cats", every=every)
        assert poller.wait(oxen.add("happy-path", rows=rows)["id"])["status"] == "completed"
