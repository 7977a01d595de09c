"""Bad input over real sockets, on both servers: the right 4xx, and the server goes on."""

from __future__ import annotations

import json
import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from wire import (
    CREATE_PATH,
    IS_JSON,
    KINDS,
    ORIGIN,
    PATIENCE,
    SEED_PATH,
    TOKEN,
    Answer,
    Server,
    ask,
    creating,
    good_body,
    message,
    running,
    send,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 1_000_000
ENVELOPE = {
    400: "invalid_params",
    401: "unauthenticated",
    404: "resource_not_found",
    405: "method_not_allowed",
    413: "payload_too_large",
    415: "unsupported_media_type",
}
REPOS = b"/api/repos/"
ID = b"d0c8585d-1234-5678-abcd-ef0123456789"


@pytest.fixture(scope="module", params=KINDS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with running(request.param, max_body=LIMIT) as found:
        yield found


def assert_goes_on(server: Server) -> None:
    assert ask(server, message()).json()["status"] == "success"


def assert_readable_by_a_page(answer: Answer) -> None:
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "X-Mock-Now" in answer.headers["access-control-expose-headers"]
    assert answer.headers["x-mock-now"]
    assert answer.headers["x-mock-fixture"]


def assert_refused(server: Server, answer: Answer, *statuses: int) -> str:
    """In the hub's envelope, readable by a page, without a traceback; returns the detail."""
    assert answer.status in statuses, answer.body
    assert answer.headers["content-type"] == "application/json"
    assert int(answer.headers["content-length"]) == len(answer.body)
    told = answer.json()
    assert told["status"] == "error"
    assert told["status_message"] == told["error"]["type"] == ENVELOPE[answer.status]
    assert told["error"]["title"]
    assert b"Traceback" not in answer.body
    assert b".py" not in answer.body
    assert len(answer.body) < 1_500, "a refusal is never a dump of the body"
    assert_readable_by_a_page(answer)
    assert_goes_on(server)
    detail: str = told["error"].get("detail", "")
    return detail


BODIES = {
    "bytes that are no UTF-8": (b'{"prompt": "\xff\xfe"}', "not UTF-8"),
    "UTF-16": (good_body().decode().encode("utf-16"), "UTF-8"),
    "a surrogate encoded as UTF-8": (b'{"prompt": "\xed\xa0\x80"}', "not UTF-8"),
    "100,000 open brackets": (b"[" * 100_000, "nesting"),
    "100,000 nested lists": (b"[" * 100_000 + b"]" * 100_000, "nesting"),
    "100,000 nested objects": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nesting"),
    "deep nesting below a good key": (
        good_body()[:-1] + b', "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "nesting",
    ),
    "NaN": (good_body()[:-1] + b', "sample_count": NaN}', "NaN"),
    "Infinity": (good_body()[:-1] + b', "sample_count": -Infinity}', "Infinity"),
    "a number beyond floats": (good_body()[:-1] + b', "sample_count": 1e999}', "number"),
    "5,000 digits": (good_body()[:-1] + b', "sample_count": ' + b"9" * 5_000 + b"}", "digits"),
    "half of a surrogate pair": (good_body()[:-1] + b', "name": "\\ud83d"}', "surrogate"),
    "the other half": (good_body()[:-1] + b', "name": "x\\uDE00y"}', "surrogate"),
    "half a pair in a key": (good_body()[:-1] + b', "\\ud800": 1}', "surrogate"),
    "nothing": (b"", "required"),
    "white space": (b" \r\n ", "JSON"),
    "no JSON": (b"prompt=hello", "JSON"),
    "half of a JSON": (good_body()[:-5], "JSON"),
    "two values": (good_body() + good_body(), "JSON"),
    "a byte order mark": (b"\xef\xbb\xbf" + good_body(), "JSON"),
    "single quotes": (b"{'prompt': 1}", "JSON"),
    "a trailing comma": (good_body()[:-1] + b",}", "JSON"),
    "a raw control character": (b'{"prompt": "a\x00b"}', "JSON"),
    "null": (b"null", "an object"),
    "a list": (b"[]", "an object"),
    "a text": (b'"text"', "an object"),
    "a number": (b"7", "an object"),
    "an empty object": (b"{}", "required"),
}


@pytest.mark.parametrize("what", BODIES)
def test_a_body_that_is_no_good_json_is_a_400_that_says_why(server: Server, what: str) -> None:
    body, why = BODIES[what]
    assert why in assert_refused(server, ask(server, creating(body)), 400)


@pytest.mark.parametrize("depth", [600, 900, 940, 960, 970, 980, 990, 1_000, 3_000])
def test_nesting_at_the_edge_of_what_can_be_followed_is_never_a_fault(
    server: Server, depth: int
) -> None:
    pair = b'"\\ud83d\\ude00"'
    nested = b"[" * depth + pair + b"]" * depth
    for body in (
        nested,
        good_body()[:-1] + b', "x": ' + nested + b"}",
        b'{"type":' + nested + b"}",
    ):
        answer = ask(server, creating(body))
        assert answer.status in {200, 400}, answer.body
    assert_goes_on(server)


def test_huge_integers_are_accepted_and_echoed(server: Server) -> None:
    for count in (10**100, -(10**100), 2**63, 2**64, 10**4_000):
        answer = ask(server, creating(good_body(sample_count=count, is_sample=True)))
        assert answer.status == 200
        assert answer.json()["evaluation"]["sample_count"] == count


def test_texts_at_their_extremes_come_back_as_they_were_sent(server: Server) -> None:
    odd = "\u0000\u001f\u007f\u2028\ufffe\U0010ffff \U0001f402 {column} \\ud800 %00 </script>"
    answer = ask(server, creating(good_body(prompt=odd, name="x" * 100_000)))
    assert answer.json()["evaluation"]["prompt"] == odd
    assert len(answer.json()["evaluation"]["name"]) == 100_000


@pytest.mark.parametrize("size", [LIMIT + 1, 3_000_000, 20_000_000])
def test_who_sends_a_body_over_the_limit_whole_before_reading_gets_the_413(
    server: Server, size: int
) -> None:
    body = b'"' + b"x" * (size - 2) + b'"'
    detail = assert_refused(server, ask(server, creating(body)), 413)
    assert f"{LIMIT} bytes" in detail
    assert "--max-body" in detail


def test_a_body_over_the_limit_is_read_on_paths_of_the_control_too(server: Server) -> None:
    raw = message(b"POST", b"/_mock/health", (IS_JSON,), b"a" * 3_000_000)
    answer = ask(server, raw)
    assert answer.status == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_many_who_stall_in_their_body_keep_nobody_else_waiting(server: Server) -> None:
    stalled = creating(good_body())[:-10]
    with ExitStack() as held:
        for _ in range(100):
            address = ("127.0.0.1", server.port)
            held.enter_context(socket.create_connection(address, timeout=PATIENCE)).sendall(stalled)
        assert ask(server, message()).status == 200


def test_a_chunked_body_over_the_limit_gets_the_413(server: Server) -> None:
    chunks = [b"x" * 65_536] * (3_000_000 // 65_536)
    assert_refused(server, ask(server, _chunked(*chunks)), 413)


def test_the_limit_holds_for_every_operation_and_every_path(server: Server) -> None:
    for method, path in ((b"GET", SEED_PATH), (b"DELETE", SEED_PATH), (b"PUT", b"/api/repos/x")):
        raw = message(method, path, (TOKEN,), b"x" * (LIMIT + 1))
        assert_refused(server, ask(server, raw), 413)


def test_a_body_of_exactly_the_limit_is_taken(server: Server) -> None:
    body = good_body(name="")
    filled = good_body(name="x" * (LIMIT - len(body)))
    assert len(filled) == LIMIT
    assert ask(server, creating(filled)).status == 200


@pytest.mark.parametrize(
    "content_type",
    [
        b"text/plain",
        b"application/x-www-form-urlencoded",
        b"multipart/form-data; boundary=x",
        b"multipart/form-data",
        b"application/jsonp",
        b"application",
        b"/",
        b";",
        b"",
        b"*/*",
        b"\xff\xfe",
        b"a" * 5_000,
    ],
)
def test_a_content_type_that_is_no_json_is_a_415(server: Server, content_type: bytes) -> None:
    raw = creating(good_body(), (TOKEN, b"Content-Type: " + content_type))
    assert "application/json" in assert_refused(server, ask(server, raw), 415)


def test_a_missing_content_type_is_a_415(server: Server) -> None:
    assert "no Content-Type" in assert_refused(
        server, ask(server, creating(good_body(), (TOKEN,))), 415
    )


@pytest.mark.parametrize(
    "content_type", [b"application/json; charset=utf-8", b"application/json;", b"APPLICATION/JSON"]
)
def test_parameters_and_case_of_a_content_type_do_not_matter(
    server: Server, content_type: bytes
) -> None:
    raw = creating(good_body(), (TOKEN, b"Content-Type: " + content_type))
    assert ask(server, raw).status == 200


@pytest.mark.parametrize(
    "path",
    [
        b"../cats/evaluations/" + ID,
        b"ox/../evaluations/" + ID,
        b"%2e%2e/cats/evaluations/" + ID,
        b"./cats/evaluations/" + ID,
        b"/cats/evaluations/" + ID,
        b"ox//evaluations/" + ID,
        b"ox/cats//evaluations/" + ID,
        b"ox/cats/evaluations/%00",
        b"ox/cats/evaluations/" + ID + b"%00",
        b"ox/cats/evaluations/" + ID + b"%0A",
        b"o%00x/cats/evaluations/" + ID,
        b"ox/cats%0D%0AX-Evil:1/evaluations/" + ID,
        b"ox/cats/evaluations/%",
        b"ox/cats/evaluations/%zz",
        b"ox/cats/evaluations/" + b"a" * 5_000,
        b"",
        b"ox",
    ],
)
def test_a_path_that_names_no_evaluation_is_a_404(server: Server, path: bytes) -> None:
    answer = ask(server, message(path=REPOS + path))
    assert_refused(server, answer, 404)
    assert "detail" not in answer.json()["error"]
    assert answer.headers["x-mock-hint"].isprintable()
    assert "x-evil" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        b"main/../a",
        b"main/./a",
        b"..",
        b"%2e%2e/a",
        b"main%2F..%2Fa",
        b"main//a",
        b"/main/a",
        b"main/",
        b"",
        b"main/a%00.parquet",
        b"main/a%0Ab",
        b"main/%7F",
    ],
)
def test_a_path_that_names_no_file_is_a_404(server: Server, path: bytes) -> None:
    raw = message(b"POST", REPOS + b"ox/cats/evaluations/" + path, (TOKEN, IS_JSON), good_body())
    answer = ask(server, raw)
    assert_refused(server, answer, 404)
    assert answer.headers["x-mock-hint"]


@pytest.mark.parametrize(
    "path",
    [
        b"ox/cats/evaluations/%FF",
        b"%C3/cats/evaluations/" + ID,
        b"ox/cats/evaluations/%ED%A0%80",
        b"ox/cats/evaluations/%F8%88%80%80%80",
    ],
)
def test_a_path_of_bytes_that_are_no_utf8_is_a_400(server: Server, path: bytes) -> None:
    assert "UTF-8" in assert_refused(server, ask(server, message(path=REPOS + path)), 400)


def test_a_path_with_a_replacement_character_is_a_path_like_any_other(server: Server) -> None:
    path = REPOS + b"%EF%BF%BD/cats/evaluations/" + ID
    assert ask(server, message(path=path)).status == 200


def test_placeholders_are_named_and_never_shown_at_length(server: Server) -> None:
    for path in (b"{" + b"a" * 5_000 + b"}", b"/".join([b"{a}", b"*b"] * 1_000)):
        raw = message(
            b"POST", REPOS + b"ox/cats/evaluations/main/" + path, (TOKEN, IS_JSON), good_body()
        )
        assert "placeholder" in assert_refused(server, ask(server, raw), 400)


def test_an_empty_segment_before_all_others_is_one_too(server: Server) -> None:
    assert_refused(server, ask(server, message(path=b"/" + SEED_PATH)), 404)


@pytest.mark.parametrize(
    "method", [b"DELETE", b"PUT", b"PATCH", b"TRACE", b"CONNECT", b"QUERY", b"PROPFIND", b"OXEN"]
)
def test_a_method_that_a_path_does_not_take_is_a_405_that_says_which(
    server: Server, method: bytes
) -> None:
    answer = ask(server, message(method))
    assert method.decode() in assert_refused(server, answer, 405)
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    answer = ask(server, message(method, CREATE_PATH))
    assert_refused(server, answer, 405)
    assert answer.headers["allow"] == "OPTIONS, POST"


@pytest.mark.parametrize("method", [b"get", b"Get", b"x" * 500])
def test_methods_are_told_apart_by_case_and_never_shown_at_length(
    server: Server, method: bytes
) -> None:
    assert_refused(server, ask(server, message(method)), 405)


def test_head_is_the_headers_of_get_for_good_and_bad_alike(server: Server) -> None:
    for path, headers, status in (
        (SEED_PATH, (TOKEN,), 200),
        (SEED_PATH, (), 401),
        (SEED_PATH[:-1], (TOKEN,), 404),
        (CREATE_PATH, (TOKEN,), 405),
        (REPOS + b"%FF/cats/evaluations/" + ID, (TOKEN,), 400),
    ):
        answer = ask(server, message(b"HEAD", path, headers))
        assert answer.status == status
        assert answer.body == b""
        assert answer.headers["content-type"] == "application/json"
        assert_readable_by_a_page(answer)
    assert_goes_on(server)


def test_options_needs_no_token_and_a_preflight_gets_what_it_asks_for(server: Server) -> None:
    for path in (SEED_PATH, CREATE_PATH, b"/nowhere", REPOS + b"%FF"):
        asked = (
            b"Access-Control-Request-Method: POST",
            b"Access-Control-Request-Headers: authorization,sentry-trace,x-odd",
        )
        answer = ask(server, message(b"OPTIONS", path, asked))
        assert answer.status == 204
        assert answer.body == b""
        assert "POST" in answer.headers["access-control-allow-methods"]
        allowed = answer.headers["access-control-allow-headers"]
        assert allowed == "authorization,sentry-trace,x-odd"
        assert_readable_by_a_page(answer)
    plain = ask(server, message(b"OPTIONS", SEED_PATH, ()))
    assert plain.status == 204
    assert "allow" not in plain.headers
    assert ask(server, message(b"OPTIONS", CREATE_PATH, ())).headers["allow"] == "OPTIONS, POST"


@pytest.mark.parametrize(
    "prefer",
    [
        b"a" * 8_000,
        b"a" + b" " * 8_000 + b"b",
        b"a=" + b'"' * 8_000,
        b",;=" * 2_000,
        b"a;" + b'"" ' * 2_500,
        b'a="' + b"\\" * 8_000,
        b"a, " * 2_500,
        b"\xff\xfe",
    ],
)
def test_an_absurd_preference_is_no_reason_to_refuse(server: Server, prefer: bytes) -> None:
    answer = ask(server, message(headers=(TOKEN, b"Prefer: " + prefer)))
    assert answer.status == 200
    assert len(answer.headers.get("x-mock-hint", "")) <= 400
    assert_readable_by_a_page(answer)


def test_a_known_preference_with_an_absurd_value_is_a_400(server: Server) -> None:
    for value in (b"code=" + b"9" * 8_000, b'code="4\\04 "', b"example=" + b"x" * 8_000, b"code"):
        raw = message(headers=(TOKEN, b"Prefer: " + value))
        assert "Prefer" in assert_refused(server, ask(server, raw), 400)


@pytest.mark.parametrize(
    "authorization",
    [
        b"Bearer",
        b"Bearer ",
        b"Basic eDp5",
        b"any-token",
        b"",
        b"Bearer two words",
        b"Bearer one, Bearer two",
        b"B" * 5_000,
        b"\xe9\xff \xfe",
    ],
)
def test_an_authorization_that_is_no_bearer_token_is_a_401(
    server: Server, authorization: bytes
) -> None:
    answer = ask(server, message(headers=(b"Authorization: " + authorization,)))
    assert "header Authorization" in assert_refused(server, answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_token_of_odd_bytes_is_a_token_or_none_and_never_a_fault(server: Server) -> None:
    for token in (b"\xff\xfe\x80", b"\xc3\xa9", b"t" * 8_000, b"a=b;c,d"):
        answer = send(server, message(headers=(b"Authorization: Bearer " + token,)))
        assert answer is not None
        assert answer.status in {200, 401}
    assert_goes_on(server)


def test_the_same_header_many_times_is_no_fault(server: Server) -> None:
    many = [b"X-Odd-%d: \xff" % number for number in range(80)]
    assert ask(server, message(headers=(TOKEN, *many))).status == 200
    assert ask(server, message(headers=(TOKEN, *([b"Prefer: a=b"] * 80)))).status == 200
    assert_refused(server, ask(server, message(headers=(TOKEN, TOKEN))), 401)


def test_an_odd_origin_or_host_is_no_fault(server: Server) -> None:
    base = message().replace(f"Origin: {ORIGIN}\r\n".encode(), b"")
    for line in (b"Origin: null", b"Origin: h\xe9", b"Origin: " + b"o" * 5_000, b"Origin:"):
        answer = ask(server, base.replace(b"Host:", line + b"\r\nHost:", 1))
        assert answer.status == 200
        assert answer.headers["access-control-allow-origin"]
    for host in (b"a b<>", b"[::1", b"", b"h\xfc", b"x:99999999", b"x/y", b"u@h"):
        for path in (SEED_PATH, b"/_mock/openapi/oxen.json", b"/nowhere"):
            answer_or_none = send(server, message(path=path).replace(b"mock.test", host))
            assert answer_or_none is None or answer_or_none.status < 500
    assert_goes_on(server)


def test_an_odd_query_is_no_fault(server: Server) -> None:
    for query in (b"%FF=%00", b"&&=&;", b"a[]=1&a[]=2", b"a=b&" * 5_000, b"?" * 100, b"%"):
        answer = ask(server, message(path=SEED_PATH + b"?" + query))
        assert answer.status == 200


@pytest.mark.parametrize(
    "raw",
    [
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET  HTTP/1.1\r\n\r\n",
        message(path=b"/" + b"a" * 1_000_000),
        message(headers=(TOKEN, b"X-Long: " + b"a" * 1_000_000)),
        message(headers=(TOKEN, *[b"X-%d: a" % number for number in range(5_000)])),
    ],
    ids=["nonsense", "TLS", "HTTP 9.9", "no path", "long path", "long header", "many headers"],
)
def test_what_the_server_itself_refuses_is_a_4xx_or_a_closed_connection(
    server: Server, raw: bytes
) -> None:
    answer = send(server, raw, hang_up=True)
    assert answer is None or 400 <= answer.status < 500 or answer.status == 505
    assert answer is None or b"Traceback" not in answer.body
    assert_goes_on(server)


def _chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    head = message(b"POST", CREATE_PATH, (TOKEN, IS_JSON, b"Transfer-Encoding: chunked"))
    return head + b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + end


def test_a_chunked_body_is_taken(server: Server) -> None:
    body = good_body(name="in pieces")
    for size in (1, 7, len(body)):
        pieces = [body[start : start + size] for start in range(0, len(body), size)]
        answer = ask(server, _chunked(*pieces))
        assert answer.json()["evaluation"]["name"] == "in pieces"


@pytest.mark.parametrize(
    "rest", [b"zz\r\nabc\r\n0\r\n\r\n", b"-5\r\nabc\r\n0\r\n\r\n", b"ff\r\nabc", b"3\r\nabcdef\r\n"]
)
def test_a_misframed_chunked_body_is_a_400(server: Server, rest: bytes) -> None:
    half = good_body()[:20]
    assert_refused(server, ask(server, _chunked(half, end=rest), hang_up=True), 400)


@pytest.mark.parametrize("body", [b"", b'{"prompt":', good_body()])
def test_a_body_that_ends_before_its_announced_length_is_a_400(server: Server, body: bytes) -> None:
    announced = b"Content-Length: %d" % (len(body) + 1_000)
    raw = message(b"POST", CREATE_PATH, (TOKEN, IS_JSON, announced)) + body
    detail = assert_refused(server, ask(server, raw, hang_up=True), 400)
    assert "announced" in detail


@pytest.mark.parametrize("length", [b"abc", b"-1", b"1e3", b""])
def test_a_length_that_is_no_number_is_a_4xx(server: Server, length: bytes) -> None:
    raw = message(b"POST", CREATE_PATH, (TOKEN, IS_JSON, b"Content-Length: " + length))
    answer = send(server, raw + good_body(), hang_up=True)
    assert answer is None or 400 <= answer.status < 500
    assert_goes_on(server)


def test_a_client_that_goes_away_halfway_leaves_a_server_that_goes_on(server: Server) -> None:
    for raw in (b"GET /api", message()[:-2], creating(good_body())[:-10], b""):
        send(server, raw, hang_up=True)
    assert_goes_on(server)


def test_below_the_control_prefix_problems_are_told_as_rfc_9457_asks(server: Server) -> None:
    for method, path, status in (
        (b"GET", b"/_mock/nowhere", 404),
        (b"GET", b"/_mock", 404),
        (b"GET", b"/_mock/openapi/odd.json", 404),
        (b"POST", b"/_mock/health", 405),
        (b"GET", b"/_mock/%FF", 400),
    ):
        raw = message(method, path).replace(b"Host: mock.test", b"Host: localhost")
        answer = ask(server, raw.replace(f"Origin: {ORIGIN}\r\n".encode(), b""))
        assert answer.status == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == status
        assert "access-control-allow-origin" not in answer.headers


def test_an_expectation_of_100_continue_is_met(server: Server) -> None:
    body = good_body()
    raw = message(b"POST", CREATE_PATH, (TOKEN, IS_JSON, b"Expect: 100-continue"), body)
    assert ask(server, raw).status == 200


def test_a_good_create_is_still_understood_after_all_that(server: Server) -> None:
    answer = ask(server, creating(good_body(prompt="still here")))
    created = answer.json()["evaluation"]
    path = REPOS + b"ox/cats/evaluations/" + created["id"].encode()
    assert ask(server, message(path=path)).json()["evaluation"]["prompt"] == "still here"
    assert json.loads(answer.body)["evaluation"]["status"] == "queued"
