"""Sandboxes: made on first use or as asked, deleted, given up, and then gone until made anew."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.assemble import Mock, app_of, assemble
from mockserver.sandboxes import LONGEST_IDLE
from mockserver.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from werkzeug.test import TestResponse

EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
SEED_ID = "d0c8585d-1234-5678-abcd-ef0123456789"
EVALUATIONS = "/api/repos/ox/cats/evaluations"
SEED_PATH = f"{EVALUATIONS}/{SEED_ID}"
NUGEN_PATH = "/api/v3/evaluations/eval-xyz789/status"
TOKEN = {"Authorization": "Bearer any-token"}
GOOD: Mapping[str, object] = {
    "prompt": "Is it a cat? {image}",
    "input_type": "image",
    "output_type": "text",
    "model_id": "41148aa1-906c-411c-b84b-847d980e8896",
    "target_column": "answer",
}
OWN_ID = "aaaaaaaa-0000-4000-8000-000000000001"
LIFE: list[object] = [{"queued": "10s"}, {"running": "10s"}, "completed"]
OWN: Mapping[str, object] = {"phases": LIFE, "evaluation": {"id": OWN_ID}}
SECOND = 1_000_000_000
HOUR = 3600 * SECOND


class World:
    """A mock whose real time moves only when it is told to."""

    def __init__(self, **said: Any) -> None:  # noqa: ANN401 because settings are of many types
        self.real = 0
        settings = {"epoch": EPOCH, "seed": "7", **said}
        self.mock: Mock = assemble(Settings(**settings), real=lambda: self.real)
        self.app = app_of(self.mock)
        self.client = self.app.test_client()

    def ask(self, path: str, name: str | None = None, **sent: Any) -> TestResponse:  # noqa: ANN401 as the client takes it
        named = {} if name is None else {"X-Mock-Sandbox": quote(name, safe="")}
        headers = {**TOKEN, **named, **sent.pop("headers", {})}
        return self.client.open(path, headers=headers, **sent)

    def post(self, path: str, name: str | None = None, **body: object) -> TestResponse:
        return self.ask(path, name, method="POST", json=body)

    def put(self, name: str, **options: object) -> TestResponse:
        return self.client.put(path_of(name), json=options)

    def made(self, name: str, **options: object) -> Any:  # noqa: ANN401 because JSON has no type
        answer = self.put(name, **options)
        assert answer.status_code in {200, 201}, answer.get_data(as_text=True)
        return answer.get_json()

    def told(self, name: str) -> Any:  # noqa: ANN401 because JSON has no type
        answer = self.client.get(path_of(name))
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()

    def names(self) -> list[str]:
        return [one["name"] for one in self.client.get("/_mock/sandboxes").get_json()["sandboxes"]]

    def created(self, name: str | None = None, **sent: Any) -> str:  # noqa: ANN401 as the client takes it
        answer = self.ask(
            f"{EVALUATIONS}/main/a.parquet", name, method="POST", json={**GOOD}, **sent
        )
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return str(answer.get_json()["evaluation"]["id"])

    def status(self, id_: str, name: str | None = None) -> str:
        answer = self.ask(f"{EVALUATIONS}/{id_}", name)
        if answer.status_code != 200:
            return str(answer.status_code)
        return str(answer.get_json()["evaluation"]["status"])

    def clock(self, name: str | None = None) -> str:
        return str(self.ask("/_mock/clock", name).get_json()["now"])[11:19]


def path_of(name: str) -> str:
    return f"/_mock/sandboxes/{quote(name, safe='')}"


@pytest.fixture(scope="module")
def shared() -> World:
    """For tests that keep to sandboxes of their own, and to names of their own."""
    return World(speed=0)


# -- made on first use ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "after_a_minute"),
    [({"speed": 0}, "12:00:00"), ({"speed": 1}, "12:01:00"), ({"speed": 60}, "13:00:00")],
    ids=str,
)
def test_a_sandbox_that_is_made_on_first_use_is_as_the_server_was_started(
    said: dict[str, Any], after_a_minute: str
) -> None:
    world = World(**said)
    assert world.clock("new") == "12:00:00"
    told = world.told("new")
    assert (told["epoch"], told["seed"], told["step"]) == (
        "2026-03-01T12:00:00.000000Z",
        "7",
        False,
    )
    assert told["rate"] == said["speed"]
    world.real = 60 * SECOND
    assert world.clock("new") == after_a_minute
    assert world.clock("newer") == "12:00:00"  # each starts at the epoch


def test_sandboxes_of_one_seed_give_the_same_ids_and_of_another_seed_others() -> None:
    world = World(speed=0)
    world.made("other", seed="8")
    ids = [[world.created(name) for _ in range(3)] for name in (None, "one", "two", "other")]
    assert ids[0] == ids[1] == ids[2]
    assert not set(ids[0]) & set(ids[3])


def test_without_an_epoch_a_sandbox_starts_now() -> None:
    world = World(epoch=None, speed=0)
    before = datetime.now(UTC)
    epoch = datetime.fromisoformat(world.made("now")["epoch"])
    assert before <= epoch <= datetime.now(UTC)


def test_the_servers_assumptions_and_fixtures_hold_in_every_sandbox(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(json.dumps(OWN), "utf-8")
    world = World(fixtures=(tmp_path,), assume={"malformed_id_status": 400})
    for name in (None, "used", "made"):
        if name == "made":
            world.made(name)
        assert world.status(OWN_ID, name) == "queued"
        assert world.status("malformed", name) == "400"


def test_what_happens_in_a_sandbox_happens_in_no_other(shared: World) -> None:
    created = shared.created("mine")
    shared.post("/_mock/clock/advance", "mine", seconds=5)
    shared.post("/_mock/faults", "mine", code=503, operation="create_evaluation")
    shared.post("/_mock/expectations", "mine", place="body /prompt")
    assert shared.status(created, "mine") == "running"
    assert shared.status(created, "yours") == "404"
    assert shared.clock("yours") == shared.clock() == "12:00:00"
    for path, key in (("/_mock/faults", "faults"), ("/_mock/expectations", "expectations")):
        assert len(shared.ask(path, "mine").get_json()[key]) == 1
        assert shared.ask(path, "yours").get_json()[key] == []
    assert shared.ask("/_mock/report", "mine").get_json()["requests"] == 2
    assert shared.ask("/_mock/report", "yours").get_json()["requests"] == 1
    assert len(shared.ask("/_mock/journal", "yours").get_json()["exchanges"]) == 1


def test_asked_by_many_at_once_for_the_first_time_a_sandbox_is_made_once() -> None:
    world, together = World(speed=0), Barrier(32)

    def work(_: int) -> str:
        together.wait(20)
        path = f"/sandbox/new{EVALUATIONS}/main/a.parquet"
        answer = world.app.test_client().post(path, json=dict(GOOD), headers=TOKEN)
        return str(answer.get_json()["evaluation"]["id"])

    with ThreadPoolExecutor(32) as pool:
        ids = list(pool.map(work, range(32)))
    assert len(set(ids)) == 32
    assert world.names() == ["default", "new"]
    assert world.told("new")["exchanges"] == 32


# -- made as asked ----------------------------------------------------------------------------


def test_put_makes_a_sandbox_with_201_and_then_anew_with_200(shared: World) -> None:
    first = shared.put("anew", seed="a", epoch="2030-06-01T00:00:00+02:00", rate=60, step=True)
    assert first.status_code == 201
    assert first.get_json() == {
        "name": "anew",
        "url": "http://localhost/sandbox/anew",
        "seed": "a",
        "epoch": "2030-05-31T22:00:00.000000Z",
        "now": "2030-05-31T22:00:00.000000Z",
        "rate": 60.0,
        "step": True,
        "mood": None,
        "evaluations": first.get_json()["evaluations"],
        "exchanges": 0,
    }
    created = shared.created("anew")
    shared.post("/_mock/faults", "anew", code=503)
    shared.post("/_mock/expectations", "anew", place="body /prompt")
    second = shared.put("anew")
    assert second.status_code == 200
    told = second.get_json()
    assert (told["seed"], told["epoch"], told["rate"], told["step"], told["exchanges"]) == (
        "7",
        "2026-03-01T12:00:00.000000Z",
        0.0,
        False,
        0,
    )
    assert shared.ask("/_mock/faults", "anew").get_json()["faults"] == []
    assert shared.ask("/_mock/expectations", "anew").get_json()["expectations"] == []
    assert shared.status(created, "anew") == "404"


def test_put_makes_the_default_sandbox_anew_and_it_is_never_new() -> None:
    world = World(speed=0)
    created = world.created()
    answer = world.put("default", seed="another")
    assert answer.status_code == 200
    assert (answer.get_json()["name"], answer.get_json()["url"]) == ("default", "http://localhost")
    assert world.status(created) == "404"
    assert world.created() != created


def test_put_of_a_rate_has_time_go_at_that_rate() -> None:
    world = World(speed=0)
    world.made("fast", rate=60)
    world.made("frozen", rate=0)
    world.real = SECOND
    assert (world.clock("fast"), world.clock("frozen")) == ("12:01:00", "12:00:00")


FIXTURES: dict[str, object] = {
    "an object": OWN,
    "the text of a YAML file": (
        f"about: Mine.\nphases:\n  - queued: 10s\n  - running: 10s\n  - completed\n"
        f"evaluation:\n  id: {OWN_ID}\n"
    ),
    "the text of a JSON file": json.dumps(OWN),
}


@pytest.mark.parametrize("form", FIXTURES)
def test_put_takes_fixtures_that_are_of_this_sandbox_alone(shared: World, form: str) -> None:
    shared.made("own", fixtures={"mine": FIXTURES[form]})
    assert shared.status(OWN_ID, "own") == "queued"
    assert shared.status(OWN_ID) == shared.status(OWN_ID, "another") == "404"
    id_ = shared.created("own", headers={"Prefer": "example=mine"})
    shared.post("/_mock/clock/advance", "own", seconds=15)
    assert shared.status(id_, "own") == shared.status(OWN_ID, "own") == "running"
    refused = shared.ask(
        f"{EVALUATIONS}/main/a.parquet",
        "another",
        method="POST",
        json=dict(GOOD),
        headers={"Prefer": "example=mine"},
    )
    assert refused.status_code == 400


def test_a_fixture_of_a_sandbox_overrides_the_servers_own_of_that_name(shared: World) -> None:
    shared.made(
        "quick",
        fixtures={"happy-path": {"phases": [{"queued": "1s"}, {"running": "1s"}, "completed"]}},
    )
    id_ = shared.created("quick")
    shared.post("/_mock/clock/advance", "quick", seconds=2)
    assert shared.status(id_, "quick") == "completed"
    assert shared.status(SEED_ID, "quick") == "404"  # for it has no id in that one
    assert shared.status(SEED_ID) == "queued"


def test_a_fixture_of_nugens_goes_by_its_own_name_or_by_what_it_says(shared: World) -> None:
    life = [{"waiting": "1s"}, {"running": "1s"}, "completed"]
    own: Mapping[str, object] = {"phases": life, "evaluation": {"id": "eval-own"}}
    other = {**own, "api": "nugen", "evaluation": {"id": "eval-other"}}
    shared.made("nugens", fixtures={"nugen/mine": own, "other": other, "mine": OWN})
    for id_ in ("eval-own", "eval-other"):
        answer = shared.ask(f"/api/v3/evaluations/{id_}/status", "nugens")
        assert (answer.status_code, answer.get_json()["status"]) == (200, "pending")
    assert shared.status(OWN_ID, "nugens") == "queued"


def test_an_answer_of_a_sandbox_alone_is_given_there_alone(shared: World) -> None:
    answer = {"kind": "answer", "path": "/api/own/{what}", "status": 200, "body": {"is": "own"}}
    shared.made("answering", fixtures={"mine": answer})
    assert shared.ask("/api/own/thing", "answering").get_json() == {"is": "own"}
    assert shared.ask("/api/own/thing").status_code == 404
    assert shared.ask("/api/own/thing", "answering", method="PUT").status_code == 405


def test_put_takes_assumptions_of_this_sandbox_alone(shared: World) -> None:
    shared.made("assuming", settings={"assume": {"malformed_id_status": 400, "dialect": "legacy"}})
    assert shared.status("malformed", "assuming") == "400"
    assert shared.status("malformed") == "404"
    body = {"prompt": "Is it? {x}", "type": "text", "model": "m", "target_column": "answer"}
    path = f"{EVALUATIONS}/main/a.parquet"
    assert shared.post(path, "assuming", **body).status_code == 200
    assert shared.post(path, **body).status_code == 400


def test_put_makes_a_sandbox_from_a_snapshot(shared: World) -> None:
    shared.made("source", seed="from", step=True)
    id_ = shared.created("source")
    shared.post("/_mock/clock/advance", "source", seconds=5)
    snapshot = shared.client.post(f"{path_of('source')}/snapshot", json={}).get_json()
    told = shared.made("copy", **{"from": snapshot})
    assert (told["seed"], told["now"], told["step"]) == ("from", snapshot["now"], True)
    assert shared.status(id_, "copy") == "running"
    told = shared.made("copy", **{"from": snapshot}, seed="own", rate=3, step=False)
    assert (told["seed"], told["rate"], told["step"]) == ("own", 3.0, False)
    assert shared.status(id_, "copy") == "running"


@pytest.mark.parametrize(
    "beside", [{"epoch": "2026-01-01T00:00:00Z"}, {"fixtures": {}}, {"settings": {}}]
)
def test_beside_a_snapshot_nothing_can_be_said_that_it_says_itself(
    shared: World, beside: dict[str, object]
) -> None:
    snapshot = shared.client.post(f"{path_of('default')}/snapshot", json={}).get_json()
    answer = shared.put("both", **{"from": snapshot}, **beside)
    assert answer.status_code == 409
    assert next(iter(beside)) in answer.get_json()["detail"]
    assert "both" not in shared.names()


WRONG: dict[str, tuple[dict[str, object], list[str]]] = {
    "several flaws in several fixtures": (
        {
            "fixtures": {
                "one": {"phases": ["completed"], "rows": -1},
                "two": {"phases": LIFE, "nonsense": True},
                "three": "phases: [\n",
            }
        },
        ["one:1 /phases", "one:1 /rows", "two:1 /nonsense", "three:"],
    ),
    "an answer that breaks the contract": (
        {"fixtures": {"one": {"phases": LIFE, "evaluation": {"created_by": {"id": 7}}}}},
        ["/evaluation/created_by/id", "/evaluation/created_by"],
    ),
    "a name that is none": ({"fixtures": {"a b": OWN}}, ["a b"]),
    "an API that nobody has": ({"fixtures": {"hub/one": OWN}}, ["/api"]),
    "two of one id": (
        {"fixtures": {"one": OWN, "two": OWN}},
        ["an id of its own", "one"],
    ),
    "the id of one of the server's own": (
        {"fixtures": {"one": {"phases": LIFE, "evaluation": {"id": SEED_ID}}}},
        ["an id of its own", "happy-path"],
    ),
    "an answer in place of the life that creates live": (
        {
            "fixtures": {
                "happy-path": {"kind": "answer", "path": "/api/new", "status": 200, "body": {}}
            }
        },
        ["happy-path", "whose life creates follow by default"],
    ),
    "an assumption that is unknown, and one that cannot be": (
        {"settings": {"assume": {"malformed_id_status": 418, "nonsense": True}}},
        ["malformed_id_status", "nonsense"],
    ),
    "an epoch before all time": ({"epoch": "1960-01-01T00:00:00Z"}, ["1970"]),
    "an epoch after all time": ({"epoch": "9998-01-01T00:00:00Z"}, ["9000"]),
    "an epoch before the calendar": ({"epoch": "0001-01-01T00:00:00+10:00"}, ["1970"]),
    "an epoch after the calendar": ({"epoch": "9999-12-31T23:59:59-10:00"}, ["9000"]),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_made_is_a_409_that_tells_every_flaw_and_nothing_is_made(
    shared: World, what: str
) -> None:
    options, told = WRONG[what]
    answer = shared.put(what, **options)
    assert answer.status_code == 409, answer.get_data(as_text=True)
    assert answer.content_type == "application/problem+json"
    detail = answer.get_json()["detail"]
    for part in told:
        assert part in detail
    assert what not in shared.names()


def test_each_flaw_of_a_fixture_is_a_violation_too_with_its_place(shared: World) -> None:
    answer = shared.put("wrong", fixtures={"one": {"phases": LIFE, "rows": -1, "x": 1}})
    violations = answer.get_json()["violations"]
    assert len(violations) == 2
    assert all(violation["place"].startswith("one") for violation in violations)


def test_a_flaw_in_the_text_of_a_file_is_told_with_its_line(shared: World) -> None:
    text = "about: Mine.\nphases:\n  - queued: 10s\n  - running: 10s\n  - completed\nrows: -1\n"
    answer = shared.put("wrong", fixtures={"one": text})
    assert [flaw["place"] for flaw in answer.get_json()["violations"]] == ["one:6 /rows"]


def test_a_put_that_fails_leaves_the_sandbox_that_was_there_as_it_was(shared: World) -> None:
    id_ = shared.created("stays")
    assert shared.put("stays", fixtures={"one": {}}).status_code == 409
    assert shared.put("stays", rate=-1).status_code == 400
    assert shared.status(id_, "stays") == "queued"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-01-31t12:00:00z", "2026-01-31T12:00:00.000000Z"),
        ("2026-01-31T14:00:00.5+02:00", "2026-01-31T12:00:00.500000Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z"),
    ],
)
def test_an_epoch_may_be_written_as_rfc_3339_has_it(
    shared: World, written: str, meant: str
) -> None:
    assert shared.made("odd", epoch=written)["epoch"] == meant


# -- deleted ----------------------------------------------------------------------------------

WAYS: dict[str, Callable[[str, str], tuple[str, dict[str, str]]]] = {
    "path": lambda name, path: (f"/sandbox/{quote(name, safe='')}{path}", dict(TOKEN)),
    "header": lambda name, path: (path, {**TOKEN, "X-Mock-Sandbox": quote(name, safe="")}),
    "token": lambda name, path: (path, {"Authorization": f"Bearer sbx_{quote(name, safe='')}"}),
}


@pytest.mark.parametrize("name", ["gone", "tests/test_a.py::test_b[1]"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "path", [SEED_PATH, NUGEN_PATH, "/nowhere", "/_mock/clock", "/_mock/report"]
)
def test_a_deleted_sandbox_is_a_410_however_it_is_named_until_put_makes_it_anew(
    shared: World, way: str, path: str, name: str
) -> None:
    shared.made(name)
    assert shared.client.delete(path_of(name), json={}).get_json() == {}
    asked, headers = WAYS[way](name, path)
    for _ in range(2):
        answer = shared.client.get(asked, headers=headers)
        told = answer.get_data(as_text=True) + answer.headers.get("X-Mock-Hint", "")
        assert answer.status_code == 410, told
        assert "is gone" in told
        assert "PUT /_mock/sandboxes/" in told
    found = shared.client.get(path_of(name))
    assert found.status_code == 404
    assert "is gone" in found.get_json()["detail"]
    assert name not in shared.names()
    assert shared.client.post(f"{path_of(name)}/snapshot", json={}).status_code == 404
    assert shared.put(name).status_code == 201
    assert shared.client.get(asked, headers=headers).status_code == (
        404 if path == "/nowhere" else 200
    )


@pytest.mark.parametrize("way", WAYS)
def test_every_method_on_a_sandbox_that_is_gone_is_a_410(shared: World, way: str) -> None:
    shared.made("gone for all")
    shared.client.delete(path_of("gone for all"), json={})
    writes = [
        ("POST", f"{EVALUATIONS}/main/a.parquet", dict(GOOD)),
        ("POST", "/_mock/clock/advance", {"seconds": 1}),
        ("PUT", "/_mock/clock", {"rate": 1}),
        ("POST", "/_mock/reset", {}),
        ("POST", "/_mock/faults", {"code": 503}),
        ("DELETE", "/_mock/faults/fault-1", {}),
    ]
    for method, path, body in writes:
        asked, headers = WAYS[way]("gone for all", path)
        answer = shared.client.open(asked, method=method, json=body, headers=headers)
        assert answer.status_code == 410, (method, path)


def test_deleting_again_is_fine_and_what_never_was_is_a_404(shared: World) -> None:
    shared.made("twice")
    assert shared.client.delete(path_of("twice"), json={}).status_code == 200
    assert shared.client.delete(path_of("twice"), json={}).status_code == 200
    never = shared.client.delete(path_of("never"), json={})
    assert (never.status_code, "never" in never.get_json()["detail"]) == (404, True)
    assert shared.client.get(path_of("never")).status_code == 404
    assert shared.status(SEED_ID, "never") == "queued"


def test_the_default_sandbox_cannot_be_deleted(shared: World) -> None:
    answer = shared.client.delete(path_of("default"), json={})
    assert answer.status_code == 409
    assert "/_mock/reset" in answer.get_json()["detail"]
    assert shared.status(SEED_ID) == "queued"


def test_what_is_gone_is_counted_in_the_report_on_all() -> None:
    world = World(speed=0)
    for name in ("one", "two"):
        world.ask(SEED_PATH, name)
        world.client.delete(path_of(name), json={})
    report = world.client.get("/_mock/report?all=true").get_json()
    assert (report["sandboxes"], report["requests"]) == (3, 2)


# -- given up ---------------------------------------------------------------------------------


def test_past_so_many_sandboxes_the_longest_idle_one_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mockserver.sandboxes.MOST_SANDBOXES", 3)
    world = World(speed=0)
    for name in ("a", "b", "c"):
        assert world.status(SEED_ID, name) == "queued"
    assert world.status(SEED_ID, "a") == "queued"  # now b is the longest idle one
    assert world.status(SEED_ID, "d") == "queued"
    assert world.names() == ["default", "a", "c", "d"]
    for way in WAYS.values():
        path, headers = way("b", SEED_PATH)
        assert world.client.get(path, headers=headers).status_code == 410
    world.made("e")
    assert world.names() == ["default", "a", "d", "e"]
    assert world.put("b").status_code == 201
    assert world.names() == ["default", "b", "d", "e"]


def test_being_looked_for_or_listed_is_no_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.sandboxes.MOST_SANDBOXES", 2)
    world = World(speed=0)
    world.made("a")
    world.made("b")
    world.told("a")
    world.client.post(f"{path_of('a')}/snapshot", json={})
    world.names()
    world.made("c")
    assert world.names() == ["default", "b", "c"]


def test_being_put_back_to_a_snapshot_is_a_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.sandboxes.MOST_SANDBOXES", 2)
    world = World(speed=0)
    for name in ("a", "b"):
        world.made(name)
    taken = world.client.post(f"{path_of('a')}/snapshot", json={}).get_json()
    assert world.client.post(f"{path_of('a')}/restore", json=taken).status_code == 200
    world.made("c")
    assert world.names() == ["default", "a", "c"]


@given(st.lists(st.sampled_from("abcdef"), max_size=30))
def test_of_any_requests_those_sandboxes_stay_that_were_asked_last(asked: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mockserver.sandboxes.MOST_SANDBOXES", 3)
        sandboxes = _FEW.mock.engine.sandboxes
        for name in "abcdef":
            sandboxes.put(_FEW.mock.maker.plain(name))
        last = ["d", "e", "f"]  # the longest idle one first
        for name in asked:
            known = name in last
            if known:
                sandboxes.of(name)
                last.remove(name)
            else:
                assert sandboxes.put(_FEW.mock.maker.plain(name))
            last = [*last, name][-3:]
        assert [world.name for world in sandboxes.all()] == ["default", *sorted(last)]


_FEW = World(speed=0)


def test_a_sandbox_that_nobody_has_asked_for_so_long_is_given_up() -> None:
    world = World(speed=0)
    world.made("idle")
    world.real = LONGEST_IDLE * SECOND - HOUR
    world.made("young")
    world.real = LONGEST_IDLE * SECOND
    assert world.status(SEED_ID, "young") == "queued"
    assert world.names() == ["default", "idle", "young"]
    world.real += 1
    assert world.status(SEED_ID, "young") == "queued"
    assert world.names() == ["default", "young"]
    gone = world.ask(SEED_PATH, "idle")
    assert gone.status_code == 410
    world.real += 100 * LONGEST_IDLE * SECOND
    assert world.status(SEED_ID) == "queued"  # the default one never grows too old


def test_who_comes_back_just_in_time_keeps_the_sandbox() -> None:
    world = World(speed=0)
    id_ = world.created("mine")
    for _ in range(5):
        world.real += LONGEST_IDLE * SECOND
        assert world.status(id_, "mine") == "queued"


def test_past_the_budget_of_memory_the_longest_idle_sandboxes_make_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mockserver.sandboxes.MOST_BYTES", 3_000_000)
    world = World(speed=0)
    large = {**GOOD, "prompt": "x" * 400_000}
    path = f"{EVALUATIONS}/main/a.parquet"
    for name in ("a", "b", "c"):
        assert world.post(path, name, **large).status_code == 200
    assert world.names() == ["default", "a", "b", "c"]
    for _ in range(5):
        assert world.post(path, "b", **large).status_code == 200
    assert world.names() == ["default", "b", "c"] or world.names() == ["default", "b"]
    assert world.ask(SEED_PATH, "a").status_code == 410
    assert world.status(SEED_ID, "b") == "queued"


def test_a_sandbox_alone_past_the_budget_stays_for_who_asks_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mockserver.sandboxes.MOST_BYTES", 1_000_000)
    world = World(speed=0)
    large = {**GOOD, "prompt": "x" * 400_000}
    for _ in range(6):
        assert world.post(f"{EVALUATIONS}/main/a.parquet", "big", **large).status_code == 200
    assert world.status(SEED_ID, "big") == "queued"
    assert world.status(SEED_ID, "small") == "queued"
    assert world.names() == ["default", "small"]
    assert world.ask(SEED_PATH, "big").status_code == 410


@pytest.mark.parametrize("how", ["delete", "put", "evict"])
def test_what_a_sandbox_that_is_gone_has_kept_burdens_nobody(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(speed=0)
    budget = world.mock.maker._budget  # noqa: SLF001 because nothing else tells of it
    before = budget.used
    fixtures = {"mine": {**OWN, "about": "x" * 10_000}}
    world.made("heavy", fixtures=fixtures)
    world.created("heavy")
    world.post("/_mock/faults", "heavy", code=503)
    world.ask(SEED_PATH, "heavy")
    assert budget.used > before + 10_000
    match how:
        case "delete":
            world.client.delete(path_of("heavy"), json={})
        case "put":
            world.made("heavy")
        case _:
            monkeypatch.setattr("mockserver.sandboxes.MOST_SANDBOXES", 1)
            world.made("light")
    assert budget.used <= before + 100  # of a PUT, the two bytes of {}


# -- where a sandbox must be named ------------------------------------------------------------


@pytest.fixture(scope="module")
def strict() -> World:
    return World(speed=0, require_sandbox=True)


@pytest.mark.parametrize("name", [None, "default"])
@pytest.mark.parametrize(
    "path",
    [
        SEED_PATH,
        NUGEN_PATH,
        "/nowhere",
        "/api/ai/models",
        "/_mock/clock",
        "/_mock/evaluations",
        "/_mock/faults",
        "/_mock/journal",
        "/_mock/journal.har",
        "/_mock/expectations",
        "/_mock/report",
    ],
)
def test_a_request_that_names_no_sandbox_is_refused_and_told_how_to_name_one(
    strict: World, path: str, name: str | None
) -> None:
    answer = strict.ask(path, name)
    told = answer.get_data(as_text=True)
    assert answer.status_code == 400
    for way in ("--require-sandbox", "/sandbox/NAME", "X-Mock-Sandbox", "sbx_NAME"):
        assert way in told


def test_so_is_a_write(strict: World) -> None:
    assert strict.post(f"{EVALUATIONS}/main/a.parquet", None, **GOOD).status_code == 400
    for path, body in (
        ("/_mock/reset", {}),
        ("/_mock/clock/advance", {"seconds": 1}),
        ("/_mock/faults", {"code": 503}),
    ):
        assert strict.client.post(path, json=body).status_code == 400


@pytest.mark.parametrize("way", WAYS)
def test_whoever_names_one_is_let_in(strict: World, way: str) -> None:
    for path in (SEED_PATH, "/_mock/clock"):
        asked, headers = WAYS[way]("mine", path)
        assert strict.client.get(asked, headers=headers).status_code == 200


def test_what_is_about_no_sandbox_in_particular_needs_none(strict: World) -> None:
    for path in ("/_mock/health", "/_mock/openapi/oxen.json", "/_mock/sandboxes"):
        assert strict.client.get(path).status_code == 200, path
    assert strict.put("by put").status_code == 201
    assert strict.client.get(path_of("by put")).status_code == 200
    assert strict.client.post(f"{path_of('by put')}/snapshot", json={}).status_code == 200
    assert strict.client.delete(path_of("by put"), json={}).status_code == 200


# -- saved fixtures ---------------------------------------------------------------------------


def _save(folder: Path, name: str, **said: object) -> Path:
    file = folder / f"{name}.yaml"
    file.write_text(json.dumps({**OWN, **said}), "utf-8")
    return file


def test_a_fixture_that_is_saved_starts_anew_in_every_sandbox_that_has_none_of_that_name(
    tmp_path: Path,
) -> None:
    file = _save(tmp_path, "saved")
    world = World(fixtures=(tmp_path,), speed=0)
    own = {
        "phases": [{"queued": "1h"}, {"running": "1h"}, "completed"],
        "evaluation": {"id": OWN_ID},
    }
    world.made("own", fixtures={"saved": own})
    world.made("other", fixtures={"another": {"phases": LIFE}})
    world.made("assuming", settings={"assume": {"malformed_id_status": 400}})
    everywhere = [None, "used", "other", "assuming"]
    ids = {name: world.created(name) for name in [*everywhere, "own"]}
    for name in [*everywhere, "own"]:
        world.post("/_mock/clock/advance", name, seconds=15 if name != "own" else 5400)
        assert world.status(OWN_ID, name) == "running"
    _save(tmp_path, "saved", rows=7)
    assert world.mock.reload([file]) == ("oxen/saved",)
    for name in everywhere:
        assert world.status(OWN_ID, name) == "queued"
        assert world.status(ids[name], name) == "running"  # what was created lives on
        born = world.ask(f"/_mock/evaluations/{OWN_ID}", name).get_json()
        assert born["born"][11:19] == "12:00:15"
    assert world.status(OWN_ID, "own") == "running"
    assert world.status(OWN_ID, "made later") == "queued"
    for name in everywhere:
        world.post("/_mock/clock/advance", name, seconds=15)
        shown = world.ask(f"{EVALUATIONS}/{OWN_ID}", name).get_json()["evaluation"]
        assert (shown["status"], shown["progress"]["total"]) == ("running", 7)


def test_a_fixture_that_is_new_or_gone_comes_and_goes_in_every_sandbox(tmp_path: Path) -> None:
    world = World(fixtures=(tmp_path,), speed=0)
    world.made("one")
    world.made("own", fixtures={"other": {"phases": LIFE}})
    file = _save(tmp_path, "saved")
    world.mock.reload([file])
    for name in (None, "one", "own"):
        assert world.status(OWN_ID, name) == "queued"
        created = world.created(name, headers={"Prefer": "example=saved"})
        assert world.status(created, name) == "queued"
    file.unlink()
    world.mock.reload([file])
    for name in (None, "one", "own"):
        assert world.status(OWN_ID, name) == "404"


def test_a_reset_starts_a_sandbox_with_the_fixtures_that_are_its_own(tmp_path: Path) -> None:
    _save(tmp_path, "saved")
    world = World(fixtures=(tmp_path,), speed=0)
    own = {
        "phases": [{"queued": "1h"}, {"running": "1h"}, "completed"],
        "evaluation": {"id": OWN_ID},
    }
    world.made("own", fixtures={"saved": own}, rate=0)
    world.post("/_mock/clock/advance", "own", seconds=5400)
    assert world.status(OWN_ID, "own") == "running"
    assert world.post("/_mock/reset", "own").status_code == 200
    assert world.status(OWN_ID, "own") == "queued"
    world.post("/_mock/clock/advance", "own", seconds=60)
    assert world.status(OWN_ID, "own") == "queued"


def test_a_reset_has_time_go_as_it_went_when_the_sandbox_was_made(shared: World) -> None:
    shared.made("going", rate=60, step=True)
    shared.ask("/_mock/clock", "going", method="PUT", json={"rate": 1, "step": False})
    told = shared.post("/_mock/reset", "going").get_json()
    assert (told["rate"], told["step"]) == (60, True)


# -- lists ------------------------------------------------------------------------------------


def test_the_list_of_sandboxes_has_pages_of_a_hundred_the_default_one_first_then_by_name() -> None:
    world = World(speed=0)
    expected = ["default", *sorted(f"s-{number}" for number in range(230))]
    for name in reversed(expected[1:]):
        world.made(name)
    found, path = [], "/_mock/sandboxes"
    while path:
        told = world.client.get(path).get_json()
        assert told["total"] == 231
        assert len(told["sandboxes"]) <= 100
        found += [one["name"] for one in told["sandboxes"]]
        path = told["next"]
    assert found == expected
