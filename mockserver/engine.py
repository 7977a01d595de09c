"""Request in, response out: route, token, contract, handler, contract again, rules, journal.

No framework and no socket; the rims hand requests in and carry responses out. Every answer
is judged before it leaves: one that breaks the strict contract or a temporal rule becomes a
500 that names the fixture, its file and the field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mockserver.apis.api import Call, Reply, response_of
from mockserver.canned import canned_answer
from mockserver.contract.judge import read_json
from mockserver.contract.routes import Match, Mismatch
from mockserver.core.errors import MockserverError
from mockserver.core.exchange import Exchange, Kind, Request, Response, Violation, unwaived
from mockserver.nearest import nearest, tidied
from mockserver.preferences import Preferences, UnreadablePreferenceError, read_preferences
from mockserver.problems import RefusedError, is_control, render_control
from mockserver.served import home_of
from mockserver.tokens import require_token, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from mockserver.contract.contract import Operation
    from mockserver.contract.routes import Route
    from mockserver.core.exchange import Waiver
    from mockserver.fixtures import Catalog
    from mockserver.sandbox import Sandbox
    from mockserver.served import Served

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

    served: Served
    catalog: Catalog = field(init=False)
    operation: Operation | None = None
    fixture: str | None = None
    seen: str | None = None
    hints: tuple[str, ...] = ()
    violations: tuple[Violation, ...] = ()
    waivers: tuple[Waiver, ...] = ()

    def __post_init__(self) -> None:
        self.catalog = self.served.catalog


class Engine:
    """Any number of APIs over one sandbox; the paths of their contracts do not collide."""

    def __init__(
        self,
        *,
        apis: Sequence[Served],
        sandbox: Sandbox,
        tokens: Sequence[str],
        listeners: Sequence[Callable[[Exchange], None]] = (),
    ) -> None:
        """Wire the parts; without tokens any non-empty one is accepted."""
        self.apis: Mapping[str, Served] = {served.api.name: served for served in apis}
        self.sandbox = sandbox
        self._tokens = tuple(tokens)
        self._listeners = tuple(listeners)

    def routes(self) -> tuple[Route, ...]:
        """Every route that is answered, by any of the APIs."""
        return tuple(route for served in self.apis.values() for route in served.routes())

    def answer(self, request: Request) -> Response:
        """Answer a request, whatever it is."""
        now = self.sandbox.now()
        served, match = self._matched(request)
        told = _Progress(served)
        try:
            response = self._answer(request, match, now, told)
        except RefusedError as error:
            response = self._refused(error, request, told)
        except BrokenAnswerError as error:
            told.violations = error.violations
            response = served.api.envelope.render(RefusedError(500, str(error)))
        return self._told(request, response, now, told)

    def acknowledge(self, request: Request) -> Response:
        """Answer a preflight, which asks for no operation: yes, with the headers the rim adds."""
        told = _Progress(self._matched(request)[0])
        return self._told(request, Response(204), self.sandbox.now(), told)

    def now_text(self) -> str:
        """The virtual instant as headers and documents write it."""
        return _instant_text(self.sandbox.now())

    def refuse(self, request: Request, error: RefusedError) -> Response:
        """Answer a request that the rim refuses, in the same envelope and with the same headers."""
        told = _Progress(self._matched(request)[0])
        return self._told(request, self._refused(error, request, told), self.sandbox.now(), told)

    def _matched(self, request: Request) -> tuple[Served, Match | Mismatch]:
        """The API that has an operation for this request, or else the one it was meant for."""
        apis = tuple(self.apis.values())
        missed: dict[str, Mismatch] = {}
        for served in apis:
            found = served.contract.routes.match(request.method, request.path)
            if isinstance(found, Match):
                return served, found
            if found.allowed:
                return served, found
            missed[served.api.name] = found
        own = next((served for served in apis if any(served.own_answers(request.path))), None)
        meant = own or home_of(apis, request.path)
        return meant, missed[meant.api.name]

    def _answer(
        self, request: Request, match: Match | Mismatch, now: datetime, told: _Progress
    ) -> Response:
        if isinstance(match, Mismatch):
            return self._unmatched(request, match, now, told)
        told.operation = told.served.contract.operations[match.name]
        token = self._check_token(told.operation, request, told)
        self._check_request(match, request, told)
        preferences = self._preferences(request, told)
        response = self._handled(match, request, (preferences, token), now, told)
        return self._judged(response, told)

    # -- letting a request in -----------------------------------------------------------------

    def _check_token(self, operation: Operation, request: Request, told: _Progress) -> str | None:
        api = told.served.api
        if operation.secured and api.needs_token(operation.id):
            return require_token(request, self._tokens, api.wrong_token)
        return None

    def _check_request(self, match: Match, request: Request, told: _Progress) -> None:
        api, contract = told.served.api, told.served.contract
        violations = (
            *_placeholders(match),
            *_encoding(request),
            *contract.check_request(match, request),
        )
        if violations:
            raise api.envelope.refusal(violations, api.likely_cause(match.name, request))

    def _preferences(self, request: Request, told: _Progress) -> Preferences:
        try:
            preferences = read_preferences(
                request.headers.get("prefer", ""), told.served.api.envelope.ASKABLE
            )
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
            raise told.served.api.envelope.preferred(preferences.code)
        return preferences

    # -- answering ------------------------------------------------------------------------------

    def _handled(
        self,
        match: Match,
        request: Request,
        asked: tuple[Preferences, str | None],
        now: datetime,
        told: _Progress,
    ) -> Response:
        operation = told.served.contract.operations[match.name]
        handler = told.served.api.handlers.get(operation.id)
        if handler is None:
            return self._canned(operation, request, now, told)
        body = read_json(request.body) if operation.takes_body and request.body else None
        preferences, token = asked
        example = preferences.example
        call = Call(self.sandbox, told.catalog, request, match, body, example, token, now)
        return self._spoken(operation, handler(call), told, now)

    def _spoken(
        self, operation: Operation, reply: Reply, told: _Progress, now: datetime
    ) -> Response:
        """A handler's reply as a response, judged by the temporal rules."""
        told.fixture, told.waivers = reply.fixture, reply.waivers
        if reply.hint:
            told.hints += (reply.hint,)
        if reply.shown is not None:
            evaluation, scope = reply.shown
            sighting = told.served.api.sighting(operation.id, reply.body, now)
            told.seen = sighting.word
            self._refuse_broken(self.sandbox.judge(scope, evaluation, sighting), told)
        return response_of(reply)

    def _canned(
        self, operation: Operation | None, request: Request, now: datetime, told: _Progress
    ) -> Response:
        answer = canned_answer(told.served, self.sandbox, operation, request, now)
        told.fixture = answer.name
        return Response(answer.status, answer.headers, answer.body)

    def _judged(self, response: Response, told: _Progress) -> Response:
        if told.operation is not None:
            self._refuse_broken(told.served.contract.check_answer(told.operation, response), told)
        return response

    @staticmethod
    def _refuse_broken(violations: Sequence[Violation], told: _Progress) -> None:
        """Refuse an answer of ours for what it breaks, unless its fixture says that it does."""
        broken = unwaived(violations, told.waivers)
        if broken:
            name = told.fixture or "no fixture"
            known = told.catalog.evaluations.get(name) or told.catalog.answers.get(name)
            where = known.where(("evaluation",)) if known else "no file"
            raise BrokenAnswerError(name, where, broken)

    # -- what matched nothing -----------------------------------------------------------------

    def _unmatched(
        self, request: Request, mismatch: Mismatch, now: datetime, told: _Progress
    ) -> Response:
        served = told.served
        own = {m for a in served.own_answers(request.path) if a.route for m in a.route.names}
        if request.routed_method in own:
            require_token(request, self._tokens, served.api.wrong_token)
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
        raise RefusedError(404, hint=nearest(self.routes(), request, tuple(self.apis)))

    def _request_id(self, header: str, request: Request) -> str:
        """The client's own id, or one of ours; oxen-server does both (seen in its code)."""
        given = request.headers.get(header, "")
        return given if _REQUEST_ID.fullmatch(given) else self.sandbox.new_request_id()

    # -- leaving ------------------------------------------------------------------------------

    def _refused(self, error: RefusedError, request: Request, told: _Progress) -> Response:
        """The problem, judged where the operation documents its status: many do not."""
        told.violations = error.violations
        if error.hint:
            told.hints += (error.hint,)
        if is_control(request.path):
            return render_control(error)
        response = told.served.api.envelope.render(error)
        if told.operation is not None:
            broken = told.served.contract.check_answer(told.operation, response)
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
        ]
        if header := told.served.api.request_id:
            extra.append((header, self._request_id(header, request)))
        if hint:
            extra.append(("X-Mock-Hint", _header_text(hint)))
        response = replace(response, headers=(*response.headers, *extra))
        exchange = Exchange(
            request=without_secrets(request),
            response=response,
            violations=tuple(replace(v, finding=None) for v in told.violations),
            now=now,
            operation_id=told.operation.id if told.operation is not None else None,
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
