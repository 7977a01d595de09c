"""Scenarios as files: request, advance, expect; adding a file to `scenarios/` adds a test.

A file holds `about`, optionally `settings` (those of `Settings`, plus `fixtures` by name and a
`document` that is laid over the bundled one), and `steps`. A text that starts with `~` is a
pattern that has to be found; `remember` keeps a value of the answer for `${name}` later on.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.assemble import app_of, assemble
from mockserver.bundled import bundled
from mockserver.durations import parse_duration
from mockserver.settings import Settings
from mockserver.source import read_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

FILES = sorted((Path(__file__).parent / "scenarios").glob("*.yaml"))
EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
MISSING = object()

Values = dict[str, Any]


class ScenarioError(Exception):
    """A scenario file that says something this reader does not know."""


@dataclass(slots=True)
class Stage:
    """A mock whose real time stands still until a step advances it."""

    client: FlaskClient
    real: list[int]
    answer: TestResponse | None = None
    remembered: dict[str, str] = field(default_factory=dict)

    def play(self, step: Values) -> None:
        [(kind, said)] = step.items()
        match kind:
            case "advance":
                self.real[0] += parse_duration(said) // parse_duration("1ms") * 1_000_000
            case "request":
                self.answer = self._ask(**self._filled(said))
            case "expect":
                self._expect(**self._filled(said))
            case _:
                raise ScenarioError(f"expected request, advance or expect, found {kind}")

    def _filled(self, said: Values) -> Values:
        """What a step says, with `${name}` filled in."""
        text = json.dumps(said)
        for name, value in self.remembered.items():
            text = text.replace(f"${{{name}}}", value)
        filled: Values = json.loads(text)
        return filled

    def _ask(  # noqa: PLR0913 because a request has that many parts
        self,
        *,
        path: str,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        json: object = None,
        body: str | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> TestResponse:
        sent = {"Authorization": "Bearer any-token", **(headers or {})}
        return self.client.open(
            path,
            method=method,
            headers={name: value for name, value in sent.items() if value != ""},
            json=json,
            data=body,
            environ_overrides=environ,
        )

    def _expect(  # noqa: PLR0913 because there is that much to expect of an answer
        self,
        *,
        status: int,
        body: Values | None = None,
        text: str | None = None,
        headers: Mapping[str, str] | None = None,
        absent: Mapping[str, list[str]] | None = None,
        remember: Mapping[str, str] | None = None,
    ) -> None:
        answer = self.answer
        assert answer is not None, "a request comes before what is expected of its answer"
        told = answer.get_data(as_text=True)
        assert answer.status_code == status, told
        for path, expected in _flat(body or {}):
            found = _at(answer.get_json(), path)
            assert _agree(expected, found), f"{path}: expected {expected!r}, found {found!r}"
        assert text is None or _agree(text, told), told
        for name, value in (headers or {}).items():
            assert _agree(value, answer.headers.get(name)), f"{name} in {answer.headers}"
        gone = absent or {}
        assert gone.keys() <= {"body", "headers"}, gone
        for path in gone.get("body", []):
            assert _at(answer.get_json(), path) is MISSING, path
        for name in gone.get("headers", []):
            assert name not in answer.headers, answer.headers[name]
        for name, path in (remember or {}).items():
            self.remembered[name] = _at(answer.get_json(), path)


def _flat(expected: Values, above: str = "") -> Iterator[tuple[str, object]]:
    """Nested mappings and dotted paths alike, as dotted paths."""
    for key, value in expected.items():
        path = f"{above}{key}"
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{path}.")
        else:
            yield path, value


def _at(value: Any, path: str) -> Any:  # noqa: ANN401 because JSON is anything
    for key in path.split("."):
        if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            return MISSING
    return value


def _agree(expected: object, found: object) -> bool:
    if isinstance(expected, str) and expected.startswith("~"):
        return isinstance(found, str) and re.search(expected[1:], found) is not None
    return type(expected) is type(found) and expected == found


def _laid_over(base: Values, more: Values) -> Values:
    both = dict(base)
    for key, value in more.items():
        below = isinstance(value, dict) and isinstance(base.get(key), dict)
        both[key] = _laid_over(base[key], value) if below else value
    return both


def _settings(said: Values, folder: Path) -> Settings:
    said = dict(said)
    for name, fixture in said.pop("fixtures", {}).items():
        (folder / f"{name}.yaml").write_text(json.dumps(fixture), "utf-8")
    more = said.pop("document", None)
    if more is not None:
        own = read_document((bundled("spec") / "oxen.yaml").read_text("utf-8"), "oxen.yaml")
        assert isinstance(own, dict)
        said["specs"] = (("mine.json", json.dumps(_laid_over(own, more))),)
    tokens = tuple(said.pop("tokens", ()))
    return Settings(epoch=EPOCH, seed="scenario", tokens=tokens, fixtures=(folder,), **said)


def _read(file: Path) -> Values:
    scenario = read_document(file.read_text("utf-8"), file.name)
    assert isinstance(scenario, dict)
    if unknown := scenario.keys() - {"about", "settings", "steps"}:
        raise ScenarioError(f"expected about, settings and steps, found {unknown}")
    return scenario


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_scenario_goes_as_its_file_says(file: Path, tmp_path: Path) -> None:
    scenario = _read(file)
    real = [0]
    mock = assemble(_settings(scenario.get("settings", {}), tmp_path), real=lambda: real[0])
    stage = Stage(app_of(mock).test_client(), real)
    for number, step in enumerate(scenario["steps"], 1):
        try:
            stage.play(step)
        except AssertionError as error:
            pytest.fail(f"{file.name}, step {number}: {error}")


def test_a_scenario_that_expects_something_else_fails(tmp_path: Path) -> None:
    mock = assemble(_settings({}, tmp_path), real=lambda: 0)
    stage = Stage(app_of(mock).test_client(), [0])
    stage.play({"request": {"path": "/_mock/health"}})
    for wrong in (
        {"status": 404},
        {"status": 200, "body": {"status": "fine"}},
        {"status": 200, "body": {"apis.0": "~nugen"}},
        {"status": 200, "body": {"nowhere.at.all": None}},
        {"status": 200, "headers": {"X-Mock-Now": "never"}},
        {"status": 200, "absent": {"body": ["status"]}},
        {"status": 200, "absent": {"headers": ["X-Mock-Now"]}},
    ):
        with pytest.raises(AssertionError):
            stage.play({"expect": wrong})


def test_a_step_or_a_key_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "odd.yaml"
    file.write_text("step: []\n", "utf-8")
    with pytest.raises(ScenarioError, match="step"):
        _read(file)
    (tmp_path / "fixtures").mkdir()
    mock = assemble(_settings({}, tmp_path / "fixtures"), real=lambda: 0)
    stage = Stage(app_of(mock).test_client(), [0])
    with pytest.raises(ScenarioError, match="wait"):
        stage.play({"wait": "3s"})
    with pytest.raises(TypeError, match="statuss"):
        stage.play({"expect": {"statuss": 200}})
