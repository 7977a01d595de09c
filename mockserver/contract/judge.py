"""The judge of both directions: the plan, and openapi-core for all that the plan is not sure of.

What the plan says yes to is right. openapi-core hears of everything else, and it alone refuses: it
is imported, and takes the document, when it is first needed.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockserver.contract.formats import is_date_time, is_uuid
from mockserver.contract.json_text import read_json
from mockserver.contract.plan import Plan
from mockserver.contract.repairs import METHODS
from mockserver.core.exchange import Kind, Request, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mockserver.contract.validator import Validator
    from mockserver.core.exchange import Response

_ANY_TEXT = {"type", "title", "description", "example", "examples", "default"}
"""Keywords beside which a text may be any, the empty one too."""

_FORMATS = {"date-time": is_date_time, "uuid": is_uuid}
"""The formats that are read in our own way, and not as openapi-core would."""

_TOO_DEEP = Violation("body", "a nesting that can be followed", "one too deep", Kind.BODY)


class Judge:
    """Both over one document; any number of threads may ask."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Take a repaired document; it has been proved valid already."""
        self._document = document
        self._may_be_empty = {
            operation: _empty_texts(known) for operation, known in _parameters(document)
        }
        self._plan = Plan.of(document, _FORMATS, read_json)
        self._validator: Validator | None = None
        self._making = threading.Lock()

    def request(
        self, template: str, request: Request, parameters: Mapping[str, str]
    ) -> Iterator[Violation]:
        """Everything in the request that breaks the contract of this operation."""
        empty = self._may_be_empty.get((template, request.routed_method.lower()), frozenset())
        query = tuple(pair for pair in request.query if pair[1] or pair[0] not in empty)
        if query != request.query:
            request = replace(request, query=query)
        try:
            takes = self._plan.takes(template, request)
            lets_in = self._plan.lets_in(template, request, parameters)
            if not takes and not lets_in:
                yield from self._at_length().request(template, request, parameters)
            elif not takes:
                yield from self._at_length().body(template, request)
            elif not lets_in:
                yield from self._at_length().parameters(template, request, parameters)
        except RecursionError:
            yield _TOO_DEEP

    def body(self, template: str, request: Request) -> Iterator[Violation]:
        """Everything in the body alone that does."""
        try:
            if not self._plan.takes(template, request):
                yield from self._at_length().body(template, request)
        except RecursionError:
            yield _TOO_DEEP

    def response(self, template: str, method: str, response: Response) -> Iterator[Violation]:
        """Everything in an answer that breaks the contract of this operation."""
        if not self._plan.says_yes(template, method, response):
            yield from self._at_length().response(template, method, response)

    def _at_length(self) -> Validator:
        """openapi-core over the document."""
        if self._validator is not None:
            return self._validator
        from mockserver.contract.validator import (  # noqa: PLC0415 because it takes half a second
            Validator,
        )

        with self._making:
            if self._validator is None:
                self._validator = Validator(self._document, _FORMATS)
            return self._validator


def _parameters(
    document: Mapping[str, Any],
) -> Iterator[tuple[tuple[str, str], tuple[Mapping[str, Any], ...]]]:
    """By template and method the parameters of each operation, those of its path among them."""
    for template, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                of_path, its_own = item.get("parameters", ()), item[method].get("parameters", ())
                yield (template, method), (*of_path, *its_own)


def _empty_texts(parameters: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The query parameters that are any text, the empty one too.

    openapi-core refuses every empty value, whatever the schema says.
    """
    return frozenset(
        parameter["name"]
        for parameter in parameters
        if parameter.get("in") == "query"
        and not parameter.get("required")
        and parameter.get("schema", {}).keys() <= _ANY_TEXT
        and parameter.get("schema", {}).get("type") == "string"
    )
