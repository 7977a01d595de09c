"""A timeline can only be built legal, and every phase holds exactly its own span."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lives import (
    ANY_CYCLE,
    CYCLES,
    HAPPY,
    MICROSECOND,
    OXEN,
    PATHS,
    elapsed_of,
    lengths,
    path_to,
    seconds,
    timelines,
)

from mockserver.apis.oxen.lifecycle import Status
from mockserver.core.errors import IllegalTimelineError, IllegalTransitionError, MockserverError
from mockserver.core.timeline import LONGEST, ZERO, Phase, Timeline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.core.lifecycle import LifeCycle

QUEUED, RUNNING, COMMITTING = Status.QUEUED, Status.RUNNING, Status.COMMITTING
COMPLETED, ERRORED, CANCELLED = Status.COMPLETED, Status.ERRORED, Status.CANCELLED

EVERY_PATH = pytest.mark.parametrize(
    ("cycle", "path"),
    [
        pytest.param(cycle, path, id=" ".join(path))
        for cycle in CYCLES.values()
        for path in PATHS[cycle]
    ],
)
ANY_STATUS = {cycle: st.sampled_from(cycle.statuses) for cycle in CYCLES.values()}
ANY_ORDER = {cycle: st.lists(status, max_size=5).map(tuple) for cycle, status in ANY_STATUS.items()}
ANY_END = {cycle: st.sampled_from(sorted(cycle.terminal)) for cycle in CYCLES.values()}


@st.composite
def looked_at(draw: st.DrawFn) -> tuple[Timeline, timedelta]:
    timeline = draw(timelines())
    return timeline, draw(elapsed_of(timeline))


@st.composite
def orders(draw: st.DrawFn) -> tuple[LifeCycle, tuple[str, ...]]:
    cycle = draw(ANY_CYCLE)
    return cycle, draw(ANY_ORDER[cycle])


def spread(path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Every order that differs from this one by a status left out, or told twice."""
    for at in range(len(path)):
        yield path[:at] + path[at + 1 :]
        yield path[: at + 1] + path[at:]


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        pytest.param((), "first phase: expected queued .* found no phase", id="empty"),
        pytest.param((RUNNING, COMPLETED), "first phase: .* found running", id="born running"),
        pytest.param((CANCELLED,), "first phase: .* found cancelled", id="born at its end"),
        pytest.param((QUEUED,), "last phase: .* found queued", id="queued for ever"),
        pytest.param((QUEUED, RUNNING), "last phase: .* found running", id="running for ever"),
        pytest.param((QUEUED, QUEUED), "after queued: .* found queued", id="queued twice"),
        pytest.param((QUEUED, COMPLETED), "after queued: .* found completed", id="never ran"),
        pytest.param((QUEUED, COMMITTING), "after queued: .* found comm", id="committing unrun"),
        pytest.param((QUEUED, RUNNING, QUEUED), "after running: .* found queued", id="back"),
        pytest.param(
            (QUEUED, RUNNING, COMMITTING, CANCELLED),
            "after committing: expected completed, errored, found cancelled",
            id="cancelled while committing",
        ),
        pytest.param(
            (QUEUED, ERRORED, RUNNING, COMPLETED),
            "after errored: expected nothing, it is the end, found running",
            id="life after the end",
        ),
    ],
)
def test_an_order_that_no_evaluation_can_live_cannot_be_built(
    path: tuple[Status, ...], complaint: str
) -> None:
    with pytest.raises(IllegalTimelineError, match=complaint):
        path_to(*path)


def assert_built_exactly_when_allowed(cycle: LifeCycle, path: tuple[str, ...]) -> None:
    try:
        path_to(*path, cycle=cycle)
    except IllegalTimelineError:
        assert path not in PATHS[cycle]
    else:
        assert path in PATHS[cycle]


@given(orders())
def test_an_order_can_be_built_exactly_when_the_table_allows_it(
    order: tuple[LifeCycle, tuple[str, ...]],
) -> None:
    assert_built_exactly_when_allowed(*order)


@EVERY_PATH
def test_an_order_that_is_nearly_allowed_can_be_built_exactly_when_the_table_allows_it(
    cycle: LifeCycle, path: tuple[str, ...]
) -> None:
    for near in spread(path):
        assert_built_exactly_when_allowed(cycle, near)


@EVERY_PATH
def test_every_order_that_the_table_allows_can_be_built(
    cycle: LifeCycle, path: tuple[str, ...]
) -> None:
    assert tuple(m.status for m in path_to(*path, cycle=cycle).moments()) == path


@given(
    st.sampled_from(sorted({s for cycle in CYCLES.values() for s in cycle.statuses})),
    st.one_of(
        st.timedeltas(max_value=-MICROSECOND),
        st.timedeltas(min_value=LONGEST + MICROSECOND),
        st.sampled_from((-MICROSECOND, LONGEST + MICROSECOND)),
    ),
)
def test_a_phase_can_last_neither_less_than_nothing_nor_longer_than_the_longest(
    status: str, lasts: timedelta
) -> None:
    with pytest.raises(IllegalTimelineError, match=f"{status}: expected a duration from 0s to"):
        Phase(status, lasts)


@EVERY_PATH
def test_a_phase_that_is_no_end_must_end(cycle: LifeCycle, path: tuple[str, ...]) -> None:
    phases = path_to(*path, cycle=cycle).phases
    for at, status in enumerate(path[:-1]):
        endless = (*phases[:at], Phase(status), *phases[at + 1 :])
        with pytest.raises(IllegalTimelineError, match=f"^{status} must end: .* found none"):
            Timeline(cycle, endless)


@EVERY_PATH
@pytest.mark.parametrize("lasts", [ZERO, seconds(1)])
def test_an_end_has_no_duration(cycle: LifeCycle, path: tuple[str, ...], lasts: timedelta) -> None:
    phases = path_to(*path, cycle=cycle).phases
    with pytest.raises(IllegalTimelineError, match=f"^{path[-1]} ends a life: .* no duration"):
        Timeline(cycle, (*phases[:-1], Phase(path[-1], lasts)))


def test_an_illegal_timeline_is_an_error_on_purpose_and_a_value_error() -> None:
    assert issubclass(IllegalTimelineError, MockserverError)
    assert issubclass(IllegalTimelineError, ValueError)
    assert issubclass(IllegalTransitionError, MockserverError)


def test_a_legal_timeline_cannot_be_made_illegal_afterwards() -> None:
    phase = HAPPY.phases[0]
    with pytest.raises(FrozenInstanceError):
        phase.lasts = None  # type: ignore[misc]  # because it has to fail
    with pytest.raises(FrozenInstanceError):
        HAPPY.phases = ()  # type: ignore[misc]  # the same
    with pytest.raises(IllegalTimelineError):
        replace(phase, lasts=-MICROSECOND)
    with pytest.raises(IllegalTimelineError):
        replace(HAPPY, phases=(replace(phase, lasts=None), *HAPPY.phases[1:]))
    with pytest.raises(IllegalTimelineError):
        replace(HAPPY, phases=HAPPY.phases[1:])


@given(timelines())
def test_the_phases_follow_each_other_without_gap_from_birth_for_ever(timeline: Timeline) -> None:
    moments = timeline.moments()
    assert moments[0].began == ZERO
    assert all(before.ends == after.began for before, after in pairwise(moments))
    assert moments[-1].ends is None


@given(timelines())
def test_a_phase_lasts_as_long_as_it_was_told(timeline: Timeline) -> None:
    for phase, moment in zip(timeline.phases, timeline.moments(), strict=True):
        assert phase.lasts == (moment.ends - moment.began if moment.ends is not None else None)


@given(timelines())
def test_a_phase_holds_from_its_own_instant_and_not_a_microsecond_earlier(
    timeline: Timeline,
) -> None:
    for moment in timeline.moments():
        if moment.ends != moment.began:
            assert timeline.at(moment.began) == moment
        if moment.began > ZERO:
            assert timeline.at(moment.began - MICROSECOND).status != moment.status


@given(timelines())
def test_a_phase_holds_to_its_last_microsecond_and_not_at_its_end(timeline: Timeline) -> None:
    for moment in timeline.moments()[:-1]:
        assert moment.ends is not None
        assert timeline.at(moment.ends).status != moment.status
        if moment.ends > moment.began:
            assert timeline.at(moment.ends - MICROSECOND) == moment


@given(looked_at())
def test_an_instant_lies_in_the_span_that_is_told_of_it(look: tuple[Timeline, timedelta]) -> None:
    timeline, elapsed = look
    here = timeline.at(elapsed)
    assert here in timeline.moments()
    assert here.began <= elapsed
    assert here.ends is None or elapsed < here.ends


@given(timelines(), st.data())
def test_time_never_moves_a_status_backwards(timeline: Timeline, data: st.DataObject) -> None:
    before, after = sorted((data.draw(elapsed_of(timeline)), data.draw(elapsed_of(timeline))))
    reachable = timeline.cycle.reachable[timeline.at(before).status]
    assert timeline.at(after).status in reachable


@given(timelines())
def test_the_longest_wait_finds_the_last_phase(timeline: Timeline) -> None:
    assert timeline.at(timedelta.max).status == timeline.phases[-1].status


def test_a_phase_of_no_length_is_passed_but_never_seen() -> None:
    timeline = Timeline(OXEN, (Phase(QUEUED, ZERO), Phase(RUNNING, seconds(5)), Phase(COMPLETED)))
    assert timeline.at(ZERO).status == RUNNING


def test_a_life_of_no_length_is_at_its_end_at_birth() -> None:
    assert path_to(QUEUED, RUNNING, COMPLETED, lasting=ZERO).at(ZERO).status == COMPLETED


@given(timelines())
def test_the_span_of_a_status_is_its_moment_or_nothing(timeline: Timeline) -> None:
    for status in timeline.cycle.statuses:
        span = timeline.span(status)
        if span is None:
            assert status not in {phase.status for phase in timeline.phases}
        else:
            assert span.status == status
            assert span in timeline.moments()


@given(looked_at(), st.data())
def test_a_cut_ends_the_life_where_that_is_legal_and_is_refused_elsewhere(
    look: tuple[Timeline, timedelta], data: st.DataObject
) -> None:
    timeline, elapsed = look
    end = data.draw(ANY_END[timeline.cycle])
    here = timeline.at(elapsed).status
    if end in timeline.cycle.successors[here]:
        last = timeline.cut(elapsed, end).moments()[-1]
        assert (last.status, last.began) == (end, elapsed)
    else:
        with pytest.raises(IllegalTransitionError, match=f"^{here} cannot be followed by {end}$"):
            timeline.cut(elapsed, end)


@given(looked_at(), st.data())
def test_a_cut_leaves_what_lies_before_it_as_it_was(
    look: tuple[Timeline, timedelta], data: st.DataObject
) -> None:
    timeline, elapsed = look
    end = data.draw(ANY_END[timeline.cycle])
    here = timeline.at(elapsed)
    if end not in timeline.cycle.successors[here.status]:
        return
    cut = timeline.cut(elapsed, end)
    for moment in timeline.moments():
        if moment.began < here.began:
            assert moment in cut.moments()
    if elapsed > ZERO:
        past = data.draw(lengths(ZERO, elapsed - MICROSECOND))
        for instant in (past, elapsed - MICROSECOND):
            assert cut.at(instant).status == timeline.at(instant).status
            assert cut.at(instant).began == timeline.at(instant).began


def test_a_cut_at_the_very_start_of_a_phase_still_tells_that_it_began() -> None:
    cut = HAPPY.cut(seconds(10), CANCELLED)
    before = Phase(QUEUED, seconds(10)), Phase(RUNNING, ZERO)
    assert cut == Timeline(OXEN, (*before, Phase(CANCELLED)))


@given(timelines(st.just(OXEN)))
def test_results_that_nobody_commits_complete_where_they_would_have_been_committed(
    timeline: Timeline,
) -> None:
    uncommitted = timeline.instead_of(COMMITTING, COMPLETED)
    commit = timeline.span(COMMITTING)
    if commit is None:
        assert uncommitted is timeline
    else:
        assert uncommitted.moments()[:-1] == timeline.moments()[:2]
        last = uncommitted.moments()[-1]
        assert (last.status, last.began) == (COMPLETED, commit.began)


@given(timelines(), st.data())
def test_an_end_instead_of_a_status_comes_where_the_status_would_have_come_or_is_refused(
    timeline: Timeline, data: st.DataObject
) -> None:
    status = data.draw(ANY_STATUS[timeline.cycle])
    end = data.draw(ANY_END[timeline.cycle])
    order = [phase.status for phase in timeline.phases]
    if status not in order:
        assert timeline.instead_of(status, end) is timeline
        return
    at = order.index(status)
    if (*order[:at], end) in PATHS[timeline.cycle]:
        other = timeline.instead_of(status, end)
        assert other.moments()[:-1] == timeline.moments()[:at]
        last = other.moments()[-1]
        assert (last.status, last.began) == (end, timeline.moments()[at].began)
    else:
        with pytest.raises(IllegalTimelineError):
            timeline.instead_of(status, end)


def test_a_timeline_of_one_life_cycle_does_not_speak_in_the_statuses_of_another() -> None:
    for cycle in CYCLES.values():
        if cycle is not OXEN:
            with pytest.raises(IllegalTimelineError, match=f"expected {cycle.initial} .* queued$"):
                replace(HAPPY, cycle=cycle)
