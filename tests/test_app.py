"""The app is an ordinary Flask app whose rules come from the contract."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from flask import Blueprint, abort, jsonify, redirect, request, url_for
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse, run_wsgi_app
from werkzeug.test import create_environ as environ_of

from mockserver import create_app
from mockserver.apis.oxen import CREATE, GET
from mockserver.assemble import app_of, assemble
from mockserver.contract.routes import Match
from mockserver.core.errors import BadSettingsError
from mockserver.core.exchange import Request
from mockserver.server import ThreadServer, claim
from mockserver.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.wrappers import Response

EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVALUATIONS = "/api/repos/ox/cats/evaluations"
SEED_PATH = f"{EVALUATIONS}/d0c8585d-1234-5678-abcd-ef0123456789"
TOKEN = {"Authorization": "Bearer any-token"}
GOOD: Mapping[str, object] = {
    "prompt": "Is it a cat? {image}",
    "input_type": "image",
    "output_type": "text",
    "model_id": "41148aa1-906c-411c-b84b-847d980e8896",
    "target_column": "answer",
}


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(Settings(epoch=EPOCH, seed="app")).test_client()


# -- settings ---------------------------------------------------------------------------------


def test_without_settings_the_app_is_the_one_that_serve_would_serve() -> None:
    client = create_app().test_client()
    assert client.get(SEED_PATH, headers=TOKEN).get_json()["status"] == "success"


def test_settings_say_which_tokens_and_bodies_are_taken_and_when_time_begins() -> None:
    app = create_app(Settings(tokens=("mine",), max_body=100, epoch=EPOCH, speed=0))
    client = app.test_client()
    assert client.get(SEED_PATH, headers=TOKEN).status_code == 401
    mine = {"Authorization": "Bearer mine"}
    answer = client.get(SEED_PATH, headers=mine)
    assert answer.headers["X-Mock-Now"] == "2026-03-01T12:00:00.000000Z"
    assert client.post(f"{EVALUATIONS}/main/a", json=GOOD, headers=mine).status_code == 413


def test_two_apps_share_nothing() -> None:
    one, other = (create_app(Settings(epoch=EPOCH, seed=seed)).test_client() for seed in "ab")
    created = one.post(f"{EVALUATIONS}/main/a", json=GOOD, headers=TOKEN).get_json()
    path = f"{EVALUATIONS}/{created['evaluation']['id']}"
    assert one.get(path, headers=TOKEN).status_code == 200
    assert other.get(path, headers=TOKEN).status_code == 404


def test_listeners_hear_what_the_app_is_asked() -> None:
    heard: list[str] = []
    app = create_app(Settings(), listeners=[lambda exchange: heard.append(exchange.request.path)])
    app.test_client().get(SEED_PATH, headers=TOKEN)
    app.test_client().get("/_mock/health")
    assert heard == [SEED_PATH]


# -- an ordinary Flask app --------------------------------------------------------------------


def test_the_test_client_creates_and_polls(client: FlaskClient) -> None:
    created = client.post(f"{EVALUATIONS}/main/a.parquet", json=GOOD, headers=TOKEN)
    assert created.status_code == 200
    assert created.mimetype == "application/json"
    id_ = created.get_json()["evaluation"]["id"]
    polled = client.get(f"{EVALUATIONS}/{id_}", headers=TOKEN).get_json()
    assert polled["evaluation"]["id"] == id_


def test_the_map_of_urls_has_a_rule_for_each_operation() -> None:
    mock = assemble(Settings())
    rules = {rule.endpoint: rule for rule in app_of(mock).url_map.iter_rules()}
    for name, operation in mock.engine.apis["oxen"].contract.operations.items():
        assert operation.method in (rules[name].methods or set())
    assert rules[GET].rule == (
        "/api/repos/<segment:namespace>/<segment:repo_name>/evaluations/<segment:evaluation_id>"
    )
    assert rules[CREATE].rule.endswith("/evaluations/<glob:resource_path>")


def test_a_url_can_be_made_of_a_rule_as_blueprints_of_a_users_may() -> None:
    with create_app(Settings()).test_request_context():
        for _ in range(2):
            path: Any = {"namespace": "a b", "repo_name": "c", "evaluation_id": "é"}
            told = "/api/repos/a%20b/c/evaluations/%C3%A9?page=2"
            assert url_for(GET, **path, page=2) == told
            assert url_for("control.get_health") == "/_mock/health"


def test_every_operation_of_a_users_document_gets_a_rule_too() -> None:
    mock = assemble(Settings(specs=(("mine.json", _document_with_more()),)))
    endpoints = {rule.endpoint for rule in app_of(mock).url_map.iter_rules()}
    assert {"OxenApiWeb.Q.list", "OxenApiWeb.Q.add", GET, CREATE} <= endpoints


def _document_with_more() -> str:
    document = create_app(Settings()).test_client().get("/_mock/openapi/oxen.json").get_json()
    said = {"responses": {"200": {"description": "fine"}}}
    document["paths"]["/api/odd name/{a-b}.json"] = {
        "parameters": [
            {"name": "a-b", "in": "path", "required": True, "schema": {"type": "string"}}
        ],
        "get": {**said, "operationId": "OxenApiWeb.Q.list"},
        "post": {**said, "operationId": "OxenApiWeb.Q.add"},
    }
    return json.dumps(document)


def test_a_parameter_whose_name_is_no_identifier_is_routed() -> None:
    client = create_app(Settings(specs=(("mine.json", _document_with_more()),))).test_client()
    answer = client.get("/api/odd%20name/7.json")
    assert answer.status_code == 501
    assert "OxenApiWeb.Q.list" in answer.get_json()["error"]["detail"]


def test_an_answer_fixture_may_be_called_like_an_operation(tmp_path: Path) -> None:
    answer = {"kind": "answer", "path": "/api/own", "status": 200, "body": "mine"}
    (tmp_path / f"{GET}.yaml").write_text(json.dumps(answer), "utf-8")
    client = create_app(Settings(fixtures=(tmp_path,))).test_client()
    assert client.get("/api/own", headers=TOKEN).get_data() == b"mine"
    assert client.get(SEED_PATH, headers=TOKEN).status_code == 200


@pytest.fixture(scope="module")
def mixed() -> FlaskClient:
    """The client of a mock that a blueprint of the user's was added to."""
    app = create_app(Settings(epoch=EPOCH))
    own = Blueprint("own", "own")

    @own.get("/own/<name>")
    def greet(name: str) -> Response:
        return jsonify(hello=name)

    @own.get("/own/refuse/<int:code>")
    def refuse(code: int) -> Response:
        abort(code, "because I say so")

    @own.get("/own/elsewhere")
    def elsewhere() -> Response:
        abort(redirect("/own/here"))

    @own.get("/own/fault")
    def fault() -> Response:
        raise ZeroDivisionError

    app.register_blueprint(own)
    return app.test_client()


def test_a_blueprint_of_the_users_works_beside_the_mock(mixed: FlaskClient) -> None:
    answer = mixed.get("/own/ox", headers={"Origin": "http://page.test"})
    assert answer.get_json() == {"hello": "ox"}
    assert answer.headers["Access-Control-Allow-Origin"] == "http://page.test"
    assert mixed.get(SEED_PATH, headers=TOKEN).status_code == 200


@pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 409, 413, 418, 422, 500, 502])
def test_what_a_blueprint_aborts_with_keeps_its_code(mixed: FlaskClient, code: int) -> None:
    answer = mixed.get(f"/own/refuse/{code}")
    assert answer.status_code == code
    assert b"because I say so" in answer.data or code == 405
    assert answer.headers["Access-Control-Allow-Origin"]


def test_redirects_and_wrong_methods_of_a_blueprint_are_its_own(mixed: FlaskClient) -> None:
    assert mixed.get("/own/elsewhere").headers["Location"] == "/own/here"
    wrong = mixed.delete("/own/ox")
    assert wrong.status_code == 405
    assert set(wrong.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_a_fault_in_a_blueprint_is_a_500_without_its_traceback(
    mixed: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = mixed.get("/own/fault")
    assert answer.status_code == 500
    assert b"Traceback" not in answer.data
    assert answer.headers["X-Mock-Now"]
    assert "ZeroDivisionError" in caplog.text


def test_what_a_hook_of_the_users_refuses_stays_refused() -> None:
    app = create_app(Settings())

    @app.before_request
    def closed() -> None:
        if request.headers.get("X-Closed"):
            abort(404)

    client = app.test_client()
    assert client.get(SEED_PATH, headers={**TOKEN, "X-Closed": "1"}).status_code == 404
    assert client.get(SEED_PATH, headers=TOKEN).status_code == 200


# -- one matcher, two ways in -----------------------------------------------------------------

MOCK = assemble(Settings(epoch=EPOCH, speed=0), real=lambda: 0)
APP = app_of(MOCK)
KNOWN = ("api", "repos", "ox", "evaluations", "file", "ai", "models", "main", "a.parquet", "_mock")
ODD = ("", ".", "..", "\n", "\r\n", "\x00", "%2F", " ", "🐂", "{id}", "?", "#", ";")
PARTS = st.sampled_from((*KNOWN, *ODD))
PATHS = st.one_of(
    st.lists(PARTS, max_size=9).map("/".join).map("/{}".format),
    st.lists(PARTS, max_size=4).map("/".join).map("/api/repos/ox/cats/evaluations/{}".format),
    st.text().map("/{}".format),
)
METHODS = st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "DELETE", "PATCH"])


def _through_flask(method: str, path: str) -> TestResponse:
    environ = environ_of(method=method, headers=TOKEN)
    environ["PATH_INFO"] = path.encode().decode("latin-1")
    environ.pop("RAW_URI", None)
    body, status, headers = run_wsgi_app(APP.wsgi_app, environ, buffered=True)
    made = environ_of()
    return TestResponse(body, status, headers, request=APP.request_class(made))


@settings(derandomize=True, deadline=None, database=None, max_examples=400)
@given(method=METHODS, path=PATHS)
@example(method="GET", path="//api/ai/models")
@example(method="GET", path=f"/{SEED_PATH}")
@example(method="GET", path=f"{SEED_PATH}/")
@example(method="GET", path=f"{SEED_PATH}\n")
@example(method="POST", path=f"{EVALUATIONS}/main\n/a")
@example(method="POST", path=f"{EVALUATIONS}//")
@example(method="OPTIONS", path=EVALUATIONS)
def test_flask_and_the_engine_answer_the_same_paths_alike(method: str, path: str) -> None:
    through = _through_flask(method, path)
    if path.startswith("/_mock/"):
        return
    direct = MOCK.engine.answer(Request(method, path, headers={"authorization": "Bearer t"}))
    assert through.status_code == direct.status
    assert through.headers.get("Allow") == direct.header("Allow")
    assert through.headers["X-Mock-Fixture"] == direct.header("X-Mock-Fixture")
    if method != "HEAD":
        assert through.data == direct.body


@settings(derandomize=True, deadline=None, database=None, max_examples=300)
@given(method=st.sampled_from(["GET", "POST", "DELETE"]), path=PATHS)
@example(method="POST", path=f"{EVALUATIONS}/main\n/a")
@example(method="GET", path=f"{EVALUATIONS}/\n")
def test_flasks_rules_lead_to_the_operation_that_the_matcher_finds(method: str, path: str) -> None:
    match = MOCK.engine.apis["oxen"].contract.routes.match(method, path)
    found: str | None
    try:
        found, _ = APP.url_map.bind("mock.test").match(path, method)
    except HTTPException:
        found = None
    if isinstance(match, Match):
        assert found == match.name
    else:
        assert found not in MOCK.engine.apis["oxen"].contract.operations or path.startswith("//")


# -- below /_mock/ ----------------------------------------------------------------------------


def test_health_needs_no_token_and_tells_virtual_time(client: FlaskClient) -> None:
    answer = client.get("/_mock/health")
    assert answer.status_code == 200
    told = answer.get_json()
    assert told["status"] == "ok"
    assert told["apis"] == ["oxen", "nugen"]
    assert datetime.fromisoformat(told["now"]) >= EPOCH


def _document(client: FlaskClient, name: str, **said: Any) -> dict[str, Any]:  # noqa: ANN401 as Flask's client takes it
    answer = client.get(f"/_mock/openapi/{name}.json", **said)
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    document: dict[str, Any] = answer.get_json()
    return document


@pytest.mark.parametrize("name", ["oxen", "oxen.strict"])
def test_both_documents_are_valid_openapi(client: FlaskClient, name: str) -> None:
    validate(_document(client, name))


@pytest.mark.parametrize("name", ["oxen", "oxen.strict"])
def test_a_served_document_names_the_server_it_was_asked_of(client: FlaskClient, name: str) -> None:
    asked = {"base_url": "http://mock.test:4010/below"}
    assert _document(client, name, **asked)["servers"] == [{"url": "http://mock.test:4010/below"}]
    app = create_app(Settings(prefix="/mock"))
    answer = app.test_client().get(f"/mock/_mock/openapi/{name}.json").get_json()
    assert answer["servers"] == [{"url": "http://localhost/mock"}]


def test_only_the_strict_document_says_what_must_be_there(client: FlaskClient) -> None:
    published, strict = _document(client, "oxen"), _document(client, "oxen.strict")
    path = f"{EVALUATIONS.replace('ox/cats', '{namespace}/{repo_name}')}/{{resource_path}}"
    assert published["paths"].keys() == strict["paths"].keys()
    assert published["paths"][path]["post"]["requestBody"]["required"] is False
    assert strict["paths"][path]["post"]["requestBody"]["required"] is True
    assert "required" not in published["components"]["schemas"]["Evaluation"]
    assert len(strict["components"]["schemas"]["Evaluation"]["required"]) == 25
    assert {"401", "415"} <= strict["paths"][path]["post"]["responses"].keys()


def test_asking_for_a_document_changes_none(client: FlaskClient) -> None:
    assert _document(client, "oxen") == _document(client, "oxen")
    assert _document(client, "oxen.strict", base_url="http://x.test") != _document(
        client, "oxen.strict"
    )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/_mock", 404),
        ("GET", "/_mock/", 404),
        ("GET", "/_mock/nowhere", 404),
        ("GET", "/_mock/openapi/odd.json", 404),
        ("GET", "/_mock/openapi/oxen", 404),
        ("DELETE", "/_mock/health", 405),
    ],
)
def test_problems_below_the_control_prefix_are_problem_json(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["status"] == status
    assert answer.headers["X-Mock-Now"]
    assert "status_message" not in answer.get_json()


def test_an_unknown_document_is_told_which_there_are(client: FlaskClient) -> None:
    told = client.get("/_mock/openapi/other.json").get_json()
    assert "oxen.json, oxen.strict.json, nugen.json, nugen.strict.json" in told["detail"]


@pytest.mark.parametrize("template", ["/a/{é}", "/a/{b}/<c>", "/a/{parameter_0}/{d-e}"])
def test_a_path_that_flask_cannot_express_is_answered_all_the_same(template: str) -> None:
    operation = "OxenApiWeb.Controllers.OddController.show"
    document = {
        "openapi": "3.0.0",
        "info": {"title": "odd", "version": "1"},
        "paths": {
            template: {"get": {"operationId": operation, "responses": {"200": {"description": ""}}}}
        },
    }
    client = create_app(Settings(specs=(("odd.json", json.dumps(document)),))).test_client()
    path = template.replace("{é}", "x").replace("{b}", "x").replace("{parameter_0}", "x")
    answer = client.get(path.replace("{d-e}", "x"))
    assert answer.status_code == 501
    assert operation in answer.text


def test_a_thread_server_on_a_taken_port_says_so_and_ends_nothing() -> None:
    app = create_app()
    with ThreadServer(app) as server:
        port = int(server.url.rsplit(":", 1)[1])
        with pytest.raises(BadSettingsError, match="expected a free one"):
            ThreadServer(app, port=port)


@pytest.mark.parametrize("host", ["a..b", f"{'x' * 64}.example"])
def test_a_host_that_is_no_name_is_refused_as_one(host: str) -> None:
    with pytest.raises(BadSettingsError, match="expected a name or address"):
        claim(host, 0)


def test_a_token_beyond_ascii_is_known_by_its_bytes() -> None:
    client = create_app(Settings(tokens=("schlüssel",))).test_client()
    token = "schlüssel".encode().decode("latin-1")
    answer = client.get(SEED_PATH, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
