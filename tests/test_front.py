"""The short way answers byte for byte as Flask does."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import Settings
from mockserver.assemble import Mock, app_of, assemble, front_of
from mockserver.making import Options
from mockserver.web.front import Front

if TYPE_CHECKING:
    from collections.abc import Mapping
    from wsgiref.types import WSGIApplication

    from flask import Flask

    Asked = tuple[str, str, Mapping[str, str], bytes]

SEED = "/api/repos/ox/cats/evaluations/d0c8585d-1234-5678-abcd-ef0123456789"
CREATE = "/api/repos/ox/cats/evaluations/main/a.parquet"
GOOD = (
    b'{"prompt": "x", "input_type": "text", "output_type": "text", "target_column": "a", '
    b'"model_id": "41148aa1-906c-411c-b84b-847d980e8896"}'
)
PATHS = st.sampled_from([
    SEED, CREATE, "/sandbox/mine" + SEED, "/sandbox/a/b" + SEED, "/sandbox/gone" + SEED,
    SEED.replace("d0c8585d", "00000000"), "/api/v3/evaluations", "/api/nowhere", "/", "//" + SEED,
    "/api/v3/evaluations/eval-xyz789/status", "/api/ai/models", SEED + "/", CREATE + "/\xc3\xa9",
    "/api/repos/{namespace}/cats/evaluations/x", "/api/repos/ox/cats/evaluations/x\ny",
    "/_mock/health", "/_mock/clock", "/_mock/report", "/_mock/faults", "/sandbox/mine/_mock/clock",
    CREATE + "/\xff",
    "/api/repos/ox/cats/file/main/results.parquet",
])  # fmt: skip
TYPES = ["application/json", "application/json; charset=utf-8", "text/plain", ""]
HEADERS = st.fixed_dictionaries({}, optional={
    "HTTP_AUTHORIZATION": st.sampled_from(["Bearer t", "Bearer sbx_mine", "Basic eA==", ""]),
    "HTTP_ORIGIN": st.sampled_from(["http://localhost:5173", "null"]),
    "HTTP_ACCESS_CONTROL_REQUEST_METHOD": st.just("POST"),
    "HTTP_PREFER": st.sampled_from(
        ["code=429", "code=401", "example=slow", "code=999", "odd"]
        + [f"dynamic={mood}, seed=7" for mood in ("strict", "published", "broken", "wild")]
    ),
    "HTTP_X_MOCK_SANDBOX": st.sampled_from(["mine", "other", "gone"]),
    "HTTP_X_OXEN_REQUEST_ID": st.just("mine-7"),
    "HTTP_CONTENT_TYPE": st.just("text/plain"),
    "HTTP_CONTENT_ENCODING": st.just("gzip"),
    "HTTP_EXPECT": st.just("100-continue"),
    "CONTENT_TYPE": st.sampled_from(TYPES),
    "QUERY_STRING": st.sampled_from(["", "a=1", "status=completed&limit=1000"]),
    "CONTENT_LENGTH": st.sampled_from(["0", "3", "99", "-1", "x", "", "99999999999"]),
})  # fmt: skip
BODIES = st.sampled_from([b"", b"{}", GOOD, b'{"prompt": 7}', b"\xff", b"[" * 500, b"x" * 2_000])
METHODS = st.sampled_from(["GET", "POST", "GET", "POST", "HEAD", "OPTIONS", "DELETE", "get"])
ASKED = st.lists(st.tuples(METHODS, PATHS, HEADERS, BODIES), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def short() -> WSGIApplication:
    return world(front_of)


@pytest.fixture(scope="module")
def whole() -> WSGIApplication:
    return world(through_flask)


@pytest.fixture(scope="module")
def app() -> WSGIApplication:
    return world(app_of)


def through_flask(mock: Mock) -> Flask:
    """The app, in which nothing is plain because its user has hung something on it."""
    app = app_of(mock)

    @app.before_request
    def nothing() -> None:
        pass

    return app


def world(kind: Any) -> WSGIApplication:  # noqa: ANN401 either way of making an app
    """A mock whose answers depend on nothing but what it is asked."""
    epoch = datetime(2026, 3, 1, tzinfo=UTC)
    mock = assemble(Settings(speed=0, seed="7", epoch=epoch, max_body=1_000), real=lambda: 0)
    sandboxes = mock.engine.sandboxes
    for name in ("mine", "gone"):
        sandboxes.put(mock.maker.made(name, Options(seed=name)))
    sandboxes.delete("gone")
    app: WSGIApplication = kind(mock)
    return app


def answered(app: WSGIApplication, asked: Asked) -> tuple[str, list[tuple[str, str]], bytes]:
    method, path, extra, body = asked
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "SCRIPT_NAME": "", "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1", "REMOTE_ADDR": "127.0.0.1", "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http", "wsgi.errors": io.StringIO(), "wsgi.multithread": True,
        "wsgi.multiprocess": False, "wsgi.run_once": False, "wsgi.input": io.BytesIO(body),
        "CONTENT_LENGTH": str(len(body)), **extra,
    }  # fmt: skip
    begun: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:  # noqa: ANN401 as WSGI has it
        begun.append((status, headers))

    chunks = app(environ, start)
    try:
        told = b"".join(chunks)
    except ConnectionAbortedError:
        told = b"cut short"
    [(status, headers)] = begun
    return status, headers, told


@given(ASKED)
def test_both_ways_tell_the_same_in_any_order(
    short: WSGIApplication, whole: WSGIApplication, app: WSGIApplication, asked: list[Asked]
) -> None:
    for one in asked:  # both have been asked the same before, whatever that was
        for _ in range(3):  # at first, from its head, and where the answer may stand
            expected = answered(whole, one)
            assert answered(short, one) == expected
            assert answered(app, one) == expected


RULES = [
    {"code": 418},
    {"code": 503, "retry_after": 3},
    {"body": "truncated"},
    {"body": "malformed"},
]


@pytest.mark.parametrize("rule", RULES)
def test_both_ways_tell_the_same_of_faults(rule: Mapping[str, Any]) -> None:
    def struck(kind: Any) -> object:  # noqa: ANN401 the same
        app = world(kind)
        raw = str(rule).replace("'", '"').encode()
        json = {"CONTENT_TYPE": "application/json", "HTTP_SEC_FETCH_SITE": "none"}
        status, _, _ = answered(app, ("POST", "/_mock/faults", json, raw))
        assert status == "201 CREATED"
        return answered(app, ("GET", SEED, {"HTTP_AUTHORIZATION": "Bearer t"}, b""))

    assert struck(front_of) == struck(app_of) == struck(through_flask)


@pytest.mark.parametrize("kind", [front_of, app_of, through_flask])
def test_what_goes_wrong_in_the_mock_itself_is_told_like_any_problem(
    kind: Any,  # noqa: ANN401 the same
    caplog: pytest.LogCaptureFixture,
) -> None:
    def stumble(_call: object) -> None:
        raise ZeroDivisionError

    mock = assemble(Settings(speed=0))
    handlers: dict[str, Any] = mock.engine.apis["oxen"].api.handlers  # type: ignore[assignment]  # because nobody else changes them
    handlers.update(dict.fromkeys(handlers, stumble))
    app = kind(mock)
    for _ in range(2):
        told = answered(app, ("GET", SEED, {"HTTP_AUTHORIZATION": "Bearer t"}, b""))
        assert told[0] == "500 INTERNAL SERVER ERROR"
        assert b"an error of the mock's own: ZeroDivisionError" in told[2]
    assert "ZeroDivisionError" in caplog.text


def test_a_plain_request_needs_no_flask() -> None:
    def no_app() -> WSGIApplication:
        pytest.fail("it was asked for")

    mock = assemble(Settings(speed=0))
    front = Front(mock.engine, no_app, mock.settings.max_body)
    status, _, _ = answered(front, ("GET", SEED, {"HTTP_AUTHORIZATION": "Bearer t"}, b""))
    assert status == "200 OK"
    json = {"CONTENT_TYPE": "application/json", "HTTP_AUTHORIZATION": "Bearer t"}
    assert answered(front, ("POST", CREATE, json, GOOD))[0] == "200 OK"
    assert answered(front, ("POST", CREATE, json, b"{}"))[0] == "400 BAD REQUEST"


def test_under_a_prefix_there_is_no_short_way() -> None:
    mock = assemble(Settings(speed=0, prefix="/hub"))
    assert type(front_of(mock)) is type(app_of(mock))
