"""Commands about what was asked and answered."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from mockserver.ctl.group import ctl
from mockserver.ctl.session import tell
from mockserver.ctl.values import STANDARD, span, write_document
from mockserver.telling import wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import timedelta

    from mockserver.client import shapes
    from mockserver.client.journal import Journal
    from mockserver.ctl.session import Session

    Run = Callable[..., None]


def _wanted(command: Run) -> Run:
    """The options that say which exchanges are meant."""
    for option in (
        click.option("--after", type=int, metavar="CURSOR", help="Only those after this place."),
        click.option("--status-seen", metavar="STATUS", help="Whose answer showed this status."),
        click.option("--evaluation", metavar="ID", help="About this evaluation."),
        click.option("--operation", metavar="NAME", help="Of this operation."),
    ):
        command = option(command)
    return command


@ctl.command()
@_wanted
@click.option("--wait", metavar="SPAN", callback=span, help="Wait for one, at most 5s.")
@click.pass_obj
def journal(session: Session, /, wait: timedelta | None, **wanted: Any) -> None:  # noqa: ANN401 because click hands over what it parsed
    """Print the exchanges that are kept, the oldest first.

    \b
    oxen-mock ctl journal --status-seen committing
    oxen-mock ctl journal --operation get_evaluation --after 12 --wait 5s
    """  # noqa: D301 because click reads \b as: keep these lines
    told = _every_page(session.client().journal, wait, **wanted)
    session.tell(told, _lines(told))


@ctl.command()
@_wanted
@click.pass_obj
def watch(session: Session, /, **wanted: Any) -> None:  # noqa: ANN401 because click hands over what it parsed
    """Print each exchange as it comes, until Ctrl-C.

    With --after 0 those that are kept come first; with --json each is a line of JSON.

    \b
    oxen-mock ctl watch --operation get_evaluation --json
    """  # noqa: D301 because click reads \b as: keep these lines
    try:
        client = session.client()
        if wanted["after"] is None:
            wanted["after"] = client.journal.cursor()
        tell(f"watching {client.url} from {wanted['after']} on; Ctrl-C ends it", sys.stderr)
        for line in _coming(client.journal.pages(**wanted), as_json=session.as_json):
            tell(line)
    except KeyboardInterrupt:
        return
    except BrokenPipeError:
        # Whoever read it has seen enough; what the interpreter flushes at its end goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@ctl.command()
@click.argument("file", default=STANDARD)
@click.pass_obj
def har(session: Session, file: str) -> None:
    """Write the exchanges as an HTTP archive (HAR 1.2).

    To FILE, over what is there, or to standard output.
    """
    told = session.client().journal.har()
    if file == STANDARD:
        tell(json.dumps(told, indent=2))
        return
    write_document(file, told)
    tell(f"wrote {file}: {wording.counted(len(told['log']['entries']), 'exchange')}")


def _every_page(
    its: Journal,
    wait: timedelta | None,
    after: int | None,
    **wanted: Any,  # noqa: ANN401 the same
) -> shapes.JournalPage:
    """All the pages as one."""
    page = whole = its.find(after=after, wait=wait, **wanted)
    while page["exchanges"]:
        page = its.find(after=page["cursor"], **wanted)
        whole["exchanges"] += page["exchanges"]
    return {**whole, "cursor": page["cursor"]}


def _lines(told: shapes.JournalPage) -> Iterator[str]:
    if told["lost"]:
        yield "(those before were dropped to make room)"
    yield from map(wording.line_of, told["exchanges"]) if told["exchanges"] else ["none"]
    yield f"go on with --after {told['cursor']}"


def _coming(pages: Iterable[shapes.JournalPage], *, as_json: bool) -> Iterator[str]:
    for page in pages:
        if page["lost"] and not as_json:
            yield "(some were dropped to make room)"
        for exchange in page["exchanges"]:
            yield json.dumps(exchange) if as_json else wording.line_of(exchange)
