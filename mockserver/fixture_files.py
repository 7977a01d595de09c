"""Fixture files into a catalog: every problem of every file at once, with file and line."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockserver.answer_files import answer_of
from mockserver.bundled import bundled
from mockserver.cache import cached
from mockserver.contract.wording import violations_of
from mockserver.core.errors import BadFixturesError, FlawedError
from mockserver.core.exchange import Kind, Violation
from mockserver.evaluation_files import contradictions, evaluation_of, place
from mockserver.fixtures import AnswerFixture, Catalog, EvaluationFixture
from mockserver.source import AmbiguousError, Source, read_before, read_fixture

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

    from mockserver.fixtures import Form

    Forms = Mapping[str, Form]

LARGEST_FILE = 1_000_000
"""Bytes of the largest fixture file that is read."""

_TOGETHER = frozenset(
    {"phases", "rows", "stops_at_row", "questions", "stops_at_question", "error_message"}
)
"""Fields that are judged together, once each of them is sound."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_FOLLOWS = {
    "status", "progress", "inserted_at", "started_at", "completed_at", "cancelled_at",
    "error_message", "tokens_used", "prompt_tokens_used", "completion_tokens_used", "credits_used",
    "questions_completed", "total_questions", "avg_time_per_question", "eta_seconds", "start_time",
    "end_time", "created_at", "num_questions",
}  # fmt: skip


_NUGENS = {"waiting", "questions", "stops_at_question", "owner", "shows", "benchmark"}
_OXENS = {"queued", "committing", "rows", "stops_at_row", "repository", "usage", "error_message"}


def load_catalogs(folders: Sequence[Path], forms: Forms) -> Mapping[str, Catalog]:
    """Read every fixture below these folders; a later folder overrides an earlier one by name.

    Each API has a catalog of its own, by its name in `forms`.

    Raises:
        BadFixturesError: everything that is wrong with any of them.
    """
    catalogs, flaws = read_catalogs(folders, forms)
    if flaws:
        raise BadFixturesError("the fixtures cannot be used", flaws)
    return catalogs


def read_catalogs(
    folders: Sequence[Path], forms: Forms, sound: Collection[Path] = ()
) -> tuple[Mapping[str, Catalog], list[Violation]]:
    """Those fixtures that can be read, and what is wrong with the others.

    Those in the `sound` folders are known to keep the schema, and are not asked whether they do.

    Raises:
        BadFixturesError: a folder is none.
    """
    evaluations: dict[str, dict[str, EvaluationFixture]] = {api: {} for api in forms}
    answers: dict[str, dict[str, AnswerFixture]] = {api: {} for api in forms}
    flaws: list[Violation] = []
    for folder in folders:
        found: dict[tuple[str, str], Path] = {}
        paths = _files(folder)
        before = _read_before(paths) if folder in sound else {}
        for path in paths:
            flaws += _name_flaws(path)
            try:
                fixture = (
                    _fixture(path, before[path], forms, is_sound=True)
                    if path in before
                    else _load(path, forms, is_sound=folder in sound)
                )
            except FlawedError as error:
                flaws += error.flaws
                continue
            flaws += _same_names(fixture, found)
            evaluations[fixture.api].pop(fixture.name, None)
            answers[fixture.api].pop(fixture.name, None)
            if isinstance(fixture, EvaluationFixture):
                evaluations[fixture.api][fixture.name] = fixture
            else:
                answers[fixture.api][fixture.name] = fixture
    for known in evaluations.values():
        flaws += same_ids(known)
    return {api: Catalog(evaluations[api], answers[api]) for api in forms}, flaws


def read_values(
    values: Mapping[str, object], forms: Forms
) -> tuple[Mapping[str, Catalog], list[Violation]]:
    """Fixtures that came otherwise than in files: by name values, or the texts of files.

    A name may have the API before it, as in "nugen/slow". What cannot be used is told too.
    """
    catalogs = {api: Catalog({}, {}) for api in forms}
    flaws: list[Violation] = []
    for key, value in values.items():
        api, _, name = key.rpartition("/")
        path = Path(f"{name}.yaml")
        flaws += _name_flaws(path)
        try:
            fixture = _fixture(path, _source_of(value, key, api), forms)
        except FlawedError as error:
            flaws += error.flaws
            continue
        known = catalogs[fixture.api]
        if isinstance(fixture, EvaluationFixture):
            one = Catalog({**known.evaluations, name: fixture}, known.answers)
        else:
            one = Catalog(known.evaluations, {**known.answers, name: fixture})
        catalogs[fixture.api] = one
    return catalogs, flaws


def _source_of(value: object, label: str, api: str) -> Source:
    """A value as if it had been read; its places have no lines."""
    if isinstance(value, str):
        return read_fixture(value, label)
    said = {"api": api, **value} if api and isinstance(value, dict) else value
    return Source(said, label, {})


@lru_cache(maxsize=1)
def _validator() -> Draft202012Validator:
    """The judge of fixture files.

    JSON Schema calls 1.0 an integer, but it would be sent as 1.0, which few clients read as one.
    """
    from jsonschema import (  # noqa: PLC0415 because who serves the bundled fixtures has no need of it
        Draft202012Validator,
    )
    from jsonschema.validators import extend  # noqa: PLC0415 the same

    strict = extend(  # type: ignore[no-untyped-call]  # because its stubs leave it untyped
        Draft202012Validator,
        type_checker=Draft202012Validator.TYPE_CHECKER.redefine(
            "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
        ),
    )
    schema = json.loads((bundled("spec") / "fixture.schema.json").read_text("utf-8"))
    validator: Draft202012Validator = strict(schema)
    return validator


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


def _name_flaws(path: Path) -> list[Violation]:
    if _NAME.fullmatch(path.stem):
        return []
    expected = "a file name of letters, digits, dots, dashes and underscores"
    return [Violation(str(path), expected, path.name, Kind.SOURCE)]


def _same_names(
    fixture: EvaluationFixture | AnswerFixture, found: dict[tuple[str, str], Path]
) -> list[Violation]:
    """Two fixtures of one API and name in a folder; all files found so far are in `found`."""
    before = found.get((fixture.api, fixture.name))
    found[fixture.api, fixture.name] = fixture.file
    if before is None:
        return []
    expected = "one fixture of a name in a folder"
    return [Violation(str(fixture.file), expected, f"{before} too", Kind.SOURCE)]


def _read_before(paths: Sequence[Path]) -> Mapping[Path, Source]:
    """What files say that are known to keep the schema; nothing where one cannot be read after all.

    They are read from the cache, for YAML takes a while.
    """
    try:
        texts = {path: _text(path) for path in paths}
        values = cached(
            "fixtures",
            [*texts.values()],
            ("source",),
            lambda: [read_fixture(text, str(path)).value for path, text in texts.items()],
        )
    except FlawedError:
        return {}
    return {
        path: read_before(value, texts[path], str(path))
        for path, value in zip(paths, values, strict=True)
    }


def _load(path: Path, forms: Forms, *, is_sound: bool) -> EvaluationFixture | AnswerFixture:
    try:
        return _fixture(path, read_fixture(_text(path), str(path)), forms, is_sound=is_sound)
    except AmbiguousError as error:
        return _fixture(path, error.source, forms, error.flaws)


def _fixture(
    path: Path,
    source: Source,
    forms: Forms,
    unclear: Sequence[Violation] = (),
    *,
    is_sound: bool = False,
) -> EvaluationFixture | AnswerFixture:
    """The fixture that was read; `unclear` is what another reader would understand differently."""
    errors: list[ValidationError] = []
    if not is_sound:
        errors += _validator().iter_errors(source.value)
    wrong = violations_of(errors, partial(place, source), Kind.SOURCE)
    told = tuple(f"{flaw.place} " for flaw in unclear)
    flaws = [*unclear, *(_with_cause(f) for f in wrong if not f"{f.place} ".startswith(told))]
    value: dict[str, Any] = source.value if isinstance(source.value, dict) else {}
    if value.get("kind") == "answer":
        return answer_of(path, source, value, flaws)
    broken = {error.absolute_path[0] for error in errors if error.absolute_path}
    sound = {key: value[key] for key in value if key not in broken}
    if broken & {"api", "kind"}:
        raise FlawedError(source.label, flaws)
    form = forms[sound.get("api", "oxen")]
    if "phases" in sound and not broken & _TOGETHER:
        flaws += contradictions(source, sound, form)
    return evaluation_of(path, source, sound, form, flaws)


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
    if flaw.expected == "no such property" and name in _NUGENS:
        return replace(flaw, advice="for a fixture of Nugen's, say api: nugen")
    if flaw.expected == "no such property" and name in _OXENS:
        return replace(flaw, advice="for a fixture of Oxen's, leave out api: nugen")
    return flaw


def same_ids(evaluations: Mapping[str, EvaluationFixture]) -> list[Violation]:
    """Fixtures of one kind and scope that have the same id: only one of them could be found."""
    seen: dict[tuple[str, str | None, str], EvaluationFixture] = {}
    flaws = []
    for fixture in evaluations.values():
        if isinstance(given := fixture.fields.get("id"), str):
            key = (fixture.kind, fixture.scope, given.lower())
            if key in seen:
                where = f"{fixture.where((fixture.kind, 'id'))} /{fixture.kind}/id"
                advice = f"or call the file {seen[key].name}.yaml to override that one"
                flaws.append(
                    Violation(
                        where,
                        "an id of its own",
                        f"the id of {seen[key].name}",
                        Kind.SOURCE,
                        advice,
                    )
                )
            seen[key] = fixture
    return flaws
