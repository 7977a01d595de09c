"""The report: what was exercised of the APIs, and what was broken, as one JSON object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockserver.core.exchange import Client
    from mockserver.expectations import Expectation
    from mockserver.tally import Counts, Looks, Tally

    _Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Known:
    """What there is of an API to be exercised.

    Attributes:
        operations: its operations, by operationId.
        words: the statuses of its evaluations, in the order of a life.
    """

    api: str
    operations: tuple[str, ...]
    words: tuple[str, ...]


def report_of(
    tally: Tally, known: Sequence[Known], missing: Sequence[Expectation], sandboxes: int
) -> dict[str, object]:
    """The report on what was counted in this many sandboxes.

    `missing` are the expectations not met of those that live; the tally has the departed ones'.
    """
    counts = tally.counts()
    unmet = _missing([*missing, *counts.missed])
    asked = {operation for operation in counts.operations if operation is not None}
    return {
        "sandboxes": sandboxes,
        "requests": counts.requests,
        "operations": [_operation(counts, operation) for operation in sorted(asked)],
        "unused": sorted({name for one in known for name in one.operations} - asked),
        "clients": _clients(counts, {one.api: one.words for one in known}),
        "broken_requests": counts.broken_requests,
        "broken_answers": counts.broken_answers,
        "violations": _violations(counts),
        "awaited": counts.awaited,
        "missing": unmet,
        "faults": counts.faults,
        "clean": not (counts.broken_requests or counts.broken_answers or unmet),
    }


def _operation(counts: Counts, operation: str) -> _Row:
    codes = sorted(counts.operations[operation].items())
    return {"operation": operation, "codes": {str(code): count for code, count in codes}}


def _clients(counts: Counts, words: Mapping[str, Sequence[str]]) -> list[_Row]:
    """A row for each client and API, in an order that does not tell the clients' marks."""
    looks = [
        (client, api, looks)
        for client, by_api in counts.clients.items()
        for api, looks in by_api.items()
    ]
    rows = [_client(client, api, looks, words.get(api, ())) for client, api, looks in looks]
    return sorted(rows, key=lambda row: [str(value) for value in row.values()])


def _client(client: Client, api: str, looks: Looks, words: Sequence[str]) -> _Row:
    strange = sorted(looks.saw.difference(words))
    return {
        "client": {"token": client.token, "user_agent": client.user_agent},
        "api": api,
        "saw": [*(word for word in words if word in looks.saw), *strange],
        "never_saw": [word for word in words if looks.saw and word not in looks.saw],
        "polls_after_end": looks.polls_after_end,
    }


def _violations(counts: Counts) -> list[_Row]:
    """What was broken, the most frequent first."""
    rows: list[_Row] = [
        {
            "operation": breach.operation,
            "of": breach.of,
            "place": breach.place,
            "expected": breach.expected,
            "found": breaches.found,
            "advice": breaches.advice,
            "count": breaches.count,
        }
        for breach, breaches in sorted(
            counts.breaches.items(),
            key=lambda item: (
                -item[1].count,
                item[0].operation or "",
                item[0].of,
                item[0].place,
                item[0].expected,
            ),
        )
    ]
    return rows


def _missing(unmet: Sequence[Expectation]) -> list[_Row]:
    ranked = sorted(unmet, key=lambda one: (one.operation or "", one.place, one.count, one.met))
    return [
        {"operation": one.operation, "place": one.place, "count": one.count, "met": one.met}
        for one in ranked
    ]
