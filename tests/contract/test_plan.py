"""The plan says yes to nothing that openapi-core would refuse, and leaves every no to it."""

from __future__ import annotations

import copy
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import cycle
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
    asked_at_length,
    asked_of,
    at_length,
    operation_of,
    says_yes,
    takes,
    with_core,
)
from drawn_values import CONTENT_TYPES, TEXTS_OF_PARAMETERS, mutations, requests, values, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from untuned import gone_through

from mockserver.contract.contract import Contract
from mockserver.contract.json_text import read_json
from mockserver.contract.judge import Judge
from mockserver.contract.plan import Documented, Plan, essence, is_json
from mockserver.contract.routes import Match
from mockserver.contract.validator import Validator
from mockserver.core.exchange import Kind, Request, Response, json_response

if TYPE_CHECKING:
    from collections.abc import Mapping


@given(st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_plan_says_yes_where_openapi_core_finds_nothing_and_only_there(
    data: st.DataObject,
) -> None:
    name, documented = data.draw(st.sampled_from(PLANNED))
    contract = CONTRACTS[name]
    value = data.draw(values(PLANS[name].planned()[documented], CONTRACTS[name].strict))
    for _ in range(data.draw(st.integers(0, 3))):
        value = data.draw(mutations(value))
    raw = data.draw(written(value))
    found = at_length(contract, operation_of(contract, documented), answer(documented, raw))
    assert says_yes(name, documented, raw) == (found == ())


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_no_is_worded_as_without_the_plan(data: st.DataObject) -> None:
    name, documented = data.draw(st.sampled_from(PLANNED))
    contract = CONTRACTS[name]
    value = data.draw(values(PLANS[name].planned()[documented], CONTRACTS[name].strict))
    given_answer = answer(documented, data.draw(written(data.draw(mutations(value)))))
    operation = operation_of(contract, documented)
    told = contract.check_answer(operation, given_answer)
    assert told == at_length(contract, operation, given_answer)


# -- requests -------------------------------------------------------------------------------------


def test_every_operation_with_a_body_is_planned() -> None:
    for name, contract in CONTRACTS.items():
        with_a_body = {o.template: o for o in contract.operations.values() if o.takes_body}
        assert with_a_body.keys() == {given.template for api, given in TAKEN if api == name}


@given(st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_request_is_judged_as_without_the_plan(data: st.DataObject) -> None:
    name, documented = data.draw(st.sampled_from(TAKEN))
    match, request = data.draw(requests(name, documented))
    told = CONTRACTS[name].check_request(match, request)
    assert told == asked_at_length(CONTRACTS[name], match, request)
    of_body = [v for v in told if v.kind in (Kind.BODY, Kind.MEDIA_TYPE)]
    if takes(name, documented, request):
        assert not of_body
    elif request.body and request.headers.get("content-type") == documented.media_type:
        assert of_body


@pytest.mark.parametrize(("name", "documented"), TAKEN, ids=str)
def test_each_operation_judges_the_plainest_requests_as_without_the_plan(
    name: str, documented: Documented
) -> None:
    nested = (b'{"a": 1, "b": ' + b"[" * n + b"]" * n + b"}" for n in (100, 400, 5000))
    raws = (b"", b" ", b"{}", b'{"a": 1}', b"[]", b"[1]", b"null", b"{", b"\xff", *nested)
    sent = [(raw, documented.media_type) for raw in raws]
    sent += [(b"{}", content_type) for content_type in CONTENT_TYPES]
    paths = cycle(
        ({"id": "1", "name": "1"}, {"id": "x", "name": "x" * 1001}, {"id": "", "name": ""})
    )
    for (raw, content_type), path in zip(sent, paths, strict=False):
        headers = {"content-type": content_type, "x-kind": "1"}
        request = Request(documented.method.upper(), "/", (("size", "1"),), headers, raw)
        match = asked_of(name, documented, request, path)
        told = CONTRACTS[name].check_request(match, request)
        assert told == asked_at_length(CONTRACTS[name], match, request)


@pytest.mark.parametrize("version", ["3.1.0", "3.2.0"])
def test_wrong_parameters_are_told_beside_a_right_body(version: str) -> None:
    contract = CONTRACTS[version]
    query = (("size", "10"), ("text", ""), ("word", ""), ("tags", "x"))
    headers = {"content-type": "application/json"}
    request = Request("POST", "/a/x", query, headers, b'{"a": 1}')
    match = contract.routes.match("POST", request.path)
    assert isinstance(match, Match)
    told = contract.check_request(match, request)
    assert told == asked_at_length(contract, match, request)
    places = ["query size", "query word", "query tags", "header X-Kind", "path id"]
    assert [violation.place for violation in told] == places
    both = contract.check_request(match, Request("POST", "/a/x", query, headers, b'{"a": 10}'))
    assert both[:-1] == told
    assert both[-1].place == "body /a"


def test_openapi_core_is_asked_nothing_where_a_right_body_is_all_there_is() -> None:
    contract = CONTRACTS["control"]
    match = contract.routes.match("PUT", "/_mock/clock")
    assert isinstance(match, Match)
    query, headers = (("unknown", ""),), {"content-type": "application/json"}
    right = Request("PUT", "/_mock/clock", query, headers, b'{"rate": 2}')
    with patch.object(Judge, "_at_length", side_effect=AssertionError) as core:
        assert contract.check_request(match, right) == ()
        for wrong in (b'{"rate": "2"}', b"", b"{"):
            with pytest.raises(AssertionError):
                contract.check_request(match, replace(right, body=wrong))
    assert core.call_count == 3


def test_openapi_core_is_asked_about_the_parameters_alone_beside_a_right_body() -> None:
    contract = CONTRACTS["control"]
    match = contract.routes.match("POST", "/_mock/sandboxes/a/snapshot")
    assert isinstance(match, Match)
    long = Match(match.name, match.route, {"name": "x" * 1001})
    right = Request("POST", "/", (), {"content-type": "application/json"}, b"{}")
    with (
        patch.object(Validator, "request", side_effect=AssertionError),
        patch.object(Validator, "parameters", return_value=iter(())) as core,
    ):
        assert contract.check_request(match, right) == ()
        assert contract.check_request(long, right) == ()
    [asked] = [call.args for call in core.call_args_list]
    assert asked == (match.route.template, right, long.parameters)


OF_OXEN = "/api/repos/ox/cats/evaluations"
CREATE = {
    "prompt": "Is it {x}?",
    "input_type": "text",
    "output_type": "text",
    "model_id": "41148aa1-906c-411c-b84b-847d980e8896",
    "target_column": "y",
    "commit_message": None,
}


def test_openapi_core_is_asked_nothing_of_right_requests_of_either_operation_of_the_hub() -> None:
    contract, headers = CONTRACTS["oxen"], {"content-type": "application/json"}
    asked = (
        Request("POST", f"{OF_OXEN}/main/a.csv", (), headers, json.dumps(CREATE).encode()),
        Request("GET", f"{OF_OXEN}/d0c8585d", (("unknown", ""),)),
        Request("HEAD", f"{OF_OXEN}/d0c8585d", (), headers, b"{ignored"),
    )
    with patch.object(Judge, "_at_length", side_effect=AssertionError):
        for request in asked:
            match = contract.routes.match(request.method, request.path)
            assert isinstance(match, Match)
            assert contract.check_request(match, request) == ()


# -- parameters -----------------------------------------------------------------------------------


OF_QUERY: tuple[dict[str, Any], ...] = (
    {"type": "string"},
    {"type": "string", "minLength": 2, "maxLength": 3},
    {"type": "string", "pattern": r"^\d+$"},
    {"type": "string", "format": "uuid"},
    {"type": "string", "format": "date-time"},
    {"type": "string", "enum": ["1", "true", "é"]},
    {"type": "string", "default": "a", "minLength": 1},
    {"type": "string", "anyOf": [{"type": "integer"}, {"maxLength": 1}]},
    {"type": "integer"},
    {"type": "integer", "minimum": -1, "maximum": 10},
    {"type": "integer", "default": 3},
    {"type": "boolean"},
    {"type": "boolean", "enum": [True]},
)
"""Schemas of parameters that are planned."""


def asking(version: str, place: str, schema: object, **more: object) -> Contract:
    """An operation with one parameter, and a default in its path item that it overrides."""
    template = "/a/{p}" if place == "path" else "/a"
    known = {"name": "p", "in": place, "required": place == "path", "schema": schema, **more}
    other = {"name": "p", "in": place, "required": True, "schema": {"type": "boolean"}}
    value = document({}, version)
    operation = {"parameters": [known], "responses": {"200": {"description": ""}}}
    value["paths"] = {template: {"parameters": [other], "get": operation}}
    return Contract.load("any", json.dumps(value), "any", [])


def sending(contract: Contract, place: str, texts: tuple[str, ...]) -> tuple[Match, Request]:
    """A request that has the parameter with these values, one after the other."""
    [route] = contract.routes.routes
    query = tuple(("p", text) for text in texts) if place == "query" else ()
    headers = {"p": texts[-1]} if place == "header" and texts else {}
    path = {"p": texts[-1]} if place == "path" and texts else {}
    return Match(route.names["GET"], route, path), Request("GET", "/", query, headers)


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
@pytest.mark.parametrize("place", ["path", "query", "header"])
def test_a_planned_parameter_means_the_same_to_both_whatever_is_sent(
    version: str, place: str
) -> None:
    for schema in OF_QUERY:
        for required in {place == "path", True}:
            contract = asking(version, place, schema, required=required)
            plan = Plan.of(contract.strict, FORMATS, read_json)
            assert len(plan.planned_parameters()) == 1
            several = [(), *((text,) for text in TEXTS_OF_PARAMETERS), ("a", "1"), ("1", "a")]
            for texts in several:
                if place == "header" and "\n" in "".join(texts):
                    continue  # no server lets such a header through
                match, request = sending(contract, place, texts)
                found = asked_at_length(contract, match, request)
                said = plan.lets_in(match.route.template, request, match.parameters)
                assert not said or found == (), (schema, texts)
                assert contract.check_request(match, request) == found, (schema, texts)


def test_a_parameter_that_is_right_is_let_in() -> None:
    right = {0: "a", 1: "12", 2: "12", 5: "é", 8: "-1", 9: "10", 11: "false", 12: "true"}
    for index, text in right.items():
        contract = asking("3.0.3", "query", OF_QUERY[index])
        match, request = sending(contract, "query", (text,))
        with patch.object(Judge, "_at_length", side_effect=AssertionError):
            assert contract.check_request(match, request) == ()


@pytest.mark.parametrize(
    ("schema", "more"),
    [
        *(({"type": kind}, {}) for kind in ("array", "object", "number")),
        *(({}, {}), ({"enum": ["1"]}, {}), ({"type": "string", "multipleOf": 1}, {})),
        *(({"type": "string"}, {"style": "form"}), ({"type": "string"}, {"explode": True})),
        *(({"type": "string"}, {"deprecated": False}), ({"type": "string"}, {"in": "cookie"})),
        *(
            ({"type": "string"}, {"allowEmptyValue": False}),
            ({"type": "integer", "default": ""}, {}),
        ),
        *(({"$ref": "#/components/schemas/A"}, {}), ({"type": "string", "format": "byte"}, {})),
        ({"type": "string"}, {"content": {"application/json": {}}}),
    ],
    ids=str,
)
def test_a_parameter_that_may_be_read_in_another_way_is_not_planned(
    schema: dict[str, Any], more: dict[str, Any]
) -> None:
    known = {"name": "p", "in": "query", "schema": schema, **more}
    for version in ("3.0.3", "3.1.0"):
        shared = {"schemas": {"A": {"type": "string"}}}
        value = document({"200": {"description": ""}}, version, components=shared)
        value["paths"]["/a"]["get"]["parameters"] = [known]
        assert Plan.of(value, FORMATS, read_json).planned_parameters() == set()


def test_a_parameter_that_is_referred_to_is_planned_as_if_it_stood_there() -> None:
    value = document({"200": {"description": ""}})
    shared = {"name": "p", "in": "query", "required": True, "schema": {"type": "integer"}}
    value["components"] = {"parameters": {"P": shared}}
    value["paths"]["/a"]["get"]["parameters"] = [{"$ref": "#/components/parameters/P"}]
    contract = Contract.load("any", json.dumps(value), "any", [])
    plan = Plan.of(contract.strict, FORMATS, read_json)
    for texts in ((), ("1",), ("x",)):
        match, request = sending(contract, "query", texts)
        is_right = asked_at_length(contract, match, request) == ()
        assert plan.lets_in("/a", request, {}) is is_right is (texts == ("1",))
    value["paths"]["/a"]["get"]["parameters"] = [{"$ref": "#/components/parameters/None"}]
    assert Plan.of(value, FORMATS, read_json).planned_parameters() == set()


# -- lists, which the plan is for -----------------------------------------------------------------


LISTS: dict[str, tuple[str, dict[str, Any]]] = {
    "nugen": (
        "nugen.list_evaluations",
        {
            "user_id": "user-1",
            "evaluations": [
                {
                    "evaluation_id": f"eval-{number}",
                    "model_id": "model-1",
                    "benchmark_id": "task-abc123",
                    "status": "pending",
                    "judge_provider": None,
                    "created_at": "2026-03-01T12:00:03Z",
                    "metrics": None,
                }
                for number in range(100)
            ],
            "total": 100,
            "limit": 100,
            "offset": 0,
        },
    ),
    "control": (
        "control.list_evaluations",
        {
            "evaluations": [
                {
                    "id": f"eval-{number}",
                    "api": "nugen",
                    "repository": None,
                    "url": f"/api/v3/evaluations/eval-{number}/status",
                    "fixture": "nugen/happy-path",
                    "status": "running",
                    "next_change": {"status": "completed", "at": "2026-03-01T12:02:01Z"},
                }
                for number in range(100)
            ],
            "total": 100,
            "next": None,
        },
    ),
}
"""Lists that keep their contract, each with its operation."""


@pytest.mark.parametrize("name", LISTS)
def test_openapi_core_is_not_asked_about_a_list_that_keeps_the_contract(name: str) -> None:
    operation, body = LISTS[name]
    contract = CONTRACTS[name]
    with patch.object(Judge, "_at_length", side_effect=AssertionError):
        assert contract.check_answer(contract.operations[operation], json_response(200, body)) == ()


@pytest.mark.parametrize("name", LISTS)
def test_one_wrong_item_in_a_list_is_told_with_its_place(name: str) -> None:
    operation, body = LISTS[name]
    wrong = copy.deepcopy(body)
    wrong["evaluations"][70]["status"] = 7
    contract = CONTRACTS[name]
    [told] = contract.check_answer(contract.operations[operation], json_response(200, wrong))
    assert told.place == "body /evaluations/70/status"
    assert told.found == "7"


@pytest.mark.parametrize("name", LISTS)
def test_threads_that_ask_a_new_plan_at_once_are_all_told_the_same(name: str) -> None:
    operation, body = LISTS[name]
    contract = CONTRACTS[name]
    asked = contract.operations[operation]
    right, wrong = json_response(200, body), json_response(200, {**body, "total": "100"})
    plan, start = Plan.of(contract.strict, FORMATS, read_json), Barrier(8)

    def ask(_: int) -> set[tuple[bool, bool]]:
        start.wait()
        return {
            (
                plan.says_yes(asked.template, asked.method, right),
                plan.says_yes(asked.template, asked.method, wrong),
            )
            for _ in range(20)
        }

    with ThreadPoolExecutor(8) as threads:
        assert set().union(*threads.map(ask, range(8))) == {(True, False)}


# -- what never gets a yes ------------------------------------------------------------------------


@given(
    st.sampled_from(PLANNED),
    st.integers(100, 599),
    st.sampled_from(
        [
            *("application/json", "Application/JSON ; charset=utf-8", "application/problem+json"),
            *("application/*", "*/*", "text/plain", "text/json", "application/jsonx", "json", ""),
        ]
    ),
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"]),
)
def test_an_answer_that_is_not_documented_never_gets_a_yes(
    planned: tuple[str, Documented], status: int, content_type: str, method: str
) -> None:
    name, documented = planned
    asked = Documented(documented.template, method.lower(), str(status), essence(content_type))
    headers = (("Content-Type", content_type),) if content_type else ()
    for raw in (b"{}", b"[]", b"null", b'{"detail": ""}'):
        said = PLANS[name].says_yes(asked.template, method, Response(status, headers, raw))
        assert not said or asked in PLANS[name].planned()


def test_a_yes_is_for_a_body_and_not_for_want_of_one() -> None:
    assert not any(says_yes(name, documented, b"") for name, documented in PLANNED)


SCHEMA = {"type": "object"}
JSON = {"application/json": {"schema": SCHEMA}}


def document(responses: object, version: str = "3.1.0", **more: object) -> dict[str, Any]:
    return {
        "openapi": version,
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"responses": responses}}},
        **more,
    }


def planned(value: Mapping[str, Any]) -> set[tuple[str, str]]:
    found = Plan.of(value, FORMATS, read_json).planned()
    return {(documented.status or "request", documented.media_type) for documented in found}


@pytest.mark.parametrize("version", ["3.1.0", "3.1.1", "3.2.0"])
@pytest.mark.parametrize("media_type", ["application/json", "application/problem+json"])
def test_json_of_a_schema_is_planned(version: str, media_type: str) -> None:
    described = {media_type: {"schema": SCHEMA, "example": {}, "x-note": 1}}
    responses = {"200": {"description": "", "content": described}}
    assert planned(document(responses, version)) == {("200", media_type)}


def test_a_response_that_is_referred_to_is_planned() -> None:
    shared = {"responses": {"Fine": {"description": "", "content": JSON}}}
    responses = {"200": {"$ref": "#/components/responses/Fine"}}
    assert planned(document(responses, components=shared)) == {("200", "application/json")}


def with_a_request(body: object, components: Mapping[str, object] = {}) -> dict[str, Any]:
    value = document({"200": {"description": ""}}, components=components)
    value["paths"]["/a"]["get"]["requestBody"] = body
    return value


def test_the_body_of_a_request_is_planned_and_one_that_is_referred_to() -> None:
    body = {"content": JSON, "required": True, "description": "", "x-note": 1}
    assert planned(with_a_request(body)) == {("request", "application/json")}
    shared = {"requestBodies": {"New": body}}
    referring = with_a_request({"$ref": "#/components/requestBodies/New"}, components=shared)
    assert planned(referring) == {("request", "application/json")}


@pytest.mark.parametrize(
    "body",
    [
        {"content": {"application/json": {}}},
        {"content": {"application/json": {"schema": SCHEMA, "encoding": {}}}},
        {"content": {"application/json": {"itemSchema": SCHEMA}}},
        {"content": {"application/x-www-form-urlencoded": {"schema": SCHEMA}}},
        {"content": {"multipart/form-data": {"schema": SCHEMA}}},
        {"content": {"*/*": {"schema": SCHEMA}}},
        {"$ref": "#/components/responses/Fine"},
        {"$ref": "#/components/requestBodies/None"},
        {"$ref": "#/components/requestBodies/Again"},
    ],
)
def test_a_body_that_says_more_or_less_than_a_schema_is_not_planned(body: object) -> None:
    shared = {
        "responses": {"Fine": {"description": "", "content": JSON}},
        "requestBodies": {"Again": {"$ref": "#/components/requestBodies/Again"}},
    }
    assert planned(with_a_request(body, components=shared)) == set()


def test_an_answer_is_not_taken_for_a_request_nor_a_request_for_an_answer() -> None:
    with_a_body = with_a_request({"content": JSON})
    asked = Plan.of(with_a_body, FORMATS, read_json)
    with_a_body["paths"]["/a"]["get"]["requestBody"] = {"content": {"text/plain": {}}}
    with_a_body["paths"]["/a"]["get"]["responses"] = {"200": {"content": JSON}}
    answered = Plan.of(with_a_body, FORMATS, read_json)
    request = Request("GET", "/a", (), {"content-type": "application/json"}, b"{}")
    for plan, is_asked in ((asked, True), (answered, False)):
        assert plan.takes("/a", request) is is_asked
        assert plan.says_yes("/a", "GET", json_response(200, {})) is not is_asked


def test_a_body_that_is_missing_is_right_where_none_must_be_there() -> None:
    bodies_of = {"may": {"content": JSON}, "must": {"content": JSON, "required": True}, "no": None}
    shared = {"requestBodies": {"Circle": {"$ref": "#/components/requestBodies/Circle"}}}
    for name, body in bodies_of.items():
        value = with_a_request(body, shared)
        if body is None:
            del value["paths"]["/a"]["get"]["requestBody"]
        plan = Plan.of(value, FORMATS, read_json)
        assert plan.takes("/a", Request("GET", "/a")) is (name != "must")
        assert plan.takes("/a", Request("HEAD", "/a")) is (name != "must")
        assert plan.takes("/a", Request("GET", "/a", body=b"{")) is (name == "no")
        assert not plan.takes("/a", Request("POST", "/a"))
        assert not plan.takes("/b", Request("GET", "/a"))
    unknown = with_a_request({"$ref": "#/components/requestBodies/Circle"}, shared)
    assert not Plan.of(unknown, FORMATS, read_json).takes("/a", Request("GET", "/a"))


def test_an_extension_among_the_responses_is_no_answer() -> None:
    content = {"200": {"description": "", "content": JSON}}
    for extension in ({"$ref": 7}, {"content": JSON}, "text", None):
        value = document({**content, "x-note": extension})
        assert Contract.load("any", json.dumps(value), "any", []).strict
        assert planned(value) == {("200", "application/json")}


@pytest.mark.parametrize(
    "response",
    [
        {"content": JSON, "headers": {"X-A": {"schema": {"type": "integer"}}}},
        {"content": JSON, "headers": {"X-A": {"schema": {"type": "string", "minLength": 1}}}},
        {"content": JSON, "headers": {"X-A": {"schema": {"type": "string", "default": "a"}}}},
        {"content": JSON, "headers": {"X-A": {"schema": {"type": "string"}, "explode": True}}},
        {"content": JSON, "headers": {"X-A": {"schema": {"type": "string"}, "deprecated": True}}},
        {"content": JSON, "headers": {"X-A": {"schema": True}}},
        {"content": JSON, "headers": {"X-A": {"$ref": "#/components/headers/A"}}},
        {"content": JSON, "headers": {"X-A": {"content": JSON}}},
        {"content": {"application/json": {}}},
        {"content": {"application/json": {"schema": SCHEMA, "encoding": {}}}},
        {"content": {"application/json": {"$ref": "#/components/mediaTypes/A"}}},
        {"content": {"text/plain": {"schema": {"type": "string"}}}},
        {"content": {"application/*": {"schema": SCHEMA}}},
        {},
        {"$ref": "#/components/responses/None"},
        {"$ref": "#/components/responses/Again"},
        {"$ref": "#/paths/~1a/get/responses/201"},
    ],
)
def test_a_response_that_says_more_or_less_than_a_schema_is_not_planned(response: object) -> None:
    shared = {"responses": {"Again": {"$ref": "#/components/responses/Again"}}}
    assert planned(document({"200": response}, components=shared)) == set()


def test_a_range_of_statuses_and_the_default_never_get_a_yes() -> None:
    described = {"description": "", "content": JSON}
    plan = Plan.of(document({"2XX": described, "default": described}), FORMATS, read_json)
    assert not any(plan.says_yes("/a", "GET", json_response(s, {})) for s in (200, 299, 404))


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_a_header_that_may_be_any_text_is_looked_for_where_it_must_stand(version: str) -> None:
    text = {"schema": {"type": "string"}, "description": "", "x-note": 1}
    headers = {"X-May": text, "X-Must": {**text, "required": True}}
    described = {"description": "", "content": JSON, "headers": headers}
    contract = Contract.load("any", json.dumps(document({"200": described}, version)), "any", [])
    plan = Plan.of(contract.strict, FORMATS, read_json)
    assert plan.planned().keys() == {Documented("/a", "get", "200", "application/json")}
    [operation] = contract.operations.values()
    for sent, is_right in (("X-Must", True), ("x-must", True), ("X-May", False)):
        told = Response(200, (*JSON_HEADERS, (sent, "")), b"{}")
        assert plan.says_yes("/a", "GET", told) is is_right
        assert (at_length(contract, operation, told) == ()) is is_right


def test_every_json_answer_of_the_hub_is_planned_and_both_its_requests() -> None:
    contract, plan = CONTRACTS["oxen"], PLANS["oxen"]
    answers = {
        (operation.template, operation.method.lower(), status)
        for operation in contract.operations.values()
        for status in contract.strict["paths"][operation.template][operation.method.lower()][
            "responses"
        ]
    }
    found = {(given.template, given.method, given.status) for given in plan.planned()}
    assert answers == {place for place in found if place[2] is not None}
    assert plan.planned_parameters() == {(template, method) for template, method, _ in answers}


def test_operations_that_are_judged_as_others_are_not_planned() -> None:
    operation = {"responses": {"200": {"description": "", "content": JSON}}}
    for item in ({"head": operation}, {"get": operation, "$ref": "#/components/pathItems/A"}):
        assert planned({"openapi": "3.1.0", "paths": {"/a": item}}) == set()


@pytest.mark.parametrize("key", ["jsonSchemaDialect", "$self"])
def test_documents_whose_schemas_may_mean_something_else_are_not_planned(key: str) -> None:
    described = {"200": {"description": "", "content": JSON}}
    assert planned(document(described, **{key: "https://example.com/"})) == set()


# -- keywords -------------------------------------------------------------------------------------


LIMITS = (0, 1.5, 2**53, -(2**53))
KINDS = ("null", "boolean", "integer", "number", "string", "array", "object")
ONE_A = {"properties": {"a": {"type": "integer"}}}
WORDS: tuple[dict[str, Any], ...] = (
    *(
        {"type": kind}
        for kind in ["null", "boolean", "integer", "number", "string", "array", "object"]
    ),
    *({"type": kinds} for kinds in (["integer", "null"], ["boolean", "number"], ["string"])),
    *({"const": value} for value in (None, True, False, 0, 1, 1.0, 1.5, "", "1", 2**53)),
    *({"enum": values} for values in ([0, "a"], [False], [True, None], [1.0], [2**53], ["é"])),
    *({word: limit} for word in ("minimum", "maximum") for limit in LIMITS),
    *({word: limit} for word in ("exclusiveMinimum", "exclusiveMaximum") for limit in LIMITS),
    *({word: number} for word in ("minLength", "maxLength") for number in (0, 1, 2)),
    *({word: number} for word in ("minItems", "maxItems") for number in (0, 1, 2)),
    *({word: number} for word in ("minProperties", "maxProperties") for number in (0, 1, 2)),
    *({"format": name} for name in FORMATS),
    *({"pattern": text} for text in (r"^\d+$", r"^\w$", r"\bx", "^.$", "(?i)É", r"(?P<a>x)(?P=a)")),
    *({"required": names} for names in ([], ["a"], ["a", "b"])),
    *({"items": inner} for inner in (False, {"type": "integer"}, {"type": "object"}, True)),
    {"prefixItems": [{"type": "integer"}, {"type": "null"}], "items": False, "minItems": 2},
    {"prefixItems": [{"type": "integer"}]},
    {"dependentRequired": {"a": ["b"]}},
    *(ONE_A | {"additionalProperties": more} for more in (True, False, {"type": "null"})),
    {"additionalProperties": {"type": ["object", "string"]}},
    {"anyOf": [{"required": ["a"]}, {"type": "string"}]},
    {"oneOf": [{"type": "integer"}, {"type": "number"}, {"minimum": 2**53}]},
    {"oneOf": [{"enum": [1]}, {"const": True}, {"maxLength": 1}, {"format": "date-time"}]},
    {"allOf": [{"type": "string"}, {"minLength": 1}, {"format": "uuid"}, {"pattern": "-"}]},
    {"pattern": "^2", "format": "date-time", "allOf": [{"maxLength": 20}]},
    {"allOf": [{"$ref": "#/components/schemas/Whole", "maximum": 5}]},
    {"items": {"$ref": "#/components/schemas/Whole", "description": "d"}},
    {"x-note": {"type": "null"}, "title": "t", "default": 1, "examples": [1], "deprecated": True},
    {},
)
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, 1.0, -0.0, -1, 1.5, 0.5, 10**30, -(10**30), 1e300, 2**64),
    *(2**53, 2**53 + 1, float(2**53), -(2**53) - 1, "", "a", "1", "e\u0301", "É", "xx"),
    *("\U0001f600", "\x00", "\u0662", "1\n", "\n", "2026-03-01T12:00:03Z", "2016-12-31T12:59:60Z"),
    *("2026-02-30T00:00:00Z", "d0c8585d-1234-5678-abcd-ef0123456789", "d0c8585d"),
    *([], [1], [1.0], [True, None], [1, None, 2], [2**64], {}, {"a": 1}, {"a": 1.0}, {"a": True}),
    *({"a": 1, "b": 2}, {"b": None}, {"\x00": "", "b": {}, "c": 0}),
)


NULLABLE_A = {"properties": {"a": {"type": "integer", "nullable": True}}}
WORDS_30: tuple[dict[str, Any], ...] = (
    *({"type": kind} for kind in KINDS if kind != "null"),
    *({"type": kind, "nullable": True} for kind in KINDS if kind != "null"),
    *({"type": "string", "nullable": flag} for flag in (True, False)),
    *({"nullable": True}, {"nullable": True, "enum": ["a"]}, {"nullable": True, "minLength": 1}),
    {"type": "string", "nullable": True, "enum": ["a", "1"]},
    {"type": "string", "nullable": True, "enum": ["a", None]},
    {"type": "integer", "nullable": True, "minimum": 1, "format": "date-time"},
    *({"enum": values} for values in ([0, "a"], [False], [True, None], [1.0], [2**53], ["é"])),
    *({word: limit} for word in ("minimum", "maximum") for limit in LIMITS),
    *(
        {word: limit, flag: is_exclusive}
        for word, flag in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))
        for limit in LIMITS
        for is_exclusive in (True, False)
    ),
    *({word: number} for word in ("minLength", "maxLength") for number in (0, 1, 2)),
    *({word: number} for word in ("minItems", "maxItems") for number in (0, 1, 2)),
    *({word: number} for word in ("minProperties", "maxProperties") for number in (0, 1, 2)),
    *({"format": name} for name in (*FORMATS, "float", "double", "password")),
    *({"type": "number", "format": name} for name in ("float", "double")),
    *({"pattern": text} for text in (r"^\d+$", r"^\w$", r"\bx", "^.$", "(?i)É", r"(?P<a>x)(?P=a)")),
    *({"required": names} for names in (["a"], ["a", "b"])),
    *({"type": "array", "items": of} for of in ({"type": "integer"}, {"nullable": True}, {})),
    {"type": "array", "items": {"type": "integer", "nullable": True}, "nullable": True},
    *(NULLABLE_A | {"additionalProperties": more} for more in (True, False, {"type": "string"})),
    {"properties": {"id": {"type": "string"}, "a": {"$ref": "#/components/schemas/Whole"}}},
    {"anyOf": [{"required": ["a"]}, {"type": "string", "nullable": True}]},
    {"oneOf": [{"type": "integer"}, {"type": "number"}, {"minimum": 2**53}]},
    {"oneOf": [{"enum": [1]}, {"enum": [True]}, {"maxLength": 1}, {"format": "date-time"}]},
    {"allOf": [{"type": "string"}, {"minLength": 1}, {"format": "uuid"}, {"pattern": "-"}]},
    {"allOf": [{"type": "string", "nullable": True}, {"type": "string"}]},
    {"type": "string", "pattern": "^2", "format": "date-time", "nullable": True},
    {"allOf": [{"$ref": "#/components/schemas/Whole"}, {"maximum": 5}]},
    {"$ref": "#/components/schemas/Whole"},
    {"x-note": {"type": "null"}, "title": "t", "default": 1, "example": [1], "deprecated": True},
    {},
)


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_every_planned_keyword_means_the_same_to_both_whatever_the_value(version: str) -> None:
    words = WORDS_30 if version == "3.0.3" else WORDS
    answers = {
        str(200 + number): {"description": "", "content": {"application/json": {"schema": schema}}}
        for number, schema in enumerate(words)
    }
    shared = {"schemas": {"Whole": {"type": "integer"}}}
    text = json.dumps(document(answers, version, components=shared))
    contract = Contract.load("any", text, "any", [])
    plan = Plan.of(contract.strict, FORMATS, read_json)
    assert len(plan.planned()) == len(words)
    [operation] = contract.operations.values()
    for number, schema in enumerate(words):
        for value in VALUES:
            given_answer = Response(200 + number, JSON_HEADERS, json.dumps(value).encode())
            found = at_length(contract, operation, given_answer)
            assert plan.says_yes("/a", "GET", given_answer) == (found == ()), (schema, value)


@given(st.data())
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_schemas_of_3_0_mean_the_same_to_both_however_they_are_put_together(
    data: st.DataObject,
) -> None:
    alone = ({"exclusiveMinimum": True}, {"exclusiveMaximum": True})  # which overlays may leave so
    words = st.sampled_from((*WORDS_30, *alone))
    nested = st.recursive(
        words,
        lambda inner: (
            st.builds(lambda of: {"type": "array", "items": of}, inner)
            | st.builds(lambda of, more: {"properties": {"a": of, "b": more}}, inner, inner)
            | st.builds(lambda of: {"type": "object", "additionalProperties": of}, inner)
            | st.builds(
                lambda word, several: {word: several},
                st.sampled_from(["allOf", "anyOf", "oneOf"]),
                st.lists(inner, min_size=1, max_size=3),
            )
            | st.builds(lambda of, beside: of if "$ref" in of else {**beside, **of}, inner, words)
        ),
        max_leaves=4,
    )
    schema = data.draw(nested.filter(lambda found: "$ref" not in found or len(found) == 1))
    value = data.draw(
        st.recursive(
            st.sampled_from(VALUES),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner)
            ),
            max_leaves=4,
        )
    )
    described = {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}
    shared = {"schemas": {"Whole": {"type": "integer"}}}
    told = document(described, "3.0.3", components=shared)
    judge, plan = Judge(told), Plan.of(told, FORMATS, read_json)
    given_answer = Response(200, JSON_HEADERS, json.dumps(value).encode())
    with patch.object(Plan, "says_yes", return_value=False), with_core(gone_through):
        found = tuple(judge.response("/a", "GET", given_answer))
    if plan.says_yes("/a", "GET", given_answer):
        assert found == ()
    elif plan.planned():
        assert found != ()


@pytest.mark.parametrize(
    "schema",
    [
        *({"uniqueItems": True}, {"multipleOf": 0.1}, {"patternProperties": {"a": True}}),
        *({"not": {"type": "null"}}, {"if": True, "then": False}, {"contains": {"const": 1}}),
        *({"propertyNames": {"maxLength": 1}}, {"dependentSchemas": {"a": False}}),
        *({"unevaluatedProperties": False}, {"unevaluatedItems": False}, {"contentSchema": {}}),
        *({"readOnly": True}, {"writeOnly": True}, {"nullable": True}),
        {"oneOf": [{"type": "object"}], "discriminator": {"propertyName": "a"}},
        *({"format": name} for name in ("email", "date", "int32", "binary", "byte", "unknown")),
        *({"$id": "https://example.com/"}, {"$anchor": "a"}, {"$dynamicRef": "#a"}, {"$defs": {}}),
        {"$schema": "http://json-schema.org/draft-04/schema#"},
        *({"minimum": 2**53 + 1}, {"maximum": 1e300}, {"const": 10**30}, {"enum": [1, 2**64]}),
        *({"const": [1]}, {"enum": [{}]}, {"enum": 7}, {"items": [True]}, {"type": "strange"}),
        *({"pattern": "("}, {"required": "a"}, {"properties": []}, {"minimum": "1"}, {"allOf": []}),
        *({"$ref": "#/components/schemas/Circle"}, {"$ref": "#/components/schemas/None"}),
        *({"$ref": "#/paths"}, {"$ref": "#"}, {"$ref": "other.yaml"}, {"$ref": "#/components"}),
        *({"somethingNew": 1}, {"definitions": {}}),
    ],
    ids=str,
)
def test_a_schema_that_both_may_read_differently_is_not_planned(schema: dict[str, Any]) -> None:
    circle = {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/Circle"}}}
    nested = {"type": "object", "properties": {"deep": {"items": schema}}}
    for holder in (schema, nested):
        content = {"application/json": {"schema": holder}}
        responses = {"200": {"description": "", "content": content}}
        value = document(responses, components={"schemas": {"Circle": circle}})
        assert planned(value) == set()


@pytest.mark.parametrize(
    "schema",
    [
        *({"const": 1}, {"type": ["string"]}, {"type": "null"}, {"prefixItems": [{}]}),
        *({"exclusiveMinimum": 1}, {"maximum": 1, "exclusiveMaximum": 1}, {"nullable": "true"}),
        *({"items": True}, {"properties": {"a": False}}, {"allOf": [True]}, {"items": [{}]}),
        *({"uniqueItems": True}, {"multipleOf": 0.1}, {"not": {"type": "string"}}),
        *({"readOnly": True}, {"writeOnly": True}, {"dependentRequired": {"a": ["b"]}}),
        *({"format": name} for name in ("email", "date", "int32", "int64", "binary", "unknown")),
        *({"minimum": 2**53 + 1}, {"maximum": 1e300}, {"enum": [1, 2**64]}, {"enum": [[1]]}),
        *({"$ref": "#/components/schemas/Circle"}, {"$ref": "#/components/schemas/None"}),
        {"$ref": "#/components/schemas/Fine", "nullable": True},
        {"$ref": "#/components/schemas/Fine", "minLength": 1},
        {"oneOf": [{"type": "object"}], "discriminator": {"propertyName": "a"}},
        *({"id": "https://example.com/"}, {"$schema": "any"}, {"definitions": {}}, {"$defs": {}}),
    ],
    ids=str,
)
def test_a_schema_of_3_0_that_both_may_read_differently_is_not_planned(
    schema: dict[str, Any],
) -> None:
    circle = {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/Circle"}}}
    nested = {"type": "object", "properties": {"deep": {"items": schema}}}
    for holder in (schema, nested):
        content = {"application/json": {"schema": holder}}
        responses = {"200": {"description": "", "content": content}}
        schemas = {"Circle": circle, "Fine": {"type": "string"}}
        value = document(responses, "3.0.3", components={"schemas": schemas})
        assert planned(value) == set()


def test_patterns_are_not_planned_where_openapi_core_reads_them_by_another_engine() -> None:
    content = {"application/json": {"schema": {"pattern": "a"}}}
    value = document({"200": {"description": "", "content": content}})
    with patch("importlib.util.find_spec", return_value=object()):
        assert planned(value) == set()
    assert planned(value) != set()


# -- problems, which are JSON too -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b'{"type": "about:blank", "title": "No", "status": 404}', []),
        (
            b'{"type": "about:blank", "status": 404}',
            ["body /title: expected a string (required), found nothing"],
        ),
        (
            b'{"status": NaN}',
            ["body: expected a JSON value, found NaN, which JSON does not have"],
        ),
    ],
)
def test_a_problem_is_judged_as_the_json_it_is(raw: bytes, told: list[str]) -> None:
    contract = CONTRACTS["control"]
    operation = contract.operations["control.get_evaluation"]
    problem = Response(404, (("Content-Type", "application/problem+json"),), raw)
    for violations in (
        contract.check_answer(operation, problem),
        at_length(contract, operation, problem),
    ):
        assert [str(violation) for violation in violations] == told


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", True),
        ("application/json; charset=utf-8", True),
        ("APPLICATION/Problem+JSON ;x=y", True),
        ("application/jsonp", False),
        ("text/plain; note=application/json", False),
        ("", False),
    ],
)
def test_a_media_type_is_json_whatever_its_case_and_parameters(
    content_type: str, expected: bool
) -> None:
    assert is_json(essence(content_type)) is expected
