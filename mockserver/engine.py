"""Request in, response out: route, token, contract, handler, contract again, rules, journal.

No framework and no socket; the rims hand requests in and carry responses out. Every answer
is judged before it leaves: one that breaks the strict contract or a temporal rule becomes a
500 that names the fixture, its file and the field.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mockserver.admission import head_of
from mockserver.apis.api import Call, Reply, response_of
from mockserver.canned import canned_answer
from mockserver.contract.json_text import read_json
from mockserver.contract.routes import Match, Mismatch
from mockserver.core import rules
from mockserver.core.errors import MockserverError
from mockserver.core.evaluation import observe
from mockserver.core.exchange import Draw, Kind, Response, Violation, unwaived
from mockserver.core.plain import shortened
from mockserver.dynamic.drawers import Drawers
from mockserver.dynamic.wanted import Wanted
from mockserver.faults import Subject, refusal, spoiled
from mockserver.gate import Gate
from mockserver.instants import instant_text
from mockserver.journal import weight_beside, weight_of
from mockserver.moods import Mood
from mockserver.nearest import nearest, tidied
from mockserver.passage import Passage
from mockserver.preferences import NOTHING_PREFERRED, Preferences
from mockserver.problems import RefusedError
from mockserver.selection import DEFAULT, HEADER, PREFIX, TOKEN, named_by
from mockserver.served import matched
from mockserver.tokens import client_of, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mockserver.admission import Admission, Head
    from mockserver.contract.contract import Operation
    from mockserver.contract.routes import Route
    from mockserver.core.exchange import Exchange, Request
    from mockserver.sandbox import Sandbox
    from mockserver.sandboxes import Sandboxes, World
    from mockserver.served import Served


class BrokenAnswerError(MockserverError):
    """An answer of ours that breaks the contract or a rule: our fault, or the fixture's."""

    def __init__(self, fixture: str, where: str, violations: Sequence[Violation]) -> None:
        """Say which fixture spoke, where it stands, and what is wrong with the answer."""
        told = "; ".join(str(violation) for violation in violations)
        super().__init__(f"the answer that {fixture} ({where}) gives breaks the contract: {told}")
        self.violations = tuple(violations)


class Engine:
    """Any number of APIs over any number of sandboxes; the paths of their contracts do not collide.

    Attributes:
        sandboxes: every world by name, the default one among them.
    """

    def __init__(
        self,
        *,
        sandboxes: Sandboxes,
        tokens: Sequence[str],
        require_sandbox: bool = False,
        listeners: Sequence[Callable[[Exchange], None]] = (),
    ) -> None:
        """Wire the parts; without tokens any non-empty one is accepted.

        With `require_sandbox` a request that names no sandbox is refused.
        """
        self.sandboxes = sandboxes
        self._require_sandbox = require_sandbox
        self._listeners = tuple(listeners)
        self._drawers = Drawers()
        self._gate = Gate(tokens)

    @property
    def sandbox(self) -> Sandbox:
        """The default sandbox."""
        return self.sandboxes.default.sandbox

    @property
    def apis(self) -> Mapping[str, Served]:
        """The APIs by name, as they are served in the default sandbox."""
        return self.sandboxes.default.apis

    def routes(self) -> tuple[Route, ...]:
        """Every route that is answered in the default sandbox, by any of the APIs."""
        return self.sandboxes.default.routes()

    def answers_at(self, path: str) -> bool:
        """Whether any of the APIs answers at this path in the default sandbox."""
        return any(served.answers_at(path) for served in self.apis.values())

    def world_of(self, request: Request) -> World:
        """The world that a request is for.

        Raises:
            RefusedError: it names none where one must be named, a wrong one, or several.
        """
        name = named_by(request)
        if self._require_sandbox and name in {None, DEFAULT}:
            detail = (
                "a sandbox: expected one to be named, found none; this server was started with "
                f"--require-sandbox: use {PREFIX}NAME before the path, the header {HEADER}, or the "
                f"token {TOKEN}NAME"
            )
            raise RefusedError(400, detail, hint=detail)
        return self.sandboxes.of(name)

    def admitted(self, head: Head) -> Admission | None:
        """What is settled of requests with this head, if one of them was let in."""
        return self._gate.admitted(head)

    def answer(self, request: Request) -> Response:
        """Answer a request, whatever it is."""
        return self.answer_as(self.admitted(head_of(request)), request)

    def answer_as(self, admission: Admission | None, request: Request) -> Response:
        """Answer a request that was admitted like this, if it was."""
        if admission is not None and not request.body and (same := self.repeat(admission)):
            return same
        try:
            if admission is None:
                world = self.world_of(request)
            else:
                world = self.sandboxes.of(admission.named)
        except RefusedError as error:
            return self._refuse_in(self.sandboxes.default, request, error)
        if admission is None or not admission.is_for(world):
            served, match = matched(tuple(world.apis.values()), request)
            told = Passage(world, served, client_of(request), named_by(request))
            return self._answered(request, told, lambda: self._answer(request, match, told))
        told = Passage(world, admission.served, admission.client, admission.named, admission)
        return self._answered(
            request, told, lambda: self._answer_admitted(request, admission, told)
        )

    def repeat(self, admission: Admission) -> Response | None:
        """What was answered last to a request without a body, if that stands; else nothing."""
        standing = admission.standing
        if standing is None:
            return None
        try:
            world = self.sandboxes.same(admission.named)
        except RefusedError:
            return None
        sandbox = world.sandbox
        now = sandbox.now()
        if not admission.is_for(world) or not standing.holds(world, now):
            return None
        response = standing.response(now)
        sandbox.tally.add(standing.exchange)  # but for instant and id it is the same
        sandbox.journal.add_later(partial(standing.again, now, response), standing.weight)
        for listen in self._listeners:
            listen(standing.again(now, response))
        return response

    def _answered(
        self, request: Request, told: Passage, answer: Callable[[], Response]
    ) -> Response:
        """Whatever comes of it, as it is told."""
        try:
            response = answer()
        except RefusedError as error:
            response = self._refused(error, told)
        except BrokenAnswerError as error:
            told.violations, told.seen = error.violations, None
            response = told.served.api.envelope.render(RefusedError(500, str(error)))
        if told.fault is not None:
            response = spoiled(response, told.fault.rule)
            if told.fault.rule.body is not None:  # nobody can read what it would have shown
                told.seen, told.ended = None, False
        if told.about is not None and _is_a_look(told, request):
            told.world.sandbox.looked_at(told.about, told.now)
        return self._told(request, response, told)

    def acknowledge(self, request: Request) -> Response:
        """Answer a preflight, which asks for no operation: yes, with the headers the rim adds."""
        world = self.visible(request)
        told = self._passage(world, request)
        return self._told(request, Response(204), told)

    def now_text(self) -> str:
        """The virtual instant of the default sandbox as headers and documents write it."""
        return instant_text(self.sandbox.now())

    def refuse(self, request: Request, error: RefusedError) -> Response:
        """Answer a request that the rim refuses, in the same envelope and with the same headers."""
        return self._refuse_in(self.visible(request), request, error)

    def _refuse_in(self, world: World, request: Request, error: RefusedError) -> Response:
        told = self._passage(world, request)
        return self._told(request, self._refused(error, told), told)

    @staticmethod
    def _passage(world: World, request: Request) -> Passage:
        """What is known of a request that is not asked any further."""
        return Passage(world, matched(tuple(world.apis.values()), request)[0], client_of(request))

    def visible(self, request: Request) -> World:
        """The world that a request names, if it is there: none is made for it."""
        try:
            return self.sandboxes.find(named_by(request) or DEFAULT)
        except RefusedError:
            return self.sandboxes.default

    def _answer(self, request: Request, match: Match | Mismatch, told: Passage) -> Response:
        if isinstance(match, Mismatch):
            return self._unmatched(request, match, told)
        token, preferences = self._gate.let_in(request, match, told)
        return self._asked(request, match, token, preferences, told)

    def _answer_admitted(self, request: Request, admission: Admission, told: Passage) -> Response:
        self._gate.let_in_again(request, admission, told)
        return self._asked(request, admission.match, admission.token, NOTHING_PREFERRED, told)

    def _asked(
        self,
        request: Request,
        match: Match,
        token: str | None,
        preferences: Preferences,
        told: Passage,
    ) -> Response:
        """The answer to a request that was let in."""
        assert told.operation is not None  # noqa: S101 as what was let in has one
        mood = self._mood(preferences, told)
        if mood is None and preferences.code is not None:
            raise told.served.api.envelope.preferred(preferences.code)
        sandbox, body = told.world.sandbox, None
        if told.operation.takes_body and request.body:
            body = read_json(request.body)
        call = Call(
            sandbox, told.catalog, request, match, body, preferences.example, token, told.now
        )
        told.about = told.served.api.subject(call)
        self._strike(told)
        if mood is not None:
            wanted = Wanted(told.operation, request, match, body, token)
            return self._drawn(mood, preferences, wanted, told)
        return self._judged(self._handled(told.operation, call, told), told)

    @staticmethod
    def _strike(told: Passage) -> None:
        """Let a fault have its way, if there is one for this call.

        Raises:
            RefusedError: it answers in place of the operation, which then has not been asked.
        """
        faults = told.world.sandbox.faults
        if not faults:
            return
        subject = None
        if told.about is not None:
            seen = observe(told.about, told.now)
            names = frozenset({seen.status, told.served.api.words(told.about)[seen.status]})
            subject = Subject(told.about.id, names, seen.processed)
        operation = told.operation.id if told.operation is not None else None
        told.fault = faults.strike(operation, subject, told.now)
        if told.fault is not None and told.fault.rule.code is not None:
            raise refusal(told.fault.rule)

    # -- answering ------------------------------------------------------------------------------

    @staticmethod
    def _mood(preferences: Preferences, told: Passage) -> Mood | None:
        """The mood in which the answer is drawn, or None where it is not."""
        mood = preferences.dynamic
        if mood is None:
            mood = told.world.sandbox.mood
        if preferences.seed is not None and not mood:
            told.hints += ("Prefer: seed says what an answer is drawn from: add dynamic=strict",)
        return mood or None

    def _handled(self, operation: Operation, call: Call, told: Passage) -> Response:
        handler = told.served.api.handlers.get(operation.id)
        if handler is None:
            return self._canned(operation, call.request, told)
        return self._spoken(operation, handler(call), told)

    def _spoken(self, operation: Operation, reply: Reply, told: Passage) -> Response:
        """A handler's reply as a response, judged by the temporal rules."""
        told.fixture, told.waivers = reply.fixture, reply.waivers
        if reply.hint:
            told.hints += (reply.hint,)
        if reply.shown is not None:
            evaluation, scope = reply.shown
            sighting = told.served.api.sighting(operation.id, reply.body, told.now)
            self._refuse_broken(told.world.sandbox.judge(scope, evaluation, sighting), told)
            status = evaluation.life.at(told.now - evaluation.born).status
            told.about, told.seen = evaluation, sighting.word
            told.scope, told.sighting, told.until = scope, sighting, reply.until
            told.ended = status in evaluation.timeline.cycle.terminal
        return response_of(reply)

    def _drawn(
        self, mood: Mood, preferences: Preferences, wanted: Wanted, told: Passage
    ) -> Response:
        """An answer that is drawn; the sandbox has no part in it, and nothing in it changes."""
        api, contract = told.served.api, told.served.contract
        if preferences.example is not None:
            told.hints += ("Prefer: example is ignored where an answer is drawn",)
        seed = preferences.seed or told.world.sandbox.new_answer_seed()
        given = None
        if preferences.code is not None:
            given = api.envelope.render(api.envelope.preferred(preferences.code))
        drawn = self._drawers.draw(api, contract, wanted, mood, seed, given)
        told.draw, told.drawn_at = Draw(mood, seed, drawn.mutation), drawn.now
        if mood is Mood.STRICT:
            broken = [v for look in drawn.sample.looks for v in rules.check(look.seen)]
            self._refuse_broken(broken, told)
            return self._judged(drawn.response, told)
        return drawn.response

    def _canned(self, operation: Operation | None, request: Request, told: Passage) -> Response:
        answer = canned_answer(told.served, told.world.sandbox, operation, request, told.now)
        told.fixture = answer.name
        return Response(answer.status, answer.headers, answer.body)

    def _judged(self, response: Response, told: Passage) -> Response:
        if told.operation is not None:
            self._refuse_broken(told.served.contract.check_answer(told.operation, response), told)
        return response

    @staticmethod
    def _refuse_broken(violations: Sequence[Violation], told: Passage) -> None:
        """Refuse an answer of ours for what it breaks, unless its fixture says that it does."""
        broken = unwaived(violations, told.waivers)
        if broken:
            name = told.fixture or "no fixture"
            known = told.catalog.evaluations.get(name) or told.catalog.answers.get(name)
            where = known.where(("evaluation",)) if known else "no file"
            raise BrokenAnswerError(name, where, broken)

    # -- what matched nothing -----------------------------------------------------------------

    def _unmatched(self, request: Request, mismatch: Mismatch, told: Passage) -> Response:
        served, routes = told.served, told.world.routes()
        own = {m for a in served.own_answers(request.path) if a.route for m in a.route.names}
        if request.routed_method in own:
            preferences = self._gate.let_in_undescribed(request, told)
            if preferences.code is not None:
                raise served.api.envelope.preferred(preferences.code)
            if preferences.dynamic:
                told.hints += ("Prefer: no document describes this answer: it is not drawn",)
            self._strike(told)
            return self._canned(None, request, told)
        allowed = sorted({*mismatch.allowed, *own})
        if allowed:
            spoken = {*allowed, "OPTIONS"} | ({"HEAD"} if "GET" in allowed else set())
            allow = ("Allow", ", ".join(sorted(spoken)))
            if request.method == "OPTIONS":
                return Response(204, () if mismatch.shared else (allow,))
            takes = f"this path takes {' and '.join(allowed)}"
            found = f"found {request.method[:40]}; {takes}"
            meant = tidied(routes, request)
            wrong = Violation("method", " or ".join(allowed), request.method[:40], Kind.PARAMETER)
            raise RefusedError(
                405, found, hint=meant or takes, headers=(allow,), violations=[wrong]
            )
        if request.method == "OPTIONS":
            return Response(204)
        expected, path = "a path that a document has", shortened(request.path)
        wrong = Violation("path", expected, path, Kind.PARAMETER)
        hint = nearest(routes, request)
        raise RefusedError(404, hint=hint, violations=[wrong])

    # -- leaving ------------------------------------------------------------------------------

    @staticmethod
    def _refused(error: RefusedError, told: Passage) -> Response:
        """The problem, judged where the operation documents its status: many do not."""
        told.violations = error.violations
        if error.hint:
            told.hints += (error.hint,)
        response = told.served.api.envelope.render(error)
        if told.operation is not None and told.fault is None:
            broken = told.served.contract.check_answer(told.operation, response)
            told.violations += tuple(v for v in broken if v.place != "status")
        return response

    def _told(self, request: Request, response: Response, told: Passage) -> Response:
        """The response as it leaves; the exchange is journaled and counted."""
        response = told.with_headers(request, response)
        admission = told.admission
        if admission is None:
            exchange = told.exchange(without_secrets(request), response)
            weight = weight_of(exchange)
        else:
            plain = admission.request.with_body(request.body) if request.body else admission.request
            exchange = told.exchange(plain, response)
            weight = admission.weight + weight_beside(exchange)
        self._record(told.world, exchange, weight)
        if admission is not None and request.method == "GET" and not request.body:
            admission.standing = told.standing(request, exchange, weight)
        return response

    def _record(self, world: World, exchange: Exchange, weight: int) -> None:
        world.sandbox.tally.add(exchange)
        world.sandbox.journal.add(exchange, weight)
        for listen in self._listeners:
            listen(exchange)


def _is_a_look(told: Passage, request: Request) -> bool:
    """Whether a client has been shown a status by asking for it, and can read it."""
    return told.seen is not None and request.method == "GET"
