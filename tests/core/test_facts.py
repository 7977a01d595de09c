"""Facts that contradict each other are no evaluation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from lives import (
    BATCHES,
    BORN,
    ELSEWHERE,
    HAPPY,
    NUGEN,
    OXEN,
    SummerTime,
    evaluation_of,
    path_to,
    seconds,
)

from mockserver.apis.nugen.lifecycle import COMPLETED, FAILED, RUNNING, WAITING
from mockserver.apis.oxen.lifecycle import Status
from mockserver.core.errors import IllegalTimelineError
from mockserver.core.evaluation import Usage, Work, observe
from mockserver.core.timeline import ZERO, Timeline

if TYPE_CHECKING:
    from datetime import timezone

    from mockserver.core.lifecycle import LifeCycle

HOUR = timedelta(hours=1)
COSTS = ("prompt_tokens", "completion_tokens", "credits")


def test_an_illegal_order_of_phases_cannot_reach_an_evaluation() -> None:
    with pytest.raises(IllegalTimelineError):
        replace(evaluation_of(HAPPY), timeline=Timeline(OXEN, HAPPY.phases[:-1]))


@pytest.mark.parametrize(
    ("rows", "stops_at", "complaint"),
    [
        pytest.param(-1, 0, "rows: expected 0 or more, found -1", id="fewer rows than none"),
        pytest.param(10, 11, "stops: expected 0 to 10, found 11", id="stops after the last row"),
        pytest.param(10, -1, "stops: expected 0 to 10, found -1", id="stops before the first row"),
    ],
)
def test_work_that_stops_where_there_is_none_cannot_be_built(
    rows: int, stops_at: int, complaint: str
) -> None:
    with pytest.raises(IllegalTimelineError, match=complaint):
        Work(rows, stops_at)


@pytest.mark.parametrize("name", COSTS)
@pytest.mark.parametrize("cost", ["-0.000001", "-1", "NaN", "sNaN", "Infinity", "-Infinity"])
def test_a_row_costs_a_number_that_is_not_below_zero(name: str, cost: str) -> None:
    with pytest.raises(IllegalTimelineError, match=f"usage per row, {name}: expected 0 or more"):
        replace(Usage(), **{name: Decimal(cost)})


@pytest.mark.parametrize(
    "path", [(Status.QUEUED, Status.ERRORED), (Status.QUEUED, Status.RUNNING, Status.ERRORED)]
)
def test_a_life_that_ends_errored_says_what_went_wrong(path: tuple[Status, ...]) -> None:
    with pytest.raises(IllegalTimelineError, match=r"exactly when .* ends errored, found None"):
        replace(evaluation_of(path_to(*path)), error_message=None)


@pytest.mark.parametrize(
    "path", [(Status.QUEUED, Status.CANCELLED), (Status.QUEUED, Status.RUNNING, Status.COMPLETED)]
)
def test_a_life_that_ends_otherwise_has_no_error_message(path: tuple[Status, ...]) -> None:
    with pytest.raises(IllegalTimelineError, match=r"exactly when .* ends errored, found 'oh'"):
        replace(evaluation_of(path_to(*path)), error_message="oh")


@pytest.mark.parametrize("path", [(WAITING, FAILED), (WAITING, RUNNING, COMPLETED)])
def test_no_life_has_an_error_message_where_its_life_cycle_explains_no_end(
    path: tuple[str, ...],
) -> None:
    with pytest.raises(IllegalTimelineError, match="ends in a status that explains itself, found"):
        replace(evaluation_of(path_to(*path, cycle=NUGEN)), error_message="oh")


@pytest.mark.parametrize(
    ("cycle", "path", "whole"),
    [
        (OXEN, (Status.QUEUED, Status.RUNNING, Status.COMPLETED), "completed"),
        (
            OXEN,
            (Status.QUEUED, Status.RUNNING, Status.COMMITTING, Status.COMPLETED),
            "committing, completed",
        ),
        (OXEN, (Status.QUEUED, Status.RUNNING, Status.COMMITTING, Status.ERRORED), "committing"),
        (NUGEN, (WAITING, RUNNING, COMPLETED), "completed"),
        (BATCHES, ("validating", "in_progress", "finalizing", "expired"), "finalizing"),
    ],
)
def test_a_run_that_comes_to_where_every_row_is_done_cannot_stop_midway(
    cycle: LifeCycle, path: tuple[str, ...], whole: str
) -> None:
    complaint = f"comes to {whole} does all 10 rows: it cannot stop at row 9"
    with pytest.raises(IllegalTimelineError, match=complaint):
        replace(evaluation_of(path_to(*path, cycle=cycle)), work=Work(10, 9))


@pytest.mark.parametrize("end", [Status.ERRORED, Status.CANCELLED])
def test_a_run_that_fails_can_stop_midway(end: Status) -> None:
    whole = evaluation_of(path_to(Status.QUEUED, Status.RUNNING, end))
    assert observe(replace(whole, work=Work(10, 3)), BORN + HOUR).processed == 3


@pytest.mark.parametrize(
    ("pace", "complaint"),
    [
        pytest.param(((0, 1),), "a row from 1 to 8, found 0$", id="no row"),
        pytest.param(((-1, 1),), "a row from 1 to 8, found -1$", id="fewer rows than none"),
        pytest.param(((9, 1),), "a row from 1 to 8, found 9$", id="after the run stops"),
        pytest.param(((3, 1), (3, 2)), "a row from 4 to 8, found 3$", id="the same row twice"),
        pytest.param(((3, 1), (2, 2)), "a row from 4 to 8, found 2$", id="a row comes back"),
        pytest.param(((8, 1), (9, 2)), "a row from 9 to 8, found 9$", id="more than all"),
        pytest.param(((3, 0),), "row 3: expected more than 0:00:00, found 0", id="at once"),
        pytest.param(((3, -1),), "row 3: expected more than 0:00:00, found -1", id="early"),
        pytest.param(((3, 2), (4, 2)), "row 4: expected more than 0:00:02", id="no time passes"),
        pytest.param(((3, 2), (4, 1)), "row 4: expected more than 0:00:02", id="time goes back"),
    ],
)
def test_a_pace_that_does_not_rise_within_the_work_cannot_be_built(
    pace: tuple[tuple[int, int], ...], complaint: str
) -> None:
    with pytest.raises(IllegalTimelineError, match=f"^pace.*{complaint}"):
        Work(10, 8, pace=tuple((row, seconds(second)) for row, second in pace))


@pytest.mark.parametrize(
    ("timeline", "complaint"),
    [
        pytest.param(
            path_to(Status.QUEUED, Status.ERRORED), "where there is a run, found none", id="no run"
        ),
        pytest.param(
            path_to(WAITING, RUNNING, COMPLETED, cycle=NUGEN, lasting=seconds(4)),
            "end with the run after 0:00:04, found 0:00:05",
            id="longer than the run",
        ),
        pytest.param(
            path_to(Status.QUEUED, Status.RUNNING, Status.COMPLETED, lasting=ZERO),
            "end with the run after 0:00:00, found 0:00:05",
            id="a run of no length at birth",
        ),
    ],
)
def test_a_pace_that_the_run_has_no_time_for_cannot_be_built(
    timeline: Timeline, complaint: str
) -> None:
    paced = Work(10, 10, pace=((1, seconds(1)), (2, seconds(5))))
    with pytest.raises(IllegalTimelineError, match=f"^pace: expected .*{complaint}"):
        replace(evaluation_of(timeline), work=paced)
    with pytest.raises(IllegalTimelineError, match=f"^pace: expected .*{complaint}"):
        paced.refuse_other_run(timeline)


def test_a_pace_may_take_the_whole_run() -> None:
    paced = replace(evaluation_of(HAPPY), work=Work(10, 10, pace=((10, seconds(10)),)))
    assert observe(paced, BORN + seconds(20)).processed == 10


@pytest.mark.parametrize("zone", [None, ELSEWHERE], ids=["no zone", "elsewhere"])
def test_an_evaluation_is_born_in_utc(zone: timezone | None) -> None:
    with pytest.raises(IllegalTimelineError, match="born: expected an instant in UTC, found"):
        replace(evaluation_of(HAPPY), born=BORN.replace(tzinfo=zone))


def test_nobody_is_born_in_a_zone_with_summer_time_even_while_it_agrees_with_utc() -> None:
    with pytest.raises(IllegalTimelineError, match="expected an instant in UTC"):
        replace(
            evaluation_of(path_to(Status.QUEUED, Status.ERRORED)),
            born=BORN.replace(tzinfo=SummerTime()),
        )
