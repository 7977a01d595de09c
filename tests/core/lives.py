"""Hypothesis strategies for the core: legal lives, and the instants at which to ask of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import assume
from hypothesis import strategies as st

from mockserver.apis.nugen import lifecycle as nugen
from mockserver.apis.oxen import lifecycle as oxen
from mockserver.apis.oxen.lifecycle import Status
from mockserver.core.clock import EARLIEST, LATEST
from mockserver.core.errors import IllegalTransitionError
from mockserver.core.evaluation import Evaluation, Usage, Work, observe
from mockserver.core.lifecycle import LifeCycle
from mockserver.core.timeline import LONGEST, ZERO, Phase, Timeline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockserver.core.timeline import Moment

# The same examples in every run, few enough to wait for, and no verdict by how busy a machine is.

BORN = datetime(2026, 3, 1, 12, tzinfo=UTC)
ELSEWHERE = timezone(timedelta(hours=2))
MICROSECOND = timedelta(microseconds=1)
ENORMOUS = 10**30
COST_STEP = Decimal("0.000001")
PARTS = 10**6

Asked = tuple[Evaluation, datetime]
AskedTwice = tuple[Evaluation, datetime, datetime]
Path = tuple[str, ...]
Pace = tuple[tuple[int, timedelta], ...]

OXEN, NUGEN = oxen.CYCLE, nugen.CYCLE
_BATCHES = {
    "validating": ("in_progress", "failed", "expired", "cancelling"),
    "in_progress": ("finalizing", "expired", "cancelling"),
    "finalizing": ("completed", "expired", "cancelling"),
    "completed": (),
    "failed": (),
    "expired": (),
    "cancelling": ("cancelled",),
    "cancelled": (),
}
BATCHES = LifeCycle(
    successors={status: frozenset(after) for status, after in _BATCHES.items()},
    works_in="in_progress",
    whole=frozenset({"finalizing", "completed"}),
    explained=frozenset({"failed"}),
    failed="failed",
    times={f"{status}_at": frozenset({status}) for status in _BATCHES},
)
"""A life cycle that no API of ours has, in the shape of OpenAI's batches.

A cancel leads through a phase of its own there, so no single status is where it ends.
"""

CYCLES = {"oxen": OXEN, "nugen": NUGEN, "batches": BATCHES}
CANCELLABLE = tuple(cycle for cycle in CYCLES.values() if cycle.cancelled is not None)


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


def paths(cycle: LifeCycle) -> tuple[Path, ...]:
    """Every order in which a life of this cycle can go, read off its one table."""
    return tuple(_paths(cycle, cycle.initial))


def _paths(cycle: LifeCycle, status: str) -> Iterator[Path]:
    if status in cycle.terminal:
        yield (status,)
    for after in cycle.statuses:  # in the order of the table, for a set's own is not repeatable
        if after in cycle.successors[status]:
            yield from ((status, *rest) for rest in _paths(cycle, after))


PATHS = {cycle: paths(cycle) for cycle in CYCLES.values()}


def path_to(
    *path: str, lasting: timedelta = timedelta(seconds=10), cycle: LifeCycle = OXEN
) -> Timeline:
    """A life along this path in which every phase lasts the same."""
    ends = cycle.terminal
    return Timeline(cycle, tuple(Phase(s, None if s in ends else lasting) for s in path))


def evaluation_of(timeline: Timeline, *, rows: int = 10, usage: Usage | None = None) -> Evaluation:
    """The plainest evaluation that lives this life, born at `BORN`."""
    explained = timeline.phases[-1].status in timeline.cycle.explained
    return Evaluation(
        id="d0c8",
        born=BORN,
        timeline=timeline,
        work=Work(rows, rows, usage or Usage()),
        fixed={"prompt": "Is this a cat? {image}", "model": "gpt-4o"},
        fixture="plain",
        collection="some/evaluation",
        error_message="the model is gone" if explained else None,
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
ANY_CYCLE = st.sampled_from(tuple(CYCLES.values()))
CANCELLABLE_CYCLE = st.sampled_from(CANCELLABLE)
_ORDERS = {cycle: st.sampled_from(orders) for cycle, orders in PATHS.items()}
_COSTS = st.integers(0, 10**9).map(lambda steps: steps * COST_STEP)
_USAGES = st.one_of(st.just(Usage()), st.builds(Usage, _COSTS, _COSTS, _COSTS))
_IDS = st.integers(0, 2**64).map("{:x}".format)
_EITHER = st.booleans()
_PLACES = st.one_of(st.integers(0, 14), st.none())
_SHARES = st.floats(0, 1)
_PART = st.one_of(st.integers(0, PARTS), st.just(PARTS))
_NONE: list[tuple[int, int]] = []
MILESTONES = st.just(_NONE) | st.lists(st.tuples(_PART, _PART), min_size=1, max_size=3)
"""Where the milestones of a pace lie, in parts of the rows and of the run."""
_BIRTHS = lengths(ZERO, LATEST - EARLIEST).map(lambda spent: EARLIEST + spent)


@st.composite
def timelines(draw: st.DrawFn, cycles: st.SearchStrategy[LifeCycle] = ANY_CYCLE) -> Timeline:
    cycle = draw(cycles)
    ends = cycle.terminal
    path = draw(_ORDERS[cycle])
    return Timeline(cycle, tuple(Phase(s, None if s in ends else draw(DURATIONS)) for s in path))


def pace_of(milestones: Sequence[tuple[int, int]], rows: int, whole: timedelta) -> Pace:
    """As many of these milestones as make a pace for so many rows in so long a run."""
    done = sorted({part * rows // PARTS for part, _ in milestones} - {0})
    spent = sorted({part * (whole // MICROSECOND) // PARTS for _, part in milestones} - {0})
    return tuple((row, count * MICROSECOND) for row, count in zip(done, spent, strict=False))


@st.composite
def evaluations(
    draw: st.DrawFn,
    counts: st.SearchStrategy[int] = ROWS,
    cycles: st.SearchStrategy[LifeCycle] = ANY_CYCLE,
) -> Evaluation:
    """Any legal evaluation that nobody has cancelled, of as many rows as `counts` says."""
    timeline = draw(timelines(cycles))
    cycle = timeline.cycle
    passed = {phase.status for phase in timeline.phases}
    total = draw(counts)
    stops_at = total if passed & cycle.whole else draw(st.integers(0, total))
    run = timeline.span(cycle.works_in)
    pace: Pace = ()
    if run is not None and run.ends is not None:
        pace = pace_of(draw(MILESTONES), stops_at, run.ends - run.began)
    return Evaluation(
        id=draw(_IDS),
        born=draw(_BIRTHS),
        timeline=timeline,
        work=Work(total, stops_at, draw(_USAGES), pace),
        fixed={"prompt": "Is this a cat? {image}"},
        fixture="drawn",
        collection="some/evaluation",
        error_message="it broke" if passed & cycle.explained else None,
    )


@st.composite
def lives(draw: st.DrawFn) -> Evaluation:
    """Any legal evaluation, cancelled or made to fail in about half of the cases where it can."""
    evaluation = draw(evaluations())
    if draw(_EITHER):
        return evaluation
    now = draw(instants_of(evaluation))
    if draw(_EITHER):
        return cancelled(evaluation, now) or evaluation
    row = draw(st.none() | st.integers(0, evaluation.work.stops_at))
    return failing(evaluation, now, row) or evaluation


def cancelled(evaluation: Evaluation, now: datetime) -> Evaluation | None:
    """The evaluation, cancelled, or None where it cannot be."""
    return evaluation.cancel(now) if can_be_cancelled(evaluation, now) else None


def failing(evaluation: Evaluation, now: datetime, row: int | None) -> Evaluation | None:
    """The evaluation, made to fail, or None where it cannot."""
    cycle = evaluation.timeline.cycle
    message = "made to fail" if cycle.failed in cycle.explained else None
    try:
        return evaluation.fail(now, row, message)
    except IllegalTransitionError:
        return None


def can_be_cancelled(evaluation: Evaluation, now: datetime) -> bool:
    """Whether the status at this instant allows it."""
    cycle = evaluation.timeline.cycle
    return cycle.cancelled in cycle.successors[observe(evaluation, now).status]


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
    return _within(draw, draw(evaluations(cycles=CANCELLABLE_CYCLE)), legal=True)


@st.composite
def cancelled_too_late(draw: st.DrawFn) -> Asked:
    """An evaluation that nobody has cancelled and an instant at which nobody can any more."""
    return _within(draw, draw(evaluations(cycles=CANCELLABLE_CYCLE)), legal=False)


def _within(draw: st.DrawFn, evaluation: Evaluation, *, legal: bool) -> Asked:
    cycle = evaluation.timeline.cycle
    spans = [
        moment
        for moment in evaluation.life.moments()
        if (cycle.cancelled in cycle.successors[moment.status]) is legal
        and moment.ends != moment.began
    ]
    assume(spans)
    return evaluation, evaluation.born + draw(_inside(draw(st.sampled_from(spans))))


def _inside(moment: Moment) -> st.SearchStrategy[timedelta]:
    ends = moment.ends or moment.began + LONGEST
    return st.one_of(
        st.sampled_from((moment.began, ends - MICROSECOND)),
        lengths(moment.began, ends - MICROSECOND),
    )
