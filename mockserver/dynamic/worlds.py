"""Strict answers: what this mock itself answers, over a world that was drawn for the request.

Such a world has what the request names, and some more, in lives of their own; its clock stands at
the instant that was drawn. So an operation answers as it always does, lists and refusals included.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mockserver.apis.api import Call, response_of
from mockserver.apis.recorded import Recorded
from mockserver.contract.json_text import NotJsonError, read_json
from mockserver.core.clock import Clock
from mockserver.core.dataclass import dataclass
from mockserver.core.exchange import Response, json_response
from mockserver.dynamic import lives
from mockserver.dynamic.fixture import NAME, fixture_of
from mockserver.dynamic.values import Values
from mockserver.fixtures import Catalog
from mockserver.problems import RefusedError
from mockserver.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from mockserver.apis.recorded import Look, Reading
    from mockserver.core.asked import Asked
    from mockserver.core.evaluation import Evaluation
    from mockserver.core.lifecycle import LifeCycle
    from mockserver.core.timeline import Timeline
    from mockserver.dynamic.choices import Choices
    from mockserver.dynamic.drawer import Drawer
    from mockserver.dynamic.wanted import Wanted
    from mockserver.fixtures import EvaluationFixture

    Through = Callable[[LifeCycle], Collection[str]]

_MOST_OF_A_KIND = 2
_OTHERWISE = 40
"""In how many of a hundred cases a field is not what it is by default."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A strict answer, and what it says.

    Attributes:
        now: the instant at which it was given.
        told: the JSON value of its body, None where it has no such body.
        asked: what the request says that it must agree with.
        exchange: the same as a judge of recorded traffic reads it.
        looks: everything that it shows of things that live.
    """

    wanted: Wanted
    response: Response
    now: datetime
    told: object
    asked: Asked
    exchange: Recorded
    looks: tuple[Look, ...]
    _reading: Reading

    def agrees(self, told: object) -> bool:
        """Whether another body would agree with itself and with the request."""
        other = replace(self.exchange, told=told if isinstance(told, dict) else {})
        return not any(self._reading.disagreements(other))


def any_status(cycle: LifeCycle) -> Collection[str]:
    """Every status of a life cycle."""
    return cycle.statuses


def strict_answer(
    drawer: Drawer, choices: Choices, wanted: Wanted, through: Through = any_status
) -> Sample:
    """The answer to a request in a drawn world, where what it names stands at one of these."""
    if wanted.operation.id not in drawer.api.handlers:
        return sample_of(drawer, wanted, _described(drawer, choices, wanted), lives.FIRST_BIRTH)
    return _answered(drawer, wanted, _World(drawer, choices).call(wanted, through))


def strict_life(drawer: Drawer, choices: Choices, wanted: Wanted) -> tuple[Sample, ...]:
    """The answers to a request for something that lives, asked again and again until it has ended.

    Each status that lasts is seen, and each is as likely as another to be looked at once more.
    """
    call, instants = _World(drawer, choices).life(wanted)
    return tuple(_answered(drawer, wanted, replace(call, now=now)) for now in instants)


def _answered(drawer: Drawer, wanted: Wanted, call: Call) -> Sample:
    """What the API itself answers at the instant of the call."""
    call.sandbox.move(lambda _: call.now)
    try:
        response = response_of(drawer.api.handlers[wanted.operation.id](call))
    except RefusedError as error:
        response = drawer.api.envelope.render(error)
    return sample_of(drawer, wanted, response, call.now)


def sample_of(drawer: Drawer, wanted: Wanted, response: Response, now: datetime) -> Sample:
    """What an answer says, read as a judge of recorded traffic reads it."""
    told = told_by(response)
    sent = wanted.body if isinstance(wanted.body, dict) else {}
    exchange = Recorded(
        operation=wanted.operation.id,
        parameters=wanted.match.parameters,
        query=dict(wanted.request.query),
        sent=sent,
        tokenless=wanted.token is None,
        status=response.status,
        told=told if isinstance(told, dict) else {},
    )
    reading = drawer.api.reading
    looks = tuple(reading.looks(exchange, now)) if exchange.succeeded else ()
    asked = reading.asked(exchange)
    return Sample(wanted, response, now, told, asked, exchange, looks, reading)


def told_by(response: Response) -> object:
    """The JSON value of an answer's body; None where that is none."""
    try:
        return read_json(response.body)
    except NotJsonError:
        return None


def _described(drawer: Drawer, choices: Choices, wanted: Wanted) -> Response:
    """A success of an operation that is not simulated, made of nothing but its description."""
    status = wanted.operation.success
    sketch = drawer.strict.of(wanted.operation, status)
    if sketch is None:
        return Response(status)
    return json_response(status, Values(choices, strange=False).of(sketch))


class _World:
    """A sandbox for one answer; what lives in it is everybody's."""

    def __init__(self, drawer: Drawer, choices: Choices) -> None:
        self._drawer = drawer
        self._choices = choices
        self._born = lives.birth(choices)
        self._sandbox = Sandbox(Clock(self._born, 0, 0), str(choices.whole(0, 2**32)), lambda: 0)

    def call(self, wanted: Wanted, through: Through) -> Call:
        """The request as it reaches its handler in this world."""
        call = self._at(self._born, wanted)
        named = next((n for n in self._drawer.api.subjects if n in wanted.match.parameters), None)
        if named is not None:
            return self._with_what_is_named(call, wanted, named, through)
        if not wanted.operation.takes_body:
            return self._at(self._crowd(through), wanted)
        return call

    def life(self, wanted: Wanted) -> tuple[Call, tuple[datetime, ...]]:
        """The request as it reaches its handler, and when, if what it names lives here."""
        call = self.call(wanted, any_status)
        subject = self._drawer.api.subject(call)
        if subject is None:
            return call, (call.now,)
        seen = lives.looks(self._choices, subject.life)
        return call, tuple(subject.born + elapsed for elapsed in seen)

    def _at(self, now: datetime, wanted: Wanted) -> Call:
        catalog = Catalog(self._lives_of_creates() if wanted.operation.takes_body else {})
        asked = wanted.request, wanted.match, wanted.body
        return Call(self._sandbox, catalog, *asked, None, wanted.token, now)

    def _with_what_is_named(self, call: Call, wanted: Wanted, named: str, through: Through) -> Call:
        """The call once there is what its path names, unless nothing can be called so."""
        api = self._drawer.api
        id_, kind = call.match.parameters[named], api.subjects[named].partition("/")[2]
        evaluation, now = self._one(kind, through)
        call = self._at(now, wanted)
        for name in dict.fromkeys((id_, id_.lower())):  # uuids have no case, other ids do
            called = replace(evaluation, id=name)
            self._sandbox.keep(called)
            if api.subject(call) is called and self._may_be_shown(called, now):
                return call
            self._sandbox.remove(called)
        return call

    def _may_be_shown(self, evaluation: Evaluation, now: datetime) -> bool:
        """Whether the contract allows what its id makes it."""
        contract = self._drawer.contract
        operation, reply = next(self._drawer.api.answers(evaluation, now))
        known = contract.operations.get(operation)
        return known is None or not contract.check_answer(known, response_of(reply))

    def _crowd(self, through: Through) -> datetime:
        """Have some of every kind, and say when all of them can be seen."""
        now = self._born
        for kind in self._drawer.api.form.kinds:
            for _ in range(self._choices.whole(0, _MOST_OF_A_KIND)):
                evaluation, seen = self._one(kind, through)
                if not self._sandbox.anywhere(evaluation.id):
                    self._sandbox.keep(evaluation)
                now = max(now, seen)
        return now

    def _one(self, kind: str, through: Through) -> tuple[Evaluation, datetime]:
        """One of a kind, and an instant at which it is what it was drawn to be."""
        api, choices = self._drawer.api, self._choices
        cycle = api.form.kinds[kind].cycle
        timeline, status = lives.timeline(choices, cycle, through(cycle))
        fixture = self._fixture(kind, timeline)
        drawn = api.id_for(fixture, str(choices.whole(0, 2**64)))
        evaluation = replace(api.from_fixture(fixture, self._born), id=drawn)
        return evaluation, self._born + lives.look(choices, timeline, status)

    def _lives_of_creates(self) -> Mapping[str, EvaluationFixture]:
        """What creates live, by the names that they look for where nothing else matches."""
        found = {}
        for kind, form in self._drawer.api.form.kinds.items():
            timeline, _ = lives.timeline(self._choices, form.cycle, {form.cycle.initial})
            found[form.default_life] = self._fixture(kind, timeline, form.default_life)
        return found

    def _fixture(self, kind: str, timeline: Timeline, name: str = NAME) -> EvaluationFixture:
        api, choices = self._drawer.api, self._choices
        life = lives.life(choices, timeline, few_rows=api.form.lists_rows)
        values = Values(choices, strange=False)
        fields = {
            field: values.of(sketch)
            for field, sketch in self._drawer.free[kind].items()
            if choices.chance(_OTHERWISE)
        }
        return fixture_of(api, kind, life, fields, name)
