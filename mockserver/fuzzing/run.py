"""A server fuzzed, from the first word with it to what is told of it."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from dataclasses import field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mockserver.apis.known import every_api
from mockserver.client import Client
from mockserver.client.errors import UnusableError
from mockserver.control.control import NAME as CONTROL
from mockserver.control.control import load_own_contract
from mockserver.core.dataclass import dataclass
from mockserver.fuzzing.archive import Archive
from mockserver.fuzzing.asker import Asker, Means
from mockserver.fuzzing.budget import Meter
from mockserver.fuzzing.contact import make_contact
from mockserver.fuzzing.declared import Declared
from mockserver.fuzzing.findings import Findings
from mockserver.fuzzing.gate import Gate
from mockserver.fuzzing.guest import Guest
from mockserver.fuzzing.plan import Plan, ways
from mockserver.fuzzing.round import Round
from mockserver.fuzzing.subject import Subject, require_known
from mockserver.fuzzing.tally import Tally
from mockserver.fuzzing.told import Outcome, told_of
from mockserver.fuzzing.wire import PATIENCE, Wire
from mockserver.fuzzing.witness import Witness
from mockserver.judging.judgement import Judge

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from mockserver.fuzzing.budget import Budget
    from mockserver.fuzzing.target import Target
    from mockserver.fuzzing.told import Told
    from mockserver.settings import Settings

APIS = ("oxen", "nugen", CONTROL)
"""What can be fuzzed, in the order in which it is."""

_INTERRUPTED = "interrupted"
_SEEDS = 10**9


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for.

    Attributes:
        apis: the names of those to be fuzzed.
        seed: what requests are drawn from.
        creates: how many requests but GETs may be sent; None for any number.
        values: what to try, by the names of parameters.
        har: where every exchange is written, or None.
    """

    apis: Sequence[str]
    budget: Budget
    seed: int
    creates: int | None = None
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    har: Path | None = None


def drawn_seed() -> int:
    """A seed for who has none in mind, short enough to be typed again."""
    return secrets.randbelow(_SEEDS)


class Run:
    """One run."""

    def __init__(
        self, settings: Settings, target: Target, wanted: Wanted, tick: Callable[[float, int], None]
    ) -> None:
        """Ask nothing yet; `tick` is told how much is spent, from 0 to 1, and of kinds of findings.

        Raises:
            UnreadableDocumentError: a document cannot be read.
        """
        self._settings, self._target, self._wanted = settings, target, wanted
        self._findings, self._tally = Findings(), Tally()
        self._tick = tick
        self._judge = Judge(settings, published=False)
        self._declared = Declared(settings, every_api(settings.assume))
        self._gate = Gate(wanted.creates)
        self._troubles: dict[str, None] = {}
        self._round: Round | None = None
        self._means: Means | None = None
        self._is_interrupted = False

    def interrupt(self) -> None:
        """Have it end at once, with what was found so far."""
        self._is_interrupted = True
        if self._means is not None:
            self._means.over = _INTERRUPTED
            self._means.wire.cut()
        if self._round is not None:
            self._round.stop()

    def run(self) -> Told:
        """Fuzz, and tell what came of it.

        Raises:
            MockserverError: nobody answers, or something cannot be written.
        """
        with ExitStack() as stack:
            wire = Wire(self._target.address)
            stack.callback(wire.close)
            subjects = self._subjects()
            require_known(self._wanted.values, subjects)
            make_contact(wire, self._target, subjects[0])
            guest = self._guest(stack) if self._is_guest else None
            means = self._means = self._opened(wire, stack)
            for place, subject in enumerate(subjects):
                own = guest if subject.is_control else None
                self._fuzz(self._asker(subject, means, own), place, len(subjects))
        if not means.meter.requests and not self._is_interrupted:
            raise UnusableError("nothing was asked: no document has an operation that may be")
        return told_of(
            Outcome(
                target=self._target,
                seed=self._wanted.seed,
                meter=means.meter,
                findings=self._findings.every(),
                tally=self._tally,
                over=means.over,
                is_interrupted=self._is_interrupted,
                only_gets=self._wanted.creates == 0,
                troubles=tuple(self._troubles),
            )
        )

    def _subjects(self) -> list[Subject]:
        path, values, wanted = self._target.path, self._wanted.values, self._wanted.apis
        subjects = [
            Subject.of(contract, path, values, api.needs_token)
            for api, contract in self._judge.parts
            if api.name in wanted
        ]
        if CONTROL in wanted:
            own = urlsplit(self._target.address.within(self._own_sandbox)).path
            root = own if self._is_guest else path
            subjects.append(Subject.of(load_own_contract(), root, values))
        return subjects

    @property
    def _is_guest(self) -> bool:
        """Whether it makes a sandbox of its own, which it may not where it is not to make any."""
        return CONTROL in self._wanted.apis and not self._gate.is_limited

    @property
    def _own_sandbox(self) -> str:
        return f"oxen-mock-fuzz-{self._wanted.seed}"

    def _guest(self, stack: ExitStack) -> Guest:
        target = self._target
        client = Client(target.address.base, control_token=target.control_token, timeout=PATIENCE)
        stack.callback(client.close)
        guest = Guest(client, self._own_sandbox, str(self._wanted.seed))
        stack.callback(guest.leave)
        return guest

    def _opened(self, wire: Wire, stack: ExitStack) -> Means:
        archive = None
        if self._wanted.har is not None:
            archive = Archive(self._wanted.har, self._target)
            stack.callback(archive.end)
        meter = Meter(self._wanted.budget, lambda spent: self._tick(spent, len(self._findings)))
        means = Means(self._target, wire, self._gate, meter, self._findings, self._tally, archive)
        means.over = _INTERRUPTED if self._is_interrupted else ""
        return means

    def _asker(self, subject: Subject, means: Means, guest: Guest | None) -> Asker:
        witness = Witness(subject, self._target, self._settings.assume, self._judge, self._declared)
        return Asker(subject, means, witness, guest)

    def _fuzz(self, asker: Asker, place: int, of: int) -> None:
        """Fuzz one API, with its equal share of what may be spent."""
        limited = self._gate.is_limited
        creates = bool(self._gate.left) and not asker.subject.is_control
        for way in ways(limited=limited, creates=creates):
            asker.means.meter.share((place + way.until) / of)
            asker.refused = False
            if not asker.has_enough:
                assume, seed = self._settings.assume, self._wanted.seed
                plan = Plan(asker.subject, self._target, seed, way, assume)
                self._round = Round(plan, asker)
                self._round.run()
                self._troubles |= self._round.troubles
