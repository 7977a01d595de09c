"""Commands about what was exercised, what was broken, and what is broken on purpose."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from mockserver.ctl.group import ctl
from mockserver.telling import wording
from mockserver.telling.report import report_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockserver.client import shapes
    from mockserver.ctl.session import Session

_FINDINGS = 1


@ctl.command()
@click.option("--all", "of_all", is_flag=True, help="Sum over all sandboxes, gone ones included.")
@click.pass_obj
def report(session: Session, of_all: bool) -> None:
    """Say what was exercised and what was broken.

    Ends with 1 where anything is broken, or an expectation did not come.
    """
    told = session.client().report(all=of_all)
    session.tell(told, report_lines(told))
    if not told["clean"]:
        sys.exit(_FINDINGS)


@ctl.command()
@click.pass_obj
def expectations(session: Session) -> None:
    """List what clients are expected to break."""
    told = session.client().expectations.list()
    session.tell(told, _table(told))


@ctl.command()
@click.argument("place")
@click.option("--operation", metavar="NAME", help="Of this operation.  [any]")
@click.option("--count", type=int, default=1, metavar="N", help="In how many requests.  [1]")
@click.pass_obj
def expect(session: Session, place: str, operation: str | None, count: int) -> None:
    """Say that a client breaks the contract on purpose.

    PLACE is as violations say it; * stands for anything.

    \b
    oxen-mock ctl expect "body /prompt"
    oxen-mock ctl expect "header Authorization" --operation get_evaluation --count 2
    """  # noqa: D301 because click reads \b as: keep these lines
    told = session.client().expectations.add(place, operation, count)
    session.tell(told, _table([told]))


@ctl.command()
@click.argument("id_", metavar="ID")
@click.pass_obj
def unexpect(session: Session, id_: str) -> None:
    """Take an expectation back."""
    session.client().expectations.delete(id_)
    session.tell({}, [f"{id_} is taken back"])


def _table(told: Sequence[shapes.Expectation]) -> Iterator[str]:
    rows = [
        (
            one["id"],
            f"{one['met']} of {one['count']}",
            wording.short(one["operation"]),
            one["place"],
        )
        for one in told
    ]
    yield from wording.table(("id", "came", "operation", "place"), rows)
