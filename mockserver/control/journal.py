"""The last exchanges of a sandbox: read, waited for, and as an HTTP archive."""

from __future__ import annotations

import threading
from dataclasses import asdict
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from mockserver import __version__
from mockserver.control.call import PAGE
from mockserver.durations import parse_duration
from mockserver.har import har_of
from mockserver.instants import instant_text
from mockserver.problems import RefusedError, violation_as_json

if TYPE_CHECKING:
    from mockserver.control.call import Call
    from mockserver.core.exchange import Exchange
    from mockserver.journal import Entry

LONGEST_WAIT = 5.0
"""Real seconds that an answer waits at the most, less than clients and proxies do."""

MOST_WAITING = 64
"""Requests that may wait at once, each of them in a thread; who comes later is answered at once."""

_waiting = threading.BoundedSemaphore(MOST_WAITING)


def get_journal(call: Call) -> dict[str, object]:
    """The first exchanges after a cursor; where there is none, the next one, if it comes soon."""
    after, journal = int(call.query("after") or 0), call.sandbox.journal
    if after > journal.last:
        raise RefusedError(
            404,
            f"query after: expected a cursor of this journal, which ends at {journal.last}, found "
            f"{after}; was the server, or the sandbox, started anew?",
        )
    operation, status = call.query("operation"), call.query("status_seen")
    wanted = _Wanted(
        operation=call.operation(operation) if operation is not None else None,
        status=call.status(status) if status is not None else None,
        evaluation=call.query("evaluation"),
    )
    seconds = min(parse_duration(call.query("wait") or "0s").total_seconds(), LONGEST_WAIT)
    may_wait = seconds > 0 and _waiting.acquire(blocking=False)
    try:
        found = journal.find(after, wanted, PAGE, seconds if may_wait else 0.0)
    finally:
        if may_wait:
            _waiting.release()
    return {
        "exchanges": [_told(entry) for entry in found.entries],
        "cursor": str(found.cursor),
        "lost": found.lost,
    }


def get_har(call: Call) -> dict[str, object]:
    """Everything the journal holds, as other tools read it."""
    return har_of(call.sandbox.journal.exchanges(), call.base, __version__)


class _Wanted:
    """Which exchanges are asked for."""

    def __init__(self, operation: str | None, status: str | None, evaluation: str | None) -> None:
        self._operation, self._status, self._evaluation = operation, status, evaluation

    def __call__(self, exchange: Exchange) -> bool:
        pairs = (
            (self._operation, exchange.operation_id),
            (self._status, exchange.seen),
            (self._evaluation, exchange.evaluation_id),
        )
        return all(wanted is None or wanted == found for wanted, found in pairs)


def _told(entry: Entry) -> dict[str, object]:
    exchange = entry.exchange
    request, client = exchange.request, exchange.client
    query = f"?{urlencode(request.query)}" if request.query else ""
    return {
        "seq": entry.seq,
        "now": instant_text(exchange.now),
        "method": request.method,
        "path": quote(request.path, safe="/:@!$&'()*+,;=~", errors="replace") + query,
        "operation": exchange.operation_id,
        "code": exchange.response.status,
        "evaluation": exchange.evaluation_id,
        "fixture": exchange.fixture,
        "status_seen": exchange.seen,
        "client": {"token": client.token, "user_agent": client.user_agent},
        "violations": [violation_as_json(violation) for violation in exchange.violations],
        "hint": exchange.hint,
        "fault": exchange.fault,
        "draw": None if exchange.draw is None else asdict(exchange.draw),
    }
