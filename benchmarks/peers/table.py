"""What was found, as Markdown."""

from __future__ import annotations

import platform
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from peers.figures import Spread
from peers.verifying import LOOKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from peers.figures import Alone, Row
    from peers.plans import Plan
    from peers.processes import Cores
    from peers.targets import Target

HEAD = (
    "server",
    "cold start ms",
    "GET req/s",
    "p50 / p99 ms",
    "POST req/s",
    "POST refused req/s",
    "memory MB",
    "checks request / answer",
    f"different answers of {LOOKS}",
    "note",
)
TEN = 10
NAMES = {
    "evaluations, few": ("GET among ten evaluations", "req/s"),
    "evaluations, many": ("GET among ten of many evaluations", "req/s"),
    "evaluations, in turn": ("GET among a thousand of them in turn", "req/s"),
    "evaluations": ("that many", "evaluations"),
    "bytes an evaluation": ("memory of an evaluation", "bytes"),
    "sandboxes, one": ("GET in the one sandbox", "req/s"),
    "sandboxes, many": ("GET in one of many sandboxes", "req/s"),
    "sandboxes, in turn": ("GET in fifty of them in turn", "req/s"),
    "KB a sandbox": ("memory of a sandbox, as it comes", "KiB"),
    "paths, 2": ("GET with the bundled document", "req/s"),
    "paths, 32": ("GET with a document of 32 paths", "req/s"),
    "paths, 500": ("GET with a document of 500 paths", "req/s"),
    "start, 2 paths": ("cold start with the bundled document", "ms"),
    "start, 32 paths": ("cold start with 32 paths", "ms"),
    "start, 500 paths": ("cold start with 500 paths", "ms"),
    "first start, 2 paths": ("the very first start, with nothing kept by an earlier one", "ms"),
    "first start, 32 paths": ("the very first one with 32 paths", "ms"),
    "first start, 500 paths": ("the very first one with 500 paths", "ms"),
    "import": ("`import mockserver`", "ms"),
    "pytest without": ("CPU of pytest over one empty test, without the plugin", "ms"),
    "pytest with": ("the same with the plugin", "ms"),
    "plugin": ("the difference, pair by pair", "ms"),
    "in process, short": ("GET in process, the short way", "µs"),
    "in process, flask": ("GET in process, through Flask", "µs"),
    "in process, bare flask": ("Flask's own ready-made bytes in process", "µs"),
    "in process, different": ("different answers among these", "%"),
}
"""What each figure of the mock alone is called."""


def report(
    rows: Sequence[Row], alone: Alone, reached: Sequence[Target], heading: Iterable[str]
) -> str:
    """Everything, as one document."""
    parts = [" \\\n".join(heading), _grid(HEAD, (_row(row) for row in rows if row.loads))]
    parts += _failures(rows, alone)
    parts += [_journal(row) for row in rows if row.journaled[1]]
    if alone.values:
        parts.append(_grid(("the mock alone", "median (from - to)"), _own(alone)))
    lines = ((t.about, _wanted(t), _found(t), t.verdict()) for t in reached)
    parts.append(_grid(("target", "wanted", "found", ""), lines))
    return "\n\n".join(parts) + "\n"


def _journal(row: Row) -> str:
    different, kept = row.journaled
    title = row.server.title.replace("*", "")
    return (
        f"{title}: of the last {kept} answers to GET in its journal {different} are different. "
        "Its report counted every request, and no answer that broke a rule."
    )


def heading(plan: Plan, load: str, cores: Cores) -> Iterator[str]:
    """When, where and how it was measured."""
    kind = next(iter(_lines_of("/proc/cpuinfo", "model name")), platform.processor() or "unknown")
    versions = [f"Python {platform.python_version()}"]
    versions += [f"Node.js {found}" for found in _said("node", "--version")]
    versions += _said("java", "-version")[:1]
    yield f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {kind}, {platform.system()}"
    yield ", ".join(versions)
    where = "on shared cores"
    if cores.serving is not None:
        where = "the server on one core, the load on another"
    yield (
        f"{load}, {where}; medians (from - to) of {plan.rounds} rounds of {plan.seconds} s for "
        f"GET and {plan.fewer} for POST, servers in turn; cold starts: {plan.starts}"
    )


def _row(row: Row) -> Iterator[str]:
    loads = row.loads.get("get", ())
    yield f"{row.server.title} {row.version}".strip()
    yield spread(row.cold)
    yield spread(row.rates("get"))
    middle = (Spread.of(load.p50 / 1_000 for load in loads).median if loads else None, _tail(row))
    yield " / ".join("-" if one is None else number(one) for one in middle)
    yield spread(row.rates("create"))
    yield spread(row.rates("refused"))
    yield number(row.memory)
    yield _checks(row)
    yield str(row.verified.moving) if row.verified else "-"
    yield row.server.note


def _tail(row: Row) -> float | None:
    loads = row.loads.get("get", ())
    return Spread.of(load.p99 / 1_000 for load in loads).median if loads else None


def _checks(row: Row) -> str:
    if row.verified is None:
        return "-"
    seen = row.verified.checks
    asked = "yes" if {"token", "body"} <= seen else ", ".join(sorted(seen - {"answer"})) or "no"
    return f"{asked if asked in {'yes', 'no'} else f'{asked} only'} / {_yes('answer' in seen)}"


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"


def _failures(rows: Sequence[Row], alone: Alone) -> Iterator[str]:
    failed = [f"- {row.server.title}: {row.problem}" for row in rows if row.problem]
    for name, why in alone.problems.items():
        failed.append(f"- the mock alone, {name}: {' '.join(why.split())}")
    if failed:
        yield "Not measured, or no further:\n\n" + "\n".join(line[:500] for line in failed)


def _own(alone: Alone) -> Iterator[tuple[str, str]]:
    for name, (title, unit) in NAMES.items():
        if name in alone.values:
            yield title, f"{spread(alone.values[name])} {unit}"


def _wanted(target: Target) -> str:
    word = "at least" if target.least else "at most"
    return f"{word} {number(target.bound)} {target.unit}"


def _found(target: Target) -> str:
    return "-" if target.found is None else f"{number(target.found)} {target.unit}"


def spread(values: Sequence[float]) -> str:
    """Median, least and most."""
    if not values:
        return "-"
    found = Spread.of(values)
    if len(values) == 1:
        return number(found.median)
    return f"{number(found.median)} ({number(found.low)} - {number(found.high)})"


def number(value: float) -> str:
    """As many digits as say something."""
    if abs(value) >= TEN * TEN:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= TEN else f"{value:.2f}"


def _grid(head: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def _lines_of(file: str, name: str) -> Iterator[str]:
    try:
        text = Path(file).read_text("utf-8")
    except OSError:
        return
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            yield value.strip()


def _said(program: str, flag: str) -> list[str]:
    """What a program says of its version; nothing where there is none."""
    if not (found := shutil.which(program)):
        return []
    done = subprocess.run([found, flag], capture_output=True, text=True, check=False)  # noqa: S603 because it asks for a version
    return (done.stdout or done.stderr).strip().splitlines()
