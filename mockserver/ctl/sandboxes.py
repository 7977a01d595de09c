"""Commands about sandboxes: made, deleted, reset, saved and put back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mockserver.ctl.group import ctl
from mockserver.ctl.session import json_of, tell
from mockserver.ctl.values import STANDARD, read_document, write_document
from mockserver.moods import MOODS
from mockserver.telling import wording

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockserver.client import Client, shapes
    from mockserver.ctl.session import Session


@ctl.command()
@click.pass_obj
def sandboxes(session: Session) -> None:
    """List the sandboxes."""
    told = list(session.client().sandboxes.list())
    session.tell(told, _table(told))


@ctl.group()
def sandbox() -> None:
    """Make, show or delete a sandbox by its name."""


@sandbox.command()
@click.argument("name")
@click.option("--seed", help="What ids are drawn from.")
@click.option("--epoch", metavar="INSTANT", help="Virtual time at its start.")
@click.option("--rate", type=float, help="Virtual seconds per real second; 0 is frozen.")
@click.option("--step/--no-step", default=None, help="Let each look move to the next change.")
@click.option("--mood", type=click.Choice(MOODS), help="Draw every answer.")
@click.pass_obj
def put(session: Session, /, name: str, **options: Any) -> None:  # noqa: ANN401 because click hands over what it parsed
    """Make a sandbox, or make it anew.

    What is not said is as the server was started.

    \b
    oxen-mock ctl sandbox put tests --rate 0 --seed 7 --epoch 2026-01-31T12:00:00Z
    """  # noqa: D301 because click reads \b as: keep these lines
    client = session.client()
    told = client.sandboxes.put(name, **options)
    session.tell(told, _lines(told, client.in_sandbox(name)))


@sandbox.command("show")
@click.argument("name")
@click.pass_obj
def show_one(session: Session, name: str) -> None:
    """Show a sandbox."""
    client = session.client()
    told = client.sandboxes.get(name)
    session.tell(told, _lines(told, client.in_sandbox(name)))


@sandbox.command("delete")
@click.argument("name")
@click.pass_obj
def delete_one(session: Session, name: str) -> None:
    """Delete a sandbox; its name is gone until it is put again."""
    session.client().sandboxes.delete(name)
    session.tell({}, [f"{name} is gone"])


@ctl.command()
@click.pass_obj
def reset(session: Session) -> None:
    """Start the sandbox anew, at the instant where it stands."""
    client = session.client()
    told = client.reset()
    session.tell(told, _lines(told, client))


@ctl.command()
@click.argument("file", default=STANDARD)
@click.pass_obj
def snapshot(session: Session, file: str) -> None:
    """Write the sandbox as a document.

    To FILE, over what is there, or to standard output.

    \b
    oxen-mock ctl --sandbox tests snapshot tests.json
    oxen-mock serve --restore tests.json
    """  # noqa: D301 because click reads \b as: keep these lines
    told = session.client().snapshot()
    if file == STANDARD:
        tell(json_of(told))
        return
    write_document(file, told)
    at, held = wording.instant(told["now"]), wording.counted(len(told["evaluations"]), "evaluation")
    tell(f"wrote {file}: the sandbox {told['name']} at {at}, with {held}")


@ctl.command()
@click.argument("file")
@click.pass_obj
def restore(session: Session, file: str) -> None:
    """Put the sandbox back to a snapshot.

    FILE holds it; - is standard input.
    """
    client = session.client()
    told = client.restore(read_document(file))
    session.tell(told, _lines(told, client))


def _table(told: Sequence[shapes.Sandbox]) -> Iterator[str]:
    headings = ("name", "now", "goes", "seed", "evaluations", "exchanges")
    rows = [
        (
            one["name"],
            wording.instant(one["now"]),
            wording.pace(one["rate"], step=one["step"]),
            one["seed"],
            one["evaluations"],
            one["exchanges"],
        )
        for one in told
    ]
    yield from wording.table(headings, rows)


def _lines(told: shapes.Sandbox, client: Client) -> Iterator[str]:
    yield from wording.facts(
        name=told["name"],
        url=told["url"],
        token=client.token,
        now=wording.instant(told["now"]),
        goes=wording.pace(told["rate"], step=told["step"]),
        seed=told["seed"],
        answers=f"drawn, {told['mood']}" if told["mood"] is not None else "as fixtures have it",
        evaluations=told["evaluations"],
        exchanges=told["exchanges"],
    )
