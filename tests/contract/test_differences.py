"""What a new document means for a client of the old one, change by change."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.changes import FIELDS, OPERATIONS, Difference, Side
from mockserver.contract.differences import differences, texts_that_differ
from mockserver.contract.document import load_document

SPEC = Path(__file__).parents[2] / "spec"
TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "integer"}
JSON = "application/json"


def document_of(paths: object, version: str = "3.0.3", **components: object) -> dict[str, Any]:
    info = {"title": "t", "version": "1"}
    return {"openapi": version, "info": info, "paths": paths, "components": components}


def holding(schema: object) -> dict[str, Any]:
    return {"content": {JSON: {"schema": schema}}}


def exchanging(schema: object, version: str = "3.0.3", **schemas: object) -> dict[str, Any]:
    """A document whose one operation takes and answers with a value of this schema."""
    operation = {
        "operationId": "Api.exchange",
        "requestBody": holding(schema),
        "responses": {"200": {"description": "", **holding(schema)}},
    }
    return document_of({"/things": {"post": operation}}, version, schemas=schemas)


def with_operation(**told: object) -> dict[str, Any]:
    operation: dict[str, Any] = {"operationId": "Api.do", "responses": {}, **told}
    return document_of({"/things/{id}": {"post": operation}})


def record(required: tuple[str, ...] = (), **properties: object) -> dict[str, Any]:
    told = {"type": "object", "properties": properties}
    return {**told, "required": list(required)} if required else told


def in_short(found: tuple[Difference, ...]) -> list[tuple[str, str, bool]]:
    return [(one.place, one.change, one.is_breaking) for one in found]


# -- fields -----------------------------------------------------------------------------------

BOTH, REQUEST, ANSWER, NEITHER = "both", "request", "answer", "neither"
AT = "/at"

CASES: dict[str, tuple[object, object, str, str, str]] = {
    "a field gone": (record(at=TEXT), record(), AT, "field gone", BOTH),
    "a new field": (record(), record(at=TEXT), AT, "field new", NEITHER),
    "a new field, required": (
        record(),
        record(("at",), at=TEXT),
        AT,
        "required field new",
        REQUEST,
    ),
    "a new field where none was allowed": (
        {**record(), "additionalProperties": False},
        {**record(at=TEXT), "additionalProperties": False},
        AT,
        "field new where none was allowed",
        ANSWER,
    ),
    "a field required": (record(at=TEXT), record(("at",), at=TEXT), AT, "field required", REQUEST),
    "a field optional": (record(("at",), at=TEXT), record(at=TEXT), AT, "field optional", ANSWER),
    "an unlisted field required": (record(), record(("at",)), AT, "field required", REQUEST),
    "a type changed": (record(at=TEXT), record(at=NUMBER), AT, "type changed", BOTH),
    "a type narrowed": (
        record(at={"type": "number"}),
        record(at=NUMBER),
        AT,
        "type narrowed",
        REQUEST,
    ),
    "a type widened": (
        record(at=NUMBER),
        record(at={"type": "number"}),
        AT,
        "type widened",
        ANSWER,
    ),
    "a type told": (record(at={}), record(at=TEXT), AT, "type narrowed", REQUEST),
    "null allowed": (
        record(at=TEXT),
        record(at={**TEXT, "nullable": True}),
        AT,
        "null new",
        ANSWER,
    ),
    "null ruled out": (
        record(at={**TEXT, "nullable": True}),
        record(at=TEXT),
        AT,
        "null gone",
        REQUEST,
    ),
    "a new choice": (
        record(at={"enum": ["a"]}),
        record(at={"enum": ["b", "a"]}),
        AT,
        "choice new",
        ANSWER,
    ),
    "a choice gone": (
        record(at={"enum": ["a", "b"]}),
        record(at={"enum": ["b"]}),
        AT,
        "choice gone",
        REQUEST,
    ),
    "choices told": (
        record(at=TEXT),
        record(at={**TEXT, "enum": [""]}),
        AT,
        "choices new",
        REQUEST,
    ),
    "choices gone": (
        record(at={**TEXT, "enum": [""]}),
        record(at=TEXT),
        AT,
        "choices gone",
        ANSWER,
    ),
    "a format told": ({}, {"format": "uuid"}, "", "rule new", REQUEST),
    "a format gone": ({"format": "uuid"}, {}, "", "rule gone", ANSWER),
    "a format changed": ({"format": "date"}, {"format": "date-time"}, "", "rule changed", BOTH),
    "a pattern changed": ({"pattern": "a"}, {"pattern": "b"}, "", "rule changed", BOTH),
    "a limit told": ({}, {"maximum": 1}, "", "limit new", REQUEST),
    "a limit gone": ({"maximum": 1}, {}, "", "limit gone", ANSWER),
    "a maximum raised": ({"maximum": 1}, {"maximum": 2}, "", "limit widened", ANSWER),
    "a maximum lowered": ({"maxLength": 2}, {"maxLength": 1}, "", "limit narrowed", REQUEST),
    "a minimum raised": ({"minimum": 1}, {"minimum": 2}, "", "limit narrowed", REQUEST),
    "a minimum lowered": ({"minItems": 2}, {"minItems": 1}, "", "limit widened", ANSWER),
    "a limit that is excluded": (
        {"maximum": 1},
        {"maximum": 1, "exclusiveMaximum": True},
        "",
        "rule new",
        REQUEST,
    ),
    "a default told": (TEXT, {**TEXT, "default": "a"}, "", "default new", NEITHER),
    "a default changed": (
        {**TEXT, "default": False},
        {**TEXT, "default": 0},
        "",
        "default changed",
        REQUEST,
    ),
    "a default gone": ({**TEXT, "default": None}, TEXT, "", "default gone", REQUEST),
    "further fields ruled out": (
        record(),
        {**record(), "additionalProperties": False},
        "",
        "further fields ruled out",
        REQUEST,
    ),
    "further fields allowed": (
        {**record(), "additionalProperties": False},
        {**record(), "additionalProperties": True},
        "",
        "further fields allowed",
        ANSWER,
    ),
    "further fields told": (
        record(),
        {**record(), "additionalProperties": TEXT},
        "/*",
        "type narrowed",
        REQUEST,
    ),
    "entries of a list": (
        {"type": "array", "items": TEXT},
        {"type": "array", "items": NUMBER},
        "/*",
        "type changed",
        BOTH,
    ),
    "a new alternative": (
        {"oneOf": [TEXT, NUMBER]},
        {"oneOf": [NUMBER, {"type": "boolean"}, TEXT]},
        "",
        "alternative new",
        ANSWER,
    ),
    "an alternative gone": (
        {"anyOf": [TEXT, NUMBER]},
        NUMBER,
        "",
        "alternative gone",
        REQUEST,
    ),
    "within an alternative": (
        {"anyOf": [{"title": "A", **record()}, TEXT]},
        {"anyOf": [TEXT, {"title": "A", **record(at=TEXT)}]},
        "(A)/at",
        "field new",
        NEITHER,
    ),
    "a field deprecated": (TEXT, {**TEXT, "deprecated": True}, "", "deprecated new", NEITHER),
    "a keyword of which we know nothing": (TEXT, {**TEXT, "not": {}}, "", "keyword new", BOTH),
    "a name with a slash in it": (
        {**record(), "properties": {"a/b": TEXT}},
        record(),
        "/a~1b",
        "field gone",
        BOTH,
    ),
}


@pytest.mark.parametrize(("old", "new", "place", "change", "breaks"), CASES.values(), ids=CASES)
def test_a_change_of_a_field_is_told_with_whom_it_can_break(
    old: object, new: object, place: str, change: str, breaks: str
) -> None:
    found = differences(exchanging(old), exchanging(new))
    assert in_short(found) == [
        (f"request {place}".rstrip(), change, breaks in {REQUEST, BOTH}),
        (f"answer 200 {place}".rstrip(), change, breaks in {ANSWER, BOTH}),
    ]
    assert {one.operation for one in found} == {"exchange"}
    assert all(one.is_of_a_field for one in found)


def test_every_change_of_a_field_has_its_example() -> None:
    shown = {change for _, _, _, change, _ in CASES.values()}
    reversed_ones = {"deprecated gone", "keyword gone", "keyword changed"}
    assert FIELDS.keys() - shown == reversed_ones
    assert [
        one.change for one in differences(exchanging({"not": {}}), exchanging({"not": TEXT}))
    ] == ["keyword changed"] * 2


A: dict[str, Any] = {"A": record(at=TEXT)}
SAME: dict[str, tuple[object, object]] = {
    "a reference": (record(at=TEXT), {"$ref": "#/components/schemas/A"}),
    "an anyOf of one": (record(at=TEXT), {"anyOf": [record(at=TEXT)]}),
    "an allOf": (
        record(("at",), at=TEXT, b=NUMBER),
        {"allOf": [record(b=NUMBER), {"required": ["at"]}, {"$ref": "#/components/schemas/A"}]},
    ),
    "a const": ({"enum": ["a"]}, {"const": "a"}),
    "null as a branch": ({"type": ["string", "null"]}, {"anyOf": [TEXT, {"type": "null"}]}),
    "null as a choice": (
        {"type": ["string", "null"], "enum": ["a", None]},
        {"anyOf": [{"type": "string", "enum": ["a"]}, {"enum": [None]}]},
    ),
    "branches in another order": ({"oneOf": [TEXT, NUMBER]}, {"oneOf": [NUMBER, TEXT]}),
    "choices in another order": ({"enum": ["a", "b"]}, {"enum": ["b", "a"]}),
    "what says nothing": (
        {"type": "array"},
        {"type": "array", "minItems": 0, "uniqueItems": False, "x-mine": 1},
    ),
    "texts": (record(at=TEXT), {**record(at={**TEXT, "description": "x"}), "example": {}}),
    "types in another order": ({"type": ["string", "integer"]}, {"type": ["integer", "string"]}),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_what_is_only_written_otherwise_is_no_difference(one: object, other: object) -> None:
    old, new = exchanging(one, "3.1.0", **A), exchanging(other, "3.1.0", **A)
    assert differences(old, new) == ()
    assert differences(new, old) == ()


def test_one_is_not_true_and_is_as_much_as_one_point_naught() -> None:
    assert differences(exchanging({"default": 1}), exchanging({"default": True}))
    assert not differences(exchanging({"default": 1}), exchanging({"default": 1.0}))


def test_nullable_in_3_0_is_null_among_the_types_in_3_1() -> None:
    old = exchanging(record(at={**TEXT, "nullable": True}))
    assert differences(old, exchanging(record(at={"type": ["string", "null"]}), "3.1.0")) == ()


def test_what_stands_beside_a_reference_counts_from_3_1_on() -> None:
    reference = {"$ref": "#/components/schemas/A"}
    for version, counts in (("3.0.3", False), ("3.1.0", True)):
        old = exchanging(reference, version, **A)
        new = exchanging({**reference, "required": ["at"]}, version, **A)
        assert bool(differences(old, new)) is counts


def test_a_schema_that_holds_itself_is_compared_once() -> None:
    node = {"$ref": "#/components/schemas/Node"}
    old = record(parent=node, children={"type": "array", "items": node}, name=TEXT)
    found = differences(exchanging(node, Node=old), exchanging(node, Node={**old, **record()}))
    assert [one.change for one in found] == ["field gone"] * 6
    found = differences(
        exchanging(node, Node=old),
        exchanging(node, Node=record(**{**old["properties"], "name": NUMBER})),
    )
    assert [(one.place, one.also) for one in found] == [
        ("request /name", ()),
        ("answer 200 /name", ()),
    ]


def test_a_schema_that_is_one_of_itself_ends_too() -> None:
    node = {"$ref": "#/components/schemas/Node"}
    for version in ("3.0.3", "3.1.0"):
        old = exchanging(node, version, Node={"anyOf": [node, TEXT]})
        new = exchanging(node, version, Node={"anyOf": [NUMBER, {"oneOf": [node, TEXT]}]})
        assert differences(old, old) == ()
        assert differences(old, new)


def test_a_schema_in_two_places_is_told_once_with_both() -> None:
    user = {"$ref": "#/components/schemas/User"}
    body = record(owner=user, editor=user)
    old, new = (exchanging(body, User=record(name=kind)) for kind in (TEXT, NUMBER))
    assert [(one.place, one.also) for one in differences(old, new)] == [
        ("request /owner/name", ("request /editor/name",)),
        ("answer 200 /owner/name", ("answer 200 /editor/name",)),
    ]


# -- operations -------------------------------------------------------------------------------


def parameter(name: str, place: str = "query", **more: object) -> dict[str, Any]:
    return {"name": name, "in": place, "schema": TEXT, **more}


PATH = parameter("id", "path", required=True)
OPERATION_CASES: dict[str, tuple[dict[str, Any], dict[str, Any], str, str, bool]] = {
    "another operationId": ({}, {"operationId": "Api.done"}, "", "operationId changed", False),
    "deprecated": ({}, {"deprecated": True}, "", "operation deprecated", False),
    "no longer deprecated": (
        {"deprecated": True},
        {},
        "",
        "operation no longer deprecated",
        False,
    ),
    "a token asked for": ({}, {"security": [{"key": []}]}, "security", "security new", True),
    "no token asked for": (
        {"security": [{"key": []}]},
        {"security": [{}, {"key": []}]},
        "security",
        "security gone",
        False,
    ),
    "another way in": (
        {"security": [{"key": []}]},
        {"security": [{"key": []}, {"other": []}]},
        "security",
        "security widened",
        False,
    ),
    "more scopes": (
        {"security": [{"key": ["read"]}]},
        {"security": [{"key": ["read", "write"]}]},
        "security",
        "security changed",
        True,
    ),
    "a body": ({}, {"requestBody": holding(TEXT)}, "request", "body new", False),
    "a body that must be": (
        {},
        {"requestBody": {**holding(TEXT), "required": True}},
        "request",
        "required body new",
        True,
    ),
    "no body": ({"requestBody": holding(TEXT)}, {}, "request", "body gone", True),
    "a body required": (
        {"requestBody": holding(TEXT)},
        {"requestBody": {**holding(TEXT), "required": True}},
        "request",
        "body required",
        True,
    ),
    "a body optional": (
        {"requestBody": {**holding(TEXT), "required": True}},
        {"requestBody": {**holding(TEXT), "required": False}},
        "request",
        "body optional",
        False,
    ),
    "another media type": (
        {"requestBody": holding(TEXT)},
        {"requestBody": {"content": {"text/plain": {}, **holding(TEXT)["content"]}}},
        "request",
        "media type new",
        False,
    ),
    "a media type gone": (
        {"requestBody": {"content": {"text/plain": {}, **holding(TEXT)["content"]}}},
        {"requestBody": holding(TEXT)},
        "request",
        "media type gone",
        True,
    ),
    "a parameter": (
        {"parameters": [PATH]},
        {"parameters": [PATH, parameter("page")]},
        "query parameter page",
        "parameter new",
        False,
    ),
    "a parameter that must be": (
        {},
        {"parameters": [parameter("X-Page", "header", required=True)]},
        "header parameter X-Page",
        "required parameter new",
        True,
    ),
    "a parameter gone": (
        {"parameters": [parameter("page")]},
        {},
        "query parameter page",
        "parameter gone",
        True,
    ),
    "a parameter required": (
        {"parameters": [parameter("page")]},
        {"parameters": [parameter("page", required=True)]},
        "query parameter page",
        "parameter required",
        True,
    ),
    "a parameter optional": (
        {"parameters": [parameter("page", required=True)]},
        {"parameters": [parameter("page")]},
        "query parameter page",
        "parameter optional",
        False,
    ),
    "a list written otherwise": (
        {"parameters": [parameter("page")]},
        {"parameters": [parameter("page", explode=False)]},
        "query parameter page",
        "parameter written otherwise",
        True,
    ),
    "the schema of a parameter": (
        {"parameters": [PATH]},
        {"parameters": [{**PATH, "name": "id", "schema": NUMBER}]},
        "path parameter id",
        "type changed",
        True,
    ),
    "an error more": (
        {},
        {"responses": {"404": {"description": ""}}},
        "answer 404",
        "status new",
        False,
    ),
    "an error less": (
        {"responses": {"404": {"description": ""}}},
        {},
        "answer 404",
        "status gone",
        False,
    ),
    "a success more": (
        {},
        {"responses": {"202": {"description": ""}}},
        "answer 202",
        "success new",
        True,
    ),
    "a success less": (
        {"responses": {"2XX": {"description": ""}}},
        {},
        "answer 2XX",
        "success gone",
        True,
    ),
    "a header": (
        {"responses": {"200": {"headers": {"etag": {}}}}},
        {"responses": {"200": {"headers": {"ETag": {}, "Retry-After": {}}}}},
        "answer 200 header Retry-After",
        "header new",
        False,
    ),
    "a header gone": (
        {"responses": {"200": {"headers": {"ETag": {}}}}},
        {"responses": {"200": {}}},
        "answer 200 header ETag",
        "header gone",
        True,
    ),
    "a media type of an answer": (
        {"responses": {"200": holding(TEXT)}},
        {"responses": {"200": {"content": {"text/csv": {}, **holding(TEXT)["content"]}}}},
        "answer 200",
        "media type new",
        False,
    ),
    "one media type of two": (
        {"responses": {"200": {"content": {"text/csv": {}, **holding(TEXT)["content"]}}}},
        {"responses": {"200": {"content": {"text/csv": {}, **holding(NUMBER)["content"]}}}},
        "answer 200 application/json",
        "type changed",
        True,
    ),
}


@pytest.mark.parametrize(
    ("old", "new", "place", "change", "breaks"), OPERATION_CASES.values(), ids=OPERATION_CASES
)
def test_a_change_of_an_operation_is_told_with_whether_it_can_break(
    old: dict[str, Any], new: dict[str, Any], place: str, change: str, breaks: bool
) -> None:
    found = differences(with_operation(**old), with_operation(**new))
    assert in_short(found) == [(place, change, breaks)]


def test_every_change_of_an_operation_has_its_example() -> None:
    shown = {change for _, _, _, change, _ in OPERATION_CASES.values()}
    assert OPERATIONS.keys() - shown == {"operation gone", "operation new", "operation moved"}


def operation(name: str | None = None, **more: object) -> dict[str, Any]:
    return {"responses": {}, **more} | ({} if name is None else {"operationId": name})


def test_operations_that_are_gone_or_new_are_told_as_people_call_them() -> None:
    old = document_of({"/a": {"get": operation("Api.Things.look")}})
    new = document_of({"/b": {"get": operation()}})
    assert [(one.operation, one.change, one.is_breaking) for one in differences(old, new)] == [
        ("look", "operation gone", True),
        ("GET /b", "operation new", False),
    ]


def test_the_names_of_path_parameters_do_not_matter_and_their_order_does() -> None:
    declared = [parameter(name, "path", required=True) for name in ("a", "b")]
    old = document_of({"/x/{a}/{b}": {"get": operation("g", parameters=declared)}})
    told = [{**declared[0], "name": "one"}, {**declared[1], "name": "two", "schema": NUMBER}]
    new = document_of({"/x/{one}/{two}": {"get": operation("g", parameters=told[::-1])}})
    assert in_short(differences(old, new)) == [("path parameter two", "type changed", True)]


@pytest.mark.parametrize("path", ["/v2/a", "/a/{id}"])
def test_an_operation_of_the_same_id_elsewhere_has_moved(path: str) -> None:
    old = document_of({"/a": {"get": operation("look", deprecated=True)}})
    [moved, deprecated] = differences(old, document_of({path: {"get": operation("look")}}))
    assert (moved.change, moved.is_breaking) == ("operation moved", True)
    assert moved.sentence == f"moved from GET /a to GET {path}"
    assert deprecated.change == "operation no longer deprecated"


def test_a_parameter_that_no_longer_spans_slashes_is_another_path() -> None:
    old, new = (
        load_document(json.dumps(document_of({path: {"get": operation("g")}})), "x").value
        for path in ("/a/*rest", "/a/{rest}")
    )
    [moved] = differences(old, new)
    assert (moved.change, moved.old, moved.new) == (
        "operation moved",
        "GET /a/{rest}",
        "GET /a/{rest}",
    )


def test_parameters_of_the_path_item_and_behind_references_count_alike() -> None:
    page = parameter("page")
    old = document_of({"/a": {"get": operation("g", parameters=[page])}})
    reference = {"$ref": "#/components/parameters/page"}
    item = {"parameters": [reference], "get": operation("g")}
    assert differences(old, document_of({"/a": item}, parameters={"page": page})) == ()


def test_a_scheme_that_means_something_else_is_another_one() -> None:
    old, new = (with_operation(security=[{"key": []}]) for _ in range(2))
    old["components"] = {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}}
    new["components"] = {"securitySchemes": {"key": {"type": "apiKey", "in": "query", "name": "k"}}}
    [changed] = differences(old, new)
    assert changed.sentence == (
        "asks for key (apiKey query k), where it asked for key (http bearer)"
    )


def test_texts_are_counted_and_are_no_differences() -> None:
    old = exchanging({**TEXT, "description": "a", "example": "b"})
    new = exchanging({**TEXT, "description": "c", "title": "d"})
    assert differences(old, new) == ()
    assert texts_that_differ(old, new) == 6
    assert texts_that_differ(old, old) == 0


def test_a_property_that_is_called_like_a_text_is_a_field() -> None:
    old, new = exchanging(record(title=TEXT)), exchanging(record())
    assert [one.place for one in differences(old, new)] == ["request /title", "answer 200 /title"]
    assert texts_that_differ(old, new) == 0


def test_our_own_documents_differ_from_each_other_in_every_operation() -> None:
    hub, nugen = (
        load_document((SPEC / name).read_text("utf-8"), name, proved=True).value
        for name in ("oxen.yaml", "nugen.yaml")
    )
    assert {one.change for one in differences(hub, nugen)} == {"operation gone", "operation new"}


# -- properties -------------------------------------------------------------------------------

NAMES = st.sampled_from(("a", "b", "c"))
REFERENCES = st.sampled_from(("A", "B")).map(lambda name: {"$ref": f"#/components/schemas/{name}"})
PLAIN = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(("string", "integer", "number", "object", "array")),
        "nullable": st.booleans(),
        "format": st.sampled_from(("uuid", "date")),
        "enum": st.lists(st.sampled_from(("x", "y", None)), min_size=1, unique=True),
        "maximum": st.integers(0, 3),
        "minLength": st.integers(0, 3),
        "default": st.none() | st.booleans() | st.integers(0, 1),
        "deprecated": st.booleans(),
        "description": NAMES,
        "additionalProperties": st.booleans() | REFERENCES,
    },
)
SCHEMAS = st.recursive(
    PLAIN | REFERENCES,
    lambda inner: st.builds(
        lambda plain, more: {**plain, **more},
        PLAIN,
        st.fixed_dictionaries(
            {},
            optional={
                "properties": st.dictionaries(NAMES, inner, max_size=3),
                "required": st.lists(NAMES, unique=True),
                "items": inner,
                "anyOf": st.lists(inner, min_size=1, max_size=3),
                "oneOf": st.lists(inner, min_size=1, max_size=3),
                "allOf": st.lists(inner, min_size=1, max_size=2),
            },
        ),
    ),
    max_leaves=6,
)
DOCUMENTS = st.builds(
    lambda body, a, b, version: exchanging(body, version, A=a, B=b),
    SCHEMAS,
    SCHEMAS,
    SCHEMAS,
    st.sampled_from(("3.0.3", "3.1.0")),
)
OPPOSITE = {
    "field gone": {"field new", "required field new", "field new where none was allowed"},
    "choice gone": {"choice new"},
    "choices gone": {"choices new"},
    "alternative gone": {"alternative new"},
    "limit gone": {"limit new"},
    "rule gone": {"rule new"},
    "default gone": {"default new"},
    "null gone": {"null new"},
    "type narrowed": {"type widened"},
    "limit narrowed": {"limit widened"},
    "further fields ruled out": {"further fields allowed"},
    "deprecated gone": {"deprecated new"},
}


@given(DOCUMENTS)
def test_a_document_does_not_differ_from_itself_nor_from_one_that_reads_the_same(
    document: dict[str, Any],
) -> None:
    assert differences(document, copy.deepcopy(document)) == ()
    assert differences(document, json.loads(json.dumps(document, sort_keys=True))) == ()


@given(DOCUMENTS, DOCUMENTS)
def test_what_is_gone_one_way_is_new_the_other_way(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    there, back = differences(one, other), differences(other, one)
    for gone, new in OPPOSITE.items():
        for first, second in ((there, back), (back, there)):
            lost = {(d.side, _unlabelled(d.place), d.keyword) for d in first if d.change == gone}
            found = {(d.side, _unlabelled(d.place), d.keyword) for d in second if d.change in new}
            assert lost == found, gone


def _unlabelled(place: str) -> str:
    """A place without the names of alternatives, which are those of the new document."""
    return re.sub(r"\(\w*\)", "", place)


@given(DOCUMENTS, DOCUMENTS)
def test_every_difference_can_be_told_and_sent(one: dict[str, Any], other: dict[str, Any]) -> None:
    for difference in differences(one, other):
        assert "{" not in difference.sentence.replace("{}", "").replace('{"', "")
        assert json.dumps([difference.old, difference.new])
        assert difference.place.startswith(("request", "answer 200"))
        assert difference.side is (
            Side.REQUEST if difference.place.startswith("request") else Side.ANSWER
        )
