"""What the control API answers, each by the name of its schema in `spec/control.yaml`.

Instants are texts as they are sent, in UTC to the microsecond: 2026-01-31T12:00:00.000000Z.
Documents that are only kept and handed on, snapshots and HTTP archives, are plain dictionaries.
"""

from __future__ import annotations

from typing import Literal, TypedDict

Mood = Literal["strict", "published", "broken"]
"""How an answer is drawn."""


class Health(TypedDict):
    """That the server answers, with the virtual time of its default sandbox."""

    status: Literal["ok"]
    now: str
    apis: list[str]


class Clock(TypedDict):
    """The clock of a sandbox; `rate` is in virtual seconds per real second."""

    now: str
    rate: float
    step: bool
    epoch: str


class SandboxSettings(TypedDict, total=False):
    """Settings of a sandbox alone: assumptions by name, as `oxen-mock spec` lists them."""

    assume: dict[str, str | int | bool]


class Sandbox(TypedDict):
    """One world; `url` is the base URL that selects it."""

    name: str
    url: str
    seed: str
    epoch: str
    now: str
    rate: float
    step: bool
    mood: Mood | None
    evaluations: int
    exchanges: int


class SandboxPage(TypedDict):
    """A page of sandboxes."""

    sandboxes: list[Sandbox]
    total: int
    next: str | None


class Change(TypedDict):
    """A change of status."""

    status: str
    at: str


class Evaluation(TypedDict):
    """An evaluation, or a benchmark, in short; `url` is where a client sees its status."""

    id: str
    api: str
    repository: str | None
    url: str
    fixture: str
    status: str | None
    next_change: Change | None


class EvaluationPage(TypedDict):
    """A page of evaluations."""

    evaluations: list[Evaluation]
    total: int
    next: str | None


class Progress(TypedDict):
    """How many rows, or questions, are done."""

    processed: int
    total: int


class EvaluationDetail(Evaluation):
    """An evaluation with its whole life."""

    born: str
    progress: Progress
    changes: list[Change]


class FaultRule(TypedDict, total=False):
    """A fault without the id of the evaluation that it is about."""

    operation: str
    status: str
    after_row: int
    nth: int
    probability: float
    count: int
    seconds: float
    code: int
    retry_after: int
    delay: float
    body: Literal["truncated", "malformed"]


class NewFault(FaultRule, total=False):
    """When a fault strikes (all of it must be true), and what it does: code, delay or body."""

    id: str


class Fault(TypedDict):
    """A fault with what has come of it."""

    id: str
    rule: NewFault
    matched: int
    struck: int
    spent: bool


class FaultList(TypedDict):
    """Every fault."""

    faults: list[Fault]


class Expectation(TypedDict):
    """A deliberate breach of the contract; `met` is how often it came."""

    id: str
    operation: str | None
    place: str
    count: int
    met: int


class ExpectationList(TypedDict):
    """Every expectation."""

    expectations: list[Expectation]


class BareViolation(TypedDict):
    """One broken rule, with nothing beside it."""

    place: str
    expected: str
    found: str


class Violation(BareViolation, total=False):
    """One broken rule; `awaited` says that an expectation covers it."""

    advice: str
    awaited: bool


class Client(TypedDict):
    """Who asked: the start of its bearer token, and its User-Agent."""

    token: str | None
    user_agent: str | None


class Draw(TypedDict):
    """How an answer was drawn; `mutation` names how it is broken."""

    mood: Mood
    seed: str
    mutation: str | None


class Exchange(TypedDict):
    """A request with its answer; `seq` is its place in the journal, and a cursor."""

    seq: int
    now: str
    method: str
    path: str
    operation: str | None
    code: int
    evaluation: str | None
    fixture: str | None
    status_seen: str | None
    client: Client
    violations: list[Violation]
    hint: str
    fault: str | None
    draw: Draw | None


class JournalPage(TypedDict):
    """Up to 100 exchanges, oldest first; `lost` says that some were dropped to make room."""

    exchanges: list[Exchange]
    cursor: str
    lost: bool


class Asked(TypedDict):
    """How often each status was answered, for an operation of a report."""

    operation: str
    codes: dict[str, int]


class Seen(TypedDict):
    """What a client saw of an API, in a report."""

    client: Client
    api: str
    saw: list[str]
    never_saw: list[str]
    polls_after_end: int


class Broken(TypedDict):
    """What was broken and how often, in a report."""

    operation: str | None
    of: Literal["request", "answer"]
    place: str
    expected: str
    found: str
    advice: str
    count: int


class Missing(TypedDict):
    """An expectation that was not met, in a report."""

    operation: str | None
    place: str
    count: int
    met: int


class Report(TypedDict):
    """What was exercised, and what was broken."""

    sandboxes: int
    requests: int
    operations: list[Asked]
    unused: list[str]
    clients: list[Seen]
    broken_requests: int
    broken_answers: int
    violations: list[Broken]
    awaited: int
    missing: list[Missing]
    faults: int
    clean: bool
