"""Servers with one thing wrong with them each: it is found, by few requests, and told once."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
from fuzzed_servers import Altered, Answer, Ended, fuzzed, mock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def always_empty(_environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", "2")])
    return [b"{}"]


def goes_back() -> Callable[[Answer], Answer]:
    """Every other look at what waits shows it running."""
    looks: dict[str, int] = {}

    def alter(answer: Answer) -> Answer:
        if answer.evaluation.get("status") != "queued":
            return answer
        looks[answer.path] = looks.get(answer.path, 0) + 1
        now = "2026-03-01T12:00:00Z"
        runs = {"status": "running", "started_at": now}
        return answer.showing(**runs) if looks[answer.path] % 2 else answer

    return alter


def adds_up_wrongly(answer: Answer) -> Answer:
    shown = answer.evaluation
    return answer.showing(tokens_used=shown["tokens_used"] + 1) if shown else answer


def knows_no_405(answer: Answer) -> Answer:
    return answer._replace(status=404) if answer.status == 405 else answer


def fails(answer: Answer) -> Answer:
    if answer.status != 200:
        return answer
    problem = {"error": {"type": "unknown_error", "title": "Oh"}, "status": "error"}
    return answer._replace(status=500).with_body(problem | {"status_message": "unknown_error"})


def takes_anything(answer: Answer) -> Answer:
    """A bad request is a good one, as far as the status is asked."""
    return answer._replace(status=200) if answer.status in {400, 415} else answer


def refuses_everything(answer: Answer) -> Answer:
    problem = {"error": {"type": "invalid_params", "title": "No"}, "status": "error"}
    told = problem | {"status_message": "invalid_params"}
    return answer._replace(status=400).with_body(told) if answer.status == 200 else answer


def loses_what_it_made(answer: Answer) -> Answer:
    """Nothing is there but what the document has for an example."""
    lost = answer.status == 200 and answer.method == "GET" and "d0c8585d" not in answer.path
    problem = {"error": {"type": "resource_not_found", "title": "No"}, "status": "error"}
    told = problem | {"status_message": "resource_not_found"}
    return answer._replace(status=404).with_body(told) if lost else answer


def is_accepted(answer: Answer) -> Answer:
    return answer._replace(status=202) if answer.status == 200 else answer


WRONG: dict[str, tuple[Callable[[], WSGIApplication], str]] = {
    "a status that goes back": (
        lambda: Altered(mock(), goes_back()),
        "rule: status follows the life cycle",
    ),
    "tokens that do not add up": (
        lambda: Altered(mock(), adds_up_wrongly),
        "rule: tokens add up",
    ),
    "404 where 405 is due": (
        lambda: Altered(mock(), knows_no_405),
        "conduct: unsupported method",
    ),
    "any token is taken": (
        lambda: mock(tokens=()),
        "conduct: API accepts invalid authentication",
    ),
    "always {}": (lambda: always_empty, "assumption: required"),
    "failures of the server": (lambda: Altered(mock(), fails), "conduct: Server error"),
    "bad requests are taken": (
        lambda: Altered(mock(), takes_anything),
        "conduct: Schema-violating request accepted",
    ),
    "good requests are refused": (
        lambda: Altered(mock(), refuses_everything),
        "conduct: Schema-valid request rejected",
    ),
    "an undocumented success": (lambda: Altered(mock(), is_accepted), "document: status"),
    "what was created is not there": (
        lambda: Altered(mock(), loses_what_it_made),
        "conduct: what was created is there",
    ),
}


@cache
def outcome(name: str) -> Ended:
    """What comes of fuzzing one of them; each is fuzzed once."""
    return fuzzed(WRONG[name][0]())


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_server_is_found(name: str) -> None:
    assert outcome(name).code == 1
    assert WRONG[name][1] in outcome(name).rules


def test_nothing_is_wrong_with_this_mock() -> None:
    ended = fuzzed(mock())
    assert ended.findings == []
    assert ended.code == 0


def test_each_kind_of_finding_is_told_once_with_how_often_and_a_command() -> None:
    findings = outcome("always {}").findings
    kinds = [(one["operation"], one["place"], one["expected"], one["rule"]) for one in findings]
    assert len(kinds) == len(set(kinds))
    assert max(one["count"] for one in findings) > 5
    assert all(one["requests"] for one in findings)
    required = [one for one in findings if one["rule"] == "required"]
    assert {one["place"] for one in required} == {
        "body /evaluation",
        "body /status",
        "body /status_message",
    }


def test_what_two_looks_hold_against_each_other_is_shown_by_both() -> None:
    findings = outcome("a status that goes back").findings
    (back,) = (one for one in findings if one["rule"] == "status follows the life cycle")
    before, after = back["requests"]
    assert before.startswith("curl ")
    assert "/evaluations/" in before
    assert after.startswith("curl ")
