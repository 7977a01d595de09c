"""Mutations that only somebody notices who has looked before: each breaks a rule over two looks.

They are done to an answer that follows others about the same thing, and by itself could be true.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from mockserver.core import rules
from mockserver.core.dataclass import dataclass
from mockserver.dynamic.edits import placed
from mockserver.dynamic.looking import counted, is_any_text, there, written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mockserver.core.exchange import Response
    from mockserver.core.rules import Sighting
    from mockserver.dynamic.mutation import Edit, Ground

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class PairMutation:
    """A way of breaking an answer that follows others.

    Attributes:
        name: as tables have it.
        about: what it does, in a sentence.
        caught_by: the rule that it then breaks, after the answer before it.
        edits: every way of doing it, by all answers before it and itself; none where it cannot
            be done.
    """

    name: str
    about: str
    caught_by: str
    edits: Callable[[Sequence[Ground], Ground], Iterator[Edit]]


def an_answer_from_before(past: Sequence[Ground], later: Ground) -> Iterator[Edit]:
    """An old answer comes again, as from a cache, after a newer status was seen."""
    del later  # which is not sent
    last = _seen(past[-1])
    for ground in past[:-1]:
        if _seen(ground).word != last.word:
            yield partial(_response, ground)


def progress_that_falls(past: Sequence[Ground], later: Ground) -> Iterator[Edit]:
    """Fewer rows are processed than before."""
    was, now = _seen(past[-1]), _seen(later)
    path, done = counted(later, now, "processed"), int(was.counters.get("processed", 0))
    if path and done > 0 and now.is_surely(frozenset({now.cycle.works_in})):
        yield later.place(path, done - 1)


def a_total_that_grows(past: Sequence[Ground], later: Ground) -> Iterator[Edit]:
    """There are more rows than when the work had begun."""
    was, now = _seen(past[-1]), _seen(later)
    path, working = counted(later, now, "total"), frozenset({now.cycle.works_in})
    more = int(was.counters.get("total", 0)) + 1
    is_settled = was.is_surely(working) and now.is_surely(working)
    if path and is_settled and later.sample.agrees(placed(later.sample.told, path, more)):
        yield later.place(path, more)


def a_time_that_moves(past: Sequence[Ground], later: Ground) -> Iterator[Edit]:
    """A time that was set is another one now."""
    was, now = _seen(past[-1]), _seen(later)
    name = next(iter(now.cycle.times))
    if now.implied or was.is_surely(was.cycle.terminal):
        return
    instant, path = now.times.get(name), there(later, now, name)
    if path and instant is not None and was.times.get(name) is not None:
        yield later.place(path, written(later, now, instant - _SECOND))


def a_time_set_too_late(past: Sequence[Ground], later: Ground) -> Iterator[Edit]:
    """A time was unset, and is set now to before that."""
    was, now = _seen(past[-1]), _seen(later)
    earliest = was.now.replace(microsecond=0)
    for name, instant in now.times.items():
        set_ = [other for one, other in now.times.items() if other is not None and one != name]
        path = there(later, now, name)
        unset = name in was.times and was.times[name] is None and instant is not None
        if path and unset and set_ and max(set_) < earliest and not now.implied:
            yield later.place(path, written(later, now, earliest - _SECOND))


def something_after_the_end(past: Sequence[Ground], later: Ground) -> Iterator[Edit]:
    """Credits go on rising after the end."""
    was, now = _seen(past[-1]), _seen(later)
    path = counted(later, now, "credits")
    if path and was.is_surely(was.cycle.terminal):
        yield later.place(path, float(was.counters["credits"]) + 1)


def another_question(past: Sequence[Ground], later: Ground) -> Iterator[Edit]:
    """What was asked of it is something else than before."""
    was, now = _seen(past[-1]), _seen(later)
    for name, told in now.fixed.items():
        path, is_asked = there(later, now, name), name in later.sample.asked.fixed
        if path and not is_asked and was.fixed.get(name) == told and is_any_text(later, path):
            yield later.place(path, f"{told}?")


def _seen(ground: Ground) -> Sighting:
    """What an answer about one thing shows of it."""
    return ground.sample.looks[0].seen


def _response(ground: Ground) -> Response:
    return ground.sample.response


def _of_rule(
    edits: Callable[[Sequence[Ground], Ground], Iterator[Edit]], rule: Callable[..., object]
) -> PairMutation:
    def where_all_show_something(past: Sequence[Ground], later: Ground) -> Iterator[Edit]:
        shown = all(ground.sample.looks for ground in (*past, later))
        return edits(past, later) if past and shown else iter(())

    name, broken = edits.__name__.replace("_", "-"), rule.__name__.replace("_", " ")
    return PairMutation(name, edits.__doc__ or "", broken, where_all_show_something)


PAIR_MUTATIONS: Mapping[str, PairMutation] = {
    one.name: one
    for one in (
        _of_rule(an_answer_from_before, rules.status_follows_the_life_cycle),
        _of_rule(progress_that_falls, rules.counters_never_fall),
        _of_rule(a_total_that_grows, rules.total_is_settled_once_started),
        _of_rule(a_time_that_moves, rules.times_stay),
        _of_rule(a_time_set_too_late, rules.times_appear_when_they_happen),
        _of_rule(something_after_the_end, rules.the_end_is_final),
        _of_rule(another_question, rules.what_was_asked_stays),
    )
}
"""Every one, by its name."""
