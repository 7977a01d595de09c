"""An evaluation as a handful of facts, and what a client sees of it at an instant."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from typing import TYPE_CHECKING

from mockserver.core.errors import IllegalTimelineError, IllegalTransitionError
from mockserver.core.lifecycle import INITIAL, Status
from mockserver.core.progress import rows_done

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.timeline import Moment, Timeline

_MICROSECOND = timedelta(microseconds=1)
_EXACT = Context(prec=200)
"""Digits enough that credits are not rounded, whatever the thread's own context is."""
_SUCCESS_NEEDS_ALL = frozenset({Status.COMMITTING, Status.COMPLETED})


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


@dataclass(frozen=True, slots=True)
class Work:
    """How many rows there are, how many are done when running ends, and what each costs.

    `stops_at` is `rows` unless the run is errored or cancelled midway.
    """

    rows: int
    stops_at: int
    usage: Usage = Usage()

    def __post_init__(self) -> None:
        """Refuse work that stops where there is none."""
        if self.rows < 0:
            raise IllegalTimelineError(f"rows: expected 0 or more, found {self.rows}")
        if not 0 <= self.stops_at <= self.rows:
            raise IllegalTimelineError(
                f"the row at which the run stops: expected 0 to {self.rows}, found {self.stops_at}"
            )


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The facts of one evaluation; its status is not among them, it follows from them.

    Attributes:
        id: also the seed of its uneven progress, so the same id always runs the same way.
        born: when it was created, in virtual time.
        timeline: the life it lives unless it is cancelled.
        fixed: what it was asked to do, by the API's own field names; never changes.
        fixture: the name of the fixture it follows.
        repository: "namespace/name", or None where every repository holds it.
        error_message: what went wrong; given exactly when the timeline ends errored.
        cancelled_at: when somebody cancelled it, or None.
        assumptions: what was assumed of the API for this one alone, by name.
        weight: bytes this evaluation keeps in memory, roughly.
    """

    id: str
    born: datetime
    timeline: Timeline
    work: Work
    fixed: Mapping[str, object]
    fixture: str
    repository: str | None = None
    error_message: str | None = None
    cancelled_at: datetime | None = None
    assumptions: Mapping[str, object] = field(default_factory=dict)
    weight: int = 0

    def __post_init__(self) -> None:
        """Refuse facts that contradict each other."""
        end = self.timeline.phases[-1].status
        if (end is Status.ERRORED) != (self.error_message is not None):
            raise IllegalTimelineError(
                "an error message: expected exactly when the life ends errored, "
                f"found {self.error_message!r} on one that ends {end}"
            )
        passed = {phase.status for phase in self.timeline.phases}
        if passed & _SUCCESS_NEEDS_ALL and self.work.stops_at != self.work.rows:
            raise IllegalTimelineError(
                f"a run that commits or completes does all {self.work.rows} rows: "
                f"it cannot stop at row {self.work.stops_at}"
            )
        if self.born.tzinfo is not UTC:  # as for the clock: any other zone may move
            raise IllegalTimelineError(f"born: expected an instant in UTC, found {self.born}")
        if self.cancelled_at is not None:
            self._cut_at(self.cancelled_at)

    @property
    def life(self) -> Timeline:
        """The timeline as it was lived: ended early where the evaluation was cancelled."""
        if self.cancelled_at is None:
            return self.timeline
        return self._cut_at(self.cancelled_at)

    def _cut_at(self, instant: datetime) -> Timeline:
        if instant < self.born:
            raise IllegalTransitionError(
                f"born at {self.born}, it cannot be cancelled at {instant}"
            )
        return self.timeline.cut(instant - self.born, Status.CANCELLED)

    def changes(self) -> tuple[datetime, ...]:
        """The instants at which the status changes, birth first, each one once."""
        return tuple(dict.fromkeys(self.born + moment.began for moment in self.life.moments()))

    def next_change(self, now: datetime) -> datetime | None:
        """The next instant at which the status changes, or None when it never will again."""
        return next((instant for instant in self.changes() if instant > now), None)

    def cancel(self, now: datetime) -> Evaluation:
        """The same evaluation, cancelled at this instant; its past stays as it was.

        Raises:
            IllegalTransitionError: it is unborn, committing or at an end; nobody can cancel that.
        """
        if self.cancelled_at is not None:
            raise IllegalTransitionError(f"it was cancelled at {self.cancelled_at} already")
        return replace(self, cancelled_at=now)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What can be seen of an evaluation at one instant; timestamps are None while unset."""

    status: Status
    processed: int
    total: int
    prompt_tokens: int
    completion_tokens: int
    tokens: int
    credits: Decimal
    inserted_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    cancelled_at: datetime | None
    error_message: str | None


def observe(evaluation: Evaluation, now: datetime) -> Snapshot:
    """What a client sees of the evaluation at this instant: a pure function of both.

    Raises:
        ValueError: the evaluation is not born yet.
    """
    elapsed = now - evaluation.born
    if elapsed < timedelta():
        raise ValueError(f"evaluation {evaluation.id} is born at {evaluation.born}, after {now}")
    here = evaluation.life.at(elapsed)
    running = evaluation.life.span(Status.RUNNING)
    started = running is not None and elapsed >= running.began and here.status is not INITIAL
    processed = _processed(evaluation, elapsed) if started else 0
    usage = evaluation.work.usage
    prompt = _tokens(processed, usage.prompt_tokens)
    completion = _tokens(processed, usage.completion_tokens)
    return Snapshot(
        status=here.status,
        processed=processed,
        total=evaluation.work.rows if started else 0,
        prompt_tokens=prompt,
        completion_tokens=completion,
        tokens=prompt + completion,
        credits=_EXACT.multiply(Decimal(processed), usage.credits),
        inserted_at=evaluation.born,
        started_at=evaluation.born + running.began if started and running else None,
        completed_at=_since(evaluation, here, Status.COMPLETED),
        cancelled_at=_since(evaluation, here, Status.CANCELLED),
        error_message=evaluation.error_message if here.status is Status.ERRORED else None,
    )


def _since(evaluation: Evaluation, here: Moment, status: Status) -> datetime | None:
    return evaluation.born + here.began if here.status is status else None


def _processed(evaluation: Evaluation, elapsed: timedelta) -> int:
    """Rows done, paced by the planned run even where it was cancelled, so no past changes."""
    if evaluation.cancelled_at is not None:
        elapsed = min(elapsed, evaluation.cancelled_at - evaluation.born)
    planned = evaluation.timeline.span(Status.RUNNING)
    if planned is None or planned.ends is None:
        return 0
    return rows_done(
        evaluation.id,
        evaluation.work.stops_at,
        elapsed - planned.began,
        planned.ends - planned.began,
    )


def _tokens(rows: int, cost: Decimal) -> int:
    """Rows times cost, rounded down to whole tokens; exact, however many rows there are."""
    numerator, denominator = cost.as_integer_ratio()
    return rows * numerator // denominator


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
