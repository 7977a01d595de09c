"""Expectations: what was said to break is awaited, as often as was said, and nothing else is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.errors import NoRoomError
from mockserver.core.exchange import Kind, Violation
from mockserver.expectations import MOST_EXPECTATIONS, Expectation, Expectations

CREATE = "oxen.create_evaluation"
GET = "oxen.get_evaluation"
PROMPT = Violation("body /prompt", "a string", "7", Kind.BODY)
NAME = Violation("body /name", "a string", "8", Kind.BODY)
OURS = Violation("body /prompt", "a string", "9", Kind.ANSWER)
RULE = Violation("body /prompt", "what was", "what is", Kind.RULE)
PLACES = st.text("ab/[]?*! -0\n", max_size=8)


def said(place: str, operation: str | None = None, count: int = 1) -> Expectations:
    expectations = Expectations()
    expectations.add(operation, place, count)
    return expectations


def marks(violations: tuple[Violation, ...]) -> list[bool]:
    return [violation.awaited for violation in violations]


def is_taken(place: str, found: str) -> bool:
    [violation] = said(place).awaited(None, [replace(PROMPT, place=found)])
    return violation.awaited


def test_an_expected_violation_is_awaited_and_told_as_it_was() -> None:
    told = said("body /prompt", CREATE).awaited(CREATE, [PROMPT])
    assert marks(told) == [True]
    assert told == (PROMPT,)


@pytest.mark.parametrize(
    ("operation", "of", "awaited"),
    [(None, CREATE, True), (None, None, True), (CREATE, CREATE, True), (CREATE, GET, False)],
)
def test_an_expectation_is_about_its_operation_or_about_any(
    operation: str | None, of: str | None, awaited: bool
) -> None:
    assert marks(said("body /prompt", operation).awaited(of, [PROMPT])) == [awaited]


def test_an_expectation_of_an_operation_is_not_about_what_matched_none() -> None:
    assert marks(said("body /prompt", CREATE).awaited(None, [PROMPT])) == [False]


@pytest.mark.parametrize(
    ("place", "found", "taken"),
    [
        pytest.param("body /prompt", "body /prompt", True, id="itself"),
        pytest.param("body /prompt", "body /prompt/0", False, id="what is in it"),
        pytest.param("body /prompt", "body /PROMPT", False, id="case"),
        pytest.param("body *", "body /a/b", True, id="a star takes slashes"),
        pytest.param("body *", "body", False, id="a star takes what follows only"),
        pytest.param("*", "header Authorization", True, id="anything"),
        pytest.param("*/a*b", "body /a\nb", True, id="a star takes line feeds"),
        pytest.param("body /a[0]", "body /a[0]", True, id="brackets are themselves"),
        pytest.param("body /a[0]", "body /a0", False, id="brackets are no choice"),
        pytest.param("body /a[!0]", "body /a1", False, id="brackets are no exclusion"),
        pytest.param("body /a[*]", "body /a[17]", True, id="a star between brackets"),
        pytest.param("body /a?", "body /a?", True, id="a question mark is itself"),
        pytest.param("body /a?", "body /ab", False, id="a question mark is no character"),
    ],
)
def test_in_a_place_only_the_star_is_special(place: str, found: str, taken: bool) -> None:
    assert is_taken(place, found) is taken


@given(PLACES)
def test_a_place_takes_itself_whatever_it_holds(place: str) -> None:
    assert is_taken(place, place)


@given(PLACES.filter(lambda place: "*" not in place), PLACES)
def test_a_place_without_a_star_takes_only_itself(place: str, found: str) -> None:
    assert is_taken(place, found) is (place == found)


@given(PLACES, PLACES, PLACES)
def test_a_star_takes_anything(before: str, between: str, after: str) -> None:
    assert is_taken(f"{before}*{after}", f"{before}{between}{after}")


@given(st.text("ab*[]?", max_size=8), st.text("ab*[]?", max_size=8))
def test_a_place_is_taken_as_a_shell_would_but_for_brackets_and_question_marks(
    place: str, found: str
) -> None:
    literal = place.translate({ord("["): "[[]", ord("?"): "[?]"})
    assert is_taken(place, found) is fnmatchcase(found, literal)


def test_a_hostile_place_is_matched_in_reasonable_time() -> None:
    place = "body " + "*a" * 140 + "b"
    assert not is_taken(place, "body " + "a" * 300)


def test_an_answer_of_ours_is_never_awaited() -> None:
    expectations = said("*", count=5)
    assert marks(expectations.awaited(CREATE, [OURS, RULE])) == [False, False]
    assert marks(expectations.awaited(CREATE, [OURS, PROMPT])) == [False, True]
    assert expectations.all()[0].met == 1


def test_an_expectation_counts_an_exchange_once_however_much_of_it_it_covers() -> None:
    expectations = said("body *", count=2)
    assert marks(expectations.awaited(CREATE, [PROMPT, NAME, PROMPT])) == [True, True, True]
    assert [one.met for one in expectations.all()] == [1]
    assert [one.met for one in expectations.missing()] == [1]
    assert marks(expectations.awaited(CREATE, [NAME])) == [True]
    assert expectations.missing() == ()


def test_what_comes_more_often_than_was_said_is_not_awaited() -> None:
    expectations = said("body /prompt", count=3)
    seen = [marks(expectations.awaited(CREATE, [PROMPT])) for _ in range(5)]
    assert seen == [[True], [True], [True], [False], [False]]
    assert [one.met for one in expectations.all()] == [3]


def test_every_expectation_that_an_exchange_meets_counts_it() -> None:
    expectations = said("body *")
    expectations.add(CREATE, "body /prompt", 1)
    expectations.add(CREATE, "body /column", 1)
    assert marks(expectations.awaited(CREATE, [PROMPT])) == [True]
    assert [one.met for one in expectations.all()] == [1, 1, 0]
    assert [one.place for one in expectations.missing()] == ["body /column"]


def test_an_exchange_that_keeps_the_contract_meets_nothing() -> None:
    expectations = said("*")
    assert expectations.awaited(CREATE, ()) == ()
    assert len(expectations.missing()) == 1


def test_ids_are_numbered_and_never_given_twice() -> None:
    expectations = Expectations()
    assert [expectations.add(None, "body", 1).id for _ in range(2)] == [
        "expectation-1",
        "expectation-2",
    ]
    assert expectations.remove("expectation-2")
    assert expectations.add(None, "body", 1).id == "expectation-3"
    assert expectations.made == 3
    assert [one.id for one in expectations.all()] == ["expectation-1", "expectation-3"]


def test_what_is_taken_back_is_awaited_no_more() -> None:
    expectations = said("body /prompt")
    assert expectations.remove("expectation-1")
    assert not expectations.remove("expectation-1")
    assert marks(expectations.awaited(CREATE, [PROMPT])) == [False]
    assert expectations.missing() == expectations.all() == ()


def test_there_is_room_for_a_bounded_number_and_taking_one_back_makes_some() -> None:
    expectations = Expectations()
    for _ in range(MOST_EXPECTATIONS):
        expectations.add(None, "body", 1)
    with pytest.raises(NoRoomError, match=r"1000 expectations .* DELETE /_mock/expectations/ID"):
        expectations.add(None, "body", 1)
    assert expectations.made == MOST_EXPECTATIONS
    expectations.remove("expectation-7")
    assert expectations.add(None, "body", 1).id == "expectation-1001"


def test_restored_expectations_go_on_from_where_they_were() -> None:
    before = said("body /prompt", CREATE, count=2)
    before.awaited(CREATE, [PROMPT])
    after = said("body /name")
    after.restore(before.all(), before.made)
    assert (
        after.all() == before.all() == (Expectation("expectation-1", CREATE, PROMPT.place, 2, 1),)
    )
    assert after.made == 1
    assert marks(after.awaited(CREATE, [PROMPT, NAME])) == [True, False]
    assert after.missing() == ()
    assert before.missing() != ()


def test_a_restored_id_is_not_given_again_even_where_the_snapshot_miscounts() -> None:
    expectations = Expectations()
    expectations.restore(
        [Expectation(f"expectation-{n}", None, "body", 1, 0) for n in (1, 2, 4)], 0
    )
    assert [expectations.add(None, "body", 1).id for _ in range(2)] == [
        "expectation-3",
        "expectation-5",
    ]


@given(
    st.lists(st.tuples(st.sampled_from(("body *", "body /prompt", "*")), st.integers(1, 3))),
    st.lists(st.lists(st.sampled_from((PROMPT, NAME, OURS)), max_size=3), max_size=8),
)
def test_no_expectation_is_met_more_often_than_was_said(
    expected: list[tuple[str, int]], exchanges: list[list[Violation]]
) -> None:
    expectations = Expectations()
    for place, count in expected:
        expectations.add(None, place, count)
    for violations in exchanges:
        found = expectations.awaited(CREATE, violations)
        assert tuple(replace(v, awaited=False) for v in found) == tuple(violations)
    for one in expectations.all():
        came = sum(any(one.covers(CREATE, v) for v in violations) for violations in exchanges)
        assert one.met == min(one.count, came)


def test_threads_at_once_are_awaited_exactly_as_often_as_was_said() -> None:
    expectations = said("body /prompt", count=500)
    with ThreadPoolExecutor(16) as pool:
        waiting = [pool.submit(expectations.awaited, CREATE, [PROMPT]) for _ in range(1_000)]
        awaited = [violation.awaited for work in waiting for violation in work.result(20)]
    assert awaited.count(True) == 500
    assert expectations.missing() == ()


def test_threads_at_once_are_given_ids_of_their_own() -> None:
    expectations = Expectations()
    with ThreadPoolExecutor(16) as pool:
        made = [pool.submit(expectations.add, *one, 1) for one in product((None, GET), "abcdef")]
        ids = {work.result(20).id for work in made}
    assert ids == {one.id for one in expectations.all()}
    assert len(ids) == expectations.made == 12
