"""Fixture files into a catalog: every problem of every file at once, with file and line."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator
from jsonschema.validators import extend

from mockserver.answer_files import answer_of
from mockserver.assumptions import Assumption, read_assumptions
from mockserver.bundled import bundled
from mockserver.contract.pointer import pointer
from mockserver.contract.wording import violations_of
from mockserver.core.errors import BadFixturesError, FlawedError, IllegalTimelineError
from mockserver.core.evaluation import Usage
from mockserver.core.exchange import Kind, Violation
from mockserver.core.lifecycle import Status
from mockserver.core.timeline import Phase, Timeline
from mockserver.durations import parse_duration
from mockserver.fixtures import AnswerFixture, Catalog, EvaluationFixture
from mockserver.source import AmbiguousError, Source, read_fixture

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ROWS = 100
"""Rows of a fixture that does not say, as in the hub's documented example."""

LARGEST_FILE = 1_000_000
"""Bytes of the largest fixture file that is read."""

_FARTHEST_START = timedelta(days=36500)
_TOGETHER = frozenset({"phases", "rows", "stops_at_row", "error_message"})
"""Fields that are judged together, once each of them is sound."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_Validator = extend(  # type: ignore[no-untyped-call]  # because its stubs leave it untyped
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)
"""JSON Schema calls 1.0 an integer, but it would be sent as 1.0, which few clients read as one."""

_FOLLOWS = {
    "status", "progress", "inserted_at", "started_at", "completed_at", "cancelled_at",
    "error_message", "tokens_used", "prompt_tokens_used", "completion_tokens_used", "credits_used",
}  # fmt: skip


def load_catalog(folders: Sequence[Path], assumptions: Sequence[Assumption]) -> Catalog:
    """Read every fixture below these folders; a later folder overrides an earlier one by name.

    Raises:
        BadFixturesError: everything that is wrong with any of them.
    """
    catalog, flaws = read_catalog(folders, assumptions)
    if flaws:
        raise BadFixturesError("the fixtures cannot be used", flaws)
    return catalog


def read_catalog(
    folders: Sequence[Path], assumptions: Sequence[Assumption]
) -> tuple[Catalog, list[Violation]]:
    """Those fixtures that can be read, and what is wrong with the others.

    Raises:
        BadFixturesError: a folder is none.
    """
    validator = _Validator(json.loads((bundled("spec") / "fixture.schema.json").read_text("utf-8")))
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
    return Catalog(evaluations, answers), flaws


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        what = "a file" if folder.exists() else "nothing there"
        flaw = Violation(str(folder), "a folder of fixture files", what, Kind.SOURCE)
        raise BadFixturesError("the fixtures cannot be used", [flaw])
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in {".yaml", ".yml"} and not path.name.startswith(".")  # an editor's own
    )


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
    unclear: tuple[Violation, ...] = ()
    try:
        source = read_fixture(_text(path), label)
    except AmbiguousError as error:
        source, unclear = error.source, error.flaws
    errors = list(validator.iter_errors(source.value))
    wrong = violations_of(errors, partial(_place, source), Kind.SOURCE)
    told = tuple(f"{flaw.place} " for flaw in unclear)
    flaws = [*unclear, *(_with_cause(f) for f in wrong if not f"{f.place} ".startswith(told))]
    value: dict[str, Any] = source.value if isinstance(source.value, dict) else {}
    if value.get("kind") == "answer":
        return answer_of(path, source, value, flaws)
    broken = {error.absolute_path[0] for error in errors if error.absolute_path}
    sound = {key: value[key] for key in value if key not in broken}
    if "phases" in sound and not broken & _TOGETHER:
        flaws += _contradictions(source, sound)
    return _evaluation(path, source, sound, known, flaws)


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


def _with_cause(flaw: Violation) -> Violation:
    """Say of a field that follows from the phases why it cannot be given."""
    name = flaw.found.split("'")[1] if flaw.found.count("'") >= 2 else ""  # noqa: PLR2004 a quoted name
    if flaw.expected == "no such property" and name in _FOLLOWS:
        cause = "it follows from the phases"
        return Violation(flaw.place, flaw.expected, repr(name), flaw.kind, cause)
    return flaw


def _evaluation(
    file: Path,
    source: Source,
    value: dict[str, Any],
    known: Sequence[Assumption],
    flaws: list[Violation],
) -> EvaluationFixture:
    """What keeps the schema into a fixture, unless something is wrong with it or with the rest."""
    phases, starts = None, parse_duration("0s")
    try:
        phases = _timeline(source, value.get("phases", ()), flaws)
    except IllegalTimelineError as error:
        flaws += [_said(source, ("phases",), error)] if "phases" in value else []
    try:
        starts = _start(value.get("starts", "0s"))
    except ValueError as error:
        flaws.append(_said(source, ("starts",), error))
    assume: dict[str, object] = {}
    for name, given in value.get("assume", {}).items():
        read, wrong = read_assumptions(known, {name: given}, source.where(("assume", name)))
        assume |= read
        flaws += wrong
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


def _start(text: str) -> timedelta:
    starts = parse_duration(text)
    if abs(starts) > _FARTHEST_START:
        raise ValueError(f"expected at most {_FARTHEST_START.days}d, found {text}")
    return starts


def _timeline(source: Source, listed: Sequence[Any], flaws: list[Violation]) -> Timeline | None:
    """The timeline, or None where a phase cannot be, which is then told."""
    phases = []
    for index, item in enumerate(listed):
        [(status, lasts)] = {item: None}.items() if isinstance(item, str) else item.items()
        try:
            held = None if lasts is None else parse_duration(lasts)
            phases.append(Phase(Status(status), held))
        except (IllegalTimelineError, ValueError) as error:
            flaws.append(_said(source, ("phases", index), error))
    return Timeline(tuple(phases)) if len(phases) == len(listed) else None


def _contradictions(source: Source, value: dict[str, Any]) -> list[Violation]:
    """What the schema cannot see: where a run stops, and what it says, must fit how it ends."""
    flaws = []

    def flaw(key: str, expected: str, found: object) -> None:
        flaws.append(Violation(_place(source, (key,)), expected, str(found), Kind.SOURCE))

    listed = [item if isinstance(item, str) else next(iter(item)) for item in value["phases"]]
    end, message = listed[-1], "error_message" in value
    if end == Status.ERRORED and not message:
        flaw("phases", "an error_message beside errored", "none")
    if end != Status.ERRORED and message:
        flaw("error_message", "only where the last phase is errored", f"a life that ends {end}")
    rows, stops = value.get("rows", ROWS), value.get("stops_at_row")
    whole = {Status.COMMITTING, Status.COMPLETED} & set(listed)
    if stops is not None and (whole or Status.RUNNING not in listed):
        expected = "only where running itself ends in errored or cancelled"
        flaw("stops_at_row", expected, " -> ".join(listed))
    elif stops is not None and stops > rows:
        flaw("stops_at_row", f"at most the {rows} rows", stops)
    return flaws


def _place(source: Source, path: Sequence[str | int]) -> str:
    return f"{source.where(path)} {pointer(path)}".rstrip()


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
