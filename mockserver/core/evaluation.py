"""An evaluation as a handful of facts, and what a client sees of it at an instant."""

from __future__ import annotations

from dataclasses import field, replace
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass
from mockserver.core.errors import IllegalTimelineError, IllegalTransitionError
from mockserver.core.progress import paced, uneven

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.exchange import Waiver
    from mockserver.core.progress import Course
    from mockserver.core.timeline import Timeline

_MICROSECOND = timedelta(microseconds=1)
_NOTHING = timedelta()
NEVER = datetime.max.replace(tzinfo=UTC)
"""An instant that no clock comes to."""
_EXACT = Context(prec=200)
"""Digits enough that credits are not rounded, whatever the thread's own context is."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one row costs; fractions are fine, totals are rounded down to whole tokens."""

    prompt_tokens: Decimal = Decimal("80.4")
    completion_tokens: Decimal = Decimal("20.04")
    credits: Decimal = Decimal("0.00005")

    def __post_init__(self) -> None:
        """Refuse what would let a counter fall."""
        for name in ("prompt_tokens", "completion_tokens", "credits"):
            cost: Decimal = getattr(self, name)
            if not cost.is_finite() or cost < 0:
                raise IllegalTimelineError(
                    f"usage per row, {name}: expected 0 or more, found {cost}"
                )

    def tokens(self, rows: int) -> tuple[int, int]:
        """Prompt and completion tokens of so many rows, exact and rounded down to whole ones."""
        prompt, per_prompt = _ratio(self.prompt_tokens)
        completion, per_completion = _ratio(self.completion_tokens)
        return rows * prompt // per_prompt, rows * completion // per_completion


@lru_cache(maxsize=1_000)
def _ratio(cost: Decimal) -> tuple[int, int]:
    return cost.as_integer_ratio()


FREE = Usage(Decimal(), Decimal(), Decimal())
"""What a row costs where nobody tells of tokens or credits."""


@dataclass(frozen=True, slots=True)
class Work:
    """How many rows there are, how many are done when the run ends, and what each costs.

    `stops_at` is `rows` unless the run fails or is cancelled midway. `pace` says of some rows
    when they are done, counted from the start of the run; without it progress is uneven.
    """

    rows: int
    stops_at: int
    usage: Usage = Usage()
    pace: tuple[tuple[int, timedelta], ...] = ()

    def __post_init__(self) -> None:
        """Refuse work that stops where there is none, and a pace that goes back."""
        if self.rows < 0:
            raise IllegalTimelineError(f"rows: expected 0 or more, found {self.rows}")
        if not 0 <= self.stops_at <= self.rows:
            raise IllegalTimelineError(
                f"the row at which the run stops: expected 0 to {self.rows}, found {self.stops_at}"
            )
        before: tuple[int, timedelta] = (0, timedelta())
        for row, instant in self.pace:
            if not before[0] < row <= self.stops_at:
                raise IllegalTimelineError(
                    f"pace: expected a row from {before[0] + 1} to {self.stops_at}, found {row}"
                )
            if not before[1] < instant:
                raise IllegalTimelineError(
                    f"pace, row {row}: expected more than {before[1]}, found {instant}"
                )
            before = row, instant

    def refuse_other_run(self, timeline: Timeline) -> None:
        """Refuse a life in which the work cannot go at its pace.

        Raises:
            IllegalTimelineError: the run is shorter than that, or there is none.
        """
        run = timeline.span(timeline.cycle.works_in)
        if self.pace and (run is None or run.ends is None):
            raise IllegalTimelineError("pace: expected only where there is a run, found none")
        if self.pace and run and run.ends is not None and self.pace[-1][1] > run.ends - run.began:
            raise IllegalTimelineError(
                f"pace: expected to end with the run after {run.ends - run.began}, "
                f"found {self.pace[-1][1]}"
            )


@dataclass(frozen=True, slots=True)
class Ending:
    """How a life ends otherwise than its timeline says, now or later.

    Attributes:
        at: the instant of the end.
        status: the end it comes to.
        error_message: what went wrong; given exactly where that end is explained.
        row: the last row that is done, where that was asked for.
    """

    at: datetime
    status: str
    error_message: str | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The facts of one evaluation; its status is not among them, it follows from them.

    Anything else that lives over time is described by the same facts.

    Attributes:
        id: also the seed of its uneven progress, so the same id always runs the same way.
        born: when it was created, in virtual time.
        timeline: the life it lives unless it has an ending of its own.
        fixed: what it was asked to do, by the API's own field names; never changes.
        fixture: the name of the fixture it follows.
        collection: where it is kept, as in "oxen/evaluation".
        scope: whose it is, as in "namespace/name", or None where everybody has it.
        error_message: what went wrong; given exactly when the timeline ends where that is
            explained.
        ending: how it ends otherwise than its timeline says, or None.
        assumptions: what was assumed of the API for this one alone, by name.
        shows: the fields shown in each status, where its fixture says so.
        waivers: what its answers break on purpose.
        weight: bytes this evaluation keeps in memory, roughly.
        life: the timeline as it is lived: ended early where it has an ending of its own.
        key: collection, scope and id, which no other one has where it is kept.
    """

    id: str
    born: datetime
    timeline: Timeline
    work: Work
    fixed: Mapping[str, object]
    fixture: str
    collection: str
    scope: str | None = None
    error_message: str | None = None
    ending: Ending | None = None
    assumptions: Mapping[str, object] = field(default_factory=dict)
    shows: Mapping[str, frozenset[str]] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    weight: int = 0
    life: Timeline = field(init=False, repr=False, compare=False)
    key: tuple[str, str | None, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse facts that contradict each other."""
        cycle, end = self.timeline.cycle, self.timeline.phases[-1].status
        if (end in cycle.explained) != (self.error_message is not None):
            explained = cycle.in_order(cycle.explained) or "in a status that explains itself"
            raise IllegalTimelineError(
                f"an error message: expected exactly when the life ends {explained}, "
                f"found {self.error_message!r} on one that ends {end}"
            )
        passed = {phase.status for phase in self.timeline.phases}
        if passed & cycle.whole and self.work.stops_at != self.work.rows:
            raise IllegalTimelineError(
                f"a life that comes to {cycle.in_order(passed & cycle.whole)} does all "
                f"{self.work.rows} rows: it cannot stop at row {self.work.stops_at}"
            )
        self.work.refuse_other_run(self.timeline)
        if self.born.tzinfo is not UTC:  # as for the clock: any other zone may move
            raise IllegalTimelineError(f"born: expected an instant in UTC, found {self.born}")
        ending = self.ending
        life = self.timeline if ending is None else self._ended_by(ending)
        object.__setattr__(self, "life", life)
        object.__setattr__(self, "key", (self.collection, self.scope, self.id))

    def _ended_by(self, ending: Ending) -> Timeline:
        """The life that is lived: ended early, where that is legal."""
        cycle = self.timeline.cycle
        self._refuse_unborn(ending.status, ending.at)
        life = self.timeline.cut(ending.at - self.born, ending.status)
        if (ending.status in cycle.explained) != (ending.error_message is not None):
            explained = cycle.in_order(cycle.explained) or "in a status that explains itself"
            raise IllegalTransitionError(
                f"an error message: expected exactly where it ends {explained}, "
                f"found {ending.error_message!r} with {ending.status}"
            )
        if ending.row is not None and not 0 <= ending.row <= self.work.stops_at:
            raise IllegalTransitionError(
                f"the last row: expected 0 to {self.work.stops_at}, found {ending.row}"
            )
        return life

    def changes(self) -> tuple[datetime, ...]:
        """The instants at which the status changes, birth first, each one once."""
        return tuple(dict.fromkeys(self.born + moment.began for moment in self.life.moments()))

    def next_change(self, now: datetime) -> datetime | None:
        """The next instant at which the status changes, or None when it never will again."""
        return next((instant for instant in self.changes() if instant > now), None)

    def cancel(self, now: datetime) -> Evaluation:
        """The same evaluation, cancelled at this instant; its past stays as it was.

        Raises:
            IllegalTransitionError: it is unborn, or stands where nobody can cancel any more.
        """
        end = self.timeline.cycle.cancelled
        self._refuse_unborn(end or "cancelled", now)
        if end is None:
            raise IllegalTransitionError("nobody can cancel it: its life cycle has no such end")
        self._refuse_second_end(now)
        return replace(self, ending=Ending(now, end))

    def fail(self, now: datetime, row: int | None = None, message: str | None = None) -> Evaluation:
        """The same evaluation, failing once `row` rows are done, or now; its past stays as it was.

        `message` says what went wrong, where its life cycle explains a failure.

        Raises:
            IllegalTransitionError: it stands where it cannot fail any more, more rows than that
                are done, or there never are as many.
        """
        end = self.timeline.cycle.failed
        if end is None:
            raise IllegalTransitionError("it cannot fail: its life cycle has no such end")
        self._refuse_second_end(now)
        if row is None:
            self._refuse_unborn(end, now)
            return replace(self, ending=Ending(now, end, message))
        at = self._done_at(row)
        done = observe(self, now).processed if now >= self.born else 0
        if done > row:
            raise IllegalTransitionError(f"{done} rows are done: it cannot fail at row {row}")
        return replace(self, ending=Ending(max(at, now), end, message, row))

    def _refuse_unborn(self, end: str, now: datetime) -> None:
        if now < self.born:
            raise IllegalTransitionError(
                f"born at {_told(self.born)}, it cannot be {end} at {_told(now)}"
            )

    def _refuse_second_end(self, now: datetime) -> None:
        """A cancellation stays; a failure that is still to come may be thought better of."""
        ending = self.ending
        if ending is not None and (ending.status == self.timeline.cycle.cancelled):
            raise IllegalTransitionError(f"it was cancelled at {_told(ending.at)} already")
        if ending is not None and ending.at <= now:
            raise IllegalTransitionError(f"it was {ending.status} at {_told(ending.at)} already")

    def _done_at(self, row: int) -> datetime:
        """The instant at which so many rows are done, by its timeline."""
        course, run = _course(self), self.timeline.span(self.timeline.cycle.works_in)
        if course is None or run is None:
            raise IllegalTransitionError("it cannot fail at a row: its life has no run")
        if not 0 <= row <= self.work.stops_at:
            raise IllegalTransitionError(
                f"the row at which it fails: expected 0 to {self.work.stops_at}, found {row}"
            )
        return self.born + run.began + (course.ended(row) if row else timedelta())


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What can be seen of an evaluation at one instant.

    Attributes:
        times: each time of the life cycle by its name, None while unset.
        spent: how long the rows done took, from the start of the run to the end of the last
            one, or None while none is done.
        until: the first instant after this one at which any of it may be different, `NEVER`
            where it never is: what is seen is a step function of time. Two snapshots that show
            the same are equal, whatever comes later.
    """

    status: str
    processed: int
    total: int
    prompt_tokens: int
    completion_tokens: int
    tokens: int
    credits: Decimal
    times: Mapping[str, datetime | None]
    spent: timedelta | None
    error_message: str | None
    until: datetime = field(default=NEVER, compare=False)


def observe(evaluation: Evaluation, now: datetime) -> Snapshot:
    """What a client sees of the evaluation at this instant: a pure function of both.

    Raises:
        ValueError: the evaluation is not born yet.
    """
    born, work = evaluation.born, evaluation.work
    elapsed = now - born
    if elapsed < _NOTHING:
        raise ValueError(f"evaluation {evaluation.id} is born at {born}, after {now}")
    cycle = evaluation.timeline.cycle
    here = evaluation.life.at(elapsed)
    status, started = here.status, here.has_started
    course = _course(evaluation) if started else None
    processed = _processed(evaluation, course, elapsed) if course else 0
    prompt, completion = work.usage.tokens(processed)
    until = born + here.ends if here.ends is not None else NEVER
    if course and status == cycle.works_in and processed < work.stops_at:
        until = min(until, born + here.began + course.ended(processed + 1))
    return Snapshot(
        status=status,
        processed=processed,
        total=work.rows if started or cycle.announces_total else 0,
        prompt_tokens=prompt,
        completion_tokens=completion,
        tokens=prompt + completion,
        credits=_EXACT.multiply(Decimal(processed), work.usage.credits),
        times={
            name: None if set_at is None else born + set_at for name, set_at in here.times.items()
        },
        spent=course.ended(processed) if course and processed else None,
        error_message=_explanation(evaluation) if status in cycle.explained else None,
        until=until,
    )


def _explanation(evaluation: Evaluation) -> str | None:
    ending = evaluation.ending
    return evaluation.error_message if ending is None else ending.error_message


def _course(evaluation: Evaluation) -> Course | None:
    """The planned run's, even where its life ends early, so that no past changes."""
    run = evaluation.timeline.span(evaluation.timeline.cycle.works_in)
    if run is None or run.ends is None:
        return None
    work, whole = evaluation.work, run.ends - run.began
    if work.pace:
        return paced(work.pace, work.stops_at, whole)
    return uneven(evaluation.id, work.stops_at, whole)


def _processed(evaluation: Evaluation, course: Course, elapsed: timedelta) -> int:
    """The rows done by then, at most those that were done when its life ended."""
    ending = evaluation.ending
    if ending is not None:
        elapsed = min(elapsed, ending.at - evaluation.born)
    run = evaluation.timeline.span(evaluation.timeline.cycle.works_in)
    done = course.done(elapsed - run.began if run is not None else timedelta())
    return done if ending is None or ending.row is None else min(done, ending.row)


def _told(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def boundary_instants(evaluation: Evaluation) -> tuple[datetime, ...]:
    """Every change of status with a microsecond either side, after birth: where faults hide."""
    around = {
        instant + step
        for instant in evaluation.changes()
        for step in (-_MICROSECOND, timedelta(), _MICROSECOND)
    }
    return tuple(
        sorted(instant.astimezone(UTC) for instant in around if instant >= evaluation.born)
    )
