"""Fixture files into a catalog: every problem of every file at once, with file and line."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

from mockserver.assumptions import Assumption, read_assumptions
from mockserver.bundled import bundled
from mockserver.contract.pointer import pointer
from mockserver.contract.routes import Route
from mockserver.contract.wording import violations_of
from mockserver.core.errors import BadFixturesError, FlawedError, IllegalTimelineError
from mockserver.core.evaluation import Usage
from mockserver.core.exchange import Kind, Violation
from mockserver.core.lifecycle import Status
from mockserver.core.timeline import Phase, Timeline
from mockserver.durations import parse_duration
from mockserver.fixtures import AnswerFixture, Catalog, EvaluationFixture
from mockserver.source import Source, read_fixture

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ROWS = 100
"""Rows of a fixture that does not say, as in the hub's documented example."""

LARGEST_FILE = 1_000_000
"""Bytes of the largest fixture file that is read."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_FOLLOWS = {
    "status", "progress", "inserted_at", "started_at", "completed_at", "cancelled_at",
    "error_message", "tokens_used", "prompt_tokens_used", "completion_tokens_used", "credits_used",
}  # fmt: skip


def load_catalog(folders: Sequence[Path], assumptions: Sequence[Assumption]) -> Catalog:
    """Read every fixture below these folders; a later folder overrides an earlier one by name.

    Raises:
        BadFixturesError: everything that is wrong with any of them.
    """
    validator = Draft202012Validator(
        json.loads((bundled("spec") / "fixture.schema.json").read_text("utf-8"))
    )
    known = [assumption for assumption in assumptions if assumption.in_fixture]
    evaluations: dict[str, EvaluationFixture] = {}
    answers: dict[str, AnswerFixture] = {}
    flaws: list[Violation] = []
    for folder in folders:
        found: dict[str, Path] = {}
        for path in _files(folder):
            flaws += _name_flaws(path, found)
            try:
                fixture = _load(path, validator, known)
            except FlawedError as error:
                flaws += error.flaws
                continue
            evaluations.pop(fixture.name, None)
            answers.pop(fixture.name, None)
            if isinstance(fixture, EvaluationFixture):
                evaluations[fixture.name] = fixture
            else:
                answers[fixture.name] = fixture
    flaws += _same_ids(evaluations)
    if flaws:
        raise BadFixturesError("the fixtures cannot be used", flaws)
    return Catalog(evaluations, answers)


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        what = "a file" if folder.exists() else "nothing there"
        flaw = Violation(str(folder), "a folder of fixture files", what, Kind.SOURCE)
        raise BadFixturesError("the fixtures cannot be used", [flaw])
    return sorted(path for path in folder.rglob("*") if path.suffix in {".yaml", ".yml"})


def _name_flaws(path: Path, found: dict[str, Path]) -> list[Violation]:
    flaws = []
    if not _NAME.fullmatch(path.stem):
        expected = "a file name of letters, digits, dots, dashes and underscores"
        flaws.append(Violation(str(path), expected, path.name, Kind.SOURCE))
    if path.stem in found:
        expected = "one fixture of a name in a folder"
        flaws.append(Violation(str(path), expected, f"{found[path.stem]} too", Kind.SOURCE))
    found[path.stem] = path
    return flaws


def _load(
    path: Path, validator: Draft202012Validator, known: Sequence[Assumption]
) -> EvaluationFixture | AnswerFixture:
    label = str(path)
    source = read_fixture(_text(path), label)
    place = partial(_place, source)
    flaws = list(violations_of(validator.iter_errors(source.value), place, Kind.SOURCE))
    if flaws:
        raise FlawedError(label, [_with_cause(flaw) for flaw in flaws])
    assert isinstance(source.value, dict)  # noqa: S101 because the schema has just said so
    if source.value.get("kind") == "answer":
        return _answer(path, source, source.value)
    return _evaluation(path, source, source.value, known)


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
        if len(raw) <= LARGEST_FILE:
            return raw.decode()
        found, expected = f"{len(raw)} bytes", f"at most {LARGEST_FILE} bytes"
    except UnicodeDecodeError as error:
        found, expected = f"a byte at {error.start} that is not", "UTF-8"
    except OSError as error:
        found, expected = error.strerror or "an error", "a file that can be read"
    flaw = Violation(f"{path}:1", expected, found, Kind.SOURCE)
    raise FlawedError(str(path), [flaw])


def _place(source: Source, path: Sequence[str | int]) -> str:
    return f"{source.where(path)} {pointer(path)}".rstrip()


def _with_cause(flaw: Violation) -> Violation:
    """Say of a field that follows from the phases why it cannot be given."""
    name = flaw.found.split("'")[1] if flaw.found.count("'") >= 2 else ""  # noqa: PLR2004 a quoted name
    if flaw.expected == "no such property" and name in _FOLLOWS:
        return Violation(
            flaw.place, flaw.expected, flaw.found, flaw.kind, "it follows from the phases"
        )
    return flaw


def _evaluation(
    file: Path, source: Source, value: dict[str, Any], known: Sequence[Assumption]
) -> EvaluationFixture:
    flaws: list[Violation] = []
    phases, starts = None, parse_duration("0s")
    try:
        phases = _timeline(value["phases"])
    except (IllegalTimelineError, ValueError) as error:
        flaws.append(_said(source, ("phases",), error))
    try:
        starts = parse_duration(value.get("starts", "0s"))
        if abs(starts) > parse_duration("36500d"):
            raise ValueError("expected at most 36500d, found more")  # noqa: TRY301 because it is worded once below
    except ValueError as error:
        flaws.append(_said(source, ("starts",), error))
    assume, wrong = read_assumptions(known, value.get("assume", {}), source.where(("assume",)))
    flaws += wrong
    if phases is not None:
        flaws += _contradictions(source, value, phases)
    if flaws or phases is None:
        raise FlawedError(source.label, flaws)
    usage = {key: Decimal(str(cost)) for key, cost in value.get("usage", {}).items()}
    return EvaluationFixture(
        name=file.stem,
        file=file,
        where=source.where,
        about=value.get("about", ""),
        repository=value.get("repository"),
        starts=starts,
        timeline=phases,
        rows=value.get("rows", ROWS),
        stops_at=value.get("stops_at_row"),
        error_message=value.get("error_message"),
        usage=Usage(**usage),
        fields=value.get("evaluation", {}),
        match=value.get("match", {}),
        assumptions=assume,
    )


def _said(source: Source, path: Sequence[str | int], error: Exception) -> Violation:
    """An error of the core, worded "subject: expected ..., found ...", at its place."""
    text = str(error)
    expected, _, found = text.partition(", found ")
    return Violation(_place(source, path), expected.replace("expected ", ""), found, Kind.SOURCE)


def _timeline(listed: list[Any]) -> Timeline:
    phases = []
    for item in listed:
        if isinstance(item, str):
            phases.append(Phase(Status(item)))
        else:
            [(status, lasts)] = item.items()
            phases.append(Phase(Status(status), parse_duration(lasts)))
    return Timeline(tuple(phases))


def _contradictions(source: Source, value: dict[str, Any], timeline: Timeline) -> list[Violation]:
    """What the schema cannot see: where a run stops, and what it says, must fit how it ends."""
    flaws = []

    def flaw(key: str, expected: str, found: object) -> None:
        flaws.append(Violation(_place(source, (key,)), expected, str(found), Kind.SOURCE))

    end = timeline.phases[-1].status
    if end is Status.ERRORED and "error_message" not in value:
        flaw("phases", "an error_message beside errored", "none")
    if end is not Status.ERRORED and "error_message" in value:
        flaw("error_message", "only where the last phase is errored", f"a life that ends {end}")
    rows, stops = value.get("rows", ROWS), value.get("stops_at_row")
    whole = timeline.span(Status.COMMITTING) or end is Status.COMPLETED
    if stops is not None and (whole or timeline.span(Status.RUNNING) is None):
        expected = "only where running itself ends in errored or cancelled"
        flaw("stops_at_row", expected, " -> ".join(phase.status for phase in timeline.phases))
    elif stops is not None and stops > rows:
        flaw("stops_at_row", f"at most the {rows} rows", stops)
    return flaws


def _answer(file: Path, source: Source, value: dict[str, Any]) -> AnswerFixture:
    match, body = value.get("match", {}), value.get("body")
    is_text, _method = isinstance(body, str), value.get("method", "GET")
    headers = dict(value.get("headers", {}))
    if "content-type" not in {header.lower() for header in headers} and "body" in value:
        headers["Content-Type"] = "text/plain; charset=utf-8" if is_text else "application/json"
    raw = body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode()
    return AnswerFixture(
        name=file.stem,
        file=file,
        where=source.where,
        about=value.get("about", ""),
        operation=value.get("operation"),
        route=_route(value["path"], value.get("method", "GET"), file.stem)
        if "path" in value
        else None,
        query=match.get("query", {}),
        results_of=match.get("results_of"),
        status=value["status"],
        headers=tuple(headers.items()),
        body=raw if "body" in value else b"",
    )


def _route(path: str, method: str, name: str) -> Route:
    """A route of the fixture's own; *name takes the rest of the path, as in the hub's document."""
    segments = path.split("/")
    globs = [segment[1:] for segment in segments if segment.startswith("*")]
    template = "/".join(f"{{{s[1:]}}}" if s.startswith("*") else s for s in segments)
    return Route.of(template, globs, {method: name})


def _same_ids(evaluations: dict[str, EvaluationFixture]) -> list[Violation]:
    seen: dict[tuple[str | None, str], EvaluationFixture] = {}
    flaws = []
    for fixture in evaluations.values():
        if isinstance(given := fixture.fields.get("id"), str):
            key = (fixture.repository, given.lower())
            if key in seen:
                place = f"{fixture.where(('evaluation', 'id'))} /evaluation/id"
                advice = f"or call the file {seen[key].name}.yaml to override that one"
                flaws.append(
                    Violation(
                        place,
                        "an id of its own",
                        f"the id of {seen[key].name}",
                        Kind.SOURCE,
                        advice,
                    )
                )
            seen[key] = fixture
    return flaws
