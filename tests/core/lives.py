"""Hypothesis strategies for the core: legal lives, and the instants at which to ask of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import assume
from hypothesis import strategies as st

from mockserver.core.clock import EARLIEST, LATEST
from mockserver.core.evaluation import Evaluation, Usage, Work, observe
from mockserver.core.lifecycle import INITIAL, SUCCESSORS, TERMINAL, Status
from mockserver.core.timeline import LONGEST, ZERO, Phase, Timeline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.core.timeline import Moment

# The same examples in every run, few enough to wait for, and no verdict by how busy a machine is.

BORN = datetime(2026, 3, 1, 12, tzinfo=UTC)
ELSEWHERE = timezone(timedelta(hours=2))
MICROSECOND = timedelta(microseconds=1)
ENORMOUS = 10**30
COST_STEP = Decimal("0.000001")

Asked = tuple[Evaluation, datetime]
AskedTwice = tuple[Evaluation, datetime, datetime]


class SummerTime(tzinfo):
    """A zone that is UTC in winter and an hour ahead from April on, as London's is."""

    def utcoffset(self, at: datetime | None) -> timedelta:
        return timedelta(hours=1 if at is not None and 4 <= at.month <= 10 else 0)

    def dst(self, at: datetime | None) -> timedelta:
        return self.utcoffset(at)

    def tzname(self, at: datetime | None) -> str:
        return "summer" if self.utcoffset(at) else "winter"


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def _paths(status: Status) -> Iterator[tuple[Status, ...]]:
    if status in TERMINAL:
        yield (status,)
    for after in Status:  # in the order of the enum, for a set's own order is not repeatable
        if after in SUCCESSORS[status]:
            yield from ((status, *rest) for rest in _paths(after))


PATHS = tuple(_paths(INITIAL))
"""Every order in which a life can go, read off the one table."""


def path_to(*path: Status, lasting: timedelta = timedelta(seconds=10)) -> Timeline:
    """A life along this path in which every phase lasts the same."""
    return Timeline(tuple(Phase(s, None if s in TERMINAL else lasting) for s in path))


def evaluation_of(timeline: Timeline, *, rows: int = 10, usage: Usage | None = None) -> Evaluation:
    """The plainest evaluation that lives this life, born at `BORN`."""
    errored = timeline.phases[-1].status is Status.ERRORED
    return Evaluation(
        id="d0c8",
        born=BORN,
        timeline=timeline,
        work=Work(rows, rows, usage or Usage()),
        fixed={"prompt": "Is this a cat? {image}", "model": "gpt-4o"},
        fixture="plain",
        error_message="the model is gone" if errored else None,
    )


HAPPY = path_to(Status.QUEUED, Status.RUNNING, Status.COMMITTING, Status.COMPLETED)


def lengths(least: timedelta, most: timedelta) -> st.SearchStrategy[timedelta]:
    """Any length of time within these bounds; one draw, where `st.timedeltas` takes three."""
    return st.integers(least // MICROSECOND, most // MICROSECOND).map(lambda n: n * MICROSECOND)


# Made once and not per example: Hypothesis spends more on making a strategy than on drawing.
DURATIONS = st.one_of(
    st.sampled_from((seconds(1), ZERO, MICROSECOND, LONGEST)), lengths(ZERO, timedelta(hours=2))
)
ROWS = st.one_of(st.integers(0, 20), st.integers(0, 10**6), st.integers(0, ENORMOUS))
_ORDERS = st.sampled_from(PATHS)
_COSTS = st.integers(0, 10**9).map(lambda steps: steps * COST_STEP)
_USAGES = st.one_of(st.just(Usage()), st.builds(Usage, _COSTS, _COSTS, _COSTS))
_IDS = st.integers(0, 2**64).map("{:x}".format)
_EITHER = st.booleans()
_PLACES = st.one_of(st.integers(0, 14), st.none())
_SHARES = st.floats(0, 1)
_BIRTHS = lengths(ZERO, LATEST - EARLIEST).map(lambda spent: EARLIEST + spent)


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    path = draw(_ORDERS)
    return Timeline(tuple(Phase(s, None if s in TERMINAL else draw(DURATIONS)) for s in path))


@st.composite
def evaluations(draw: st.DrawFn, counts: st.SearchStrategy[int] = ROWS) -> Evaluation:
    """Any legal evaluation that nobody has cancelled, of as many rows as `counts` says."""
    timeline = draw(timelines())
    passed = {phase.status for phase in timeline.phases}
    total = draw(counts)
    whole = not passed.isdisjoint({Status.COMMITTING, Status.COMPLETED})
    stops_at = total if whole else draw(st.integers(0, total))
    return Evaluation(
        id=draw(_IDS),
        born=draw(_BIRTHS),
        timeline=timeline,
        work=Work(total, stops_at, draw(_USAGES)),
        fixed={"prompt": "Is this a cat? {image}"},
        fixture="drawn",
        error_message="it broke" if Status.ERRORED in passed else None,
    )


@st.composite
def lives(draw: st.DrawFn) -> Evaluation:
    """Any legal evaluation, cancelled on its way in about half of the cases where it can be."""
    evaluation = draw(evaluations())
    if draw(_EITHER):
        return evaluation
    now = draw(instants_of(evaluation))
    legal = can_be_cancelled(observe(evaluation, now).status)
    return evaluation.cancel(now) if legal else evaluation


def can_be_cancelled(status: Status) -> bool:
    return Status.CANCELLED in SUCCESSORS[status]


@st.composite
def elapsed_of(draw: st.DrawFn, timeline: Timeline) -> timedelta:
    """How far into a life to look: at its seams, a microsecond off them, anywhere, after it."""
    seams = {moment.began for moment in timeline.moments()}
    place = draw(_PLACES)
    if place is None:
        return (max(seams) + timedelta(hours=1)) * draw(_SHARES)
    near = sorted({seam + step for seam in seams for step in (ZERO, MICROSECOND, -MICROSECOND)})
    return max(near[place % len(near)], ZERO)


@st.composite
def instants_of(draw: st.DrawFn, evaluation: Evaluation) -> datetime:
    """When to ask of this life as it was lived."""
    return evaluation.born + draw(elapsed_of(evaluation.life))


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    """A life and an instant to ask at."""
    evaluation = draw(lives())
    return evaluation, draw(instants_of(evaluation))


@st.composite
def asked_twice(draw: st.DrawFn) -> AskedTwice:
    """A life and two instants to ask at, the earlier one first."""
    evaluation = draw(lives())
    before, after = sorted((draw(instants_of(evaluation)), draw(instants_of(evaluation))))
    return evaluation, before, after


@st.composite
def cancelled_in_time(draw: st.DrawFn) -> Asked:
    """An evaluation and an instant at which it can still be cancelled."""
    return _within(draw, draw(evaluations()), legal=True)


@st.composite
def cancelled_too_late(draw: st.DrawFn) -> Asked:
    """An evaluation that nobody has cancelled and an instant at which nobody can any more."""
    return _within(draw, draw(evaluations()), legal=False)


def _within(draw: st.DrawFn, evaluation: Evaluation, *, legal: bool) -> Asked:
    spans = [
        moment
        for moment in evaluation.life.moments()
        if can_be_cancelled(moment.status) is legal and moment.ends != moment.began
    ]
    assume(spans)
    return evaluation, evaluation.born + draw(_inside(draw(st.sampled_from(spans))))


def _inside(moment: Moment) -> st.SearchStrategy[timedelta]:
    ends = moment.ends or moment.began + LONGEST
    return st.one_of(
        st.sampled_from((moment.began, ends - MICROSECOND)),
        lengths(moment.began, ends - MICROSECOND),
    )
