"""Answers drawn over HTTP: by a preference, or in a sandbox whose every answer is drawn."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from served import CREATE_BODY, CREATE_PATH, SEED_PATH

from mockserver.assemble import create_app
from mockserver.dynamic.mutations import MUTATIONS
from mockserver.moods import MOODS, Mood
from mockserver.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask
    from werkzeug.test import TestResponse

EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
THING = {"$ref": "#/components/schemas/Thing"}
NUGEN_PATHS = ("/api/v3/evaluations/eval-1/status", "/api/v3/evaluations", "/api/v3/benchmark/list")


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app(Settings(epoch=EPOCH, seed="7", speed=0))


def ask(
    app: Flask, prefer: str = "", path: str = SEED_PATH, body: object = None, sandbox: str = ""
) -> TestResponse:
    headers = {"Authorization": "Bearer t", **({"Prefer": prefer} if prefer else {})}
    if sandbox:
        headers["X-Mock-Sandbox"] = sandbox
    client = app.test_client()
    return client.open(path, method="POST" if body else "GET", headers=headers, json=body)


def put(app: Flask, name: str, **options: object) -> Mapping[str, Any]:
    answer = app.test_client().put(f"/_mock/sandboxes/{name}", json=options)
    assert answer.status_code in {200, 201}, answer.text
    return dict(answer.get_json())


# -- a preference -----------------------------------------------------------------------------


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize("path", [SEED_PATH, *NUGEN_PATHS])
def test_the_seed_of_an_answer_draws_it_again_anywhere_and_at_any_time(
    mood: str, path: str, app: Flask
) -> None:
    elsewhere = create_app(Settings(epoch=EPOCH.replace(year=1999), seed="other"))
    for _ in range(5):
        drawn = ask(app, f"dynamic={mood}", path)
        seed = drawn.headers["X-Mock-Seed"]
        again = ask(elsewhere, f"dynamic={mood}, seed={seed}", path)
        for name in ("X-Mock-Mood", "X-Mock-Seed", "X-Mock-Mutation", "X-Mock-Now", "Content-Type"):
            assert drawn.headers.get(name) == again.headers.get(name)
        assert (drawn.status_code, drawn.data) == (again.status_code, again.data)
        assert drawn.headers["X-Mock-Mood"] == mood


@pytest.mark.parametrize("mood", MOODS)
def test_a_create_is_drawn_as_well_and_creates_nothing(mood: str, app: Flask) -> None:
    before = app.test_client().get("/_mock/evaluations").get_json()["total"]
    prefer = f"dynamic={mood}, seed=7"
    one, other = (ask(app, prefer, CREATE_PATH, CREATE_BODY) for _ in range(2))
    assert one.data == other.data
    assert app.test_client().get("/_mock/evaluations").get_json()["total"] == before
    if mood == "strict":
        told = one.get_json()["evaluation"]
        assert (told["status"], told["prompt"]) == ("queued", CREATE_BODY["prompt"])


@pytest.mark.parametrize("word", ["strict", "true", "TRUE", '"strict"', ""])
def test_strict_goes_by_several_words(word: str, app: Flask) -> None:
    answer = ask(app, f"dynamic={word}, seed=7")
    assert answer.headers["X-Mock-Mood"] == "strict"
    assert answer.data == ask(app, "dynamic=strict, seed=7").data


def test_other_seeds_draw_other_answers_of_every_status(app: Flask) -> None:
    seen: Counter[str] = Counter()
    for seed in range(120):
        seen[ask(app, f"dynamic=strict, seed={seed}").get_json()["evaluation"]["status"]] += 1
    assert len(seen) == 6
    assert min(seen.values()) >= 8


def test_what_is_asked_for_is_what_is_answered(app: Flask) -> None:
    for seed in range(20):
        told = ask(app, f"dynamic=strict, seed={seed}").get_json()["evaluation"]
        assert SEED_PATH.endswith(told["id"])


def test_every_way_of_breaking_an_answer_is_met_and_named(app: Flask) -> None:
    named = {
        ask(app, f"dynamic=broken, seed={seed}").headers["X-Mock-Mutation"] for seed in range(300)
    }
    assert named <= MUTATIONS.keys()
    assert len(named) > 25


def test_a_problem_is_drawn_where_its_code_is_preferred(app: Flask) -> None:
    plain = ask(app, "code=404")
    strict = ask(app, "code=404, dynamic=strict")
    assert (strict.status_code, strict.data) == (404, plain.data)
    bodies = {ask(app, f"code=404, dynamic=published, seed={seed}").data for seed in range(20)}
    assert len(bodies) > 10
    assert {ask(app, f"code=404, dynamic=broken, seed={n}").status_code for n in range(9)} >= {404}


def test_a_request_that_breaks_the_contract_is_refused_whatever_it_prefers(app: Flask) -> None:
    answer = ask(app, "dynamic=published", CREATE_PATH, {"prompt": 7})
    assert answer.status_code == 400
    assert "X-Mock-Mood" not in answer.headers


def test_a_preferred_problem_uses_up_no_fault_and_a_drawn_answer_does(app: Flask) -> None:
    put(app, "struck")
    client, headers = app.test_client(), {"X-Mock-Sandbox": "struck"}
    client.post("/_mock/faults", json={"code": 503, "count": 1}, headers=headers)
    assert ask(app, "code=404", sandbox="struck").status_code == 404
    assert ask(app, "dynamic=strict", sandbox="struck").status_code == 503
    assert ask(app, "dynamic=strict", sandbox="struck").status_code == 200


@pytest.mark.parametrize(
    ("prefer", "told"),
    [
        ("dynamic=publshed", "dynamic: expected one of strict, published, broken, true, false"),
        ('dynamic=strict, seed="a b"', "seed: expected 1 to 100 letters"),
        ("dynamic=strict, seed=", "seed: expected 1 to 100 letters"),
        (f"dynamic=strict, seed={'7' * 101}", "seed: expected 1 to 100 letters"),
    ],
)
def test_a_slip_is_told(prefer: str, told: str, app: Flask) -> None:
    answer = ask(app, prefer)
    assert answer.status_code == 400
    assert told in answer.get_json()["error"]["detail"]


@pytest.mark.parametrize(
    ("prefer", "hint"),
    [
        ("seed=7", "add dynamic="),
        ("dynamic=strict, example=happy-path", "example is ignored"),
    ],
)
def test_what_has_no_effect_is_told(prefer: str, hint: str, app: Flask) -> None:
    assert hint in ask(app, prefer).headers["X-Mock-Hint"]


def test_a_drawn_answer_is_marked_in_journal_and_archive_and_breaks_nothing(app: Flask) -> None:
    put(app, "marked")
    ask(app, "dynamic=broken, seed=3", sandbox="marked")
    ask(app, sandbox="marked")
    client = app.test_client()
    headers = {"X-Mock-Sandbox": "marked"}
    drawn, plain = client.get("/_mock/journal", headers=headers).get_json()["exchanges"]
    assert plain["draw"] is None
    name = drawn["draw"]["mutation"]
    assert drawn["draw"] == {"mood": "broken", "seed": "3", "mutation": name}
    assert name in MUTATIONS
    assert (drawn["violations"], drawn["status_seen"]) == ([], None)
    archive = client.get("/_mock/journal.har", headers=headers).get_json()
    assert [one["_draw"] for one in archive["log"]["entries"]] == [drawn["draw"], None]
    assert client.get("/_mock/report", headers=headers).get_json()["clean"]


def test_drawing_leaves_the_sandbox_as_it_was(app: Flask) -> None:
    put(app, "still", step=True)
    before = ask(app, sandbox="still").get_json()
    put(app, "still", step=True)
    for mood in MOODS:
        ask(app, f"dynamic={mood}", sandbox="still")
    assert ask(app, sandbox="still").get_json() == before


# -- a sandbox --------------------------------------------------------------------------------


@pytest.mark.parametrize("mood", MOODS)
def test_in_a_sandbox_with_a_mood_every_answer_is_drawn(mood: str, app: Flask) -> None:
    assert put(app, f"all-{mood}", mood=mood)["mood"] == mood
    for path, body in ((SEED_PATH, None), (CREATE_PATH, CREATE_BODY), (NUGEN_PATHS[1], None)):
        drawn = ask(app, "", path, body, sandbox=f"all-{mood}")
        assert drawn.headers["X-Mock-Mood"] == mood
        seed = drawn.headers["X-Mock-Seed"]
        assert ask(app, f"dynamic={mood}, seed={seed}", path, body).data == drawn.data


def test_a_preference_goes_before_the_mood_of_the_sandbox(app: Flask) -> None:
    put(app, "published", mood="published")
    assert "X-Mock-Mood" not in ask(app, "dynamic=false", sandbox="published").headers
    assert ask(app, "dynamic=broken", sandbox="published").headers["X-Mock-Mood"] == "broken"
    assert ask(app, "seed=9", sandbox="published").headers["X-Mock-Seed"] == "9"


def test_the_same_seed_of_a_sandbox_draws_the_same_answers_in_order(app: Flask) -> None:
    def drawn(name: str) -> list[bytes]:
        put(app, name, seed="7", mood="published")
        return [ask(app, sandbox=name).data for _ in range(8)]

    one = drawn("first")
    assert one == drawn("second")
    assert len(set(one)) > 4
    reset = app.test_client().post("/_mock/reset", json={}, headers={"X-Mock-Sandbox": "second"})
    assert reset.status_code == 200
    assert ask(app, sandbox="second").data == one[0]


def test_a_snapshot_goes_on_drawing_where_it_was_taken(app: Flask) -> None:
    put(app, "taken", seed="7", mood="broken")
    ask(app, sandbox="taken")
    client = app.test_client()
    document = client.post("/_mock/sandboxes/taken/snapshot", json={}).get_json()
    client.post("/_mock/sandboxes/restored/restore", json=document)
    assert ask(app, sandbox="restored").data == ask(app, sandbox="taken").data
    for name in ("mood", "drawn"):  # as documents of an earlier release have it
        del document[name]
    assert client.post("/_mock/sandboxes/older/restore", json=document).get_json()["mood"] is None


@pytest.mark.parametrize("mood", MOODS)
def test_a_server_may_have_a_mood(mood: str) -> None:
    app = create_app(Settings(mood=Mood(mood), seed="7"))
    assert ask(app).headers["X-Mock-Mood"] == mood
    assert ask(app, sandbox="another").headers["X-Mock-Mood"] == mood


def test_a_document_of_ones_own_is_drawn_of_without_any_fixture() -> None:
    document = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/api/things/{id}": {
                "get": {
                    "operationId": "get_thing",
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
                    ],
                    "responses": {
                        "200": {
                            "description": "",
                            "content": {"application/json": {"schema": THING}},
                        }
                    },
                }
            }
        },
        "components": {
            "schemas": {
                "Thing": {
                    "type": "object",
                    "required": ["kind", "inner"],
                    "properties": {
                        "kind": {"type": "string", "enum": ["a", "b"]},
                        "count": {"type": "integer", "minimum": 3, "maximum": 4},
                        "inner": {"type": "array", "items": THING},
                    },
                }
            }
        },
    }  # fmt: skip
    app = create_app(Settings(specs=(("own.json", json.dumps(document)),)))
    assert ask(app, path="/api/things/1").status_code == 501
    for seed in range(40):
        told = ask(app, f"dynamic=strict, seed={seed}", "/api/things/1").get_json()
        assert told["kind"] in {"a", "b"}
        assert told["count"] in {3, 4}
        other = ask(app, f"dynamic=published, seed={seed}", "/api/things/1").get_json()
        assert other["kind"] in {"a", "b"}
