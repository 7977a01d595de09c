"""A command with a server of its own, from its start to the verdict."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from mockserver.assemble import assemble, front_of
from mockserver.control.report import report_on_all
from mockserver.core.dataclass import dataclass
from mockserver.core.errors import MockserverError
from mockserver.core.plain import plain
from mockserver.running.command import run_to_end
from mockserver.running.variables import Facts, variables
from mockserver.server import ThreadServer, claim
from mockserver.telling.report import report_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mockserver.assemble import Mock
    from mockserver.client import shapes
    from mockserver.core.exchange import Exchange
    from mockserver.running.artifacts import Artifacts
    from mockserver.settings import Settings

BROKEN = 1
"""How it ends where the command is content and the contract is not."""
UNKEPT = 2
"""How it ends where everybody is content, and what was to be kept could not be written."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be run, and what for.

    Attributes:
        words: the command, as `find` has found it.
        templates: of the variables that it asks for, by name.
        artifacts: where to keep what there is to keep.
        allow_violations: whether a broken contract is no reason to fail.
    """

    words: Sequence[str]
    templates: Mapping[str, str]
    artifacts: Artifacts | None
    allow_violations: bool


@dataclass(frozen=True, slots=True)
class Run:
    """What there is once the command has ended and nobody can ask any more.

    Attributes:
        code: the command's own, as shells tell it.
        seconds: how long it took, in real ones.
    """

    mock: Mock
    facts: Facts
    code: int
    seconds: float

    def report(self) -> shapes.Report:
        """The report over all sandboxes."""
        return cast("shapes.Report", report_on_all(self.mock.engine.sandboxes))


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended.

    Attributes:
        code: the command's own, or where that is 0 what else went wrong.
        lines: what there is to say, for a person.
    """

    code: int
    lines: tuple[str, ...]


def run(
    settings: Settings, wanted: Wanted, listeners: Sequence[Callable[[Exchange], None]]
) -> Ended:
    """Run the command while a server listens, and tell what was exercised and broken.

    Raises:
        MockserverError: nothing can be served, or the command cannot be started.
    """
    ran = _ran(settings, wanted, listeners)
    report, code = ran.report(), ran.code
    lines = ["", *_heading(wanted, ran)]
    if wanted.artifacts is not None:
        try:
            wanted.artifacts.keep(ran, report)
            lines.append(f"oxen-mock: kept in {wanted.artifacts.folder}")
        except MockserverError as error:
            lines += f"oxen-mock: {error}".split("\n")
            code = code or UNKEPT
    lines += ["", *report_lines(report), *_remarks(wanted, ran, report)]
    if not (report["clean"] or wanted.allow_violations):
        code = code or BROKEN
    return Ended(code, tuple(map(plain, lines)))


def _ran(
    settings: Settings, wanted: Wanted, listeners: Sequence[Callable[[Exchange], None]]
) -> Run:
    address, holder = claim(settings.host, settings.port)
    if holder is not None:
        holder.close()
    mock = assemble(replace(settings, host=address.host), listeners=listeners)
    # In this process, so that no worker has to be found and ended whatever becomes of us. Of 1, 20
    # and 200 clients at once it answers as many a second as granian's worker, or more; of the 200
    # the slowest wait longer here.
    with ThreadServer(front_of(mock), address.host, settings.port) as server:
        facts = _facts(mock, server.url)
        ours = variables(facts, wanted.templates, settings.control_token)
        started = time.monotonic()
        code = run_to_end(wanted.words, {**os.environ, **ours})
        return Run(mock, facts, code, time.monotonic() - started)


def _facts(mock: Mock, root: str) -> Facts:
    parts, settings = urlsplit(root), mock.settings
    return Facts(
        url=root + settings.prefix,
        host=str(parts.hostname),
        port=int(parts.port or 0),
        token=settings.tokens[0] if settings.tokens else "any-token",
        seed=mock.engine.sandbox.seed,
    )


def _heading(wanted: Wanted, ran: Run) -> Iterator[str]:
    for violation in ran.mock.notes:
        yield f"oxen-mock: note: {violation}"
    name = Path(wanted.words[0]).name
    yield f"oxen-mock: {name} ended with {ran.code}; the seed was {ran.facts.seed}"


def _remarks(wanted: Wanted, ran: Run, report: shapes.Report) -> Iterator[str]:
    """What may not be plain from the verdict."""
    if not report["requests"]:
        yield "nobody asked: does the command call OXEN_BASE_URL, or what --env NAME={url} sets?"
    if not report["clean"] and wanted.allow_violations:
        yield "allowed by --allow-violations"
    elif not report["clean"] and not ran.code:
        yield "so it ends with 1: expect what is meant (/_mock/expectations), or --allow-violations"
