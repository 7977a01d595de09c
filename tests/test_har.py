"""The HTTP archive: HAR 1.2 as its specification has it, and as other tools read it."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mockserver.core.exchange import Draw, Exchange, Kind, Request, Response, Violation
from mockserver.har import har_of
from mockserver.journal import LONGEST_BODY

BASE = "http://127.0.0.1:4010"
NOW = datetime(2026, 3, 1, 12, 0, 7, 250_999, tzinfo=UTC)
ASKED = Request("GET", "/api/repos/ox/cats", (("a", "1"),), {"accept": "*/*"})
IS_JSON = ("Content-Type", "application/json")
GIVEN = Response(200, (IS_JSON,), b'{"status":"completed"}')
PATHS = st.lists(st.text(st.characters(exclude_characters="/")), max_size=5).map(
    lambda segments: "/" + "/".join(segments)
)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
PAIRS = st.lists(st.tuples(TEXTS, TEXTS), max_size=4)


def thing(**properties: object) -> dict[str, object]:
    """What HAR says of an object: these are required; a comment may be, and names with `_`."""
    return {
        "type": "object",
        "required": [name for name in properties if not name.endswith("_")],
        "properties": {
            **{name.rstrip("_"): schema for name, schema in properties.items()},
            "comment": {"type": "string"},
        },
        "patternProperties": {"^_": {}},
        "additionalProperties": False,
    }


TEXT = {"type": "string"}
NUMBER = {"type": "integer", "minimum": -1}
ZERO = {"type": "number", "minimum": 0}
NAMED = {"type": "array", "items": thing(name=TEXT, value=TEXT)}
INSTANT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"}
MESSAGE = {
    "httpVersion": TEXT,
    "cookies": {"type": "array"},
    "headers": NAMED,
    "headersSize": NUMBER,
    "bodySize": NUMBER,
}
ENCODING = {"const": "base64"}
# Of `postData` the specification knows no encoding; it is a proposal of HAR 1.3.
POSTED = thing(mimeType=TEXT, text=TEXT, encoding_=ENCODING)
ANSWERED = thing(size=ZERO, mimeType=TEXT, text_=TEXT, encoding_=ENCODING)
URL = {"type": "string", "pattern": r"^http://[!-~]+$"}
ENTRY = thing(
    startedDateTime=INSTANT,
    time=ZERO,
    request=thing(method=TEXT, url=URL, queryString=NAMED, postData_=POSTED, **MESSAGE),
    response=thing(
        status={"type": "integer"}, statusText=TEXT, content=ANSWERED, redirectURL=TEXT, **MESSAGE
    ),
    cache=thing(),
    timings=thing(send=ZERO, wait=ZERO, receive=ZERO),
)
HAR = thing(
    log=thing(
        version={"const": "1.2"},
        creator=thing(name=TEXT, version=TEXT),
        entries={"type": "array", "items": ENTRY},
    )
)


def archive(*exchanges: Exchange, base: str = BASE) -> dict[str, Any]:
    """An archive as another tool reads it, once it is known to be one."""
    found: dict[str, Any] = json.loads(json.dumps(har_of(exchanges, base, "1.0")))
    assert [error.message for error in Draft202012Validator(HAR).iter_errors(found)] == []
    return found


def entry(request: Request = ASKED, response: Response = GIVEN, **facts: Any) -> dict[str, Any]:  # noqa: ANN401 because an exchange has facts of many types
    [found] = archive(Exchange(request, response, (), NOW, **facts))["log"]["entries"]
    one: dict[str, Any] = found
    return one


def asked(method: str = "GET", path: str = "/a", **more: Any) -> dict[str, Any]:  # noqa: ANN401 as a request takes it
    request: dict[str, Any] = entry(Request(method, path, **more))["request"]
    return request


def answered(*body: bytes, status: int = 200, cut: int | None = None) -> dict[str, Any]:
    response: dict[str, Any] = entry(
        response=Response(status, (IS_JSON,), b"".join(body), cut=cut)
    )["response"]
    return response


def test_an_archive_says_what_made_it() -> None:
    assert archive()["log"] == {
        "version": "1.2",
        "creator": {"name": "oxen-mockserver", "version": "1.0"},
        "entries": [],
    }


def test_an_entry_is_the_whole_exchange() -> None:
    assert entry() == {
        "startedDateTime": "2026-03-01T12:00:07.250Z",
        "time": 0,
        "request": {
            "method": "GET",
            "url": f"{BASE}/api/repos/ox/cats?a=1",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [{"name": "accept", "value": "*/*"}],
            "queryString": [{"name": "a", "value": "1"}],
            "headersSize": -1,
            "bodySize": 0,
        },
        "response": {
            "status": 200,
            "statusText": "OK",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [{"name": "Content-Type", "value": "application/json"}],
            "content": {
                "size": 22,
                "mimeType": "application/json",
                "text": '{"status":"completed"}',
            },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": 22,
        },
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
        "_operation": None,
        "_evaluation": None,
        "_fault": None,
        "_draw": None,
        "_violations": [],
    }


def test_entries_come_in_the_order_of_the_exchanges() -> None:
    exchanges = [Exchange(replace(ASKED, path=path), GIVEN, (), NOW) for path in ("/a", "/b")]
    urls = [one["request"]["url"] for one in archive(*exchanges)["log"]["entries"]]
    assert urls == [f"{BASE}/a?a=1", f"{BASE}/b?a=1"]


def test_an_instant_is_told_in_utc() -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    [found] = archive(Exchange(ASKED, GIVEN, (), elsewhere))["log"]["entries"]
    assert found["startedDateTime"] == "2026-03-01T12:00:07.250Z"


def test_our_own_facts_are_told_under_names_of_our_own() -> None:
    broken = Violation("body /prompt", "a string", "7", Kind.BODY, "quote it", awaited=True)
    exchange = Exchange(
        ASKED,
        GIVEN,
        (broken,),
        NOW,
        operation_id="get",
        evaluation_id="1",
        fault="fault-1",
        draw=Draw("broken", "7", "another-id"),
    )
    [found] = archive(exchange)["log"]["entries"]
    assert {name: value for name, value in found.items() if name.startswith("_")} == {
        "_operation": "get",
        "_evaluation": "1",
        "_fault": "fault-1",
        "_draw": {"mood": "broken", "seed": "7", "mutation": "another-id"},
        "_violations": [
            {
                "place": "body /prompt",
                "expected": "a string",
                "found": "7",
                "advice": "quote it",
                "awaited": True,
            }
        ],
    }


# -- where it was sent to -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "url"),
    [
        (Request("GET", "/a b/ü"), f"{BASE}/a%20b/%C3%BC"),
        (Request("GET", "/50%/{id}?#"), f"{BASE}/50%25/%7Bid%7D%3F%23"),
        (Request("GET", "/a:b@c"), f"{BASE}/a:b@c"),
        (Request("GET", "/a", (("b", "c d&e"), ("b", ""))), f"{BASE}/a?b=c%20d%26e&b="),
        (Request("GET", "/a", sandbox="tests"), f"{BASE}/sandbox/tests/a"),
        (Request("GET", "/a", sandbox="x/y z[1]"), f"{BASE}/sandbox/x%2Fy%20z%5B1%5D/a"),
    ],
)
def test_a_url_is_the_one_that_was_asked(request_: Request, url: str) -> None:
    assert entry(request_)["request"]["url"] == url


def test_a_base_may_end_in_a_slash_and_hold_a_prefix() -> None:
    found = archive(Exchange(Request("GET", "/a"), GIVEN, (), NOW), base=f"{BASE}/below/")
    assert found["log"]["entries"][0]["request"]["url"] == f"{BASE}/below/a"


@given(PATHS, PAIRS, st.none() | st.text(st.characters(codec="utf-8"), min_size=1))
def test_a_url_read_back_is_what_was_asked(
    path: str, query: list[tuple[str, str]], sandbox: str | None
) -> None:
    told = urlsplit(asked(path=path, query=tuple(query), sandbox=sandbox)["url"])
    below = "" if sandbox is None else f"/sandbox/{quote(sandbox, safe='')}"
    assert told.path.startswith(f"{below}/")
    assert unquote(told.path.removeprefix(below), errors="surrogatepass") == path
    assert parse_qsl(told.query, keep_blank_values=True) == query


# -- bodies -------------------------------------------------------------------------------------


def test_a_body_of_a_request_is_told_with_its_type() -> None:
    found = asked("POST", headers={"content-type": "application/json"}, body='{"ü":1}'.encode())
    assert found["postData"] == {"mimeType": "application/json", "text": '{"ü":1}'}
    assert found["bodySize"] == 8


def test_a_request_without_a_body_has_no_post_data() -> None:
    assert "postData" not in asked("POST", headers={"content-type": "application/json"})


def test_a_body_without_a_type_is_of_an_unknown_one() -> None:
    assert asked("POST", body=b"a")["postData"] == {"mimeType": "x-unknown", "text": "a"}
    untyped = entry(response=Response(200, (), b"a"))["response"]["content"]
    assert untyped == {"size": 1, "mimeType": "x-unknown", "text": "a"}


def test_bytes_that_are_no_text_are_told_in_base64() -> None:
    raw = b"PAR1\xff\x00"
    told = {
        "text": base64.b64encode(raw).decode(),
        "encoding": "base64",
        "comment": "bytes that are no UTF-8, in base64",
    }
    assert asked("POST", body=raw)["postData"] == {"mimeType": "x-unknown", **told}
    assert answered(raw)["content"] == {"size": 6, "mimeType": "application/json", **told}


def test_an_answer_without_a_body_has_no_text() -> None:
    found = entry(response=Response(204))["response"]
    assert found["content"] == {"size": 0, "mimeType": "x-unknown"}
    assert (found["bodySize"], found["statusText"]) == (0, "No Content")


def test_an_answer_to_a_head_request_was_sent_no_body() -> None:
    found = entry(Request("HEAD", "/a"))["response"]
    assert found["content"] == {"size": 0, "mimeType": "application/json"}
    assert found["bodySize"] == 0


def test_of_an_answer_that_a_fault_cut_off_the_part_that_was_sent_is_told() -> None:
    found = answered(b'{"status":"completed"}', cut=9)
    assert found["content"]["text"] == '{"status"'
    assert found["content"]["size"] == found["bodySize"] == 9
    assert "text" not in answered(b"{}", cut=0)["content"]


def test_a_body_that_the_journal_cut_is_a_text_still_and_of_unknown_length() -> None:
    cut = ("a" + "ü" * LONGEST_BODY).encode()[:LONGEST_BODY]
    comment = f"of a body the first {LONGEST_BODY} bytes are kept"
    found, posted = answered(cut), asked("POST", body=cut)
    assert found["bodySize"] == posted["bodySize"] == -1
    for told in (found["content"], posted["postData"]):
        assert told["text"] == "a" + "ü" * (LONGEST_BODY // 2 - 1)
        assert told["comment"] == comment
        assert "encoding" not in told


def test_binary_that_the_journal_cut_says_both() -> None:
    told = answered(b"\xff" * LONGEST_BODY)["content"]
    assert told["encoding"] == "base64"
    assert told["comment"].startswith("bytes that are no UTF-8, in base64; of a body the first")


def test_a_text_that_ends_within_a_character_is_none() -> None:
    assert answered("aü".encode()[:-1])["content"]["encoding"] == "base64"


@given(st.binary(max_size=40) | TEXTS.map(str.encode))
def test_every_body_can_be_read_back(body: bytes) -> None:
    for told in (answered(body)["content"], asked("POST", body=body).get("postData", {})):
        text = told.get("text", "")
        assert body == (base64.b64decode(text) if "encoding" in told else text.encode())


@pytest.mark.parametrize(("status", "phrase"), [(200, "OK"), (404, "Not Found"), (599, "")])
def test_a_status_is_told_with_its_phrase_where_it_has_one(status: int, phrase: str) -> None:
    found = answered(status=status)
    assert (found["status"], found["statusText"]) == (status, phrase)


def test_a_redirect_says_where_to() -> None:
    moved = Response(307, (("location", "/b"),))
    assert entry(response=moved)["response"]["redirectURL"] == "/b"


@given(
    st.builds(
        Exchange,
        st.builds(
            Request,
            st.text(min_size=1, max_size=9),
            PATHS,
            st.lists(st.tuples(st.text(), st.text())).map(tuple),
            st.dictionaries(st.text(), st.text(), max_size=3),
            st.binary(max_size=40),
            st.none() | st.text(),
        ),
        st.builds(
            Response,
            st.integers(100, 599),
            st.lists(st.tuples(st.text(), st.text())).map(tuple),
            st.binary(max_size=40),
        ),
        st.just(()),
        st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 because the zone is given apart
    )
)
def test_whatever_was_asked_and_answered_the_archive_is_one(exchange: Exchange) -> None:
    assert len(archive(exchange)["log"]["entries"]) == 1
