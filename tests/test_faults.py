"""Which calls a fault strikes, and what a struck call is answered with."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from threading import Barrier
from typing import Any, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.core.errors import NoRoomError
from mockserver.core.exchange import Response, json_response
from mockserver.faults import MOST_FAULTS, Fault, Faults, Rule, Subject, refusal, spoiled

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
GET = "evaluations.get_evaluation"
LIST = "evaluations.list_evaluations"
SUBJECT = Subject("an-id", frozenset({"running", "in_progress"}), 5)
SOMETHING = Rule(code=503)

maybe = st.none
rules = st.builds(
    Rule,
    operation=st.sampled_from([None, GET, LIST]),
    id=st.sampled_from([None, "an-id", "another-id"]),
    status=st.sampled_from([None, "running", "in_progress", "completed"]),
    after_row=maybe() | st.integers(0, 10),
    nth=maybe() | st.integers(1, 6),
    probability=maybe() | st.floats(0, 1),
    count=maybe() | st.integers(1, 6),
    seconds=maybe() | st.floats(0, 20),
    code=maybe() | st.integers(400, 599),
    retry_after=maybe() | st.integers(0, 86_400),
    delay=maybe() | st.floats(0, 30),
    body=st.sampled_from([None, "truncated", "malformed"]),
)
subjects = st.builds(
    Subject,
    st.sampled_from(["an-id", "another-id"]),
    st.sampled_from([frozenset({"running", "in_progress"}), frozenset({"completed"})]),
    st.integers(0, 10),
)
calls = st.lists(
    st.tuples(st.sampled_from([GET, LIST]), maybe() | subjects, st.integers(0, 3)), max_size=40
)
"""Operation, subject, and seconds since the call before."""
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def faults_of(*rules: Rule, seed: str = "a seed") -> Faults:
    faults = Faults(seed)
    for rule in rules:
        faults.add(rule, NOW)
    return faults


def strikes(faults: Faults, asked: list[tuple[str, Subject | None, int]]) -> list[Fault | None]:
    seconds = accumulate(since for *_, since in asked)
    return [
        faults.strike(operation, subject, NOW + timedelta(seconds=second))
        for (operation, subject, _), second in zip(asked, seconds, strict=True)
    ]


def struck_calls(rule: Rule, number: int, seed: str = "a seed") -> list[int]:
    """Which of so many like calls this rule strikes, counted from 1."""
    faults = faults_of(rule, seed=seed)
    asked = range(1, number + 1)
    return [n for n in asked if faults.strike(GET, SUBJECT, NOW) is not None]


def is_json(raw: bytes) -> bool:
    try:
        json.loads(raw, parse_int=str)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("rule", "is_struck"),
    [
        (Rule(), True),
        (Rule(operation=GET), True),
        (Rule(operation=LIST), False),
        (Rule(operation="get_evaluation"), False),
        (Rule(id="an-id"), True),
        (Rule(id="another-id"), False),
        (Rule(status="running"), True),
        (Rule(status="in_progress"), True),
        (Rule(status="completed"), False),
        (Rule(after_row=0), True),
        (Rule(after_row=5), True),
        (Rule(after_row=6), False),
        (Rule(operation=GET, id="an-id", status="running", after_row=5), True),
        (Rule(operation=GET, id="an-id", status="running", after_row=6), False),
    ],
)
def test_a_rule_strikes_where_all_that_it_says_is_true(*, rule: Rule, is_struck: bool) -> None:
    assert (faults_of(rule).strike(GET, SUBJECT, NOW) is not None) == is_struck


@pytest.mark.parametrize("rule", [Rule(id="an-id"), Rule(status="running"), Rule(after_row=0)])
def test_a_rule_about_an_evaluation_strikes_no_call_that_is_about_none(rule: Rule) -> None:
    faults = faults_of(rule)
    assert faults.strike(LIST, None, NOW) is None
    assert faults.all()[0].matched == 0


def test_a_call_of_no_operation_is_struck_by_a_rule_that_names_none() -> None:
    assert faults_of(Rule(operation=GET)).strike(None, None, NOW) is None
    assert faults_of(SOMETHING).strike(None, None, NOW) is not None


def test_without_a_fault_nothing_is_struck() -> None:
    assert Faults("a seed").strike(GET, SUBJECT, NOW) is None


def test_the_first_fault_that_strikes_keeps_the_call_from_those_after_it() -> None:
    faults = faults_of(Rule(operation=LIST), Rule(nth=2), Rule(count=1), Rule())
    assert [fault and fault.id for fault in strikes(faults, [(GET, SUBJECT, 0)] * 4)] == [
        "fault-3",
        "fault-2",
        "fault-4",
        "fault-4",
    ]
    assert [(fault.matched, fault.struck) for fault in faults.all()] == [
        (0, 0),
        (2, 1),
        (1, 1),
        (2, 2),
    ]


def test_what_is_returned_has_its_strike_counted() -> None:
    faults = faults_of(SOMETHING)
    assert faults.strike(GET, SUBJECT, NOW) == Fault("fault-1", SOMETHING, NOW, 1, 1)
    assert faults.all() == (Fault("fault-1", SOMETHING, NOW, 1, 1),)


@given(st.lists(rules, max_size=5), calls, st.text())
def test_the_same_seed_and_calls_give_the_same_strikes(
    wanted: list[Rule], asked: list[tuple[str, Subject | None, int]], seed: str
) -> None:
    one, other = faults_of(*wanted, seed=seed), faults_of(*wanted, seed=seed)
    assert strikes(one, asked) == strikes(other, asked)
    assert one.all() == other.all()


@given(st.lists(rules, max_size=5), calls, st.data())
def test_what_is_restored_goes_on_where_it_stood(
    wanted: list[Rule], asked: list[tuple[str, Subject | None, int]], data: st.DataObject
) -> None:
    split = data.draw(st.integers(0, len(asked)))
    one, other = faults_of(*wanted), Faults("a seed")
    strikes(one, asked[:split])
    other.restore(one.all(), one.made)
    assert strikes(one, asked[split:]) == strikes(other, asked[split:])
    assert one.add(SOMETHING, NOW) == other.add(SOMETHING, NOW)


@given(st.lists(rules, max_size=5), calls)
def test_no_fault_strikes_more_often_than_it_matches_nor_than_its_count(
    wanted: list[Rule], asked: list[tuple[str, Subject | None, int]]
) -> None:
    faults = faults_of(*wanted)
    struck = [fault.id for fault in strikes(faults, asked) if fault is not None]
    for fault in faults.all():
        assert struck.count(fault.id) == fault.struck <= fault.matched <= len(asked)
        assert fault.rule.count is None or fault.struck <= fault.rule.count
        assert fault.rule.nth is None or fault.struck <= 1


@given(st.lists(rules, max_size=5), calls)
def test_what_is_spent_neither_matches_nor_strikes_again(
    wanted: list[Rule], asked: list[tuple[str, Subject | None, int]]
) -> None:
    faults = faults_of(*wanted)
    strikes(faults, asked)
    later = NOW + timedelta(seconds=sum(seconds for *_, seconds in asked))
    spent = {fault for fault in faults.all() if fault.is_spent(later)}
    for operation, subject, _ in asked:
        faults.strike(operation, subject, later)
    assert spent <= set(faults.all())


@given(st.integers(1, 50), st.integers(0, 60))
def test_count_strikes_the_first_calls_and_no_more(count: int, number: int) -> None:
    assert struck_calls(Rule(count=count), number) == list(range(1, min(count, number) + 1))


@given(st.integers(1, 50), st.integers(0, 60))
def test_nth_strikes_that_call_and_no_other(nth: int, number: int) -> None:
    assert struck_calls(Rule(nth=nth), number) == ([nth] if nth <= number else [])


@given(st.integers(1, 20))
def test_nth_counts_only_the_calls_that_the_rest_is_true_of(nth: int) -> None:
    faults = faults_of(Rule(operation=GET, status="completed", nth=nth))
    done = replace(SUBJECT, names=frozenset({"completed"}))
    asked: list[tuple[str, Subject | None]] = [(LIST, done), (GET, SUBJECT), (GET, None)]
    for _ in range(nth - 1):
        for operation, subject in [*asked, (GET, done)]:
            assert faults.strike(operation, subject, NOW) is None
    assert faults.strike(GET, done, NOW) is not None


@given(st.text())
def test_what_is_impossible_never_strikes_and_what_is_certain_always_does(seed: str) -> None:
    assert struck_calls(Rule(probability=0), 100, seed) == []
    assert struck_calls(Rule(probability=1), 100, seed) == list(range(1, 101))


@given(st.floats(0, 1), st.text())
def test_about_as_many_calls_are_struck_as_is_likely(probability: float, seed: str) -> None:
    share = len(struck_calls(Rule(probability=probability), 2_000, seed)) / 2_000
    assert abs(share - probability) < 0.07  # more than six standard deviations


@given(st.floats(0, 1), st.floats(0, 1))
def test_whatever_is_struck_stays_struck_where_it_is_likelier(one: float, other: float) -> None:
    less, more = sorted([one, other])
    assert set(struck_calls(Rule(probability=less), 50)) <= set(
        struck_calls(Rule(probability=more), 50)
    )


def test_two_faults_and_two_seeds_draw_apart_from_each_other() -> None:
    even = Rule(probability=0.5)
    faults = faults_of(replace(even, operation=GET), replace(even, operation=LIST))
    drawn = [
        [faults.strike(name, None, NOW) is not None for _ in range(64)] for name in (GET, LIST)
    ]
    assert drawn[0] != drawn[1]
    assert struck_calls(even, 64, "one seed") != struck_calls(even, 64, "another seed")


def test_a_seed_of_any_text_can_be_drawn_from() -> None:
    assert struck_calls(Rule(probability=1), 3, "half of a pair \ud800") == [1, 2, 3]


@given(st.timedeltas(min_value=MICROSECOND, max_value=timedelta(days=3_650)))
@example(MICROSECOND)
def test_a_fault_lives_to_the_last_microsecond_of_its_time(lives: timedelta) -> None:
    faults = faults_of(Rule(seconds=lives / timedelta(seconds=1)))
    (fault,) = faults.all()
    ends = fault.expires()
    assert ends == NOW + lives
    assert not fault.is_spent(ends - MICROSECOND)
    assert faults.strike(GET, SUBJECT, ends - MICROSECOND) is not None
    assert faults.strike(GET, SUBJECT, ends) is None
    assert faults.all()[0].is_spent(ends)


def test_a_fault_with_no_second_to_live_never_strikes() -> None:
    assert struck_calls(Rule(seconds=0), 3) == []


def test_a_fault_without_an_end_lives_on() -> None:
    (fault,) = faults_of(SOMETHING).all()
    assert fault.expires() is None
    assert not fault.is_spent(NOW + timedelta(days=365_000))


def test_calls_from_many_threads_are_struck_exactly_as_often_as_is_said() -> None:
    threads, each = 16, 200
    count = threads * each // 2
    faults, together = faults_of(Rule(count=count), Rule(nth=7), Rule()), Barrier(threads)

    def ask() -> list[str]:
        together.wait(20)
        struck = [faults.strike(GET, SUBJECT, NOW) for _ in range(each)]
        return [fault.id for fault in struck if fault is not None]

    with ThreadPoolExecutor(threads) as pool:
        working = [pool.submit(ask) for _ in range(threads)]
        struck = [id_ for work in working for id_ in work.result(20)]
    assert {id_: struck.count(id_) for id_ in set(struck)} == {
        "fault-1": count,
        "fault-2": 1,
        "fault-3": threads * each - count - 1,
    }
    assert [fault.struck for fault in faults.all()] == [count, 1, threads * each - count - 1]


def test_faults_are_told_apart_by_ids_in_order_and_none_is_given_twice() -> None:
    faults = faults_of(SOMETHING, SOMETHING, SOMETHING)
    assert [fault.id for fault in faults.all()] == ["fault-1", "fault-2", "fault-3"]
    assert faults.remove("fault-3")
    assert not faults.remove("fault-3")
    assert faults.add(SOMETHING, NOW).id == "fault-4"
    assert faults.made == 4
    assert [fault.id for fault in faults.all()] == ["fault-1", "fault-2", "fault-4"]


def test_a_fault_that_is_taken_away_strikes_no_more() -> None:
    faults = faults_of(SOMETHING)
    assert faults.remove("fault-1")
    assert faults.strike(GET, SUBJECT, NOW) is None


def test_started_anew_it_gives_the_strikes_it_gave_first() -> None:
    faults = Faults("a seed")
    given_: list[list[Fault | None]] = []
    for _ in range(2):
        faults.restore((), 0)
        assert (faults.all(), faults.made) == ((), 0)
        faults.add(Rule(probability=0.5), NOW)
        given_.append(strikes(faults, [(GET, SUBJECT, 0)] * 64))
    assert given_[0] == given_[1]


def test_a_new_fault_never_takes_the_place_of_a_restored_one() -> None:
    faults = Faults("a seed")
    restored = (Fault("fault-1", SOMETHING, NOW, 3, 2), Fault("fault-2", SOMETHING, NOW))
    faults.restore(restored, made=0)
    added = faults.add(SOMETHING, NOW)
    assert faults.all() == (*restored, added)


def test_there_is_room_for_so_many_faults_and_then_it_says_what_to_do() -> None:
    faults = faults_of(*[Rule(seconds=0)] * MOST_FAULTS)
    with pytest.raises(NoRoomError, match=r"1,000 faults.*DELETE /_mock/faults/.*reset"):
        faults.add(SOMETHING, NOW)
    assert faults.remove("fault-1")
    assert faults.add(SOMETHING, NOW).id == f"fault-{MOST_FAULTS + 1}"


@given(rules)
def test_a_rule_goes_to_json_and_back(rule: Rule) -> None:
    told = json.loads(json.dumps(rule.as_json()))
    assert Rule.of(told) == rule
    assert None not in told.values()


def test_a_rule_says_in_json_only_what_it_was_told() -> None:
    told = {"operation": GET, "after_row": 0, "probability": 0, "code": 503, "retry_after": 0}
    assert Rule.of(told).as_json() == told


def test_an_integer_that_json_has_with_a_point_is_an_integer() -> None:
    rule = Rule.of({"code": 503.0, "nth": 1.0, "count": 2.0, "retry_after": 5.0, "after_row": 0.0})
    assert str(rule.as_json()) == str(
        {"after_row": 0, "nth": 1, "count": 2, "code": 503, "retry_after": 5}
    )


@given(st.integers(400, 599), maybe() | st.integers(0, 86_400))
def test_a_refusal_has_the_code_of_the_rule_and_when_to_come_again(
    code: int, retry_after: int | None
) -> None:
    refused = refusal(Rule(code=code, retry_after=retry_after))
    assert refused.status == code
    assert "a fault on purpose" in refused.detail
    assert refused.headers == (() if retry_after is None else (("Retry-After", str(retry_after)),))


def test_a_rule_without_a_code_refuses_nothing() -> None:
    with pytest.raises(ValueError, match="expected a rule with a code, found"):
        refusal(Rule(delay=1))


@pytest.mark.parametrize(
    ("length", "cut"), [(0, None), (1, 0), (2, 1), (3, 1), (400, 200), (401, 200)]
)
def test_half_of_a_truncated_body_comes_and_something_is_missing(
    length: int, cut: int | None
) -> None:
    whole = Response(200, (("X-Kept", "yes"),), b"x" * length)
    assert spoiled(whole, Rule(body="truncated")) == replace(whole, cut=cut)


@given(json_values, st.text(" \t\r\n"))
@example(12, "")
@example(7, "\n")
@example(-1.25, " ")
@example("an end like a number: 12", "")
@example([[], [1]], "\n\n")
@example({"a": 12}, "")
def test_a_malformed_body_is_no_json(value: object, white: str) -> None:
    whole = Response(200, (), json.dumps(value, ensure_ascii=True).encode() + white.encode())
    short = spoiled(whole, Rule(body="malformed"))
    assert is_json(whole.body)
    assert not is_json(short.body)
    assert (short.cut, short.held) == (None, 0)


@pytest.mark.parametrize(
    ("whole", "short"),
    [
        (b'{"a": [1, 2]}\n', b'{"a": [1, 2]'),
        (b"[1, 2]", b"[1, 2"),
        (b'"12"', b'"12'),
        (b"true", b"tru"),
        (b"12", b"1{"),
        (b"1.5", b"1."),
        (b"7", b""),
        (b'"json" x', b'"json" {'),
        (b"", b""),
        (b" \n", b""),
        (b"1" * 5_001, b"1" * 5_000 + b"{"),
    ],
    ids=lambda body: body[:12].decode(),
)
def test_a_malformed_body_lacks_its_last_character(whole: bytes, short: bytes) -> None:
    assert spoiled(Response(200, (), whole), Rule(body="malformed")).body == short


def test_a_body_too_deep_to_be_read_here_is_no_json_either() -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    short = spoiled(Response(200, (), deep), Rule(body="malformed")).body
    assert short in {deep[:-1], deep[:-1] + b"{"}


@given(st.sampled_from([None, "truncated", "malformed"]), st.floats(0, 30))
def test_an_answer_is_held_back_as_the_rule_says_whatever_becomes_of_its_body(
    body: Literal["truncated", "malformed"] | None, delay: float
) -> None:
    whole = json_response(200, {"a": 1})
    late = spoiled(whole, Rule(body=body, delay=delay))
    assert late == replace(spoiled(whole, Rule(body=body)), held=delay)
    assert (late.status, late.headers) == (200, whole.headers)


def test_a_rule_about_neither_body_nor_delay_leaves_the_answer_alone() -> None:
    whole = json_response(200, {"a": 1})
    assert spoiled(whole, Rule(code=503)) == whole


def test_the_body_of_a_refusal_can_be_spoiled_too() -> None:
    told: dict[str, Any] = {"error": {"type": "unavailable"}}
    rule = Rule(code=503, delay=1, body="malformed")
    late = spoiled(json_response(503, told), rule)
    assert (late.status, late.held, is_json(late.body)) == (503, 1, False)
