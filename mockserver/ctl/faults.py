"""Commands about what goes wrong on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mockserver.ctl.group import ctl
from mockserver.ctl.values import pairs
from mockserver.durations import parse_duration
from mockserver.telling import wording

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockserver.client import shapes
    from mockserver.ctl.session import Session

_TEXTS = frozenset({"operation", "id", "status", "body"})
"""What is a text even where it looks like a number."""
_SPANS = frozenset({"seconds", "delay"})
"""What may have a unit."""


@ctl.command()
@click.pass_obj
def faults(session: Session) -> None:
    """List the faults, with what has come of them."""
    told = session.client().faults.list()
    session.tell(told, _table(told))


@ctl.command()
@click.argument("rule", nargs=-1, required=True, metavar="NAME=VALUE...")
@click.pass_obj
def fault(session: Session, rule: tuple[str, ...]) -> None:
    """Add a fault: when it strikes, and what it does.

    \b
    when, all of it: operation, id, status, after_row, nth, probability, count,
                     seconds (of virtual time, as in 30s)
    what:            code (with retry_after), delay (real, as in 2s),
                     body (truncated or malformed)

    \b
    oxen-mock ctl fault operation=get_evaluation status=committing code=503 retry_after=5
    oxen-mock ctl fault operation=get_evaluation nth=2 delay=2s body=truncated
    """  # noqa: D301 because click reads \b as: keep these lines
    said: dict[str, Any] = pairs(rule, texts=_TEXTS)
    for name in _SPANS & said.keys():
        said[name] = _seconds(name, said[name])
    told = session.client().faults.add(**said)
    session.tell(told, _table([told]))


@ctl.command()
@click.argument("id_", metavar="ID")
@click.pass_obj
def unfault(session: Session, id_: str) -> None:
    """Take a fault away."""
    session.client().faults.delete(id_)
    session.tell({}, [f"{id_} is gone"])


def _seconds(name: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return parse_duration(value).total_seconds()
    except ValueError as error:
        raise click.UsageError(f"{name}: {error}") from None


def _table(told: Sequence[shapes.Fault]) -> Iterator[str]:
    rows = [
        (one["id"], one["matched"], one["struck"], one["spent"], _rule(one["rule"])) for one in told
    ]
    yield from wording.table(("id", "matched", "struck", "spent", "rule"), rows)


def _rule(rule: shapes.NewFault) -> str:
    said = {**rule, "operation": wording.short(rule.get("operation"))}
    return " ".join(f"{name}={_plain(value)}" for name, value in said.items() if name in rule)


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
