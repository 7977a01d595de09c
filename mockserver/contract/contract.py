"""A contract: one API's document in its two strictnesses, its routes and its verdicts.

*Published* is the document after repairs: what other tools may be given and what a real
server's answers are judged by. *Strict* is that with our overlays: what this server's own
answers are judged by. The overlays leave the request side alone but for the body that create
cannot do without, so one judge serves both directions.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from mockserver.contract.document import load_document
from mockserver.contract.repairs import METHODS, SPANS_SLASHES
from mockserver.contract.routes import Route, Routes
from mockserver.contract.strictness import Strict, Strictness, tightened
from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mockserver.contract.document import Document
    from mockserver.contract.judge import Judge
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
        is_own: whether the document is one of ours, whose every property we know.
    """

    api: str
    document: Document
    operations: Mapping[str, Operation]
    routes: Routes
    _strictness: Strictness
    is_own: bool = False

    @classmethod
    def load(cls, api: str, text: str, label: str, overlays: Sequence[Overlay]) -> Contract:
        """Load a document, prove it and tighten it.

        Raises:
            UnreadableDocumentError: the document cannot be served.
        """
        document = load_document(text, label)
        contract = cls.of(api, document, lambda: tightened(document, overlays))
        contract.tighten()
        return contract

    @classmethod
    def load_own(
        cls, api: str, text: str, label: str, overlays: Callable[[], Sequence[Overlay]]
    ) -> Contract:
        """Load a document of ours, which tests of ours prove, and its overlays with it.

        It is taken at its word, and tightened when it is first judged by. Then an overlay action
        that selects nothing is an UnreadableDocumentError.
        """
        document = load_document(text, label, proved=True)
        strict = partial(_fitted, document, overlays)
        return cls.of(api, document, strict, is_own=True)

    @classmethod
    def of(
        cls,
        api: str,
        document: Document,
        make_strict: Callable[[], Strict],
        *,
        is_own: bool = False,
    ) -> Contract:
        """The contract of a document that has been loaded; it is tightened when it is needed."""
        operations, routes = _operations(document.value), _routes(document.value)
        return cls(api, document, operations, routes, Strictness(make_strict), is_own)

    def tighten(self) -> None:
        """Tighten the document now, so that whatever is wrong with it is told.

        Raises:
            UnreadableDocumentError: the overlays do not fit.
        """
        self._strictness.outcome()

    @property
    def strict(self) -> Mapping[str, Any]:
        """The document with the overlays applied."""
        return self._strictness.outcome()[0].value

    @property
    def idle(self) -> tuple[Violation, ...]:
        """Overlay actions that selected nothing, which only a user's own copy may have."""
        return self._strictness.outcome()[0].idle

    @property
    def repairs(self) -> tuple[Repair, ...]:
        """What had to be mended before the document could be read."""
        return self.document.repairs

    @property
    def _judge(self) -> Judge:
        return self._strictness.outcome()[1]

    def judged_by(self, document: Mapping[str, Any]) -> Contract:
        """The same contract, its verdicts given by another form of its document."""
        return replace(self, _strictness=Strictness(lambda: Strict(document)))

    def check_request(self, match: Match, request: Request) -> tuple[Violation, ...]:
        """Everything in this request that breaks the contract, token and route aside."""
        return tuple(self._judge.request(match.route.template, request, match.parameters))

    def check_body(self, match: Match, request: Request) -> tuple[Violation, ...]:
        """Everything in the body of this request that does, whose head is known to be right."""
        return tuple(self._judge.body(match.route.template, request))

    def check_answer(self, operation: Operation, response: Response) -> tuple[Violation, ...]:
        """Everything in this answer to this operation that breaks the strict contract."""
        return tuple(self._judge.response(operation.template, operation.method, response))


def _fitted(document: Document, overlays: Callable[[], Sequence[Overlay]]) -> Strict:
    return tightened(document, overlays(), must_fit=True)


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
