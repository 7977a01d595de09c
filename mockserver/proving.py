"""Proof that a fixture's answers keep the contract and the rules over its whole life."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.core import rules
from mockserver.core.evaluation import boundary_instants
from mockserver.core.exchange import Kind, Response, Violation, json_response

if TYPE_CHECKING:
    from datetime import datetime

    from mockserver.apis.api import Api
    from mockserver.contract.contract import Contract
    from mockserver.core.evaluation import Evaluation
    from mockserver.fixtures import AnswerFixture


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of proving one evaluation.

    Attributes:
        judged: how many answers were judged.
        broken: every violation with the instant of its answer.
    """

    judged: int
    broken: tuple[tuple[datetime, Violation], ...]


def prove(api: Api, contract: Contract, evaluation: Evaluation) -> Proof:
    """Judge its answers at every change of status and a microsecond either side.

    A document without the operation that shows an evaluation judges none of them.
    """
    repository = evaluation.repository or "ox/cats"
    operation = contract.operations.get(api.read_operation)
    instants = boundary_instants(evaluation)
    broken: list[tuple[datetime, Violation]] = []
    before = None
    for now in instants:
        reply = api.shown(evaluation, repository, now)
        if operation is not None:
            response = json_response(reply.status, reply.body)
            found = contract.check_answer(operation, response)
            if found:
                broken += [(now, violation) for violation in found]
                continue
        seen = api.sighting(reply.body, now)
        broken += [(now, violation) for violation in rules.check(seen, api.places)]
        if before is not None:
            pair = rules.check_pair(before, seen, api.places)
            broken += [(now, violation) for violation in pair]
        before = seen
    return Proof(len(instants) if operation else 0, tuple(broken))


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
