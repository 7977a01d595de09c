"""A violation is one line; a waiver covers the one rule that an answer breaks, where it says."""

from __future__ import annotations

import pytest
from lives import BORN, HAPPY, evaluation_of, seconds
from sightings import altered, sighting

from mockserver.core.exchange import Kind, Violation, Waiver, unwaived
from mockserver.core.rules import check

WHY = "seen on the hub on a Monday"
RUNNING = sighting(evaluation_of(HAPPY), BORN + seconds(15))
BROKEN = check(
    altered(
        RUNNING,
        total=1,
        started_at=RUNNING.now + seconds(1),
        places={"processed": "body /evaluation/progress/processed"},
    )
)


@pytest.mark.parametrize(
    ("rule", "place", "covered"),
    [
        pytest.param("progress within total", "/evaluation/progress/processed", True, id="it"),
        pytest.param("progress within total", "/evaluation/*/processed", True, id="any of those"),
        pytest.param("progress within total", "/*", True, id="anything"),
        pytest.param("finished work is whole", "/evaluation/progress/processed", False, id="rule"),
        pytest.param("progress_within_total", "/*", False, id="misspelled"),
        pytest.param("progress within total", "/evaluation/progress/total", False, id="place"),
        pytest.param("progress within total", "/evaluation/progress", False, id="what is around"),
        pytest.param("progress within total", "/Evaluation/progress/processed", False, id="case"),
        pytest.param("progress within total", "", False, id="the body itself"),
    ],
)
def test_a_waiver_covers_the_rule_it_names_in_the_place_it_names(
    rule: str, place: str, covered: bool
) -> None:
    assert Waiver(rule, place, WHY).covers(BROKEN[0]) is covered


def test_a_waiver_covers_a_rule_of_one_field_and_not_of_another() -> None:
    waiver = Waiver("times not in the future", "/started_at", WHY)
    assert [waiver.covers(violation) for violation in BROKEN] == [False, True]


def test_what_no_waiver_covers_is_still_a_violation() -> None:
    progress = Waiver("progress within total", "/evaluation/*", WHY)
    start = Waiver("times not in the future", "/started_at", WHY)
    assert unwaived(BROKEN, ()) == BROKEN
    assert unwaived(BROKEN, [progress]) == BROKEN[1:]
    assert unwaived(BROKEN, [start]) == BROKEN[:1]
    assert unwaived(BROKEN, [start, progress]) == ()


def test_a_violation_is_one_line_that_moves_no_terminal() -> None:
    wild = "a\n\x1b[2J\x9b\u202eé"
    told = str(Violation(wild, wild, wild, Kind.SOURCE, wild))
    assert told == "{0}: expected {0}, found {0} ({0})".format("a??[2J??é")
