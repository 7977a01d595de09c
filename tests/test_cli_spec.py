"""`oxen-mock spec --diff` and `--as-overlay`, as their users meet them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from click.testing import CliRunner
from oas_patch.overlay import (  # type: ignore[import-untyped]  # because it ships no types
    apply_overlay as apply_by_oas_patch,
)

from mockserver.bundled import bundled
from mockserver.cli import main
from mockserver.contract.document import load_document

if TYPE_CHECKING:
    from click.testing import Result

OWN = (bundled("spec") / "oxen.yaml").read_text("utf-8")
NUGEN = (bundled("spec") / "nugen.yaml").read_text("utf-8")
FOREIGN = "openapi: 3.0.0\ninfo: {title: T, version: '1'}\npaths: {/a: {get: {}}}\n"
CHOICE = "            - cancelled\n"
"""The last status of an evaluation, in our own document."""


LIFE = "phases:\n  - queued: 2s\n  - running: 4s\n  - completed\nrows: 10\n"


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("OXEN_MOCK_")]:
        monkeypatch.delenv(name)
    saved("own.yaml", OWN)
    saved("more.yaml", changed(OWN, CHOICE, f"{CHOICE}            - paused\n"))


def run(*arguments: str, standard_input: str | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=standard_input, catch_exceptions=False)


def saved(name: str, text: str) -> str:
    Path(name).write_text(text, "utf-8")
    return name


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


# -- two documents ----------------------------------------------------------------------------


def test_a_document_that_is_the_same_ends_with_0_and_says_so() -> None:
    told = run("spec", "--diff", "own.yaml")
    assert told.exit_code == 0
    assert told.output.splitlines() == [
        "old: own.yaml (version 0.243.1)",
        "new: oxen.yaml (version 0.243.1), of the API oxen",
        "",
        "nothing found: to a client they are the same",
    ]


def test_a_document_that_differs_ends_with_1_and_says_where_and_whom_it_breaks() -> None:
    told = run("spec", "--diff", "own.yaml", "more.yaml")
    assert told.exit_code == 1
    operations = "create_evaluation, get_evaluation"
    assert (
        f"  breaks  {operations} answer 200 /evaluation/status: a new choice, paused" in told.output
    )
    assert told.output.splitlines()[-1] == "2 findings, 2 of which can break a client"
    back = run("spec", "--diff", "more.yaml", "own.yaml")
    assert f"          {operations} answer 200 /evaluation/status: the choice paused" in back.output
    assert back.output.splitlines()[-1] == "2 findings, none of which can break a client"


def test_as_json_it_is_one_document_with_every_list() -> None:
    told = run("spec", "--diff", "own.yaml", "more.yaml", "--json")
    assert told.exit_code == 1
    value = json.loads(told.output)
    assert (value["api"], value["findings"], value["breaking"]) == ("oxen", 2, 2)
    assert value["old"] == {"document": "own.yaml", "version": "0.243.1"}
    assert value["fields"][0] == {
        "operation": "create_evaluation",
        "place": "answer 200 /evaluation/status",
        "also": [],
        "change": "choice new",
        "sentence": "a new choice, paused",
        "breaking": True,
        "keyword": "enum",
        "old": None,
        "new": "paused",
    }
    assert value["operations"] == value["overlay"] == value["fixtures"] == []
    assert value["repairs"] == {"gone": [], "new": []}
    assert value["texts"] == 0


def test_texts_are_no_findings_and_are_counted() -> None:
    copy = changed(OWN, "summary: Start an evaluation", "summary: Start")
    told = run("spec", "--diff", saved("copy.yaml", copy))
    assert told.exit_code == 0
    assert told.output.endswith("they are the same; 1 text for people changed\n")


def test_either_document_may_be_standard_input() -> None:
    more = Path("more.yaml").read_text("utf-8")
    for arguments in (("-", "more.yaml"), ("own.yaml", "-"), ("-",)):
        text = more if arguments == ("own.yaml", "-") else OWN
        told = run("spec", "--diff", *arguments, standard_input=text)
        assert told.exit_code == (0 if arguments == ("-",) else 1)
        assert "<stdin> (version 0.243.1)" in told.output


def test_without_a_new_document_the_one_in_force_is_it() -> None:
    told = run("spec", "--diff", "own.yaml", "--spec", "more.yaml")
    assert told.exit_code == 1
    assert "new: more.yaml (version 0.243.1), of the API oxen" in told.output
    saved("oxen-mock.toml", 'specs = ["more.yaml"]\n')
    told = run("spec", "--diff", "more.yaml")
    assert told.exit_code == 0, told.output


def test_a_document_of_another_api_is_compared_with_the_bundled_one_of_that_api() -> None:
    told = run("spec", "--diff", saved("any-name.yaml", NUGEN))
    assert told.exit_code == 0
    assert "new: nugen.yaml (version 3), of the API nugen" in told.output


def test_repairs_that_are_gone_and_new_are_told() -> None:
    mended = changed(
        OWN,
        "          type: string\n          format: date_time\n        is_sample",
        "          type: string\n          format: date-time\n        is_sample",
    )
    told = run("spec", "--diff", "own.yaml", saved("mended.yaml", mended))
    assert told.exit_code == 1
    assert "repairs that are no longer needed: 1\n  /components/schemas/Evaluation/properties/" in (
        told.output
    )
    assert "fields:" not in told.output
    back = run("spec", "--diff", "mended.yaml", "own.yaml")
    assert "repairs that are needed now: 1\n" in back.output


def test_overlay_actions_that_select_nothing_in_the_new_document_are_told() -> None:
    other = OWN.replace("'404':\n", "'410':\n")
    told = run("spec", "--diff", "own.yaml", saved("other.yaml", other))
    assert "overlay actions that select nothing now: 2" in told.output
    assert ".get.responses['404'].content" in told.output
    assert "get_evaluation answer 404: the status is gone" in told.output
    told = run("spec", "--diff", "other.yaml", "other.yaml")
    assert told.exit_code == 0, "what the old document breaks too is nothing new"


def test_fixtures_that_do_not_pass_with_the_new_document_are_told() -> None:
    Path("mine").mkdir()
    saved("mine/own.yaml", LIFE)
    saved("less.yaml", OWN.replace("            - completed\n", "            - done\n"))
    told = run("spec", "--diff", "own.yaml", "less.yaml", "--fixtures", "mine")
    assert told.exit_code == 1
    fixtures = told.output.partition("what fixtures break now: ")[2]
    assert "mine/own.yaml" in fixtures
    assert "happy-path.yaml" in fixtures
    assert '"completed"' in fixtures
    told = run("spec", "--diff", "less.yaml", "less.yaml", "--fixtures", "mine")
    assert told.exit_code == 0, told.output


def test_two_documents_of_no_api_of_ours_can_be_compared_all_the_same() -> None:
    saved("one.yaml", FOREIGN)
    saved("two.yaml", FOREIGN.replace("/a:", "/b:"))
    told = run("spec", "--diff", "one.yaml", "two.yaml")
    assert told.exit_code == 1
    assert (
        "  breaks  GET /a: the operation is gone\n          GET /b: a new operation" in told.output
    )
    assert ", of the API" not in told.output
    assert json.loads(run("spec", "--diff", "one.yaml", "two.yaml", "--json").output)["api"] is None


def test_a_document_of_no_api_of_ours_has_nothing_to_be_compared_with() -> None:
    told = run("spec", "--diff", saved("one.yaml", FOREIGN))
    assert told.exit_code == 2
    assert "one.yaml: expected paths of the Oxen hub or Nugen, found none of them" in told.stderr
    assert "oxen-mock spec --diff OLD NEW" in told.stderr


def test_what_is_wrong_with_both_documents_is_told_at_once() -> None:
    saved("bad.yaml", "openapi: 3.0.0\npaths: {/a: {get: {}}}\n")
    told = run("spec", "--diff", "missing.yaml", "bad.yaml")
    assert told.exit_code == 2
    assert told.stdout == ""
    assert told.stderr.splitlines() == [
        "oxen-mock: the documents cannot be compared",
        "  missing.yaml: expected a readable file, found No such file or directory",
        "  bad.yaml /: expected a valid OpenAPI document, found 'info' is a required property",
    ]


MISTAKES = {
    "a document without --diff": (("own.yaml",), "type oxen-mock spec --diff own.yaml"),
    "a document without --diff, as overlay": (
        ("--as-overlay", "own.yaml"),
        "or --spec own.yaml to look at one",
    ),
    "nothing to compare": (("--diff",), "expected one document or two, found none"),
    "three documents": (("--diff", "a", "b", "c"), "expected one document or two, found a b c"),
    "standard input twice": (("--diff", "-", "-"), "can be read once"),
    "standard input as --spec too": (("--diff", "-", "--spec", "-"), "can be read once"),
    "two questions": (("--diff", "--as-overlay", "own.yaml"), "give one of the two"),
    "no such file": (("--diff", "nowhere.yaml"), "nowhere.yaml: expected a readable file"),
    "a folder": (("--diff", "."), ".: expected a readable file"),
}


@pytest.mark.parametrize(("arguments", "reason"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_a_sentence_that_says_what_to_type(
    arguments: tuple[str, ...], reason: str
) -> None:
    told = run("spec", *arguments, standard_input=OWN)
    assert told.exit_code == 2
    assert told.stdout == ""
    assert reason in told.stderr
    assert len(told.stderr.splitlines()) <= 4


# -- the repairs as an overlay ----------------------------------------------------------------


def test_the_overlay_makes_the_repaired_document_in_the_hands_of_another_tool() -> None:
    told = run("spec", "--as-overlay")
    assert told.exit_code == 0
    overlay = yaml.safe_load(told.output)
    assert overlay["overlay"] == "1.0.0"
    made = apply_by_oas_patch(yaml.safe_load(OWN), overlay)
    assert made == load_document(OWN, "own.yaml").value
    assert run("spec", "--as-overlay", "--spec", saved("made.json", json.dumps(made))).stdout == ""


def test_the_overlay_is_in_ascii_and_can_be_had_as_json() -> None:
    copy = changed(OWN, "summary: Start an evaluation", "summary: Schön \U0001f600")
    told = run("spec", "--as-overlay", "--spec", "-", standard_input=copy)
    assert told.output.isascii()
    as_json = run("spec", "--as-overlay", "--json", "--spec", "-", standard_input=copy)
    assert json.loads(as_json.output) == yaml.safe_load(told.output)
    assert "Schön \U0001f600" in str(yaml.safe_load(told.output))


def test_a_document_that_needs_no_repair_has_no_overlay_and_that_is_fine() -> None:
    told = run("spec", "--as-overlay", "--spec", saved("nugen.yaml", NUGEN))
    assert told.exit_code == 0
    assert told.stdout == ""
    assert told.stderr == "nugen.yaml needs no repair: there is nothing for an overlay to do\n"


@pytest.mark.parametrize(
    ("specs", "reason"),
    [
        (("missing.yaml",), "--spec missing.yaml: expected a readable file"),
        (("bad.yaml",), "/paths: expected a mapping of paths"),
        (("own.yaml", "more.yaml"), "expected one document"),
    ],
)
def test_what_cannot_be_made_an_overlay_of_is_told(specs: tuple[str, ...], reason: str) -> None:
    saved("bad.yaml", "openapi: 3.0.0\n")
    told = run("spec", "--as-overlay", *(part for spec in specs for part in ("--spec", spec)))
    assert told.exit_code == 2
    assert told.stdout == ""
    assert reason in told.stderr
