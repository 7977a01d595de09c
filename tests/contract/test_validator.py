"""openapi-core as we use it says what it says as it comes, sooner, and remembers no client."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from contracts import (
    CONTRACTS,
    FORMATS,
    JSON_HEADERS,
    PLANNED,
    PLANS,
    TAKEN,
    answer,
    at_length,
)
from drawn_values import CONTENT_TYPES, mutations, requests, values, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from untuned import Untuned

from mockserver.contract.contract import Contract
from mockserver.contract.sure_parts import SureParts
from mockserver.contract.validator import Validator
from mockserver.contract.wording import _nearest
from mockserver.core.exchange import Request, Response, json_response

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mockserver.core.exchange import Violation

    Told = tuple[tuple[Violation, ...], tuple[Violation, ...]]

VALIDATORS = {name: Validator(one.strict, FORMATS) for name, one in CONTRACTS.items()}
UNTUNED = {name: Untuned(one.strict, FORMATS) for name, one in CONTRACTS.items()}
OPERATIONS = [
    (name, operation) for name, one in CONTRACTS.items() for operation in one.operations.values()
]


def every_fact(violations: Iterable[Violation]) -> list[tuple[object, ...]]:
    """Violations by all that they tell, of which some does not count where they are compared."""
    return [(v, v.rule, repr(v.finding), v.awaited) for v in violations]


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_request_is_judged_word_for_word_as_by_openapi_core_as_it_comes(
    data: st.DataObject,
) -> None:
    name, documented = data.draw(st.sampled_from(TAKEN))
    match, request = data.draw(requests(name, documented))
    asked = (match.route.template, request, match.parameters)
    expected = every_fact(UNTUNED[name].request(*asked))
    assert every_fact(VALIDATORS[name].request(*asked)) == expected
    of_parameters = every_fact(VALIDATORS[name].parameters(*asked))
    of_body = every_fact(VALIDATORS[name].body(match.route.template, request))
    assert of_parameters + of_body == expected


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_an_answer_is_judged_word_for_word_as_by_openapi_core_as_it_comes(
    data: st.DataObject,
) -> None:
    name, documented = data.draw(st.sampled_from(PLANNED))
    value = data.draw(values(PLANS[name].planned()[documented], CONTRACTS[name].strict))
    for _ in range(data.draw(st.integers(1, 3))):
        value = data.draw(mutations(value))
    told = answer(documented, data.draw(written(value)))
    asked = (documented.template, documented.method.upper(), told)
    expected = every_fact(UNTUNED[name].response(*asked))
    assert every_fact(VALIDATORS[name].response(*asked)) == expected


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_operation_judges_the_oddest_answers_as_openapi_core_as_it_comes(name: str) -> None:
    typed = (("Content-Type", content_type) for content_type in ("application/json", "a/b", ""))
    bodies = (b"", b"{}", b"[]", b"null", b"{", b"\xff", b'{"a": 1}')
    odd = [Response(status, (header,), b"{}") for header in typed for status in (200, 299, 404)]
    odd += [Response(status, JSON_HEADERS, raw) for raw in bodies for status in (200, 404, 500)]
    for operation in CONTRACTS[name].operations.values():
        for told in odd:
            asked = (operation.template, operation.method, told)
            expected = every_fact(UNTUNED[name].response(*asked))
            assert every_fact(VALIDATORS[name].response(*asked)) == expected


@pytest.mark.parametrize(("name", "documented"), TAKEN, ids=str)
def test_every_operation_judges_the_oddest_bodies_as_openapi_core_as_it_comes(
    name: str,
    documented: Any,  # noqa: ANN401
) -> None:
    sent = [(raw, documented.media_type) for raw in (b"", b" ", b"{}", b"[]", b"1", b"{", b"\xff")]
    sent += [(b"{}", content_type) for content_type in CONTENT_TYPES]
    for raw, content_type in sent:
        headers = {"content-type": content_type, "x-kind": "1"}
        request = Request(documented.method.upper(), "/", (("size", "1"),), headers, raw)
        asked = (documented.template, request, {"id": "1", "name": "1"})
        expected = every_fact(UNTUNED[name].request(*asked))
        assert every_fact(VALIDATORS[name].request(*asked)) == expected


@pytest.mark.parametrize("name", CONTRACTS)
def test_many_who_ask_at_once_are_told_the_same(name: str) -> None:
    documented = next(documented for of, documented in TAKEN if of == name)
    headers = {"content-type": documented.media_type}
    request = Request(documented.method.upper(), "/", (("size", "x"),), headers, b'{"a": [1]}')
    told = answer(next(one for of, one in (*PLANNED, *TAKEN) if of == name), b'{"a": [1]}')
    asked = (documented.template, request, {"id": "x"})
    expected = UNTUNED[name].request(*asked)
    for _ in range(5):
        validator, together = Validator(CONTRACTS[name].strict, FORMATS), Barrier(8)

        def ask(_: int, validator: Validator = validator, together: Barrier = together) -> Told:
            together.wait()
            answered = validator.response(documented.template, documented.method.upper(), told)
            return tuple(validator.request(*asked)), tuple(answered)

        with ThreadPoolExecutor(8) as threads:
            [[first, answered]] = {*threads.map(ask, range(8))}
        assert first == expected
        assert answered == UNTUNED[name].response(
            documented.template, documented.method.upper(), told
        )


# -- what is remembered -----------------------------------------------------------------------


def remembered(validator: Any) -> Counter[str]:  # noqa: ANN401 because it is looked into
    """How much every part of a validator remembers, by where."""
    found: Counter[str] = Counter()
    waiting, seen = [("", validator)], set()
    while waiting:
        where, thing = waiting.pop()
        if id(thing) in seen or len(where.split(".")) > 6:
            continue
        seen.add(id(thing))
        if isinstance(thing, dict):
            found[where] = len(thing)
        elif type(thing).__module__.startswith(("mockserver", "openapi_core", "jsonschema_path")):
            parts = getattr(thing, "__dict__", {})
            waiting += [(f"{where}.{name}", part) for name, part in parts.items()]
    return found


def paths_of(found: Counter[str]) -> int:
    """How many paths through the document are among what is remembered."""
    [many] = [count for where, count in found.items() if where.endswith("accessor._followed")]
    return many


def test_nothing_that_a_client_sends_is_remembered() -> None:
    validator = Validator(CONTRACTS["3.1.0"].strict, FORMATS)

    def ask(odd: str) -> None:
        for raw in (b"{}", b"{", json.dumps({"a": odd, odd: 1}).encode(), odd.encode()):
            for content_type in ("application/json", "application/vnd.pair+json", f"a/{odd}"):
                query = ((odd, odd), ("size", odd), ("tags", odd), ("word", odd))
                headers = {"content-type": content_type, odd: odd, "x-kind": odd}
                request = Request("POST", f"/a/{odd}", query, headers, raw)
                list(validator.request("/a/{id}", request, {"id": odd}))
                headers_of_answer = (("Content-Type", content_type), (odd, odd))
                list(validator.response("/a/{id}", "POST", Response(200, headers_of_answer, raw)))

    ask("first")
    after_one = remembered(validator)
    for number in range(20):
        ask(f"other{number}")
    assert remembered(validator) == after_one
    assert paths_of(after_one) > 50


def test_a_document_that_holds_itself_makes_nobody_remember_without_an_end() -> None:
    tree = {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/Tree"}}}
    parameter = {"name": "p", "in": "query", "style": "deepObject", "explode": True, "schema": tree}
    described = {"parameters": [parameter], "responses": {"200": {"description": ""}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": described}},
        "components": {"schemas": {"Tree": tree}},
    }
    validator = Validator(document, FORMATS)
    with patch("mockserver.contract.factories._MOST", 3):
        for text in ("1", "x"):
            request = Request("GET", "/a", (("p[a]", text),))
            told = list(validator.parameters("/a", request, {}))
            assert [violation.place for violation in told] == ["query p"]
    assert paths_of(remembered(validator)) == 3


# -- what is passed by ------------------------------------------------------------------------


def of_schema(
    schema: object, version: str = "3.1.0", more: Mapping[str, object] | None = None
) -> Contract:
    """A contract whose one answer has this schema."""
    content = {"application/json": {"schema": schema}}
    document = {
        "openapi": version,
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"responses": {"200": {"description": "", "content": content}}}}},
        "components": {"schemas": {"Whole": {"type": "integer"}}},
        **(more or {}),
    }
    return Contract.load("any", json.dumps(document), "any", [])


def places(contract: Contract, value: object) -> list[str]:
    """Where this answer is wrong, which is where it is for openapi-core as it comes."""
    [operation] = contract.operations.values()
    told = contract.check_answer(operation, json_response(200, value))
    assert told == at_length(contract, operation, json_response(200, value), Untuned)
    return [violation.place for violation in told]


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_wrong_parts_among_right_ones_keep_their_places(version: str) -> None:
    item = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}, "b": {}}}
    several = {"type": "array", "items": item}
    contract = of_schema({"type": "object", "properties": {"l": several, "m": several}}, version)
    right = [{"a": number, "b": [number]} for number in range(9)]
    assert places(contract, {"m": [*right, {"a": "x"}, *right, {}], "l": right}) == [
        "body /m/9/a",
        "body /m/19/a",
    ]


def test_items_after_those_that_have_a_schema_each_keep_their_places() -> None:
    schema = {"prefixItems": [{"type": "null"}], "items": {"$ref": "#/components/schemas/Whole"}}
    contract = of_schema(schema)
    assert places(contract, [None, 1, "x", 2, "y"]) == ["body /2", "body /4"]
    assert places(contract, ["x", 1, 2]) == ["body /0"]
    assert places(contract, ["x"]) == ["body /0"]
    assert places(of_schema(schema | {"items": False}), [None, 1]) == ["body"]


def test_right_parts_are_not_gone_through() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}
    contract = of_schema({"type": "array", "items": schema})
    assert places(contract, [{"a": "x", "b": 1}, {"a": 1, "b": "x"}]) == ["body /1/a", "body /1/b"]
    gone_through = []

    def is_type(_: object, instance: object, kind: str) -> bool:
        gone_through.append(instance)
        return isinstance(instance, {"array": list, "object": dict, "integer": int}.get(kind, str))

    with patch("jsonschema._types.TypeChecker.is_type", is_type):
        places_told = contract.check_answer(
            next(iter(contract.operations.values())),
            json_response(200, [*[{"a": "right", "b": 7}] * 50, {"a": "right", "b": "wrong"}]),
        )
    assert [violation.place for violation in places_told] == ["body /50/b"]
    assert "wrong" in gone_through
    assert "right" not in gone_through


@pytest.mark.parametrize(
    ("schema", "more"),
    [
        ({"$schema": "http://json-schema.org/draft-04/schema#"}, {}),
        ({"$id": "https://example.com/other"}, {}),
        ({}, {"jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema"}),
    ],
    ids=str,
)
def test_nothing_is_passed_by_where_parts_may_mean_something_else(
    schema: Mapping[str, object], more: Mapping[str, object]
) -> None:
    document = of_schema({**schema, "properties": {"a": {"type": "integer"}}}, more=more).strict
    parts = SureParts(document, FORMATS)
    assert parts.passed_by(int) is int


def test_a_value_that_jsonschema_rs_does_not_take_is_gone_through() -> None:
    contract = of_schema({"properties": {"a": {"maximum": 5}, "b": {"type": "string"}}})
    assert places(contract, {"a": 10**400, "b": 10**400}) == ["body /a", "body /b"]


def test_no_more_schemas_are_compiled_than_can_be_kept() -> None:
    schema = {"properties": {name: {"type": "integer"} for name in "abcdef"}}
    with patch("mockserver.contract.sure_parts._MOST", 2):
        contract = of_schema(schema)
        assert places(contract, {name: name for name in "afc"}) == ["body /a", "body /c", "body /f"]


# -- names that are misspelt ------------------------------------------------------------------

NAMES = st.text("abcde_", max_size=12) | st.sampled_from(["prompt", "promtp", "model", "model_id"])


@given(NAMES, st.lists(NAMES, max_size=6))
@settings(max_examples=500)
def test_the_nearest_name_is_the_one_that_difflib_finds(name: str, others: list[str]) -> None:
    near = difflib.get_close_matches(name, others, n=1)
    assert _nearest(name, others) == (near[0] if near else "")
