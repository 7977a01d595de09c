"""The report in words, for a person."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from mockserver.telling import wording

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mockserver.client import shapes

_WIDEST = 100


def report_lines(told: shapes.Report) -> Iterator[str]:
    """The report as lines; the verdict comes last, where a terminal leaves the eye."""
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
