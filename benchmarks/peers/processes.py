"""Servers as processes: started on a core, called as soon as they answer, and never left behind."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from peers.asked import TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from peers.asked import Ask

PATIENCE = 60.0
"""Seconds that a server may take to start."""
PAUSE = 0.001
"""Seconds between two tries to reach a server that starts."""
GRACE = 3.0
"""Seconds that a server has to end by itself."""
KIB = 1024
LAST = 300
"""Characters of a server's output that are told where it fails."""


class ServerError(Exception):
    """A server that does not start, ends early, or answers otherwise than it must."""


@dataclass(frozen=True, slots=True)
class Cores:
    """Which core serves and which one sends; None where there is but one, or no taskset."""

    serving: int | None
    sending: int | None

    @classmethod
    def of_this_machine(cls) -> Cores:
        """The first and the last of those that this process may use."""
        if sys.platform == "linux" and shutil.which("taskset"):
            mine = sorted(os.sched_getaffinity(0))
            if len(mine) > 1:
                return cls(mine[0], mine[-1])
        return cls(None, None)


def pinned(command: Sequence[str], core: int | None) -> list[str]:
    """The command on this core alone; where the system can, it ends with this process."""
    ending = ["setpriv", "--pdeathsig", "KILL"]
    held = sys.platform == "linux" and shutil.which(ending[0])
    where = [] if core is None else ["taskset", "-c", str(core)]
    return [*(ending if held else []), *where, *command]


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers.

    Attributes:
        started: milliseconds from the start of its process to the first 200.
    """

    process: subprocess.Popen[bytes]
    port: int
    started: float

    def ask(
        self, wanted: Ask, number: int = 0, more: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Status and body of the answer, over a connection of its own."""
        with self.connected() as connection:
            return asked(connection, wanted, number, more)

    @contextmanager
    def connected(self) -> Iterator[http.client.HTTPConnection]:
        """A connection that is kept over several requests."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            yield connection
        finally:
            connection.close()

    def memory(self) -> float:
        """KiB that the process holds with all its children.

        That is the resident set of the largest of them, and of the others what they do not share.
        """
        listed = subprocess.run(
            ["ps", "-axo", "pid=,ppid=,rss="],  # noqa: S607 because it is found on PATH everywhere
            capture_output=True,
            text=True,
            check=True,
        )
        rows = [tuple(int(word) for word in line.split()) for line in listed.stdout.splitlines()]
        family = {self.process.pid}
        for pid, parent, _ in sorted(rows):
            if parent in family:
                family.add(pid)
        held = sorted((rss, pid) for pid, _, rss in rows if pid in family)
        return held[-1][0] + sum(_own(pid, rss) for rss, pid in held[:-1])


def _own(pid: int, rss: int) -> float:
    """What a process shares with no other where the system tells it, else its resident set."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return rss
    return sum(float(line.split()[1]) for line in lines if line.startswith("Private_"))


def asked(
    connection: http.client.HTTPConnection,
    wanted: Ask,
    number: int = 0,
    more: Mapping[str, str] | None = None,
) -> tuple[int, bytes]:
    """Status and body of the answer."""
    body = wanted.filled(number) if wanted.body else None
    connection.request(wanted.method, wanted.path, body, {**wanted.headers, **(more or {})})
    with connection.getresponse() as answer:
        return answer.status, answer.read()


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str],
    first: str,
    folder: Path,
    core: int | None = None,
    cache: str = "cache",
) -> Iterator[Running]:
    """A server that answers 200 at the path `first`; it is ended when the block is left.

    `{port}` in the command stands for the port. It is called every millisecond from its start.
    What it keeps from one start to the next goes below `folder`, so each run begins with nothing.

    Raises:
        ServerError: it ends, or does not answer in time.
    """
    port = free_port()
    words = pinned([word.replace("{port}", str(port)) for word in command], core)
    told = folder / f"log-{port}.txt"
    own = {k: v for k, v in os.environ.items() if not k.startswith(("OXEN_MOCK_", "NODE_"))}
    own["XDG_CACHE_HOME"] = str(folder / cache)
    with told.open("wb") as log:
        begun = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 because it runs the servers that are measured
            words,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=own,
            start_new_session=True,
        )
    try:
        while not _is_served(port, first):
            if process.poll() is not None or time.perf_counter() - begun > PATIENCE:
                last = told.read_text("utf-8", "replace").strip()[-LAST:]
                raise ServerError(f"no 200 from it at {first}: {last or 'it says nothing'}")
            time.sleep(PAUSE)
        yield Running(process, port, (time.perf_counter() - begun) * 1_000)
    finally:
        stop(process)


def _is_served(port: int, path: str) -> bool:
    """Whether a GET gets a 200 by now."""
    head = "".join(f"{name}: {value}\r\n" for name, value in TOKEN.items())
    sent = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{head}\r\n"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(sent.encode())
            return connection.recv(12) == b"HTTP/1.1 200"
    except OSError:
        return False


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started."""
    for sent in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sent)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
