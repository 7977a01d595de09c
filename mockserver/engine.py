"""Request in, response out: route, token, contract, handler, contract again, rules, journal.

No framework and no socket; the rims hand requests in and carry responses out. Every answer
is judged before it leaves: one that breaks the strict contract or a temporal rule becomes a
500 that names the fixture, its file and the field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mockserver.apis.api import Call, Reply
from mockserver.canned import canned_answer
from mockserver.contract.judge import read_json
from mockserver.contract.routes import Match, Mismatch
from mockserver.core.errors import MockserverError
from mockserver.core.exchange import Exchange, Kind, Request, Response, Violation, json_response
from mockserver.nearest import nearest, tidied
from mockserver.preferences import Preferences, UnreadablePreferenceError, read_preferences
from mockserver.problems import RefusedError, refusal, render
from mockserver.tokens import require_token, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from mockserver.apis.api import Api
    from mockserver.contract.contract import Contract, Operation
    from mockserver.contract.routes import Route
    from mockserver.fixtures import Catalog
    from mockserver.sandbox import Sandbox

_PLACEHOLDER = re.compile(r"\{[^{}/]*\}|%7[Bb][^{}/]*%7[Dd]")
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_LONGEST_HINT = 400
_LONGEST_PLACEHOLDER = 60


class BrokenAnswerError(MockserverError):
    """An answer of ours that breaks the contract or a rule: our fault, or the fixture's."""

    def __init__(self, fixture: str, where: str, violations: Sequence[Violation]) -> None:
        """Say which fixture spoke, where it stands, and what is wrong with the answer."""
        told = "; ".join(str(violation) for violation in violations)
        super().__init__(f"the answer that {fixture} ({where}) gives breaks the contract: {told}")
        self.violations = tuple(violations)


@dataclass(slots=True)
class _Progress:
    """What is known of a request so far, for the headers and the journal.

    The catalog is taken once for a request, as the instant is: a reload may replace it.
    """

    catalog: Catalog
    operation_id: str | None = None
    fixture: str | None = None
    seen: str | None = None
    hints: tuple[str, ...] = ()
    violations: tuple[Violation, ...] = ()


class Engine:
    """One API over one sandbox."""

    def __init__(  # noqa: PLR0913 because wiring by hand names every part
        self,
        *,
        api: Api,
        contract: Contract,
        catalog: Catalog,
        sandbox: Sandbox,
        tokens: Sequence[str],
        listeners: Sequence[Callable[[Exchange], None]] = (),
    ) -> None:
        """Wire the parts; without tokens any non-empty one is accepted."""
        self.api = api
        self.contract = contract
        self.catalog = catalog
        self.sandbox = sandbox
        self._tokens = tuple(tokens)
        self._listeners = tuple(listeners)

    def routes(self) -> tuple[Route, ...]:
        """Every route that is answered: the contract's, and those that answer fixtures bring."""
        known = self.contract.routes.routes
        taken = {(route.template, method) for route in known for method in route.names}
        own = (a.route for a in self.catalog.answers.values() if a.route is not None)
        return (*known, *(r for r in own if not {(r.template, m) for m in r.names} & taken))

    def answer(self, request: Request) -> Response:
        """Answer a request, whatever it is."""
        now = self.sandbox.now()
        told = _Progress(self.catalog)
        try:
            response = self._answer(request, now, told)
        except RefusedError as error:
            response = self._refused(error, request, told)
        except BrokenAnswerError as error:
            told.violations = error.violations
            response = render(RefusedError(500, str(error)), request.path)
        return self._told(request, response, now, told)

    def acknowledge(self, request: Request) -> Response:
        """Answer a preflight, which asks for no operation: yes, with the headers the rim adds."""
        return self._told(request, Response(204), self.sandbox.now(), _Progress(self.catalog))

    def now_text(self) -> str:
        """The virtual instant as headers and documents write it."""
        return _instant_text(self.sandbox.now())

    def refuse(self, request: Request, error: RefusedError) -> Response:
        """Answer a request that the rim refuses, in the same envelope and with the same headers."""
        told = _Progress(self.catalog)
        return self._told(request, self._refused(error, request, told), self.sandbox.now(), told)

    def _answer(self, request: Request, now: datetime, told: _Progress) -> Response:
        match = self.contract.routes.match(request.method, request.path)
        if isinstance(match, Mismatch):
            return self._unmatched(request, match, now, told)
        told.operation_id = match.name
        self._check_token(match, request)
        self._check_request(match, request)
        preferences = self._preferences(request, told)
        response = self._handled(match, request, preferences, now, told)
        return self._judged(match, response, told)

    # -- letting a request in -----------------------------------------------------------------

    def _check_token(self, match: Match, request: Request) -> None:
        operation = self.contract.operations[match.name]
        if operation.secured and self.api.needs_token(match.name):
            require_token(request, self._tokens)

    def _check_request(self, match: Match, request: Request) -> None:
        violations = (
            *_placeholders(match),
            *_encoding(request),
            *self.contract.check_request(match, request),
        )
        if violations:
            cause = self.api.likely_cause(match.name, request)
            raise refusal(violations, cause)

    def _preferences(self, request: Request, told: _Progress) -> Preferences:
        try:
            preferences = read_preferences(request.headers.get("prefer", ""))
        except UnreadablePreferenceError as error:
            raise RefusedError(400, f"header Prefer: {error}") from None
        if preferences.example not in {None, *told.catalog.evaluations}:
            known = ", ".join(sorted(told.catalog.evaluations))
            found = f"{preferences.example!r:.80}"
            raise RefusedError(
                400,
                f"header Prefer: example: expected the name of a fixture ({known}), found {found}",
            )
        if preferences.unknown:
            names = ", ".join(preferences.unknown)
            told.hints += (f"Prefer: unknown here and ignored: {names}",)
        if preferences.code is not None:
            raise RefusedError(
                preferences.code,
                "" if preferences.code == 404 else "as Prefer asked",  # noqa: PLR2004 404 has no detail
            )
        return preferences

    # -- answering ------------------------------------------------------------------------------

    def _handled(
        self,
        match: Match,
        request: Request,
        preferences: Preferences,
        now: datetime,
        told: _Progress,
    ) -> Response:
        operation = self.contract.operations[match.name]
        handler = self.api.handlers.get(operation.id)
        if handler is None:
            return self._canned(operation, request, now, told)
        body = read_json(request.body) if operation.takes_body and request.body else None
        reply = handler(
            Call(self.sandbox, told.catalog, request, match, body, preferences.example, now)
        )
        return self._spoken(reply, told, now)

    def _spoken(self, reply: Reply, told: _Progress, now: datetime) -> Response:
        """A handler's reply as a response, judged by the temporal rules."""
        told.fixture = reply.fixture
        if reply.hint:
            told.hints += (reply.hint,)
        if reply.shown is not None:
            evaluation, repository = reply.shown
            sighting = self.api.sighting(reply.body, now)
            told.seen = sighting.snapshot.status
            broken = self.sandbox.judge(repository, evaluation, sighting, self.api.places)
            if broken:
                raise BrokenAnswerError(
                    reply.fixture, self._where(told.catalog, reply.fixture), broken
                )
        return json_response(reply.status, reply.body)

    def _canned(
        self, operation: Operation | None, request: Request, now: datetime, told: _Progress
    ) -> Response:
        answer = canned_answer(told.catalog, self.sandbox, operation, request, now)
        told.fixture = answer.name
        return Response(answer.status, answer.headers, answer.body)

    def _judged(self, match: Match, response: Response, told: _Progress) -> Response:
        violations = self.contract.check_answer(self.contract.operations[match.name], response)
        if violations:
            fixture = told.fixture or "no fixture"
            raise BrokenAnswerError(fixture, self._where(told.catalog, fixture), violations)
        return response

    @staticmethod
    def _where(catalog: Catalog, fixture: str) -> str:
        known = catalog.evaluations.get(fixture) or catalog.answers.get(fixture)
        return known.where(("evaluation",)) if known else "no file"

    # -- what matched nothing -----------------------------------------------------------------

    def _unmatched(
        self, request: Request, mismatch: Mismatch, now: datetime, told: _Progress
    ) -> Response:
        own = {
            method
            for answer in told.catalog.answers.values()
            if answer.route is not None and answer.route.pattern.fullmatch(request.path)
            for method in answer.route.names
        }
        if request.routed_method in own:
            require_token(request, self._tokens)
            self._preferences(request, told)
            return self._canned(None, request, now, told)
        allowed = sorted({*mismatch.allowed, *own})
        if allowed:
            spoken = {*allowed, "OPTIONS"} | ({"HEAD"} if "GET" in allowed else set())
            allow = ("Allow", ", ".join(sorted(spoken)))
            if request.method == "OPTIONS":
                return Response(204, () if mismatch.shared else (allow,))
            takes = f"this path takes {' and '.join(allowed)}"
            found = f"found {request.method[:40]}; {takes}"
            meant = tidied(self.routes(), request)
            raise RefusedError(405, found, hint=meant or takes, headers=(allow,))
        if request.method == "OPTIONS":
            return Response(204)
        raise RefusedError(404, hint=nearest(self.routes(), request))

    def _request_id(self, request: Request) -> str:
        """The client's own id, or one of ours; oxen-server does both (seen in its code)."""
        given = request.headers.get("x-oxen-request-id", "")
        return given if _REQUEST_ID.fullmatch(given) else self.sandbox.new_request_id()

    # -- leaving ------------------------------------------------------------------------------

    def _refused(self, error: RefusedError, request: Request, told: _Progress) -> Response:
        """The problem, judged where the operation documents its status: many do not."""
        told.violations = error.violations
        if error.hint:
            told.hints += (error.hint,)
        response = render(error, request.path)
        match = self.contract.routes.match(request.method, request.path)
        if told.operation_id is not None and isinstance(match, Match):
            broken = self.contract.check_answer(self.contract.operations[match.name], response)
            told.violations += tuple(v for v in broken if v.place != "status")
        return response

    def _told(
        self, request: Request, response: Response, now: datetime, told: _Progress
    ) -> Response:
        """The response with the headers that every answer carries; the exchange is journaled."""
        hint = "; ".join(told.hints)
        extra = [
            ("X-Mock-Fixture", told.fixture or "none"),
            ("X-Mock-Now", _instant_text(now)),
            ("x-oxen-request-id", self._request_id(request)),
        ]
        if hint:
            extra.append(("X-Mock-Hint", _header_text(hint)))
        response = replace(response, headers=(*response.headers, *extra))
        exchange = Exchange(
            request=without_secrets(request),
            response=response,
            violations=told.violations,
            now=now,
            operation_id=told.operation_id,
            fixture=told.fixture,
            seen=told.seen,
            hint=hint,
        )
        self.sandbox.journal.add(exchange)
        for listen in self._listeners:
            listen(exchange)
        return response


def _encoding(request: Request) -> tuple[Violation, ...]:
    found = request.headers.get("content-encoding", "identity")
    if not request.body or found.lower() in {"identity", ""}:
        return ()
    place = "header Content-Encoding"
    return (Violation(place, "a body as it is", found[:40], Kind.MEDIA_TYPE),)


def _placeholders(match: Match) -> Iterator[Violation]:
    """Path parameters that still hold the template's own placeholder."""
    for name, value in match.parameters.items():
        spelled = {f"*{name}", f":{name}"}  # as routers write it; other names may start so
        left = (s for s in value.split("/") if s in spelled or _PLACEHOLDER.fullmatch(s))
        if segment := next(left, "")[:_LONGEST_PLACEHOLDER]:
            yield Violation(
                f"path {name}",
                f"a value for {name}",
                f"the placeholder {segment}",
                Kind.PARAMETER,
                f"fill in {segment} before sending",
            )


def _instant_text(instant: datetime) -> str:
    return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _header_text(text: str) -> str:
    """A text that may stand in a header: one line of printable ASCII, not too long."""
    plain = text.encode("ascii", "backslashreplace").decode()
    return "".join(c if c.isprintable() else " " for c in plain)[:_LONGEST_HINT]
