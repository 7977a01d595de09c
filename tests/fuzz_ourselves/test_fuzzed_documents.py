"""Documents that users bring: served, with what was mended and how, or refused."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from amounts import hundreds
from contracts import document_of_parameters
from drawn_documents import documents
from drawn_schemas import VERSIONS
from drawn_values import altered
from hypothesis import given
from hypothesis import strategies as st
from mangled import ANY_TEXT, JSON, YAML, bits, mangled
from refusals import taken, told_well

from mockserver.apis.oxen import OxenApi
from mockserver.contract.contract import Contract
from mockserver.contract.document import _invalid, _misshapen, load_document
from mockserver.contract.routes import Match
from mockserver.core.errors import UnreadableDocumentError
from mockserver.core.exchange import Request, Response
from mockserver.loading import notes_on, overlays_of

if TYPE_CHECKING:
    from collections.abc import Mapping

API = OxenApi({})
OVERLAYS = overlays_of(API)
HUBS = Path(__file__).parents[1].joinpath("contract", "one-operation.yaml").read_text("utf-8")
ORIGINALS = [HUBS, HUBS, *(json.dumps(document_of_parameters(v), indent=1) for v in VERSIONS)]
WORDS = (
    *(
        "$ref",
        "openapi",
        "paths",
        "parameters",
        "schema",
        "nullable",
        "required",
        "get",
        "in: path",
    ),
    *("#/components/schemas/Pair", "#/paths", "#", "other.yaml", "#/components/schemas/None"),
    *("/a/{id}/{id}", "/a/*b", "/a/{id}/*id", "a{4294967296}", "(?P<a>x)(?P=a)", "[[a]", "(a*)*$"),
    *("{}", "[]", "default", "2XX", "3.0.0", "3.1.9", "2.0", "3.2.0-rc1", "date_time", "x-y"),
)
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 10**400, "", "x", [], {}, [{}], [[]], [None], ["get"]),
    *({"$ref": to} for to in ("#/components/schemas/Pair", "#", 7, "", "#/paths/~1a~1{id}")),
    *({"pattern": text} for text in ("a{4294967296}", "(", "[[a]")),
    *({"schema": of} for of in (True, False, {"nullable": True, "type": "string", "enum": ["a"]})),
    *(
        {"type": 7},
        {"get": {}},
        {"format": "date_time", "type": ["string"]},
        {"const": ""},
        "3.0.3",
    ),
    {"name": "q", "in": "query", "schema": False},
)
NAMES = (
    *("$ref", "x-spans-slashes", "x-y", "get", "head", "parameters", "requestBody", "responses"),
    *(
        "schema",
        "properties",
        "required",
        "items",
        "pattern",
        "nullable",
        "default",
        "allOf",
        "200",
    ),
    *("security", "operationId", "jsonSchemaDialect", "$self", "/b", "/a/*id", "/a/{x}", "name"),
)


@st.composite
def altered_documents(draw: st.DrawFn) -> str:
    """A document that was valid, with up to three parts of it altered."""
    version = draw(st.sampled_from(VERSIONS))
    is_drawn: bool = draw(st.booleans())
    whole = draw(documents(version)) if is_drawn else document_of_parameters(version)
    return json.dumps(draw(altered(whole, 3, ODD, NAMES)))


def served(text: str) -> Contract | None:
    """The contract of a document, or None where it is refused as it should be."""
    with warnings.catch_warnings(action="ignore", category=FutureWarning):  # of patterns like [[a]
        return taken(
            lambda: Contract.load("oxen", text, "d.yaml", OVERLAYS), UnreadableDocumentError
        )


def ask_everything_of(contract: Contract) -> None:
    """Neither a request nor an answer of any operation breaks the judge."""
    headers = {"content-type": "application/json", "x-kind": "1", "p": "\u0661"}
    for operation in contract.operations.values():
        route = next(r for r in contract.routes.routes if r.template == operation.template)
        name = route.names.get(operation.method, operation.id)
        match = Match(name, route, dict.fromkeys(route.parameters, "1"))
        for raw in (b"", b'{"a": [null, 1e3]}', b"\xff"):
            query = (("size", "1"), ("p", ""), ("q", "a,b"))
            told_well(
                contract.check_request(match, Request(operation.method, "/", query, headers, raw))
            )
            answer = Response(200, (("Content-Type", "application/json"), ("X-A", "")), raw)
            told_well(contract.check_answer(operation, answer))


@hundreds(0.8)
@given(ANY_TEXT | mangled(ORIGINALS, bits(YAML, JSON, WORDS)) | altered_documents())
def test_a_text_is_a_document_that_everything_can_be_asked_of_or_is_refused(text: str) -> None:
    contract = served(text)
    if contract is None:
        return
    told_well(notes_on(contract, API))
    assert all(repair.pointer and repair.sentence for repair in contract.repairs)
    assert load_document(json.dumps(contract.document.value), "again.json").repairs == ()
    ask_everything_of(contract)


@hundreds(0.5)
@given(altered_documents())
def test_a_quick_yes_to_the_form_of_a_document_hides_nothing(text: str) -> None:
    whole = json.loads(text)
    if _misshapen(whole):
        return
    with patch("mockserver.contract.document._is_in_form", return_value=False):
        at_length = _invalid(whole)
    assert _invalid(whole) == at_length


@hundreds(0.1)
@given(st.sampled_from(VERSIONS), st.data())
def test_a_drawn_document_is_served_as_it_is(version: str, data: st.DataObject) -> None:
    """Which the verdicts on drawn documents rely on."""
    document: Mapping[str, Any] = data.draw(documents(version))
    contract = served(json.dumps(document))
    assert contract is not None
    mended = {repair.sentence.partition(",")[0].partition(":")[0] for repair in contract.repairs}
    assert all("id" in one or "nullable" in one or "true or false" in one for one in mended), mended
