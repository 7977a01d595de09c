"""One table owns the order of statuses; everything else about order follows from it."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from string import ascii_lowercase
from typing import Any, cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lives import BATCHES, CYCLES, NUGEN, OXEN, paths

from mockserver.apis.nugen.lifecycle import COMPLETED, FAILED, RUNNING, WAITING
from mockserver.apis.nugen.lifecycle import WORDS as NUGEN_WORDS
from mockserver.apis.oxen.lifecycle import WORDS as OXEN_WORDS
from mockserver.apis.oxen.lifecycle import Status
from mockserver.core.errors import IllegalLifeCycleError, MockserverError
from mockserver.core.lifecycle import LifeCycle

EVERY_CYCLE = pytest.mark.parametrize("cycle", CYCLES.values(), ids=CYCLES)
EVERY_STATUS = pytest.mark.parametrize(
    ("cycle", "status"),
    [
        pytest.param(cycle, status, id=f"{name}-{status}")
        for name, cycle in CYCLES.items()
        for status in cycle.statuses
    ],
)

# By every status those that may follow it, each a letter.
Drawn = dict[str, str]


def cycle_of(table: Drawn, **facts: Any) -> LifeCycle:  # noqa: ANN401 as LifeCycle takes them
    successors = {status: frozenset(after) for status, after in table.items()}
    return LifeCycle(**{"successors": successors, "works_in": "a", "times": {}, **facts})


@st.composite
def tables(draw: st.DrawFn) -> Drawn:
    """Any table in which nothing leads back; often one that has a status nobody can come to."""
    letters = ascii_lowercase[: draw(st.integers(1, 6))]
    return {
        status: "".join(after for after in letters[at:] if draw(st.booleans()))
        for at, status in enumerate(letters, 1)
    }


@st.composite
def timed_cycles(draw: st.DrawFn) -> LifeCycle:
    """Any life cycle in which nothing leads back, with a time that any of its statuses set."""
    table = draw(tables())
    letters = "".join(table)
    for at, status in enumerate(letters[1:], 1):  # whatever nobody comes to follows one before
        if all(status not in after for after in table.values()):
            table[letters[draw(st.integers(0, at - 1))]] += status
    begun = draw(st.frozensets(st.sampled_from(letters), min_size=1))
    return cycle_of(table, times={"at": begun})


# The hub's


def test_the_statuses_are_spelled_and_ordered_as_the_hub_documents_them() -> None:
    assert list(Status) == ["queued", "running", "committing", "completed", "errored", "cancelled"]
    assert list(OXEN.statuses) == list(Status)


def test_the_hub_has_a_word_of_its_own_for_every_status() -> None:
    assert {status: status.value for status in Status} == OXEN_WORDS


def test_the_table_says_of_every_status_what_may_follow() -> None:
    assert set(OXEN.successors) == set(Status)


def test_a_life_begins_queued_and_nothing_leads_back_there() -> None:
    assert OXEN.initial == Status.QUEUED
    assert all(OXEN.initial not in after for after in OXEN.successors.values())


def test_a_life_ends_completed_errored_or_cancelled() -> None:
    assert {Status.COMPLETED, Status.ERRORED, Status.CANCELLED} == OXEN.terminal


def test_only_what_waits_or_runs_can_be_cancelled() -> None:
    cancellable = {status for status in Status if Status.CANCELLED in OXEN.successors[status]}
    assert cancellable == {Status.QUEUED, Status.RUNNING}
    assert OXEN.cancelled == Status.CANCELLED


def test_everything_short_of_an_end_can_go_wrong() -> None:
    fallible = {status for status in Status if Status.ERRORED in OXEN.successors[status]}
    assert fallible == set(Status) - OXEN.terminal


def test_only_work_that_ran_can_complete() -> None:
    before = {status for status in Status if Status.COMPLETED in OXEN.successors[status]}
    assert before == {Status.RUNNING, Status.COMMITTING}


# Nugen's


def test_what_nugen_evaluates_waits_then_runs_then_completes_and_may_fail_on_the_way() -> None:
    assert NUGEN.successors == {
        WAITING: {RUNNING, FAILED},
        RUNNING: {COMPLETED, FAILED},
        COMPLETED: set(),
        FAILED: set(),
    }
    assert NUGEN.initial == WAITING


def test_nobody_can_cancel_what_nugen_evaluates() -> None:
    assert NUGEN.cancelled is None


@pytest.mark.parametrize("words", NUGEN_WORDS.values(), ids=NUGEN_WORDS)
def test_nugen_has_a_word_for_every_status_and_one_for_what_waits_and_what_runs(
    words: dict[str, str],
) -> None:
    assert set(words) == set(NUGEN.statuses)
    assert words[WAITING] == words[RUNNING]
    assert len(set(words.values())) == 3


# Anybody's


@EVERY_CYCLE
def test_nobody_can_write_into_a_table(cycle: LifeCycle) -> None:
    for table in (cycle.successors, cycle.times, cycle.reachable, cycle.tells, cycle.hides):
        with pytest.raises(TypeError, match="does not support item assignment"):
            cast("dict[str, frozenset[str]]", table)[cycle.initial] = frozenset()


def test_nobody_can_put_another_table_in_place_of_the_first() -> None:
    with pytest.raises(FrozenInstanceError):
        OXEN.successors = NUGEN.successors  # type: ignore[misc]  # because it has to fail


def test_what_is_written_into_a_table_after_the_life_cycle_was_made_of_it_changes_nothing() -> None:
    successors = {"a": frozenset({"b"}), "b": frozenset[str]()}
    times = {"b_at": frozenset({"b"})}
    cycle = LifeCycle(successors, works_in="a", times=times)
    successors["b"], times["a_at"] = frozenset({"a"}), frozenset({"a"})
    assert cycle.terminal == {"b"}
    assert list(cycle.times) == ["b_at"]


@EVERY_STATUS
def test_a_poller_may_see_the_same_status_again_and_whatever_its_successors_reach(
    cycle: LifeCycle, status: str
) -> None:
    after = (cycle.reachable[s] for s in cycle.successors[status])
    assert cycle.reachable[status] == {status}.union(*after)


@EVERY_STATUS
def test_a_status_once_left_is_never_seen_again(cycle: LifeCycle, status: str) -> None:
    others = cycle.reachable[status] - {status}
    assert all(status not in cycle.reachable[other] for other in others)


@EVERY_STATUS
def test_every_status_can_be_reached_from_birth_and_leads_to_an_end(
    cycle: LifeCycle, status: str
) -> None:
    assert status in cycle.reachable[cycle.initial]
    assert cycle.reachable[status] & cycle.terminal


@EVERY_CYCLE
def test_an_end_leads_nowhere(cycle: LifeCycle) -> None:
    assert {s for s in cycle.statuses if cycle.reachable[s] == {s}} == cycle.terminal


@EVERY_STATUS
def test_the_diagram_mentions_each_status_on_a_line_of_its_own(
    cycle: LifeCycle, status: str
) -> None:
    assert [line.split()[0] for line in cycle.diagram().splitlines()].count(status) == 1


@EVERY_CYCLE
def test_the_diagram_can_be_read_back_into_the_table(cycle: LifeCycle) -> None:
    drawn = {}
    for line in cycle.diagram().splitlines():
        before, arrow, after = line.partition(" -> ")
        if arrow:
            drawn[before.strip()] = frozenset(after.split(", "))
        else:
            assert line.endswith("(the end)")
            drawn[line.split()[0]] = frozenset()
    assert drawn == cycle.successors
    assert tuple(drawn) == cycle.statuses


@EVERY_CYCLE
def test_statuses_are_listed_in_the_order_of_the_table_however_they_are_given(
    cycle: LifeCycle,
) -> None:
    assert cycle.in_order(sorted(cycle.statuses, reverse=True)) == ", ".join(cycle.statuses)
    assert cycle.in_order({cycle.statuses[-1], cycle.initial}) == (
        f"{cycle.initial}, {cycle.statuses[-1]}"
    )


# What cannot be built


@pytest.mark.parametrize(
    "named",
    [
        pytest.param({"successors": {**NUGEN.successors, FAILED: {"lost"}}}, id="following"),
        pytest.param({"works_in": "lost"}, id="where rows are processed"),
        pytest.param({"whole": frozenset({COMPLETED, "lost"})}, id="where every row is done"),
        pytest.param({"explained": frozenset({"lost"})}, id="where it says what went wrong"),
        pytest.param({"cancelled": "lost"}, id="where a cancel leads"),
        pytest.param({"times": {"at": frozenset({RUNNING, "lost"})}}, id="where a time is set"),
    ],
)
def test_a_status_that_the_table_does_not_have_cannot_be_named(named: dict[str, Any]) -> None:
    expected = "waiting, running, completed, failed"
    with pytest.raises(IllegalLifeCycleError, match=f"expected one of {expected}, found lost$"):
        replace(NUGEN, **named)


def test_every_status_that_the_table_does_not_have_is_told_and_not_just_the_first() -> None:
    with pytest.raises(IllegalLifeCycleError, match=r"found here, lost, there$"):
        replace(NUGEN, works_in="there", cancelled="here", explained=frozenset({"lost"}))


def test_a_life_cycle_without_a_status_cannot_be_built() -> None:
    with pytest.raises(IllegalLifeCycleError, match=r"expected one of none, found a$"):
        cycle_of({})


@pytest.mark.parametrize(
    ("table", "found"),
    [
        pytest.param({"a": "b", "b": "", "c": "b"}, "c", id="nothing leads there"),
        pytest.param({"a": "", "b": ""}, "b", id="a second beginning"),
        pytest.param({"a": "b", "b": "", "c": "cb"}, "c", id="only itself leads there"),
        pytest.param({"a": "b", "b": "", "c": "d", "d": "c"}, "c, d", id="lost together"),
        pytest.param({"a": "a"}, "a", id="it follows itself for ever"),
        pytest.param({"a": "b", "b": "a"}, "a, b", id="there and back for ever"),
        pytest.param({"a": "bc", "b": "b", "c": ""}, "b", id="a trap beside the end"),
        pytest.param({"a": "bc", "b": "b", "c": "", "d": ""}, "b, d", id="one of either"),
    ],
)
def test_a_status_that_no_life_comes_to_or_ends_from_cannot_be_in_a_table(
    table: Drawn, found: str
) -> None:
    with pytest.raises(IllegalLifeCycleError, match=f"go on to an end from, found {found}$"):
        cycle_of(table)


@given(tables())
@example({"a": "bc", "b": "", "c": ""})
def test_a_table_in_which_nothing_leads_back_can_be_built_exactly_when_every_status_is_come_to(
    table: Drawn,
) -> None:
    # Nothing leads back, so whatever some status leads to is come to if that status is.
    come_to = {"a"}
    for status, after in table.items():
        come_to |= set(after) if status in come_to else set()
    try:
        cycle_of(table)
    except IllegalLifeCycleError:
        assert come_to != set(table)
    else:
        assert come_to == set(table)


@pytest.mark.parametrize(
    ("table", "found"),
    [
        pytest.param({"a": "b", "b": "ac", "c": ""}, "a, b", id="there and back"),
        pytest.param({"a": "ab", "b": ""}, "a", id="it follows itself"),
        pytest.param({"a": "b", "b": "c", "c": "bd", "d": ""}, "b, c", id="round on the way"),
    ],
)
def test_a_status_that_a_life_could_come_back_to_cannot_be_built(table: Drawn, found: str) -> None:
    with pytest.raises(IllegalLifeCycleError, match=f"left for ever, found {found}$"):
        cycle_of(table)


@pytest.mark.parametrize("named", [{"cancelled": RUNNING}, {"explained": frozenset({RUNNING})}])
def test_only_an_end_is_a_cancellation_or_says_what_went_wrong(named: dict[str, Any]) -> None:
    with pytest.raises(IllegalLifeCycleError, match=r"of completed, failed, found running$"):
        replace(NUGEN, **named)


def test_an_illegal_life_cycle_is_an_error_on_purpose_and_a_value_error() -> None:
    assert issubclass(IllegalLifeCycleError, MockserverError)
    assert issubclass(IllegalLifeCycleError, ValueError)


# Times


def ways_to(cycle: LifeCycle, status: str) -> set[tuple[str, ...]]:
    """Every way a life can have gone when it stands at this status, that included."""
    return {path[: path.index(status) + 1] for path in paths(cycle) if status in path}


def assert_times_are_told_as_all_ways_agree(cycle: LifeCycle) -> None:
    for name, begun in cycle.times.items():
        for status in cycle.statuses:
            passed = {not begun.isdisjoint(way) for way in ways_to(cycle, status)}
            assert (status in cycle.tells[name]) is (passed == {True})
            assert (status in cycle.hides[name]) is (passed == {False})


@EVERY_CYCLE
def test_a_time_is_told_or_hidden_exactly_where_every_way_there_agrees(cycle: LifeCycle) -> None:
    assert_times_are_told_as_all_ways_agree(cycle)
    assert list(cycle.tells) == list(cycle.hides) == list(cycle.times)


@given(timed_cycles())
def test_a_time_of_any_life_cycle_is_told_or_hidden_exactly_where_every_way_there_agrees(
    cycle: LifeCycle,
) -> None:
    assert_times_are_told_as_all_ways_agree(cycle)


def test_an_end_that_work_may_fail_in_before_it_began_neither_tells_nor_hides_the_start() -> None:
    for cycle, start, end in (
        (OXEN, "started_at", Status.ERRORED),
        (OXEN, "started_at", Status.CANCELLED),
        (NUGEN, "start_time", FAILED),
        (BATCHES, "in_progress_at", "expired"),
    ):
        assert end not in cycle.tells[start] | cycle.hides[start]
