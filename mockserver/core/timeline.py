"""A timeline: the phases an evaluation goes through and how long each holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from mockserver.core.errors import IllegalTimelineError, IllegalTransitionError
from mockserver.core.lifecycle import INITIAL, SUCCESSORS, TERMINAL, Status

ZERO = timedelta()
LONGEST = timedelta(days=3650)
"""The longest a phase may hold; it keeps every instant of a life inside what a date can say."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One status and how long it holds; only a terminal status holds for ever (`None`)."""

    status: Status
    lasts: timedelta | None = None

    def __post_init__(self) -> None:
        """Refuse a phase that contradicts itself."""
        if self.status in TERMINAL:
            if self.lasts is not None:
                raise IllegalTimelineError(
                    f"{self.status} ends a life: expected no duration, found {self.lasts}"
                )
        elif self.lasts is None:
            raise IllegalTimelineError(f"{self.status} must end: expected a duration, found none")
        elif not ZERO <= self.lasts <= LONGEST:
            raise IllegalTimelineError(
                f"{self.status}: expected a duration from 0s to {LONGEST.days}d, found {self.lasts}"
            )


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a timeline stands: the status, since when and until when, from birth."""

    status: Status
    began: timedelta
    ends: timedelta | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Phases in legal order, from `queued` to a status that ends the life."""

    phases: tuple[Phase, ...]

    def __post_init__(self) -> None:
        """Refuse an order that the life cycle does not allow."""
        order = [phase.status for phase in self.phases]
        if not order or order[0] is not INITIAL:
            found = order[0] if order else "no phase"
            raise IllegalTimelineError(
                f"the first phase: expected {INITIAL} (0s if it is never seen), found {found}"
            )
        for before, after in pairwise(order):
            if after not in SUCCESSORS[before]:
                legal = ", ".join(s for s in Status if s in SUCCESSORS[before])
                raise IllegalTimelineError(
                    f"after {before}: expected {legal or 'nothing, it is the end'}, found {after}"
                )
        if order[-1] not in TERMINAL:
            ends = ", ".join(s for s in Status if s in TERMINAL)
            raise IllegalTimelineError(f"the last phase: expected one of {ends}, found {order[-1]}")

    def moments(self) -> tuple[Moment, ...]:
        """Every phase with the span it holds, in order."""
        began, found = ZERO, []
        for phase in self.phases:
            ends = None if phase.lasts is None else began + phase.lasts
            found.append(Moment(phase.status, began, ends))
            began = ends if ends is not None else began
        return tuple(found)

    def at(self, elapsed: timedelta) -> Moment:
        """Where the life stands after `elapsed`; a phase holds from its own instant on."""
        return next(
            moment for moment in self.moments() if moment.ends is None or elapsed < moment.ends
        )

    def span(self, status: Status) -> Moment | None:
        """The span in which this status holds, or None if this life has no such phase."""
        return next((moment for moment in self.moments() if moment.status is status), None)

    def cut(self, elapsed: timedelta, status: Status) -> Timeline:
        """The same life, ended early by `status`; what lies before `elapsed` stays as it was.

        Raises:
            IllegalTransitionError: the status that holds then cannot be followed by `status`.
        """
        here = self.at(elapsed)
        if status not in SUCCESSORS[here.status]:
            raise IllegalTransitionError(f"{here.status} cannot be followed by {status}")
        kept = [
            Phase(moment.status, min(moment.ends, elapsed) - moment.began)
            for moment in self.moments()
            if moment.ends is not None and moment.began <= here.began
        ]
        return Timeline((*kept, Phase(status)))

    def without_commit(self) -> Timeline:
        """The same life for results that nobody commits: it completes where it would commit."""
        if self.span(Status.COMMITTING) is None:
            return self
        before = tuple(p for p in self.phases if p.status in {Status.QUEUED, Status.RUNNING})
        return Timeline((*before, Phase(Status.COMPLETED)))
