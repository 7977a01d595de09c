"""All servers side by side: each verified, then each in turn under load, round after round."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from peers.asked import creates, look, refusals
from peers.auditing import Audit, journaled
from peers.figures import KINDS, Row
from peers.installing import NotInstalledError, install
from peers.processes import KIB, ServerError, running
from peers.servers import EACH, FLOORS, OWN, first_of_ours
from peers.telling import say
from peers.verifying import sample, verify

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from peers.asked import Ask
    from peers.load import Loader
    from peers.plans import Plan
    from peers.processes import Cores, Running
    from peers.servers import Server

WARM = 1
"""Seconds of load before the first round of a kind, which do not count."""
NAMES = {"get": "GET", "create": "POST", "refused": "POST, refused"}


@dataclass(slots=True)
class Comparison:
    """The servers that are compared, and where everything is."""

    plan: Plan
    loader: Loader
    documents: Path
    peers: Path
    cores: Cores
    live: dict[str, Running] = field(default_factory=dict)

    def run(self, servers: Iterable[Server]) -> list[Row]:
        """Install, verify and measure them; what fails is told in its row."""
        rows = [self._installed(server) for server in servers]
        with ExitStack() as stack:
            for row in _sound(rows):
                self._begin(row, stack)
            for kind in KINDS:
                self._rounds(kind, rows)
                if kind == "get":
                    self._weigh(rows)
        self._starts(rows)
        return rows

    def _installed(self, server: Server) -> Row:
        row = Row(server)
        say(f"{server.key}: installing, unless it is there")
        try:
            row.version = install(server.key, self.peers)
        except NotInstalledError as error:
            row.problem = f"cannot be installed here: {error}"
        return row

    def _begin(self, row: Row, stack: ExitStack) -> None:
        """Start a server for the whole run, and see that it does what is said of it."""
        server = row.server
        say(f"{server.key}: verifying")
        try:
            with ExitStack() as own:
                started = running(
                    server.command(self.documents, self.peers),
                    server.first,
                    self.documents,
                    self.cores.serving,
                )
                live = own.enter_context(started)
                row.verified = verify(server, live, self.documents)
                self.live[server.key] = live
                stack.push(own.pop_all())
        except (ServerError, OSError, ValueError, KeyError) as error:
            _fails(row, error)

    def _rounds(self, kind: str, rows: list[Row]) -> None:
        for number in range(self.plan.of(kind) + 1):
            say(f"{NAMES[kind]}: {f'round {number} of {self.plan.of(kind)}' if number else 'warm'}")
            for row in _sound(rows):
                if _is_asked(row, kind):
                    self._round(kind, row, counted=number > 0)

    def _round(self, kind: str, row: Row, *, counted: bool) -> None:
        """Put one server under load, and see that every answer was what it must be."""
        server, live, refused = row.server, self.live[row.server.key], kind == "refused"
        try:
            audit = Audit.of(live) if server.key in OWN else None
            seconds = self.plan.seconds if counted else WARM
            load = self.loader.run(live, asks(kind, server), seconds, refused=refused)
            if audit is not None:
                audit.require(load, refused=refused)
                if kind == "get":
                    row.journaled = journaled(live)
            sample(server, live, kind, self.loader.numbers())
        except (ServerError, OSError, ValueError, KeyError) as error:
            _fails(row, error)
            return
        if counted:
            row.loads.setdefault(kind, []).append(load)

    def _weigh(self, rows: list[Row]) -> None:
        for row in _sound(rows):
            row.memory = self.live[row.server.key].memory() / KIB

    def _starts(self, rows: list[Row]) -> None:
        """Cold starts, on every core; whoever has been measured has been started before."""
        for number in range(self.plan.starts):
            say(f"cold starts: round {number + 1} of {self.plan.starts}")
            for row in _sound(rows):
                server = row.server
                if server.key == EACH:
                    continue
                command = (server.cold or server.command)(self.documents, self.peers)
                first = first_of_ours() if server.key in OWN else server.first
                try:
                    with running(command, first, self.documents) as live:
                        row.cold.append(live.started)
                except (ServerError, OSError) as error:
                    _fails(row, error)


def asks(kind: str, server: Server) -> tuple[Ask, ...]:
    """What a server is sent in a run of this kind."""
    if kind == "get":
        return (look(server.looks),)
    return creates(server.file) if kind == "create" else refusals(server.file)


def _is_asked(row: Row, kind: str) -> bool:
    """Whether it makes sense: floors create nothing, and who checks no bodies refuses none."""
    if row.server.key == EACH:
        return kind == "get"
    if kind == "get" or row.verified is None:
        return True
    return row.server.key not in FLOORS and (kind == "create" or "body" in row.verified.checks)


def _sound(rows: list[Row]) -> Iterator[Row]:
    return (row for row in rows if not row.problem)


def _fails(row: Row, error: Exception) -> None:
    told = f"{error}" if isinstance(error, ServerError) else f"{error!r}"
    row.problem = " ".join(told.split())
    say(f"{row.server.key}: {row.problem}")
