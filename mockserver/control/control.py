"""The control API: request in, response out, both held to `spec/control.yaml`."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mockserver.contract.json_text import read_json
from mockserver.contract.routes import Match
from mockserver.control.call import Call
from mockserver.core.errors import FlawedError, MockserverError
from mockserver.core.exchange import Request, Response, json_response
from mockserver.documents import own_contract
from mockserver.instants import instant_text
from mockserver.loading import spec_text
from mockserver.nearest import nearest
from mockserver.problems import RefusedError, in_words, render_control

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mockserver.contract.contract import Contract
    from mockserver.control.handlers import Handler
    from mockserver.core.exchange import Violation
    from mockserver.engine import Engine
    from mockserver.making import Maker

NAME = "control"
"""What the control API is called where APIs are told apart."""

_NOTHING = "Where there is nothing to say, send {} as application/json"
"""What to do about a body that is missing."""


def load_own_contract() -> Contract:
    """The contract of the control API, which a test of ours proves."""
    return own_contract(NAME, ("control.yaml", spec_text("control.yaml")), tuple)


class Control:
    """The control API of one server; operations may come at any time, from any thread."""

    def __init__(self, engine: Engine, maker: Maker, load: Callable[[], Contract]) -> None:
        """Take what it controls; its contract is loaded when somebody asks for it."""
        self._load = load
        self._contract: Contract | None = None
        self._loading = threading.Lock()
        self._engine = engine
        self._maker = maker

    @property
    def contract(self) -> Contract:
        """What its requests and its own answers are held to."""
        with self._loading:
            if self._contract is None:
                self._contract = self._load()
            return self._contract

    def answer(self, request: Request, base: str) -> Response:
        """Answer a request; `base` is the URL of the server, without a sandbox."""
        try:
            response = self._answer(request, base)
        except RefusedError as error:
            response = render_control(error)
        except FlawedError as error:
            response = render_control(RefusedError(409, str(error), violations=error.flaws))
        except MockserverError as error:
            response = render_control(RefusedError(409, str(error)))
        now = instant_text(self._engine.visible(request).sandbox.now())
        headers = (("X-Mock-Now", now), ("X-Mock-Fixture", "none"))
        return replace(response, headers=(*response.headers, *headers))

    def check_snapshot(self, raw: bytes) -> Sequence[Violation]:
        """What a document breaks of the schema of snapshots."""
        path = f"/_mock/sandboxes/{NAME}/restore"
        match = self.contract.routes.match("POST", path)
        assert isinstance(match, Match)  # noqa: S101 because the document has the operation
        headers = {"content-type": "application/json"}
        return self.contract.check_request(match, Request("POST", path, (), headers, raw))

    def _answer(self, request: Request, base: str) -> Response:
        routes = self.contract.routes
        match = routes.match(request.method, request.path)
        nearer = next((r for r in routes.routes if r.pattern.fullmatch(request.path)), None)
        if not isinstance(match, Match) or match.route is not nearer:
            return self._unmatched(request, sorted(nearer.names) if nearer else ())
        if violations := self.contract.check_request(match, request):
            status = 415 if any(v.rule == "media type" for v in violations) else 400
            wrong_body = any(violation.place == "body" for violation in violations)
            advice = _NOTHING if wrong_body and not request.body else ""
            raise RefusedError(status, in_words(violations, advice), violations=violations)
        operation = self.contract.operations[match.name]
        body: Any = read_json(request.body) if operation.takes_body else {}
        call = Call(self._engine, self._maker, request, match, body, base)
        found = self._handlers[operation.id](call)
        status, told = found if isinstance(found, tuple) else (operation.success, found)
        response = json_response(status, told)
        if broken := self.contract.check_answer(operation, response):
            raise RefusedError(500, f"an answer of our own: {in_words(broken, '')}")
        return response

    @cached_property
    def _handlers(self) -> Mapping[str, Handler]:
        """What the operations do, by their ids; most servers are never steered."""
        from mockserver.control.handlers import handlers_by  # noqa: PLC0415 because of that

        return {f"{NAME}.{name}": do for name, do in handlers_by(lambda: self.contract).items()}

    def _unmatched(self, request: Request, allowed: Sequence[str]) -> Response:
        if allowed:
            spoken = {*allowed, "OPTIONS"} | ({"HEAD"} if "GET" in allowed else set())
            allow = ("Allow", ", ".join(sorted(spoken)))
            if request.method == "OPTIONS":
                return Response(204, (allow,))
            found = f"found {request.method[:40]}; this path takes {' and '.join(allowed)}"
            raise RefusedError(405, found, headers=(allow,))
        if request.method == "OPTIONS":
            return Response(204)
        raise RefusedError(404, nearest(self.contract.routes.routes, request))
