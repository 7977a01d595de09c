"""Strategies for what a client is answered: whole answers, evaluations, and lives of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from hypothesis import assume, reject
from hypothesis import strategies as st

from mockserver.apis.known import FORMS
from mockserver.dynamic import lives as drawn_lives
from mockserver.dynamic.answers import answer_broken_by, drawn_answer, drawn_life
from mockserver.dynamic.edits import at, stands_at
from mockserver.dynamic.mutations import MUTATIONS
from mockserver.dynamic.pair_mutations import PAIR_MUTATIONS
from mockserver.moods import MOODS, Mood
from mockserver.strategies.answer import Answer
from mockserver.strategies.drawing import Drawing
from mockserver.strategies.offered import Offered, offered

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from hypothesis.strategies import DrawFn, SearchStrategy

    from mockserver.core.lifecycle import LifeCycle
    from mockserver.core.timeline import Timeline
    from mockserver.dynamic.wanted import Wanted


def answers(
    operation: str | None = None,
    *,
    mood: str = "strict",
    api: str = "oxen",
    mutations: Sequence[str] = (),
    spec: str | Path | None = None,
) -> SearchStrategy[Answer]:
    """Whole answers of an operation; without a name, of the one that tells an evaluation's status.

    `mood` is "strict" for what this mock sends, "published" for anything that the published
    document permits, "broken" for an answer with one thing broken, which has a name:
    `mutations` are the names to choose from, all of them unless it is said. `spec` is the path of
    a document of the hub's that stands in place of the bundled one.

    Raises:
        ValueError: there is no such operation, API, mood or mutation.
        MockserverError: the document cannot be used.
    """
    where = offered(operation, api, spec)
    known = _mood(mood)
    return _answers(where, known, _names(mutations, MUTATIONS, known))


def lives(
    operation: str | None = None,
    *,
    mood: str = "strict",
    api: str = "oxen",
    mutations: Sequence[str] = (),
) -> SearchStrategy[list[Answer]]:
    """The answers to a client that asks for an evaluation again and again until it has ended.

    A broken one ends with an answer that could be true by itself, and not after those before it.

    Raises:
        ValueError: there is no such operation, API, mood or mutation.
    """
    where = offered(operation, api)
    known = _mood(mood)
    return _lives(where, known, _names(mutations, PAIR_MUTATIONS, known))


def evaluations(*, mood: str = "strict", api: str = "oxen") -> SearchStrategy[dict[str, Any]]:
    """Evaluations at any instant of their lives, as the answer about one holds them.

    Each status is as likely as any other. `mood` is "strict" or "published".

    Raises:
        ValueError: there is no such API or mood; what is broken is a whole answer.
    """
    if _mood(mood) is Mood.BROKEN:
        raise ValueError("mood: expected strict or published, found broken: answers() has those")
    path = offered(None, api).drawer.tells_status[1][:-1]
    whole = answers(mood=mood, api=api).map(lambda answer: answer.json())
    held = whole.filter(lambda body: stands_at(body, path)).map(lambda body: at(body, path))
    return cast("SearchStrategy[dict[str, Any]]", held.filter(lambda one: isinstance(one, dict)))


def timelines(api: str = "oxen", kind: str = "evaluation") -> SearchStrategy[Timeline]:
    """Legal timelines: the statuses that something goes through, and how long each holds.

    Raises:
        ValueError: there is no such API, or it has nothing of this kind.
    """
    if api not in FORMS or kind not in FORMS[api].kinds:
        known = ", ".join(f"{name} {one}" for name, form in FORMS.items() for one in form.kinds)
        raise ValueError(f"expected one of {known}, found {api} {kind}")
    return _timelines(api, kind)


@st.composite
def _answers(draw: DrawFn, where: Offered, mood: Mood, names: Sequence[str]) -> Answer:
    choices = Drawing(draw)
    if not names:
        # First of all, for Hypothesis spreads evenly what comes first.
        status = choices.pick(where.cycle.statuses)
        wanted = _wanted(where, choices)
        through = partial(_alone, status)
        return Answer(drawn_answer(where.drawer, choices, wanted, mood, through), mood)
    wanted = _wanted(where, choices)
    drawn = answer_broken_by(where.drawer, choices, wanted, names)
    return Answer(drawn, mood) if drawn is not None else reject()


def _wanted(where: Offered, choices: Drawing) -> Wanted:
    wanted = where.wanted(choices)
    assume(where.takes(wanted))
    return wanted


def _alone(status: str, _: LifeCycle) -> tuple[str]:
    return (status,)


@st.composite
def _lives(draw: DrawFn, where: Offered, mood: Mood, names: Sequence[str]) -> list[Answer]:
    choices = Drawing(draw)
    drawn = drawn_life(where.drawer, choices, _wanted(where, choices), mood, names)
    assume(drawn)
    return [Answer(one, mood) for one in drawn]


@st.composite
def _timelines(draw: DrawFn, api: str, kind: str) -> Timeline:
    cycle = FORMS[api].kinds[kind].cycle
    return drawn_lives.timeline(Drawing(draw), cycle, cycle.statuses)[0]


def _mood(word: str) -> Mood:
    if word not in MOODS:
        raise ValueError(f"mood: expected one of {', '.join(MOODS)}, found {word!r}")
    return Mood(word)


def _names(names: Sequence[str], known: Collection[str], mood: Mood) -> tuple[str, ...]:
    """These names, if they are known and the mood is for them."""
    if names and mood is not Mood.BROKEN:
        raise ValueError(f'mutations: expected with mood="broken" alone, found with {mood}')
    if unknown := [name for name in names if name not in known]:
        raise ValueError(
            f"mutations: expected any of {', '.join(known)}, found {', '.join(unknown)}"
        )
    return tuple(names)
