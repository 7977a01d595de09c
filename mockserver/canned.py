"""Canned answers: which answer fixture speaks for a request, or why none does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mockserver.problems import RefusedError

if TYPE_CHECKING:
    from datetime import datetime

    from mockserver.contract.contract import Operation
    from mockserver.core.exchange import Request
    from mockserver.fixtures import AnswerFixture
    from mockserver.sandbox import Sandbox
    from mockserver.served import Served

_NAMEABLE = re.compile(r"[A-Za-z0-9_]+")


def canned_answer(
    served: Served,
    sandbox: Sandbox,
    operation: Operation | None,
    request: Request,
    now: datetime,
) -> AnswerFixture:
    """The answer fixture for an operation, or for a path outside the document.

    Raises:
        RefusedError: 404 where none of those for it fits this request, 501 where there is none.
    """
    name = operation.id if operation is not None else None
    candidates = list(served.catalog.answers_for(name, request.routed_method, request.path))
    hint = "no answer fixture matches this query"
    for answer in candidates:
        if not answer.matches_query(dict(request.query)):
            continue
        waiting = _awaits(answer, sandbox, request.path, now)
        if waiting is None:
            return answer
        hint = waiting
    if candidates or operation is None:
        raise RefusedError(404, hint=hint)
    raise RefusedError(
        501,
        f"{operation.id} is in the document but not simulated; to have it answered, put a file "
        f"such as {_file_for(operation.id)} into your --fixtures folder with the lines "
        f"`kind: answer`, `api: {served.api.name}`, `operation: {operation.id}`, "
        f"`status: {operation.success}` and a `body:`",
    )


def _file_for(operation: str) -> str:
    """A file name for an operation; one without operationId goes by its method and path."""
    last = operation if "/" in operation else ".".join(operation.split(".")[-2:])
    return "-".join(_NAMEABLE.findall(last)) + ".yaml"


def _awaits(answer: AnswerFixture, sandbox: Sandbox, path: str, now: datetime) -> str | None:
    """What an answer about an evaluation's results still waits for, or None."""
    found = answer.route.pattern.fullmatch(path) if answer.route else None
    if answer.results_of is None or answer.route is None or found is None:
        return None
    values = dict(zip(answer.route.parameters, found.groups(), strict=True))
    repository = f"{values.get('namespace')}/{values.get('repo_name')}"
    target = next((values[name] for name in values if name in answer.route.globs), "")
    found_hint = "no evaluation of this repository writes there"
    for evaluation in sandbox.evaluations():
        asked = evaluation.fixed
        written = asked.get("target_branch"), asked.get("target_path")
        here = None not in written and "/".join(map(str, written)) == target
        if here and evaluation.scope in {None, repository} and evaluation.born <= now:
            status = evaluation.life.at(now - evaluation.born).status
            if status == answer.results_of:
                return None
            found_hint = f"evaluation {evaluation.id} writes there and is {status}"
    return f"{found_hint}; {answer.name} answers once one is {answer.results_of}"
