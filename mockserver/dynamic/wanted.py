"""A request whose answer is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from mockserver.contract.contract import Operation
    from mockserver.contract.routes import Match
    from mockserver.core.exchange import Request


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request that has been let in, and keeps the contract.

    Attributes:
        body: the JSON value that was sent, or None.
        token: the bearer token that it came with, or None.
    """

    operation: Operation
    request: Request
    match: Match
    body: object = None
    token: str | None = None
