"""The contracts that tests ask both judges by: our own in every form, and one of odd parameters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock, patch
from weakref import WeakKeyDictionary

from untuned import gone_through

from mockserver.contract.contract import Contract, Operation
from mockserver.contract.formats import is_date_time, is_uuid
from mockserver.contract.json_text import read_json
from mockserver.contract.judge import Judge
from mockserver.contract.overlay import load_overlay
from mockserver.contract.plan import Documented, Plan
from mockserver.contract.routes import Match
from mockserver.core.exchange import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from mockserver.contract.translation import Check
    from mockserver.core.exchange import Violation

    Core = Callable[[Mapping[str, Any], Mapping[str, Check]], Any]

SPEC = Path(__file__).parents[1] / "spec"
FORMATS = {"date-time": is_date_time, "uuid": is_uuid}


def contract_of(name: str, *overlays: str) -> Contract:
    laid = [load_overlay((SPEC / overlay).read_text("utf-8"), overlay) for overlay in overlays]
    return Contract.load(name, (SPEC / f"{name}.yaml").read_text("utf-8"), f"{name}.yaml", laid)


def document_of_parameters(version: str) -> dict[str, Any]:
    """Operations with a body and every kind of parameter, which our own APIs lack."""
    number = {"type": "integer", "maximum": 9}
    parameters = [
        {"name": "size", "in": "query", "required": True, "schema": number},
        {"name": "text", "in": "query", "schema": {"type": "string", "description": "any"}},
        {"name": "word", "in": "query", "schema": {"type": "string", "minLength": 1}},
        {"name": "tags", "in": "query", "schema": {"type": "array", "items": number}},
        {"name": "X-Kind", "in": "header", "required": True, "schema": {"enum": ["1", "x"]}},
    ]
    pair = {"type": "object", "required": ["a"], "properties": {"a": number, "b": {}}}
    several = {
        "application/json": {"schema": {"$ref": "#/components/schemas/Pair"}},
        "application/vnd.pair+json": {"schema": {"type": "array", "items": number}},
        "application/*": {},
        "text/plain": {"schema": {"type": "string"}},
    }
    of_path = [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
        {"name": "size", "in": "query", "schema": {"type": "string", "maxLength": 1}},
    ]
    answer = {"responses": {"200": {"description": ""}}}
    new = {"$ref": "#/components/requestBodies/New"}
    return {
        "openapi": version,
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/a/{id}": {
                "parameters": of_path,
                "post": {**answer, "parameters": parameters, "requestBody": new},
                "get": {**answer, "requestBody": new},
            },
            "/b": {"post": {**answer, "requestBody": {"content": several}}},
        },
        "components": {
            "schemas": {"Pair": pair},
            "requestBodies": {"New": {"required": True, "content": several}},
        },
    }


CONTRACTS = {
    "oxen": contract_of("oxen", "oxen.overlay.yaml"),
    "oxen, published": contract_of("oxen"),
    "oxen, legacy": contract_of("oxen", "oxen.overlay.yaml", "oxen.legacy.overlay.yaml"),
    "nugen": contract_of("nugen", "nugen.overlay.yaml"),
    "nugen, published": contract_of("nugen"),
    "control": contract_of("control"),
    **{
        version: Contract.load(version, json.dumps(document_of_parameters(version)), version, [])
        for version in ("3.0.3", "3.1.0", "3.2.0")
    },
}
PLANS = {name: Plan.of(contract.strict, FORMATS, read_json) for name, contract in CONTRACTS.items()}
JSON_HEADERS = (("Content-Type", "application/json"),)
PLANNED = [
    (name, given)
    for name, plan in PLANS.items()
    for given in {
        json.dumps(schema): given for given, schema in plan.planned().items() if given.status
    }.values()
]
"""One answer of each schema that is planned, with its API."""
TAKEN = [
    (name, given)
    for name, plan in PLANS.items()
    for given in plan.planned()
    if given.status is None
]
"""Every body of a request that is planned, with its API."""


_CORES: WeakKeyDictionary[Judge, dict[Core, Any]] = WeakKeyDictionary()


def with_core(core: Core) -> AbstractContextManager[object]:
    """Has every judge ask this openapi-core in place of its own."""

    def at_length(judge: Judge) -> Any:  # noqa: ANN401 because each has a type of its own
        made = _CORES.setdefault(judge, {})
        if core not in made:
            made[core] = core(judge._document, FORMATS)  # noqa: SLF001 because it is asked in its place
        return made[core]

    return patch.object(Judge, "_at_length", at_length)


def answer(given: Documented, raw: bytes) -> Response:
    return Response(int(given.status or 0), (("Content-Type", given.media_type),), raw)


def operation_of(contract: Contract, given: Documented) -> Operation:
    return next(
        operation
        for operation in contract.operations.values()
        if (operation.template, operation.method.lower()) == (given.template, given.method)
    )


def at_length(
    contract: Contract, operation: Operation, response: Response, core: Core = gone_through
) -> tuple[Violation, ...]:
    """What openapi-core says, asked without the plan."""
    with patch.object(Plan, "says_yes", return_value=False), with_core(core):
        return contract.check_answer(operation, response)


def says_yes(name: str, given: Documented, raw: bytes) -> bool:
    return PLANS[name].says_yes(given.template, given.method.upper(), answer(given, raw))


def asked_of(name: str, given: Documented, request: Request, path: Mapping[str, str]) -> Match:
    """The match of this operation, with these values in the path."""
    contract = CONTRACTS[name]
    route = next(route for route in contract.routes.routes if route.template == given.template)
    return Match(route.names[request.routed_method], route, path)


def asked_at_length(
    contract: Contract, match: Match, request: Request, core: Core = gone_through
) -> tuple[Violation, ...]:
    """What openapi-core says, asked without the plan."""
    nothing = {"takes": Mock(return_value=False), "lets_in": Mock(return_value=False)}
    with patch.multiple(Plan, **nothing), with_core(core):
        return contract.check_request(match, request)


def takes(name: str, given: Documented, request: Request) -> bool:
    return PLANS[name].takes(given.template, request)
