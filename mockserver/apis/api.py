"""What the engine asks of an API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol

from mockserver.contract.json_text import write_json
from mockserver.core.dataclass import dataclass
from mockserver.core.exchange import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from mockserver.apis.recorded import Reading
    from mockserver.assumptions import Assumption
    from mockserver.contract.routes import Match
    from mockserver.core.evaluation import Evaluation
    from mockserver.core.exchange import Request, Violation, Waiver
    from mockserver.core.rules import Sighting
    from mockserver.fixtures import Catalog, EvaluationFixture, Form
    from mockserver.problems import RefusedError
    from mockserver.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way to a handler: already let in, and known to keep the contract.

    Attributes:
        body: the JSON value of the body, or None.
        example: the fixture that the client prefers, or None.
        token: the bearer token it came with, or None.
        now: the virtual instant, read once.
    """

    sandbox: Sandbox
    catalog: Catalog
    request: Request
    match: Match
    body: object
    example: str | None
    token: str | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers.

    Attributes:
        body: the JSON value to send.
        fixture: the name of the fixture that speaks, or None where none does.
        shown: the evaluation whose status the body tells, with whose it is, for the rules.
        waivers: what the body breaks on purpose.
        headers: what the answer carries beside its type.
        indented: whether the body is written for people.
        until: the instant up to which the very same would be answered, where that is known.
    """

    status: int
    body: Mapping[str, object]
    fixture: str | None
    shown: tuple[Evaluation, str] | None = None
    waivers: tuple[Waiver, ...] = ()
    hint: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    indented: bool = False
    until: datetime | None = None


def response_of(reply: Reply) -> Response:
    """A reply as it goes out."""
    if reply.indented:
        raw = json.dumps(reply.body, ensure_ascii=False, indent=2).encode()
    else:
        raw = write_json(reply.body)
    return Response(reply.status, (("Content-Type", "application/json"), *reply.headers), raw)


class Envelope(Protocol):
    """How an API tells problems; `ASKABLE` are the codes that `Prefer: code=N` may ask for."""

    ASKABLE: tuple[int, ...]

    def refusal(self, violations: Sequence[Violation], cause: str) -> RefusedError:
        """The refusal of a request that broke the contract; `cause` is its likely cause."""

    def preferred(self, code: int) -> RefusedError:
        """The problem that `Prefer: code=N` asks for, one of `ASKABLE`."""

    def render(self, error: RefusedError) -> Response:
        """A problem as it is answered."""


class Api(Protocol):
    """One API: its document, its handlers by operationId, its wire form, its problems.

    Attributes:
        name: as in the paths of its documents, fixtures and collections.
        title: what it stands in for, as people say it.
        document: the file of its contract among the bundled ones.
        form: what its fixtures may say.
        handlers: what is simulated, by operationId.
        envelope: its problems in its own words; a module will do.
        reading: how its exchanges read where somebody has recorded them.
        wrong_token: the status that a token gets which the server does not know.
        request_id: the header that answers carry an id in, or None.
        known_words: every word that any answer may have for a status.
        subjects: path parameters that name something that lives, each with its collection.
    """

    name: str
    title: str
    document: str
    form: Form
    handlers: Mapping[str, Callable[[Call], Reply]]
    envelope: Envelope
    reading: Reading
    wrong_token: int
    request_id: str | None
    known_words: tuple[str, ...]
    subjects: Mapping[str, str]

    @property
    def shown_words(self) -> tuple[str, ...]:
        """The words for statuses that answers show here, unless a fixture speaks otherwise."""

    @property
    def overlays(self) -> tuple[str, ...]:
        """The files of the overlays in force, in the order in which they are applied."""

    def needs_token(self, operation_id: str) -> bool:
        """Whether an operation that the contract secures asks for a token here."""

    def subject(self, call: Call) -> Evaluation | None:
        """The evaluation that a request is about, if its path names one that there is."""

    def words(self, evaluation: Evaluation) -> Mapping[str, str]:
        """What each status of its life cycle is called in answers about it."""

    def likely_cause(self, operation_id: str, request: Request) -> str:
        """What the client probably did wrong, in a sentence, or nothing."""

    def sighting(self, operation_id: str, body: Mapping[str, object], now: datetime) -> Sighting:
        """What an answer that tells a status shows, in the core's words."""

    def from_fixture(self, fixture: EvaluationFixture, epoch: datetime) -> Evaluation:
        """What a fixture describes, born `starts` after the epoch."""

    def id_for(self, fixture: EvaluationFixture, text: str) -> str:
        """An id for what lives as this fixture does, the same of the same text."""

    def answers(self, evaluation: Evaluation, now: datetime) -> Iterator[tuple[str, Reply]]:
        """Every answer that shows this evaluation at this instant, by operationId.

        The first one is the answer that tells its status.
        """

    def whose(self, evaluation: Evaluation) -> str:
        """Who has an evaluation, in words that may be shown to anybody."""

    def repository(self, evaluation: Evaluation) -> str | None:
        """The repository that has it, as in "namespace/name", or None where none does."""

    def example_path(self, evaluation: Evaluation) -> str:
        """A path at which a client sees this evaluation's status."""


@dataclass(frozen=True, slots=True)
class Assumed:
    """Assumptions in force: an API's defaults, what the settings say, what a fixture says."""

    values: Mapping[str, object]

    @classmethod
    def of(cls, known: Sequence[Assumption], said: Mapping[str, object]) -> Assumed:
        """What the settings say of these, and the defaults of the rest."""
        return cls({one.name: said.get(one.name, one.default) for one in known})

    def flag(self, name: str, own: Mapping[str, object]) -> bool:
        """A yes-or-no assumption, a fixture's own word first."""
        return bool(own.get(name, self.values[name]))

    def text(self, name: str, own: Mapping[str, object] | None = None) -> str:
        """An assumption that is a text, a fixture's own word first."""
        return str((own or {}).get(name, self.values[name]))

    def number(self, name: str) -> int:
        """An assumption that is a number."""
        return int(str(self.values[name]))
