"""A timeline: the statuses an evaluation goes through and how long each holds."""

from __future__ import annotations

from dataclasses import field
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass
from mockserver.core.errors import IllegalTimelineError, IllegalTransitionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mockserver.core.lifecycle import LifeCycle

ZERO = timedelta()
LONGEST = timedelta(days=3650)
"""The longest a phase may hold; it keeps every instant of a life inside what a date can say."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One status and how long it holds; `None` is for ever, which only an end does."""

    status: str
    lasts: timedelta | None = None

    def __post_init__(self) -> None:
        """Refuse a length that no calendar holds."""
        if self.lasts is not None and not ZERO <= self.lasts <= LONGEST:
            raise IllegalTimelineError(
                f"{self.status}: expected a duration from 0s to {LONGEST.days}d, found {self.lasts}"
            )


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a timeline stands: the status, since when and until when, from birth.

    Attributes:
        times: what is set of the life cycle's times then, from birth; None while unset.
        has_started: whether the work has begun.
    """

    status: str
    began: timedelta
    ends: timedelta | None
    times: Mapping[str, timedelta | None]
    has_started: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """Phases in an order that the life cycle allows, from its beginning to an end."""

    cycle: LifeCycle
    phases: tuple[Phase, ...]
    _moments: tuple[Moment, ...] = field(init=False, repr=False, compare=False)
    _ended_otherwise: dict[tuple[str, str], Timeline] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        """Refuse an order that the life cycle does not allow."""
        cycle, order = self.cycle, [phase.status for phase in self.phases]
        if not order or order[0] != cycle.initial:
            found = order[0] if order else "no phase"
            raise IllegalTimelineError(
                f"the first phase: expected {cycle.initial} (0s if it is never seen), found {found}"
            )
        for before, after in pairwise(order):
            if after not in cycle.successors[before]:
                legal = cycle.in_order(cycle.successors[before]) or "nothing, it is the end"
                raise IllegalTimelineError(f"after {before}: expected {legal}, found {after}")
        if order[-1] not in cycle.terminal:
            ends = cycle.in_order(cycle.terminal)
            raise IllegalTimelineError(f"the last phase: expected one of {ends}, found {order[-1]}")
        for phase in self.phases:
            _refuse_wrong_length(phase, is_end=phase.status in cycle.terminal)
        object.__setattr__(self, "_moments", tuple(_moments(self.cycle, self.phases)))

    def moments(self) -> tuple[Moment, ...]:
        """Every phase with the span it holds, in order."""
        return self._moments

    def at(self, elapsed: timedelta) -> Moment:
        """Where the life stands after `elapsed`; a phase holds from its own instant on."""
        for moment in self._moments:
            if moment.ends is None or elapsed < moment.ends:
                break
        return moment

    def span(self, status: str) -> Moment | None:
        """The span in which this status holds, or None if this life has no such phase."""
        for moment in self._moments:
            if moment.status == status:
                return moment
        return None

    def cut(self, elapsed: timedelta, status: str) -> Timeline:
        """The same life, ended early by `status`; what lies before `elapsed` stays as it was.

        Raises:
            IllegalTransitionError: the status that holds then cannot be followed by `status`.
        """
        here = self.at(elapsed)
        if status not in self.cycle.successors[here.status]:
            raise IllegalTransitionError(f"{here.status} cannot be followed by {status}")
        kept = [
            Phase(moment.status, min(moment.ends, elapsed) - moment.began)
            for moment in self.moments()
            if moment.ends is not None and moment.began <= here.began
        ]
        return Timeline(self.cycle, (*kept, Phase(status)))

    def instead_of(self, status: str, end: str) -> Timeline:
        """The same life, ended by `end` where it would have come to `status`."""
        known = self._ended_otherwise.get((status, end))  # many evaluations live one life
        if known is None:
            order = [phase.status for phase in self.phases]
            known = self
            if status in order:
                phases = (*self.phases[: order.index(status)], Phase(end))
                known = Timeline(self.cycle, phases)
            self._ended_otherwise[status, end] = known
        return known


def _moments(cycle: LifeCycle, phases: Iterable[Phase]) -> Iterator[Moment]:
    began, begun = ZERO, dict[str, timedelta]()
    for phase in phases:
        ends = None if phase.lasts is None else began + phase.lasts
        begun[phase.status] = began
        times = {
            name: next((begun[status] for status in begun if status in told), None)
            for name, told in cycle.times.items()
        }
        yield Moment(phase.status, began, ends, times, cycle.works_in in begun)
        began = ends if ends is not None else began


def _refuse_wrong_length(phase: Phase, *, is_end: bool) -> None:
    if is_end and phase.lasts is not None:
        raise IllegalTimelineError(
            f"{phase.status} ends a life: expected no duration, found {phase.lasts}"
        )
    if not is_end and phase.lasts is None:
        raise IllegalTimelineError(f"{phase.status} must end: expected a duration, found none")
