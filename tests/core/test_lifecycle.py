"""One table owns the order of statuses; everything else about order follows from it."""

from __future__ import annotations

from typing import cast

import pytest

from mockserver.core.lifecycle import INITIAL, REACHABLE, SUCCESSORS, TERMINAL, Status, diagram

EVERY_STATUS = pytest.mark.parametrize("status", Status)


def test_the_statuses_are_spelled_and_ordered_as_the_hub_documents_them() -> None:
    assert list(Status) == ["queued", "running", "committing", "completed", "errored", "cancelled"]


def test_the_table_says_of_every_status_what_may_follow() -> None:
    assert set(SUCCESSORS) == set(Status)


def test_nobody_can_write_into_the_table() -> None:
    for table in (SUCCESSORS, REACHABLE):
        with pytest.raises(TypeError, match="does not support item assignment"):
            cast("dict[Status, frozenset[Status]]", table)[Status.COMPLETED] = frozenset(Status)


def test_a_life_begins_queued_and_nothing_leads_back_there() -> None:
    assert INITIAL is Status.QUEUED
    assert all(INITIAL not in after for after in SUCCESSORS.values())


def test_a_life_ends_completed_errored_or_cancelled() -> None:
    assert {Status.COMPLETED, Status.ERRORED, Status.CANCELLED} == TERMINAL


def test_only_what_waits_or_runs_can_be_cancelled() -> None:
    cancellable = {status for status in Status if Status.CANCELLED in SUCCESSORS[status]}
    assert cancellable == {Status.QUEUED, Status.RUNNING}


def test_everything_short_of_an_end_can_go_wrong() -> None:
    fallible = {status for status in Status if Status.ERRORED in SUCCESSORS[status]}
    assert fallible == set(Status) - TERMINAL


def test_only_work_that_ran_can_complete() -> None:
    before = {status for status in Status if Status.COMPLETED in SUCCESSORS[status]}
    assert before == {Status.RUNNING, Status.COMMITTING}


@EVERY_STATUS
def test_a_poller_may_see_the_same_status_again_and_whatever_its_successors_reach(
    status: Status,
) -> None:
    assert REACHABLE[status] == {status}.union(*(REACHABLE[s] for s in SUCCESSORS[status]))


@EVERY_STATUS
def test_a_status_once_left_is_never_seen_again(status: Status) -> None:
    assert all(status not in REACHABLE[other] for other in REACHABLE[status] - {status})


@EVERY_STATUS
def test_every_status_can_be_reached_from_birth_and_leads_to_an_end(status: Status) -> None:
    assert status in REACHABLE[INITIAL]
    assert REACHABLE[status] & TERMINAL


def test_an_end_leads_nowhere() -> None:
    assert {status for status in Status if REACHABLE[status] == {status}} == TERMINAL


@EVERY_STATUS
def test_the_diagram_mentions_each_status_on_a_line_of_its_own(status: Status) -> None:
    assert [line.split()[0] for line in diagram().splitlines()].count(status) == 1


def test_the_diagram_can_be_read_back_into_the_table() -> None:
    drawn = {}
    for line in diagram().splitlines():
        before, arrow, after = line.partition(" -> ")
        if arrow:
            drawn[Status(before.strip())] = frozenset(Status(s) for s in after.split(", "))
        else:
            assert line.endswith("(the end)")
            drawn[Status(line.split()[0])] = frozenset()
    assert drawn == SUCCESSORS
