"""The tally and its report: what was exercised and broken, by whom, with nothing lost."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mockserver.bundled import bundled
from mockserver.core.exchange import Client, Exchange, Kind, Request, Response, Violation
from mockserver.expectations import Expectation
from mockserver.report import Known, report_of
from mockserver.tally import (
    MOST_BREACHES,
    MOST_CLIENTS,
    MOST_ENDS,
    MOST_MISSED,
    REST,
    Breach,
    Breaches,
    Counts,
    Looks,
    Tally,
)
from mockserver.tokens import LONGEST_USER_AGENT, client_of, without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PATIENCE = 20
THREADS = 16
ANNA = Client("anna...", "tests/1", "a")
BERT = Client("bert...", None, "b")
CREATE, GET = "create_evaluation", "get_evaluation"
OXEN = Known("oxen", (CREATE, GET), ("queued", "running", "completed"))
NUGEN = Known("nugen", ("nugen_status", "nugen_list"), ("pending", "done"))

PROMPT = Violation("body /prompt", "a string", "7", Kind.BODY, "is it quoted?")
TOKEN = Violation("header Authorization", "Bearer and a token", "no such header", Kind.SECURITY)
ANSWER = Violation("body /status", "one of these", "lost", Kind.ANSWER)
RULE = Violation("body /status", "what was", "what is", Kind.RULE)


def exchange(  # noqa: PLR0913 because that much of an exchange is counted
    status: int = 200,
    *violations: Violation,
    api: str = "oxen",
    client: Client = ANNA,
    operation: str | None = GET,
    of: str | None = "1",
    seen: str | None = None,
    ended: bool = False,
    fault: str | None = None,
) -> Exchange:
    return Exchange(
        Request("GET", "/"),
        Response(status),
        violations,
        NOW,
        api=api,
        client=client,
        operation_id=operation,
        evaluation_id=of,
        seen=seen,
        ended=ended,
        fault=fault,
    )


def tally_of(exchanges: Iterable[Exchange]) -> Tally:
    tally = Tally()
    for one in exchanges:
        tally.add(one)
    return tally


def end(of: str = "1", client: Client = ANNA, api: str = "oxen") -> Exchange:
    return exchange(client=client, of=of, seen="completed", ended=True, api=api)


def missed(place: str, operation: str | None = GET, met: int = 0) -> Expectation:
    return Expectation("expectation-1", operation, place, 2, met)


def unordered(counts: Counts) -> Counts:
    """The counts without the examples, which are the first ones to come."""
    breaches = {key: replace(value, found="", advice="") for key, value in counts.breaches.items()}
    return replace(counts, breaches=breaches)


def exchanges_of(evaluations: str) -> st.SearchStrategy[list[Exchange]]:
    violations = st.builds(
        Violation,
        st.sampled_from(("body /prompt", "header Accept", "body /status")),
        st.sampled_from(("a string", "a number")),
        st.sampled_from("xyz"),
        st.sampled_from((Kind.BODY, Kind.PARAMETER, Kind.ANSWER, Kind.RULE)),
        awaited=st.booleans(),
    )
    one = st.builds(
        lambda status, found, **rest: exchange(status, *found, **rest),
        st.sampled_from((200, 400, 404, 599)),
        st.lists(violations, max_size=3),
        api=st.sampled_from(("oxen", "nugen")),
        client=st.sampled_from((ANNA, BERT, Client())),
        operation=st.sampled_from((None, CREATE, GET)),
        of=st.sampled_from((None, *evaluations)),
        seen=st.sampled_from((None, "running", "completed")),
        ended=st.booleans(),
        fault=st.sampled_from((None, "fault-1")),
    )
    return st.lists(one, max_size=25)


# -- what is counted ----------------------------------------------------------------------------


def test_a_tally_counts_requests_by_operation_and_status() -> None:
    counts = tally_of(
        [exchange(), exchange(), exchange(404), exchange(404, operation=None)]
    ).counts()
    assert counts.requests == 4
    assert counts.operations == {GET: Counter({200: 2, 404: 1}), None: Counter({404: 1})}


def test_a_tally_counts_what_each_client_saw_of_each_api() -> None:
    counts = tally_of(
        [
            exchange(seen="queued"),
            exchange(seen="running"),
            exchange(seen="running"),
            exchange(404),
            exchange(seen="pending", api="nugen"),
            exchange(client=BERT),
        ]
    ).counts()
    assert counts.clients == {
        ANNA: {
            "oxen": Looks(frozenset({"queued", "running"})),
            "nugen": Looks(frozenset({"pending"})),
        },
        BERT: {"oxen": Looks()},
    }


def test_violations_of_one_kind_are_counted_together_with_the_first_as_an_example() -> None:
    other = replace(PROMPT, found="8", advice="")
    counts = tally_of([exchange(400, PROMPT, TOKEN), exchange(400, other)]).counts()
    assert counts.breaches == {
        Breach(GET, "request", "body /prompt", "a string"): Breaches(2, "7", "is it quoted?"),
        Breach(GET, "request", TOKEN.place, TOKEN.expected): Breaches(1, TOKEN.found, ""),
    }


def test_violations_of_another_operation_or_of_an_answer_are_another_kind() -> None:
    same = replace(PROMPT, kind=Kind.ANSWER)
    counts = tally_of([exchange(400, PROMPT, same), exchange(400, PROMPT, operation=None)]).counts()
    assert [(one.operation, one.of) for one in counts.breaches] == [
        (GET, "request"),
        (GET, "answer"),
        (None, "request"),
    ]


@pytest.mark.parametrize(
    ("violations", "broken_requests", "broken_answers", "awaited"),
    [
        ((), 0, 0, 0),
        ((PROMPT, TOKEN), 1, 0, 0),
        ((ANSWER, RULE), 0, 1, 0),
        ((PROMPT, RULE), 1, 1, 0),
        ((replace(PROMPT, awaited=True),), 0, 0, 1),
        ((replace(PROMPT, awaited=True), TOKEN), 1, 0, 1),
        ((replace(PROMPT, awaited=True), ANSWER), 0, 1, 1),
    ],
)
def test_an_exchange_counts_as_broken_by_whom_it_was_broken(
    violations: tuple[Violation, ...], broken_requests: int, broken_answers: int, awaited: int
) -> None:
    counts = tally_of([exchange(400, *violations)]).counts()
    assert counts.broken_requests == broken_requests
    assert counts.broken_answers == broken_answers
    assert counts.awaited == awaited


def test_what_was_awaited_is_not_told_among_what_was_broken() -> None:
    counts = tally_of([exchange(400, replace(PROMPT, awaited=True), TOKEN)]).counts()
    assert [one.place for one in counts.breaches] == [TOKEN.place]


def test_an_answer_that_a_fault_changed_is_counted() -> None:
    assert tally_of([exchange(fault="fault-1"), exchange()]).counts().faults == 1


# -- polling after the end ----------------------------------------------------------------------


def polls(exchanges: Iterable[Exchange]) -> int:
    counts = tally_of(exchanges).counts()
    return sum(look.polls_after_end for own in counts.clients.values() for look in own.values())


def test_the_first_look_at_an_end_is_no_poll_after_it_and_each_further_one_is() -> None:
    running = exchange(seen="running")
    assert polls([running, running, end()]) == 0
    assert polls([running, end(), end(), end()]) == 2


def test_another_client_or_another_evaluation_or_another_api_has_an_end_of_its_own() -> None:
    assert polls([end(), end(client=BERT), end("2"), end(api="nugen")]) == 0


def test_a_client_of_the_same_looks_with_another_token_is_another_client() -> None:
    assert polls([end(), end(client=replace(ANNA, mark="other"))]) == 0


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(exchange(seen=None, ended=True), id="no status"),
        pytest.param(exchange(seen="running"), id="no end"),
        pytest.param(exchange(seen="completed", ended=True, of=None), id="no evaluation"),
    ],
)
def test_what_shows_no_end_is_no_poll_after_it(shown: Exchange) -> None:
    assert polls([end(), shown, shown]) == 0


def test_after_a_restore_an_end_is_news_again() -> None:
    tally = tally_of([end(), end()])
    tally.forget_ends()
    tally.add(end())
    assert tally.counts().clients[ANNA]["oxen"].polls_after_end == 1
    tally.add(end())
    assert tally.counts().clients[ANNA]["oxen"].polls_after_end == 2


# -- bounds -------------------------------------------------------------------------------------


def test_clients_past_the_bound_are_counted_as_one_without_a_name() -> None:
    clients = [Client(None, f"agent {number}") for number in range(MOST_CLIENTS + 5)]
    looks = [exchange(seen="running", client=client) for client in clients]
    tally = tally_of([*looks, *looks, end(client=clients[-1]), end(client=clients[-1])])
    counts = tally.counts()
    assert counts.requests == 2 * len(clients) + 2
    assert set(counts.clients) == {*clients[:MOST_CLIENTS], REST}
    assert counts.clients[REST]["oxen"] == Looks(frozenset({"running", "completed"}), 1)
    assert (REST.token, REST.user_agent) == (None, None)


def test_kinds_of_violations_past_the_bound_are_counted_in_the_totals_only() -> None:
    places = [replace(PROMPT, place=f"body /{number}") for number in range(MOST_BREACHES + 5)]
    counts = tally_of(exchange(400, place) for place in [*places, *places]).counts()
    assert counts.broken_requests == 2 * len(places)
    assert len(counts.breaches) == MOST_BREACHES
    assert {breaches.count for breaches in counts.breaches.values()} == {2}


def test_the_texts_of_a_violation_are_kept_in_bounded_length() -> None:
    long = Violation("p" * 10_000, "e" * 10_000, "f" * 10_000, Kind.BODY, "a" * 10_000)
    [(breach, breaches)] = tally_of([exchange(400, long)]).counts().breaches.items()
    texts = (breach.place, breach.expected, breaches.found, breaches.advice)
    assert {len(text) for text in texts} == {500}


def test_of_too_many_ends_the_one_not_looked_at_for_longest_is_forgotten() -> None:
    tally = tally_of(end(str(number)) for number in range(MOST_ENDS))
    tally.add(end("0"))
    tally.add(end("one more"))
    tally.add(end("0"))
    assert tally.counts().clients[ANNA]["oxen"].polls_after_end == 2
    tally.add(end("1"))
    assert tally.counts().clients[ANNA]["oxen"].polls_after_end == 2


def test_missed_expectations_are_kept_in_bounded_number() -> None:
    tally, other = Tally(), Tally()
    for number in range(MOST_MISSED + 5):
        tally.miss(missed(f"body /{number}"))
    other.miss(missed("body"))
    other.absorb(tally)
    for one in (tally, other):
        assert len(one.counts().missed) == MOST_MISSED


@given(st.lists(st.integers(0, 40), max_size=6), st.integers(1, 10))
def test_counts_copied_are_the_same_counts_at_their_bounds_too(
    sizes: list[int], copies: int
) -> None:
    total = Tally()
    for part, size in enumerate(sizes):
        clients = (Client(f"{part}", f"{number * 30}") for number in range(size))
        total.absorb(tally_of(exchange(client=client) for client in clients))
    counts = total.counts()
    for _ in range(copies):
        copied = Counts()
        copied.include(counts)
        assert copied == counts


# -- sums ---------------------------------------------------------------------------------------


@given(st.tuples(exchanges_of("abc"), exchanges_of("def"), exchanges_of("ghi")))
def test_absorbing_tallies_is_counting_their_exchanges(parts: tuple[list[Exchange], ...]) -> None:
    total = Tally()
    for part in parts:
        total.absorb(tally_of(part))
    assert total.counts() == tally_of(one for part in parts for one in part).counts()


@given(exchanges_of("abc").flatmap(lambda one: st.tuples(st.just(one), st.permutations(one))))
def test_the_order_of_exchanges_does_not_change_the_counts(
    orders: tuple[list[Exchange], list[Exchange]],
) -> None:
    first, second = (unordered(tally_of(order).counts()) for order in orders)
    assert first == second


def test_a_tally_that_was_absorbed_goes_on_by_itself() -> None:
    total, own = Tally(), tally_of([end()])
    total.absorb(own)
    own.add(end())
    total.add(end())
    assert total.counts().clients[ANNA]["oxen"].polls_after_end == 0
    assert own.counts().clients[ANNA]["oxen"].polls_after_end == 1
    assert own.counts().requests == 2


def test_counts_once_taken_change_no_more() -> None:
    tally = tally_of([exchange(400, PROMPT)])
    before = tally.counts()
    tally.add(exchange(400, PROMPT, seen="running", operation=CREATE))
    tally.add(exchange(404))
    tally.miss(missed("body"))
    assert before == tally_of([exchange(400, PROMPT)]).counts()


def test_a_tally_can_absorb_itself() -> None:
    tally = tally_of([exchange(400, PROMPT)])
    tally.absorb(tally)
    assert tally.counts().requests == 2


def test_sixteen_threads_lose_nothing() -> None:
    mine = [exchange(400, PROMPT, TOKEN), exchange(seen="running"), end(), exchange(fault="f")]
    tally, total, together = Tally(), Tally(), Barrier(THREADS)

    def work(number: int) -> None:
        together.wait(PATIENCE)
        for _ in range(100):
            for one in mine:
                tally.add(replace(one, client=Client(str(number))))
            total.absorb(tally_of(mine))

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(work, number) for number in range(THREADS)]:
            done.result(PATIENCE)
    counts, summed = tally.counts(), total.counts()
    times = THREADS * 100
    for found in (counts, summed):
        assert found.requests == times * len(mine)
        assert found.operations == {GET: Counter({400: times, 200: 3 * times})}
        assert found.broken_requests == found.faults == times
        assert {breaches.count for breaches in found.breaches.values()} == {times}
    looks = {own["oxen"] for own in counts.clients.values()}
    assert looks == {Looks(frozenset({"running", "completed"}), 99)}
    assert len(counts.clients) == THREADS


def test_two_tallies_that_absorb_each_other_at_once_do_not_wait_for_each_other_forever() -> None:
    one, other, together = tally_of([exchange()]), tally_of([exchange()]), Barrier(2)

    def work(mine: Tally, theirs: Tally) -> None:
        together.wait(PATIENCE)
        for _ in range(300):
            mine.absorb(theirs)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(work, one, other), pool.submit(work, other, one)]:
            done.result(PATIENCE)
    assert min(one.counts().requests, other.counts().requests) > 300


# -- the report ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    text = (bundled("spec") / "control.yaml").read_text("utf-8")
    components = yaml.safe_load(text)["components"]
    return {"$ref": "#/components/schemas/Report", "components": components}


def report(tally: Tally, missing: Sequence[Expectation] = ()) -> dict[str, Any]:
    """The report as a client reads it."""
    found: dict[str, Any] = json.loads(json.dumps(report_of(tally, (OXEN, NUGEN), missing, 1)))
    return found


def test_a_report_on_nothing_is_clean_and_has_everything_unused() -> None:
    assert report(Tally()) == {
        "sandboxes": 1,
        "requests": 0,
        "operations": [],
        "unused": [CREATE, GET, "nugen_list", "nugen_status"],
        "clients": [],
        "broken_requests": 0,
        "broken_answers": 0,
        "violations": [],
        "awaited": 0,
        "missing": [],
        "faults": 0,
        "clean": True,
    }


def test_a_report_tells_operations_by_name_and_their_statuses_in_order() -> None:
    found = report(
        tally_of([exchange(404), exchange(), exchange(operation=CREATE), exchange(operation=None)])
    )
    assert found["operations"] == [
        {"operation": CREATE, "codes": {"200": 1}},
        {"operation": GET, "codes": {"200": 1, "404": 1}},
    ]
    assert list(found["operations"][1]["codes"]) == ["200", "404"]
    assert found["unused"] == ["nugen_list", "nugen_status"]
    assert found["requests"] == 4


def test_a_report_tells_the_statuses_that_a_client_saw_and_those_it_never_saw() -> None:
    found = report(
        tally_of(
            [
                exchange(seen="running"),
                exchange(seen="queued"),
                exchange(seen="strange"),
                exchange(seen="pending", api="nugen"),
                exchange(client=BERT),
                exchange(client=BERT, seen="odd", api="third"),
            ]
        )
    )
    anna = {"token": "anna...", "user_agent": "tests/1"}
    bert = {"token": "bert...", "user_agent": None}
    told = [(one["client"], one["api"], one["saw"], one["never_saw"]) for one in found["clients"]]
    assert told == [
        (anna, "nugen", ["pending"], ["done"]),
        (anna, "oxen", ["queued", "running", "strange"], ["completed"]),
        (bert, "oxen", [], []),
        (bert, "third", ["odd"], []),
    ]


def test_a_report_tells_the_most_frequent_violation_first() -> None:
    found = report(
        tally_of([exchange(400, TOKEN, RULE), exchange(400, TOKEN), exchange(500, RULE)])
    )
    assert [(one["place"], one["of"], one["count"]) for one in found["violations"]] == [
        ("body /status", "answer", 2),
        ("header Authorization", "request", 2),
    ]
    assert found["violations"][1] == {
        "operation": GET,
        "of": "request",
        "place": TOKEN.place,
        "expected": TOKEN.expected,
        "found": TOKEN.found,
        "advice": "",
        "count": 2,
    }


def test_a_report_tells_the_missing_expectations_of_the_living_and_the_departed() -> None:
    tally = Tally()
    tally.miss(missed("body /b"))
    found = report(tally, [missed("body /a", met=1), missed("body /c", operation=None)])
    assert found["missing"] == [
        {"operation": None, "place": "body /c", "count": 2, "met": 0},
        {"operation": GET, "place": "body /a", "count": 2, "met": 1},
        {"operation": GET, "place": "body /b", "count": 2, "met": 0},
    ]


@pytest.mark.parametrize(
    ("exchanges", "missing", "clean"),
    [
        pytest.param([exchange(404), exchange(fault="f")], [], True, id="errors and faults"),
        pytest.param([exchange(400, replace(PROMPT, awaited=True))], [], True, id="as expected"),
        pytest.param([exchange(400, PROMPT)], [], False, id="a request"),
        pytest.param([exchange(500, ANSWER)], [], False, id="an answer"),
        pytest.param([exchange()], [missed("body")], False, id="a missing one"),
    ],
)
def test_a_report_is_clean_where_nothing_is_broken_and_nothing_is_missing(
    exchanges: list[Exchange], missing: list[Expectation], clean: bool
) -> None:
    assert report(tally_of(exchanges), missing)["clean"] is clean


@given(exchanges_of("abc"), st.lists(st.builds(missed, st.text(max_size=9))))
def test_every_report_is_one_by_the_published_schema(
    schema: dict[str, Any], exchanges: list[Exchange], missing: list[Expectation]
) -> None:
    found = report(tally_of(exchanges), missing)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(found)] == []
    assert list(found) == schema["components"]["schemas"]["Report"]["required"]


@given(exchanges_of("abc").flatmap(lambda one: st.tuples(st.just(one), st.permutations(one))))
def test_the_order_of_exchanges_does_not_change_the_report_but_for_the_examples(
    orders: tuple[list[Exchange], list[Exchange]],
) -> None:
    first, second = (report(tally_of(order)) for order in orders)
    for one in (*first["violations"], *second["violations"]):
        del one["found"], one["advice"]
    assert first == second


# -- who asked ----------------------------------------------------------------------------------


def client(authorization: str | None = None, agent: str | None = None) -> Client:
    given_ = {"authorization": authorization, "user-agent": agent}
    headers = {name: value for name, value in given_.items() if value is not None}
    return client_of(Request("GET", "/", headers=headers))


@pytest.mark.parametrize(
    ("authorization", "token"),
    [
        (None, None),
        ("", None),
        ("Bearer", None),
        ("Bearer ", None),
        ("Bearer short", "..."),
        ("Bearer 123456789", "1234..."),
        ("bearer   123456789", "1234..."),
        ("Basic YW5uYTpzZWNyZXQ=", "YW5u..."),
        ("a-token-without-a-scheme", "a-to..."),
        ("Bearer sbx_", "sbx_..."),
        ("Bearer sbx_tests%2Ftest_one", "sbx_..."),
    ],
)
def test_of_a_token_a_client_shows_the_start(authorization: str | None, token: str | None) -> None:
    assert client(authorization).token == token
    assert bool(client(authorization).mark) is (token is not None)


def test_tokens_that_start_alike_are_two_clients_and_the_same_one_is_one() -> None:
    one, other = client("Bearer test-token-1"), client("Bearer test-token-2")
    assert one.token == other.token == "test..."  # noqa: S105 because it is no token
    assert one != other
    assert one == client("bearer  test-token-1 ")


def test_tokens_that_name_sandboxes_are_no_identity() -> None:
    assert client("Bearer sbx_one") == client("Bearer sbx_another") != client("Bearer sbx-one-more")


def test_a_user_agent_is_told_in_bounded_length() -> None:
    assert client(agent="tests/1").user_agent == "tests/1"
    assert client(agent="").user_agent is None
    assert client(agent="x" * 10_000).user_agent == "x" * LONGEST_USER_AGENT


@given(st.text(st.characters(codec="latin-1"), min_size=9))
def test_no_client_shows_a_token_whole(token: str) -> None:
    found = client(f"Bearer {token}")
    assert token not in f"{found.token} {found.mark}"


@given(st.text())
def test_whatever_stands_in_the_header_there_is_a_client(header: str) -> None:
    assert client(header) == client(header)


def test_a_control_token_is_a_secret() -> None:
    headers = {"x-mock-control-token": "control-token-0123"}
    told = without_secrets(Request("GET", "/", headers=headers)).headers
    assert told == {"x-mock-control-token": "cont..."}
