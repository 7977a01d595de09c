"""The control API as its users meet it: through the app, with the test client.

What one request after the other can show is told by the files `scenarios/control-*.yaml`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from threading import BoundedSemaphore, Event
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire import GOOD

from mockserver import journal as journals
from mockserver import sandboxes
from mockserver.assemble import app_of, assemble
from mockserver.control import journal as control_journal
from mockserver.core import rules
from mockserver.core.exchange import Kind, Violation
from mockserver.journal import Journal
from mockserver.requestlog import line_of
from mockserver.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from werkzeug.test import TestResponse

    from mockserver.core.exchange import Exchange

EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
PATIENCE = 20
SEED_ID = "d0c8585d-1234-5678-abcd-ef0123456789"
OTHER_ID = "61b04bb8-d2c8-4029-8860-554fdece4133"
EVALUATIONS = "/api/repos/ox/cats/evaluations"
SEED_PATH = f"{EVALUATIONS}/{SEED_ID}"
CREATE_PATH = f"{EVALUATIONS}/main/a.parquet"
NUGEN_PATH = "/api/v3/evaluations/eval-xyz789/status"
PAGE = "http://localhost:5173"
EVERY: Mapping[str, tuple[str, object]] = {
    "get_health": ("/_mock/health", None),
    "get_document": ("/_mock/openapi/control.json", None),
    "list_sandboxes": ("/_mock/sandboxes", None),
    "put_sandbox": ("/_mock/sandboxes/made", {}),
    "get_sandbox": ("/_mock/sandboxes/made", None),
    "take_snapshot": ("/_mock/sandboxes/made/snapshot", {}),
    "restore_snapshot": ("/_mock/sandboxes/made/restore", {}),
    "delete_sandbox": ("/_mock/sandboxes/made", {}),
    "get_clock": ("/_mock/clock", None),
    "put_clock": ("/_mock/clock", {"rate": 0}),
    "advance_clock": ("/_mock/clock/advance", {"to": "next"}),
    "list_evaluations": ("/_mock/evaluations", None),
    "add_evaluation": ("/_mock/evaluations", {"fixture": "happy-path"}),
    "get_evaluation": (f"/_mock/evaluations/{SEED_ID}", None),
    "set_outcome": (f"/_mock/evaluations/{OTHER_ID}/outcome", {}),
    "cancel_evaluation": (f"/_mock/evaluations/{SEED_ID}/cancel", {}),
    "delete_evaluation": (f"/_mock/evaluations/{SEED_ID}", {}),
    "add_fault": ("/_mock/faults", {"code": 503}),
    "list_faults": ("/_mock/faults", None),
    "delete_fault": ("/_mock/faults/fault-1", {}),
    "add_expectation": ("/_mock/expectations", {"place": "body"}),
    "list_expectations": ("/_mock/expectations", None),
    "delete_expectation": ("/_mock/expectations/expectation-1", {}),
    "get_journal": ("/_mock/journal", None),
    "get_har": ("/_mock/journal.har", None),
    "get_report": ("/_mock/report", None),
    "reset": ("/_mock/reset", {}),
}
"""Every operation once, in an order in which each can be done."""
WRITES = sorted(name for name, (_, body) in EVERY.items() if body is not None)


class World:
    """A mock whose real time stands still, or a sandbox of one: asked, and steered."""

    def __init__(self, **said: Any) -> None:  # noqa: ANN401 as Settings takes it
        self.heard: list[Exchange] = []
        told = Settings(epoch=EPOCH, seed="control", **said)
        self.mock = assemble(told, real=lambda: 0, listeners=[self.heard.append])
        self.app = app_of(self.mock)
        self.name, self.base = "default", told.prefix

    def sandbox(self, name: str, **options: object) -> World:
        """A sandbox of this mock, made with these options, or made anew."""
        self.steer("PUT", f"/_mock/sandboxes/{name}", options)
        found = copy(self)
        found.name, found.base = name, f"{self.base}/sandbox/{name}"
        return found

    def ask(self, path: str, method: str = "GET", **sent: Any) -> TestResponse:  # noqa: ANN401 as the client takes it
        headers = {"Authorization": "Bearer any-token", **sent.pop("headers", {})}
        client = self.app.test_client()
        return client.open(self.base + path, method=method, headers=headers, **sent)

    def steer(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 because JSON has no type
        answer = self.ask(path, method, json=body)
        assert answer.status_code in {200, 201}, answer.get_data(as_text=True)
        return answer.get_json()

    def get(self, path: str) -> Any:  # noqa: ANN401 the same
        return self.steer("GET", path)

    def post(self, path: str, body: object) -> Any:  # noqa: ANN401 the same
        return self.steer("POST", path, body)

    def now(self) -> datetime:
        return datetime.fromisoformat(self.get("/_mock/clock")["now"])


@pytest.fixture(scope="module")
def mock() -> World:
    return World()


@pytest.fixture
def world(mock: World, request: pytest.FixtureRequest) -> World:
    """A sandbox of this test alone."""
    return mock.sandbox(request.node.originalname)


def problem(answer: TestResponse, status: int) -> dict[str, Any]:
    """The problem that an answer tells, which has to be of this status."""
    told: dict[str, Any] = answer.get_json()
    assert (answer.status_code, told["status"]) == (status, status), told
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert told["type"] == "about:blank"
    assert told["title"]
    assert told["detail"]
    return told


# -- every operation --------------------------------------------------------------------------


def test_every_operation_answers_and_leaves_no_trace_in_the_journal_the_report_or_the_log() -> None:
    world = World()
    operations = world.mock.control.contract.operations.values()
    assert EVERY.keys() == {operation.short for operation in operations}
    methods = {operation.short: operation.method for operation in operations}
    snapshot: object = None
    for name, (path, body) in EVERY.items():
        told = world.steer(methods[name], path, snapshot if name == "restore_snapshot" else body)
        snapshot = told if name == "take_snapshot" else snapshot
        assert world.get("/_mock/journal")["cursor"] == "0", name
        assert world.get("/_mock/report?all=true")["requests"] == 0, name
    assert world.heard == []


@pytest.mark.parametrize("name", WRITES)
def test_every_write_wants_a_json_object_said_to_be_one(mock: World, name: str) -> None:
    path, _ = EVERY[name]
    operations = mock.mock.control.contract.operations.values()
    [method] = [operation.method for operation in operations if operation.short == name]
    is_json = {"Content-Type": "application/json"}
    unsaid = problem(mock.ask(path, method, data=b"{}"), 415)
    assert unsaid["violations"][0]["place"] == "header Content-Type"
    for other in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        problem(mock.ask(path, method, data=b"{}", headers={"Content-Type": other}), 415)
    for body in (b"", b"[]", b"7", b'{"', b"\xff", b'{"no-such-key": 1}'):
        told = problem(mock.ask(path, method, data=body, headers=is_json), 400)
        assert told["violations"][0]["place"].startswith("body"), body
    problem(mock.ask(path, method), 400)


@pytest.mark.parametrize("prefix", ["", "/hub"])
@pytest.mark.parametrize(
    ("said", "headers", "remote", "status"),
    [
        ({}, {"Origin": "http://evil.example"}, "127.0.0.1", 403),
        ({}, {"Origin": "null"}, "127.0.0.1", 403),
        ({}, {"Host": "evil.example"}, "127.0.0.1", 403),
        ({}, {}, "10.0.0.7", 403),
        ({"host": "192.0.2.1"}, {}, "127.0.0.1", 403),
        ({"control_token": "sesame"}, {}, "127.0.0.1", 401),
        ({"control_token": "sesame"}, {"X-Mock-Control-Token": "simsim"}, "127.0.0.1", 401),
        ({"control_origins": (PAGE,)}, {"Origin": "http://evil.example"}, "127.0.0.1", 403),
        ({"open_control": True}, {"Origin": "http://evil.example"}, "127.0.0.1", 403),
    ],
)
def test_nothing_of_a_body_is_read_before_its_sender_is_let_in(
    prefix: str, said: Mapping[str, Any], headers: Mapping[str, str], remote: str, status: int
) -> None:
    class Unread:
        def read(self, *_size: int) -> bytes:
            pytest.fail("the body was read")

        readline = __iter__ = read

    world = World(prefix=prefix, **said)
    environ = {
        "REMOTE_ADDR": remote,
        "wsgi.input": Unread(),
        "CONTENT_LENGTH": "9",
        "CONTENT_TYPE": "application/json",
    }
    for path in ("/_mock/reset", "/sandbox/x/_mock/reset", "/_mock/sandboxes/x/restore"):
        answer = world.ask(path, "POST", headers=headers, environ_overrides=environ)
        assert problem(answer, status)["violations"][0]["expected"], path
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert ("WWW-Authenticate" in answer.headers) == (status == 401)
    assert len(world.mock.engine.sandboxes.all()) == 1


# -- the clock --------------------------------------------------------------------------------

MOVES = st.lists(
    st.one_of(
        st.builds(dict, seconds=st.floats(-10, 1e6) | st.integers(-1, 4 * 10**8)),
        st.just({"to": "next"}),
        st.builds(dict, to=st.just("next"), id=st.sampled_from([SEED_ID, "eval-slow1"])),
        st.sampled_from(["queued", "running", "committing", "pending", "completed"]).map(
            lambda status: {"until": {"id": SEED_ID, "status": status}}
        ),
        st.builds(dict, rate=st.floats(0, 90_000)),
        st.builds(dict, step=st.booleans()),
    ),
    max_size=12,
)


@given(moves=MOVES)
@settings(max_examples=60)
def test_nothing_moves_time_back_and_what_is_refused_does_not_move_it(
    mock: World, moves: list[dict[str, object]]
) -> None:
    world = mock.sandbox("moved", rate=0)
    for move in moves:
        before = world.now()
        is_change = move.keys() & {"rate", "step"}
        path, method = ("/_mock/clock", "PUT") if is_change else ("/_mock/clock/advance", "POST")
        answer = world.ask(path, method, json=move)
        if answer.status_code == 200:
            assert datetime.fromisoformat(answer.get_json()["now"]) == world.now() >= before
        else:
            problem(answer, 409 if answer.status_code == 409 else 400)
            assert world.now() == before


def test_going_to_the_next_change_comes_past_every_change_of_every_fixture_once(
    world: World,
) -> None:
    ids = [one["id"] for one in world.get("/_mock/evaluations")["evaluations"]]
    lives = [world.get(f"/_mock/evaluations/{id_}") for id_ in ids]
    expected = {change["at"] for life in lives for change in life["changes"]}
    start = world.get("/_mock/clock")["now"]
    passed = []
    to_next = partial(world.ask, "/_mock/clock/advance", "POST", json={"to": "next"})
    while (moved := to_next()).status_code == 200:
        passed.append(moved.get_json()["now"])
    problem(moved, 409)
    assert passed == sorted(at for at in expected if at > start)
    assert len(passed) > 20


# -- evaluations ------------------------------------------------------------------------------


def paged(world: World, path: str, key: str) -> Iterator[list[dict[str, Any]]]:
    """The pages of a list, by following the links from one to the next."""
    host = copy(world)
    host.base, link = "", world.base + path
    while link:
        page = host.get(link)
        yield page[key]
        link = page["next"]


@pytest.mark.parametrize("prefix", ["", "/hub"])
def test_lists_come_in_pages_of_a_hundred_and_their_links_lead_through_all(prefix: str) -> None:
    root = World(prefix=prefix)
    names = [f"s{number:03}" for number in range(101)]
    world, *_ = [root.sandbox(name) for name in names]
    pages = [*paged(root, "/_mock/sandboxes", "sandboxes")]
    assert [len(page) for page in pages] == [100, 2]
    assert [one["name"] for page in pages for one in page] == ["default", *names]
    added = [world.post("/_mock/evaluations", {"fixture": "slow"})["id"] for _ in range(210)]
    pages = [*paged(world, "/_mock/evaluations", "evaluations")]
    assert [len(page) for page in pages] == [100, 100, 34]
    assert [one["id"] for page in pages for one in page][24:] == added
    assert world.get("/_mock/evaluations?offset=234")["evaluations"] == []
    for _ in range(120):
        world.get(SEED_PATH)
    first = world.get("/_mock/journal")
    rest = world.get(f"/_mock/journal?after={first['cursor']}")
    pages = [first["exchanges"], rest["exchanges"]]
    assert [one["seq"] for page in pages for one in page] == [*range(1, 121)]
    assert (len(pages[0]), rest["cursor"]) == (100, "120")


@pytest.mark.parametrize("row", [0, 1, 50, 71, 99, 100])
def test_one_that_is_to_fail_at_a_row_has_done_so_many_in_the_end_and_lives_as_before_till_then(
    mock: World, row: int
) -> None:
    plain, failing = (mock.sandbox(name, seed="twins", rate=0) for name in ("one", "other"))
    for world in (plain, failing):
        world.post("/_mock/clock/advance", {"seconds": 5})
    told = failing.ask(f"/_mock/evaluations/{SEED_ID}/outcome", "POST", json={"at_row": row})
    if row < 5:
        problem(told, 409)  # more than that are done
        return
    seen, bodies = [], [plain.get(SEED_PATH), failing.get(SEED_PATH)]
    while bodies[1]["evaluation"]["status"] != "errored":
        assert bodies[0] == bodies[1]
        seen.append(bodies[1]["evaluation"]["progress"]["processed"])
        for world in (plain, failing):
            world.post("/_mock/clock/advance", {"seconds": 0.25})
        bodies = [plain.get(SEED_PATH), failing.get(SEED_PATH)]
    assert seen == sorted(seen)
    assert max(seen) <= row
    for _ in range(2):
        ended = failing.get(SEED_PATH)["evaluation"]
        assert ended["progress"] == {"processed": row, "total": 100}
        assert ended["error_message"] == f"Made to fail at row {row}."
        failing.post("/_mock/clock/advance", {"seconds": 86_400})


def test_a_reset_leaves_everything_but_time_as_it_was_at_the_start(world: World) -> None:
    def facts() -> dict[str, Any]:
        told: dict[str, Any] = world.post(f"/_mock/sandboxes/{world.name}/snapshot", {})
        now = datetime.fromisoformat(told.pop("now"))
        for one in told["evaluations"]:
            one["born"] = datetime.fromisoformat(one["born"]) - now
        return told

    def created() -> tuple[str, str]:
        answer = world.ask(CREATE_PATH, "POST", json=GOOD)
        return answer.get_json()["evaluation"]["id"], answer.headers["x-oxen-request-id"]

    before, first = facts(), created()
    for method, path, body in (
        ("PUT", "/_mock/clock", {"rate": 3, "step": True}),
        ("POST", "/_mock/evaluations", {"fixture": "slow"}),
        ("POST", f"/_mock/evaluations/{SEED_ID}/cancel", {}),
        ("POST", f"/_mock/evaluations/{OTHER_ID}/outcome", {"at_row": 3}),
        ("DELETE", "/_mock/evaluations/eval-slow1", {}),
        ("POST", "/_mock/faults", {"code": 503, "nth": 9}),
        ("POST", "/_mock/expectations", {"place": "body"}),
        ("POST", "/_mock/clock/advance", {"seconds": 1000}),
    ):
        world.steer(method, path, body)
    assert facts() != before
    now = world.now()
    assert world.post("/_mock/reset", {})["exchanges"] == 0
    assert world.now() == now
    assert (facts(), created()) == (before, first)


# -- the journal ------------------------------------------------------------------------------


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> Event:
    """Set once somebody is about to wait for an exchange."""
    is_waiting, find = Event(), Journal.find

    def told(self: Journal, *said: Any, **named: Any) -> Any:  # noqa: ANN401 as it is
        is_waiting.set()
        return find(self, *said, **named)

    monkeypatch.setattr(Journal, "find", told)
    return is_waiting


def test_waiting_ends_when_the_answer_of_another_thread_has_come_that_was_wanted(
    world: World, waiting: Event
) -> None:
    query = "after=0&wait=5s&operation=get_evaluation&status_seen=running"
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(world.get, f"/_mock/journal?{query}")
        assert waiting.wait(PATIENCE)
        world.get(SEED_PATH)
        world.ask(NUGEN_PATH)
        assert not answer.done()
        world.post("/_mock/clock/advance", {"until": {"id": SEED_ID, "status": "running"}})
        world.get(SEED_PATH)
        told = answer.result(PATIENCE)
    assert [(one["seq"], one["status_seen"]) for one in told["exchanges"]] == [(3, "running")]
    assert told["cursor"] == "3"


def test_waiting_is_for_a_bounded_time_and_for_a_bounded_number(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    find = Journal.find

    def told(self: Journal, after: int, wanted: Any, most: int, seconds: float) -> Any:  # noqa: ANN401 as it is
        waited.append(seconds)
        return find(self, after, wanted, most, seconds)

    monkeypatch.setattr(Journal, "find", told)
    monkeypatch.setattr(control_journal, "LONGEST_WAIT", 0.05)
    assert world.get("/_mock/journal?wait=99999s") == {
        "exchanges": [],
        "cursor": "0",
        "lost": False,
    }
    nobody_else = BoundedSemaphore(1)
    monkeypatch.setattr(control_journal, "_waiting", nobody_else)
    with nobody_else:
        world.get("/_mock/journal?wait=1s")
    world.get("/_mock/journal?wait=1ms")
    assert waited == [0.05, 0.0, 0.001]


def test_of_a_journal_that_had_to_make_room_what_was_lost_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "MOST_EXCHANGES", 3)
    for _ in range(5):
        world.get(SEED_PATH)
    for after, (seqs, lost) in {
        0: ([3, 4, 5], True),
        1: ([3, 4, 5], True),
        2: ([3, 4, 5], False),
        4: ([5], False),
        5: ([], False),
    }.items():
        told = world.get(f"/_mock/journal?after={after}")
        assert ([one["seq"] for one in told["exchanges"]], told["lost"]) == (seqs, lost)


def test_a_cursor_of_a_sandbox_that_was_made_anew_is_one_of_the_future(mock: World) -> None:
    mock.sandbox("cursor").get(SEED_PATH)
    told = problem(mock.sandbox("cursor").ask("/_mock/journal?after=1"), 404)
    assert "started anew" in told["detail"]


SECRETS = {
    "Authorization": ["Bearer {}", "bearer  {}", "Basic {}", "{}", "Bearer {} more", "Digest x={}"],
    "X-Mock-Control-Token": ["{}"],
    "Cookie": ["session={}"],
    "X-Api-Key": ["{}"],
    "Proxy-Authorization": ["Basic {}"],
}


def test_no_credential_is_shown_whole_wherever_exchanges_are_told() -> None:
    secret = "s3cr3t-Tok3n-of-somebody"  # noqa: S105 that is the point
    world = World(tokens=("the-other-secret", "another-secret"), control_token="the-way-in")  # noqa: S106 the same
    let_in = {"X-Mock-Control-Token": "the-way-in"}
    for name, forms in SECRETS.items():
        for form in forms:
            for path in (SEED_PATH, NUGEN_PATH, "/nowhere", f"{SEED_PATH}?x=%00", "/_mock/clock"):
                world.ask(path, headers={name: form.format(secret)})
                world.ask(path, "POST", headers={name: form.format(secret)}, json={"prompt": 7})
    world.ask(SEED_PATH, headers={"Authorization": "Bearer the-other-secret"})
    assert len(world.heard) == 2 * 4 * sum(map(len, SECRETS.values())) + 1
    paths = ("journal", "journal.har", "report", "report?all=true", "sandboxes", "evaluations")
    answers = [world.ask(f"/_mock/{path}", headers=let_in) for path in paths]
    answers.append(world.ask("/_mock/sandboxes/default/snapshot", "POST", json={}, headers=let_in))
    assert {answer.status_code for answer in answers} == {200}
    told = [answer.get_data(as_text=True) for answer in answers]
    told += [line_of(exchange, colour=False) for exchange in world.heard]
    for text in told:
        for whole in (secret, "the-other-secret", "another-secret", "the-way-in"):
            assert whole not in text
    assert "s3cr..." in told[0]


# -- the report -------------------------------------------------------------------------------


def test_the_report_on_all_sums_over_those_that_were_deleted_evicted_reset_or_made_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    ways: dict[str, Callable[[World], object]] = {
        "deleted": lambda one: world.steer("DELETE", f"/_mock/sandboxes/{one.name}", {}),
        "reset": lambda one: one.post("/_mock/reset", {}),
        "anew": lambda one: world.sandbox(one.name),
        "evicted": lambda _: [world.sandbox(f"more-{number}") for number in range(4)],
    }
    world.get(SEED_PATH)
    for number, (name, depart) in enumerate(ways.items(), 1):
        one = world.sandbox(name)
        one.post("/_mock/expectations", {"place": f"body /{name}"})
        one.post("/_mock/faults", {"operation": "get_evaluation", "code": 503, "nth": 2})
        for _ in range(2):
            one.ask(SEED_PATH)
        one.ask(CREATE_PATH, "POST", json={**GOOD, "prompt": number})
        with monkeypatch.context() as patch:
            patch.setattr(sandboxes, "MOST_SANDBOXES", 4)
            depart(one)
        told = world.get("/_mock/report?all=true")
        codes = {one["operation"].rpartition(".")[2]: one["codes"] for one in told["operations"]}
        assert codes == {
            "get_evaluation": {"200": 1 + number, "503": number},
            "create_evaluation": {"400": number},
        }
        assert (told["requests"], told["faults"]) == (1 + 3 * number, number)
        assert (told["broken_requests"], told["clean"]) == (number, False)
        assert [one["place"] for one in told["missing"]] == sorted(
            f"body /{way}" for way in list(ways)[:number]
        )
    problem(world.ask("/sandbox/evicted/_mock/report"), 410)
    assert world.get("/_mock/report")["requests"] == 1


def test_an_answer_of_ours_that_breaks_the_contract_or_a_rule_counts_against_us(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = world.mock.engine.sandboxes.find(world.name).sandbox
    [right] = sandbox.anywhere(SEED_ID)
    wrong = replace(right, fixed={**right.fixed, "prompt": None})
    sandbox.set_fixtures({"oxen/happy-path": wrong})
    assert world.ask(SEED_PATH).status_code == 500
    sandbox.set_fixtures({"oxen/happy-path": right})
    broken = Violation("body /evaluation", "what a rule says", "something else", Kind.RULE)
    monkeypatch.setattr("mockserver.sightings.is_surely_true", lambda _seen: False)
    monkeypatch.setattr(rules, "check", lambda _seen: (broken,))
    assert world.ask(SEED_PATH).status_code == 500
    told = world.get("/_mock/report")
    assert (told["broken_answers"], told["broken_requests"], told["clean"]) == (2, 0, False)
    found = {(one["of"], one["place"]) for one in told["violations"]}
    assert found == {("answer", "body /evaluation/prompt"), ("answer", "body /evaluation")}
    world.post("/_mock/expectations", {"place": "*"})  # nobody expects them of us
    world.ask(SEED_PATH)
    assert world.get("/_mock/report")["broken_answers"] == 3
