"""Answers that stand: what was answered once, and is right again until an instant.

What an evaluation shows is a step function of time. A look at one that was answered and judged is
therefore answered alike until the next step, as long as the very same is asked of the very same
world. It is kept with the admission of the request; everything else that the answer depends on is
looked at each time. The instant and the id of an answer are its own, and each one is journaled,
counted and put in order with the other looks, as the first one was.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass
from mockserver.core.exchange import Response
from mockserver.instants import instant_text

if TYPE_CHECKING:
    from datetime import datetime

    from mockserver.core.evaluation import Evaluation
    from mockserver.core.exchange import Exchange
    from mockserver.core.rules import Sighting
    from mockserver.fixtures import Catalog
    from mockserver.sandboxes import World
    from mockserver.served import Served

LONGEST = 6_000
"""Bytes of the longest exchange of which an answer stands."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An answer that showed an evaluation, and all that it depends on.

    Attributes:
        catalog: the fixtures that were in force.
        until: the first instant at which something else may be shown.
        seen: what it showed, which broke no rule.
        exchange: the whole of it, as it was journaled.
        head: its headers before the one with the instant, the same each time.
        tail: those after it which are.
        id_header: the last one, with an id that is new each time, or None.
        weight: bytes that such an exchange takes in the journal.
    """

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

    def response(self, now: datetime) -> Response:
        """The same answer at another instant."""
        first = self.exchange.response
        headers = (*self.head, ("X-Mock-Now", instant_text(now)), *self.tail)
        if self.id_header is not None:
            headers = (*headers, (self.id_header, self.world.sandbox.new_request_id()))
        return Response(first.status, headers, first.body)

    def again(self, now: datetime, response: Response) -> Exchange:
        """The same exchange with this answer."""
        return replace(self.exchange, response=response, now=now)
