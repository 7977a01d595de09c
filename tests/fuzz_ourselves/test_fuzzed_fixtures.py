"""Fixture files of any kind: used, or refused with everything that is wrong, line by line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from amounts import hundreds
from drawn_values import altered
from hypothesis import given
from hypothesis import strategies as st
from mangled import ANY_TEXT, JSON, YAML, as_bytes, bits, mangled
from refusals import taken, told_well

from mockserver.apis.known import FORMS
from mockserver.bundled import bundled
from mockserver.core.errors import BadFixturesError
from mockserver.fixture_files import load_catalogs, read_values
from mockserver.source import dump, read_document, read_fixture

if TYPE_CHECKING:
    from pathlib import Path

EVERY_FIELD = """\
about: All of it.
repository: ox/cats
starts: -1m30s
rows: 200
stops_at_row: 71
error_message: Out of credits
usage: {prompt_tokens: 0.1, credits: 2}
phases: [queued: 500ms, running: 1.5h, errored]
evaluation: {prompt: 'Is it? {a}', model: {name: x}, resource: {path: a, version: b}}
match: {path: 'a/*', model: '?'}
assume: {fractional_seconds: true}
pace: {5: 1m, 71: 1h}
breaks: [{rule: format, at: /evaluation/started_at, why: Seen.}]
"""
PROBLEM = """\
kind: answer
path: /api/a/{b}/*c
method: PUT
match: {query: {d: '*'}}
status: 404
headers: {X-A: b}
body: {"e": [1, 1.5, null]}
"""
BUNDLED = [path.read_text("utf-8") for path in sorted(bundled("fixtures").rglob("*.yaml"))]
ORIGINALS = [*BUNDLED, *[EVERY_FIELD, PROBLEM] * 5]
TEXTS = ANY_TEXT | mangled(ORIGINALS, bits(YAML, JSON))
VALUES: list[Any] = [read_fixture(text, "original").value for text in ORIGINALS]


@st.composite
def altered_values(draw: st.DrawFn) -> object:
    """The value of a fixture with up to three parts of it altered."""
    return draw(altered(draw(st.sampled_from(VALUES)), 3))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fixtures")


@hundreds(2)
@given(raw=as_bytes(TEXTS))
def test_a_file_is_a_fixture_or_is_refused_with_all_that_is_wrong_with_it(
    folder: Path, raw: bytes
) -> None:
    file = folder / "a.yaml"
    file.write_bytes(raw)
    found = taken(lambda: load_catalogs([folder], FORMS), BadFixturesError, f"{file}:")
    assert found is None or [one.has("a") for one in found.values()].count(True) == 1


@hundreds(0.8)
@given(st.dictionaries(ANY_TEXT | st.sampled_from(["a", "nugen/b"]), altered_values() | TEXTS))
def test_values_and_texts_are_fixtures_or_are_refused_one_by_one(values: dict[str, object]) -> None:
    catalogs, flaws = read_values(values, FORMS)
    told_well(flaws)
    used = {name for one in catalogs.values() for name in (*one.evaluations, *one.answers)}
    assert flaws or used == {key.rpartition("/")[2] for key in values}


@hundreds(1)
@given(altered_values())
def test_a_fixture_says_the_same_as_value_as_json_and_as_yaml(value: object) -> None:
    _, flaws = read_values({"a": value}, FORMS)
    for text in (json.dumps(value, ensure_ascii=False), dump(value)):
        _, again = read_values({"a": text}, FORMS)
        assert [(f.expected, f.found) for f in again] == [(f.expected, f.found) for f in flaws]


@hundreds(3)
@given(TEXTS | mangled([PROBLEM, "[]", json.dumps(VALUES[0])], bits(JSON)))
def test_a_text_is_a_document_that_json_can_carry_or_is_refused(text: str) -> None:
    value = taken(lambda: read_document(text, "d.yaml"), start="d.yaml")
    assert read_document(json.dumps(value, allow_nan=False), "d.json") == value
    json.dumps(value, ensure_ascii=False).encode()
