"""One API asked: every request passes the gate, goes by the wire, is judged, counted and kept."""

from __future__ import annotations

from dataclasses import field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass
from mockserver.fuzzing.created import Created
from mockserver.fuzzing.exchanged import Exchanged
from mockserver.fuzzing.findings import Finding, Sort
from mockserver.fuzzing.methods import Methods, wrong_method
from mockserver.fuzzing.wire import UnansweredError, UnsendableError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockserver.core.exchange import Response
    from mockserver.fuzzing.archive import Archive
    from mockserver.fuzzing.budget import Meter
    from mockserver.fuzzing.exchanged import Sent
    from mockserver.fuzzing.findings import Findings
    from mockserver.fuzzing.gate import Gate
    from mockserver.fuzzing.guest import Guest
    from mockserver.fuzzing.subject import Subject
    from mockserver.fuzzing.tally import Tally
    from mockserver.fuzzing.target import Target
    from mockserver.fuzzing.wire import Wire
    from mockserver.fuzzing.witness import Witness

_MOST_SILENT = 5
"""Requests in a row that get no answer, after which there is no point in asking on."""


@dataclass(slots=True)
class Means:
    """What a run asks by, whichever API it is about.

    Attributes:
        over: why nothing more is to be asked; empty while all is well.
    """

    target: Target
    wire: Wire
    gate: Gate
    meter: Meter
    findings: Findings
    tally: Tally
    archive: Archive | None
    over: str = ""


@dataclass(slots=True)
class Asker:
    """Asks one API.

    Attributes:
        guest: where it is the control API.
        refused: whether the gate has refused something.
        doubted: the numbers of the exchanges in whose answers we have found something.
    """

    subject: Subject
    means: Means
    witness: Witness
    guest: Guest | None
    refused: bool = False
    doubted: set[int] = field(default_factory=set)
    _created: Created = field(init=False)
    _methods: Methods = field(default_factory=Methods)
    _silent: int = 0

    def __post_init__(self) -> None:
        """Have seen nothing created yet."""
        self._created = Created(self.subject, self.means.target)

    @property
    def has_enough(self) -> bool:
        """Whether what is going on should end."""
        return self.refused or bool(self.means.over) or self.means.meter.is_spent

    def ask(self, sent: Sent) -> Exchanged | None:
        """Send a request, and have its answer judged; None where it is not to be sent."""
        path = self.subject.path(sent)
        if self.guest is not None:
            if not self.guest.may(sent.method, path):
                return None
            sent = self.guest.hurried(sent, path)
        if self.means.over:
            return None
        if not self.means.gate.admits(self.subject, sent):
            self.refused = True
            return None
        exchanged = self._exchange(sent)
        if exchanged is not None:
            self._follow(exchanged)
        return exchanged

    def _exchange(self, sent: Sent) -> Exchanged | None:
        means, started = self.means, datetime.now(UTC)
        answer: Response | None = None
        silence = ""
        try:
            answer = means.wire.ask(sent)
        except UnsendableError:
            return None
        except UnansweredError as error:
            silence = str(error)
            self._silent = _MOST_SILENT if error.gone else self._silent + 1
        else:
            self._silent = 0
        exchanged = Exchanged(
            number=means.meter.requests,
            api=self.subject.name,
            sent=sent,
            answer=answer,
            silence=silence,
            started=started,
            ended=datetime.now(UTC),
        )
        operation = self.subject.operation(sent)
        means.tally.count(exchanged, operation)
        if means.archive is not None:
            means.archive.add(exchanged, None if operation is None else operation.id)
        means.meter.count()
        return exchanged

    def _follow(self, exchanged: Exchanged) -> None:
        """Draw the conclusions."""
        if exchanged.answer is None:
            self._note([self._unanswered(exchanged)], exchanged)
            if self._silent >= _MOST_SILENT:
                self.means.over = f"the server does not answer any more: {exchanged.silence}"
            return
        self._note(self.witness.see(exchanged), exchanged)
        self._note(self._created.see(exchanged), exchanged)
        self.subject.learn(exchanged)
        if self.guest is not None and exchanged.answer.status in range(200, 300):
            self.guest.note(exchanged.sent.method, self.subject.path(exchanged.sent))
        self._ask_otherwise(exchanged)

    def _note(self, found: Iterable[Finding], exchanged: Exchanged) -> None:
        for finding in found:
            self.doubted.add(exchanged.number)
            self.means.findings.add(finding)

    def _unanswered(self, exchanged: Exchanged) -> Finding:
        operation = self.subject.operation(exchanged.sent)
        return Finding(
            sort=Sort.CONDUCT,
            api=self.subject.name,
            operation="" if operation is None else operation.id,
            place="answer",
            expected="one",
            found=f"none: {exchanged.silence}",
            rule="answers",
            requests=(exchanged.curl(self.means.target),),
        )

    def _ask_otherwise(self, exchanged: Exchanged) -> None:
        """Ask by a method that the path does not have, once an operation."""
        operation = self.subject.operation(exchanged.sent)
        if operation is None or self.means.gate.is_limited:
            return
        sent = self._methods.due(operation, exchanged)
        if sent is None or self.subject.operation(sent) is not None:
            return
        other = self._exchange(sent)
        if other is not None:
            command = other.curl(self.means.target)
            finding = wrong_method(self.subject.name, operation, other, command)
            self._note([] if finding is None else [finding], other)
