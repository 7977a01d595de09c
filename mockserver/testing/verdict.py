"""What was broken in a test: the contract, an expectation, or what a poller should keep to."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from mockserver.telling.wording import counted, short

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockserver.core.exchange import Exchange
    from mockserver.expectations import Expectation
    from mockserver.sandboxes import World

_MOST = 10
"""Exchanges that are told; a client that breaks the contract mostly does so every time."""


def contract_broken_in(world: World) -> str:
    """What was broken of the contract in a sandbox, and expectations that did not come."""
    sandbox = world.sandbox
    counts, missing = sandbox.tally.counts(), sandbox.expectations.missing()
    told: list[str] = []
    if broken := counts.broken_requests + counts.broken_answers:
        told += _contract(sandbox.journal.exchanges(), broken)
    if missing:
        told += _missing(missing)
    return "\n".join(told)


def strays(default: World, after: int) -> str:
    """Requests since a cursor that have reached no sandbox of the test, or nothing.

    A client whose join of URLs drops a path asks the server itself, which refuses it.
    """
    found = default.sandbox.journal.find(after, _is_nobodys, _MOST)
    if not found.entries:
        return ""
    first, *others = [f"{_asked(entry.exchange)}: {entry.exchange.hint}" for entry in found.entries]
    lines = [f"reached no sandbox: {first}", *(f"  {other}" for other in others)]
    lines.append(
        "  Expected requests below oxen.url, found others. Where a client drops the path of its "
        "base URL, oxen.token as its bearer token selects the sandbox too. A sandbox is gone "
        "when its test has ended."
    )
    return "\n".join(lines)


def _is_nobodys(exchange: Exchange) -> bool:
    """Whether it names no sandbox: one that is gone is asked for by what a test left running."""
    return exchange.response.status != HTTPStatus.GONE


def _contract(exchanges: Sequence[Exchange], count: int) -> Iterator[str]:
    broken = [one for one in exchanges if any(not v.awaited for v in one.violations)]
    first = next((v for one in broken for v in one.violations if not v.awaited), None)
    yield f"broke the contract: {first}" if first else "broke the contract, long ago"
    for exchange in broken[:_MOST]:
        yield f"  {_asked(exchange)}"
        for violation in exchange.violations:
            if not violation.awaited:
                whose = "the mock's own answer: " if violation.is_ours else ""
                yield f"    {whose}{violation}"
    if count > _MOST:
        yield f"  and {counted(count - _MOST, 'exchange')} more"
    places = [v.place for one in broken for v in one.violations if not v.awaited and not v.is_ours]
    if places:
        yield f'  A test that means to break it says so: expect_violation("{places[0]}")'


def _missing(missing: Sequence[Expectation]) -> Iterator[str]:
    for one in missing:
        of = f" of {short(one.operation)}" if one.operation is not None else ""
        expected = f"expected it to be broken in {counted(one.count, 'request')}"
        yield f"kept the contract at {one.place}{of}: {expected}, found {one.met}"


def _asked(exchange: Exchange) -> str:
    request = exchange.request
    return f"{request.method} {request.path} was answered {exchange.response.status}"
