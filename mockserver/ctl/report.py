"""Commands about what was exercised, what was broken, and what is broken on purpose."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING

import click

from mockserver.ctl import wording
from mockserver.ctl.group import ctl

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mockserver.client import shapes
    from mockserver.ctl.session import Session

_FINDINGS = 1
_WIDEST = 100


@ctl.command()
@click.option("--all", "of_all", is_flag=True, help="Sum over all sandboxes, gone ones included.")
@click.pass_obj
def report(session: Session, of_all: bool) -> None:
    """Say what was exercised and what was broken.

    Ends with 1 where anything is broken, or an expectation did not come.
    """
    told = session.client().report(all=of_all)
    session.tell(told, _lines(told))
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


def _lines(told: shapes.Report) -> Iterator[str]:
    """The verdict comes last, where a terminal leaves the eye."""
    yield from _exercised(told)
    if told["clients"]:
        yield ""
        yield from _clients(told["clients"])
    if told["violations"]:
        yield ""
        yield from _broken(told["violations"])
    if told["missing"]:
        yield ""
        yield from _missing(told["missing"])
    yield ""
    yield _verdict(told)


def _exercised(told: shapes.Report) -> Iterator[str]:
    asked, unused = told["operations"], told["unused"]
    of_all = (
        f" in {wording.counted(told['sandboxes'], 'sandbox')}" if told["sandboxes"] != 1 else ""
    )
    yield (
        f"{wording.counted(told['requests'], 'request')}{of_all}, "
        f"{len(asked)} of {len(asked) + len(unused)} operations"
    )
    if asked:
        yield ""
        rows = [(wording.short(one["operation"]), _codes(one["codes"])) for one in asked]
        yield from wording.table(("operation", "answered"), rows)
    if unused:
        yield ""
        never = f"never asked for: {', '.join(map(wording.short, unused))}"
        yield from textwrap.wrap(never, _WIDEST, subsequent_indent="  ")


def _codes(codes: Mapping[str, int]) -> str:
    return ", ".join(f"{count} x {code}" for code, count in codes.items())


def _clients(told: Sequence[shapes.Seen]) -> Iterator[str]:
    headings = ("client", "token", "api", "saw", "never saw", "looks after the end")
    rows = [
        (
            one["client"]["user_agent"],
            one["client"]["token"],
            one["api"],
            _listed(one["saw"]),
            _listed(one["never_saw"]),
            one["polls_after_end"],
        )
        for one in told
    ]
    yield from wording.table(headings, rows)


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words) or wording.NOTHING


def _broken(told: Sequence[shapes.Broken]) -> Iterator[str]:
    rows = [
        (
            f"{one['count']} x",
            one["of"],
            wording.short(one["operation"]),
            wording.violation_of(one),
        )
        for one in told
    ]
    yield from wording.table(("broken", "by", "operation", "what"), rows)


def _missing(told: Sequence[shapes.Missing]) -> Iterator[str]:
    rows = [
        (one["place"], wording.short(one["operation"]), f"{one['met']} of {one['count']}")
        for one in told
    ]
    yield from wording.table(("expected to be broken", "operation", "came"), rows)


def _verdict(told: shapes.Report) -> str:
    counts = [
        (told["broken_requests"], "request", "that broke the contract"),
        (told["broken_answers"], "answer", "of the mock's own that broke it"),
        (len(told["missing"]), "expectation", "that did not come"),
    ]
    wrong = [f"{wording.counted(count, noun)} {what}" for count, noun, what in counts if count]
    beside = [
        f"{wording.counted(told['awaited'], 'request')} broke it as expected"
        if told["awaited"]
        else "",
        f"{wording.counted(told['faults'], 'answer')} changed by faults" if told["faults"] else "",
    ]
    noted = "".join(f" ({note})" for note in [", ".join(filter(None, beside))] if note)
    return f"{'clean' if told['clean'] else 'not clean: ' + ', '.join(wrong)}{noted}"
