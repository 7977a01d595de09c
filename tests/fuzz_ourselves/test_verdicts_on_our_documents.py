"""On our own documents both judges agree, and the plan alone is asked of all that is right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from amounts import hundreds
from broken_values import broken, slips
from contracts import (
    CONTRACTS,
    PLANNED,
    PLANS,
    TAKEN,
    asked_at_length,
    at_length,
    operation_of,
)
from drawn_values import CONTENT_TYPES, TEXTS_OF_PARAMETERS, values, written
from hypothesis import assume, given
from hypothesis import strategies as st

from mockserver.contract.routes import Match
from mockserver.core.exchange import Request, Response

if TYPE_CHECKING:
    from mockserver.contract.contract import Operation
    from mockserver.contract.plan import Documented

JSON_TYPES = ("{}", "{}; charset=utf-8", "{};charset=latin-1", "{} ; x=y", "{};")
OPERATIONS = [
    (name, operation)
    for name, contract in CONTRACTS.items()
    for operation in contract.operations.values()
]
ENCODINGS = st.sampled_from(("utf-8", "utf-8", "utf-16", "utf-8-sig", "latin-1", "utf-32-le"))


def right(data: st.DataObject, name: str, documented: Documented) -> Any:  # noqa: ANN401 because JSON has no narrower type
    """A value that the schema of this body is likely to let pass."""
    return data.draw(values(PLANS[name].planned()[documented], CONTRACTS[name].strict))


@hundreds(1.5)
@given(st.data())
def test_right_answers_are_the_plans_and_broken_ones_are_refused_by_both(
    data: st.DataObject,
) -> None:
    name, documented = data.draw(st.sampled_from(PLANNED))
    contract, plan = CONTRACTS[name], PLANS[name]
    operation = operation_of(contract, documented)
    content_type = data.draw(st.sampled_from(JSON_TYPES)).format(documented.media_type)

    def verdicts(value: object) -> tuple[bool, bool]:
        raw, headers = json.dumps(value).encode(), (("content-type", content_type),)
        told = Response(int(documented.status or 0), headers, raw)
        said = plan.says_yes(documented.template, documented.method.upper(), told)
        return said, at_length(contract, operation, told) == ()

    value = right(data, name, documented)
    said, is_right = verdicts(value)
    assert said == is_right
    assume(is_right)
    ways = list(slips(value, plan.planned()[documented], contract.strict))
    for slip in data.draw(st.lists(st.sampled_from(ways), max_size=3)) if ways else ():
        assert verdicts(broken(value, slip)) == (False, False), slip


@hundreds(1.5)
@given(st.data())
def test_right_bodies_are_the_plans_and_broken_ones_are_refused_by_both(
    data: st.DataObject,
) -> None:
    name, documented = data.draw(st.sampled_from(TAKEN))
    contract, plan = CONTRACTS[name], PLANS[name]
    content_type = data.draw(st.sampled_from(JSON_TYPES)).format(documented.media_type)

    def verdicts(value: object) -> tuple[bool, bool]:
        headers = {"content-type": content_type}
        asked = Request(documented.method.upper(), "/", (), headers, json.dumps(value).encode())
        match = matched(contract.routes.routes, documented.template, asked.method)
        found = asked_at_length(contract, match, asked)
        of_body = [v for v in found if v.place.startswith("body") or "Content-Type" in v.place]
        return plan.takes(documented.template, asked), of_body == []

    value = right(data, name, documented)
    said, is_right = verdicts(value)
    assert said == is_right
    assume(is_right)
    ways = list(slips(value, plan.planned()[documented], contract.strict))
    for slip in data.draw(st.lists(st.sampled_from(ways), max_size=3)) if ways else ():
        assert verdicts(broken(value, slip)) == (False, False), slip


def matched(routes: Any, template: str, method: str, **path: str) -> Match:  # noqa: ANN401 any sequence of them
    """The match of an operation, with these values in its path."""
    route = next(route for route in routes if route.template == template)
    return Match(route.names[method], route, {**dict.fromkeys(route.parameters, "1"), **path})


@st.composite
def requests(draw: st.DrawFn, name: str, operation: Operation) -> tuple[Match, Request]:
    """A request to any operation, with one that takes no body too, and with anything wrong."""
    item = CONTRACTS[name].strict["paths"][operation.template]
    told = item[operation.method.lower()]
    known = [p for p in (*item.get("parameters", ()), *told.get("parameters", ())) if "name" in p]
    text = st.sampled_from(TEXTS_OF_PARAMETERS) | st.just("1")
    sent = {(p["in"], p["name"]): draw(text) for p in known if draw(st.integers(0, 2))}
    path = {key: value or "1" for (place, key), value in sent.items() if place == "path"}
    query = [(key, value) for (place, key), value in sent.items() if place == "query"]
    query += draw(
        st.lists(st.tuples(st.sampled_from(["unknown", "limit", "offset"]), text), max_size=1)
    )
    headers = {
        key.lower(): value.rstrip("\n")  # which no server lets through
        for (place, key), value in sent.items()
        if place == "header"
    }
    types = (*["application/json"] * 5, *CONTENT_TYPES, "application/json;charset=utf-16")
    headers["content-type"] = draw(st.sampled_from(types))
    schemas = [
        s for given, s in PLANS[name].planned().items() if given.template == operation.template
    ]
    value = draw(values(draw(st.sampled_from([True, *schemas])), CONTRACTS[name].strict))
    raw = draw(written(value)) if draw(st.integers(0, 3)) else b""
    if draw(st.integers(0, 9)) == 0:
        raw = json.dumps(value, ensure_ascii=False).encode(draw(ENCODINGS), "replace")
    method = draw(st.sampled_from((operation.method, operation.method, "HEAD")))
    request = Request(
        method if operation.method == "GET" else operation.method, "/", tuple(query), headers, raw
    )
    routes = CONTRACTS[name].routes.routes
    return matched(routes, operation.template, operation.method, **path), request


@hundreds(2)
@given(st.data())
def test_a_request_to_any_operation_is_judged_as_without_the_plan(data: st.DataObject) -> None:
    name, operation = data.draw(st.sampled_from(OPERATIONS))
    match, request = data.draw(requests(name, operation))
    found = asked_at_length(CONTRACTS[name], match, request)
    assert CONTRACTS[name].check_request(match, request) == found
    if PLANS[name].takes(operation.template, request):
        assert not any(violation.place.startswith("body") for violation in found)
    if PLANS[name].lets_in(operation.template, request, match.parameters):
        assert not any(violation.kind == "parameter" for violation in found)
