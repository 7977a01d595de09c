"""The rules between a request and its answer: a true answer passes, and each lie is caught."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from lives import BORN, HAPPY, MICROSECOND, evaluation_of, lives, seconds
from sightings import altered, broken, sighting

from mockserver.core.asked import RULES, Asked, check_asked
from mockserver.core.exchange import Kind

if TYPE_CHECKING:
    from mockserver.core.evaluation import Evaluation

ID = "d0c8585d-1234-5678-abcd-ef0123456789"
CREATED = altered(sighting(evaluation_of(HAPPY), BORN), fixed={"id": ID, "prompt": "p"})
LATER = sighting(evaluation_of(HAPPY), BORN + seconds(15))


@given(lives())
def test_the_first_look_at_a_life_answers_what_made_it(life: Evaluation) -> None:
    seen = sighting(life, life.born)
    begun = seen.word == seen.words[seen.cycle.initial]
    assert check_asked(Asked(seen.fixed, creates=begun, sent=life.born), seen) == ()


@pytest.mark.parametrize(
    "asked",
    [
        Asked({"id": ID.upper()}),
        Asked({"prompt": "p", "unseen": 1}, creates=True),
        Asked(creates=True, sent=BORN + MICROSECOND),
    ],
)
def test_what_agrees_passes(asked: Asked) -> None:
    assert check_asked(asked, CREATED) == ()


LIES: dict[str, tuple[Asked, dict[str, Any]]] = {
    "another id": (Asked({"id": "d0c8585d-1234-5678-abcd-ef012345678a"}), {}),
    "another prompt": (Asked({"prompt": "P"}), {}),
    "null for a text": (Asked({"prompt": None}), {}),
    "a number for a truth value": (Asked({"n": True}), {"fixed": {"n": 1}}),
}


@pytest.mark.parametrize(("asked", "lie"), LIES.values(), ids=LIES)
def test_an_answer_about_something_else_is_caught(asked: Asked, lie: dict[str, Any]) -> None:
    assert broken(check_asked(asked, altered(CREATED, **lie))) == {RULES[0].__name__}


def test_what_was_there_before_was_not_created() -> None:
    assert broken(check_asked(Asked(creates=True), LATER)) == {RULES[1].__name__}
    late = Asked(creates=True, sent=BORN + timedelta(seconds=1))
    [found] = check_asked(late, CREATED)
    assert (found.place, found.kind) == ("body /inserted_at", Kind.RULE)
    assert check_asked(Asked(sent=late.sent), CREATED) == ()
