"""Whatever a user's document says, the plan says yes to nothing that openapi-core finds wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from amounts import hundreds
from contracts import FORMATS, JSON_HEADERS, asked_at_length, at_length
from drawn_documents import documents
from drawn_schemas import SCHEMAS, VALUES, VERSIONS, likely
from drawn_values import CONTENT_TYPES, TEXTS_OF_PARAMETERS, written
from hypothesis import event, given
from hypothesis import strategies as st
from untuned import Untuned

from mockserver.contract.contract import Contract
from mockserver.contract.json_text import read_json
from mockserver.contract.plan import Plan
from mockserver.contract.routes import Match
from mockserver.core.exchange import Request, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.exchange import Violation

VERSION = st.sampled_from(VERSIONS)


def judged_by(document: Mapping[str, Any]) -> tuple[Contract, Plan]:
    """The contract of a document that is valid by the way it was drawn, and its plan."""
    contract = Contract.load_own("drawn", json.dumps(document), "drawn.json", tuple)
    return contract, Plan.of(contract.strict, FORMATS, read_json)


def is_unread_json(violation: Violation) -> bool:
    """Whether openapi-core stumbled over JSON, which it knows how to read."""
    return "json" in violation.expected and "cannot be read" in violation.found


@st.composite
def bodies(draw: st.DrawFn, content: Mapping[str, Any], document: Mapping[str, Any]) -> bytes:
    """A body that one of these media types may well let pass."""
    schemas = [described["schema"] for described in content.values() if "schema" in described]
    schema = draw(st.sampled_from(schemas)) if schemas else True
    return draw(written(draw(likely(schema, document))))


@st.composite
def media_types(draw: st.DrawFn, content: Mapping[str, Any]) -> str:
    """Mostly one of these."""
    known = [name.replace("*", "json") for name in content]
    return draw(st.sampled_from([*known * 6, *CONTENT_TYPES]))


@st.composite
def requests(draw: st.DrawFn, document: Mapping[str, Any]) -> Request:
    """A request to the one operation that takes anything."""
    operation = document["paths"]["/a/{id}"]["post"]
    content = operation["requestBody"]["content"]
    text = st.sampled_from(TEXTS_OF_PARAMETERS)
    query = draw(st.lists(st.tuples(st.sampled_from("pqx"), text), max_size=3))
    headers = draw(st.dictionaries(st.sampled_from("pq"), text.filter(str.isprintable), max_size=2))
    headers["content-type"] = draw(media_types(content))
    raw = draw(bodies(content, document)) if draw(st.integers(0, 5)) else b""
    return Request("POST", "/a/" + draw(text), tuple(query), headers, raw)


@hundreds(1)
@given(VERSION, st.data())
def test_a_request_is_judged_as_without_the_plan(version: str, data: st.DataObject) -> None:
    document = data.draw(documents(version))
    contract, plan = judged_by(document)
    for request in data.draw(st.lists(requests(document), min_size=1, max_size=3)):
        route = contract.routes.routes[0]
        match = Match(route.names["POST"], route, {"id": request.path.removeprefix("/a/")})
        found = asked_at_length(contract, match, request, Untuned)
        assert contract.check_request(match, request) == found
        assert not any(map(is_unread_json, found))
        said = plan.takes(route.template, request)
        if said and plan.lets_in(route.template, request, match.parameters):
            event("yes")
            assert found == ()
        elif not found:
            event("left to the judge")


@hundreds(1)
@given(VERSION, st.data())
def test_an_answer_is_judged_as_without_the_plan(version: str, data: st.DataObject) -> None:
    document = data.draw(documents(version))
    contract, plan = judged_by(document)
    answer = document["paths"]["/a/{id}"]["get"]["responses"]["200"]
    [operation] = [one for one in contract.operations.values() if one.method == "GET"]
    for _ in range(data.draw(st.integers(1, 3))):
        headers = [("Content-Type", data.draw(media_types(answer["content"])))]
        headers += data.draw(
            st.sampled_from(([], [], [("x-a", "1")], [("X-A", "a"), ("X-A", "2")]))
        )
        status = data.draw(st.sampled_from((200, 200, 200, 404, 500)))
        given_answer = Response(
            status, tuple(headers), data.draw(bodies(answer["content"], document))
        )
        found = at_length(contract, operation, given_answer, Untuned)
        assert contract.check_answer(operation, given_answer) == found
        assert not any(map(is_unread_json, found))
        if plan.says_yes(operation.template, "GET", given_answer):
            event("yes")
            assert found == ()
        elif not found:
            event("left to the judge")


@hundreds(1.5)
@given(VERSION, st.data())
def test_schemas_mean_the_same_to_both_where_the_plan_knows_them(
    version: str, data: st.DataObject
) -> None:
    document = data.draw(documents(version))
    schema = data.draw(SCHEMAS[version])
    content = {"application/json": {"schema": schema}}
    document["paths"]["/a/{id}"] = {
        "get": {"responses": {"200": {"description": "", "content": content}}}
    }
    contract, plan = judged_by(document)
    [operation] = contract.operations.values()
    is_planned = bool(plan.planned())
    values = st.lists(likely(schema, document) | VALUES, min_size=1, max_size=4)
    for value in data.draw(values):
        told = Response(200, JSON_HEADERS, json.dumps(value).encode())
        found = at_length(contract, operation, told)
        assert not is_planned or plan.says_yes(operation.template, "GET", told) == (found == ())
