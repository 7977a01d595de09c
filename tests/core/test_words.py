"""A rule judges what an answer tells and no more: not what its words leave open, nor is unshown."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lives import (
    ANY_CYCLE,
    BATCHES,
    BORN,
    CYCLES,
    HAPPY,
    NUGEN,
    PATHS,
    Asked,
    AskedTwice,
    asked,
    asked_twice,
    evaluation_of,
    path_to,
    seconds,
)
from sightings import COUNTERS, PLAIN, altered, broken, sighting

from mockserver.apis.nugen.lifecycle import COMPLETED, FAILED, RUNNING, WAITING
from mockserver.apis.nugen.lifecycle import WORDS as NUGEN_WORDS
from mockserver.core.rules import Sighting, check, check_pair

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from mockserver.core.lifecycle import LifeCycle

EITHER_WAY = pytest.mark.parametrize("words", NUGEN_WORDS.values(), ids=NUGEN_WORDS)
NUGENS = evaluation_of(path_to(WAITING, RUNNING, COMPLETED, cycle=NUGEN))
WAITS, RUNS, ENDED = (
    NUGENS.born + seconds(5),
    NUGENS.born + seconds(15),
    NUGENS.born + seconds(25),
)

_INSTANTS = st.integers(0, 60).map(lambda second: BORN + seconds(second))
_LIFE = {
    cycle: st.sampled_from([evaluation_of(path_to(*path, cycle=cycle)) for path in paths])
    for cycle, paths in PATHS.items()
}
_LIES = {
    cycle: st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(COUNTERS[cycle], st.integers(0, 12)),
            **dict.fromkeys(cycle.times, st.none() | _INSTANTS),
            "error_message": st.none() | st.just("it broke"),
        },
    )
    for cycle in CYCLES.values()
}
_SHARED = {
    cycle: st.tuples(*(st.sampled_from("ab") for _ in cycle.statuses)) for cycle in CYCLES.values()
}
_HIDDEN = {
    cycle: st.frozensets(st.sampled_from((*COUNTERS[cycle], *cycle.times)))
    for cycle in CYCLES.values()
}


def tampered(
    draw: st.DrawFn, cycle: LifeCycle, words: Mapping[str, str], now: datetime
) -> Sighting:
    return altered(sighting(draw(_LIFE[cycle]), now, words), **draw(_LIES[cycle]))


@st.composite
def told(draw: st.DrawFn) -> Sighting:
    """Any sighting, true or not, by an API that has two words for all of its statuses."""
    cycle = draw(ANY_CYCLE)
    words = dict(zip(cycle.statuses, draw(_SHARED[cycle]), strict=True))
    return tampered(draw, cycle, words, draw(_INSTANTS))


@st.composite
def told_twice(draw: st.DrawFn) -> tuple[Sighting, Sighting]:
    """Any two of one life or of two, the earlier one first."""
    cycle = draw(ANY_CYCLE)
    words = dict(zip(cycle.statuses, draw(_SHARED[cycle]), strict=True))
    before, after = sorted((draw(_INSTANTS), draw(_INSTANTS)))
    return tampered(draw, cycle, words, before), tampered(draw, cycle, words, after)


def readings(seen: Sighting) -> Iterator[Sighting]:
    """The same sighting once for each status that its word may mean, told in plain words."""
    for status in sorted(seen.statuses):
        yield replace(seen, word=status, words=PLAIN[seen.cycle])


def without(seen: Sighting, hidden: frozenset[str]) -> Sighting:
    """The same sighting by an API that does not show these."""
    counters = {name: value for name, value in seen.counters.items() if name not in hidden}
    times = {name: instant for name, instant in seen.times.items() if name not in hidden}
    return replace(seen, counters=counters, times=times)


# Words that are shared


@given(told())
def test_a_word_of_several_statuses_breaks_a_rule_only_if_each_of_them_would(
    seen: Sighting,
) -> None:
    for reading in readings(seen):
        assert broken(check(seen)) <= broken(check(reading))


@given(told_twice())
def test_two_words_contradict_each_other_only_if_they_do_whatever_they_mean(
    seen: tuple[Sighting, Sighting],
) -> None:
    before, after = seen
    if check_pair(before, after):
        for one, other in product(readings(before), readings(after)):
            assert check_pair(one, other)


@EITHER_WAY
@pytest.mark.parametrize("now", [WAITS, RUNS], ids=["waiting", "running"])
@pytest.mark.parametrize("start", [None, BORN + seconds(1)], ids=["unset", "set"])
def test_nugens_start_may_be_set_or_unset_while_nobody_can_tell_whether_it_waits_or_runs(
    words: Mapping[str, str], now: datetime, start: datetime | None
) -> None:
    seen = altered(sighting(NUGENS, now, words), start_time=start, processed=0)
    assert seen.statuses == {WAITING, RUNNING}
    assert check(seen) == ()


@pytest.mark.parametrize(
    ("now", "start"),
    [pytest.param(WAITS, BORN, id="waiting"), pytest.param(RUNS, None, id="running")],
)
def test_nugens_start_is_judged_where_waiting_and_running_have_words_of_their_own(
    now: datetime, start: datetime | None
) -> None:
    seen = altered(sighting(NUGENS, now, PLAIN[NUGEN]), start_time=start, processed=0)
    assert broken(check(seen)) == {"times_are_set_once_they_have_come"}


@EITHER_WAY
def test_nugens_start_is_set_once_it_has_completed(words: Mapping[str, str]) -> None:
    lie = altered(sighting(NUGENS, ENDED, words), start_time=None, processed=0, total=0)
    assert broken(check(lie)) == {"times_are_set_once_they_have_come"}


@EITHER_WAY
def test_nugen_may_have_failed_with_and_without_a_start(words: Mapping[str, str]) -> None:
    for path in ((WAITING, FAILED), (WAITING, RUNNING, FAILED)):
        seen = sighting(evaluation_of(path_to(*path, cycle=NUGEN)), BORN + seconds(60), words)
        assert (seen.times["start_time"] is not None) is (RUNNING in path)
        assert check(seen) == ()


@EITHER_WAY
def test_what_nugen_has_done_is_not_held_against_a_word_that_may_mean_it_runs(
    words: Mapping[str, str],
) -> None:
    does = {"start_time": WAITS, "processed": 3}
    assert check(altered(sighting(NUGENS, WAITS, words), **does)) == ()
    plainly = altered(sighting(NUGENS, WAITS, PLAIN[NUGEN]), **does)
    assert "the_queue_has_done_nothing" in broken(check(plainly))


@EITHER_WAY
def test_nobody_can_tell_that_nugen_went_back_from_running_to_waiting(
    words: Mapping[str, str],
) -> None:
    before = altered(sighting(NUGENS, RUNS, words), processed=0)
    assert check_pair(before, replace(before, now=RUNS + seconds(1))) == ()
    plainly = replace(before, word=RUNNING, words=PLAIN[NUGEN])
    back = replace(plainly, word=WAITING)
    assert broken(check_pair(plainly, back)) == {"status_follows_the_life_cycle"}


def test_a_word_that_may_follow_is_told_once_however_many_statuses_go_by_it() -> None:
    words = {**PLAIN[BATCHES], "in_progress": "busy", "finalizing": "busy"}
    path = ("validating", "in_progress", "expired")
    before = sighting(evaluation_of(path_to(*path, cycle=BATCHES)), BORN + seconds(15), words)
    (violation,) = check_pair(before, replace(before, word="validating"))
    assert violation.expected == "after busy one of busy, completed, expired, cancelling, cancelled"


@pytest.mark.parametrize("word", ["READY", "waiting", "", "Pending"])
def test_a_word_that_the_api_does_not_have_is_no_sighting(word: str) -> None:
    seen = sighting(NUGENS, WAITS, NUGEN_WORDS["pending"])
    with pytest.raises(ValueError, match=f"^expected one of .*pending.*, found '{word}'$"):
        replace(seen, word=word)


# What is not shown


@given(asked(), st.data())
def test_a_true_answer_passes_whatever_it_does_not_show(ask: Asked, data: st.DataObject) -> None:
    seen = sighting(*ask)
    assert check(without(seen, data.draw(_HIDDEN[seen.cycle]))) == ()


@given(asked_twice(), st.data())
def test_two_true_answers_agree_whatever_either_does_not_show(
    ask: AskedTwice, data: st.DataObject
) -> None:
    evaluation, *instants = ask
    before, after = (
        without(sighting(evaluation, now), data.draw(_HIDDEN[evaluation.timeline.cycle]))
        for now in instants
    )
    assert check_pair(before, after) == ()


@pytest.mark.parametrize("hidden", ["processed", "total"])
def test_finished_work_is_whole_as_far_as_can_be_seen(hidden: str) -> None:
    assert check(without(sighting(NUGENS, ENDED), frozenset({hidden}))) == ()


@pytest.mark.parametrize("hidden", ["tokens", "prompt_tokens", "completion_tokens"])
def test_tokens_add_up_as_far_as_can_be_seen(hidden: str) -> None:
    seen = sighting(evaluation_of(HAPPY), BORN + seconds(15))
    assert check(without(seen, frozenset({hidden}))) == ()
