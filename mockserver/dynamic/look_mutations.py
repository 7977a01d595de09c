"""Mutations that keep the contract and cannot be true: each breaks one of the temporal rules.

They speak of what an answer shows in the core's words, and find where it stands in the body as
rules tell of it; so they know no API.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mockserver.contract.formats import is_uuid
from mockserver.core import asked as rules_of_requests
from mockserver.core import rules
from mockserver.dynamic.drawer import path_of
from mockserver.dynamic.looking import counted, is_any_text, there, written
from mockserver.dynamic.mutation import Group, Mutation
from mockserver.sandbox import uuid_from

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from mockserver.core.lifecycle import LifeCycle
    from mockserver.core.rules import Sighting
    from mockserver.dynamic.mutation import Edit, Ground

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_MESSAGE = "It broke."


def more_than_all(ground: Ground) -> Iterator[Edit]:
    """More rows are processed than there are."""
    for seen in _looks(ground):
        if (path := counted(ground, seen, "processed")) and "total" in seen.counters:
            yield ground.place(path, int(seen.counters["total"]) + 1)


def not_all_at_the_end(ground: Ground) -> Iterator[Edit]:
    """Rows are missing once the work is done."""
    for seen in _looks(ground):
        path, told = counted(ground, seen, "processed"), "total" in seen.counters
        if path and told and seen.counters["processed"] > 0:
            yield ground.place(path, int(seen.counters["processed"]) - 1)


def something_done_while_queued(ground: Ground) -> Iterator[Edit]:
    """Credits are used before the work begins."""
    for seen in _looks(ground):
        if path := counted(ground, seen, "credits"):
            yield ground.place(path, 0.5)


def less_than_nothing(ground: Ground) -> Iterator[Edit]:
    """Credits below zero are used."""
    for seen in _looks(ground):
        if path := counted(ground, seen, "credits"):
            yield ground.place(path, -0.5)


def tokens_that_do_not_add_up(ground: Ground) -> Iterator[Edit]:
    """Tokens used are one more than prompt and completion tokens together."""
    for seen in _looks(ground):
        if path := counted(ground, seen, "tokens"):
            yield ground.place(path, int(seen.counters["tokens"]) + 1)


def a_text_that_says_otherwise(ground: Ground) -> Iterator[Edit]:
    """A text that is made from other fields does not agree with them."""
    for seen in _looks(ground):
        for name, (_, found) in seen.implied.items():
            if isinstance(found, str) and (path := there(ground, seen, name)):
                yield ground.place(path, f"1{found}")


def an_end_without_its_time(ground: Ground) -> Iterator[Edit]:
    """The time of the end is not set though it has come."""
    for seen in _looks(ground):
        for name, told in seen.cycle.times.items():
            path = there(ground, seen, name)
            is_set = seen.times.get(name) is not None and told & seen.cycle.terminal
            if path and is_set and ground.said_of(path).nullable:
                yield ground.place(path, None)


def a_time_before_its_status(ground: Ground) -> Iterator[Edit]:
    """The time of an end is set though the work still runs."""
    for seen in _looks(ground):
        known = [instant for instant in seen.times.values() if instant is not None]
        for name, hidden in seen.cycle.hides.items():
            unset = seen.times.get(name) is None and seen.is_surely(hidden)
            if unset and known and name in seen.places:
                yield ground.place(path_of(seen.places[name]), written(ground, seen, max(known)))


def times_out_of_order(ground: Ground) -> Iterator[Edit]:
    """A time lies before the one that it follows."""
    for seen in _looks(ground):
        if seen.implied:  # averages and estimates are made from times
            continue
        set_ = [name for name, instant in seen.times.items() if instant is not None]
        for name in set_[1:]:
            earliest = min(instant for instant in seen.times.values() if instant is not None)
            if path := there(ground, seen, name):
                yield ground.place(path, written(ground, seen, earliest - _HOUR))


def a_time_in_the_future(ground: Ground) -> Iterator[Edit]:
    """The end lies after the instant of the answer."""
    for seen in _looks(ground):
        for name, told in seen.cycle.times.items():
            path = there(ground, seen, name)
            if path and seen.times.get(name) is not None and told & seen.cycle.terminal:
                yield ground.place(path, written(ground, seen, ground.sample.now + _DAY))


def an_error_without_its_message(ground: Ground) -> Iterator[Edit]:
    """What went wrong is not said of a run that has ended in an error."""
    for seen in _looks(ground):
        if seen.error_message is not None and (path := there(ground, seen, "error_message")):
            yield ground.place(path, None)


def a_message_without_an_error(ground: Ground) -> Iterator[Edit]:
    """Something is said to have gone wrong with a run that goes well."""
    for seen in _looks(ground):
        if seen.error_message is None and (path := there(ground, seen, "error_message")):
            yield ground.place(path, _MESSAGE)


def another_id(ground: Ground) -> Iterator[Edit]:
    """The answer is about another one than was asked for."""
    if ground.sample.asked.creates:
        return
    for seen in _looks(ground):
        for name in ground.sample.asked.fixed:
            path, told = there(ground, seen, name), str(seen.fixed.get(name))
            if path:
                yield ground.place(path, uuid_from(told) if is_uuid(told) else f"{told}-")


def not_what_was_asked(ground: Ground) -> Iterator[Edit]:
    """What is created is not what the request describes."""
    if not ground.sample.asked.creates:
        return
    for seen in _looks(ground):
        for name, wanted in ground.sample.asked.fixed.items():
            path = there(ground, seen, name)
            is_whole = path is not None and path[-1] == name  # and no object that tells it in part
            if path and is_whole and isinstance(wanted, str) and is_any_text(ground, path):
                yield ground.place(path, f"{wanted}?")


def created_long_ago(ground: Ground) -> Iterator[Edit]:
    """What is created was born a day before its request."""
    if not ground.sample.asked.creates:
        return
    for seen in _looks(ground):
        name = next(iter(seen.cycle.times))
        born, path = seen.times.get(name), there(ground, seen, name)
        if born is not None and path:
            yield ground.place(path, written(ground, seen, born - _DAY))


def _looks(ground: Ground) -> Iterator[Sighting]:
    return (look.seen for look in ground.sample.looks)


# -- the statuses in which each can be done, and breaks nothing else --------------------------


def _works(cycle: LifeCycle) -> Collection[str]:
    return {cycle.works_in}


def _started(cycle: LifeCycle) -> Collection[str]:
    return cycle.reachable[cycle.works_in]


def _ended(cycle: LifeCycle) -> Collection[str]:
    return cycle.terminal


def _timed_ends(cycle: LifeCycle) -> Collection[str]:
    return cycle.terminal & frozenset[str]().union(*cycle.times.values())


def _any(cycle: LifeCycle) -> Collection[str]:
    return cycle.statuses


def _done(cycle: LifeCycle) -> Collection[str]:
    return cycle.whole


def _queued(cycle: LifeCycle) -> Collection[str]:
    return {cycle.initial}


def _explained(cycle: LifeCycle) -> Collection[str]:
    return cycle.explained


def _of_rule(
    edits: Callable[[Ground], Iterator[Edit]],
    rule: Callable[..., object],
    through: Callable[[LifeCycle], Collection[str]],
) -> Mutation:
    def where_it_can_be(ground: Ground) -> Iterator[Edit]:
        looks = _looks(ground)
        if all(seen.statuses <= frozenset(through(seen.cycle)) for seen in looks):
            yield from edits(ground)

    name, broken = edits.__name__.replace("_", "-"), rule.__name__.replace("_", " ")
    return Mutation(name, edits.__doc__ or "", Group.RULE, broken, where_it_can_be, through)


LOOK_MUTATIONS = (
    _of_rule(more_than_all, rules.progress_within_total, _works),
    _of_rule(not_all_at_the_end, rules.finished_work_is_whole, _done),
    _of_rule(something_done_while_queued, rules.the_queue_has_done_nothing, _queued),
    _of_rule(less_than_nothing, rules.counters_are_not_negative, _any),
    _of_rule(tokens_that_do_not_add_up, rules.tokens_add_up, _started),
    _of_rule(a_text_that_says_otherwise, rules.what_follows_from_other_fields_agrees, _any),
    _of_rule(an_end_without_its_time, rules.times_are_set_once_they_have_come, _timed_ends),
    _of_rule(a_time_before_its_status, rules.times_are_set_once_they_have_come, _works),
    _of_rule(times_out_of_order, rules.times_in_order, _any),
    _of_rule(a_time_in_the_future, rules.times_not_in_the_future, _ended),
    _of_rule(an_error_without_its_message, rules.error_message_exactly_when_errored, _explained),
    _of_rule(a_message_without_an_error, rules.error_message_exactly_when_errored, _works),
    _of_rule(another_id, rules_of_requests.the_answer_is_about_what_was_asked, _any),
    _of_rule(not_what_was_asked, rules_of_requests.the_answer_is_about_what_was_asked, _any),
    _of_rule(created_long_ago, rules_of_requests.what_is_created_has_just_begun, _any),
)
