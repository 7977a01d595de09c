"""Commands about time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mockserver.ctl.group import ctl
from mockserver.ctl.values import span
from mockserver.telling import wording

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from mockserver.client import shapes
    from mockserver.ctl.session import Session


@ctl.command()
@click.pass_obj
def health(session: Session) -> None:
    """Say whether the server answers.

    Ends with 2 where it does not, or not within 5 s: a check for a container.
    """
    client = session.client(timeout=5.0)
    told = client.health()
    at = wording.instant(told["now"])
    session.tell(told, [f"{client.url} answers: {', '.join(told['apis'])}, at {at}"])


@ctl.command()
@click.option("--rate", type=float, help="Virtual seconds per real second.")
@click.option("--frozen", is_flag=True, help="Let virtual time stand still: --rate 0.")
@click.option("--step/--no-step", default=None, help="Let each look move it to the next change.")
@click.pass_obj
def clock(session: Session, rate: float | None, frozen: bool, step: bool | None) -> None:
    """Show the clock, or change how it goes.

    \b
    oxen-mock ctl clock
    oxen-mock ctl clock --rate 60
    oxen-mock ctl clock --frozen --step
    """  # noqa: D301 because click reads \b as: keep these lines
    if frozen and rate is not None:
        raise click.UsageError("--frozen is --rate 0: give one of the two")
    rate = 0.0 if frozen else rate
    its = session.client().clock
    told = its.get() if rate is None and step is None else its.set(rate, step)
    session.tell(told, _lines(told))


@ctl.command()
@click.argument("by", metavar="[SPAN]", required=False, callback=span)
@click.option("--next", "to_next", is_flag=True, help="To the next change of status.")
@click.option("--id", "of", metavar="ID", help="With --next: of this evaluation.")
@click.option(
    "--until", nargs=2, metavar="ID STATUS", help="To where an evaluation has this status."
)
@click.pass_obj
def advance(
    session: Session,
    by: timedelta | None,
    to_next: bool,
    of: str | None,
    until: tuple[str, str] | None,
) -> None:
    """Move virtual time on.

    \b
    oxen-mock ctl advance 1m30s
    oxen-mock ctl advance --next
    oxen-mock ctl advance --until d0c8585d-1234-5678-abcd-ef0123456789 committing
    """  # noqa: D301 because click reads \b as: keep these lines
    if [by is not None, to_next, until is not None].count(True) != 1:
        raise click.UsageError("give one of SPAN, --next and --until")
    if of is not None and not to_next:
        raise click.UsageError("--id goes with --next")
    its = session.client().clock
    if by is not None:
        told = its.advance(by)
    elif until is not None:
        told = its.advance_until(*until)
    else:
        told = its.advance_to_next(of)
    session.tell(told, _lines(told))


def _lines(clock: shapes.Clock) -> Iterator[str]:
    now, epoch = clock["now"], clock["epoch"]
    yield from wording.facts(
        now=wording.instant(now),
        goes=wording.pace(clock["rate"], step=clock["step"]),
        started=f"{wording.instant(epoch)}, {wording.distance(epoch, now)}",
    )
