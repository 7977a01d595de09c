"""Admissions: heads of requests that were let in once, and are let in each time they come.

Which operation a request asks for, whose token it has and whether its parameters are right hang on
its head alone, on the documents and on what the server was started with, none of which changes. So
they are settled for the first of many like it. The world it names, the body, faults and all that
time has a part in are looked at for each request.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.contract.contract import Operation
    from mockserver.contract.routes import Match
    from mockserver.core.exchange import Client, Request
    from mockserver.sandboxes import World
    from mockserver.served import Served
    from mockserver.standing import Standing

MOST_BYTES = 64_000_000
"""Of all that is kept, roughly; past it the oldest ones go, to be let in anew."""
LONGEST = 16_000
"""Bytes of the longest head that is kept."""
_SMALL = 4_000
"""Bytes that an admission takes beside its head, roughly, with an answer that stands."""

Head = tuple[object, ...]
"""All of a request but its body."""


def head_of(request: Request) -> Head:
    """What an admission is found by."""
    r = request
    return head(r.method, r.path, r.sandbox, r.query, r.headers)


def head(
    method: str,
    path: str,
    sandbox: str | None,
    query: tuple[tuple[str, str], ...],
    headers: Mapping[str, str],
) -> Head:
    """The same of a request that is not made yet."""
    return (method, path, sandbox, query, *headers.items())


@dataclass(slots=True)
class Admission:
    """What is settled of requests with the same head, which prefer nothing.

    Attributes:
        named: the sandbox that they name, or None where they name none.
        apis: what was served in the world that let the first of them in.
        token: the bearer token they came with, where one was asked for.
        request: such a request, without its secrets and its body; it weighs `weight`.
        standing: what was answered last, if it could stand.
    """

    named: str | None
    apis: Mapping[str, Served]
    served: Served
    match: Match
    operation: Operation
    token: str | None
    client: Client
    request: Request
    weight: int
    standing: Standing | None = None

    def is_for(self, world: World) -> bool:
        """Whether this world would let them in as the first one did."""
        return world.apis is self.apis


class Admissions:
    """Admissions by head, in bounded memory."""

    def __init__(self) -> None:
        """Start with none."""
        self._lock = threading.Lock()
        self._kept: dict[Head, tuple[Admission, int]] = {}
        self._bytes = 0

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._kept)

    def find(self, head: Head) -> Admission | None:
        """The admission of this head, if it was let in before."""
        found = self._kept.get(head)
        return found[0] if found is not None else None

    def keep(self, head: Head, admission: Admission) -> None:
        """Have this one found from now on, unless its head is too long."""
        weight = _SMALL + 2 * admission.weight  # for the head is kept beside the request
        if weight > LONGEST:
            return
        with self._lock:
            self._bytes += weight - self._kept.pop(head, (admission, 0))[1]
            self._kept[head] = admission, weight
            while self._bytes > MOST_BYTES:
                self._bytes -= self._kept.pop(next(iter(self._kept)))[1]
