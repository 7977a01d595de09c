"""How long a mock takes from nothing to its first answers, each time in a process of its own.

    python benchmarks/start.py [--runs 15] [--bound 300] [--uncached]

A process starts Python, imports the package, makes an app with its server, creates an evaluation of
the hub's and looks at it, over a socket. Told are the medians, of the CPU it took (all threads,
Python's own start among it) and of the time on the wall. The bound is on the CPU of the whole, in
milliseconds; what is over it ends the program with 1. Nothing else should run.

Modules are compiled before, and documents are in the cache, as they are wherever the package is
installed and has been started once. How long a start takes without the latter, `--uncached` tells.

With `--profile` it tells instead which imports take longest, as `python -X importtime` sees them.
"""
# ruff: noqa: INP001 because it is a program and no package

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

RUNS = 15
BOUND = 300.0
"""Milliseconds of CPU at the median, from the start of the process to its end."""
_UNWANTED = {"PYTHONDONTWRITEBYTECODE", "PYTHONPROFILEIMPORTTIME"}
MOST = 25
"""Imports that are told."""

STEPS = ("python", "imports", "app", "server", "create", "get")
WATCHED = ("openapi_core", "jsonschema", "jsonpath_rfc9535", "jsonschema_rs")
"""Libraries of which it is told whether they were imported."""

ONE = """
import json, sys, time
marks = [(0.0, begun), (time.process_time(), time.time())]
def mark():
    marks.append((time.process_time(), time.time()))
from mockserver import Settings, ThreadServer, create_app
mark()
app = create_app(Settings(speed=0))
mark()
with ThreadServer(app) as server:
    import http.client
    from urllib.parse import urlsplit
    parts = urlsplit(server.url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    mark()
    def ask(method, path, body=None):
        headers = {"Authorization": "Bearer any-token", "Content-Type": "application/json"}
        connection.request(method, "/api/repos/ox/cats/evaluations/" + path, body, headers)
        with connection.getresponse() as answer:
            told = json.loads(answer.read())
            if answer.status != 200:
                raise SystemExit(f"{method} {path}: {answer.status} {told}")
            return told["evaluation"]
    mine = ask("POST", "main/data/reviews.parquet", json.dumps({
        "prompt": "Is this positive? {review}", "input_type": "text", "output_type": "text",
        "model_id": "41148aa1-906c-411c-b84b-847d980e8896", "target_column": "prediction",
    }))
    mark()
    ask("GET", mine["id"])
    mark()
    connection.close()
print(json.dumps({"marks": marks, "imported": [name for name in watched if name in sys.modules]}))
"""


def environment(folder: str, *, cached: bool = True) -> dict[str, str]:
    """Where bytecode and the cache are written into this folder, whatever is set."""
    known = {name: value for name, value in os.environ.items() if name not in _UNWANTED}
    where = f"{folder}/cache" if cached else "off"
    return {**known, "PYTHONPYCACHEPREFIX": f"{folder}/bytecode", "OXEN_MOCK_CACHE": where}


def once(folder: str, *, cached: bool) -> tuple[list[tuple[float, float]], list[str]]:
    """CPU and wall seconds at the end of each step, and the watched libraries it imported."""
    code = f"begun = {time.time()!r}\nwatched = {WATCHED!r}\n{ONE}"
    command = [sys.executable, "-c", code]
    done = subprocess.run(  # noqa: S603 because it runs our own package
        command,
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment(folder, cached=cached),
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    told = json.loads(done.stdout)
    return told["marks"], told["imported"]


def run(runs: int, bound: float, *, cached: bool) -> bool:
    """Measure, print the table, and say whether the whole stays within the bound."""
    with tempfile.TemporaryDirectory() as nowhere:
        once(nowhere, cached=cached)  # so that bytecode and cache are there
        found = [once(nowhere, cached=cached) for _ in range(runs)]
    say(f"{runs} processes, Python {sys.version.split()[0]}, median milliseconds\n")
    say(f"  {'step':<10} {'CPU':>8} {'wall':>8}")
    for number, step in enumerate(STEPS):
        say(f"  {step:<10} {_spent(found, number, 0):>8.1f} {_spent(found, number, 1):>8.1f}")
    whole = statistics.median(marks[-1][0] - marks[0][0] for marks, _ in found) * 1_000
    wall = statistics.median(marks[-1][1] - marks[0][1] for marks, _ in found) * 1_000
    say(f"  {'in all':<10} {whole:>8.1f} {wall:>8.1f}  {'ok' if whole <= bound else 'over'}")
    say(f"\nimported on the way: {', '.join(found[0][1]) or 'none'} of {', '.join(WATCHED)}")
    return whole <= bound


def _spent(
    found: list[tuple[list[tuple[float, float]], list[str]]], number: int, kind: int
) -> float:
    """The median of what a step took, in milliseconds; of kind 0 is the CPU, of 1 the wall."""
    took = (marks[number + 1][kind] - marks[number][kind] for marks, _ in found)
    return statistics.median(took) * 1_000


def profile() -> None:
    """Tell the imports that take longest by themselves."""
    code = "from mockserver import Settings, ThreadServer, create_app"
    command = [sys.executable, "-X", "importtime", "-c", code]
    with tempfile.TemporaryDirectory() as nowhere:
        for _ in range(2):  # the second time they are compiled
            done = subprocess.run(  # noqa: S603 because it runs our own package
                command,
                capture_output=True,
                text=True,
                cwd=nowhere,
                env=environment(nowhere),
                check=True,
            )
    rows = re.findall(r"import time:\s+(\d+) \|\s+(\d+) \|\s+(\S+)", done.stderr)
    say(f"  {'own ms':>8} {'all ms':>8}  module")
    for own, whole, name in sorted(rows, key=lambda row: -int(row[0]))[:MOST]:
        say(f"  {int(own) / 1_000:>8.1f} {int(whole) / 1_000:>8.1f}  {name}")


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Measure, or tell where the imports' time goes."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--bound", type=float, default=BOUND, help="milliseconds of CPU")
    parser.add_argument("--profile", action="store_true", help="tell the longest imports instead")
    parser.add_argument("--uncached", action="store_true", help="read every document anew")
    told = parser.parse_args()
    if told.profile:
        profile()
    elif not run(told.runs, told.bound, cached=not told.uncached):
        sys.exit(1)


if __name__ == "__main__":
    main()
