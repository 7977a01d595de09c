"""The one door to drawn answers: a request, a mood and choices in, an answer out.

Nothing else has a say in it: no clock, no sandbox, no answer before it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass
from mockserver.dynamic.broken_lives import broken_life
from mockserver.dynamic.lives import FIRST_BIRTH
from mockserver.dynamic.mutations import MUTATIONS, broken_answer, mutated
from mockserver.dynamic.permitted import published_answer
from mockserver.dynamic.worlds import any_status, sample_of, strict_answer, strict_life
from mockserver.moods import Mood

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mockserver.core.exchange import Response
    from mockserver.dynamic.choices import Choices
    from mockserver.dynamic.drawer import Drawer
    from mockserver.dynamic.wanted import Wanted
    from mockserver.dynamic.worlds import Sample, Through


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn answer.

    Attributes:
        now: the instant at which it was given, in the years in which drawn lives are lived.
        mutation: how it is broken, by name; None where it is not.
    """

    response: Response
    now: datetime
    mutation: str | None
    sample: Sample


def drawn_answer(
    drawer: Drawer, choices: Choices, wanted: Wanted, mood: Mood, through: Through = any_status
) -> Drawn:
    """An answer to a request.

    What the request names stands at one of the statuses that `through` gives of a life cycle.
    """
    return _in_mood(drawer, choices, strict_answer(drawer, choices, wanted, through), mood)


def answer_made_of(
    drawer: Drawer, choices: Choices, wanted: Wanted, mood: Mood, given: Response
) -> Drawn:
    """What a mood makes of an answer that is given."""
    return _in_mood(drawer, choices, sample_of(drawer, wanted, given, FIRST_BIRTH), mood)


def _in_mood(drawer: Drawer, choices: Choices, sample: Sample, mood: Mood) -> Drawn:
    response, mutation = sample.response, None
    if mood is Mood.PUBLISHED:
        response = published_answer(drawer, choices, sample)
    elif mood is Mood.BROKEN and (broken := broken_answer(drawer, choices, sample)) is not None:
        response, mutation = broken
    return Drawn(response, sample.now, mutation, sample)


def answer_broken_by(
    drawer: Drawer, choices: Choices, wanted: Wanted, names: Sequence[str]
) -> Drawn | None:
    """An answer that is broken in one of these ways; None where it came to nothing."""
    mutation = MUTATIONS[choices.pick(names)]
    sample = strict_answer(drawer, choices, wanted, mutation.through)
    response = mutated(mutation, drawer, choices, sample)
    return None if response is None else Drawn(response, sample.now, mutation.name, sample)


def drawn_life(
    drawer: Drawer, choices: Choices, wanted: Wanted, mood: Mood, names: Sequence[str] = ()
) -> tuple[Drawn, ...]:
    """The answers to a request for something that lives, asked again and again until its end.

    A broken life ends with the answer that cannot be true after those before it; where nothing of
    it could be broken, in one of the ways that have these `names`, it is empty.
    """
    samples = strict_life(drawer, choices, wanted)
    lived = tuple(Drawn(one.response, one.now, None, one) for one in samples)
    if mood is Mood.PUBLISHED:
        return tuple(
            replace(one, response=published_answer(drawer, choices, one.sample)) for one in lived
        )
    if mood is Mood.BROKEN:
        broken = broken_life(drawer, choices, samples, names)
        if broken is None:
            return ()
        at, response, name = broken
        return (*lived[:at], replace(lived[at], response=response, mutation=name))
    return lived
