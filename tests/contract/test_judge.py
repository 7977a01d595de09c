"""Violations are complete, placed, worded by expectation and finding, and short."""

from __future__ import annotations

import json
import string
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.contract import Contract
from mockserver.contract.formats import is_date_time, is_uuid
from mockserver.contract.json_text import NotJsonError, read_json
from mockserver.contract.overlay import load_overlay
from mockserver.contract.routes import Match
from mockserver.core.exchange import Kind, Request, Response, Violation

SPEC = Path(__file__).parents[2] / "spec"
OVERLAY = load_overlay((SPEC / "oxen.overlay.yaml").read_text("utf-8"), "oxen.overlay.yaml")
OXEN = Contract.load("oxen", (SPEC / "oxen.yaml").read_text("utf-8"), "oxen.yaml", [OVERLAY])
CREATE = "/api/repos/ox/cats/evaluations/main/a.parquet"
BODY: dict[str, Any] = {
    "prompt": "Classify: {text}",
    "input_type": "text",
    "output_type": "text",
    "model_id": "41148aa1-906c-411c-b84b-847d980e8896",
    "target_column": "prediction",
}
MEGABYTE = "x" * 1_000_000
LONGEST = 200

NO_JSON = "body: expected a JSON value, found text that is no JSON"


def judged(
    raw: bytes, content_type: str | None = "application/json", contract: Contract = OXEN
) -> list[Violation]:
    headers = {} if content_type is None else {"content-type": content_type}
    asked = Request("POST", CREATE, (), headers, raw)
    match = contract.routes.match("POST", asked.path)
    assert isinstance(match, Match)
    return list(contract.check_request(match, asked))


def told(body: object) -> list[str]:
    return [str(violation) for violation in judged(json.dumps(body).encode())]


# -- wording ----------------------------------------------------------------------------------


def test_a_body_that_keeps_the_contract_has_no_violation() -> None:
    assert told(BODY) == []


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"prompt": 7}, "body /prompt: expected a string, found 7"),
        ({"prompt": ["a", "b"]}, "body /prompt: expected a string, found a list of 2"),
        ({"prompt": {"a": 1}}, "body /prompt: expected a string, found an object with 1 key"),
        ({"prompt": {}}, "body /prompt: expected a string, found an object with 0 keys"),
        (
            {"input_type": "txt"},
            'body /input_type: expected one of text, image, video, found "txt"',
        ),
        ({"model_id": "gpt-4o"}, 'body /model_id: expected a uuid, found "gpt-4o"'),
        ({"auto_commit": "true"}, 'body /auto_commit: expected true or false, found "true"'),
        ({"sample_count": 1.5}, "body /sample_count: expected an integer, found 1.5"),
        ({"sample_count": True}, "body /sample_count: expected an integer, found true"),
        ({"commit_message": 1}, "body /commit_message: expected a string or null, found 1"),
    ],
)
def test_a_wrong_value_is_told_with_place_expected_and_found(
    change: dict[str, Any], line: str
) -> None:
    assert told(BODY | change) == [line]


def test_every_violation_is_told_and_not_just_the_first() -> None:
    lines = told({"prompt": 1, "input_type": "x", "sample_count": "3", "auto_commit": 0})
    assert sorted(line.split(":")[0] for line in lines) == [
        "body /auto_commit",
        "body /input_type",
        "body /model_id",
        "body /output_type",
        "body /prompt",
        "body /sample_count",
        "body /target_column",
    ]
    assert len(lines) == len(set(lines))


@pytest.mark.parametrize("name", ["name", "target_branch", "sample_count", "auto_commit"])
def test_null_where_it_is_not_allowed_is_advised_to_be_left_out(name: str) -> None:
    [line] = told(BODY | {name: None})
    assert line.startswith(f"body /{name}: expected ")
    assert ", found null (null is not allowed here; leave it out" in line


def test_null_where_it_is_allowed_is_no_violation() -> None:
    assert told(BODY | {"commit_message": None}) == []


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("promt", "prompt"), ("modelId", "model_id"), ("targetColumn", "target_column")],
)
def test_a_missing_field_with_a_misspelt_one_beside_it_is_advised(wrong: str, right: str) -> None:
    body = {wrong if name == right else name: value for name, value in BODY.items()}
    assert told(body) == [
        f"body /{right}: expected a string (required), found nothing (is {wrong} meant?)"
    ]


def test_a_missing_field_without_a_likely_cause_gets_no_advice() -> None:
    body = {"something": 1} | {name: BODY[name] for name in BODY if name != "prompt"}
    assert told(body) == ["body /prompt: expected a string (required), found nothing"]


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b"", "body: expected a JSON body (required), found nothing"),
        (b"null", "body: expected an object, found null"),
        (b"[]", "body: expected an object, found a list of 0"),
        (b'"text"', 'body: expected an object, found "text"'),
        (b"{", f"{NO_JSON}: expecting property name"),
        (
            b"{'a': 1}",
            f"{NO_JSON}: expecting property name",
        ),
        (b'{"a": 1,}', "body: expected a JSON value, found "),
        (
            b'{"a": 1} x',
            f"{NO_JSON}: extra data at line 1 column 10",
        ),
        (
            b"\n\n  nope",
            f"{NO_JSON}: expecting value at line 3 column 3",
        ),
        (
            b'"a\nb"',
            f"{NO_JSON}: invalid control character",
        ),
        (b'{"a": "\xff"}', "body: expected a JSON value, found a byte at 7 that is not UTF-8"),
        (b'{"a": NaN}', "body: expected a JSON value, found NaN, which JSON does not have"),
        (b'{"a": -Infinity}', "body: expected a JSON value, found -Infinity, which JSON"),
        (b'{"a": 1e999}', "body: expected a JSON value, found a number too large"),
        (b'{"a": ' + b"9" * 5000 + b"}", "body: expected a JSON value, found an integer of more"),
        (b'{"a": "\\ud800"}', "body: expected a JSON value, found half of a surrogate pair"),
        (b'{"\\uDfff": 1}', "body: expected a JSON value, found half of a surrogate pair"),
        (b"[" * 100_000, "body: expected a JSON value, found a nesting too deep to follow"),
        (b'{"a":' * 100_000, "body: expected a JSON value, found a nesting too deep to follow"),
        (
            b"\xef\xbb\xbf{}",
            f"{NO_JSON}: unexpected UTF-8 BOM",
        ),
    ],
)
def test_every_bad_body_is_one_violation_that_says_what_is_bad(raw: bytes, line: str) -> None:
    [violation] = judged(raw)
    assert str(violation).startswith(line)
    assert violation.kind is Kind.BODY


@pytest.mark.parametrize("depth", range(100, 1100, 50))
def test_no_depth_of_nesting_breaks_the_judge(depth: int) -> None:
    nested = b'{"a": "\\ud83d\\ude00", "b": ' + b"[" * depth + b"]" * depth + b"}"
    assert judged(nested)


@pytest.mark.parametrize(
    ("content_type", "found"),
    [
        (None, "no Content-Type"),
        ("", "no Content-Type"),
        ("text/plain", "text/plain"),
        ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded"),
        ("application/problem+json", "application/problem+json"),
        ("nonsense", "nonsense"),
    ],
)
def test_another_media_type_is_told_with_the_one_expected(
    content_type: str | None, found: str
) -> None:
    [violation] = judged(json.dumps(BODY).encode(), content_type)
    assert str(violation) == f"header Content-Type: expected application/json, found {found}"
    assert violation.kind is Kind.MEDIA_TYPE


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
        "application/json;x",
    ],
)
def test_json_is_recognised_however_it_is_written(content_type: str) -> None:
    assert judged(json.dumps(BODY).encode(), content_type) == []


@pytest.mark.parametrize(
    "body",
    [
        {name: [MEGABYTE] for name in BODY},
        dict.fromkeys(BODY, MEGABYTE),
        MEGABYTE,
        [MEGABYTE] * 3,
        {MEGABYTE: 1},
        {f"prompt{number}": number for number in range(100_000)},
        BODY | {"sample_count": int("9" * 4000)} | {"prompt": int("9" * 4000)},
    ],
)
def test_a_violation_stays_short_however_large_the_body(body: object) -> None:
    lines = told(body)
    assert lines
    assert all(len(line) <= LONGEST for line in lines)


def test_a_violation_stays_short_however_long_the_media_type() -> None:
    [violation] = judged(b"{}", "text/" + "x" * 60_000)
    assert len(str(violation)) <= LONGEST


def test_an_unknown_field_of_an_answer_stays_short_and_suggests_the_nearest() -> None:
    operation = next(o for o in OXEN.operations.values() if o.method == "GET")

    def lines(body: dict[str, Any]) -> list[str]:
        raw = json.dumps(body).encode()
        answer = Response(200, (("Content-Type", "application/json"),), raw)
        return [str(violation) for violation in OXEN.check_answer(operation, answer)]

    whole = {"evaluation": {}, "status": "success", "status_message": "resource_found"}
    assert all(len(line) <= LONGEST for line in lines({MEGABYTE: 1}))
    assert (
        "body /statuses: expected no such property, found 'statuses'; did you mean status?"
        in lines(whole | {"statuses": 1})
    )


@given(
    st.dictionaries(
        st.sampled_from((*BODY, "name", "sample_count", "auto_commit", "promt", "x")),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
            lambda inner: (
                st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2)
            ),
            max_leaves=4,
        ),
    )
)
def test_every_missing_field_is_told_whatever_else_is_wrong(body: dict[str, Any]) -> None:
    raw = json.dumps(body).replace("Infinity", "1").encode()
    places = [violation.place for violation in judged(raw)]
    assert {f"body /{name}" for name in BODY.keys() - body.keys()} <= set(places)
    assert len(places) == len(set(places))


@given(st.binary() | st.text(string.printable).map(str.encode))
def test_no_body_breaks_the_judge(raw: bytes) -> None:
    assert all(0 < len(str(violation)) <= LONGEST for violation in judged(raw))


# -- parameters, which our own document has none of to speak of -----------------------------------


def test_parameters_are_judged_with_their_place() -> None:
    listed = [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
        {"name": "page", "in": "query", "required": True, "schema": {"type": "integer"}},
        {"name": "size", "in": "query", "schema": {"type": "integer", "maximum": 50}},
        {"name": "X-Kind", "in": "header", "required": True, "schema": {"enum": ["a", "b"]}},
    ]
    operation = {"parameters": listed, "responses": {"200": {"description": ""}}}
    document = {
        "openapi": "3.0.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a/{id}": {"get": operation}},
    }
    contract = Contract.load("any", json.dumps(document), "any", ())

    def lines(path: str, query: tuple[tuple[str, str], ...], headers: dict[str, str]) -> set[str]:
        match = contract.routes.match("GET", path)
        assert isinstance(match, Match)
        asked = Request("GET", path, query, headers)
        return {str(violation) for violation in contract.check_request(match, asked)}

    assert lines("/a/7", (("page", "1"),), {"x-kind": "a"}) == set()
    assert lines("/a/x", (("size", "51"),), {}) == {
        'path id: expected an integer, found "x"',
        "query page: expected a value (required), found nothing",
        "query size: expected at most 50, found 51",
        "header X-Kind: expected a value (required), found nothing",
    }
    assert lines("/a/7", (("page", "1"),), {"x-kind": "c"}) == {
        'header X-Kind: expected one of a, b, found "c"'
    }


def test_nobody_is_warned_of_a_parameter_that_is_deprecated() -> None:
    """Tests run with warnings as errors here, as many do in which a server is in the process."""
    old = {"name": "old", "in": "query", "deprecated": True, "schema": {"type": "integer"}}
    operation = {"parameters": [old], "responses": {"200": {"description": ""}}}
    document = {
        "openapi": "3.0.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": operation}},
    }
    contract = Contract.load("any", json.dumps(document), "any", ())
    match = contract.routes.match("GET", "/a")
    assert isinstance(match, Match)
    for text, told in (("1", []), ("x", ['query old: expected an integer, found "x"'])):
        asked = Request("GET", "/a", (("old", text),))
        assert [str(violation) for violation in contract.check_request(match, asked)] == told
    assert contract.strict["paths"]["/a"]["get"]["parameters"][0]["deprecated"]


# -- what openapi-core cannot read ----------------------------------------------------------------


def posting(media_type: str, schema: object, version: str = "3.1.0") -> Contract:
    """An operation that takes this, and answers with it."""
    content = {media_type: {"schema": schema}}
    operation = {
        "requestBody": {"content": content, "required": True},
        "responses": {"200": {"description": "", "content": content}},
    }
    document = {
        "openapi": version,
        "info": {"title": "t", "version": "1"},
        "paths": {CREATE: {"post": operation}},
    }
    return Contract.load("any", json.dumps(document), "any", ())


FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary"}},
}
UPLOAD = (
    b'--x1\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n\x00\xff\r\n--x1--\r\n"
)


@pytest.mark.parametrize("boundary", ["boundary=x1", 'charset=utf-8; Boundary="x1"'])
def test_a_form_in_parts_is_judged_by_its_parts(boundary: str) -> None:
    contract = posting("multipart/form-data", FORM, "3.0.3")
    content_type = f"multipart/form-data; {boundary}"
    assert judged(UPLOAD, content_type, contract) == []
    [told] = judged(UPLOAD.replace(b'"file"', b'"fill"'), content_type, contract)
    assert str(told) == "body /file: expected a string (required), found nothing"


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary=x"])
def test_a_form_that_is_none_is_told_and_breaks_nothing(content_type: str) -> None:
    contract = posting("multipart/form-data", FORM)
    told = "body: expected a body of multipart/form-data, found one that cannot be read as that"
    assert [str(violation) for violation in judged(b"junk", content_type, contract)] == [told]
    answer = Response(200, (("Content-Type", content_type),), b"junk")
    [operation] = contract.operations.values()
    assert [str(violation) for violation in contract.check_answer(operation, answer)] == [told]


def test_bytes_where_a_text_was_expected_are_counted() -> None:
    contract = posting("application/x-anything", {"type": "string"})
    [told] = judged(b"\x00\xff", "application/x-anything", contract)
    assert str(told) == "body: expected a string, found 2 bytes"


@pytest.mark.parametrize(
    ("schema", "line"),
    [
        ({"not": {}}, "body: expected what not asks for, found 1"),
        ({"allOf": [False]}, "body: expected nothing at all, found 1"),
        ({"anyOf": [False, {"type": "null"}]}, "body: expected nothing at all or null, found 1"),
        ({"oneOf": [False]}, "body: expected nothing at all, found 1"),
        ({"const": ""}, 'body: expected "", found 1'),
        ({"enum": []}, "body: expected one of nothing, found 1"),
    ],
)
def test_what_lets_nothing_pass_is_told_in_words(schema: object, line: str) -> None:
    contract = posting("application/json", schema)
    assert [str(violation) for violation in judged(b"1", contract=contract)] == [line]


def test_a_property_that_must_and_may_not_be_there_is_told() -> None:
    schema = {"type": "object", "required": ["a"], "properties": {"a": False}}
    contract = posting("application/json", schema)
    for raw, line in (
        (b"{}", "body /a: expected a value (required), found nothing"),
        (b'{"a": 1}', "body: expected nothing at all, found 1"),  # of a mere no nobody tells where
    ):
        assert [str(violation) for violation in judged(raw, contract=contract)] == [line]


# -- JSON, date-times and uuids -------------------------------------------------------------------


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(codec="utf-8")),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_every_json_value_is_read_back(value: object) -> None:
    assert read_json(json.dumps(value).encode()) == value
    assert read_json(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary())
def test_no_bytes_raise_anything_but_not_json(raw: bytes) -> None:
    try:
        value = read_json(raw)
    except NotJsonError:
        return
    json.dumps(value, allow_nan=False, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "text",
    [
        *("2024-10-12T21:38:44Z", "2024-10-12t21:38:44z", "2024-10-12T21:38:44.123456789Z"),
        *("2024-10-12T21:38:44+05:30", "2024-10-12T21:38:44-23:59", "2024-02-29T00:00:00Z"),
        *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2016-12-31T23:59:60Z"),
    ],
)
def test_a_date_time_of_rfc_3339_is_one(text: str) -> None:
    assert is_date_time(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "2024-10-12", "21:38:44Z", "2024-10-12T21:38:44", "2024-10-12 21:38:44Z"),
        *(
            "2024-10-12T21:38:44Z\n",
            " 2024-10-12T21:38:44Z",
            "2024-10-12T21:38Z",
            "20241012T213844Z",
        ),
        *("2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z"),
        *("2024-10-12T24:00:00Z", "2024-10-12T21:60:00Z", "2024-10-12T21:38:60Z"),
        *("2024-10-12T21:38:61Z", "2024-10-12T21:38:44.Z", "2024-10-12T21:38:44+24:00"),
        *("2024-10-12T21:38:44+05:60", "2024-10-12T21:38:44+0530", "2024-10-12T21:38:44 UTC"),
        *(
            "2024-W41-6T21:38:44Z",
            "٢٠٢٤-10-12T21:38:44Z",
            "2024-10-12T21:38:44,5Z",
            "-001-01-01T00:00:00Z",
        ),
    ],
)
def test_what_is_no_date_time_of_rfc_3339_is_none(text: str) -> None:
    assert not is_date_time(text)


@given(
    st.datetimes(timezones=st.integers(-1439, 1439).map(lambda m: timezone(timedelta(minutes=m))))
)
def test_every_instant_in_iso_form_is_a_date_time(instant: datetime) -> None:
    assert is_date_time(instant.isoformat())
    assert is_date_time(instant.isoformat(timespec="milliseconds"))
    assert not is_date_time(instant.replace(tzinfo=None).isoformat())
    assert is_date_time(instant.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z"))


@given(st.text("0123456789-:TZ+. ", max_size=30) | st.text())
def test_no_text_breaks_the_check_of_date_times(text: str) -> None:
    assert not is_date_time(text) or "T" in text.upper()


@given(st.uuids())
def test_every_uuid_is_one_in_either_case(uuid: object) -> None:
    assert is_uuid(str(uuid))
    assert is_uuid(str(uuid).upper())


@pytest.mark.parametrize(
    "text",
    [
        *("", "d0c8", "d0c8585d12345678abcdef0123456789", "{d0c8585d-1234-5678-abcd-ef0123456789}"),
        *("d0c8585d-1234-5678-abcd-ef0123456789\n", "d0c8585d-1234-5678-abcd-ef012345678"),
        *("urn:uuid:d0c8585d-1234-5678-abcd-ef0123456789", "g0c8585d-1234-5678-abcd-ef0123456789"),
        *("d0c8585d-12345-678-abcd-ef0123456789", "d0c8585d-1234-5678-abcd-ef012345678\u0669"),
    ],
)
def test_what_is_no_uuid_in_its_usual_form_is_none(text: str) -> None:
    assert not is_uuid(text)


@pytest.mark.parametrize("value", [None, 7, 1.5, True, [], {}])
def test_formats_speak_of_texts_alone(value: object) -> None:
    assert is_date_time(value)
    assert is_uuid(value)
