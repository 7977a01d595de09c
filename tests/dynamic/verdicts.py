"""What a judge of recorded traffic says of drawn answers: strict contract, and rules over time."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from mockserver.apis.known import FORMS
from mockserver.dynamic.choices import Seeded
from mockserver.instants import instant_text
from mockserver.judging.entry import Entry
from mockserver.judging.overlaid import Tightenings
from mockserver.judging.selecting import Ours
from mockserver.judging.sequence import in_a_row
from mockserver.judging.trial import Bench, Trial
from mockserver.loading import overlays_of
from mockserver.strategies.offered import Offered, offered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockserver.dynamic.answers import Drawn
    from mockserver.dynamic.wanted import Wanted

UPLOAD = "upload_benchmark"
"""The one bundled operation that takes no JSON."""


def every_operation() -> Iterator[tuple[str, str]]:
    """Every operation of the bundled documents that can be asked with JSON, with its API."""
    for api in FORMS:
        for operation in offered(None, api).drawer.contract.operations.values():
            if operation.short != UPLOAD:
                yield api, operation.short


OPERATIONS = list(every_operation())


def request_for(api: str, operation: str) -> tuple[Offered, Wanted]:
    """An operation and a request for it, always the same."""
    where = offered(operation, api)
    return where, where.wanted(Seeded("request"))


@cache
def _bench(api: str) -> Bench:
    drawer = offered(None, api).drawer
    return Bench(
        drawer.leniently, drawer.contract, Tightenings(drawer.contract, overlays_of(drawer.api))
    )


def trial_of(where: Offered, wanted: Wanted, drawn: Drawn) -> Trial:
    """A drawn answer, on trial as an entry of an archive is."""
    drawer, said = where.drawer, ("X-Mock-Now", instant_text(drawn.now))
    response = replace(drawn.response, headers=(*drawn.response.headers, said))
    entry = Entry(
        file="drawn",
        index=0,
        host="",
        url_path=wanted.request.path,
        request=wanted.request,
        response=response,
        sent_whole=True,
        answer_whole=True,
        started=drawn.now,
        ended=drawn.now,
        complete=True,
        hidden=(),
        unanswered="",
    )
    ours = Ours(entry, "", drawer.api, drawer.contract, wanted.match)
    return Trial(ours, _bench(drawer.api.name), shows_tokens=True)


def broken_rules(where: Offered, wanted: Wanted, drawn: Sequence[Drawn]) -> set[str]:
    """What answers to the same request break, one after the other: rules, keywords or places."""
    trials = [trial_of(where, wanted, one) for one in drawn]
    alone = [charge.violation for trial in trials for charge in trial.of_answer()]
    looks = [seen for trial in trials for seen in trial.seen()]
    together = [violation for _, violation in in_a_row(looks)]
    return {violation.rule or violation.place for violation in (*alone, *together)}
