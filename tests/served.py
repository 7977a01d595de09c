"""A server started as its users start it, as a process of its own, with what it prints."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

PATIENCE = 20.0
"""Seconds until a test gives up on a process; a loaded machine needs a few to start one."""

HERE = (sys.executable, "-m", "mockserver")
SEED_PATH = "/api/repos/ox/cats/evaluations/d0c8585d-1234-5678-abcd-ef0123456789"
CREATE_PATH = "/api/repos/ox/cats/evaluations/main/data/cats.parquet"
CREATE_BODY = {
    "input_type": "text",
    "output_type": "text",
    "model_id": "123e4567-e89b-12d3-a456-426614174000",
    "target_column": "answer",
    "name": "Cats",
    "prompt": "Is this a cat? {picture}",
}
_BANNER = re.compile(r"^  (http://\S+)   \(virtual time (\S+), (.+), seed (\S*)\)$")


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without what would steer the command, and with this."""
    steering = ("OXEN_MOCK_", "HTTP_", "NO_COLOR", "PYTHONIOENCODING", "PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(steering)}
    return {**kept, "PYTHONUTF8": "1", **more}


def until(holds: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Wait, not for ever, until this holds."""
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, f"not within {seconds:g} s: {what}"
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 JSON is whatever was sent
        return json.loads(self.body)


class Served:
    """`oxen-mock serve` in a process, from the first line it prints until it is stopped."""

    def __init__(
        self,
        *flags: str,
        cwd: Path,
        command: Sequence[str] = HERE,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start it on a free port and wait for its banner."""
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [*command, "serve", "--port", "0", *flags],
            cwd=cwd,
            env=dict(environment or clean_environment()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        banner = self.wait_for(_BANNER.match)
        match = _BANNER.match(banner)
        assert match is not None
        self.url, self.virtual_time, self.pace, self.seed = match.groups()
        self.port = urlsplit(self.url).port or 0

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    @property
    def log(self) -> list[str]:
        """The lines of requests."""
        return [line for line in self.lines if re.match(r"\d\d:\d\d:\d\d\.\d{3} ", line)]

    def wait_for(self, wanted: Callable[[str], object]) -> str:
        """The first line of which this is true, once it is printed."""

        def told() -> str | None:
            return next((line for line in [*self.lines] if wanted(line)), None)

        def settled() -> bool:
            return told() is not None or not self._reader.is_alive()

        until(settled, f"such a line in what was printed:\n{self.output}")
        found = told()
        assert found is not None, f"ended without such a line:\n{self.output}"
        return found

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask once, with a token unless the headers say otherwise; nothing is tried again."""
        sent = {"Authorization": "Bearer any-token"} if headers is None else dict(headers)
        raw = None
        if body is not None:
            raw = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, raw, sent)
            response = connection.getresponse()
            headers_seen = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, headers_seen, response.read())
        finally:
            connection.close()

    def create(self) -> str:
        """The path of a newly created evaluation."""
        answer = self.ask(CREATE_PATH, method="POST", body=CREATE_BODY)
        assert answer.status == 200, answer.body
        created: str = answer.json["evaluation"]["id"]
        return f"/api/repos/ox/cats/evaluations/{created}"

    def stop(self) -> int:
        """End it, at the latest by force, and read the rest of what it printed."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(PATIENCE)
        finally:
            self._reader.join(PATIENCE)
            if self.process.stdout is not None:
                self.process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()
