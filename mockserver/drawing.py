"""What the terminal shows: a fixture's life as a picture, and a list of evaluations."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mockserver.core.evaluation import FREE, observe
from mockserver.core.timeline import ZERO
from mockserver.durations import format_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from mockserver.core.evaluation import Evaluation
    from mockserver.core.timeline import Moment

MOST_LISTED = 20
"""Evaluations the banner lists; the rest is counted."""

_WIDEST = 100
"""Columns a picture takes at most: a wider one is no clearer."""

_SECOND = timedelta(seconds=1)
_SAMPLES = 4
_HEADINGS = ("after", "status", "progress", "tokens", "credits")


def draw_life(evaluation: Evaluation, *, width: int, ascii_only: bool) -> Iterator[str]:
    """A bar of the phases with the instants below it, then what a poller sees, line by line."""
    moments = evaluation.life.moments()
    widths = _widths(moments, width)
    line, tick = ("-", "|") if ascii_only else ("─", "├")
    names = [f" {m.status} " for m in moments]
    shown = zip(names, widths, strict=True)
    yield "".join(f"{tick}{name[: room - 1]:{line}<{room - 1}}" for name, room in shown).rstrip()
    instants = zip(moments, widths, strict=True)
    yield "".join(f"{format_duration(m.began):<{room}}" for m, room in instants).rstrip()
    yield ""
    instants_seen = _worth_seeing(moments, evaluation.timeline.cycle.works_in)
    told = 3 if evaluation.work.usage == FREE else len(_HEADINGS)
    rows = [_HEADINGS, *(_seen(evaluation, at) for at in instants_seen)]
    yield from _table([row[:told] for row in rows])
    if evaluation.error_message is not None:
        yield f"error_message: {evaluation.error_message}"


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows in columns as wide as they need; the status reads from the left, numbers do not."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = zip(row, widths, strict=True)
        aligned = [
            f"{cell:<{w}}" if i == 1 else f"{cell:>{w}}" for i, (cell, w) in enumerate(cells)
        ]
        yield "  ".join(aligned)


def _seen(evaluation: Evaluation, elapsed: timedelta) -> tuple[str, ...]:
    """What a poller sees this long after the creation, a text for each heading."""
    seen = observe(evaluation, evaluation.born + elapsed)
    progress = f"{seen.processed}/{seen.total}"
    credit = f"{seen.credits:f}"
    credit = credit.rstrip("0").rstrip(".") if "." in credit else credit
    return (format_duration(elapsed), str(seen.status), progress, str(seen.tokens), credit)


def _widths(moments: tuple[Moment, ...], width: int) -> list[int]:
    """Room for each phase: by how long it lasts, but never too narrow for its name and instant."""
    least = [max(len(m.status) + 4, len(format_duration(m.began)) + 1) for m in moments]
    spare = max(0, min(width, _WIDEST) - sum(least))
    spans = [(m.ends - m.began) if m.ends is not None else ZERO for m in moments]
    whole = sum(spans, ZERO)
    shares = [int(spare * (span / whole)) if whole else 0 for span in spans]
    return [room + share for room, share in zip(least, shares, strict=True)]


def _worth_seeing(moments: tuple[Moment, ...], works_in: str) -> list[timedelta]:
    """The start of each phase, and a few instants inside the one in which rows are done."""
    instants = []
    for moment in moments:
        instants.append(moment.began)
        if moment.ends is not None and moment.status == works_in:
            step = (moment.ends - moment.began) / _SAMPLES
            instants += [moment.began + step * part for part in range(1, _SAMPLES)]
    return sorted(set(instants))


def list_evaluations(
    evaluations: Sequence[Evaluation], whose: Callable[[Evaluation], str], now: datetime
) -> Iterator[str]:
    """A line each: fixture, id, whose it is, status and what comes next; capped."""
    width = max((len(e.fixture) for e in evaluations[:MOST_LISTED]), default=0)
    for evaluation in evaluations[:MOST_LISTED]:
        if evaluation.born > now:
            state = f"created in {_rough(evaluation.born - now)}"
        else:
            here = evaluation.life.at(now - evaluation.born)
            state = str(here.status)
            if here.ends is not None:
                state += f" for {_rough(evaluation.born + here.ends - now)}"
        yield f"{evaluation.fixture:<{width}}  {evaluation.id}  {whose(evaluation)}  {state}"
    if len(evaluations) > MOST_LISTED:
        yield f"... and {len(evaluations) - MOST_LISTED} more"


def _rough(span: timedelta) -> str:
    """A duration to the second, rounded up: nobody reads milliseconds in a list."""
    return format_duration(-(-span // _SECOND) * _SECOND)
