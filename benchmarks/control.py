"""How long the control API takes: 200 sandboxes with 10,000 evaluations, and one with as many.

    python benchmarks/control.py [thread] [granian] [--calls 200] [--profile]

One client asks one server over a socket, one call after the other; nothing else should run. The
bound is 5 ms at the median. What is over it is profiled with --profile: in this process, without
a socket. What a call needs is made beforehand and not counted.
"""
# ruff: noqa: INP001 because it is a program and no package

from __future__ import annotations

import argparse
import cProfile
import http.client
import io
import json
import os
import pstats
import re
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mockserver.assemble import create_app
from mockserver.server import ThreadServer
from mockserver.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Ask = Callable[[str, str, bytes | None], None]

KINDS = ("thread", "granian")
BOUND = 5.0
"""Milliseconds at the median."""
CALLS = 200
SANDBOXES = 200
EACH = 50
"""Evaluations of a sandbox, beside those of the fixtures."""
MANY = 10_000
"""Evaluations of the one sandbox that has so many."""
EXCHANGES = 1_000
"""What the journal of one sandbox holds, as many as a journal keeps."""
FAULTS = 100
EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
SMALL, LARGE, TOLD = "/sandbox/s{s}/_mock", "/sandbox/large/_mock", "/sandbox/told/_mock"
"""Below these a sandbox is steered: one of the 200 in turn, the large one, one with a past."""
SEED_PATH = "/api/repos/ox/cats/evaluations/d0c8585d-1234-5678-abcd-ef0123456789"
WANTED = {"operation": "get_evaluation", "status": "committing", "code": 503, "count": 1}
TOKEN = {"Authorization": "Bearer any-token"}
IS_JSON = {"Content-Type": "application/json"}
ID = "00000000-0000-8000-8000-{n:012}"
"""Of the evaluations that a snapshot here holds."""
FIRST = f"evaluations/{ID.format(n=0)}"
FURTHER: Mapping[str, object] = {"rows": 20, "evaluation": {"name": "Mine"}}


class UnexpectedAnswerError(Exception):
    """The server refuses what is measured here."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A request to measure; `{n}` in its path is the number of the call, `{s}` a sandbox.

    Attributes:
        before: a request that makes it possible, which is not counted.
        share: how many of the calls are enough, where it moves ten thousand evaluations.
    """

    name: str
    on: str
    method: str
    path: str
    body: object = None
    before: tuple[str, str, object] | None = None
    share: float = 1.0


def operations(few: object, many: object) -> tuple[Operation, ...]:
    """Everything that is measured, in an order in which all of it can be done.

    `few` and `many` are snapshots with so many evaluations.
    """
    new, own = "/_mock/sandboxes/new{n}", f"evaluations/{ID}"
    restored = ("POST", "/_mock/sandboxes/large/restore", many)
    return (
        Operation("get_health", "", "GET", "/_mock/health"),
        Operation("get_document", "oxen.json", "GET", "/_mock/openapi/oxen.json"),
        Operation("get_clock", "a small one", "GET", f"{SMALL}/clock"),
        Operation("put_clock", "a small one", "PUT", f"{SMALL}/clock", {"rate": 0}),
        Operation("get_evaluation", "of 10,000", "GET", f"{LARGE}/{own}"),
        Operation("list_evaluations", "page of 73", "GET", f"{SMALL}/evaluations"),
        Operation("list_evaluations", "first page of 100", "GET", f"{LARGE}/evaluations"),
        Operation("list_evaluations", "last pages", "GET", f"{LARGE}/evaluations?offset=9{{n:03}}"),
        Operation("cancel_evaluation", "of 10,000", "POST", f"{LARGE}/{own}/cancel", {}),
        Operation("set_outcome", "of 73", "POST", f"{SMALL}/{FIRST}/outcome", {}),
        Operation("delete_evaluation", "of 10,000", "DELETE", f"{LARGE}/{own}", {}),
        Operation("add_evaluation", "", "POST", f"{LARGE}/evaluations", {"fixture": "slow"}),
        Operation(
            "add_evaluation",
            "with overrides",
            "POST",
            f"{LARGE}/evaluations",
            {"fixture": "happy-path", "overrides": FURTHER},
        ),
        Operation("advance_clock", "next of 73", "POST", f"{SMALL}/clock/advance", {"to": "next"}),
        Operation(
            "advance_clock", "next of 10,000", "POST", f"{LARGE}/clock/advance", {"to": "next"}
        ),
        Operation("advance_clock", "by 1 s", "POST", f"{LARGE}/clock/advance", {"seconds": 1}),
        Operation("add_fault", "", "POST", f"{SMALL}/faults", WANTED),
        Operation("list_faults", "100 of them", "GET", f"{TOLD}/faults"),
        Operation("delete_fault", "", "DELETE", f"{SMALL}/faults/fault-1", {}),
        Operation("add_expectation", "", "POST", f"{SMALL}/expectations", {"place": "body"}),
        Operation("list_expectations", "100 of them", "GET", f"{TOLD}/expectations"),
        Operation("delete_expectation", "", "DELETE", f"{SMALL}/expectations/expectation-1", {}),
        Operation("get_journal", "page of 100", "GET", f"{TOLD}/journal?after=500"),
        Operation("get_journal", "the last one", "GET", f"{TOLD}/journal?after=999"),
        Operation("get_journal", "one of 1,000", "GET", f"{TOLD}/journal?status_seen=completed"),
        Operation("get_har", "1,000 exchanges", "GET", f"{TOLD}/journal.har", share=0.25),
        Operation("get_report", "one sandbox", "GET", f"{TOLD}/report"),
        Operation("get_report", "all sandboxes", "GET", "/_mock/report?all=true"),
        Operation("list_sandboxes", "page of 100", "GET", "/_mock/sandboxes?offset=50"),
        Operation("get_sandbox", "", "GET", "/_mock/sandboxes/s{s}"),
        Operation("put_sandbox", "as it comes", "PUT", new, {}),
        Operation("delete_sandbox", "", "DELETE", new, {}),
        Operation("put_sandbox", "snapshot of 73", "PUT", new, {"from": few}),
        Operation("take_snapshot", "of 73", "POST", f"{new}/snapshot", {}),
        Operation("restore_snapshot", "of 73", "POST", f"{new}/restore", few),
        Operation("reset", "a small one", "POST", f"{SMALL}/reset", {}),
        Operation(
            "take_snapshot", "of 10,000", "POST", "/_mock/sandboxes/large/snapshot", {}, share=0.05
        ),
        Operation("restore_snapshot", "of 10,000", *restored, share=0.05),
        Operation("reset", "of 10,000", "POST", f"{LARGE}/reset", {}, restored, share=0.05),
    )


def grown(snapshot: Mapping[str, Any], count: int) -> dict[str, Any]:
    """The snapshot with so many created evaluations, of which the first 1,000 have just begun."""
    evaluations = [*snapshot["evaluations"]]
    pattern = next(one for one in evaluations if one["fixture"] == "happy-path")
    for number in range(count):
        born = EPOCH - timedelta(milliseconds=0 if number < 1_000 else number * 7 % 40_000)  # noqa: PLR2004 as its sentence says
        own = {"id": ID.format(n=number), "scope": "ox/cats", "of_fixture": None}
        told = born.isoformat(timespec="microseconds").replace("+00:00", "Z")
        evaluations.append({**pattern, **own, "born": told, "weight": 1_500})
    return {**snapshot, "evaluations": evaluations}


# -- a server, and a client of it -------------------------------------------------------------


@contextmanager
def serving(kind: str) -> Iterator[str]:
    """The base URL of a server of this kind, alone on a port of its own."""
    if kind == "thread":
        with ThreadServer(create_app(Settings(epoch=EPOCH, speed=0, seed="bench"))) as server:
            yield server.url
        return
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--quiet"]
    command += ["--speed", "0", "--epoch", EPOCH.isoformat(), "--seed", "bench"]
    environ = {k: v for k, v in os.environ.items() if not k.startswith("OXEN_MOCK_")}
    with (
        tempfile.TemporaryDirectory() as nowhere,
        subprocess.Popen(  # noqa: S603 because it runs our own command line
            command, stdout=subprocess.PIPE, text=True, env=environ, cwd=nowhere
        ) as process,
    ):
        try:
            lines = (re.search(r"http://127\.0\.0\.1:\d+", line) for line in process.stdout or ())
            yield next(found for found in lines if found)[0]
        finally:
            process.terminate()


@contextmanager
def client(url: str) -> Iterator[Ask]:
    """What asks a server, over one connection that is kept."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)

    def ask(method: str, path: str, raw: bytes | None) -> None:
        connection.request(method, path, raw, {**TOKEN, **(IS_JSON if raw else {})})
        with connection.getresponse() as answer:
            _require(answer.status, method, path, answer.read())

    with closing(connection):
        yield ask


def _require(status: int, method: str, path: str, read: bytes) -> None:
    if status not in {200, 201}:
        raise UnexpectedAnswerError(f"{method} {path}: {status} {read[:300]!r}")


def encoded(body: object) -> bytes | None:
    """A body as it is sent."""
    return None if body is None else json.dumps(body).encode()


def populate(ask: Ask) -> tuple[Operation, ...]:
    """Make everything that is asked for, and say what is to be measured of it."""
    plain = plain_snapshot()
    few, many = grown(plain, EACH), grown(plain, MANY)
    for number in range(SANDBOXES):
        ask("PUT", f"/_mock/sandboxes/s{number}", encoded({"from": few}))
    ask("PUT", "/_mock/sandboxes/large", encoded({"from": many}))
    for _ in range(FAULTS):
        ask("POST", f"{TOLD}/faults", encoded({**WANTED, "nth": 1_000_000}))
        ask("POST", f"{TOLD}/expectations", encoded({"place": "body /none"}))
    for _ in range(EXCHANGES):
        ask("GET", f"/sandbox/told{SEED_PATH}", None)
    ask("POST", f"{TOLD}/clock/advance", encoded({"seconds": 60}))
    ask("GET", f"/sandbox/told{SEED_PATH}", None)
    return operations(few, many)


def plain_snapshot() -> dict[str, Any]:
    """A sandbox as a server starts with, as a document."""
    app = create_app(Settings(epoch=EPOCH, speed=0, seed="bench"))
    answer = app.test_client().post("/_mock/sandboxes/default/snapshot", json={})
    told: dict[str, Any] = answer.get_json()
    return told


# -- measuring --------------------------------------------------------------------------------


def measure(ask: Ask, operation: Operation, calls: int, prepare: Ask | None = None) -> list[float]:
    """Milliseconds of each call, in order; `prepare` asks what is not counted, if not `ask`."""
    took, raw = [], encoded(operation.body)
    before = (*operation.before[:2], encoded(operation.before[2])) if operation.before else None
    for number in range(max(2, round(calls * operation.share))):
        if before is not None:
            (prepare or ask)(*before)
        path = operation.path.format(n=number, s=number % SANDBOXES)
        started = time.perf_counter()
        ask(operation.method, path, raw)
        took.append((time.perf_counter() - started) * 1_000)
    return took


def run(kind: str, calls: int) -> tuple[Operation, ...]:
    """Measure one server, print the table, and say which operations are over the bound."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    say(f"\n{kind}, {os.cpu_count()} cores, load {load:.1f} before it began, {calls} calls\n")
    columns = f"{'calls':>5} {'median ms':>10} {'p95 ms':>9} {'most ms':>9}"
    say(f"  {'operation':<20} {'on':<20} {columns}")
    over = []
    with serving(kind) as url, client(url) as ask:
        for operation in populate(ask):
            took = measure(ask, operation, calls)
            median, p95 = (
                statistics.median(took),
                statistics.quantiles(took, n=20, method="inclusive")[-1],
            )
            verdict = "ok" if median <= BOUND else "over"
            row = f"{operation.name:<20} {operation.on:<20} {len(took):>5}"
            say(f"  {row} {median:>10.2f} {p95:>9.2f} {max(took):>9.2f}  {verdict}")
            if verdict == "over":
                over.append(operation)
    return tuple(over)


def profile(over: Sequence[Operation], calls: int) -> None:
    """Tell where the time of these goes, without a socket."""
    app = create_app(Settings(epoch=EPOCH, speed=0, seed="bench"))
    flask = app.test_client()

    def ask(method: str, path: str, raw: bytes | None) -> None:
        answer = flask.open(path, method=method, data=raw, headers={**TOKEN, **IS_JSON})
        _require(answer.status_code, method, path, answer.data)

    names = {(operation.name, operation.on) for operation in over}
    for operation in populate(ask):
        if (operation.name, operation.on) not in names:
            measure(ask, operation, calls)  # or what comes after it could not be done
            continue
        profiler = cProfile.Profile()
        took = measure(watched(ask, profiler), operation, calls, ask)
        say(f"\n{operation.name} on {operation.on}: {len(took)} calls, under the profiler")
        told = io.StringIO()
        stats = pstats.Stats(profiler, stream=told).strip_dirs()
        stats.sort_stats("cumulative").print_stats(30)
        stats.sort_stats("tottime").print_stats(8)
        say(told.getvalue())


def watched(ask: Ask, profiler: cProfile.Profile) -> Ask:
    """The same, under the profiler."""

    def watching(method: str, path: str, raw: bytes | None) -> None:
        with profiler:
            ask(method, path, raw)

    return watching


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Measure the servers that are named, or both."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("kinds", nargs="*", metavar="thread|granian", default=KINDS)
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--profile", action="store_true", help="tell where the time goes, too")
    told = parser.parse_args()
    over = {(one.name, one.on): one for kind in told.kinds for one in run(kind, told.calls)}
    if told.profile and over:
        profile([*over.values()], told.calls)


if __name__ == "__main__":
    main()
