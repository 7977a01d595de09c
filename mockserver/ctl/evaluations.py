"""Commands about evaluations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mockserver.ctl.group import ctl
from mockserver.ctl.values import pairs
from mockserver.telling import wording

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockserver.client import Client, shapes
    from mockserver.ctl.session import Session


@ctl.command()
@click.pass_obj
def evaluations(session: Session) -> None:
    """List the evaluations, those of the fixtures first."""
    client = session.client()
    now = client.clock.get()["now"]
    told = list(client.evaluations.list())
    session.tell(told, _table(told, now))


@ctl.command()
@click.argument("fixture")
@click.argument("overrides", nargs=-1, metavar="[NAME=VALUE]...")
@click.pass_obj
def add(session: Session, fixture: str, overrides: tuple[str, ...]) -> None:
    """Add an evaluation that lives as a fixture does, created now.

    What is different from the fixture is said in the words of a fixture file, with dots for
    what stands within another. A value is JSON where it is any, else a text.

    \b
    oxen-mock ctl add happy-path
    oxen-mock ctl add happy-path rows=20 repository=ox/cats evaluation.name=Cats
    oxen-mock ctl add nugen/happy-path 'phases=[{"waiting": "5s"}, "failed"]'
    """  # noqa: D301 because click reads \b as: keep these lines
    client = session.client()
    _tell(session, client, client.evaluations.add(fixture, **pairs(overrides)))


@ctl.command()
@click.argument("id_", metavar="ID")
@click.pass_obj
def show(session: Session, id_: str) -> None:
    """Show an evaluation with its whole life."""
    client = session.client()
    _tell(session, client, client.evaluations.get(id_))


@ctl.command()
@click.argument("id_", metavar="ID")
@click.pass_obj
def cancel(session: Session, id_: str) -> None:
    """Cancel an evaluation now."""
    client = session.client()
    _tell(session, client, client.evaluations.cancel(id_))


@ctl.command()
@click.argument("id_", metavar="ID")
@click.option("--at-row", type=int, metavar="N", help="The last row that is done.  [fails now]")
@click.option("--message", metavar="TEXT", help="What its error message says.")
@click.pass_obj
def fail(session: Session, id_: str, at_row: int | None, message: str | None) -> None:
    """Let an evaluation fail, now or at a row."""
    client = session.client()
    _tell(session, client, client.evaluations.fail(id_, at_row, message))


@ctl.command()
@click.argument("id_", metavar="ID")
@click.pass_obj
def delete(session: Session, id_: str) -> None:
    """Forget an evaluation."""
    session.client().evaluations.delete(id_)
    session.tell({}, [f"{id_} is forgotten"])


def _table(told: Sequence[shapes.Evaluation], now: str) -> Iterator[str]:
    headings = ("id", "status", "next change", "fixture", "repository")
    rows = [
        (one["id"], one["status"], _next(one, now), _fixture(one), one["repository"])
        for one in told
    ]
    yield from wording.table(headings, rows)


def _next(one: shapes.Evaluation, now: str) -> str | None:
    change = one["next_change"]
    return change and f"{change['status']} {wording.distance(change['at'], now)}"


def _fixture(one: shapes.Evaluation) -> str:
    return f"{one['api']}/{one['fixture']}"


def _tell(session: Session, client: Client, told: shapes.EvaluationDetail) -> None:
    session.tell(told, _life(told, "" if session.as_json else client.clock.get()["now"]))


def _life(told: shapes.EvaluationDetail, now: str) -> Iterator[str]:
    done = told["progress"]
    status = told["status"] or "not created yet"
    yield from wording.facts(
        id=told["id"],
        status=f"{status}, {done['processed']} of {done['total']} done",
        fixture=_fixture(told),
        repository=told["repository"],
        url=told["url"],
    )
    yield ""
    rows = [
        (change["status"], wording.instant(change["at"]), wording.distance(change["at"], now))
        for change in told["changes"]
    ]
    yield from wording.table(("becomes", "at", ""), rows)
