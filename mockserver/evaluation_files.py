"""An evaluation fixture's values into a fixture; what the schema cannot see is checked here."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from mockserver.assumptions import read_assumptions
from mockserver.contract.pointer import pointer
from mockserver.core.errors import FlawedError, IllegalTimelineError
from mockserver.core.evaluation import Usage, Work
from mockserver.core.exchange import Kind, Violation, Waiver
from mockserver.core.plain import shortened
from mockserver.core.timeline import Phase, Timeline
from mockserver.durations import parse_duration
from mockserver.fixtures import EvaluationFixture

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mockserver.fixtures import Form
    from mockserver.source import Source

FARTHEST_START = timedelta(days=36500)
"""How long before or after the start of a server something may be created."""


def evaluation_of(
    file: Path, source: Source, value: dict[str, Any], form: Form, flaws: list[Violation]
) -> EvaluationFixture:
    """The evaluation, or another thing that lives over time, that a file describes.

    `value` is what of the file keeps the schema.

    Raises:
        FlawedError: these flaws, and what else is wrong with it.
    """
    kind = value.get("kind", "evaluation")
    timeline, starts = None, timedelta()
    try:
        phases = _phases(source, value.get("phases", ()), flaws)
        timeline = Timeline(form.kinds[kind].cycle, phases) if phases is not None else None
    except IllegalTimelineError as error:
        flaws += [_said(source, ("phases",), error)] if "phases" in value else []
    try:
        starts = _start(value.get("starts", "0s"))
    except ValueError as error:
        flaws.append(_said(source, ("starts",), error))
    assume = _assumptions(source, value.get("assume", {}), form, flaws)
    pace = _pace(source, value, form, timeline, flaws)
    if flaws or timeline is None:
        raise FlawedError(source.label, flaws)
    usage = {key: Decimal(str(cost)) for key, cost in value.get("usage", {}).items()}
    return EvaluationFixture(
        api=value.get("api", "oxen"),
        kind=kind,
        name=file.stem,
        file=file,
        where=source.where,
        said=value,
        about=value.get("about", ""),
        scope=value.get("repository", value.get("owner")),
        starts=starts,
        timeline=timeline,
        rows=rows_of(value, form),
        stops_at=value.get(f"stops_at_{form.row}"),
        error_message=value.get("error_message"),
        usage=Usage(**usage),
        pace=pace,
        fields=value.get(kind, {}),
        shows={status: frozenset(fields) for status, fields in value.get("shows", {}).items()},
        match=value.get("match", {}),
        assumptions=assume,
        waivers=tuple(Waiver(b["rule"], b["at"], b["why"]) for b in value.get("breaks", ())),
    )


def rows_of(value: dict[str, Any], form: Form) -> int:
    """How many rows there are, by what the file says or by default."""
    rows: int = value.get(f"{form.row}s", form.rows)
    return rows


def contradictions(source: Source, value: dict[str, Any], form: Form) -> list[Violation]:
    """What the schema cannot see: where a run stops, and what it says, must fit how it ends."""
    flaws = []

    def flaw(key: str, expected: str, found: object) -> None:
        flaws.append(Violation(place(source, (key,)), expected, str(found), Kind.SOURCE))

    cycle = form.kinds[value.get("kind", "evaluation")].cycle
    listed = [item if isinstance(item, str) else next(iter(item)) for item in value["phases"]]
    end, message = listed[-1], "error_message" in value
    explained, failing = cycle.in_order(cycle.explained), cycle.terminal - cycle.whole
    if end in cycle.explained and not message:
        flaw("phases", f"an error_message beside {end}", "none")
    if end not in cycle.explained and message:
        expected = f"only where the last phase is {explained}"
        flaw("error_message", expected, f"a life that ends {end}")
    stops, rows = value.get(f"stops_at_{form.row}"), rows_of(value, form)
    if stops is not None and (cycle.whole & set(listed) or cycle.works_in not in listed):
        ends = " or ".join(status for status in cycle.statuses if status in failing)
        expected = f"only where {cycle.works_in} itself ends in {ends}"
        flaw(f"stops_at_{form.row}", expected, " -> ".join(listed))
    elif stops is not None and stops > rows:
        flaw(f"stops_at_{form.row}", f"at most the {rows} {form.row}s", stops)
    return flaws


def place(source: Source, path: Sequence[str | int]) -> str:
    """Where in its file something stands: file, line and pointer."""
    return f"{source.where(path)} {pointer(shortened(str(step)) for step in path)}".rstrip()


def _said(source: Source, path: Sequence[str | int], error: Exception) -> Violation:
    """An error of the core, worded "subject: expected ..., found ...", at its place."""
    text = str(error)
    expected, _, found = text.partition(", found ")
    return Violation(place(source, path), expected.replace("expected ", ""), found, Kind.SOURCE)


def _start(text: str) -> timedelta:
    starts = parse_duration(text)
    if abs(starts) > FARTHEST_START:
        raise ValueError(f"expected at most {FARTHEST_START.days}d, found {text}")
    return starts


def _phases(
    source: Source, listed: Sequence[Any], flaws: list[Violation]
) -> tuple[Phase, ...] | None:
    """The phases, or None where one of them cannot be, which is then told."""
    phases = []
    for index, item in enumerate(listed):
        [(status, lasts)] = {item: None}.items() if isinstance(item, str) else item.items()
        try:
            phases.append(Phase(status, None if lasts is None else parse_duration(lasts)))
        except (IllegalTimelineError, ValueError) as error:
            flaws.append(_said(source, ("phases", index), error))
    return tuple(phases) if len(phases) == len(listed) else None


def _assumptions(
    source: Source, given: dict[str, object], form: Form, flaws: list[Violation]
) -> dict[str, object]:
    known = [assumption for assumption in form.assumptions if assumption.in_fixture]
    assume: dict[str, object] = {}
    for name, said in given.items():
        read, wrong = read_assumptions(known, {name: said}, "")
        if wrong:  # only then it has to be found out where that stands
            read, wrong = read_assumptions(known, {name: said}, source.where(("assume", name)))
        assume |= read
        flaws += wrong
    return assume


def _pace(
    source: Source,
    value: dict[str, Any],
    form: Form,
    timeline: Timeline | None,
    flaws: list[Violation],
) -> tuple[tuple[int, timedelta], ...]:
    """When some rows are done; the core says whether a run can go like that."""
    pace = []
    for row, text in value.get("pace", {}).items():
        try:
            pace.append((int(row), parse_duration(text)))
        except ValueError as error:
            flaws.append(_said(source, ("pace", row), error))
    rows = rows_of(value, form)
    if pace and timeline is not None:
        try:
            work = Work(rows, value.get(f"stops_at_{form.row}", rows), pace=tuple(pace))
            work.refuse_other_run(timeline)
        except IllegalTimelineError as error:
            flaws.append(_said(source, ("pace",), error))
    return tuple(pace)
