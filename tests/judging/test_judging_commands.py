"""`oxen-mock judge` as its users meet it: what it prints, how it ends, what it takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from recordings import (
    COMPLETED,
    EVALUATION,
    N_RUNNING,
    PROBLEM,
    QUEUED,
    RUNNING,
    STATUS,
    archive,
    created,
    entry,
    shown,
    without,
)

from mockserver.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

CLEAN = archive(created(shown(QUEUED)), entry(EVALUATION, shown(COMPLETED), after=400))
WRONG = archive(
    *(entry(EVALUATION, shown(RUNNING | {"tokens_used": 7}), after=n) for n in (60, 61, 62)),
)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {"clean.har": CLEAN, "wrong.har": WRONG}.items():
        (tmp_path / name).write_text(json.dumps(value), "utf-8")
    (tmp_path / "body.json").write_text(json.dumps(shown(COMPLETED)), "utf-8")


def run(*arguments: str, given: object = None) -> Result:
    text = given if isinstance(given, str) else json.dumps(given)
    return CliRunner().invoke(main, ["judge", *arguments], input=text, catch_exceptions=False)


def test_what_is_clean_is_said_last_and_ends_with_0() -> None:
    told = run("clean.har")
    assert told.exit_code == 0
    assert told.output.splitlines()[-1] == "clean: 2 exchanges of 1 evaluation judged"
    assert told.output.splitlines()[0] == 'confirmed: default_target_path = "" (by 1 exchange)'


def test_a_finding_is_a_line_and_ends_with_1() -> None:
    told = run("wrong.har")
    assert told.exit_code == 1
    lines = told.output.splitlines()
    assert lines[0] == (
        f"[0] GET {EVALUATION.removeprefix('https://hub.oxen.ai')} 200 - rule: body "
        "/evaluation/tokens_used: expected 100, prompt and completion tokens together, found 7 "
        "(rule: tokens add up) (3 x, also [1], [2])"
    )
    assert lines[-1] == (
        "not clean: 1 finding (1 of what can be true) in 3 exchanges of 1 evaluation judged"
    )


def test_an_archive_is_taken_from_standard_input() -> None:
    assert run("-", given=CLEAN).exit_code == 0


def test_several_archives_are_judged_together_and_told_apart() -> None:
    told = run("clean.har", "wrong.har")
    assert told.exit_code == 1
    assert told.output.startswith("wrong.har[0] GET ")
    assert told.output.splitlines()[-1].endswith("in 5 exchanges of 1 evaluation judged")


def test_as_json_it_is_one_document() -> None:
    told = json.loads(run("wrong.har", "--json").output)
    assert told["clean"] is False
    assert told["judged_by"] == "strict"
    assert told["counts"] == {"document": 0, "rule": 1, "request": 0, "assumption": 0}
    [finding] = told["findings"]
    assert finding["rule"] == "tokens add up"
    assert [where["index"] for where in finding["entries"]] == [0, 1, 2]
    assert len(told["exchanges"]) == 3


def test_as_junit_every_exchange_is_a_case(tmp_path: Path) -> None:
    told = run("wrong.har", "clean.har", "--junit", "out.xml")
    assert told.exit_code == 1
    [suite] = ET.fromstring((tmp_path / "out.xml").read_bytes())  # noqa: S314 our own
    assert (suite.get("tests"), suite.get("failures")) == ("5", "3")
    case = suite.find("testcase")
    assert case is not None
    assert case.get("classname") == "get_evaluation"
    assert str(case.get("name")).startswith("wrong.har[0] GET /api/repos/ox/cats/evaluations/")


def test_published_leaves_out_what_we_assume() -> None:
    more = archive(entry(EVALUATION, shown(COMPLETED | {"queued_at": None})))
    assert run("-", given=more).exit_code == 1
    told = run("-", "--published", given=more)
    assert told.exit_code == 0
    assert told.output.splitlines()[-1].endswith("judged by the published documents")


def test_an_assumption_can_be_switched() -> None:
    none = archive(entry(EVALUATION, PROBLEM, status=404).copy())
    fraction = archive(
        entry(EVALUATION, shown(RUNNING | {"started_at": "2024-10-12T21:38:50.5Z"}), after=60)
    )
    assert run("-", given=none).exit_code == 0
    assert run("-", given=fraction).exit_code == 1
    assert run("-", "--assume", "fractional_seconds=true", given=fraction).exit_code == 0


def test_a_prefix_is_taken_off() -> None:
    below = archive(entry(EVALUATION.replace("/api/", "/hub/api/"), shown(RUNNING)))
    assert run("-", given=below).exit_code == 2
    assert run("-", "--prefix", "/hub", given=below).exit_code == 0


# The body of one answer


def test_the_body_of_an_answer_is_judged_alone() -> None:
    told = run("--operation", "get_evaluation", "--status", "200", "body.json")
    assert told.exit_code == 0
    assert told.output.splitlines()[-1] == "clean: 1 exchange of 1 evaluation judged"
    wrong = run("--operation", "get_evaluation", "-", given=shown(RUNNING | {"tokens_used": 7}))
    assert wrong.exit_code == 1
    assert "body /evaluation/tokens_used" in wrong.output


@pytest.mark.parametrize(
    ("arguments", "body", "code"),
    [
        (("--operation", "get_evaluation", "--status", "404"), PROBLEM, 0),
        (("--operation", "get_evaluation", "--status", "404"), shown(COMPLETED), 1),
        (("--operation", "get_evaluation", "--status", "201"), shown(COMPLETED), 1),
        (("--operation", "get_evaluation"), {}, 1),
        (("--operation", "get_evaluation", "--published"), {}, 0),
        (("--operation", "get_evaluation"), "", 1),
        (("--operation", "get_evaluation"), "<html>", 1),
        (("--operation", "get_evaluation_status"), N_RUNNING, 0),
        (("--operation", "nugen.get_evaluation_status"), N_RUNNING | {"eta_seconds": 7}, 1),
        (("--operation", "get_evaluation_status", "--status", "500"), "Internal Server Error", 0),
        (("--operation", "get_evaluation_status", "--status", "401"), {"detail": "no"}, 1),
        (("--operation", "oxen.create_evaluation"), shown(QUEUED), 0),
        (("--operation", "oxen.create_evaluation"), shown(COMPLETED), 1),
        (
            ("--operation", "get_evaluation", "--now", "2024-10-12T21:44:00Z"),
            shown(COMPLETED),
            1,
        ),
    ],
)
def test_a_body_is_what_its_operation_and_status_say(
    arguments: tuple[str, ...], body: object, code: int
) -> None:
    assert run(*arguments, "-", given=body).exit_code == code


UNUSABLE = {
    "an operation that several APIs have": (
        ("--operation", "create_evaluation", "body.json"),
        "give oxen.create_evaluation or nugen.create_evaluation",
    ),
    "an operation that none has": (
        ("--operation", "get_evaluatoin", "body.json"),
        "did you mean get_evaluation?",
    ),
    "an operation unlike any": (
        ("--operation", "zzz", "body.json"),
        "there are create_evaluation, get_evaluation, ",
    ),
    "an instant that is none": (
        ("--operation", "get_evaluation", "--now", "soon", "body.json"),
        "--now: expected an instant",
    ),
    "a status that is none": (
        ("--operation", "get_evaluation", "--status", "7", "body.json"),
        "100<=x<=599",
    ),
    "a status of nothing": (("--status", "200", "clean.har"), "--operation: give it, too"),
    "two bodies": (("--operation", "get_evaluation", "body.json", "body.json"), "found 2 files"),
    "standard input twice": (("-", "--spec", "-"), "standard input can be read once"),
    "no file": ((), "Missing argument 'FILE...'"),
    "a file that is not there": (("missing.har",), "expected a file that can be read"),
    "a folder": ((".",), "expected a file that can be read"),
    "a body for an archive": (("body.json",), "an object with log.entries, a list"),
    "an unknown assumption": (("--assume", "dialekt=spec", "clean.har"), "did you mean dialect?"),
    "nothing to judge": (("clean.har", "--host", "example.com"), "there is nothing to judge"),
    "a document that is none": (("--spec", "body.json", "clean.har"), "body.json"),
    "a report that cannot be written": (
        ("clean.har", "--junit", "missing/out.xml"),
        "--junit: expected a file that can be written",
    ),
}


@pytest.mark.parametrize(("arguments", "reason"), UNUSABLE.values(), ids=UNUSABLE)
def test_what_cannot_be_judged_is_said_and_ends_with_2(
    arguments: tuple[str, ...], reason: str
) -> None:
    told = run(*arguments)
    assert told.exit_code == 2
    assert reason in told.stderr
    assert "Traceback" not in told.output


def test_an_archive_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.judging.traffic.LARGEST", 100)
    told = run("clean.har")
    assert told.exit_code == 2
    assert "at most 100 bytes, found more: record less" in told.stderr
    assert (tmp_path / "clean.har").stat().st_size > 100


def test_a_users_own_document_is_judged_by(tmp_path: Path) -> None:
    bare = {
        "openapi": "3.0.0",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/api/things/{id}": {
                "get": {
                    "operationId": "get_thing",
                    "responses": {
                        "200": {
                            "description": "",
                            "content": {"application/json": {"schema": {"type": "object"}}},
                        }
                    },
                }
            }
        },
    }
    (tmp_path / "own.json").write_text(json.dumps(bare), "utf-8")
    hub = "https://hub.oxen.ai/api/things"
    things = archive(entry(f"{hub}/7", {}), entry(f"{hub}/8", []))
    told = run("-", "--spec", "own.json", given=things)
    assert told.exit_code == 1
    assert told.output.startswith("[1] GET /api/things/8 200 - document: body: expected an object")


def test_fields_that_are_missing_are_one_assumption_of_ours() -> None:
    told = run("--operation", "get_evaluation", "-", given=shown(without(COMPLETED, "name")))
    assert told.exit_code == 1
    assert "(assumed by oxen.overlay.yaml)" in told.output
    assert (
        "refuted: oxen.overlay.yaml $.components.schemas.Evaluation (by 1 exchange)" in told.output
    )


def test_both_apis_may_stand_in_one_archive() -> None:
    assert (
        run(
            "-", given=archive(entry(STATUS, N_RUNNING), entry(EVALUATION, shown(RUNNING)))
        ).exit_code
        == 0
    )
