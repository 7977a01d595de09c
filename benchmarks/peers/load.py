"""One run of load: by wrk, or by autocannon where there is none."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from peers.installing import STACKS, install
from peers.processes import ServerError, pinned

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from peers.asked import Ask
    from peers.processes import Cores, Running

CONNECTIONS = 16
RESULT = "RESULT "
SPARE = 30
"""Seconds that a run may take beyond what it was told."""
NUMBERS = 100_000_000
"""Between the numbers that two runs begin with; no run sends as many requests."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one run has found.

    Attributes:
        refused: answers of 400 and above.
        p50: microseconds, as p99.
    """

    requests: int
    seconds: float
    refused: int
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


class Loader:
    """Sends load from a core of its own."""

    def __init__(self, peers: Path, scratch: Path, cores: Cores) -> None:
        """Find wrk, or install autocannon.

        Raises:
            NotInstalledError: there is neither.
        """
        self._scratch, self._cores, self._runs = scratch, cores, 0
        self._autocannon: Path | None = None
        self.name = "wrk -t1"
        if not shutil.which("wrk"):
            self.name = f"autocannon {install('autocannon', peers)} (whole milliseconds)"
            self._autocannon = peers / "autocannon" / "load.mjs"
        self.name += f" -c{CONNECTIONS}"

    def numbers(self) -> int:
        """The first of the numbers of a run that nobody has had yet."""
        self._runs += 1
        return self._runs * NUMBERS % 10_000_000_000

    def run(
        self, live: Running, asks: Sequence[Ask], seconds: int, *, refused: bool = False
    ) -> Load:
        """Send these requests in turn for so many seconds.

        Raises:
            ServerError: an answer was not of the wanted kind, or a connection broke.
        """
        file = self._scratch / "asks.tsv"
        file.write_text("".join(map(_line, asks)), "utf-8")
        told = self._told(f"http://127.0.0.1:{live.port}", seconds, file)
        load = Load(told["requests"], told["seconds"], told["refused"], told["p50"], told["p99"])
        wrong = load.requests - load.refused if refused else load.refused
        if wrong or told["broken"] or not load.requests:
            kind = "that had to be refused" if refused else "that had to be taken"
            raise ServerError(
                f"of {load.requests} requests {kind} {wrong} were not, "
                f"and {told['broken']} connections broke or timed out"
            )
        return load

    def _told(self, url: str, seconds: int, file: Path) -> dict[str, int]:
        if self._autocannon is None:
            how = ["-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s"]
            command = ["wrk", *how, "-s", str(STACKS / "load.lua"), url]
        else:
            command = ["node", str(self._autocannon), url, str(seconds), str(CONNECTIONS)]
        done = subprocess.run(  # noqa: S603 because it runs the load program
            pinned(command, self._cores.sending),
            env={**os.environ, "ASKS": str(file), "FIRST": str(self.numbers())},
            capture_output=True,
            text=True,
            timeout=seconds + SPARE,
            check=False,
        )
        for line in done.stdout.splitlines():
            if line.startswith(RESULT):
                told: dict[str, int] = json.loads(line.removeprefix(RESULT))
                return told
        raise ServerError(f"{command[0]}: {(done.stderr or done.stdout).strip()[-300:]}")


def _line(one: Ask) -> str:
    """A request as the load programs read it."""
    headers = ";".join(f"{name}:{value}" for name, value in one.headers.items())
    return f"{one.method}\t{one.path}\t{one.body}\t{headers}\n"
