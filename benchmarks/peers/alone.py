"""What is asked of the mock alone: many evaluations, many sandboxes, large documents, imports."""

from __future__ import annotations

import json
import math
import os
import resource
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from peers.asked import BELOW, LONG_LIVES, MODERATE, Ask, creates, look
from peers.documents import HUB_PATHS, MANY_PATHS
from peers.figures import Alone
from peers.installing import STACKS
from peers.processes import KIB, ServerError, asked, pinned, running
from peers.servers import first_of_ours, own_command
from peers.telling import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from peers.load import Loader
    from peers.plans import Plan
    from peers.processes import Cores, Running

    Sides = dict[str, tuple[Running, tuple[Ask, ...]]]

FEW = 10
WARM = 3_000
"""Evaluations there are before the memory is taken first: by then the journal is full."""
ENOUGH = 100_000
"""Among fewer, what is kept of the last 20,000 looks would count as memory of an evaluation."""
LOOKED_AT = 1_000
"""Of many evaluations so many are looked at in turn."""
PAGE = 100
VISITED = 50
"""Of many sandboxes so many are visited in turn."""
WARM_SECONDS = 1
LONGEST_FILL = 5
"""Seconds of one run of creates where a store is filled."""
IMPORT = "import time; begun = time.perf_counter(); import mockserver; "
IMPORT += "print(time.perf_counter() - begun)"
TEST = "def test_nothing():\n    assert True\n"
PLUGINS = {"pytest with": (), "pytest without": ("-p", "no:oxen-mockserver")}


@dataclass(slots=True)
class Examination:
    """The mock, examined alone."""

    plan: Plan
    loader: Loader
    documents: Path
    cores: Cores

    def run(self) -> Alone:
        """Everything; what fails is told by its name, and the rest goes on."""
        found = Alone()
        for name, examine in (
            ("many evaluations", self._evaluations),
            ("many sandboxes", self._sandboxes),
            ("large documents", self._large_documents),
            ("import", self._imports),
            ("pytest plugin", self._plugin),
            ("in process", self._in_process),
        ):
            say(f"alone: {name}")
            try:
                for key, value in examine():
                    found.values.setdefault(key, []).append(value)
            except (ServerError, OSError, ValueError, KeyError) as error:
                found.problems[name] = str(error)
                say(f"alone: {name}: {error}")
        return found

    # -- many ---------------------------------------------------------------------------------

    def _evaluations(self) -> Iterator[tuple[str, float]]:
        """Looks at ten evaluations alone, ten of many, a thousand; what one of many weighs."""
        with ExitStack() as stack:
            few, many = (self._serving(stack) for _ in range(2))
            for number, one in enumerate(creates(LONG_LIVES)[:FEW]):
                few.ask(one, number)
            self._fill(many, WARM)
            before, held = many.memory(), _total(many)
            self._fill(many, held + self.plan.evaluations)
            made = _total(many) - held
            if made >= ENOUGH:
                yield "bytes an evaluation", (many.memory() - before) * KIB / made
            yield "evaluations", float(_total(many))
            listed = tuple(_listed(many))
            sides = {
                "few": (few, tuple(_listed(few))),
                "many": (many, listed[:: max(len(listed) // FEW, 1)][:FEW]),
                "in turn": (many, listed),
            }
            yield from self._by_turns("evaluations", sides)

    def _fill(self, live: Running, count: int) -> None:
        rate = 1_000.0
        while (missing := count - _total(live)) > 0:
            seconds = min(LONGEST_FILL, math.ceil(missing / rate))
            rate = self.loader.run(live, creates(LONG_LIVES), seconds).rate

    def _sandboxes(self) -> Iterator[tuple[str, float]]:
        """Looks in one sandbox alone, in one of a thousand, in fifty; what one of many weighs."""
        with ExitStack() as stack:
            one, many = (self._serving(stack) for _ in range(2))
            _make_sandboxes(one, range(1))
            _make_sandboxes(many, range(1))
            before = many.memory()
            _make_sandboxes(many, range(1, self.plan.sandboxes))
            grown = many.memory() - before
            yield "KB a sandbox", grown / (self.plan.sandboxes - 1)
            step = self.plan.sandboxes // VISITED
            visited = tuple(_in_sandbox(number * step) for number in range(VISITED))
            sides: Sides = {
                "one": (one, (_in_sandbox(0),)),
                "many": (many, visited[VISITED // 2 :][:1]),
                "in turn": (many, visited),
            }
            yield from self._by_turns("sandboxes", sides)

    def _large_documents(self) -> Iterator[tuple[str, float]]:
        """Looks and cold starts with the bundled document, the hub's whole one and a huge one."""
        more: dict[str, tuple[str, ...]] = {
            "2": (),
            **{
                str(n): ("--spec", str(self.documents / f"hub-{n}.json"))
                for n in (HUB_PATHS, MANY_PATHS)
            },
        }
        with ExitStack() as stack:
            sides: Sides = {n: (self._serving(stack, *w), (look(),)) for n, w in more.items()}
            yield from self._by_turns("paths", sides)
        for number in range(self.plan.starts):
            for name, words in more.items():
                yield f"start, {name} paths", self._started(words, "cache")
                if number < self.plan.firsts:
                    yield f"first start, {name} paths", self._started(words, f"new-{number}-{name}")

    def _started(self, words: Sequence[str], cache: str) -> float:
        """Milliseconds of a start that finds what earlier ones with this cache have kept."""
        command, first = own_command(*words), first_of_ours()
        with running(command, first, self.documents, cache=cache) as live:
            return live.started

    def _serving(self, stack: ExitStack, *more: str) -> Running:
        command = own_command("--fixtures", str(self.documents / "fixtures"), *more)
        core = self.cores.serving
        return stack.enter_context(running(command, look().path, self.documents, core))

    def _by_turns(self, name: str, sides: Sides) -> Iterator[tuple[str, float]]:
        """Requests per second of each side, round after round."""
        for number in range(self.plan.own + 1):
            for side, (live, asks) in sides.items():
                seconds = self.plan.seconds if number else WARM_SECONDS
                load = self.loader.run(live, asks, seconds)
                if number:
                    yield f"{name}, {side}", load.rate

    # -- without a server ---------------------------------------------------------------------

    def _imports(self) -> Iterator[tuple[str, float]]:
        for number in range(self.plan.imports + 1):
            took = float(self._told([sys.executable, "-c", IMPORT])) * 1_000
            if number:  # the first one warms up
                yield "import", took

    def _plugin(self) -> Iterator[tuple[str, float]]:
        """CPU milliseconds of a run of pytest that does not use the plugin: with it and without."""
        folder = self.documents / "plain"
        folder.mkdir(exist_ok=True)
        (folder / "test_nothing.py").write_text(TEST, "utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
        for number in range(self.plan.pairs + 1):
            took = {}
            turns = list(PLUGINS.items())
            for name, more in turns[:: 1 if number % 2 else -1]:
                begun = _spent_by_children()
                self._told([*command, *more], folder)
                took[name] = (_spent_by_children() - begun) * 1_000
            if number:
                yield from took.items()
                yield "plugin", took["pytest with"] - took["pytest without"]

    def _in_process(self) -> Iterator[tuple[str, float]]:
        script = [str(STACKS / "in_process.py"), str(self.documents), str(self.plan.batches)]
        told = json.loads(self._told(pinned([sys.executable, *script], self.cores.serving)))
        for name, values in told.items():
            for value in values:
                yield f"in process, {name}", value

    def _told(self, command: Sequence[str], folder: Path | None = None) -> str:
        """What a program prints.

        Raises:
            ServerError: it fails.
        """
        steering = ("OXEN_MOCK_", "PYTEST_", "PYTHONDONTWRITEBYTECODE")
        own = {k: v for k, v in os.environ.items() if not k.startswith(steering)}
        done = subprocess.run(  # noqa: S603 because it runs our own programs
            command,
            cwd=folder or self.documents,
            env=own,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if done.returncode:
            raise ServerError((done.stderr or done.stdout).strip()[-500:])
        return done.stdout


def _spent_by_children() -> float:
    """Seconds of CPU, which a busy machine does not lengthen as much as those of the wall."""
    told = resource.getrusage(resource.RUSAGE_CHILDREN)
    return told.ru_utime + told.ru_stime


def _total(live: Running) -> int:
    return int(json.loads(live.ask(Ask("GET", "/_mock/evaluations"))[1])["total"])


def _listed(live: Running) -> Iterator[Ask]:
    """Looks at up to a thousand of the evaluations that were created, from everywhere."""
    total = _total(live)
    pages = range(0, total, max(PAGE, total // (LOOKED_AT // PAGE)))
    for offset in pages:
        page = json.loads(live.ask(Ask("GET", f"/_mock/evaluations?offset={offset}"))[1])
        for one in page["evaluations"]:
            if one["repository"] == "ox/cats":
                yield look(one["id"])


def _make_sandboxes(live: Running, numbers: range) -> None:
    with live.connected() as connection:
        for number in numbers:
            status, body = asked(connection, Ask("PUT", f"/_mock/sandboxes/s{number}", "{}"))
            if status not in {200, 201}:
                raise ServerError(f"no sandbox: {status} {body[:200]!r}")


def _in_sandbox(number: int) -> Ask:
    return look(MODERATE, f"/sandbox/s{number}{BELOW}")
