"""The Python client: the verbs of the control API, its contract, and what a network can do."""

from __future__ import annotations

import gc
import http.client
import json
import os
import pickle
import subprocess
import sys
import threading
import types
import typing
import warnings
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest
import yaml
from line_server import LineServer, answer
from served import CREATE_BODY, CREATE_PATH, PATIENCE, Served

from mockserver import Client, ControlError, MockserverError, Settings, ThreadServer, create_app
from mockserver.bundled import bundled
from mockserver.client import NotSeenError, UnreachableError, UnusableError, shapes
from mockserver.contract.routes import Match
from mockserver.control.control import load_own_contract

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

EPOCH = "2030-01-01T00:00:00.000000Z"
SETTINGS = Settings(speed=0, seed="7", epoch=datetime(2030, 1, 1, tzinfo=UTC))
CONTRACT = load_own_contract()
SCHEMAS = yaml.safe_load((bundled("spec") / "control.yaml").read_text("utf-8"))["components"][
    "schemas"
]


class Recorded:
    """An app that remembers what it was asked, and says when a poll of the journal begins."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app
        self.asked: list[WSGIEnvironment] = []
        self.polled = threading.Event()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        self.asked.append(environ)
        if "wait=" in environ["QUERY_STRING"]:
            self.polled.set()
        return self.app(environ, start)


@contextmanager
def serving(settings: Settings = SETTINGS) -> Iterator[tuple[ThreadServer, Recorded]]:
    recorded = Recorded(create_app(settings))
    with ThreadServer(recorded) as server:
        yield server, recorded


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadServer]:
    """One server for the tests that keep to a sandbox of their own."""
    with ThreadServer(create_app(SETTINGS)) as server:
        yield server


@pytest.fixture
def client(server: ThreadServer, request: pytest.FixtureRequest) -> Iterator[Client]:
    """A client of a sandbox that is named as users will name theirs."""
    with Client(server.url, sandbox=request.node.nodeid) as client:
        yield client


def ask(
    url: str,
    *,
    token: str = "any-token",  # noqa: S107 no real one
    method: str = "GET",
    body: object = None,
) -> tuple[int, Any]:
    """What a client of the API itself would get."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        raw = None if body is None else json.dumps(body).encode()
        connection.request(method, parts.path, raw, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def refusal_of(call: Any, *arguments: Any, **named: Any) -> ControlError:  # noqa: ANN401 any call
    with pytest.raises(ControlError) as caught:
        call(*arguments, **named)
    return caught.value


# -- the contract -----------------------------------------------------------------------------


def use_everything(client: Client) -> None:
    """Call every method of the client."""
    client.health()
    client.document("control.json")
    client.sandboxes.put("other", rate=0)
    client.sandboxes.get("other")
    list(client.sandboxes.list())
    client.clock.get()
    client.clock.set(rate=0)
    evaluation = client.evaluations.add("happy-path")
    client.evaluations.get(evaluation)
    list(client.evaluations.list())
    client.clock.advance("1s")
    client.evaluations.fail(evaluation, at_row=3)
    client.evaluations.cancel(client.evaluations.add("happy-path"))
    client.evaluations.delete(evaluation)
    client.faults.delete(client.faults.add(code=503))
    client.faults.list()
    client.expectations.delete(client.expectations.add("body /prompt"))
    client.expectations.list()
    client.journal.find()
    client.journal.har()
    client.report()
    client.restore(client.snapshot())
    client.reset()
    client.sandboxes.delete("other")


def test_every_operation_of_the_contract_is_asked_for_by_a_method_and_no_other() -> None:
    with serving() as (server, recorded), Client(server.url) as client:
        use_everything(client)
    asked = set()
    for environ in recorded.asked:
        found = CONTRACT.routes.match(environ["REQUEST_METHOD"], environ["PATH_INFO"])
        assert isinstance(found, Match)
        asked.add(CONTRACT.operations[found.name].id)
    assert asked == {operation.id for operation in CONTRACT.operations.values()}


JSON_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


def differences(hint: Any, schema: Mapping[str, Any], where: str) -> list[str]:  # noqa: ANN401 a type
    """Where a type and a schema say something different about the same JSON."""
    if "$ref" in schema:
        schema = SCHEMAS[schema["$ref"].rpartition("/")[2]]
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    origin, within = typing.get_origin(hint), typing.get_args(hint)
    if "oneOf" in schema:
        [inner] = [one for one in schema["oneOf"] if one.get("type") != "null"]
        return differences(within[0], inner, where)
    if origin is typing.Literal:
        stated = schema.get("enum", [schema.get("const")])
        return [] if [*within] == stated else [f"{where}: {within} and {stated}"]
    if typing.is_typeddict(hint):
        return differences_of_objects(hint, schema, where)
    if origin is list:
        return differences(within[0], schema["items"], f"{where}[]")
    if origin is dict:
        return differences(within[1], schema["additionalProperties"], f"{where}{{}}")
    types_ = within if origin in {typing.Union, types.UnionType} else (hint,)
    told = {JSON_TYPES[one] for one in types_}
    return [] if told == {*kinds} else [f"{where}: {told} and {kinds}"]


def differences_of_objects(hint: Any, schema: Mapping[str, Any], where: str) -> list[str]:  # noqa: ANN401 a type
    hints, properties = typing.get_type_hints(hint), schema["properties"]
    if hints.keys() != properties.keys():
        return [f"{where}: {sorted(hints)} and {sorted(properties)}"]
    if {*hint.__required_keys__} != {*schema.get("required", ())}:
        return [f"{where}: other keys are required"]
    return [
        difference
        for key, inner in hints.items()
        for difference in differences(inner, properties[key], f"{where}.{key}")
    ]


ANSWERED = [
    *("Health", "Clock", "Sandbox", "SandboxPage", "Evaluation", "EvaluationPage", "Change"),
    *("EvaluationDetail", "Fault", "FaultList", "NewFault", "Expectation", "ExpectationList"),
    *(
        "Exchange",
        "JournalPage",
        "Report",
        "Violation",
        "Client",
        "SandboxSettings",
        "Draw",
        "Mood",
    ),
]
KEPT_WHOLE = {"Snapshot", "SnapshotEvaluation", "Har"}
NOT_ANSWERED = {
    *("Nothing", "Problem", "Assumed", "Fixtures", "SandboxOptions", "Rate", "ClockChange"),
    *("Advance", "NewEvaluation", "Outcome", "NewExpectation"),
}


@pytest.mark.parametrize("name", ANSWERED)
def test_the_types_of_answers_have_the_keys_and_types_of_the_schemas(name: str) -> None:
    assert differences(getattr(shapes, name), SCHEMAS[name], name) == []


def test_every_schema_of_the_contract_has_a_type_or_is_known_to_need_none() -> None:
    assert {*ANSWERED} | KEPT_WHOLE | NOT_ANSWERED == SCHEMAS.keys()


# -- which sandbox ----------------------------------------------------------------------------

NAMES = [
    *(
        "tests/test_a.py::test_b[1]",
        "a b",
        "a/b/../c",
        "..",
        "/slash/",
        "ünï→codé",
        "100%",
        "a%2Fb",
    ),
    *("a?b#c;d&e+f", "line\nfeed", "x" * 1_000),
]


@pytest.mark.parametrize("name", NAMES)
def test_header_path_and_token_select_the_same_sandbox_whatever_its_name(
    name: str, server: ThreadServer
) -> None:
    client = Client(server.url, sandbox=name)
    told = client.sandboxes.put(name, seed=f"seed of {name[:9]}")
    assert (told["name"], told["url"]) == (name, client.url)
    assert client.reset()["name"] == name
    assert client.snapshot()["name"] == name
    path = CREATE_PATH
    assert ask(client.url + path, method="POST", body=CREATE_BODY)[0] == 200
    assert ask(server.url + path, method="POST", body=CREATE_BODY, token=client.token)[0] == 200
    assert len(client.journal.find()["exchanges"]) == 2


def test_without_a_name_it_is_the_default_sandbox() -> None:
    with serving() as (server, _), Client(server.url + "/") as client:
        assert client.sandbox == "default"
        assert client.url == server.url
        assert client.token == "sbx_default"  # noqa: S105 a name
        assert client.reset()["name"] == client.snapshot()["name"] == "default"


def test_a_url_that_selects_a_sandbox_is_taken_for_what_it_is(client: Client) -> None:
    again = Client(client.url)
    assert again.sandbox == client.sandbox
    assert again.url == client.url
    again.faults.add(code=503)
    assert len(client.faults.list()) == 1


def test_another_sandbox_of_the_same_server_is_a_client_of_its_own(client: Client) -> None:
    other = client.in_sandbox("the other of two")
    other.clock.advance(30)
    assert other.clock.get()["now"] != client.clock.get()["now"] == EPOCH
    assert [one["name"] for one in client.sandboxes.list()].count(other.sandbox) == 1


@pytest.mark.parametrize(
    "url",
    [
        *("127.0.0.1:4010", "localhost", "", "http://", "ftp://127.0.0.1", "http://127.0.0.1:port"),
        *("http://127.0.0.1/?a=b", "http://me@127.0.0.1", "http://127.0.0.1\n", "http://[::1"),
        *("http://127.0.0.1\0", "http://127.0.0.1 /x"),
    ],
)
def test_a_url_by_which_no_server_is_found_is_told_with_one_that_would_do(url: str) -> None:
    with pytest.raises(UnusableError, match=r"as in http://127\.0\.0\.1:4010") as caught:
        Client(url)
    assert repr(url) in str(caught.value)


def test_a_url_and_a_name_that_select_two_sandboxes_are_refused() -> None:
    with pytest.raises(UnusableError, match="expected one sandbox, found 'b'"):
        Client("http://127.0.0.1:4010/sandbox/a", sandbox="b")


def test_it_works_below_a_prefix_too() -> None:
    with serving(Settings(speed=0, prefix="/hub")) as (server, _):
        client = Client(f"{server.url}/hub", sandbox="a/b")
        assert client.reset()["url"] == client.url == f"{server.url}/hub/sandbox/a%2Fb"
        hint = refusal_of(Client(server.url).reset).detail
        assert "this server was started with --prefix /hub" in hint


# -- time -------------------------------------------------------------------------------------


@pytest.mark.parametrize("span", [30, 30.0, "30s", "0.5m", timedelta(seconds=30)])
def test_a_span_is_seconds_or_a_text_with_a_unit_or_a_timedelta(span: Any, client: Client) -> None:  # noqa: ANN401 any span
    assert client.clock.advance(span)["now"] == "2030-01-01T00:00:30.000000Z"


def test_a_text_without_a_unit_is_no_span(client: Client) -> None:
    with pytest.raises(ValueError, match="expected a duration with units"):
        client.clock.advance("30")


def test_a_clock_is_changed_in_what_is_said_alone(client: Client) -> None:
    assert client.clock.set(step=True) == {"now": EPOCH, "rate": 0, "step": True, "epoch": EPOCH}
    assert client.clock.set(rate=0.0)["step"] is True
    assert client.clock.set(step=False)["rate"] == 0
    assert refusal_of(client.clock.set).status == 400


def test_time_moves_to_the_next_change_and_to_a_status(client: Client) -> None:
    evaluation = client.evaluations.add("happy-path")
    client.clock.advance_to_next(evaluation)
    assert client.evaluations.get(evaluation)["status"] == "running"
    client.clock.advance_until(evaluation["id"], "committing")
    assert client.evaluations.get(evaluation)["status"] == "committing"
    before = client.clock.get()["now"]
    assert client.clock.advance_to_next()["now"] > before
    assert refusal_of(client.clock.advance_until, evaluation, "running").status == 409


# -- evaluations ------------------------------------------------------------------------------


def test_an_evaluation_goes_by_whatever_answer_holds_its_id(client: Client) -> None:
    added = client.evaluations.add("happy-path")
    _, looked_at = ask(added["url"])
    exchange = client.journal.wait(evaluation=added)
    listed = next(one for one in client.evaluations.list() if one["id"] == added["id"])
    nugen = client.evaluations.add("nugen/happy-path")
    _, of_nugen = ask(nugen["url"])
    for thing in (added["id"], added, {"id": added["id"]}, looked_at, exchange, listed):
        assert client.evaluations.get(thing)["id"] == added["id"]
    assert "evaluation_id" in of_nugen
    assert client.evaluations.get(of_nugen)["id"] == nugen["id"]


@pytest.mark.parametrize("thing", [{}, {"status": "running"}, {"evaluation": None}])
def test_what_holds_no_id_is_told_by_its_keys(thing: Any, client: Client) -> None:  # noqa: ANN401 any mapping
    with pytest.raises(TypeError, match=f"expected an id.*found only {', '.join(thing) or 'none'}"):
        client.evaluations.get(thing)


def test_an_evaluation_is_added_with_what_is_different_from_its_fixture(client: Client) -> None:
    added = client.evaluations.add(
        "happy-path", rows=20, repository="ox/cats", evaluation={"name": "Cäts"}
    )
    assert added["repository"] == "ox/cats"
    client.clock.advance_until(added, "completed")
    assert client.evaluations.get(added)["progress"] == {"processed": 20, "total": 20}
    assert ask(added["url"])[1]["evaluation"]["name"] == "Cäts"


def test_an_evaluation_is_cancelled_made_to_fail_and_forgotten(client: Client) -> None:
    first, second = client.evaluations.add("happy-path"), client.evaluations.add("happy-path")
    assert client.evaluations.cancel(first)["status"] == "cancelled"
    failing = client.evaluations.fail(second, at_row=71, message="Out of credits.")
    assert failing["changes"][-1]["status"] == "errored"
    client.clock.advance_until(second, "errored")
    told = ask(second["url"])[1]["evaluation"]
    assert (told["progress"]["processed"], told["error_message"]) == (71, "Out of credits.")
    client.evaluations.delete(second)
    assert refusal_of(client.evaluations.get, second).status == 404


def test_lists_go_on_over_every_page() -> None:
    with serving() as (server, recorded), Client(server.url, sandbox="many") as client:
        added = [client.evaluations.add("happy-path")["id"] for _ in range(180)]
        recorded.asked.clear()
        assert [one["id"] for one in client.evaluations.list()][-180:] == added
        assert len(recorded.asked) == 3
        names = [f"box {number:03}" for number in range(100)]
        for name in names:
            client.sandboxes.put(name)
        listed = [one["name"] for one in client.sandboxes.list()]
        assert listed == ["default", *names, "many"]


# -- faults and expectations ------------------------------------------------------------------


def test_a_fault_strikes_once_it_is_added_and_not_after_it_is_deleted(client: Client) -> None:
    evaluation = client.evaluations.add("happy-path")
    fault = client.faults.add(
        id=evaluation, operation="get_evaluation", code=503, retry_after=5, count=2
    )
    assert ask(evaluation["url"])[0] == 503
    [listed] = client.faults.list()
    assert listed == {**fault, "matched": 1, "struck": 1}
    client.faults.delete(fault)
    assert ask(evaluation["url"])[0] == 200
    assert client.faults.list() == []


def test_an_expectation_is_met_by_the_breach_that_it_says(client: Client) -> None:
    expected = client.expectations.add("body /prompt", count=2)
    ask(client.url + CREATE_PATH, method="POST", body={**CREATE_BODY, "prompt": 7})
    [listed] = client.expectations.list()
    assert listed == {**expected, "met": 1}
    report = client.report()
    assert (report["awaited"], report["broken_requests"], report["clean"]) == (1, 0, False)
    client.expectations.delete(expected["id"])
    assert client.report()["clean"] is True


# -- the journal ------------------------------------------------------------------------------


def test_what_has_come_already_is_waited_for_no_longer(client: Client) -> None:
    evaluation = client.evaluations.add("happy-path")
    ask(evaluation["url"])
    exchange = client.journal.wait(evaluation=evaluation, status_seen="queued", timeout=0)
    assert (exchange["code"], exchange["operation"][-14:]) == (200, "get_evaluation")  # type: ignore[index]
    assert client.journal.find(after=exchange["seq"])["exchanges"] == []
    assert client.journal.cursor() == str(exchange["seq"]) == client.journal.find()["cursor"]


def test_what_comes_while_it_is_waited_for_ends_the_waiting() -> None:
    with serving() as (server, recorded), Client(server.url, sandbox="waits") as client:
        evaluation = client.evaluations.add("happy-path")

        def look() -> None:
            assert recorded.polled.wait(PATIENCE)
            ask(evaluation["url"])

        poller = threading.Thread(target=look)
        poller.start()
        exchange = client.journal.wait(status_seen="queued", timeout=PATIENCE)
        poller.join()
        assert exchange["evaluation"] == evaluation["id"]


def test_waiting_in_vain_says_what_for_and_what_was_seen_last(client: Client) -> None:
    evaluation = client.evaluations.add("happy-path")
    with pytest.raises(NotSeenError, match=r"within 0\.05 s, found none; there was none at all"):
        client.journal.wait(timeout="50ms")
    ask(evaluation["url"])
    with pytest.raises(TimeoutError) as caught:
        client.journal.wait(evaluation=evaluation, status_seen="committing", after=0, timeout=0.05)
    path = evaluation["url"].removeprefix(client.url)
    assert str(caught.value) == (
        f"expected an exchange (evaluation {evaluation['id']}, status_seen committing, after 0) "
        f"within 0.05 s, found none; the last one was 200 GET {path} [queued]"
    )


def page(cursor: int, *exchanges: int) -> bytes:
    told = {"exchanges": [{"seq": seq} for seq in exchanges], "cursor": str(cursor), "lost": False}
    return answer(told)


def test_waiting_goes_on_poll_after_poll_from_where_the_last_one_ended() -> None:
    """As the server answers where nothing comes for 5 s, or where too many wait."""
    with LineServer([[page(4), page(7), page(9, 9)]]) as server, Client(server.url) as client:
        assert client.journal.wait(after=3, timeout=PATIENCE)["seq"] == 9
    queries = [line.split()[1].partition("?")[2] for line in server.lines]
    assert queries == [f"after={after}&wait=5000ms" for after in (3, 4, 7)]


def test_following_yields_what_is_kept_and_then_what_comes(client: Client) -> None:
    evaluation = client.evaluations.add("happy-path")
    ask(evaluation["url"])
    following = client.journal.follow(evaluation=evaluation)
    seen = [next(following)]
    client.clock.advance_until(evaluation, "running")
    ask(evaluation["url"])
    seen.append(next(following))
    assert [exchange["status_seen"] for exchange in seen] == ["queued", "running"]
    [first] = next(client.journal.pages(status_seen="running"))["exchanges"]
    assert first == seen[1]


def test_the_archive_holds_every_exchange(client: Client) -> None:
    ask(client.evaluations.add("happy-path")["url"])
    [entry] = client.journal.har()["log"]["entries"]
    assert entry["response"]["status"] == 200


# -- sandboxes and snapshots ------------------------------------------------------------------


def test_a_sandbox_is_made_as_it_is_told(client: Client) -> None:
    told = client.sandboxes.put(
        client.sandbox,
        seed="mine",
        epoch=datetime(2031, 5, 1, tzinfo=UTC),
        rate=60,
        step=True,
        fixtures={"own": "phases: [queued: 2s, running: 1s, completed]\n"},
        settings={"assume": {"fractional_seconds": True}},
    )
    kept = {name: told[name] for name in ("name", "seed", "epoch", "rate", "step")}
    assert kept == {
        "name": client.sandbox,
        "seed": "mine",
        "epoch": "2031-05-01T00:00:00.000000Z",
        "rate": 60,
        "step": True,
    }
    added = client.evaluations.add("own")
    assert "." in ask(added["url"])[1]["evaluation"]["inserted_at"]


def test_a_deleted_sandbox_is_gone_until_it_is_put_again(client: Client) -> None:
    client.clock.advance(30)
    client.sandboxes.delete(client.sandbox)
    gone = refusal_of(client.clock.get)
    assert gone.status == 410
    assert client.sandbox in gone.detail
    client.sandboxes.put(client.sandbox)
    assert client.clock.get()["now"] == EPOCH


def test_a_snapshot_goes_through_json_into_any_sandbox(client: Client) -> None:
    evaluation = client.evaluations.add("happy-path", evaluation={"name": "Cäts \U0001f408"})
    client.clock.advance_until(evaluation, "running")
    document = json.loads(json.dumps(client.snapshot()))
    client.reset()
    assert refusal_of(client.evaluations.get, evaluation).status == 404
    there = client.in_sandbox(f"{client.sandbox} again")
    made = there.sandboxes.put(f"{client.sandbox} anew", snapshot=document, rate=2)
    assert made["rate"] == 2
    for put_back in (client, there):
        assert put_back.restore(document)["name"] == put_back.sandbox
        assert put_back.evaluations.get(evaluation)["status"] == "running"


def test_the_report_is_of_the_sandbox_or_of_all() -> None:
    with serving() as (server, _):
        clients = [Client(server.url, sandbox=name) for name in ("a", "b")]
        for client in clients:
            ask(client.evaluations.add("happy-path")["url"])
        assert [client.report()["requests"] for client in clients] == [1, 1]
        assert clients[0].report(all=True)["requests"] == 2


# -- refused ----------------------------------------------------------------------------------


def test_a_refusal_says_what_was_wrong_as_facts_and_as_a_sentence(client: Client) -> None:
    refused = refusal_of(client.faults.add, operation="get_evaluation", code=7)
    assert isinstance(refused, MockserverError)
    assert (refused.status, refused.title) == (400, "Bad Request")
    assert str(refused) == refused.detail == "body /code: expected at least 400, found 7"
    assert [violation["place"] for violation in refused.violations] == ["body /code"]
    again = pickle.loads(pickle.dumps(refused))  # noqa: S301 our own
    assert (str(again), again.violations) == (str(refused), refused.violations)


def test_the_control_token_opens_what_is_closed_and_is_never_shown() -> None:
    with serving(Settings(speed=0, control_token="s3cr3t-é")) as (server, _):  # noqa: S106 no real one
        assert Client(server.url).health()["status"] == "ok"
        assert refusal_of(Client(server.url).reset).status == 401
        opened = Client(server.url, control_token="s3cr3t-é")  # noqa: S106 the same
        assert opened.in_sandbox("within").reset()["name"] == "within"
        assert "s3cr3t" not in repr(opened)


def test_a_control_token_that_no_header_can_carry_is_refused_unseen() -> None:
    with pytest.raises(UnusableError, match="without white space") as caught:
        Client("http://127.0.0.1:4010", control_token="s3cr3t\n")  # noqa: S106 no real one
    assert "s3cr3t" not in str(caught.value)


# -- the network ------------------------------------------------------------------------------


@pytest.fixture
def nobody() -> str:
    """The URL of a server that has stopped."""
    with LineServer([]) as server:
        return server.url


def test_a_server_that_is_not_there_is_told_with_how_to_start_it(nobody: str) -> None:
    for call in (Client(nobody).health, Client(nobody).reset):
        with pytest.raises(UnreachableError) as caught:
            call()
        assert isinstance(caught.value, MockserverError)
        assert f"nothing answers at {nobody} (" in str(caught.value)
        assert "`oxen-mock serve`" in str(caught.value)


@pytest.mark.parametrize("host", ["nowhere.invalid", "a..b", "x" * 64])
def test_a_host_that_there_is_not_is_told(host: str) -> None:
    with pytest.raises(UnreachableError, match="nothing answers at http://"):
        Client(f"http://{host}").health()


@pytest.mark.parametrize(
    "other",
    [
        answer("<p>It works!</p>", media_type="text/html"),
        answer("[]"),
        answer({"status": "ok"}, now=None),
        answer('{"status": "error"}', status="404 Not Found"),
        answer("", status="302 Found"),
        answer("no json", status="400 Bad Request", media_type="application/problem+json"),
    ],
)
def test_another_server_is_told_from_ours(other: bytes) -> None:
    with LineServer([[other]]) as server, Client(server.url) as client:
        refused = refusal_of(client.clock.get)
    assert f"{server.url}: expected the control API, found" in str(refused)
    assert "is it `oxen-mock serve` that listens there?" in str(refused)


@pytest.mark.parametrize(
    "other", [b"SSH-2.0-OpenSSH\r\n", b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"]
)
def test_what_speaks_no_http_is_no_server_of_ours(other: bytes) -> None:
    with LineServer([[other], [other]]) as server, Client(server.url) as client:
        with pytest.raises(UnreachableError, match="gave no whole answer to GET /_mock/clock"):
            client.clock.get()
        with pytest.raises(UnreachableError, match="it may have been done all the same"):
            client.reset()


def test_a_server_that_does_not_answer_is_given_up() -> None:
    with (
        LineServer([[None]]) as server,
        Client(server.url, timeout=0.05) as client,
        pytest.raises(UnreachableError, match=r"did not answer GET /_mock/clock within 0\.05 s"),
    ):
        client.clock.get()


CLOCK = answer({"now": EPOCH, "rate": 0, "step": False, "epoch": EPOCH})


def test_a_get_is_sent_again_where_the_server_has_closed_a_kept_connection() -> None:
    """It has read the request and closed: just as if it had closed a moment before."""
    with LineServer([[CLOCK, b""], [CLOCK]]) as server, Client(server.url) as client:
        assert client.clock.get() == client.clock.get()
    assert server.lines == ["GET /_mock/clock HTTP/1.1"] * 3


def test_a_write_is_never_sent_twice() -> None:
    with LineServer([[CLOCK, b""], [CLOCK]]) as server, Client(server.url) as client:
        client.clock.get()
        with pytest.raises(UnreachableError, match="may have been done all the same"):
            client.clock.advance(1)
        assert len(server.asked) == 2
        client.clock.get()


def test_a_write_finds_a_connection_that_was_closed_meanwhile_and_opens_another() -> None:
    with LineServer([[CLOCK], [CLOCK]]) as server, Client(server.url) as client:
        client.clock.get()
        assert server.ended.wait(PATIENCE)
        client.clock.advance(1)
    assert [line.split()[0] for line in server.lines] == ["GET", "POST"]


def test_a_thread_keeps_its_connection_and_shares_it_with_no_other() -> None:
    with LineServer([[CLOCK] * 3, [CLOCK], [CLOCK]]) as server, Client(server.url) as client:
        client.clock.get()
        client.in_sandbox("other").clock.advance(1)
        thread = threading.Thread(target=client.clock.get)
        thread.start()
        thread.join()
        client.clock.get()
        client.close()
        client.clock.get()
    numbers = [number for number, _ in server.asked]
    first, second, third = dict.fromkeys(numbers)
    assert numbers == [first, first, second, first, third]


def test_no_connection_is_left_open_by_a_thread_or_a_client_that_is_gone(
    server: ThreadServer,
) -> None:
    client = Client(server.url)
    thread = threading.Thread(target=client.health)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", ResourceWarning)
        thread.start()
        thread.join()
        client.health()
        del client, thread
        gc.collect()
    assert told == []


def test_many_threads_use_one_client_and_each_gets_its_own_answers(client: Client) -> None:
    wrong: list[object] = []

    def work(number: int) -> None:
        own = client.in_sandbox(f"{client.sandbox} {number}")
        for rows in range(1, 6):
            added = own.evaluations.add("happy-path", rows=rows)
            name = own.reset()["name"]
            if (name, added["fixture"]) != (own.sandbox, "happy-path"):
                wrong.append((name, added))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_opens_a_connection_of_its_own(server: ThreadServer) -> None:
    program = (
        "import os, sys\n"
        "from mockserver import Client\n"
        "client = Client(sys.argv[1])\n"
        "client.health()\n"
        "child = os.fork()\n"
        "for _ in range(50):\n"
        "    assert client.health()['status'] == 'ok'\n"
        "    assert client.clock.get()['rate'] == 0\n"
        "if child:\n"
        "    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, server.url], capture_output=True, timeout=60, check=False
    )
    assert (told.returncode, told.stderr) == (0, b"")


def test_proxies_of_the_environment_are_not_asked(
    client: Client, nobody: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, nobody)
    monkeypatch.delenv("no_proxy", raising=False)
    assert client.health()["status"] == "ok"


def test_it_steers_a_server_in_a_process_of_its_own(tmp_path: Path) -> None:
    with Served("--frozen", "--seed", "7", cwd=tmp_path) as served:
        client = Client(served.url, sandbox="tests/a.py::b[ü]")
        evaluation = client.evaluations.add("happy-path", rows=20)
        client.clock.advance_until(evaluation, "committing")
        assert ask(evaluation["url"])[1]["evaluation"]["status"] == "committing"
        assert client.journal.wait(status_seen="committing")["evaluation"] == evaluation["id"]
        assert client.restore(client.snapshot())["name"] == "tests/a.py::b[ü]"
        assert (
            served.ask(f"/sandbox/{quote('tests/a.py::b[ü]', safe='')}/_mock/clock").status == 200
        )


# -- what it costs ----------------------------------------------------------------------------


def test_importing_it_imports_the_standard_library_and_next_to_nothing_of_ours() -> None:
    program = (
        "import sys; before = {*sys.modules}; from mockserver import Client;"
        "print(*{name for name in {*sys.modules} - before"
        " if name.partition('.')[0] not in sys.stdlib_module_names})"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    ours = {name for name in told.stdout.split() if not name.startswith("mockserver.client")}
    assert ours == {
        "mockserver",
        "mockserver.core",
        "mockserver.core.dataclass",
        "mockserver.core.errors",
        "mockserver.core.plain",
        "mockserver.durations",
    }
