"""Tests of a client whose base URL cannot be set, and whose retries are its library's own."""

from __future__ import annotations

import pytest
import requests
from requests_poller import RETRIES, session, wait

from mockserver.testing import Oxen


@pytest.fixture
def asked(oxen: Oxen) -> requests.Session:
    """The client's own session, sent to the sandbox; its retries stay as they are."""
    oxen.patch_sleep("requests_poller.sleep")
    oxen.patch_sleep("urllib3.util.retry.time.sleep")
    made = session(oxen.token)
    made.mount("https://", oxen.requests_adapter(max_retries=RETRIES))
    return made


@pytest.mark.parametrize("end", ["completed", "errored", "cancelled"])
def test_every_end_is_an_end(asked: requests.Session, oxen: Oxen, end: str) -> None:
    fixture = {"completed": "happy-path", "errored": "errored-midway", "cancelled": "cancelled"}[
        end
    ]
    assert wait(asked, "ox/cats", oxen.add(fixture)["id"])["status"] == end


def test_it_gives_up_in_the_end(asked: requests.Session, oxen: Oxen) -> None:
    with pytest.raises(TimeoutError):
        wait(asked, "ox/cats", oxen.add("stuck")["id"])


def test_it_asks_again_when_it_is_told_to(asked: requests.Session, oxen: Oxen) -> None:
    oxen.faults.add(operation="get_evaluation", code=429, retry_after=20, count=2)
    assert wait(asked, "ox/cats", oxen.add("happy-path")["id"])["status"] == "completed"
    assert [one["code"] for one in oxen.journal.find()["exchanges"]][:3] == [429, 429, 200]


def test_it_does_not_ask_for_ever(asked: requests.Session, oxen: Oxen) -> None:
    oxen.faults.add(operation="get_evaluation", code=503)
    with pytest.raises(requests.exceptions.RetryError):
        wait(asked, "ox/cats", oxen.add("happy-path")["id"])


def test_a_truncated_answer_is_no_answer(asked: requests.Session, oxen: Oxen) -> None:
    oxen.faults.add(operation="get_evaluation", body="truncated", count=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        wait(asked, "ox/cats", oxen.add("happy-path")["id"])
