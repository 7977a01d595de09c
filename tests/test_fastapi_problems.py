"""Nugen is made with FastAPI, so a refused request gets what a real FastAPI app answers."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI, Query
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict

from mockserver import Settings, create_app

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
    if isinstance(told["detail"], list):
        return sorted(told["detail"], key=lambda item: str(item["loc"]))
    return told["detail"]


@pytest.mark.parametrize("body", BODIES)
def test_a_bad_body_is_refused_as_fastapi_does(body: bytes) -> None:
    asked = ("POST", PATH, {**TOKEN, **JSON}, body)
    assert ours(*asked)[0] >= 400
    assert ours(*asked) == theirs(*asked)


def test_a_body_of_another_type_is_refused_as_fastapi_does() -> None:
    sent = {**TOKEN, "Content-Type": "text/plain"}
    asked = ("POST", PATH, sent, b'{"model_id":"a","benchmark_id":"b"}')
    assert ours(*asked) == theirs(*asked)


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
