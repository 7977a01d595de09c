"""The state of a sandbox: everything that decides what it answers, as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from mockserver.core.evaluation import Evaluation
    from mockserver.expectations import Expectation
    from mockserver.faults import Fault
    from mockserver.moods import Mood
    from mockserver.store import Key


@dataclass(frozen=True, slots=True)
class State:
    """What there is to know of a sandbox, its fixtures and settings aside.

    Attributes:
        now: the virtual instant at which it was taken.
        made: how many ids have been drawn for evaluations.
        asked: how many ids have been drawn for requests.
        mood: the mood in which answers are drawn, or None.
        drawn: how many seeds have been drawn for answers.
        evaluations: each with the fixture it stands for, or None for a created one.
        watched: what is being polled in step mode, with whether it was seen since the last step.
    """

    now: datetime
    rate: float
    step: bool
    epoch: datetime
    seed: str
    made: int
    asked: int
    mood: Mood | None
    drawn: int
    evaluations: tuple[tuple[Evaluation, str | None], ...]
    faults: tuple[Fault, ...]
    faults_made: int
    expectations: tuple[Expectation, ...]
    expectations_made: int
    watched: tuple[tuple[Key, bool], ...]
