"""Nugen is made with FastAPI, so a refused request gets what a real FastAPI app answers."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI, Query
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict

from mockserver import Settings, create_app
from mockserver.apis.nugen import envelope
from mockserver.contract.contract import Contract
from mockserver.contract.routes import Match
from mockserver.core.exchange import Request
from mockserver.problems import STATUSES, RefusedError

PATH = "/api/v3/evaluations"
TOKEN = {"Authorization": "Bearer k"}
JSON = {"Content-Type": "application/json"}
OURS = create_app(Settings(speed=0)).test_client()
THEIRS = FastAPI()
SECURED = [Depends(HTTPBearer())]


class Create(BaseModel):
    """The documented body of a create."""

    model_config = ConfigDict(protected_namespaces=())

    model_id: str
    benchmark_id: str
    custom_metrics: dict[str, Any] | None = None
    model_id_2: str | None = None


def create(body: Create) -> dict[str, str]:
    return {"model_id": body.model_id}


def listed(
    limit: Annotated[int, Query(ge=1, le=100)] = 10, offset: Annotated[int, Query(ge=0)] = 0
) -> dict[str, int]:
    return {"limit": limit, "offset": offset}


create.__annotations__["body"] = Create  # FastAPI reads them, and finds texts
listed.__annotations__ |= {
    "limit": Annotated[int, Query(ge=1, le=100)],
    "offset": Annotated[int, Query(ge=0)],
}
THEIRS.post(PATH, dependencies=SECURED, response_model=None)(create)
THEIRS.get(PATH, dependencies=SECURED, response_model=None)(listed)

BODIES = (
    b"{}",
    b"null",
    b"[]",
    b'"x"',
    b"7",
    b"",
    b"{",
    b"nope",
    b'{"a":1,}',
    b'\n\n{"a" 1}',
    b'{"model_id": }',
    b'{"model_id":"a"}',
    b'{"model_id":"a","benchmark_id":"b"} x',
    b'{"model_id":1,"benchmark_id":null}',
    b'{"model_id":"a","benchmark_id":"b","custom_metrics":["accuracy"]}',
    b'{"model_id":"a","benchmark_id":"b","custom_metrics":"x","model_id_2":5}',
    b"\xff\xfe{",
)
QUERIES = (
    "limit=0",
    "limit=101",
    "limit=1000",
    "limit=abc",
    "limit=1.5",
    "limit=",
    "limit=1e2",
    "offset=-1",
    "offset=x&limit=1000",
    "limit=10&limit=0",
    "limit=99999999999999999999",
)
STRICTER = (
    # what differs on purpose: the real one takes it or falls over it; we keep to the document
    ("text/json", b'{"model_id":"a","benchmark_id":"b"}', "another media type", 422),
    ("application/x+json", b'{"model_id":"a","benchmark_id":"b"}', "FastAPI takes any +json", 200),
    ("application/json", b'\xef\xbb\xbf{"model_id":"a","benchmark_id":"b"}', "a mark before", 200),
    ("application/json", b'{"model_id":"a","benchmark_id":"b","x":NaN}', "no JSON has NaN", 200),
    ("application/json", b'{"model_id":' + b"9" * 5000 + b"}", "too long for Python", 400),
)
Answer = tuple[int, object, str | None]


def theirs(method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=THEIRS)
        async with httpx.AsyncClient(transport=transport, base_url="http://real.test") as client:
            return await client.request(method, url, headers=headers, content=body)

    answer = asyncio.run(ask())
    return answer.status_code, _sorted(answer.json()), answer.headers.get("WWW-Authenticate")


def ours(method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
    answer = OURS.open(url, method=method, headers=headers, data=body)
    return answer.status_code, _sorted(answer.get_json()), answer.headers.get("WWW-Authenticate")


def _sorted(told: dict[str, Any]) -> object:
    """Everything wrong is told at once; in which order is nobody's business."""
    if isinstance(told.get("detail"), list):
        return sorted(told["detail"], key=lambda item: str(item["loc"]))
    return told.get("detail")


@pytest.mark.parametrize("body", BODIES)
def test_a_bad_body_is_refused_as_fastapi_does(body: bytes) -> None:
    asked = ("POST", PATH, {**TOKEN, **JSON}, body)
    assert ours(*asked)[0] >= 400
    assert ours(*asked) == theirs(*asked)


def test_a_body_of_another_type_is_refused_as_fastapi_does() -> None:
    sent = {**TOKEN, "Content-Type": "text/plain"}
    asked = ("POST", PATH, sent, b'{"model_id":"a","benchmark_id":"b"}')
    assert ours(*asked) == theirs(*asked)


@pytest.mark.parametrize(("media_type", "body", "why", "status"), STRICTER)
def test_where_fastapi_is_laxer_than_the_document_we_refuse(
    media_type: str, body: bytes, why: str, status: int
) -> None:
    asked = ("POST", PATH, {**TOKEN, "Content-Type": media_type}, body)
    assert theirs(*asked)[0] == status, why
    assert ours(*asked)[0] == 422, why


@pytest.mark.parametrize("query", QUERIES)
def test_a_bad_query_is_refused_as_fastapi_does(query: str) -> None:
    asked = ("GET", f"{PATH}?{query}", TOKEN, b"")
    assert ours(*asked)[0] == 422
    assert ours(*asked) == theirs(*asked)


@pytest.mark.parametrize("sent", [{}, {"Authorization": "Basic eA=="}, {"Authorization": "Bearer"}])
def test_who_brings_no_token_hears_that_before_anything_else(sent: dict[str, str]) -> None:
    asked = ("POST", PATH, {**sent, **JSON}, b"{}")
    assert ours(*asked)[0] == 401
    assert ours(*asked) == theirs(*asked)


@pytest.mark.parametrize(("method", "path"), [("PUT", PATH), ("GET", "/api/v3/nowhere")])
def test_what_is_not_there_is_told_as_fastapi_does(method: str, path: str) -> None:
    asked = (method, path, TOKEN, b"")
    assert ours(*asked) == theirs(*asked)


def test_a_wrong_method_is_told_which_there_are() -> None:
    allowed = OURS.open(PATH, method="PUT", headers=TOKEN).headers["Allow"]
    assert {"GET", "POST"} <= set(allowed.split(", "))


def test_a_token_that_the_server_does_not_know_is_a_403() -> None:
    client = create_app(Settings(tokens=("mine",))).test_client()
    answer = client.get(PATH, headers=TOKEN)
    expected = {"detail": "Could not validate credentials. Reason: API key not found"}
    assert (answer.status_code, answer.get_json()) == (403, expected)


@pytest.mark.parametrize("code", [400, 401, 403, 404, 422, 429, 500, 503])
def test_every_problem_can_be_preferred(code: int) -> None:
    answer = OURS.get(PATH, headers={**TOKEN, "Prefer": f"code={code}"})
    assert answer.status_code == code
    if code == 500:
        assert answer.get_data(as_text=True) == "Internal Server Error"
        assert answer.mimetype == "text/plain"
    else:
        assert answer.get_json().keys() == {"detail"}


def test_a_list_of_custom_metrics_is_told_to_contradict_the_schema() -> None:
    sent = {"model_id": "a", "benchmark_id": "b", "custom_metrics": ["accuracy"]}
    answer = OURS.post(PATH, json=sent, headers=TOKEN)
    assert answer.status_code == 422
    assert "asks for an object" in answer.headers["X-Mock-Hint"]


# -- judge and envelope alone, where Nugen's own document has nothing to ask with -----------------


class Sized(BaseModel):
    """A body with every type that is told in words of its own."""

    size: int
    names: list[str] = []
    extra: dict[str, Any] = {}


def sized(number: int, body: Sized, page: int) -> dict[str, int]:
    return {"number": number, "size": body.size, "page": page}


sized.__annotations__["body"] = Sized
THEIRS.post("/sized/{number}", response_model=None)(sized)
INTEGER = {"type": "integer"}
NAMES = {"type": "array", "items": {"type": "string"}}
SIZED = {
    "type": "object",
    "required": ["size"],
    "properties": {"size": INTEGER, "names": NAMES, "extra": {"type": "object"}},
}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {
        "/sized/{number}": {
            "post": {
                "parameters": [
                    {"name": "number", "in": "path", "required": True, "schema": INTEGER},
                    {"name": "page", "in": "query", "required": True, "schema": INTEGER},
                ],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": SIZED}},
                },
                "responses": {"200": {"description": ""}},
            }
        }
    },
}
CONTRACT = Contract.load("nugen", json.dumps(DOCUMENT), "any", ())


def refused(path: str, query: dict[str, str], body: object) -> Answer:
    match = CONTRACT.routes.match("POST", path)
    assert isinstance(match, Match)
    raw = json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    asked = Request("POST", path, tuple(query.items()), headers, raw)
    error = envelope.refusal(CONTRACT.check_request(match, asked), "")
    answer = envelope.render(error)
    return answer.status, _sorted(json.loads(answer.body)), None


@pytest.mark.parametrize(
    ("number", "query", "body"),
    [
        ("1", {"page": "1"}, {}),
        ("1", {}, {"size": 1}),
        ("x", {"page": "y"}, {}),
        ("x", {"page": "1"}, {"size": 1}),
        ("1.5", {}, {"size": "x"}),
        ("1", {"page": "1"}, {"size": 1.5}),
        ("1", {"page": "1"}, {"size": None}),
        ("1", {"page": "1"}, {"size": []}),
        ("1", {"page": "1"}, {"size": ""}),
        ("1", {"page": "1"}, {"size": 1, "names": "x", "extra": 1}),
        ("1", {"page": "1"}, {"size": 1, "names": ["a", 1, None, {}], "extra": []}),
        ("x", {"page": "y"}, [{"size": 1}]),
    ],
)
def test_every_type_and_place_is_told_in_fastapis_words(
    number: str, query: dict[str, str], body: object
) -> None:
    path = f"/sized/{number}"
    url = str(httpx.URL(path, params=query))
    assert refused(path, query, body) == theirs("POST", url, JSON, json.dumps(body).encode())


@pytest.mark.parametrize("size", ["5", True])
def test_what_pydantic_would_make_an_integer_of_is_refused(size: object) -> None:
    sent = {"size": size}
    assert theirs("POST", "/sized/1?page=1", JSON, json.dumps(sent).encode())[0] == 200
    message = "Input should be a valid integer"
    told = {"type": "int_type", "loc": ["body", "size"], "msg": message, "input": size}
    assert refused("/sized/1", {"page": "1"}, sent) == (422, [told], None)


@pytest.mark.parametrize("status", sorted(STATUSES))
def test_every_problem_has_a_form(status: int) -> None:
    answer = envelope.render(RefusedError(status, "why", headers=(("X-More", "1"),)))
    assert (answer.status, answer.header("X-More")) == (status, "1")
    assert answer.body


def test_a_fault_of_ours_is_told_below_the_words_of_the_service() -> None:
    assert envelope.render(RefusedError(500, "why")).body == b"Internal Server Error\nwhy"


def test_a_401_asks_for_a_bearer_and_nothing_else() -> None:
    answer = envelope.render(RefusedError(401, headers=(("www-authenticate", "Basic"),)))
    assert [pair for pair in answer.headers if pair[0].lower() == "www-authenticate"] == [
        ("WWW-Authenticate", "Bearer")
    ]
