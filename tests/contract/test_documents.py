"""Documents as the hub's generator writes them are repaired and listed, or refused and told why."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_core import OpenAPI

from mockserver.contract.contract import Contract
from mockserver.contract.document import Document, load_document
from mockserver.contract.pointer import pointer, resolve
from mockserver.contract.repairs import METHODS, SPANS_SLASHES
from mockserver.contract.routes import Match
from mockserver.core.errors import UnreadableDocumentError
from mockserver.core.exchange import Request
from mockserver.source import read_document

SPEC = Path(__file__).parents[2] / "spec" / "oxen.yaml"
ONE_OPERATION = (Path(__file__).parent / "one-operation.yaml").read_text("utf-8")
FINE: dict[str, Any] = {"responses": {"200": {"description": "Fine."}}}
TEXT = {"type": "string"}


def document_of(paths: object, **more: object) -> dict[str, Any]:
    """The least that is an OpenAPI document, with these paths."""
    return {"openapi": "3.0.0", "info": {"title": "t", "version": "1"}, "paths": paths, **more}


def load(value: object) -> Document:
    return load_document(json.dumps(value), "mine.json")


def repairs_of(value: object) -> list[tuple[str, str]]:
    return [(repair.pointer, repair.sentence) for repair in load(value).repairs]


def refusals_of(text: str) -> list[tuple[str, str, str]]:
    """Why a document is refused, each as place, expected and found."""
    with pytest.raises(UnreadableDocumentError) as refused:
        load_document(text, "mine.yaml")
    return [(flaw.place, flaw.expected, flaw.found) for flaw in refused.value.flaws]


def with_schema(schema: object, **more: object) -> dict[str, Any]:
    return document_of({}, components={"schemas": {"A": schema}, **more})


# -- repairs ----------------------------------------------------------------------------------


def test_a_document_without_defects_has_no_repairs_and_stays_as_it_is() -> None:
    parameter = {"name": "id", "in": "path", "required": True, "schema": TEXT}
    value = document_of({"/a/{id}": {"get": {"parameters": [parameter], **FINE}}})
    assert load(value) == Document("mine.json", value, ())


def test_a_path_parameter_declared_nowhere_is_declared_as_a_text() -> None:
    value = document_of({"/a/{b}/{c-d}": {"get": FINE, "put": {"parameters": [], **FINE}}})
    declared = [
        {"name": name, "in": "path", "required": True, "schema": TEXT} for name in ("b", "c-d")
    ]
    for method in ("get", "put"):
        assert load(value).value["paths"]["/a/{b}/{c-d}"][method]["parameters"] == declared
    assert repairs_of(value) == [
        (
            f"/paths/~1a~1{{b}}~1{{c-d}}/{method}/parameters",
            f"{{{name}}} stands in the path and is declared nowhere: declared as a text",
        )
        for method in ("get", "put")
        for name in ("b", "c-d")
    ]


@pytest.mark.parametrize("where", ["operation", "path item", "reference"])
def test_a_path_parameter_declared_anywhere_needs_no_repair(where: str) -> None:
    parameter: dict[str, Any] = {"name": "b", "in": "path", "required": True, "schema": TEXT}
    listed = [{"$ref": "#/components/parameters/b"}] if where == "reference" else [parameter]
    own, shared = ([], listed) if where == "path item" else (listed, [])
    item = {"parameters": shared, "get": {"parameters": own, **FINE}}
    value = document_of({"/a/{b}": item}, components={"parameters": {"b": parameter}})
    assert repairs_of(value) == []


@pytest.mark.parametrize("required", [{}, {"required": False}])
def test_a_path_parameter_that_is_not_marked_required_is_marked(required: dict[str, bool]) -> None:
    parameter = {"name": "b", "in": "path", "schema": TEXT, **required}
    value = document_of({"/a/{b}": {"get": {"parameters": [parameter], **FINE}}})
    [(place, sentence)] = repairs_of(value)
    assert place == "/paths/~1a~1{b}/get/parameters"
    assert sentence.startswith("the path parameter b was not marked required")


def test_a_glob_becomes_a_parameter_that_spans_slashes() -> None:
    value = document_of({"/a/*rest_of": {"post": {"parameters": [], **FINE}, "get": FINE}})
    loaded = load(value)
    assert list(loaded.value["paths"]) == ["/a/{rest_of}"]
    for method in ("get", "post"):
        [parameter] = loaded.value["paths"]["/a/{rest_of}"][method]["parameters"]
        assert parameter["name"] == "rest_of"
        assert parameter["required"] is True
        assert parameter[SPANS_SLASHES] is True
    [(place, sentence)] = repairs_of(value)
    assert place == "/paths/~1a~1*rest_of"
    assert "*rest_of is a glob" in sentence
    assert "became {rest_of} in a path item of its own and spans slashes" in sentence


@pytest.mark.parametrize("order", [("/a/*b", "/a/{b}"), ("/a/{b}", "/a/*b")])
def test_a_glob_beside_a_sibling_of_its_name_takes_another_name(order: tuple[str, str]) -> None:
    declared = [{"name": "b", "in": "path", "required": True, "schema": TEXT}]
    items = {
        "/a/*b": {"post": {"parameters": declared, **FINE}},
        "/a/{b}": {"get": {"parameters": declared, **FINE}},
    }
    paths = load(document_of({path: items[path] for path in order})).value["paths"]
    assert set(paths) == {"/a/{b}", "/a/{b_rest}"}
    [spanning] = paths["/a/{b_rest}"]["post"]["parameters"]
    assert (spanning["name"], spanning[SPANS_SLASHES]) == ("b_rest", True)
    assert paths["/a/{b}"]["get"]["parameters"] == declared


def test_a_glob_without_a_name_is_called_rest() -> None:
    assert list(load(document_of({"/a/*": {"get": FINE}})).value["paths"]) == ["/a/{rest}"]


@pytest.mark.parametrize("where", ["operation", "path item", "reference"])
def test_a_glob_that_somebody_declared_keeps_its_declaration(where: str) -> None:
    declared = {"name": "p", "in": "path", "required": True, "schema": TEXT, "example": "main/a"}
    listed = [{"$ref": "#/components/parameters/p"}] if where == "reference" else [declared]
    own, shared = ([], listed) if where == "path item" else (listed, [])
    item = {"parameters": shared, "get": {"parameters": own, **FINE}}
    value = document_of({"/a/*p": item}, components={"parameters": {"p": declared}})
    loaded = load(value)
    mended = loaded.value["paths"]["/a/{p}"]
    found = [*mended["parameters"], *mended["get"]["parameters"]]
    assert found == [{**declared, SPANS_SLASHES: True}]
    assert [repair.pointer for repair in loaded.repairs] == ["/paths/~1a~1*p"]


def test_date_time_with_an_underscore_becomes_date_time_with_a_hyphen() -> None:
    schema = {"properties": {"at": {"type": "string", "format": "date_time", "nullable": True}}}
    value = with_schema(schema)
    at = load(value).value["components"]["schemas"]["A"]["properties"]["at"]
    assert at == {"type": "string", "format": "date-time", "nullable": True}
    [(place, sentence)] = repairs_of(value)
    assert place == "/components/schemas/A/properties/at/format"
    assert "became date-time" in sentence


def test_date_time_is_mended_beside_several_types_too() -> None:
    schema = {"type": ["string", "null"], "format": "date_time"}
    value = {**with_schema(schema), "openapi": "3.1.0"}
    assert load(value).value["components"]["schemas"]["A"]["format"] == "date-time"


def test_an_empty_list_of_required_names_is_dropped() -> None:
    value = with_schema({"type": "object", "required": []})
    assert load(value).value["components"]["schemas"]["A"] == {"type": "object"}
    assert repairs_of(value) == [
        ("/components/schemas/A/required", "an empty list of required names is illegal: dropped")
    ]


@pytest.mark.parametrize("keyword", ["example", "default"])
def test_a_sample_is_no_schema_and_stays_as_it_is(keyword: str) -> None:
    sample = {"type": "string", "format": "date_time", "required": []}
    value = with_schema({"type": "object", keyword: sample})
    assert load(value) == Document("mine.json", value, ())


@pytest.mark.parametrize("name", ["example", "default", "enum"])
def test_a_property_named_like_a_sample_is_a_schema_all_the_same(name: str) -> None:
    value = with_schema({"properties": {name: {"type": "string", "format": "date_time"}}})
    assert [place for place, _ in repairs_of(value)] == [
        f"/components/schemas/A/properties/{name}/format"
    ]


def test_a_response_without_a_description_is_given_an_empty_one() -> None:
    value = document_of({"/a": {"get": {"responses": {"200": {}, "404": {"description": "x"}}}}})
    assert load(value).value["paths"]["/a"]["get"]["responses"]["200"] == {"description": ""}
    assert repairs_of(value) == [
        (
            "/paths/~1a/get/responses/200",
            "a response must have a description: given an empty one",
        )
    ]


@pytest.mark.parametrize("operation", [{}, {"responses": {}}, {"responses": None}])
def test_an_operation_without_responses_is_given_a_default(operation: dict[str, Any]) -> None:
    value = document_of({"/a": {"get": operation}})
    assert list(load(value).value["paths"]["/a"]["get"]["responses"]) == ["default"]
    assert repairs_of(value) == [
        ("/paths/~1a/get/responses", "no response is declared: declared a default")
    ]


@pytest.mark.parametrize("value", [1, None, [], {"get": {"security": True}}, {"parameters": 1}])
def test_an_extension_among_the_paths_is_left_out(value: object) -> None:
    document = document_of({"x-mine": value, "/a": {"get": FINE}})
    contract = Contract.load("any", json.dumps(document), "any.json", ())
    assert [repair.pointer for repair in contract.repairs] == ["/paths/x-mine"]
    assert list(contract.operations) == ["GET /a"]


def test_what_aliases_repeat_is_repaired_in_each_place_for_itself() -> None:
    text = """
        openapi: 3.0.0
        info: {title: t, version: '1'}
        paths:
          /a/{x}: &item
            get: {parameters: [], responses: {'200': {description: Fine.}}}
          /b/{y}: *item
    """
    paths = load_document(text, "mine.yaml").value["paths"]
    for path, name in (("/a/{x}", "x"), ("/b/{y}", "y")):
        assert [p["name"] for p in paths[path]["get"]["parameters"]] == [name]


# -- documents of the hub ---------------------------------------------------------------------


def test_a_page_of_one_operation_loads_with_exactly_its_repairs() -> None:
    loaded = load_document(ONE_OPERATION, "page.yaml")
    template = "~1api~1repos~1{namespace}~1{repo_name}~1evaluations~1{evaluation_id}"
    times = ("cancelled_at", "completed_at", "inserted_at", "started_at")
    assert [repair.pointer for repair in loaded.repairs] == [
        f"/paths/{template}/get/parameters",
        f"/paths/{template}/get/parameters",
        *(f"/components/schemas/Evaluation/properties/{name}/format" for name in times),
    ]
    told = " ".join(repair.sentence for repair in loaded.repairs[:2])
    assert "{namespace}" in told
    assert "{repo_name}" in told


def test_our_own_document_keeps_the_published_defects_and_needs_all_its_repairs() -> None:
    loaded = load_document(SPEC.read_text("utf-8"), "oxen.yaml")
    sentences = [repair.sentence for repair in loaded.repairs]
    assert sum("declared nowhere" in sentence for sentence in sentences) == 4
    assert sum("is a glob" in sentence for sentence in sentences) == 1
    assert sum("date_time" in sentence for sentence in sentences) == 4
    assert len(sentences) == 9


def parameter(name: str, place: str = "path") -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": TEXT}


def like_the_hub() -> dict[str, Any]:
    """Many paths with the habits of the hub's generator, every defect more than once."""
    base = "/api/repos/{namespace}/{repo_name}"
    reply = {"description": "", "content": {"application/json": {"schema": TEXT}}}
    ok = {"200": reply}
    task = {"$ref": "#/components/schemas/Task"}
    many = {"200": {"description": "x", "content": {"application/json": {"schema": task}}}}
    return document_of(
        {
            f"{base}/tasks": {
                "get": {"parameters": [parameter("page", "query")], "responses": many},
                "post": {"parameters": [], "responses": {"201": {}, "400": reply}},
            },
            f"{base}/tasks/{{id}}": {
                "parameters": [parameter("namespace"), parameter("repo_name")],
                "get": {"parameters": [parameter("id")], "responses": many},
                "patch": {"responses": ok},
                "delete": {"parameters": [{"$ref": "#/components/parameters/id"}]},
            },
            f"{base}/tasks/{{id}}/state/{{new_state}}": {
                "put": {"parameters": [parameter("id")], "responses": ok}
            },
            f"{base}/runs/*resource_path": {"post": {"parameters": [], "responses": ok}},
            f"{base}/runs/{{run_id}}": {"get": {"responses": many}},
            f"{base}/file/*path": {
                "get": {"parameters": [parameter("raw", "query")], "responses": ok},
                "put": {"responses": ok},
            },
            "/api/search/*words": {"get": {"parameters": [parameter("words")], "responses": ok}},
            "/api/models": {"get": {"responses": {"200": {"$ref": "#/components/responses/m"}}}},
        },
        servers=[{"url": "https://hub.example", "variables": {}}],
        security=[],
        tags=[],
        components={
            "responses": {"m": reply},
            "parameters": {"id": {"name": "id", "in": "path", "schema": TEXT}},
            "securitySchemes": {"authorization": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Task": {
                    "type": "object",
                    "required": [],
                    "properties": {
                        "at": {"type": "string", "format": "date_time"},
                        "end": {"type": "string", "format": "date_time", "nullable": True},
                        "parent": {"anyOf": [{"$ref": "#/components/schemas/Task"}]},
                    },
                },
                "Other": {"type": "object", "properties": {"t": {"format": "date_time"}}},
                "Time": {"type": "string", "format": "date_time"},
            },
        },
    )


def test_a_document_with_many_paths_is_one_that_openapi_core_takes_after_repair() -> None:
    value = like_the_hub()
    with pytest.raises(Exception, match=r"."):
        OpenAPI.from_dict(copy.deepcopy(value))
    loaded = load(value)
    OpenAPI.from_dict(copy.deepcopy(loaded.value))
    sentences = [repair.sentence for repair in loaded.repairs]
    assert sum("is a glob" in sentence for sentence in sentences) == 3
    assert sum("date-time" in sentence for sentence in sentences) == 3
    assert sum("required names" in sentence for sentence in sentences) == 1
    assert sum("not marked required" in sentence for sentence in sentences) == 1
    assert sum("no response is declared" in sentence for sentence in sentences) == 1
    assert sum("must have a description" in sentence for sentence in sentences) == 1


def test_a_document_with_many_paths_routes_every_operation() -> None:
    contract = Contract.load("oxen", json.dumps(like_the_hub()), "many.json", ())
    assert len(contract.operations) == 12
    for path, method, parameters in [
        ("/api/repos/o/c/runs/main/a/b", "POST", {"resource_path": "main/a/b"}),
        ("/api/repos/o/c/runs/7", "GET", {"run_id": "7"}),
        ("/api/repos/o/c/file/a/b", "PUT", {"path": "a/b"}),
        ("/api/search/a/b c", "GET", {"words": "a/b c"}),
        ("/api/repos/o/c/tasks/1/state/on", "PUT", {"id": "1", "new_state": "on"}),
    ]:
        match = contract.routes.match(method, path)
        assert isinstance(match, Match), path
        assert match.parameters.items() >= parameters.items()


@pytest.mark.parametrize(
    "text", [SPEC.read_text("utf-8"), ONE_OPERATION, json.dumps(like_the_hub())]
)
def test_a_repaired_document_needs_no_repair_and_has_the_same_routes(text: str) -> None:
    once = Contract.load("oxen", text, "once", ())
    twice = Contract.load("oxen", json.dumps(once.document.value), "twice", ())
    assert once.repairs
    assert twice.repairs == ()
    assert twice.document.value == once.document.value
    assert twice.routes == once.routes
    assert twice.operations == once.operations


@pytest.mark.parametrize(
    "text", [SPEC.read_text("utf-8"), ONE_OPERATION, json.dumps(like_the_hub())]
)
def test_every_repair_points_to_where_the_defect_stood(text: str) -> None:
    original = read_document(text, "mine")
    for repair in load_document(text, "mine").repairs:
        holder, _, last = repair.pointer.rpartition("/")
        where = holder if last in {"parameters", "responses"} else repair.pointer
        resolve(original, f"#{where.replace('%', '%25')}")


# -- refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "place", "expected", "found"),
    [
        ([], "/", "an OpenAPI document, a mapping", "a list of 0"),
        ("text", "/", "an OpenAPI document, a mapping", '"text"'),
        (None, "/", "an OpenAPI document, a mapping", "nothing"),
        ({"swagger": "2.0", "paths": {}}, "/openapi", "a version 3.0, 3.1 or 3.2", "swagger 2.0"),
        ({"paths": {}}, "/openapi", "a version 3.0, 3.1 or 3.2", "None"),
        ({"openapi": 3.0, "paths": {}}, "/openapi", "a version 3.0, 3.1 or 3.2", "3.0"),
        ({"openapi": "4.0.0", "paths": {}}, "/openapi", "a version 3.0, 3.1 or 3.2", "'4.0.0'"),
        ({"openapi": "3.0.0"}, "/paths", "a mapping of paths", "nothing"),
        (document_of([]), "/paths", "a mapping of paths", "a list of 0"),
        (document_of({"/a": 1}), "/paths/~1a", "a path item, a mapping", "1"),
        (
            document_of({"/a": {"get": []}}),
            "/paths/~1a/get",
            "an operation, a mapping",
            "a list of 0",
        ),
        (
            document_of({"/a": {"get": {"parameters": None}}}),
            "/paths/~1a/get/parameters",
            "a list of parameters",
            "nothing",
        ),
        (
            document_of({"/a": {"parameters": {}}}),
            "/paths/~1a/parameters",
            "a list of parameters",
            "an object with",
        ),
        (
            document_of({"/{a}/{a}": {"get": FINE}}),
            "/paths/~1{a}~1{a}",
            "each placeholder once",
            "a twice",
        ),
        (
            document_of({"/{a}/*a": {"get": FINE}}),
            "/paths/~1{a}~1*a",
            "each placeholder once",
            "a twice",
        ),
        (
            with_schema({"$ref": "#/components/schemas/B"}),
            "/components/schemas/A/$ref",
            "a reference to a part of this document",
            "#/components/schemas/B",
        ),
        (
            with_schema({"items": {"$ref": "other.yaml#/A"}, "type": "array"}),
            "/components/schemas/A/items/$ref",
            "a reference to a part of this document",
            "other.yaml#/A",
        ),
        (
            with_schema({"$ref": "https://example.com/a.json"}),
            "/components/schemas/A/$ref",
            "a reference to a part of this document",
            "https://example.com/a.json",
        ),
        (
            with_schema({"$ref": "#anchor"}),
            "/components/schemas/A/$ref",
            "a reference to a part of this document",
            "#anchor",
        ),
        (
            with_schema({"$ref": "#/components/schemas/A"}),
            "/components/schemas/A/$ref",
            "a reference to a part of this document",
            "#/components/schemas/A, a circle",
        ),
        (
            document_of({"/a": {"get": FINE}}, tags=[{"$ref": "#/tags/\u00b2"}]),
            "/tags/0/$ref",
            "a reference to a part of this document",
            "#/tags/\u00b2",
        ),
        (
            with_schema({"type": "strng"}),
            "/components/schemas/A/type",
            "a valid OpenAPI document",
            "'strng' is not one of",
        ),
        (
            with_schema({"type": "string", "pattern": "("}),
            "/components/schemas/A/pattern",
            "a regular expression",
            "'(': missing ), unterminated subpattern at position 0",
        ),
        (
            document_of({"/a": {"get": {"responses": [1]}}}),
            "/paths/~1a/get/responses",
            "a valid OpenAPI document",
            "[1] is not of type 'object'",
        ),
        (document_of({"a": {"get": FINE}}), "/paths", "a valid OpenAPI document", "'a' does not"),
        (
            document_of(
                {"/a": {"get": {"operationId": "q", **FINE}, "put": {"operationId": "q", **FINE}}}
            ),
            "/",
            "a valid OpenAPI document",
            "Operation ID 'q' for 'put' in '/a' is not unique",
        ),
        (
            document_of({"/a": {"get": {"parameters": [parameter("b")], **FINE}}}),
            "/",
            "a valid OpenAPI document",
            "Path parameter 'b' for 'get' operation in '/a' was not resolved",
        ),
        (document_of({"/a/{b": {"get": FINE}}), "/", "a valid OpenAPI document", "one that its"),
        (
            with_schema({"allOf": [{"$ref": "#/components/schemas/A"}]}),
            "/",
            "a nesting that can be followed",
            "one too deep",
        ),
    ],
)
def test_what_cannot_be_mended_is_refused_with_pointer_and_reason(
    value: object, place: str, expected: str, found: str
) -> None:
    refused = refusals_of(json.dumps(value))
    assert refused[0][0] == place
    assert refused[0][1].startswith(expected)
    assert refused[0][2].startswith(found)


def test_every_reason_is_told_at_once() -> None:
    lost = {"$ref": "#/components/schemas/Nowhere"}
    schemas = {"A": lost, "B": {"pattern": "["}, "C": {"items": lost, "type": "array"}}
    assert [
        place
        for place, _, _ in refusals_of(json.dumps(document_of({}, components={"schemas": schemas})))
    ] == [
        "/components/schemas/A/$ref",
        "/components/schemas/B/pattern",
        "/components/schemas/C/items/$ref",
    ]
    shapes = document_of({"/a": 1, "/b": {"get": 2, "put": {"parameters": 3}}})
    assert [place for place, _, _ in refusals_of(json.dumps(shapes))] == [
        "/paths/~1a",
        "/paths/~1b/get",
        "/paths/~1b/put/parameters",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "nothing"),
        ("garbage", '"garbage"'),
        ("<html></html>", '"<html></html>"'),
        ("openapi: 3.0.0\npaths: {}\npaths: {}", "paths for the second time"),
        ('{"openapi": "3.0.0", "paths": {}, "paths": {}}', "paths twice"),
        ("openapi: [", "did not find expected node content"),
        ("a: \x00", "the character U+0000"),
        ("[" * 100_000, "more"),
        ('{"a":' * 100_000, "more"),
        ("openapi: 3.0.0\npaths: &p {a: *p}", "a cycle"),
    ],
)
def test_what_is_no_document_at_all_is_refused_too(text: str, says: str) -> None:
    assert says in refusals_of(text)[0][2]


def test_a_deep_document_is_read_or_refused_but_never_breaks() -> None:
    deep: dict[str, Any] = TEXT
    for _ in range(60):
        deep = {"type": "array", "items": deep}
    assert load(with_schema(deep)).repairs == ()
    for _ in range(60):
        deep = {"type": "array", "items": deep}
    for _ in range(100):
        deep = {"allOf": [deep]}
    assert refusals_of(json.dumps(with_schema(deep)))


def test_a_schema_that_holds_itself_within_is_fine() -> None:
    value = with_schema({"properties": {"parent": {"$ref": "#/components/schemas/A"}}})
    assert load(value).repairs == ()


# -- nothing else ever ------------------------------------------------------------------------

NAMES = st.sampled_from(
    (
        *("a", "get", "post", "parameters", "responses", "200", "schema", "content", "$ref", "in"),
        *("application/json", "name", "path", "required", "type", "string", "object", "properties"),
        *("items", "format", "date_time", "pattern", "(", "allOf", "anyOf", "description", "enum"),
        *("example", "default", "security", "operationId", "#/components/schemas/A", "#", "#/x/²"),
        *("components", "schemas", "A", "/a/{b}", "/a/*c", "/*/{", "additionalProperties"),
    )
)
SMALL = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 500) | NAMES | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)
PATHS = st.dictionaries(
    st.sampled_from(("/a", "/a/{b}", "/a/*c", "/{b}/*b", "/a/{b", "x-y", "a", "/*/*")),
    SMALL
    | st.dictionaries(
        st.sampled_from((*METHODS, "parameters", "$ref")),
        SMALL
        | st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(
                ("parameters", "responses", "requestBody", "operationId", "security"), SMALL
            ),
        ),
        max_size=3,
    ),
    max_size=3,
)
DOCUMENTS = st.fixed_dictionaries(
    {
        "openapi": st.sampled_from(("3.0.0", "3.1.0", "3.2.0", "2.0")) | SMALL,
        "info": st.just({"title": "t", "version": "1"}) | SMALL,
        "paths": PATHS | SMALL,
    },
    optional={
        "components": st.fixed_dictionaries(
            {}, optional={"schemas": st.dictionaries(NAMES, SMALL, max_size=3), "parameters": SMALL}
        ),
        "servers": SMALL,
        "security": SMALL,
        "tags": SMALL,
    },
)


@given(SMALL | DOCUMENTS | PATHS.map(document_of) | SMALL.map(with_schema))
def test_no_value_raises_anything_but_an_unreadable_document(value: object) -> None:
    try:
        contract = Contract.load("any", json.dumps(value), "any.json", ())
    except UnreadableDocumentError as error:
        told = [str(flaw) for flaw in error.flaws]
    else:
        told = [f"/{name}" for name in contract.operations] + ["/"]
    assert told
    assert all(line.startswith(("/", "any.json")) for line in told)


@given(st.lists(st.text() | st.integers(0, 20), max_size=5))
def test_a_pointer_resolves_to_what_it_was_made_from(path: list[str | int]) -> None:
    value: object = "here"
    for step in reversed(path):
        value = [None] * step + [value] if isinstance(step, int) else {step: value}
    reference = "#" + pointer(path).replace("%", "%25")
    assert resolve(value, reference) == "here"


def test_nullable_in_a_version_that_does_not_know_it_becomes_a_type() -> None:
    schema = {"type": "string", "nullable": True, "enum": ["a"]}
    value = with_schema(schema) | {"openapi": "3.1.0"}
    mended = load(value).value["components"]["schemas"]["A"]
    assert mended == {"type": ["string", "null"], "enum": ["a", None]}
    assert [place for place, _ in repairs_of(value)] == ["/components/schemas/A/nullable"]
    assert load(with_schema(schema)).value["components"]["schemas"]["A"] == schema


@pytest.mark.parametrize("version", ["3.1.0", "3.2.0"])
def test_a_schema_that_is_true_or_false_becomes_one_that_openapi_core_reads(version: str) -> None:
    query = {"name": "q", "in": "query", "schema": True}
    body = {"content": {"application/json": {"schema": False}}}
    named = {"type": "object", "properties": {"schema": True}}
    operation = {"parameters": [query], "requestBody": body, **FINE}
    shared = {"schemas": {"A": named, "schema": True}}
    value = document_of({"/a": {"post": operation}}, openapi=version, components=shared)
    mended = load(value).value
    asked = mended["paths"]["/a"]["post"]
    assert asked["parameters"][0]["schema"] == {}
    assert asked["requestBody"]["content"]["application/json"]["schema"] == {"not": {}}
    assert mended["components"] == {"schemas": {"A": named, "schema": True}}
    assert len(repairs_of(value)) == 2
    contract = Contract.load("any", json.dumps(value), "any.json", ())
    match = contract.routes.match("POST", "/a")
    assert isinstance(match, Match)
    headers = {"content-type": "application/json"}
    [told] = contract.check_request(match, Request("POST", "/a", (("q", "1"),), headers, b"{}"))
    assert told.place == "body"


@pytest.mark.parametrize("pattern", ["(", "a{99999999999}", "(?P<a>x)(?P<a>y)"])
def test_a_pattern_that_python_cannot_read_is_refused_with_its_reason(pattern: str) -> None:
    [(place, expected, found)] = refusals_of(json.dumps(with_schema({"pattern": pattern})))
    assert (place, expected) == ("/components/schemas/A/pattern", "a regular expression")
    assert repr(pattern) in found


def test_a_reference_to_nothing_is_refused() -> None:
    [(place, _, found)] = refusals_of(json.dumps(with_schema({"$ref": ""})))
    assert (place, found) == ("/components/schemas/A/$ref", "nothing")


def test_what_a_document_holds_is_never_told_at_length() -> None:
    long = "x" * 10_000
    values = ({"openapi": long}, {"openapi": {long: long}}, {"swagger": long})
    texts = [json.dumps(value) for value in values]
    texts += [json.dumps(with_schema({"properties": {long: {"$ref": f"#/{long}"}}}))]
    texts += [f'{{"{long}": 1, "{long}": 2}}', f"{long}: 1\n{long}: 2", f"a: !{long} 1"]
    for text in texts:
        for flaw in refusals_of(text):
            assert len("".join(flaw)) < 350
