"""What becomes known of a request on its way, and what is told of it in the end."""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass
from mockserver.core.exchange import Exchange, Response
from mockserver.instants import instant_text
from mockserver.standing import LONGEST, Standing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from mockserver.admission import Admission
    from mockserver.contract.contract import Operation
    from mockserver.core.evaluation import Evaluation
    from mockserver.core.exchange import Client, Draw, Request, Violation, Waiver
    from mockserver.core.rules import Sighting
    from mockserver.faults import Fault
    from mockserver.fixtures import Catalog
    from mockserver.sandboxes import World
    from mockserver.served import Served

_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_LONGEST_HINT = 400
_NOW = "X-Mock-Now"


@dataclass(slots=True)
class Passage:
    """What is known of a request so far, for the headers and the journal.

    World, catalog and instant are taken once for a request: any of them may be replaced.

    Attributes:
        named: the sandbox that the request names, or None where it names none.
        admission: what is settled of requests with the same head, where they are let in.
        about: the evaluation that it is about, and `scope` whose it was shown as.
        sighting: what was shown of it, which the rules allow; `until` when that stands, if known.
        drawn_at: the instant that a drawn answer tells of, which is in no time of the sandbox's.
    """

    world: World
    served: Served
    client: Client
    named: str | None = None
    admission: Admission | None = None
    now: datetime = field(init=False)
    catalog: Catalog = field(init=False)
    operation: Operation | None = None
    fixture: str | None = None
    about: Evaluation | None = None
    seen: str | None = None
    sighting: Sighting | None = None
    scope: str = ""
    until: datetime | None = None
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
            (_NOW, instant_text(self.drawn_at or self.now)),
        ]
        if header := self.served.api.request_id:
            extra.append((header, self._request_id(header, request)))
        if self.fault or self.draw or self.hints:
            extra += self._seldom()
        headers = (*response.headers, *extra)
        return Response(response.status, headers, response.body, response.cut, response.held)

    def _seldom(self) -> Iterator[tuple[str, str]]:
        if self.fault is not None:
            yield ("X-Mock-Fault", self.fault.id)
        if self.draw is not None:
            yield "X-Mock-Mood", self.draw.mood
            yield "X-Mock-Seed", self.draw.seed
            if self.draw.mutation is not None:
                yield "X-Mock-Mutation", self.draw.mutation
        if self.hints:
            yield "X-Mock-Hint", _header_text("; ".join(self.hints))

    def _request_id(self, header: str, request: Request) -> str:
        """The client's own id, or one of ours; oxen-server does both (seen in its code)."""
        given = request.headers.get(header, "")
        return given if _is_an_id(given) else self.world.sandbox.new_request_id()

    def exchange(self, request: Request, response: Response) -> Exchange:
        """The request, without its secrets, with its answer; what was awaited marked as such."""
        operation = self.operation.id if self.operation is not None else None
        return Exchange(
            request=request,
            response=response,
            violations=self._violations(operation),
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

    def standing(self, request: Request, exchange: Exchange, weight: int) -> Standing | None:
        """The answer with all that it depends on, if it is right again until an instant."""
        shown, seen, until = self.about, self.sighting, self.until
        is_odd = self.hints or self.violations or self.waivers or self.fault is not None
        if shown is None or seen is None or until is None or is_odd or weight > LONGEST:
            return None
        headers, id_header = exchange.response.headers, self.served.api.request_id
        at = next(i for i, (name, _) in enumerate(headers) if name == _NOW)
        given = id_header is not None and _is_an_id(request.headers.get(id_header, ""))
        return Standing(
            world=self.world,
            served=self.served,
            catalog=self.catalog,
            evaluation=shown,
            scope=self.scope,
            until=until,
            seen=seen,
            exchange=exchange,
            head=headers[:at],
            tail=headers[at + 1 :] if given else (),
            id_header=None if given else id_header,
            weight=weight,
        )

    def _violations(self, operation: str | None) -> tuple[Violation, ...]:
        if not self.violations:
            return ()
        told = tuple(violation.without_finding() for violation in self.violations)
        expectations = self.world.sandbox.expectations
        return expectations.awaited(operation, told) if expectations else told


def _is_an_id(text: str) -> bool:
    return _REQUEST_ID.fullmatch(text) is not None


def _header_text(text: str) -> str:
    """A text that may stand in a header: one line of printable ASCII, not too long."""
    plain = text.encode("ascii", "backslashreplace").decode()
    return "".join(c if c.isprintable() else " " for c in plain)[:_LONGEST_HINT]
