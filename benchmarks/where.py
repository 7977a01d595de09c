"""Where the time of a request goes: a look, one that shows another figure, a create, a refusal.

    python benchmarks/where.py [--most 14]

Asked in this process, without a socket, past Flask. Told are the microseconds of the quickest of
many batches, and then, by cProfile, which functions take most by themselves; it makes all of them
slower, small ones most, so what it tells are shares.
"""
# ruff: noqa: INP001 because it is a program and no package

from __future__ import annotations

import argparse
import cProfile
import io
import json
import pstats
import re
import sys
import tempfile
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from peers.asked import RESTLESS
from peers.documents import write_fixtures

from mockserver import Settings
from mockserver.assemble import assemble, front_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIApplication

BELOW = "/api/repos/ox/cats/evaluations"
BATCHES, BATCH, PROFILED = 200, 50, 3_000
BODY = {
    "prompt": "Is this positive? {review}",
    "input_type": "text",
    "output_type": "text",
    "model_id": "41148aa1-906c-411c-b84b-847d980e8896",
    "target_column": "prediction",
}
ROOT = str(Path(__file__).resolve().parents[1])


class Asker:
    """A mock in this process, and the same requests as a server would hand them over."""

    def __init__(self, folder: Path, step: int) -> None:
        """Make a mock with these fixtures, in which each look comes so many nanoseconds later."""
        self.now, self.step, self.numbers = 0, step, count()
        mock = assemble(Settings(seed="7", fixtures=(folder,)), real=self._read)
        self.app: WSGIApplication = front_of(mock)
        self.now += 10**9

    def _read(self) -> int:
        return self.now

    def look(self) -> None:
        """Look at the evaluation of so many rows that any step shows another figure."""
        self.now += self.step
        self.ask("GET", f"{BELOW}/{RESTLESS}")

    def create(self) -> None:
        """Create another one."""
        more = {"prompt": f"Is this positive? {{review}} {next(self.numbers)}"}
        self.ask("POST", f"{BELOW}/main/a.parquet", BODY | more)

    def refuse(self) -> None:
        """Ask for one with a wrong word and without a prompt."""
        wrong = {**BODY, "input_type": f"smell {next(self.numbers)}"}
        del wrong["prompt"]
        self.ask("POST", f"{BELOW}/main/a.parquet", wrong, expected="400")

    def ask(self, method: str, path: str, body: Any = None, *, expected: str = "200") -> bytes:  # noqa: ANN401 any JSON
        """Ask, and have the answer that is expected."""
        raw = b"" if body is None else json.dumps(body).encode()
        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "SCRIPT_NAME": "", "QUERY_STRING": "",
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "127.0.0.1", "HTTP_AUTHORIZATION": "Bearer any-token",
            "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(raw), "wsgi.errors": sys.stderr,
        }  # fmt: skip
        if raw:
            environ |= {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(raw))}
        begun: list[str] = []

        def start(status: str, *_: object) -> Any:  # noqa: ANN401 as WSGI has it
            begun.append(status)

        told = b"".join(self.app(environ, start))
        if not begun[0].startswith(expected):
            raise SystemExit(f"expected {expected}, found {begun[0]}: {told!r}")
        return told


def quickest(ask: Callable[[], None]) -> float:
    """Microseconds a request in the quickest of the batches."""
    found = []
    for _ in range(BATCHES):
        begun = time.perf_counter()
        for _ in range(BATCH):
            ask()
        found.append((time.perf_counter() - begun) / BATCH * 1e6)
    return min(found)


def profile(ask: Callable[[], None], most: int) -> str:
    """The functions that take most by themselves, as a table."""
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(PROFILED):
        ask()
    profiler.disable()
    told = io.StringIO()
    pstats.Stats(profiler, stream=told).sort_stats("tottime").print_stats(most)
    lines = told.getvalue().splitlines()
    head = next(number for number, line in enumerate(lines) if "tottime" in line)
    short = (re.sub(r"\S*/(site-packages|python3\.\d+)/", "", one) for one in lines[head:])
    return "\n".join(line.replace(f"{ROOT}/", "").rstrip() for line in short if line.strip())


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--most", type=int, default=14, help="functions that are told of each")
    most = parser.parse_args().most
    with tempfile.TemporaryDirectory() as folder:
        write_fixtures(Path(folder))
        calm, restless = Asker(Path(folder), 0), Asker(Path(folder), 100_000)
    asks = {
        "a look": calm.look,
        "a look that shows another figure": restless.look,
        "a create": calm.create,
        "a refused create": calm.refuse,
    }
    for name, ask in asks.items():
        ask()  # the first one imports and compiles
        sys.stdout.write(f"{name}: {quickest(ask):.1f} microseconds\n\n{profile(ask, most)}\n\n")


if __name__ == "__main__":
    main()
