"""Proof that a fixture's answers keep the contract and the rules over its whole life."""

from __future__ import annotations

import difflib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mockserver.apis.api import response_of
from mockserver.core import rules
from mockserver.core.dataclass import dataclass
from mockserver.core.evaluation import boundary_instants
from mockserver.core.exchange import Kind, Response, Violation, Waiver, unwaived

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mockserver.apis.api import Api
    from mockserver.contract.contract import Contract
    from mockserver.core.evaluation import Evaluation
    from mockserver.fixtures import AnswerFixture

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of proving one evaluation.

    Attributes:
        judged: how many answers were judged.
        broken: every violation with the instant of its answer.
        idle: waivers of rules that none of its answers breaks.
    """

    judged: int
    broken: tuple[tuple[datetime, Violation], ...]
    idle: tuple[Waiver, ...] = ()

    def plain(self, epoch: datetime) -> dict[str, Any]:
        """The same as values that JSON carries, with instants counted from this one."""
        broken = [
            [(now - epoch) // _TICK, one.place, one.expected, one.found, one.kind, one.advice]
            for now, one in self.broken
        ]
        idle = [[waiver.rule, waiver.place, waiver.why] for waiver in self.idle]
        return {"judged": self.judged, "broken": broken, "idle": idle}

    @classmethod
    def of(cls, plain: Mapping[str, Any], epoch: datetime) -> Proof:
        """What `plain` gave, as if it had been proved at this instant."""
        broken = (
            (epoch + after * _TICK, Violation(place, expected, found, Kind(kind), advice))
            for after, place, expected, found, kind, advice in plain["broken"]
        )
        idle = (Waiver(rule, place, why) for rule, place, why in plain["idle"])
        return cls(plain["judged"], tuple(broken), tuple(idle))


def prove(api: Api, contract: Contract, evaluation: Evaluation) -> Proof:
    """Judge its answers at every change of status and a microsecond either side.

    An answer of an operation that the document does not have is judged by the rules alone.
    """
    judged, before = 0, None
    found: list[tuple[datetime, Violation]] = []
    for now in boundary_instants(evaluation):
        replies = dict(api.answers(evaluation, now))
        known = {name: replies[name] for name in replies if name in contract.operations}
        judged += len(known)
        broken: list[Violation] = []
        for name, reply in known.items():
            broken += contract.check_answer(contract.operations[name], response_of(reply))
        found += [(now, violation) for violation in broken]
        if not unwaived(broken, evaluation.waivers):  # what is misshapen shows nothing
            name, reply = next(iter(replies.items()))
            seen = api.sighting(name, reply.body, now)
            told = rules.check(seen) + (rules.check_pair(before, seen) if before else ())
            found += [(now, violation) for violation in told]
            before = seen
    idle = [w for w in evaluation.waivers if not any(w.covers(v) for _, v in found)]
    unwanted = [(now, v) for now, v in found if unwaived([v], evaluation.waivers)]
    return Proof(judged, tuple(unwanted), tuple(idle))


def prove_answer(contract: Contract, answer: AnswerFixture, now: datetime) -> Proof:
    """Judge a canned answer where the document describes the operation it answers."""
    found = None
    if answer.operation is not None:
        if answer.operation not in contract.operations:
            return Proof(0, ((now, _unknown(contract, answer.operation)),))
        found = contract.operations[answer.operation]
    elif answer.route is not None:
        for operation in contract.operations.values():
            if (
                operation.template == answer.route.template
                and operation.method in answer.route.names
            ):
                found = operation
    if found is None:
        return Proof(0, ())
    response = Response(answer.status, answer.headers, answer.body)
    broken = contract.check_answer(found, response)
    return Proof(1, tuple((now, violation) for violation in broken))


def _unknown(contract: Contract, operation: str) -> Violation:
    near = difflib.get_close_matches(operation, contract.operations, n=1, cutoff=0.5)
    advice = (
        f"did you mean {near[0]}? or is it in a copy of your own (--spec)?"
        if near
        else "oxen-mock spec lists them"
    )
    return Violation(
        "body /operation", "an operationId of the document", operation, Kind.SOURCE, advice
    )
