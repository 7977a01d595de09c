"""The temporal rules let every true sighting pass, and each catches the lie it is named after."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from inspect import getmembers, isgeneratorfunction
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lives import (
    BATCHES,
    BORN,
    HAPPY,
    MICROSECOND,
    NUGEN,
    Asked,
    AskedTwice,
    asked,
    asked_twice,
    cancelled_in_time,
    evaluation_of,
    instants_of,
    lengths,
    lives,
    path_to,
    seconds,
)
from sightings import PLAIN, WORDS, altered, broken, in_whole_seconds, sighting

from mockserver.apis.nugen.lifecycle import COMPLETED as DONE
from mockserver.apis.nugen.lifecycle import FAILED, WAITING
from mockserver.apis.nugen.lifecycle import RUNNING as AT_WORK
from mockserver.apis.oxen.lifecycle import Status
from mockserver.core import rules
from mockserver.core.evaluation import boundary_instants
from mockserver.core.exchange import Kind, Violation
from mockserver.core.rules import OF_ONE, OF_TWO, Sighting, check, check_pair
from mockserver.core.sure import is_surely_true, surely_follows
from mockserver.core.timeline import ZERO

if TYPE_CHECKING:
    from mockserver.core.evaluation import Evaluation

SOON = timedelta(hours=1)

FAILING = path_to(Status.QUEUED, Status.RUNNING, Status.ERRORED)
QUEUED = sighting(evaluation_of(HAPPY), BORN + seconds(5))
RUNNING = sighting(evaluation_of(HAPPY), BORN + seconds(15))
COMMITTING = sighting(evaluation_of(HAPPY), BORN + seconds(25))
COMPLETED = sighting(evaluation_of(HAPPY), BORN + SOON)
ERRORED = sighting(evaluation_of(FAILING), BORN + SOON)
REFUSED = sighting(evaluation_of(path_to(Status.QUEUED, Status.ERRORED)), BORN + SOON)
CANCELLED = sighting(evaluation_of(HAPPY).cancel(BORN + seconds(15)), BORN + SOON)
WITHDRAWN = sighting(evaluation_of(HAPPY).cancel(BORN + seconds(5)), BORN + SOON)
NUGENS = evaluation_of(path_to(WAITING, AT_WORK, DONE, cycle=NUGEN))
NUGEN_WAITS = sighting(NUGENS, BORN + seconds(5))
NUGEN_RUNS = sighting(NUGENS, BORN + seconds(15))
NUGEN_DONE = sighting(NUGENS, BORN + SOON)
NUGEN_FAILED = sighting(evaluation_of(path_to(WAITING, FAILED, cycle=NUGEN)), BORN + SOON)
BATCH = evaluation_of(
    path_to("validating", "in_progress", "finalizing", "cancelling", "cancelled", cycle=BATCHES)
)
VALIDATING = sighting(BATCH, BORN + seconds(5))
FINALIZING = sighting(BATCH, BORN + seconds(25))
CANCELLING = sighting(BATCH, BORN + seconds(35))
BATCH_CANCELLED = sighting(BATCH, BORN + SOON)
INVALID = sighting(evaluation_of(path_to("validating", "failed", cycle=BATCHES)), BORN + SOON)
GOOD = (
    *(QUEUED, RUNNING, COMMITTING, COMPLETED, ERRORED, REFUSED, CANCELLED, WITHDRAWN),
    *(NUGEN_WAITS, NUGEN_RUNS, NUGEN_DONE, NUGEN_FAILED),
    *(VALIDATING, FINALIZING, CANCELLING, BATCH_CANCELLED, INVALID),
)

LIES: tuple[tuple[str, Sighting, dict[str, Any]], ...] = (
    ("counters_are_not_negative", QUEUED, {"credits": Decimal("-0.1")}),
    ("counters_are_not_negative", RUNNING, {"processed": -1}),
    ("counters_are_not_negative", REFUSED, {"processed": -2, "total": -1}),
    ("counters_are_not_negative", QUEUED, {"prompt_tokens": -1, "tokens": -1}),
    ("counters_are_not_negative", QUEUED, {"completion_tokens": -1, "tokens": -1}),
    ("progress_within_total", RUNNING, {"processed": 11}),
    ("progress_within_total", CANCELLED, {"total": 1}),
    ("the_queue_has_done_nothing", QUEUED, {"total": 10}),
    ("the_queue_has_done_nothing", QUEUED, {"prompt_tokens": 1, "tokens": 1}),
    ("the_queue_has_done_nothing", VALIDATING, {"total": 10}),
    ("unstarted_work_has_no_progress", REFUSED, {"processed": 1, "total": 10}),
    ("unstarted_work_has_no_progress", CANCELLED, {"started_at": None}),
    ("unstarted_work_has_no_progress", NUGEN_FAILED, {"processed": 1}),
    ("unstarted_work_has_no_progress", NUGEN_RUNS, {"start_time": None}),
    ("finished_work_is_whole", COMPLETED, {"processed": 9}),
    ("finished_work_is_whole", COMMITTING, {"processed": 9}),
    ("finished_work_is_whole", NUGEN_DONE, {"processed": 9}),
    ("finished_work_is_whole", FINALIZING, {"processed": 9}),
    ("tokens_add_up", RUNNING, {"tokens": 0}),
    ("tokens_add_up", COMPLETED, {"prompt_tokens": 0}),
    ("what_follows_from_other_fields_agrees", RUNNING, {"implied": {"done": ("50%", "40%")}}),
    ("what_follows_from_other_fields_agrees", NUGEN_RUNS, {"implied": {"average": (None, 0.5)}}),
    ("what_follows_from_other_fields_agrees", NUGEN_DONE, {"implied": {"average": (0.5, None)}}),
    ("times_are_set_once_they_have_come", QUEUED, {"started_at": BORN}),
    ("times_are_set_once_they_have_come", RUNNING, {"started_at": None, "processed": 0}),
    (
        "times_are_set_once_they_have_come",
        COMMITTING,
        {"started_at": None, "processed": 0, "total": 0},
    ),
    (
        "times_are_set_once_they_have_come",
        COMPLETED,
        {"started_at": None, "processed": 0, "total": 0},
    ),
    ("times_are_set_once_they_have_come", COMPLETED, {"completed_at": None}),
    ("times_are_set_once_they_have_come", COMMITTING, {"completed_at": COMMITTING.now}),
    ("times_are_set_once_they_have_come", CANCELLED, {"cancelled_at": None}),
    ("times_are_set_once_they_have_come", RUNNING, {"cancelled_at": RUNNING.now}),
    ("times_are_set_once_they_have_come", QUEUED, {"inserted_at": None}),
    (
        "times_are_set_once_they_have_come",
        NUGEN_DONE,
        {"start_time": None, "processed": 0, "total": 0},
    ),
    ("times_are_set_once_they_have_come", NUGEN_RUNS, {"created_at": None}),
    ("times_are_set_once_they_have_come", NUGEN_RUNS, {"end_time": NUGEN_RUNS.now}),
    ("times_are_set_once_they_have_come", NUGEN_FAILED, {"end_time": None}),
    ("times_are_set_once_they_have_come", CANCELLING, {"cancelling_at": None}),
    ("times_are_set_once_they_have_come", CANCELLING, {"completed_at": BORN + seconds(25)}),
    ("times_are_set_once_they_have_come", INVALID, {"in_progress_at": BORN + seconds(10)}),
    ("error_message_exactly_when_errored", ERRORED, {"error_message": None}),
    ("error_message_exactly_when_errored", RUNNING, {"error_message": "it broke"}),
    ("error_message_exactly_when_errored", NUGEN_FAILED, {"error_message": "it broke"}),
    ("error_message_exactly_when_errored", INVALID, {"error_message": None}),
    ("times_in_order", RUNNING, {"started_at": BORN - SOON}),
    ("times_in_order", COMPLETED, {"completed_at": BORN}),
    ("times_in_order", CANCELLED, {"cancelled_at": BORN}),
    ("times_in_order", NUGEN_DONE, {"end_time": BORN}),
    ("times_in_order", BATCH_CANCELLED, {"cancelling_at": BORN}),
    ("times_not_in_the_future", QUEUED, {"inserted_at": QUEUED.now + seconds(1)}),
    ("times_not_in_the_future", RUNNING, {"started_at": RUNNING.now + seconds(1)}),
    ("times_not_in_the_future", COMPLETED, {"completed_at": COMPLETED.now + seconds(1)}),
    ("times_not_in_the_future", CANCELLED, {"cancelled_at": CANCELLED.now + seconds(1)}),
)
"""A rule, a good sighting, and what to alter in it so that this rule alone speaks."""

CONTRADICTIONS: tuple[tuple[str, Sighting, dict[str, Any]], ...] = (
    ("status_follows_the_life_cycle", RUNNING, {"status": "queued"}),
    ("status_follows_the_life_cycle", COMMITTING, {"status": Status.CANCELLED}),
    ("status_follows_the_life_cycle", COMPLETED, {"status": Status.RUNNING}),
    ("status_follows_the_life_cycle", COMPLETED, {"status": Status.ERRORED, "tokens": 10**6}),
    ("status_follows_the_life_cycle", NUGEN_DONE, {"status": "pending"}),
    ("status_follows_the_life_cycle", CANCELLING, {"status": "completed"}),
    ("counters_never_fall", RUNNING, {"processed": 0}),
    ("counters_never_fall", RUNNING, {"total": 9}),
    ("counters_never_fall", RUNNING, {"prompt_tokens": 0}),
    ("counters_never_fall", RUNNING, {"completion_tokens": 0}),
    ("counters_never_fall", RUNNING, {"tokens": 0}),
    ("counters_never_fall", COMMITTING, {"credits": Decimal()}),
    ("total_is_settled_once_started", RUNNING, {"total": 11}),
    ("total_is_settled_once_started", NUGEN_WAITS, {"total": 11}),
    ("total_is_settled_once_started", FINALIZING, {"total": 11}),
    ("times_stay", RUNNING, {"started_at": None}),
    ("times_stay", QUEUED, {"inserted_at": BORN + seconds(1)}),
    ("times_stay", COMMITTING, {"started_at": BORN + seconds(11)}),
    (
        "times_appear_when_they_happen",
        QUEUED,
        {"status": Status.RUNNING, "total": 10, "started_at": BORN + seconds(4)},
    ),
    (
        "times_appear_when_they_happen",
        COMMITTING,
        {"status": Status.COMPLETED, "completed_at": BORN + seconds(24)},
    ),
    (
        "times_appear_when_they_happen",
        RUNNING,
        {"status": Status.CANCELLED, "cancelled_at": BORN + seconds(14)},
    ),
    ("the_end_is_final", COMPLETED, {"credits": Decimal(7)}),
    ("the_end_is_final", REFUSED, {"total": 10}),
    ("the_end_is_final", REFUSED, {"started_at": REFUSED.now}),
    ("the_end_is_final", WITHDRAWN, {"started_at": WITHDRAWN.now}),
    ("the_end_is_final", CANCELLED, {"completed_at": CANCELLED.now}),
    ("the_end_is_final", CANCELLED, {"processed": 10}),
    ("the_end_is_final", ERRORED, {"error_message": "it broke otherwise"}),
    ("the_end_is_final", NUGEN_FAILED, {"start_time": NUGEN_FAILED.now}),
    ("the_end_is_final", BATCH_CANCELLED, {"completed_at": BATCH_CANCELLED.now}),
)
"""A rule, a good sighting, and what to alter in it so that it contradicts the good one."""

MOVED_ENDS: tuple[tuple[Sighting, dict[str, Any]], ...] = (
    (COMPLETED, {"completed_at": BORN + seconds(31)}),
    (COMPLETED, {"completed_at": None}),
    (CANCELLED, {"cancelled_at": BORN + seconds(16)}),
    (CANCELLED, {"started_at": None}),
    (ERRORED, {"inserted_at": BORN - seconds(1)}),
    (NUGEN_DONE, {"end_time": None}),
)
"""A good sighting of an end, and a time that is set in it and cannot become this one."""

REWRITTEN = (
    pytest.param({**RUNNING.fixed, "model": "another"}, id="altered"),
    pytest.param({"prompt": RUNNING.fixed["prompt"]}, id="dropped"),
    pytest.param({**RUNNING.fixed, "target": "cats.csv"}, id="added"),
)


def named(table: tuple[tuple[str, Sighting, dict[str, Any]], ...]) -> list[str]:
    return [f"{rule}-{seen.word}-{'-'.join(lies)}" for rule, seen, lies in table]


def assert_true(seen: list[Sighting]) -> None:
    for one in seen:
        assert check(one) == ()
    for before, after in combinations_with_replacement(seen, 2):
        assert check_pair(before, after) == ()


@given(lives(), st.data())
def test_every_legal_life_passes_every_rule_at_every_instant(
    evaluation: Evaluation, data: st.DataObject
) -> None:
    """In the words of its API, and where those do not tell every status in plain ones too."""
    drawn = data.draw(st.lists(instants_of(evaluation), max_size=3))
    instants = sorted({*boundary_instants(evaluation), *drawn})
    spoken = WORDS[evaluation.timeline.cycle]
    plain = PLAIN[evaluation.timeline.cycle]
    assert_true([sighting(evaluation, now, spoken) for now in instants])
    if plain != spoken:
        assert_true([sighting(evaluation, now, plain) for now in instants])


@given(lives())
def test_a_life_whose_times_are_told_in_whole_seconds_passes_every_rule(
    evaluation: Evaluation,
) -> None:
    instants = boundary_instants(evaluation)
    assert_true([in_whole_seconds(sighting(evaluation, now)) for now in instants])


@given(cancelled_in_time(), lengths(ZERO, SOON))
def test_a_poller_who_cancels_between_two_looks_sees_no_contradiction(
    ask: Asked, later: timedelta
) -> None:
    evaluation, now = ask
    cancelled = sighting(evaluation.cancel(now), now + later)
    for instant in (*boundary_instants(evaluation), now):
        if instant <= now:
            assert check_pair(sighting(evaluation, instant), cancelled) == ()


@pytest.mark.parametrize("seen", GOOD, ids=lambda seen: seen.word)
def test_the_good_sightings_that_are_altered_below_are_good(seen: Sighting) -> None:
    assert check(seen) == ()
    assert check_pair(seen, seen) == ()


@pytest.mark.parametrize(("rule", "seen", "lies"), LIES, ids=named(LIES))
def test_a_sighting_that_cannot_be_true_is_caught_by_the_rule_it_breaks_alone(
    rule: str, seen: Sighting, lies: dict[str, Any]
) -> None:
    assert broken(check(altered(seen, **lies))) == {rule}


@pytest.mark.parametrize(("rule", "seen", "lies"), CONTRADICTIONS, ids=named(CONTRADICTIONS))
def test_a_contradiction_of_what_was_seen_is_caught_by_the_rule_it_breaks_alone(
    rule: str, seen: Sighting, lies: dict[str, Any]
) -> None:
    assert broken(check_pair(seen, altered(seen, **lies))) == {rule}


@pytest.mark.parametrize(("seen", "lies"), MOVED_ENDS)
def test_a_time_that_moves_after_the_end_did_not_stay_and_was_not_final(
    seen: Sighting, lies: dict[str, Any]
) -> None:
    assert broken(check_pair(seen, altered(seen, **lies))) == {
        "times_stay",
        "the_end_is_final",
    }


@pytest.mark.parametrize(
    ("started", "rules_broken"),
    [
        pytest.param(seconds(5), set(), id="the second of the look"),
        pytest.param(
            seconds(5) - MICROSECOND, {"times_appear_when_they_happen"}, id="the second before"
        ),
    ],
)
def test_a_time_may_appear_in_the_second_of_the_look_that_did_not_show_it(
    started: timedelta, rules_broken: set[str]
) -> None:
    before = replace(QUEUED, now=BORN + seconds(5.9))
    after = altered(RUNNING, started_at=BORN + started)
    assert broken(check_pair(before, after)) == rules_broken


@pytest.mark.parametrize("fixed", REWRITTEN)
def test_what_was_asked_can_be_neither_altered_nor_dropped_nor_added_to(
    fixed: dict[str, object],
) -> None:
    after = replace(RUNNING, fixed=fixed)
    assert broken(check_pair(RUNNING, after)) == {"what_was_asked_stays"}


def test_a_total_may_be_told_in_advance_where_the_life_cycle_announces_it_and_nowhere_else() -> (
    None
):
    waits = sighting(NUGENS, BORN + seconds(5), PLAIN[NUGEN])
    assert (waits.word, waits.counters) == (WAITING, {"processed": 0, "total": 10})
    assert check(waits) == check(NUGEN_WAITS) == ()
    secretive = replace(NUGEN, announces_total=False)
    for lie in (altered(QUEUED, total=10), replace(waits, cycle=secretive)):
        assert broken(check(lie)) == {"the_queue_has_done_nothing"}


def test_a_total_that_is_not_announced_may_grow_until_the_work_starts() -> None:
    assert check_pair(QUEUED, altered(RUNNING, total=11)) == ()
    assert check_pair(VALIDATING, altered(FINALIZING, total=11)) == ()


def test_what_follows_from_other_fields_may_stand_there_as_it_follows() -> None:
    for agreed in ("50%", None, 0):
        assert check(altered(RUNNING, implied={"done": (agreed, agreed)})) == ()


def test_every_rule_has_a_counter_example_above() -> None:
    assert {rule.__name__ for rule in OF_ONE} == {rule for rule, *_ in LIES}
    assert {rule.__name__ for rule in OF_TWO} == {
        *(rule for rule, *_ in CONTRADICTIONS),
        "what_was_asked_stays",
    }


def test_every_rule_that_is_written_is_also_asked() -> None:
    written = {
        name for name, _ in getmembers(rules, isgeneratorfunction) if not name.startswith("_")
    }
    asked = [rule.__name__ for rule in (*OF_ONE, *OF_TWO)]
    assert written == set(asked)
    assert len(written) == len(asked)


def test_every_breach_is_told_and_not_just_the_first() -> None:
    lie = altered(QUEUED, processed=-1, credits=Decimal(-1), started_at=BORN + SOON)
    assert broken(check(lie)) == {
        "counters_are_not_negative",
        "times_are_set_once_they_have_come",
        "times_not_in_the_future",
    }
    assert len(check(lie)) == 4


def test_a_time_is_held_against_the_latest_of_those_before_it_and_not_just_the_last() -> None:
    lie = altered(COMPLETED, started_at=BORN - seconds(20), completed_at=BORN - seconds(10))
    assert [(v.place, v.expected) for v in check(lie)] == [
        ("body /started_at", f"not before {BORN}"),
        ("body /completed_at", f"not before {BORN}"),
    ]


def test_a_violation_says_where_what_was_expected_and_what_was_found() -> None:
    lie = altered(RUNNING, processed=11)
    expected = "at most the total 10"
    advice = "rule: progress within total"
    (violation,) = check(replace(lie, places={"processed": "body /evaluation/progress"}))
    told = Violation("body /evaluation/progress", expected, "11", Kind.RULE, advice)
    assert (violation, violation.rule) == (told, "progress within total")
    assert check(lie)[0].place == "body /processed"


def test_a_violation_of_two_sightings_says_what_was_seen_before() -> None:
    after = altered(RUNNING, status="queued", places={"status": "there"})
    (violation,) = check_pair(altered(RUNNING, places={"status": "where it was"}), after)
    assert violation == Violation(
        "there",
        "after running one of running, committing, completed, errored, cancelled",
        "queued",
        Kind.RULE,
        "rule: status follows the life cycle",
    )
    assert violation.rule == "status follows the life cycle"


def test_a_violation_calls_what_is_missing_null_and_shortens_what_is_long() -> None:
    (unset,) = check(altered(COMPLETED, completed_at=None))
    (wordy,) = check(altered(RUNNING, error_message="x" * 1000))
    (untold,) = check(altered(RUNNING, implied={"average": (None, 0.5)}))
    assert unset.found == "null"
    assert wordy.found == "x" * 80
    assert untold.expected.startswith("null, ")


@given(asked_twice())
def test_what_broke_no_rule_breaks_none_when_it_is_shown_again(ask: AskedTwice) -> None:
    evaluation, before, after = ask
    first = sighting(evaluation, before)
    again = replace(first, now=after)
    assert check(first) == check(again) == check_pair(first, again) == ()


ANY_LIES = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from([*Status]),
        **dict.fromkeys(("processed", "total", "prompt_tokens", "tokens"), st.integers(-1, 100)),
        **dict.fromkeys(
            ("inserted_at", "started_at", "completed_at", "cancelled_at"),
            st.none() | st.integers(-60, 60).map(lambda count: BORN + seconds(count)),
        ),
        "error_message": st.none() | st.just("it broke"),
        "fixed": st.just({"prompt": "another"}),
    },
)


@given(asked_twice(), ANY_LIES, ANY_LIES)
def test_a_quick_yes_is_never_given_to_what_a_rule_forbids(
    ask: AskedTwice, lies: dict[str, Any], others: dict[str, Any]
) -> None:
    evaluation, earlier, later = ask
    if evaluation.timeline.cycle is BATCHES or evaluation.timeline.cycle is NUGEN:
        lies, others = {}, {}
    before = altered(sighting(evaluation, earlier), **lies)
    after = altered(sighting(evaluation, later), **others)
    for seen in (before, after):
        assert not (is_surely_true(seen) and check(seen))
    if not check(before) and not check(after):
        assert not (surely_follows(before, after) and check_pair(before, after))


@given(asked())
def test_what_is_true_gets_the_quick_yes(ask: Asked) -> None:
    seen = sighting(*ask)
    assert is_surely_true(seen)
    assert surely_follows(seen, seen)
