"""A contract: one API's document in its two strictnesses, its routes and its verdicts.

*Published* is the document after repairs: what other tools may be given and what a real
server's answers are judged by. *Strict* is that with our overlays: what this server's own
answers are judged by. The overlays leave the request side alone but for the body that create
cannot do without, so one judge serves both directions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mockserver.contract.document import load_document
from mockserver.contract.judge import Judge
from mockserver.contract.overlay import apply_overlay
from mockserver.contract.repairs import METHODS, SPANS_SLASHES
from mockserver.contract.routes import Route, Routes
from mockserver.core.errors import UnreadableDocumentError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockserver.contract.document import Document
    from mockserver.contract.overlay import Overlay
    from mockserver.contract.repairs import Repair
    from mockserver.contract.routes import Match
    from mockserver.core.exchange import Request, Response, Violation


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the document.

    Attributes:
        id: its operationId, or "METHOD template" where it has none.
        secured: whether the document asks for a token.
        takes_body: whether the document describes a request body.
        success: the status it documents for success, 200 where it documents none.
    """

    id: str
    method: str
    template: str
    secured: bool
    takes_body: bool
    success: int

    @property
    def short(self) -> str:
        """The last part of the id, as people say it: `get_evaluation`."""
        return self.id.rsplit(".", 1)[-1]


@dataclass(frozen=True, slots=True)
class Contract:
    """What a document promises, and the judge of whether it is kept.

    Attributes:
        api: the API it describes, as in "oxen".
        document: the readable document with its repairs.
        strict: the document with the overlays applied.
        idle: overlay actions that selected nothing, which only a user's own copy may have.
        is_own: whether the document is one of ours, whose every property we know.
    """

    api: str
    document: Document
    strict: Mapping[str, Any]
    idle: tuple[Violation, ...]
    operations: Mapping[str, Operation]
    routes: Routes
    _judge: Judge
    is_own: bool = False

    @classmethod
    def load(
        cls,
        api: str,
        text: str,
        label: str,
        overlays: Sequence[Overlay],
        *,
        proved: bool = False,
    ) -> Contract:
        """Load a document and tighten it; one that was `proved` before is taken at its word.

        Raises:
            UnreadableDocumentError: the document cannot be served.
        """
        document = load_document(text, label, proved=proved)
        strict: dict[str, Any] = document.value
        idle: list[Violation] = []
        for overlay in overlays:
            strict, unused = apply_overlay(strict, overlay)
            idle += unused
        operations, routes = _operations(document.value), _routes(document.value)
        return cls(api, document, strict, tuple(idle), operations, routes, Judge(strict))

    @property
    def repairs(self) -> tuple[Repair, ...]:
        """What had to be mended before the document could be read."""
        return self.document.repairs

    def require_all_overlays(self) -> Contract:
        """The same contract, for a document that is our own.

        Raises:
            UnreadableDocumentError: an overlay action selected nothing.
        """
        if self.idle:
            headline = f"the overlay does not fit {self.document.label}"
            raise UnreadableDocumentError(headline, self.idle)
        return replace(self, is_own=True)

    def check_request(self, match: Match, request: Request) -> tuple[Violation, ...]:
        """Everything in this request that breaks the contract, token and route aside."""
        return tuple(self._judge.request(match.route.template, request, match.parameters))

    def check_answer(self, operation: Operation, response: Response) -> tuple[Violation, ...]:
        """Everything in this answer to this operation that breaks the strict contract."""
        return tuple(self._judge.response(operation.template, operation.method, response))


def _operations(document: Mapping[str, Any]) -> Mapping[str, Operation]:
    found = {}
    for template, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                name = _name(operation, method, template)
                codes = sorted(operation["responses"])
                security = operation.get("security", document.get("security", []))
                found[name] = Operation(
                    id=name,
                    method=method.upper(),
                    template=template,
                    secured=bool(security) and {} not in security,
                    takes_body="requestBody" in operation,
                    success=next((int(c) for c in codes if c.isdecimal() and c[0] == "2"), 200),
                )
    return found


def _name(operation: Mapping[str, Any], method: str, template: str) -> str:
    return str(operation.get("operationId", f"{method.upper()} {template}"))


def _routes(document: Mapping[str, Any]) -> Routes:
    routes = []
    for template, item in document["paths"].items():
        methods = [method for method in METHODS if method in item]
        globs = {
            str(parameter["name"])
            for holder in (item, *(item[method] for method in methods))
            for parameter in holder.get("parameters", ())
            if parameter.get(SPANS_SLASHES)
        }
        names = {method.upper(): _name(item[method], method, template) for method in methods}
        routes.append(Route.of(template, globs, names))
    return Routes.of(routes)
