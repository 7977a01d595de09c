"""How long `oxen-mock serve` takes from nothing to its first answer, by documents of any size.

    python benchmarks/serve.py [--runs 15] [--bound 300] [--paths 32 500]

A process starts `oxen-mock serve`, as it comes and by documents of so many paths, and is asked for
an evaluation every millisecond until it answers with 200. Told are the medians of the time on the
wall, and how many times that of the bundled document a document takes. What is over its bound
ends the program with 1: in milliseconds as it comes, twice that by up to 32 paths, four times by
more. The starts take turns, and nothing else should run.

Modules are compiled and documents in the cache before, as after any first start; how long that
one takes is told too.
"""
# ruff: noqa: INP001 because it is a program and no package

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from start import environment, say

from mockserver.loading import spec_text
from mockserver.source import read_document

RUNS = 15
BOUND = 300.0
"""Milliseconds until the first answer, at the median, by the bundled document."""
FEW = 32
"""Paths of a document that may take twice as long; a larger one may take four times as long."""
PATIENCE = 300.0
"""Seconds until a start is given up."""

SEEN = "/api/repos/ox/cats/evaluations/d0c8585d-1234-5678-abcd-ef0123456789"
RUN = "import sys; from mockserver.cli import main; sys.argv[0] = 'oxen-mock'; main()"


def grown(paths: int) -> dict[str, Any]:
    """The bundled document with further paths, each with operations and schemas of its own."""
    whole: Any = read_document(spec_text("oxen.yaml"), "oxen.yaml")
    first, schemas = dict(whole["paths"]), dict(whole["components"]["schemas"])
    number = 0
    while len(whole["paths"]) < paths:
        number += 1
        told = json.dumps({"paths": first, "schemas": schemas})
        for name in schemas:
            told = told.replace(f'schemas/{name}"', f'schemas/{name}{number}"')
        more = json.loads(told)
        for path, item in more["paths"].items():
            for operation in item.values():
                operation["operationId"] += str(number)
            whole["paths"][path.replace("/evaluations/", f"/things{number}/")] = item
        named = {f"{name}{number}": schema for name, schema in more["schemas"].items()}
        whole["components"]["schemas"] |= named
    return whole


def once(folder: str, flags: list[str]) -> float:
    """Milliseconds from the start of the process to its first answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-c", RUN, "serve", "--port", str(port), "--quiet", *flags]
    begun = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 because it runs our own package
        command, env=environment(folder), cwd=folder, stdout=subprocess.DEVNULL
    )
    try:
        while not answers(port):
            if process.poll() is not None or time.perf_counter() - begun > PATIENCE:
                raise SystemExit(f"it serves nothing: {' '.join(command)}")
            time.sleep(0.001)
        return (time.perf_counter() - begun) * 1_000
    finally:
        process.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
        process.wait()


def answers(port: int) -> bool:
    """Whether an evaluation can be looked at; another status than 200 ends the program."""
    asked = f"GET {SEEN} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer t\r\n"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(f"{asked}Connection: close\r\n\r\n".encode())
            told = connection.recv(12)
    except OSError:
        return False
    if told and not told.endswith(b" 200"):
        raise SystemExit(f"an answer other than 200: {told!r}")
    return bool(told)


def run(runs: int, bound: float, sizes: list[int]) -> bool:
    """Measure, print the table, and say whether everything stays within its bound."""
    with tempfile.TemporaryDirectory() as folder:
        asked = {"as it comes": [], **{f"{n} paths": ["--spec", f"{n}.json"] for n in sizes}}
        for paths in sizes:
            Path(folder, f"{paths}.json").write_text(json.dumps(grown(paths)), "utf-8")
        once(folder, [])  # so that the bytecode is there
        first = {name: once(folder, flags) for name, flags in asked.items()}
        found: dict[str, list[float]] = {name: [] for name in asked}
        for _ in range(runs):
            for name, flags in asked.items():
                found[name].append(once(folder, flags))
    say(f"{runs} starts each, Python {sys.version.split()[0]}, milliseconds to the first answer\n")
    say(f"  {'document':<12} {'median':>8} {'times':>6} {'first start':>12}")
    medians = {name: statistics.median(took) for name, took in found.items()}
    own, good = medians["as it comes"], True
    for (name, took), paths in zip(medians.items(), [0, *sizes], strict=True):
        most = bound if not paths else own * (2 if paths <= FEW else 4)
        good &= took <= most
        verdict = "ok" if took <= most else "over"
        say(f"  {name:<12} {took:>8.0f} {took / own:>6.1f} {first[name]:>12.0f}  {verdict}")
    return good


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--bound", type=float, default=BOUND, help="milliseconds, as it comes")
    parser.add_argument("--paths", type=int, nargs="*", default=[2, FEW, 500])
    told = parser.parse_args()
    if not run(told.runs, told.bound, told.paths):
        sys.exit(1)


if __name__ == "__main__":
    main()
