"""Our own words for HTTP: what was asked, what was answered, and what was wrong with either."""

from __future__ import annotations

import json
from dataclasses import field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass
from mockserver.core.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime


class Kind(StrEnum):
    """What sort of rule was broken; it decides which answer a refusal gets."""

    SECURITY = "security"
    MEDIA_TYPE = "media type"
    PARAMETER = "parameter"
    BODY = "body"
    ANSWER = "answer"
    RULE = "rule"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a schema was not kept by, as facts: for an API that tells those and not our words.

    Attributes:
        location: where, from the part of the request on, as in ("body", "prompt").
        limit: what the broken keyword asks for, as in 100 for `maximum`.
        value: what stands there, or what should hold what is missing.
    """

    location: tuple[str | int, ...]
    limit: object
    value: object


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule, worded for a person.

    Attributes:
        place: where, as in "body /prompt", "header Authorization" or "happy-path.yaml:7".
        expected: what should stand there.
        found: what stands there, shortened; never a whole body.
        kind: the sort of rule.
        advice: what to do about it, where the cause is likely enough to say.
        rule: the rule by its name: a temporal rule's, or a keyword of JSON Schema.
        finding: the facts behind the words, where they come from a schema.
        awaited: whether somebody said that it would come.
    """

    place: str
    expected: str
    found: str
    kind: Kind
    advice: str = ""
    rule: str = field(default="", compare=False)
    finding: Finding | None = field(default=None, compare=False, repr=False)
    awaited: bool = field(default=False, compare=False)

    @property
    def is_ours(self) -> bool:
        """Whether it is an answer of ours that is wrong, and not what a client sent."""
        return self.kind in {Kind.ANSWER, Kind.RULE}

    def without_finding(self) -> Violation:
        """The same in words alone, which keep no value that was sent."""
        v = self
        return Violation(v.place, v.expected, v.found, v.kind, v.advice, v.rule, awaited=v.awaited)

    def __str__(self) -> str:
        """The violation as one line."""
        told = f"{self.place}: expected {self.expected}, found {self.found}"
        return plain(f"{told} ({self.advice})" if self.advice else told)


@dataclass(frozen=True, slots=True)
class Waiver:
    """A rule that an answer breaks on purpose.

    Attributes:
        rule: its name, as in "format" or "times stay".
        place: where in the body, as a JSON pointer in which * stands for anything.
        why: the evidence for doing so.
    """

    rule: str
    place: str
    why: str

    def covers(self, violation: Violation) -> bool:
        """Whether this violation is the one meant."""
        return violation.rule == self.rule and fnmatchcase(violation.place, f"body {self.place}")


def unwaived(violations: Iterable[Violation], waivers: Sequence[Waiver]) -> tuple[Violation, ...]:
    """Those violations that no waiver covers."""
    return tuple(v for v in violations if not any(waiver.covers(v) for waiver in waivers))


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it reached us.

    Attributes:
        path: percent-decoded, without the prefix the app is mounted under.
        query: pairs in order, decoded.
        headers: by lower-case name; repeated headers joined with a comma.
        sandbox: the sandbox that its path named, before the rest of it; None where none did.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    sandbox: str | None = None

    @property
    def routed_method(self) -> str:
        """The method by which this request finds its operation: HEAD is served as GET."""
        return "GET" if self.method == "HEAD" else self.method

    def with_body(self, body: bytes) -> Request:
        """The same request with this body."""
        return Request(self.method, self.path, self.query, self.headers, body, self.sandbox)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer as it leaves us.

    Attributes:
        cut: bytes of the body after which the connection ends, or None where it is sent whole.
        held: real seconds to hold it back.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    cut: int | None = None
    held: float = 0.0

    def header(self, name: str) -> str | None:
        """The first header of this name, in any case, or None."""
        wanted = name.lower()
        for key, value in self.headers:
            if key.lower() == wanted:
                return value
        return None


def json_response(status: int, body: object) -> Response:
    """An answer that carries this JSON value, in UTF-8 and without white space."""
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, (("Content-Type", "application/json"),), raw)


@dataclass(frozen=True, slots=True)
class Client:
    """Who asked, as far as two clients can be told apart without showing a secret.

    Attributes:
        token: the start of the bearer token, or None.
        user_agent: the User-Agent, or None.
        mark: tells apart tokens that start alike; says nothing about the token.
    """

    token: str | None = None
    user_agent: str | None = None
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Draw:
    """How an answer was drawn: told again, it is drawn again.

    Attributes:
        mutation: how it is broken, by name, or None where it is not.
    """

    mood: str
    seed: str
    mutation: str | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with its answer, as the journal and the request log keep it.

    Attributes:
        violations: what was wrong with the request, or with our own answer.
        now: the virtual instant of the answer.
        sandbox: the sandbox that it happened in, by its name.
        api: the API that answered, by its name.
        operation_id: the matched operation, or None where nothing matched.
        fixture: the fixture that spoke, or None.
        evaluation_id: the evaluation that it was about, or None.
        seen: the status of the evaluation that the answer showed, or None.
        ended: whether that status is an end.
        hint: what the client was told beside the answer.
        fault: the fault that struck, by its id, or None.
        draw: how the answer was drawn, or None where it was not.
    """

    request: Request
    response: Response
    violations: tuple[Violation, ...]
    now: datetime
    sandbox: str = "default"
    api: str = ""
    client: Client = Client()
    operation_id: str | None = None
    fixture: str | None = None
    evaluation_id: str | None = None
    seen: str | None = None
    ended: bool = False
    hint: str = ""
    fault: str | None = None
    draw: Draw | None = None
