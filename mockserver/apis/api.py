"""What the engine asks of an API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from mockserver.assumptions import Assumption
    from mockserver.contract.routes import Match
    from mockserver.core.evaluation import Evaluation
    from mockserver.core.exchange import Request
    from mockserver.core.rules import Sighting
    from mockserver.fixtures import Catalog, EvaluationFixture
    from mockserver.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way to a handler: already let in, and known to keep the contract.

    Attributes:
        body: the JSON value of the body, or None.
        example: the fixture that the client prefers, or None.
        now: the virtual instant, read once.
    """

    sandbox: Sandbox
    catalog: Catalog
    request: Request
    match: Match
    body: object
    example: str | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers.

    Attributes:
        body: the JSON value to send.
        fixture: the name of the fixture that speaks.
        shown: the evaluation in the body with its repository, for the temporal rules.
    """

    status: int
    body: Mapping[str, object]
    fixture: str
    shown: tuple[Evaluation, str] | None = None
    hint: str = ""


class Api(Protocol):
    """One API: its handlers by operationId, its wire form, its assumptions.

    `default_life` names the fixture whose life a create lives where no other matches,
    `read_operation` the operation that shows an evaluation, and `places` says where each
    field of a sighting stands in an answer.
    """

    name: str
    default_life: str
    read_operation: str
    assumptions: tuple[Assumption, ...]
    places: Mapping[str, str]
    handlers: Mapping[str, Callable[[Call], Reply]]

    def needs_token(self, operation_id: str) -> bool:
        """Whether an operation that the contract secures asks for a token here."""

    def likely_cause(self, operation_id: str, request: Request) -> str:
        """What the client probably did wrong, in a sentence, or nothing."""

    def sighting(self, body: Mapping[str, object], now: datetime) -> Sighting:
        """What an answer of status 200 shows, in the core's words."""

    def from_fixture(self, fixture: EvaluationFixture, epoch: datetime) -> Evaluation:
        """The evaluation that a fixture describes, born `starts` after the epoch."""

    def shown(self, evaluation: Evaluation, repository: str, now: datetime) -> Reply:
        """The answer that shows this evaluation at this instant."""


@dataclass(frozen=True, slots=True)
class Assumed:
    """Assumptions in force: an API's defaults, what the settings say, what a fixture says."""

    values: Mapping[str, object]

    def flag(self, name: str, own: Mapping[str, object]) -> bool:
        """A yes-or-no assumption, a fixture's own word first."""
        return bool(own.get(name, self.values[name]))

    def text(self, name: str) -> str:
        """An assumption that is a text."""
        return str(self.values[name])

    def number(self, name: str) -> int:
        """An assumption that is a number."""
        return int(str(self.values[name]))
