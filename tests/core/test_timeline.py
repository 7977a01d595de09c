"""A timeline can only be built legal, and every phase holds exactly its own span."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lives import HAPPY, MICROSECOND, PATHS, elapsed_of, lengths, path_to, seconds, timelines

from mockserver.core.errors import IllegalTimelineError, IllegalTransitionError, MockserverError
from mockserver.core.lifecycle import REACHABLE, SUCCESSORS, TERMINAL, Status
from mockserver.core.timeline import LONGEST, ZERO, Phase, Timeline

QUEUED, RUNNING, COMMITTING = Status.QUEUED, Status.RUNNING, Status.COMMITTING
COMPLETED, ERRORED, CANCELLED = Status.COMPLETED, Status.ERRORED, Status.CANCELLED


@st.composite
def looked_at(draw: st.DrawFn) -> tuple[Timeline, timedelta]:
    timeline = draw(timelines())
    return timeline, draw(elapsed_of(timeline))


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


@given(st.lists(st.sampled_from(Status), max_size=5).map(tuple))
def test_an_order_can_be_built_exactly_when_the_table_allows_it(path: tuple[Status, ...]) -> None:
    try:
        path_to(*path)
    except IllegalTimelineError:
        assert path not in PATHS
    else:
        assert path in PATHS


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_every_order_that_the_table_allows_can_be_built(path: tuple[Status, ...]) -> None:
    assert tuple(moment.status for moment in path_to(*path).moments()) == path


@given(
    st.sampled_from(sorted(set(Status) - TERMINAL)),
    st.one_of(
        st.timedeltas(max_value=-MICROSECOND),
        st.timedeltas(min_value=LONGEST + MICROSECOND),
        st.sampled_from((-MICROSECOND, LONGEST + MICROSECOND)),
    ),
)
def test_a_phase_can_last_neither_less_than_nothing_nor_longer_than_the_longest(
    status: Status, lasts: timedelta
) -> None:
    with pytest.raises(IllegalTimelineError, match=f"{status}: expected a duration from 0s to"):
        Phase(status, lasts)


@pytest.mark.parametrize("status", sorted(set(Status) - TERMINAL))
def test_a_phase_that_is_no_end_must_end(status: Status) -> None:
    with pytest.raises(IllegalTimelineError, match=f"{status} must end: .* found none"):
        Phase(status)


@pytest.mark.parametrize("status", sorted(TERMINAL))
@pytest.mark.parametrize("lasts", [ZERO, seconds(1)])
def test_an_end_has_no_duration(status: Status, lasts: timedelta) -> None:
    with pytest.raises(IllegalTimelineError, match=f"{status} ends a life: .* no duration"):
        Phase(status, lasts)


def test_an_illegal_timeline_is_an_error_on_purpose_and_a_value_error() -> None:
    assert issubclass(IllegalTimelineError, (MockserverError, ValueError))
    assert issubclass(IllegalTransitionError, MockserverError)


def test_a_legal_timeline_cannot_be_made_illegal_afterwards() -> None:
    phase = HAPPY.phases[0]
    with pytest.raises(FrozenInstanceError):
        phase.lasts = None  # type: ignore[misc]  # because it has to fail
    with pytest.raises(FrozenInstanceError):
        HAPPY.phases = ()  # type: ignore[misc]  # the same
    with pytest.raises(IllegalTimelineError):
        replace(phase, lasts=None)
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
            assert timeline.at(moment.began - MICROSECOND).status is not moment.status


@given(timelines())
def test_a_phase_holds_to_its_last_microsecond_and_not_at_its_end(timeline: Timeline) -> None:
    for moment in timeline.moments()[:-1]:
        assert moment.ends is not None
        assert timeline.at(moment.ends).status is not moment.status
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
    assert timeline.at(after).status in REACHABLE[timeline.at(before).status]


@given(timelines())
def test_the_longest_wait_finds_the_last_phase(timeline: Timeline) -> None:
    assert timeline.at(timedelta.max).status is timeline.phases[-1].status


def test_a_phase_of_no_length_is_passed_but_never_seen() -> None:
    timeline = Timeline((Phase(QUEUED, ZERO), Phase(RUNNING, seconds(5)), Phase(COMPLETED)))
    assert timeline.at(ZERO).status is RUNNING


def test_a_life_of_no_length_is_at_its_end_at_birth() -> None:
    assert path_to(QUEUED, RUNNING, COMPLETED, lasting=ZERO).at(ZERO).status is COMPLETED


@given(timelines(), st.sampled_from(Status))
def test_the_span_of_a_status_is_its_moment_or_nothing(timeline: Timeline, status: Status) -> None:
    span = timeline.span(status)
    if span is None:
        assert status not in {phase.status for phase in timeline.phases}
    else:
        assert span.status is status
        assert span in timeline.moments()


@given(looked_at(), st.sampled_from(sorted(TERMINAL)))
def test_a_cut_ends_the_life_where_that_is_legal_and_is_refused_elsewhere(
    look: tuple[Timeline, timedelta], end: Status
) -> None:
    timeline, elapsed = look
    here = timeline.at(elapsed).status
    if end in SUCCESSORS[here]:
        last = timeline.cut(elapsed, end).moments()[-1]
        assert (last.status, last.began) == (end, elapsed)
    else:
        with pytest.raises(IllegalTransitionError, match=f"^{here} cannot be followed by {end}$"):
            timeline.cut(elapsed, end)


@given(looked_at(), st.sampled_from(sorted(TERMINAL)), st.data())
def test_a_cut_leaves_what_lies_before_it_as_it_was(
    look: tuple[Timeline, timedelta], end: Status, data: st.DataObject
) -> None:
    timeline, elapsed = look
    here = timeline.at(elapsed)
    if end not in SUCCESSORS[here.status]:
        return
    cut = timeline.cut(elapsed, end)
    for moment in timeline.moments():
        if moment.began < here.began:
            assert moment in cut.moments()
    if elapsed > ZERO:
        past = data.draw(lengths(ZERO, elapsed - MICROSECOND))
        for instant in (past, elapsed - MICROSECOND):
            assert cut.at(instant).status is timeline.at(instant).status
            assert cut.at(instant).began == timeline.at(instant).began


def test_a_cut_at_the_very_start_of_a_phase_still_tells_that_it_began() -> None:
    cut = HAPPY.cut(seconds(10), CANCELLED)
    assert cut == Timeline((Phase(QUEUED, seconds(10)), Phase(RUNNING, ZERO), Phase(CANCELLED)))


@given(timelines())
def test_results_that_nobody_commits_complete_where_they_would_have_been_committed(
    timeline: Timeline,
) -> None:
    uncommitted = timeline.without_commit()
    commit = timeline.span(COMMITTING)
    if commit is None:
        assert uncommitted is timeline
    else:
        assert uncommitted.moments()[:-1] == timeline.moments()[:2]
        last = uncommitted.moments()[-1]
        assert (last.status, last.began) == (COMPLETED, commit.began)
