"""Answers that stand: what was answered once, and is right again until an instant.

What an evaluation shows is a step function of time. A look at one that was answered and judged is
therefore answered alike until the next step, as long as the very same is asked of the very same
world: the whole request is the key, and everything else that the answer depends on is looked at
each time. The instant and the id of an answer are its own, and each one is journaled, counted and
put in order with the other looks, as the first one was.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.core.exchange import Exchange, Response
from mockserver.instants import instant_text

if TYPE_CHECKING:
    from datetime import datetime

    from mockserver.core.evaluation import Evaluation
    from mockserver.core.exchange import Request
    from mockserver.core.rules import Sighting
    from mockserver.fixtures import Catalog
    from mockserver.sandboxes import World
    from mockserver.served import Served

MOST_BYTES = 32_000_000
"""Of all that is kept, roughly; past it the oldest ones go, to be answered at length again."""
LONGEST = 32_000
"""Bytes of the longest exchange that is kept."""

Question = tuple[object, ...]
"""Everything in a request that an answer may depend on."""


def question_of(request: Request) -> Question | None:
    """What is asked, or None where no answer to it can stand: only a look has one."""
    if request.method != "GET" or request.body:
        return None
    return (request.path, request.sandbox, request.query, *request.headers.items())


@dataclass(frozen=True, slots=True)
class Standing:
    """An answer that showed an evaluation, and all that it depends on.

    Attributes:
        named: the sandbox that the request names, or None where it names none.
        catalog: the fixtures that were in force.
        until: the first instant at which something else may be shown.
        seen: what it showed, which broke no rule.
        exchange: the whole of it, as it was journaled.
        head: its headers before the one with the instant, the same each time.
        tail: those after it which are.
        id_header: the last one, with an id that is new each time, or None.
        weight: bytes that such an exchange takes in the journal.
    """

    named: str | None
    world: World
    served: Served
    catalog: Catalog
    evaluation: Evaluation
    scope: str
    until: datetime
    seen: Sighting
    exchange: Exchange
    head: tuple[tuple[str, str], ...]
    tail: tuple[tuple[str, str], ...]
    id_header: str | None
    weight: int

    def holds(self, world: World, now: datetime) -> bool:
        """Whether the same is to be shown now in this world, the one that the request names.

        Then it counts as shown.
        """
        sandbox, shown = world.sandbox, self.evaluation
        return (
            world is self.world
            and self.served.catalog is self.catalog
            and self.exchange.now <= now < self.until
            and sandbox.is_plain
            and sandbox.find(shown.collection, self.scope, shown.id, now) is shown
            and sandbox.shows_again(self.scope, shown, self.seen, now)
        )

    def again(self, now: datetime) -> Exchange:
        """The same exchange at another instant."""
        first = self.exchange
        headers = (*self.head, ("X-Mock-Now", instant_text(now)), *self.tail)
        if self.id_header is not None:
            headers = (*headers, (self.id_header, self.world.sandbox.new_request_id()))
        return Exchange(
            request=first.request,
            response=Response(first.response.status, headers, first.response.body),
            violations=(),
            now=now,
            sandbox=first.sandbox,
            api=first.api,
            client=first.client,
            operation_id=first.operation_id,
            fixture=first.fixture,
            evaluation_id=first.evaluation_id,
            seen=first.seen,
            ended=first.ended,
        )


class Standings:
    """Answers that stand, by question, in bounded memory."""

    def __init__(self) -> None:
        """Start with none."""
        self._lock = threading.Lock()
        self._kept: dict[Question, Standing] = {}
        self._bytes = 0

    def find(self, question: Question) -> Standing | None:
        """What was answered last, if it could stand."""
        return self._kept.get(question)

    def keep(self, question: Question, standing: Standing | None) -> None:
        """Have this one found from now on, if there is one and it is not too long."""
        if standing is None or standing.weight > LONGEST:
            return
        with self._lock:
            before = self._kept.pop(question, None)
            self._bytes += standing.weight - (before.weight if before is not None else 0)
            self._kept[question] = standing
            while self._bytes > MOST_BYTES:
                self._bytes -= self._kept.pop(next(iter(self._kept))).weight
