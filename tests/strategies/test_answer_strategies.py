"""Strategies for answers: what they draw, how it is told, and how far it shrinks."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mockserver.apis.known import FORMS
from mockserver.dynamic.pair_mutations import PAIR_MUTATIONS
from mockserver.strategies import Answer, answers, evaluations, lives, timelines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mockserver.core.timeline import Timeline

SAME = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=200,
    suppress_health_check=[HealthCheck.too_slow],
)
STATUSES = {"queued", "running", "committing", "completed", "errored", "cancelled"}


def drawn(strategy: st.SearchStrategy[Any], count: int = 200) -> list[Any]:
    """What is drawn in a run of so many examples."""
    found: list[Any] = []

    @settings(SAME, max_examples=count, phases=[Phase.generate])
    @given(strategy)
    def collect(one: Any) -> None:  # noqa: ANN401 whatever it draws
        found.append(one)

    collect()
    return found


def smallest(strategy: st.SearchStrategy[Any], fails: Callable[[Any], bool]) -> tuple[Any, int]:
    """The simplest example that fails, within 200, and how many were tried to find one."""
    tried: list[Any] = []
    found: list[Any] = []

    @SAME
    @given(strategy)
    def client(one: Any) -> None:  # noqa: ANN401 the same
        if not found:
            tried.append(one)
        if fails(one):
            found.append(one)
            raise AssertionError("the client has failed")

    with pytest.raises(AssertionError, match="the client has failed"):
        client()
    return found[-1], len(tried)


# -- what is drawn ----------------------------------------------------------------------------


def test_every_status_is_drawn_about_as_often_as_any_other() -> None:
    found = Counter(one.json()["evaluation"]["status"] for one in drawn(answers(), 300))
    assert found.keys() == STATUSES
    assert min(found.values()) > 20  # of fifty


def test_an_evaluation_is_what_stands_in_the_answer() -> None:
    assert {one["status"] for one in drawn(evaluations())} == STATUSES
    assert all(one["evaluation_id"] for one in drawn(evaluations(api="nugen"), 20))
    keys = [one.keys() for one in drawn(evaluations(mood="published"))]
    assert any("status" not in each for each in keys)


@pytest.mark.parametrize("api", FORMS)
def test_timelines_come_to_every_end_of_their_cycle(api: str) -> None:
    found: list[Timeline] = drawn(timelines(api))
    assert {one.phases[-1].status for one in found} == found[0].cycle.terminal


def test_a_life_ends_and_is_about_one_evaluation() -> None:
    for life in drawn(lives(), 40):
        told = [one.json()["evaluation"] for one in life]
        assert len({one["id"] for one in told}) == 1
        assert told[-1]["status"] in {"completed", "errored", "cancelled"}
        assert [one.now for one in life] == sorted(one.now for one in life)


@pytest.mark.parametrize(
    ("api", "operation"),
    [
        ("oxen", "create_evaluation"),
        ("nugen", "create_evaluation"),
        ("nugen", "list_evaluations"),
        ("nugen", "nugen.get_benchmark_data"),
    ],
)
@pytest.mark.parametrize("mood", ["strict", "published", "broken"])
def test_any_operation_may_be_asked_for(api: str, operation: str, mood: str) -> None:
    found = drawn(answers(operation, api=api, mood=mood), 20)
    assert len({one.content for one in found}) > 3
    assert all((one.mutation is not None) == (mood == "broken") for one in found)


def test_of_mutations_those_are_drawn_that_are_named() -> None:
    names = ["tokens-that-do-not-add-up", "half-of-the-body"]
    found = drawn(answers(mood="broken", mutations=names), 60)
    assert {one.mutation for one in found} == set(names)
    [name] = list(PAIR_MUTATIONS)[:1]
    for life in drawn(lives(mood="broken", mutations=[name]), 20):
        assert [one.mutation for one in life[:-1]] == [None] * (len(life) - 1)
        assert life[-1].mutation == name


@pytest.mark.parametrize("name", PAIR_MUTATIONS)
def test_every_mutation_of_a_life_is_found_soon(name: str) -> None:
    assert drawn(lives(mood="broken", mutations=[name]), 10)


def test_a_document_of_ones_own_may_be_drawn_of(tmp_path: Path) -> None:
    thing = {"type": "object", "required": ["name"], "properties": {"name": {"enum": ["a", "b"]}}}
    described = {"description": "", "content": {"application/json": {"schema": thing}}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/api/things": {"get": {"operationId": "get_things", "responses": {"200": described}}}
        },
    }
    own = tmp_path / "own.json"
    own.write_text(json.dumps(document), "utf-8")
    found = drawn(answers("get_things", spec=own), 20)
    assert {one.json()["name"] for one in found} == {"a", "b"}


# -- slips ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: answers("get_evalution"), "did you mean get_evaluation"),
        (lambda: answers("upload"), "there are create_evaluation, get_evaluation"),
        (lambda: answers(api="openai"), "api: expected one of oxen, nugen, found 'openai'"),
        (lambda: answers(mood="wild"), "mood: expected one of strict, published, broken"),
        (lambda: answers(mutations=["no-body"]), 'expected with mood="broken" alone'),
        (lambda: answers(mood="broken", mutations=["no"]), "found no"),
        (lambda: lives(mood="broken", mutations=["no-body"]), "found no-body"),
        (lambda: evaluations(mood="broken"), "expected strict or published"),
        (lambda: timelines(kind="benchmark"), "expected one of oxen evaluation"),
    ],
)
def test_a_slip_is_told_where_it_is_made(make: Callable[[], object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        make()


# -- how it is told ---------------------------------------------------------------------------


def test_an_answer_is_read_as_httpx_and_requests_have_theirs() -> None:
    answer: Answer = drawn(answers(), 1)[0]
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert json.loads(answer.text) == json.loads(answer.content) == answer.json()


def test_what_is_different_about_an_answer_is_told_before_it() -> None:
    name = "tokens-that-do-not-add-up"
    [answer] = drawn(answers(mood="broken", mutations=[name]), 1)
    told = rf"<Answer 200 broken by {name} \(/evaluation/tokens_used \d+ in place of \d+\) {{"
    assert re.match(told, repr(answer))
    [answer] = drawn(answers(mood="broken", mutations=["another-media-type"]), 1)
    assert "(Content-Type text/html in place of application/json)" in repr(answer)
    [answer] = drawn(answers(mood="broken", mutations=["no-body"]), 1)
    assert "the body is text that is no JSON" in repr(answer)


# -- clients with a bug -----------------------------------------------------------------------


def percent(answer: Answer) -> float:
    progress = answer.json()["evaluation"]["progress"]
    return float(100 * progress["processed"] / progress["total"])


def is_over(answer: Answer) -> bool:
    return answer.json()["evaluation"]["status"] in {"completed", "errored"}


def headline(answer: Answer) -> str:
    evaluation = answer.json()["evaluation"]
    return str(evaluation["name"].upper())


def fails(client: Callable[[Answer], object]) -> Callable[[Answer], bool]:
    def raises(answer: Answer) -> bool:
        try:
            client(answer)
        except (ArithmeticError, LookupError, TypeError, AttributeError):
            return True
        return False

    return raises


def test_a_client_that_divides_by_a_total_of_zero_is_caught_by_strict_answers() -> None:
    found, tried = smallest(answers(), fails(percent))
    assert tried <= 20
    assert found.json()["evaluation"]["progress"] == {"processed": 0, "total": 0}


def test_a_client_that_takes_a_name_for_granted_is_caught_by_strict_answers() -> None:
    found, tried = smallest(answers(), fails(headline))
    assert tried <= 20
    assert found.json()["evaluation"]["name"] is None


def test_a_client_that_forgets_an_end_is_caught_by_lives() -> None:
    found, tried = smallest(lives(), lambda life: not is_over(life[-1]))
    assert tried <= 60
    assert len(found) <= 4
    assert found[-1].json()["evaluation"]["status"] == "cancelled"


def test_a_client_that_needs_what_may_be_missing_is_caught_and_one_departure_is_left() -> None:
    found, tried = smallest(
        answers(mood="published"), fails(lambda one: one.json()["evaluation"]["status"])
    )
    assert tried <= 60
    assert len(found.departures()) == 1


def test_a_client_that_believes_everything_is_caught_by_broken_answers() -> None:
    found, tried = smallest(
        answers(mood="broken"),
        lambda one: one.mutation == "more-than-all" and percent(one) > 100,
    )
    assert tried <= 200
    assert len(found.departures()) == 1
