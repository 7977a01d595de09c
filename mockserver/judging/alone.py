"""The body of one answer, without its request and its headers: as a test has it, or a log."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, NamedTuple

from mockserver.contract.routes import Match
from mockserver.core.dataclass import dataclass
from mockserver.core.errors import FlawedError
from mockserver.core.exchange import Kind, Request, Response, Violation
from mockserver.judging.entry import Entry
from mockserver.judging.selecting import Ours

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from mockserver.apis.api import Api
    from mockserver.contract.contract import Contract, Operation

    _Parts = Sequence[tuple[Api, Contract]]

_LIKE = 0.5
_JSON = "application/json"


class UnknownOperationError(FlawedError):
    """No operation of this name, or several."""


@dataclass(frozen=True, slots=True)
class Alone:
    """The body of one answer, and which answer it is.

    Attributes:
        operation: as somebody names it.
        status: None for that of a success.
        now: the instant of the answer.
        file: where it was found.
    """

    operation: str
    status: int | None
    now: datetime
    body: bytes
    file: str


def exchange_of(alone: Alone, parts: _Parts) -> Ours:
    """The exchange that a body is the answer of.

    Raises:
        UnknownOperationError: its operation is none, or more than one.
    """
    api, contract, operation = _operation(parts, alone.operation)
    code = operation.success if alone.status is None else alone.status
    content_type = ("Content-Type", _content_type(contract, operation, code))
    entry = Entry(
        file=alone.file,
        index=0,
        host="",
        url_path=operation.template,
        request=Request(operation.method, operation.template),
        response=Response(code, (content_type,), alone.body),
        sent_whole=False,
        answer_whole=True,
        started=alone.now,
        ended=alone.now,
        complete=False,
        hidden=(),
        unanswered="",
    )
    route = next(r for r in contract.routes.routes if operation.id in r.names.values())
    return Ours(entry, "", api, contract, Match(operation.id, route, {}))


def _operation(parts: _Parts, named: str) -> tuple[Api, Contract, Operation]:
    every = list(_named(parts))
    found = {known.operation.id: known for known in every if known.name == named}
    if len(found) == 1:
        [known] = found.values()
        return known.api, known.contract, known.operation
    expected = "the operationId of one operation, or its last part"
    if found:
        meant = " or ".join(f"{one.api.name}.{one.operation.short}" for one in found.values())
        several = f"{named}, which {len(found)} have"
        wrong = Violation("--operation", expected, several, Kind.SOURCE, f"give {meant}")
    else:
        names = [known.name for known in every]
        near = difflib.get_close_matches(named, names, n=1, cutoff=_LIKE)
        shorts = ", ".join(dict.fromkeys(known.operation.short for known in every))
        advice = f"did you mean {near[0]}?" if near else f"there are {shorts}"
        wrong = Violation("--operation", expected, repr(named)[:80], Kind.SOURCE, advice)
    raise UnknownOperationError("the answer cannot be judged", [wrong])


class _Named(NamedTuple):
    name: str
    api: Api
    contract: Contract
    operation: Operation


def _named(parts: _Parts) -> Iterator[_Named]:
    """Every operation by everything it may be called."""
    for api, contract in parts:
        for operation in contract.operations.values():
            for name in dict.fromkeys(
                (operation.short, f"{api.name}.{operation.short}", operation.id)
            ):
                yield _Named(name, api, contract, operation)


def _content_type(contract: Contract, operation: Operation, status: int) -> str:
    """The type that such an answer comes in; of several JSON."""
    responses = contract.strict["paths"][operation.template][operation.method.lower()]["responses"]
    described = responses.get(str(status), {})
    reference = described.get("$ref", "")
    if reference:
        named = contract.strict.get("components", {}).get("responses", {})
        described = named.get(reference.rpartition("/")[2], {})
    types = list(described.get("content", {}))
    return _JSON if _JSON in types or not types else str(types[0])
