"""Snapshots: a sandbox goes on from one, anywhere, as if nothing had happened."""

from __future__ import annotations

import copy
import json
import re
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st
from served import HERE, PATIENCE, Served, clean_environment

from mockserver.assemble import Mock, app_of, assemble
from mockserver.bundled import bundled
from mockserver.cli import main
from mockserver.core.errors import BadSettingsError, BadSnapshotError
from mockserver.settings import Settings
from mockserver.snapshots import read_snapshot_file
from mockserver.source import read_document
from mockserver.url_file import clear

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
SEED_ID = "d0c8585d-1234-5678-abcd-ef0123456789"
EVALUATIONS = "/api/repos/ox/cats/evaluations"
SEED_PATH = f"{EVALUATIONS}/{SEED_ID}"
NUGENS = "/api/v3/evaluations"
GOOD: Mapping[str, object] = {
    "prompt": "Is it a cat? {image}",
    "input_type": "image",
    "output_type": "text",
    "model_id": "41148aa1-906c-411c-b84b-847d980e8896",
    "target_column": "answer",
}
MILLISECOND = 1_000_000
ANY = "any-token"
Step = tuple[str, Any]
"""A kind of request, and what is particular about this one."""


# -- histories --------------------------------------------------------------------------------

WHICH = st.integers(0, 20)
TOKENS = st.sampled_from(["alice-0123456789", "bob-9876543210"])
LIVES = st.sampled_from(
    ["", "example=errored-midway", "example=cancelled", "example=slow", "example=large-numbers"]
)
ODD = st.sampled_from(["plain", "é 日本 😀", '\x00\n\t\\"', "{x}" * 40, "<&>", "\u2028"])
CREATES = st.fixed_dictionaries(
    {"prefer": LIVES, "prompt": ODD},
    optional={
        "name": st.none() | ODD,
        "auto_commit": st.booleans(),
        "is_sample": st.booleans(),
        "sample_count": st.integers(-1, 10**20),
        "target_branch": ODD,
    },
)
CODES = st.sampled_from([429, 503])
RULES: st.SearchStrategy[dict[str, object]] = st.fixed_dictionaries(
    {},
    optional={
        "operation": st.sampled_from(
            ["create_evaluation", "get_evaluation", "get_evaluation_status"]
        ),
        "status": st.sampled_from(["queued", "running", "pending", "completed"]),
        "after_row": st.integers(0, 60),
        "nth": st.integers(1, 5),
        "probability": st.floats(0, 1),
        "count": st.integers(1, 5),
        "seconds": st.floats(0, 60),
    },
).flatmap(
    lambda rule: st.one_of(
        CODES.map(lambda code: {**rule, "code": code, "retry_after": 3}),
        CODES.map(lambda code: {**rule, "code": code}),
        st.just({**rule, "body": "malformed"}),
        st.just({**rule, "delay": 0}),
    )
)
PHASES: list[object] = [
    {"queued": "1500.001ms"},
    {"running": "33s"},
    {"committing": "0s"},
    "completed",
]
OVERRIDES = st.sampled_from(
    [
        {},
        {"rows": 7},
        {"phases": PHASES},
        {"phases": [{"queued": "2s"}, {"running": "9s"}, "errored"], "error_message": "No."},
        {"starts": "20s", "repository": "ox/dogs"},
        {"starts": "-20s", "pace": {"3": "5s"}, "usage": {"credits": 1e-7}},
    ]
)
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("create"), CREATES),
    st.tuples(st.just("create"), CREATES),
    st.tuples(st.just("poll"), WHICH),
    st.tuples(st.just("poll"), WHICH),
    st.tuples(st.just("poll"), WHICH),
    st.tuples(st.just("broken create"), st.none()),
    st.tuples(st.just("nowhere"), st.none()),
    st.tuples(st.just("cancel"), WHICH),
    st.tuples(st.just("outcome"), st.tuples(WHICH, st.none() | st.integers(0, 100))),
    st.tuples(st.just("forget"), WHICH),
    st.tuples(st.just("add"), st.tuples(st.sampled_from(["happy-path", "slow"]), OVERRIDES)),
    st.tuples(st.just("fault"), RULES),
    st.tuples(st.just("heal"), st.integers(1, 4)),
    st.tuples(st.just("expect"), st.sampled_from(["body /prompt", "*", "path"])),
    st.tuples(st.just("advance"), st.sampled_from([0, 0.000001, 1, 2.5, 10, 26.999999, 60])),
    st.tuples(st.just("next"), st.none()),
    st.tuples(st.just("wait"), st.integers(0, 9_000)),
    st.tuples(st.just("rate"), st.sampled_from([0, 1, 60, 0.5])),
    st.tuples(st.just("stepping"), st.booleans()),
    st.tuples(st.just("nugen create"), st.tuples(TOKENS, st.booleans())),
    st.tuples(st.just("nugen poll"), st.tuples(TOKENS, WHICH)),
    st.tuples(st.just("nugen results"), st.tuples(TOKENS, WHICH)),
    st.tuples(st.just("nugen list"), TOKENS),
    st.tuples(st.just("benchmark"), TOKENS),
)
HISTORIES = st.lists(STEPS, max_size=25)


@dataclass(slots=True)
class Told:
    """An answer: of an API to the byte, of the control API by what it says.

    The control API tells addresses, which differ by sandbox; how it writes a number (1 or 1.0)
    is nobody's business.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: object


@dataclass(slots=True)
class Life:
    """A sandbox of a server that is sent requests, and the ids it was told of."""

    client: FlaskClient
    real: list[int]
    name: str = "default"
    oxens: list[str] = field(default_factory=lambda: [SEED_ID])
    nugens: list[str] = field(default_factory=lambda: ["eval-xyz789"])

    def ask(
        self, method: str, path: str, body: object = None, token: str = ANY, **headers: str
    ) -> TestResponse:
        sent = {"X-Mock-Sandbox": self.name, "Authorization": f"Bearer {token}", **headers}
        raw = None if body is None else json.dumps(body)
        if raw is not None:
            sent["Content-Type"] = "application/json"
        return self.client.open(path, method=method, headers=sent, data=raw)

    def snapshot(self) -> dict[str, Any]:
        answer = self.ask("POST", f"/_mock/sandboxes/{self.name}/snapshot", {})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        taken: dict[str, Any] = json.loads(answer.data)
        return taken

    def restore(self, document: object) -> None:
        answer = self.ask("POST", f"/_mock/sandboxes/{self.name}/restore", document)
        assert answer.status_code == 200, answer.get_data(as_text=True)

    def twin(self, client: FlaskClient, real: list[int], name: str) -> Life:
        """Another sandbox with the same memory of ids."""
        return Life(client, real, name, [*self.oxens], [*self.nugens])

    def live(self, history: Sequence[Step]) -> list[Told]:
        return [told for step in history if (told := self.take(step)) is not None]

    def take(self, step: Step) -> Told | None:
        kind, said = step
        if kind == "wait":
            self.real[0] += said * MILLISECOND
            return None
        answer = self._asked(kind, said)
        assert answer.status_code != 500, answer.get_data(as_text=True)
        told = _told(answer)
        if answer.status_code in {200, 201} and "X-Mock-Fault" not in answer.headers:
            found = json.loads(answer.data)
            if kind == "create":
                self.oxens.append(found["evaluation"]["id"])
            elif kind == "add":
                self.oxens.append(found["id"])
            elif kind == "nugen create":
                self.nugens.append(found["evaluation_id"])
        return told

    def _asked(self, kind: str, said: Any) -> TestResponse:  # noqa: ANN401, C901, PLR0911, PLR0912 because there are so many kinds of requests
        match kind:
            case "create":
                body = {**GOOD, **{k: v for k, v in said.items() if k != "prefer"}}
                path = f"{EVALUATIONS}/main/a.parquet"
                return self.ask("POST", path, body, Prefer=said["prefer"])
            case "poll":
                return self.ask("GET", f"{EVALUATIONS}/{self._oxen(said)}")
            case "broken create":
                return self.ask("POST", f"{EVALUATIONS}/main/a.parquet", {**GOOD, "prompt": 7})
            case "nowhere":
                return self.ask("GET", "/api/no/where")
            case "cancel":
                return self._control("POST", f"/evaluations/{self._oxen(said)}/cancel", {})
            case "outcome":
                which, row = said
                body = {"message": "It broke."} if row is None else {"at_row": row}
                return self._control("POST", f"/evaluations/{self._oxen(which)}/outcome", body)
            case "forget":
                return self._control("DELETE", f"/evaluations/{self._oxen(said)}", {})
            case "add":
                fixture, overrides = said
                body = {"fixture": fixture, "overrides": overrides}
                return self._control("POST", "/evaluations", body)
            case "fault":
                return self._control("POST", "/faults", said)
            case "heal":
                return self._control("DELETE", f"/faults/fault-{said}", {})
            case "expect":
                return self._control("POST", "/expectations", {"place": said, "count": 2})
            case "advance":
                return self._control("POST", "/clock/advance", {"seconds": said})
            case "next":
                return self._control("POST", "/clock/advance", {"to": "next"})
            case "rate":
                return self._control("PUT", "/clock", {"rate": said})
            case "stepping":
                return self._control("PUT", "/clock", {"step": said})
            case "nugen create":
                token, compares = said
                body = {"model_id": "m-1", "benchmark_id": "benchmark-abc123"}
                return self.ask(
                    "POST", NUGENS, {**body, **({"model_id_2": "m-2"} if compares else {})}, token
                )
            case "nugen poll":
                return self.ask("GET", f"{NUGENS}/{self._nugen(said[1])}/status", token=said[0])
            case "nugen results":
                return self.ask("GET", f"{NUGENS}/{self._nugen(said[1])}/results", token=said[0])
            case "nugen list":
                return self.ask("GET", NUGENS, token=said)
            case "benchmark":
                body = {"documents": ["d-1"], "num_questions": 3}
                return self.ask("POST", "/api/v3/benchmark/create", body, said)
        raise AssertionError(kind)

    def _control(self, method: str, path: str, body: object = None) -> TestResponse:
        return self.ask(method, f"/_mock{path}", body)

    def _oxen(self, which: int) -> str:
        return self.oxens[which % len(self.oxens)]

    def _nugen(self, which: int) -> str:
        return self.nugens[which % len(self.nugens)]

    def everything(self) -> list[Told]:
        """What is to be seen of it from here, without changing anything."""
        paths = [f"{EVALUATIONS}/{id_}" for id_ in self.oxens]
        paths += ["/_mock/evaluations", "/_mock/faults", "/_mock/expectations", "/_mock/clock"]
        return [_told(self.ask("HEAD" if "api" in path else "GET", path)) for path in paths]


def _told(answer: TestResponse) -> Told:
    headers = tuple(answer.headers.items())
    if answer.content_type == "application/problem+json" or _is_control(answer):
        kept = tuple((name, value) for name, value in headers if name != "Content-Length")
        return Told(answer.status_code, kept, _without_addresses(json.loads(answer.data)))
    return Told(answer.status_code, headers, answer.data)


def _is_control(answer: TestResponse) -> bool:
    return answer.request.path.startswith("/_mock/")


def _without_addresses(value: Any) -> object:  # noqa: ANN401 because JSON has no type
    if isinstance(value, dict):
        return {
            key: _without_addresses(inner)
            for key, inner in value.items()
            if key not in {"url", "next"}
        }
    return [_without_addresses(inner) for inner in value] if isinstance(value, list) else value


def server(real: list[int], **said: Any) -> tuple[Mock, FlaskClient]:  # noqa: ANN401 because settings are of many types
    mock = assemble(Settings(**{"epoch": EPOCH, "seed": "7", **said}), real=lambda: real[0])
    return mock, app_of(mock).test_client()


REAL = [10**12]
_, CLIENT = server(REAL)
LATER = [5]
_, RESTARTED = server(LATER, seed="another", epoch=datetime(2031, 7, 1, tzinfo=UTC), speed=0)
"""A server that was started later, by another clock and with other settings."""


def fresh(name: str = "original") -> Life:
    """A sandbox as it is at its start."""
    life = Life(CLIENT, REAL, name)
    answer = life.ask("PUT", f"/_mock/sandboxes/{name}", {"rate": 1})
    assert answer.status_code in {200, 201}
    return life


def apart_from_the_name(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != "name"}


LONG: list[Step] = [
    ("create", {"prefer": "", "prompt": "é 日本 😀", "auto_commit": True}),
    ("create", {"prefer": "example=errored-midway", "prompt": "plain"}),
    ("nugen create", ("alice-0123456789", True)),
    ("nugen create", ("bob-9876543210", False)),
    ("benchmark", "alice-0123456789"),
    ("add", ("happy-path", {"starts": "20s", "repository": "ox/dogs"})),
    ("fault", {"operation": "get_evaluation", "probability": 0.5, "code": 503}),
    ("fault", {"probability": 0.3, "body": "malformed"}),
    ("expect", "body /prompt"),
    ("broken create", None),
    ("advance", 2.5),
    *[("poll", number % 3) for number in range(12)],
    ("cancel", 1),
    ("outcome", (2, 50)),
    ("rate", 60),
    ("wait", 500),
    ("stepping", True),
    *[("poll", number % 3) for number in range(5)],
    ("nugen poll", ("alice-0123456789", 1)),
]


TAKING_TURNS: tuple[list[Step], list[Step]] = (
    [("stepping", True), ("add", ("happy-path", {})), ("add", ("slow", {})), ("poll", 1)],
    [("poll", 2), ("poll", 1), ("poll", 2), ("poll", 1), ("poll", 2), ("poll", 1)],
)
"""Two pollers in step mode, of which one has seen something new and the other has not."""

SHORT: tuple[list[Step], list[Step]] = (
    [("add", ("happy-path", {"phases": PHASES}))],
    [("next", None), ("poll", 1), ("next", None), ("poll", 1)],
)
"""Phases whose lengths are no whole milliseconds."""


@settings(max_examples=60)
@given(HISTORIES, HISTORIES)
@example(LONG, LONG)
@example([], LONG)
@example(*TAKING_TURNS)
@example(*SHORT)
def test_what_is_restored_gives_the_answers_that_the_original_gives_to_the_byte(
    history: list[Step], further: list[Step]
) -> None:
    original = fresh()
    original.live(history)
    taken = original.snapshot()
    beside = original.twin(CLIENT, REAL, "beside")
    beside.restore(taken)
    restarted = original.twin(RESTARTED, LATER, "default")
    restarted.restore(taken)
    made = original.twin(CLIENT, REAL, "made")
    answer = made.ask("PUT", "/_mock/sandboxes/made", {"from": taken})
    assert answer.status_code in {200, 201}, answer.get_data(as_text=True)
    others = (beside, restarted, made)
    for other in others:
        assert apart_from_the_name(other.snapshot()) == apart_from_the_name(taken)
    started = {id(real): real[0] for real in (REAL, LATER)}
    expected = original.live(further)
    ended = original.snapshot()
    for other in others:
        other.real[0] = started[id(other.real)]  # all of them see the same real time pass
        assert other.live(further) == expected
        assert apart_from_the_name(other.snapshot()) == apart_from_the_name(ended)


@settings(max_examples=60)
@given(HISTORIES, HISTORIES)
@example(LONG, LONG)
def test_a_sandbox_that_is_put_back_gives_the_same_answers_again(
    history: list[Step], further: list[Step]
) -> None:
    life = fresh()
    life.live(history)
    taken, before = life.snapshot(), REAL[0]
    oxens, nugens = [*life.oxens], [*life.nugens]
    first = life.live(further)
    life.restore(taken)
    assert life.snapshot() == taken
    life.oxens, life.nugens = oxens, nugens
    now = REAL[0]
    again = life.live(further)
    assert REAL[0] - now == now - before
    assert again == first  # and no rule was broken, for that would be a 500


@settings(max_examples=30)
@given(HISTORIES)
def test_taking_a_snapshot_changes_nothing(history: list[Step]) -> None:
    watched, left_alone = fresh("watched"), fresh("left-alone")
    start = REAL[0]
    expected = left_alone.live(history)
    REAL[0] = start
    answers = []
    for step in history:
        watched.snapshot()
        told = watched.take(step)
        answers += [told] if told is not None else []
    assert answers == expected


# -- time and statuses put back ---------------------------------------------------------------


def status_of(life: Life, id_: str = SEED_ID) -> str:
    answer = life.ask("GET", f"{EVALUATIONS}/{id_}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return str(json.loads(answer.data)["evaluation"]["status"])


def test_restoring_puts_time_and_statuses_back_and_breaks_no_temporal_rule() -> None:
    life = fresh()
    life.ask("PUT", "/_mock/clock", {"rate": 0})
    taken = life.snapshot()
    for _ in range(3):
        seen, instants = [], []
        for seconds in (0, 5, 22, 10):
            life.ask("POST", "/_mock/clock/advance", {"seconds": seconds})
            seen.append(status_of(life))
            instants.append(life.ask("HEAD", SEED_PATH).headers["X-Mock-Now"])
        assert seen == ["queued", "running", "committing", "completed"]
        assert instants == sorted(instants)
        life.restore(taken)
        assert life.ask("HEAD", SEED_PATH).headers["X-Mock-Now"] == taken["now"]
    report = json.loads(life.ask("GET", "/_mock/report").data)
    assert report["broken_answers"] == 0


def test_what_was_seen_of_a_life_before_is_not_held_against_another_end_of_it() -> None:
    life = fresh()
    life.ask("PUT", "/_mock/clock", {"rate": 0})
    life.take(("create", {"prefer": "", "prompt": "p"}))
    taken = life.snapshot()
    life.ask("POST", "/_mock/clock/advance", {"seconds": 60})
    assert status_of(life, life.oxens[-1]) == "completed"
    life.restore(taken)
    life.ask("POST", "/_mock/clock/advance", {"seconds": 5})
    assert life.take(("cancel", 1)) is not None
    assert status_of(life, life.oxens[-1]) == "cancelled"
    life.ask("POST", "/_mock/clock/advance", {"seconds": 60})
    assert status_of(life, life.oxens[-1]) == "cancelled"


def test_ids_are_drawn_again_from_where_they_were() -> None:
    life = fresh()
    life.take(("create", {"prefer": "", "prompt": "p"}))
    taken = life.snapshot()
    life.take(("create", {"prefer": "", "prompt": "p"}))
    second = life.oxens[-1]
    life.restore(taken)
    assert life.ask("GET", f"{EVALUATIONS}/{second}").status_code == 404
    life.take(("create", {"prefer": "", "prompt": "p"}))
    assert life.oxens[-1] == second


def test_time_goes_on_from_a_restored_snapshot_at_its_rate() -> None:
    life = fresh()
    life.ask("PUT", "/_mock/clock", {"rate": 60})
    taken = life.snapshot()
    REAL[0] += 1_000 * MILLISECOND * 3600
    life.restore(taken)
    assert json.loads(life.ask("GET", "/_mock/clock").data)["now"] == taken["now"]
    REAL[0] += 1_000 * MILLISECOND
    now = json.loads(life.ask("GET", "/_mock/clock").data)["now"]
    passed = datetime.fromisoformat(now) - datetime.fromisoformat(taken["now"])
    assert passed.total_seconds() == 60


def test_a_snapshot_is_restored_where_nobody_was_or_where_one_is_gone() -> None:
    life = fresh()
    life.take(("create", {"prefer": "", "prompt": "p"}))
    taken = life.snapshot()
    for name in ("never-was", "is-gone"):
        other = life.twin(CLIENT, REAL, name)
        if name == "is-gone":
            CLIENT.put(f"/_mock/sandboxes/{name}", json={})
            CLIENT.delete(f"/_mock/sandboxes/{name}", json={})
            assert other.ask("GET", SEED_PATH).status_code == 410
        other.restore(taken)
        assert status_of(other, life.oxens[-1]) == "queued"
        assert status_of(other) == "queued"


def test_a_snapshot_of_what_is_not_there_is_a_404() -> None:
    answer = CLIENT.post("/_mock/sandboxes/nobodys/snapshot", json={})
    assert answer.status_code == 404


# -- what it holds ----------------------------------------------------------------------------


def test_a_snapshot_holds_no_token() -> None:
    life = fresh()
    life.live(LONG)
    secrets = ["alice-0123456789", "bob-9876543210", "Bearer"]
    text = json.dumps(life.snapshot(), ensure_ascii=False)
    assert [secret for secret in secrets if secret in text] == []


def test_nor_does_one_of_a_server_with_tokens_of_its_own() -> None:
    tokens = ("the-first-s3cr3t", "the-second-s3cr3t")
    _, client = server([0], tokens=tokens, control_token="the-third-s3cr3t")  # noqa: S106 no real one
    control = {"X-Mock-Control-Token": "the-third-s3cr3t"}
    for token in tokens:
        headers = {"Authorization": f"Bearer {token}"}
        body = {"model_id": "m", "benchmark_id": "benchmark-abc123"}
        assert client.post(NUGENS, json=body, headers=headers).status_code == 200
        assert client.get(SEED_PATH, headers=headers).status_code == 200
    taken = client.post("/_mock/sandboxes/default/snapshot", json={}, headers=control)
    assert taken.status_code == 200
    assert b"s3cr3t" not in taken.data


OWN_ID = "aaaaaaaa-0000-4000-8000-000000000001"
OWN = f"""\
about: A fixture with everything, in our own words. é
repository: ox/cats
starts: -3s
phases:
  - queued: 2s
  - running: 1m30s
  - errored
rows: 200
stops_at_row: 71
pace: {{ 10: 5s, 20: 30s }}
error_message: The model did not answer.
usage: {{ prompt_tokens: 80.4, completion_tokens: 1e3, credits: 0.0000005 }}
evaluation:
  id: {OWN_ID}
  name: "é 日本 😀"
  prompt: "Is it? {{x}}"
  sample_count: 123456789012345678901234567890
match:
  path: "experiments/*"
"""
NUGENS_OWN = """\
api: nugen
about: Of ten questions, some slow.
phases: [{ waiting: 2s }, { running: 40s }, completed]
questions: 10
pace: { 1: 5s, 2: 30s }
evaluation: { id: eval-own, model_id: my-model }
match: { model: my-* }
"""
ANSWER = """\
kind: answer
path: /api/own/{what}
status: 200
headers: { X-Own: "yes" }
body: { z: 1, a: [1.50, 1e30, null, "2026-01-01"], 7: é }
"""


def folder_of(path: Path, **texts: str) -> Path:
    path.mkdir(exist_ok=True)
    for name, text in texts.items():
        (path / f"{name}.yaml").write_text(text, "utf-8")
    return path


def _asks(life: Life) -> list[Told]:
    """What a server with all of these fixtures is asked."""
    steps: list[Step] = [("create", {"prefer": "example=own", "prompt": "p"}), ("poll", 1)]
    told = life.live(steps)
    matched = life.ask("POST", f"{EVALUATIONS}/main/experiments/a.parquet", dict(GOOD))
    told.append(_told(matched))
    told.append(_told(life.ask("GET", f"{EVALUATIONS}/{OWN_ID}")))
    told.append(_told(life.ask("GET", "/api/own/thing")))
    told.append(_told(life.ask("GET", f"{NUGENS}/eval-own/status")))
    body = {"model_id": "my-model", "benchmark_id": "benchmark-abc123"}
    told.append(_told(life.ask("POST", NUGENS, body)))
    life.ask("POST", "/_mock/clock/advance", {"seconds": 20})
    told.append(_told(life.ask("GET", f"{EVALUATIONS}/{OWN_ID}")))
    told.append(_told(life.ask("GET", f"{NUGENS}/eval-own/status")))
    return told


def test_a_snapshot_of_a_server_with_fixtures_is_restored_on_one_without(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "own", own=OWN, nugens=NUGENS_OWN, answering=ANSWER)
    _, client = server([0], fixtures=(folder,), speed=0)
    original = Life(client, [0])
    taken = original.snapshot()
    assert sorted(taken["fixtures"]) == ["nugen/nugens", "oxen/answering", "oxen/own"]
    restored = original.twin(RESTARTED, LATER, "without-fixtures")
    restored.restore(json.loads(json.dumps(taken)))
    told = _asks(original)
    assert {one.status for one in told} == {200}
    assert _asks(restored) == told


def test_what_was_restored_with_fixtures_gives_the_same_snapshot_again(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "own", own=OWN, nugens=NUGENS_OWN, answering=ANSWER)
    _, client = server([0], fixtures=(folder,), speed=0)
    original = Life(client, [0])
    taken = original.snapshot()
    restored = original.twin(RESTARTED, LATER, "without-fixtures")
    restored.restore(taken)
    assert apart_from_the_name(restored.snapshot()) == apart_from_the_name(taken)


def test_fixtures_of_a_sandbox_alone_go_with_its_snapshot() -> None:
    fixtures = {"own": OWN, "nugens": NUGENS_OWN, "answering": ANSWER}
    original = fresh()
    original.ask("PUT", "/_mock/sandboxes/original", {"fixtures": fixtures, "rate": 0})
    restored = original.twin(RESTARTED, LATER, "from-one-alone")
    restored.restore(original.snapshot())
    told = _asks(original)
    assert {one.status for one in told} == {200}
    assert _asks(restored) == told


@pytest.mark.parametrize("starts", ["-36500d", "36500d"])
def test_what_began_before_the_calendar_or_begins_after_it_goes_with_a_snapshot(
    starts: str,
) -> None:
    original = fresh()
    fixtures = {"own": OWN.replace("starts: -3s", f"starts: {starts}")}
    original.ask("PUT", "/_mock/sandboxes/original", {"fixtures": fixtures, "rate": 0})
    taken = original.snapshot()
    restored = original.twin(RESTARTED, LATER, "from-long-ago")
    restored.restore(taken)
    assert apart_from_the_name(restored.snapshot()) == apart_from_the_name(taken)


def test_a_reset_after_a_restore_starts_the_fixtures_that_came_with_it() -> None:
    original = fresh()
    original.ask("PUT", "/_mock/sandboxes/original", {"fixtures": {"own": OWN}, "rate": 0})
    restored = original.twin(RESTARTED, LATER, "reset-after")
    restored.restore(original.snapshot())
    restored.ask("POST", "/_mock/clock/advance", {"seconds": 20})
    assert status_of(restored, OWN_ID) == "running"
    restored.ask("POST", "/_mock/reset", {})
    born = json.loads(restored.ask("GET", f"/_mock/evaluations/{OWN_ID}").data)
    assert born["born"] == "2026-03-01T12:00:17.000000Z"


def test_a_reset_after_a_restore_is_at_the_rate_and_in_the_mode_of_the_snapshot() -> None:
    original = fresh()
    original.ask("PUT", "/_mock/clock", {"rate": 60, "step": True})
    restored = original.twin(RESTARTED, LATER, "reset-to")
    restored.restore(original.snapshot())
    restored.ask("PUT", "/_mock/clock", {"rate": 1, "step": False})
    told = json.loads(restored.ask("POST", "/_mock/reset", {}).data)
    assert (told["rate"], told["step"]) == (60, True)


def test_fixtures_that_are_saved_on_the_other_server_do_not_reach_what_was_restored(
    tmp_path: Path,
) -> None:
    folder = folder_of(tmp_path / "own", own=OWN)
    mock, client = server([0], fixtures=(folder,), speed=0)
    original = Life(client, [0])
    restored = original.twin(client, [0], "restored")
    restored.restore(fresh().snapshot())
    kept = original.twin(client, [0], "kept")
    kept.restore(original.snapshot())
    before = [life.snapshot() for life in (restored, kept)]
    file = folder_of(folder, own=OWN.replace("rows: 200", "rows: 300")) / "own.yaml"
    assert mock.reload([file]) == ("oxen/own",)
    assert [life.snapshot() for life in (restored, kept)] == before
    assert restored.ask("GET", f"{EVALUATIONS}/{OWN_ID}").status_code == 404


def test_assumptions_of_a_sandbox_alone_go_with_its_snapshot() -> None:
    original = fresh()
    assume = {"malformed_id_status": 400, "fractional_seconds": True, "answer_style": "live"}
    original.ask("PUT", "/_mock/sandboxes/original", {"settings": {"assume": assume}})
    taken = original.snapshot()
    assert taken["settings"] == {"assume": assume}
    restored = original.twin(RESTARTED, LATER, "assuming")
    restored.restore(taken)
    steps: list[Step] = [
        ("create", {"prefer": "", "prompt": "p"}),
        ("poll", 1),
        ("nugen poll", (ANY, 0)),
    ]
    assert original.live(steps) == restored.live(steps)
    for life in (original, restored):
        assert life.ask("GET", f"{EVALUATIONS}/malformed").status_code == 400


def test_assumptions_of_the_server_go_with_a_snapshot_too() -> None:
    """Without them another server would not give the same answers."""
    _, client = server(
        [0], assume={"malformed_id_status": 400, "fractional_seconds": True}, speed=0
    )
    original = Life(client, [0])
    restored = original.twin(RESTARTED, LATER, "assuming-as-the-server")
    restored.restore(original.snapshot())
    for life in (original, restored):
        assert life.ask("GET", f"{EVALUATIONS}/malformed").status_code == 400


def test_what_the_other_server_assumes_is_not_assumed_of_a_restored_snapshot() -> None:
    original = fresh()
    _, client = server([0], assume={"malformed_id_status": 400})
    restored = original.twin(client, [0], "default")
    restored.restore(original.snapshot())
    for life in (original, restored):
        assert life.ask("GET", f"{EVALUATIONS}/malformed").status_code == 404


def test_a_bundled_fixture_that_the_other_server_overrides_lives_on_in_a_restored_snapshot(
    tmp_path: Path,
) -> None:
    quick = "phases: [{ queued: 1s }, { running: 1s }, completed]\n"
    _, client = server([0], fixtures=(folder_of(tmp_path / "own", **{"happy-path": quick}),))
    original = fresh()
    restored = original.twin(client, [0], "default")
    restored.restore(original.snapshot())
    create: Step = ("create", {"prefer": "", "prompt": "p"})
    assert original.take(create) == restored.take(create)
    changes = [
        json.loads(life.ask("GET", f"/_mock/evaluations/{life.oxens[-1]}").data)["changes"]
        for life in (original, restored)
    ]
    assert changes[0] == changes[1]


@pytest.mark.parametrize("with_fixtures", [False, True], ids=["alone", "beside own fixtures"])
def test_a_bundled_fixture_that_the_servers_own_document_does_not_allow_comes_with_no_snapshot(
    with_fixtures: bool, tmp_path: Path
) -> None:
    document: Any = read_document((bundled("spec") / "oxen.yaml").read_text("utf-8"), "oxen.yaml")
    status = document["components"]["schemas"]["Evaluation"]["properties"]["status"]
    status["enum"] = [word for word in status["enum"] if word != "cancelled"]
    folders = (folder_of(tmp_path / "own", own=OWN),) if with_fixtures else ()
    _, client = server([0], specs=(("mine.json", json.dumps(document)),), fixtures=folders)
    original = Life(client, [0])
    restored = original.twin(client, [0], "restored")
    restored.restore(original.snapshot())
    steps: list[Step] = [("create", {"prefer": "example=cancelled", "prompt": "p"})]
    assert original.live(steps) == restored.live(steps)
    for life in (original, restored):
        life.ask("POST", "/_mock/reset", {})
    assert apart_from_the_name(restored.snapshot()) == apart_from_the_name(original.snapshot())


def test_costs_and_counts_of_any_size_are_kept_to_the_last_digit() -> None:
    original = fresh()
    usage = {"prompt_tokens": 10**25, "completion_tokens": 0.1, "credits": 1e-30}
    fixture = {"phases": [{"queued": "1s"}, {"running": "5s"}, "completed"], "rows": 10**18}
    body = {"fixtures": {"dear": {**fixture, "usage": usage, "evaluation": {"id": OWN_ID}}}}
    original.ask("PUT", "/_mock/sandboxes/original", {**body, "rate": 0})
    restored = original.twin(RESTARTED, LATER, "dear")
    restored.restore(original.snapshot())
    original.ask("POST", "/_mock/clock/advance", {"seconds": 3})
    restored.ask("POST", "/_mock/clock/advance", {"seconds": 3})
    told = [life.ask("GET", f"{EVALUATIONS}/{OWN_ID}").data for life in (original, restored)]
    assert told[0] == told[1]
    assert json.loads(told[0])["evaluation"]["tokens_used"] > 10**40


def test_what_has_happened_stays_in_the_journal_and_in_the_report() -> None:
    life = fresh()
    taken = life.snapshot()
    status_of(life)
    life.restore(taken)
    status_of(life)
    assert len(json.loads(life.ask("GET", "/_mock/journal").data)["exchanges"]) == 2
    assert json.loads(life.ask("GET", "/_mock/report").data)["requests"] == 2


# -- documents that are none ------------------------------------------------------------------


def _document() -> dict[str, Any]:
    life = fresh()
    life.live(LONG)
    return life.snapshot()


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return _document()


def _changed(change: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, Any]], str]:
    def changed(document: dict[str, Any]) -> str:
        changed = copy.deepcopy(document)
        change(changed)
        return json.dumps(changed)

    return changed


def _nugens_own(document: Mapping[str, Any]) -> dict[str, Any]:
    return _the_first(document, "nugen/evaluation")


def _the_first(document: Mapping[str, Any], collection: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        one for one in document["evaluations"] if one["collection"] == collection
    )
    return found


def _text(text: str) -> Callable[[dict[str, Any]], str]:
    return lambda _: text


BROKEN: dict[str, tuple[Callable[[dict[str, Any]], str], str]] = {
    "nothing": (_text(""), "expected a JSON body (required), found nothing"),
    "no JSON": (_text("phases: [queued]\n"), "expected a JSON value"),
    "a truncated one": (lambda document: json.dumps(document)[:-50], "expected a JSON value"),
    "a list": (_text("[]"), "expected an object"),
    "a foreign document": (_text('{"openapi": "3.1.0", "paths": {}}'), "/format"),
    "another version": (_changed(lambda d: d.update(format=2)), "/format: expected 1, found 2"),
    "a version that is a text": (_changed(lambda d: d.update(format="1")), "/format"),
    "something missing": (_changed(lambda d: d.pop("now")), "/now"),
    "something more": (_changed(lambda d: d.update(more=1)), "more"),
    "an instant that is none": (_changed(lambda d: d.update(now="noon")), "/now"),
    "an instant before all time": (
        _changed(lambda d: d.update(now="1960-01-01T00:00:00Z")),
        "/now: expected an instant of the years 1970 to 9000",
    ),
    "an epoch after all time": (
        _changed(lambda d: d.update(epoch="9998-01-01T00:00:00Z")),
        "/epoch: expected an instant of the years 1970 to 9000",
    ),
    "an instant before the calendar": (
        _changed(lambda d: d.update(now="0001-01-01T00:00:00+10:00")),
        "/now",
    ),
    "an evaluation of nobody's": (
        _changed(lambda d: d["evaluations"][3].update(collection="hub/run")),
        "/evaluations/3: expected what a sandbox can hold, found collection: expected one of",
    ),
    "an order that no life has": (
        _changed(lambda d: d["evaluations"][2]["phases"].reverse()),
        "/evaluations/2",
    ),
    "a phase that is too long": (
        _changed(lambda d: d["evaluations"][1]["phases"].__setitem__(0, ["queued", 10**30])),
        "/evaluations/1",
    ),
    "an ending before birth": (
        _changed(
            lambda d: d["evaluations"][0].update(
                ending={
                    "at": "2020-01-01T00:00:00Z",
                    "status": "errored",
                    "error_message": "x",
                    "row": None,
                }
            )
        ),
        "/evaluations/0",
    ),
    "an evaluation without what it was asked": (
        _changed(lambda d: _nugens_own(d).update(fixed={})),
        "facts of which an answer can be made",
    ),
    "an evaluation without what its answers are read by": (
        _changed(lambda d: _the_first(d, "oxen/evaluation")["fixed"].pop("created_by")),
        "facts of which an answer can be made",
    ),
    "a fixture that is broken": (
        _changed(lambda d: d["fixtures"].update({"oxen/mine": {"phases": ["completed"]}})),
        "oxen/mine",
    ),
    "an assumption that nobody knows": (
        _changed(lambda d: d["settings"].update(assume={"nonsense": True})),
        "nonsense",
    ),
    "a fault that does nothing": (
        _changed(lambda d: d["faults"][0].update(rule={"nth": 1})),
        "/faults/0/rule",
    ),
    "a rate that is none": (_changed(lambda d: d.update(rate=-1)), "/rate"),
    "half of a pair": (_changed(lambda d: d.update(seed="\ud800")), "surrogate"),
    "brackets without end": (_text("[" * 100_000), ""),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_no_snapshot_is_refused_by_the_control_api_with_the_place(
    what: str, document: dict[str, Any]
) -> None:
    broken, told = BROKEN[what]
    answer = _sent(f"/_mock/sandboxes/{quote(what)}/restore", broken(document))
    assert answer.status_code in {400, 409}, answer.get_data(as_text=True)[:500]
    assert told in answer.get_json()["detail"]


@pytest.mark.parametrize("what", BROKEN)
def test_nor_is_a_sandbox_made_of_it_nor_one_that_is_gone_made_anew(
    what: str, document: dict[str, Any]
) -> None:
    broken, _ = BROKEN[what]
    path = f"/_mock/sandboxes/{quote(f'never and {what}')}"
    assert _sent(f"{path}/restore", broken(document)).status_code in {400, 409}
    assert CLIENT.get(path).status_code == 404
    CLIENT.put(path, json={})
    CLIENT.delete(path, json={})
    assert _sent(f"{path}/restore", broken(document)).status_code in {400, 409}
    assert CLIENT.get(path).status_code == 404


def _sent(path: str, text: str) -> TestResponse:
    raw = text.encode("utf-8", "surrogatepass")
    return CLIENT.post(path, data=raw, content_type="application/json")


@pytest.mark.parametrize("what", BROKEN)
def test_a_file_that_is_no_snapshot_is_told_with_its_place_and_nothing_is_served(
    what: str, document: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, told = BROKEN[what]
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "state.json"
    file.write_bytes(broken(document).encode("utf-8", "surrogatepass"))
    elsewhere = ("--host", "203.0.113.1")  # where nothing is served if it is taken after all
    ended = CliRunner().invoke(main, ["serve", *elsewhere, "--restore", "state.json"])
    assert isinstance(ended.exception, SystemExit), ended.exception
    assert ended.exit_code == 2
    assert "Traceback" not in ended.output
    assert told in ended.output
    assert "state.json" in ended.output


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-01-31t12:00:00z", "2026-01-31T12:00:00.000000Z"),
        ("2026-01-31T14:00:00.5+02:00", "2026-01-31T12:00:00.500000Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z"),
        ("9000-01-01T00:00:00Z", "9000-01-01T00:00:00.000000Z"),
    ],
)
def test_an_instant_may_be_written_as_rfc_3339_has_it(
    written: str, meant: str, document: dict[str, Any]
) -> None:
    life = Life(CLIENT, REAL, "of-its-instant")
    life.restore({**document, "now": written, "epoch": written, "evaluations": []})
    taken = life.snapshot()
    assert (taken["now"], taken["epoch"]) == (meant, meant)


def test_every_evaluation_that_cannot_be_is_told_at_once(document: dict[str, Any]) -> None:
    broken = copy.deepcopy(document)
    for index in (1, 4):
        broken["evaluations"][index]["phases"].reverse()
    answer = _sent("/_mock/sandboxes/from-nothing/restore", json.dumps(broken))
    places = [violation["place"] for violation in answer.get_json()["violations"]]
    assert places == ["body /evaluations/1", "body /evaluations/4"]


def test_what_cannot_be_restored_leaves_a_sandbox_as_it_was(document: dict[str, Any]) -> None:
    life = fresh()
    life.live(LONG)
    before = life.snapshot()
    for broken, _ in BROKEN.values():
        assert _sent("/_mock/sandboxes/original/restore", broken(document)).status_code in {
            400,
            409,
        }
        assert life.snapshot() == before


# -- a server started from a file -------------------------------------------------------------


def _saved(path: Path, document: Mapping[str, Any]) -> str:
    path.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    return str(path)


def test_a_server_that_is_started_from_a_file_goes_on_where_it_was_taken(tmp_path: Path) -> None:
    life = fresh()
    life.live([step for step in LONG if step != ("stepping", True)])
    life.ask("PUT", "/_mock/clock", {"rate": 0})
    file = _saved(tmp_path / "state.json", life.snapshot())
    with Served("--restore", file, cwd=tmp_path) as served:
        assert served.pace == "frozen"
        assert served.seed == "7"
        for id_ in life.oxens:
            expected = life.ask("GET", f"{EVALUATIONS}/{id_}")
            answer = served.ask(f"{EVALUATIONS}/{id_}", headers={"Authorization": f"Bearer {ANY}"})
            assert answer.status == expected.status_code
            assert answer.body == expected.data
            for name in ("X-Mock-Now", "X-Mock-Fixture", "X-Mock-Fault", "x-oxen-request-id"):
                assert answer.headers.get(name.lower()) == expected.headers.get(name)
        taken = served.ask("/_mock/sandboxes/default/snapshot", method="POST", body={}).json
        assert apart_from_the_name(taken) == apart_from_the_name(life.snapshot())


def test_it_goes_on_at_the_rate_of_the_snapshot(tmp_path: Path) -> None:
    life = fresh()
    life.ask("PUT", "/_mock/clock", {"rate": 86_400})
    file = _saved(tmp_path / "state.json", life.snapshot())
    with Served("--restore", file, cwd=tmp_path) as served:
        assert served.pace == "speed 86400"
        told = [served.ask("/_mock/clock").json["now"] for _ in range(2)]
        assert life.snapshot()["now"] < told[0] < told[1]


@pytest.mark.parametrize(("flag", "pace"), [("--frozen", "frozen"), ("--speed=2", "speed 2")])
def test_a_rate_that_is_given_beside_it_has_the_last_word(
    flag: str, pace: str, tmp_path: Path
) -> None:
    life = fresh()
    life.ask("PUT", "/_mock/clock", {"rate": 60})
    taken = life.snapshot()
    file = _saved(tmp_path / "state.json", taken)
    with Served("--restore", file, flag, cwd=tmp_path) as served:
        assert served.pace == pace
        now = datetime.fromisoformat(served.ask("/_mock/clock").json["now"])
        passed = (now - datetime.fromisoformat(taken["now"])).total_seconds()
        assert passed == 0 if flag == "--frozen" else 0 <= passed < 120


def test_it_is_told_in_a_process_of_its_own_too_what_is_wrong_with_the_file(
    tmp_path: Path, document: dict[str, Any]
) -> None:
    _saved(tmp_path / "other.json", {**document, "format": 2})
    (tmp_path / "cut.json").write_text(json.dumps(document)[:-9], "utf-8")
    (tmp_path / "folder.json").mkdir()
    for name, told in (
        ("other.json", "other.json /format: expected 1, found 2"),
        ("cut.json", "cut.json: expected a JSON value"),
        ("folder.json", "folder.json: expected a file that can be read"),
        ("nowhere.json", "nowhere.json: expected a file that can be read"),
    ):
        ended = subprocess.run(
            [*HERE, "serve", "--port", "0", "--restore", name],
            cwd=tmp_path,
            env=clean_environment(),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )
        assert (ended.returncode, ended.stdout) == (2, "")
        assert re.search(re.escape(told), ended.stderr), ended.stderr
        assert "Traceback" not in ended.stderr


def test_a_server_started_from_a_file_needs_no_fixtures_of_the_one_that_made_it(
    tmp_path: Path,
) -> None:
    folder = folder_of(tmp_path / "own", own=OWN)
    with Served("--frozen", "--fixtures", str(folder), cwd=tmp_path) as served:
        taken = served.ask("/_mock/sandboxes/default/snapshot", method="POST", body={}).json
        expected = served.ask(f"{EVALUATIONS}/{OWN_ID}")
    file = _saved(tmp_path / "state.json", taken)
    (folder / "own.yaml").unlink()
    with Served("--restore", file, cwd=tmp_path) as served:
        found = served.ask(f"{EVALUATIONS}/{OWN_ID}")
        assert (found.status, found.body) == (expected.status, expected.body)
        assert found.status == 200


def test_a_path_that_no_file_can_have_is_told() -> None:
    with pytest.raises(BadSnapshotError, match="found embedded null byte"):
        read_snapshot_file(Path("a\x00b"), lambda _: ())
    with pytest.raises(BadSettingsError, match=r"a file in a folder that exists, found embedded"):
        clear(Path("a\x00b"))
