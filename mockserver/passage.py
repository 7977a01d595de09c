"""What becomes known of a request on its way, and what is told of it in the end."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mockserver.core.exchange import Exchange
from mockserver.instants import instant_text
from mockserver.tokens import without_secrets

if TYPE_CHECKING:
    from datetime import datetime

    from mockserver.contract.contract import Operation
    from mockserver.core.evaluation import Evaluation
    from mockserver.core.exchange import Client, Draw, Request, Response, Violation, Waiver
    from mockserver.faults import Fault
    from mockserver.fixtures import Catalog
    from mockserver.sandboxes import World
    from mockserver.served import Served

_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_LONGEST_HINT = 400


@dataclass(slots=True)
class Passage:
    """What is known of a request so far, for the headers and the journal.

    World, catalog and instant are taken once for a request: any of them may be replaced.

    Attributes:
        drawn_at: the instant that a drawn answer tells of, which is in no time of the sandbox's.
    """

    world: World
    served: Served
    client: Client
    now: datetime = field(init=False)
    catalog: Catalog = field(init=False)
    operation: Operation | None = None
    fixture: str | None = None
    about: Evaluation | None = None
    seen: str | None = None
    ended: bool = False
    fault: Fault | None = None
    draw: Draw | None = None
    drawn_at: datetime | None = None
    hints: tuple[str, ...] = ()
    violations: tuple[Violation, ...] = ()
    waivers: tuple[Waiver, ...] = ()

    def __post_init__(self) -> None:
        """Read the clock, once."""
        self.now = self.world.sandbox.now()
        self.catalog = self.served.catalog

    def with_headers(self, request: Request, response: Response) -> Response:
        """The response with the headers that every answer carries."""
        extra = [
            ("X-Mock-Fixture", self.fixture or "none"),
            ("X-Mock-Now", instant_text(self.drawn_at or self.now)),
        ]
        if header := self.served.api.request_id:
            extra.append((header, self._request_id(header, request)))
        if self.fault is not None:
            extra.append(("X-Mock-Fault", self.fault.id))
        if self.draw is not None:
            extra += [("X-Mock-Mood", self.draw.mood), ("X-Mock-Seed", self.draw.seed)]
            if self.draw.mutation is not None:
                extra.append(("X-Mock-Mutation", self.draw.mutation))
        if self.hints:
            extra.append(("X-Mock-Hint", _header_text("; ".join(self.hints))))
        return replace(response, headers=(*response.headers, *extra))

    def _request_id(self, header: str, request: Request) -> str:
        """The client's own id, or one of ours; oxen-server does both (seen in its code)."""
        given = request.headers.get(header, "")
        return given if _REQUEST_ID.fullmatch(given) else self.world.sandbox.new_request_id()

    def exchange(self, request: Request, response: Response) -> Exchange:
        """The request with its answer, without secrets, what was awaited marked as such."""
        operation = self.operation.id if self.operation is not None else None
        expectations = self.world.sandbox.expectations
        return Exchange(
            request=without_secrets(request),
            response=response,
            violations=expectations.awaited(
                operation, tuple(replace(v, finding=None) for v in self.violations)
            ),
            now=self.now,
            sandbox=self.world.name,
            api=self.served.api.name,
            client=self.client,
            operation_id=operation,
            fixture=self.fixture,
            evaluation_id=self.about.id if self.about is not None else None,
            seen=self.seen,
            ended=self.ended,
            hint="; ".join(self.hints),
            fault=self.fault.id if self.fault is not None else None,
            draw=self.draw,
        )


def _header_text(text: str) -> str:
    """A text that may stand in a header: one line of printable ASCII, not too long."""
    plain = text.encode("ascii", "backslashreplace").decode()
    return "".join(c if c.isprintable() else " " for c in plain)[:_LONGEST_HINT]
