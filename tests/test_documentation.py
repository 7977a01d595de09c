"""What the documents say is so: examples run, tables match the code they are made from."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import inner_runs  # noqa: F401 before the first inner run
import pytest

import mockserver
from mockserver.apis.known import ASSUMPTIONS, FORMS, every_api
from mockserver.apis.nugen.lifecycle import CYCLE as NUGEN
from mockserver.apis.oxen.envelope import ASKABLE
from mockserver.apis.oxen.lifecycle import CYCLE as OXEN
from mockserver.control.control import load_own_contract
from mockserver.core import rules
from mockserver.dynamic.table import table
from mockserver.fixture_files import load_catalogs
from mockserver.loading import load_contracts
from mockserver.proving import prove, prove_answer
from mockserver.settings import Settings

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
TESTS = [block for block in BLOCKS if "\ndef test_" in block or ".TestCase" in block]
PYTHON = [block for block in BLOCKS if block not in TESTS]
EXAMPLES = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)


def test_the_diagram_is_the_table_of_the_code() -> None:
    assert OXEN.diagram() in README
    assert NUGEN.diagram() in README


def test_every_temporal_rule_stands_in_the_readme() -> None:
    rows = [
        f"| {rule.__name__.replace('_', ' ')} | {str(rule.__doc__).strip()} |"
        for rule in (*rules.OF_ONE, *rules.OF_TWO)
    ]
    assert [row for row in rows if row not in README] == []


def test_every_assumption_stands_in_the_readme_with_its_default() -> None:
    rows = [
        f"| `{known.name}` | `{json.dumps(known.default)}` | {known.takes} | {known.about} |"
        for known in ASSUMPTIONS
    ]
    assert [row for row in rows if row not in README] == []


def test_the_table_of_mutations_is_made_from_the_code() -> None:
    assert (ROOT / "docs" / "mutations.md").read_text("utf-8") == table()


def test_every_code_that_may_be_asked_for_stands_in_the_readme() -> None:
    *most, last = [str(code) for code in ASKABLE]
    assert f"{', '.join(most)} or {last}" in README


@pytest.mark.parametrize("index", range(len(EXAMPLES)))
def test_the_fixture_examples_of_the_readme_load_and_keep_the_contract(
    index: int, tmp_path: Path
) -> None:
    (tmp_path / "example.yaml").write_text(EXAMPLES[index], "utf-8")
    catalogs = load_catalogs([tmp_path], FORMS)
    settings = Settings()
    apis = every_api(settings.assume)
    contracts = load_contracts(settings, apis)
    epoch = datetime(2026, 1, 1, tzinfo=UTC)
    found = 0
    for api in apis:
        catalog, contract = catalogs[api.name], contracts[api.name]
        for fixture in catalog.evaluations.values():
            proof = prove(api, contract, api.from_fixture(fixture, epoch))
            assert proof.judged > 0
            assert proof.broken == ()
        for answer in catalog.answers.values():
            told = [violation for _, violation in prove_answer(contract, answer, epoch).broken]
            assert [v.place for v in told] in ([], ["body /operation"])  # ours has two operations
        found += len(catalog.evaluations) + len(catalog.answers)
    assert found == 1


@pytest.mark.parametrize("index", range(len(PYTHON)))
def test_the_python_examples_of_the_readme_run(index: int) -> None:
    exec(compile(PYTHON[index], "README.md", "exec"), {})  # noqa: S102 because it is our own text


@pytest.mark.parametrize("index", range(len(TESTS)))
def test_the_tests_of_the_readme_pass(index: int, pytester: pytest.Pytester) -> None:
    for client in (ROOT / "examples" / "python").glob("*_poller.py"):
        if not client.name.startswith("test_"):
            shutil.copy(client, pytester.path)
    pytester.makepyfile(test_readme=TESTS[index])
    told = pytester.runpytest("-p", "no:cacheprovider")
    tests = TESTS[index].count("\ndef test_") + TESTS[index].count(".TestCase")
    told.assert_outcomes(passed=tests)


def test_every_operation_of_the_control_api_stands_in_the_readme() -> None:
    told = README.partition("## Time you hold in your hand")[2].partition("\n## ")[0]
    templates = {operation.template for operation in load_own_contract().operations.values()}
    last = {template.replace("{name}", "NAME").replace("{id}", "ID") for template in templates}
    missing = [
        path
        for path in last - {"/_mock/openapi/{document}"}
        if path not in told and f".../{path.rpartition('/')[2]}`" not in told
    ]
    assert missing == []


def test_every_dependency_has_its_line_in_contributing() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = [re.split(r"[<>=\[ ]", line)[0].lower() for line in project["dependencies"]]
    told = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert [name for name in names if f"| {name} |" not in told] == []


def test_nothing_of_the_house_is_missing_from_the_map() -> None:
    package = Path(mockserver.__file__).parent
    rooms = {path.name for path in package.iterdir() if not path.name.startswith("_")}
    told = README.partition("## The map of the code")[2]
    missing = [room for room in rooms if room != "py.typed" and f"{room}`" not in told]
    assert missing == []
