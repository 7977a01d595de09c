"""Fixture files: every bundled one keeps its word, and a bad one is told all that is wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mockserver.apis.known import FORMS, every_api
from mockserver.apis.oxen import OxenApi
from mockserver.apis.oxen.evaluations import FORM
from mockserver.apis.oxen.lifecycle import Status
from mockserver.bundled import bundled
from mockserver.core.errors import BadFixturesError
from mockserver.core.evaluation import boundary_instants
from mockserver.durations import format_duration
from mockserver.fixture_files import load_catalogs
from mockserver.fixtures import Catalog
from mockserver.loading import load_contracts
from mockserver.proving import prove, prove_answer
from mockserver.settings import Settings
from mockserver.source import read_fixture

if TYPE_CHECKING:
    from pathlib import Path

    from mockserver.fixtures import AnswerFixture, EvaluationFixture

FOLDER = bundled("fixtures")
FILES = sorted(FOLDER.rglob("*.yaml"))
SCHEMA = json.loads((bundled("spec") / "fixture.schema.json").read_text("utf-8"))
APIS = {api.name: api for api in every_api({})}
CONTRACTS = load_contracts(Settings(), tuple(APIS.values()))
EVERY = load_catalogs([FOLDER], FORMS)
BUNDLED = EVERY["oxen"]
ROWS = 100
EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIFE = "phases: [queued: 3s, running: 24s, completed]\n"


def write(folder: Path, **texts: str) -> Path:
    """A folder with these fixtures by name."""
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name.replace('_', '-')}.yaml").write_text(text, "utf-8")
    return folder


def load(*folders: Path) -> Catalog:
    return load_catalogs(folders, FORMS)["oxen"]


def one(folder: Path, text: str) -> EvaluationFixture:
    return load(write(folder, a=text)).evaluations["a"]


def answer(folder: Path, text: str) -> AnswerFixture:
    return load(write(folder, a=text)).answers["a"]


def flaws_of(*folders: Path) -> list[str]:
    """What is wrong, each as a line, its file without the folder."""
    with pytest.raises(BadFixturesError) as refused:
        load(*folders)
    lines = [str(flaw) for flaw in refused.value.flaws]
    for folder in folders:
        lines = [line.replace(f"{folder}/", "").replace(f"{folder}\\", "") for line in lines]
    return lines


# -- the bundled ones -------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_bundled_fixture_starts_with_the_line_that_editors_read(path: Path) -> None:
    first = path.read_text("utf-8").splitlines()[0]
    start = "# yaml-language-server: $schema="
    assert first.startswith(start)
    assert (path.parent / first.removeprefix(start)).resolve().name == "fixture.schema.json"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_bundled_fixture_matches_the_schema_and_says_what_it_is_for(path: Path) -> None:
    value: Any = read_fixture(path.read_text("utf-8"), path.name).value
    assert list(Draft202012Validator(SCHEMA).iter_errors(value)) == []
    assert value["about"].endswith(".")


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


LIVES = [life for catalog in EVERY.values() for life in catalog.evaluations.values()]
ANSWERS = [answer for catalog in EVERY.values() for answer in catalog.answers.values()]


@pytest.mark.parametrize("fixture", LIVES, ids=lambda life: f"{life.api}/{life.name}")
def test_a_bundled_evaluation_keeps_contract_and_rules_at_every_boundary(
    fixture: EvaluationFixture,
) -> None:
    """But for what it says it breaks, which it does break."""
    api = APIS[fixture.api]
    evaluation = api.from_fixture(fixture, EPOCH)
    proof = prove(api, CONTRACTS[api.name], evaluation)
    assert proof.broken == ()
    assert proof.idle == ()
    shown = len(list(api.answers(evaluation, EPOCH + timedelta(days=1))))
    instants = len(boundary_instants(evaluation))
    assert proof.judged == instants * shown > len(fixture.timeline.phases)


@pytest.mark.parametrize("fixture", ANSWERS, ids=lambda answer: f"{answer.api}/{answer.name}")
def test_a_bundled_answer_keeps_the_contract_where_there_is_one(fixture: AnswerFixture) -> None:
    assert prove_answer(CONTRACTS[fixture.api], fixture, EPOCH).broken == ()


def test_every_kind_of_life_is_among_the_bundled_ones() -> None:
    lives = BUNDLED.evaluations.values()
    paths = {tuple(phase.status for phase in life.timeline.phases) for life in lives}
    queued, running, committing = Status.QUEUED, Status.RUNNING, Status.COMMITTING
    assert {
        (queued, running, committing, Status.COMPLETED),
        (queued, running, Status.COMPLETED),
        (queued, running, Status.ERRORED),
        (queued, running, committing, Status.ERRORED),
        (queued, running, Status.CANCELLED),
    } <= paths
    runs = [moment for life in lives if (moment := life.timeline.span(running)) is not None]
    hour = timedelta(hours=1)
    assert any(moment.ends is not None and moment.ends - moment.began >= hour for moment in runs)
    assert any(life.fields.get("is_sample") for life in lives)
    assert any(life.fields.get("input_type") == "image" for life in lives)
    assert any(life.fields.get("output_type") == "embeddings" for life in lives)
    assert any(life.starts < -timedelta(days=1) for life in lives)


def test_the_happy_path_has_the_documented_id_everywhere_and_the_default_life() -> None:
    happy = BUNDLED.evaluations["happy-path"]
    assert happy.fields["id"] == "d0c8585d-1234-5678-abcd-ef0123456789"
    assert happy.scope is None
    assert happy.match == {}
    assert [(p.status, p.lasts and format_duration(p.lasts)) for p in happy.timeline.phases] == [
        (Status.QUEUED, "3s"),
        (Status.RUNNING, "24s"),
        (Status.COMMITTING, "3s"),
        (Status.COMPLETED, None),
    ]


@pytest.mark.parametrize("path", ["data.parquet", "datasets/training.parquet", "a/b/c.csv", ""])
def test_no_bundled_fixture_matches_an_ordinary_create(path: str) -> None:
    asked = {"path": path, "model": "gpt-4o-mini", "name": "", "prompt": "Classify: {text}"}
    assert BUNDLED.life_of("evaluation", asked, FORM).name == "happy-path"


# -- what a file says -------------------------------------------------------------------------


def test_the_least_fixture_has_a_default_for_everything_else(tmp_path: Path) -> None:
    found = one(tmp_path, LIFE)
    assert (found.name, found.rows, found.stops_at, found.scope) == ("a", ROWS, None, None)
    assert (found.starts, found.fields, found.match) == (timedelta(), {}, {})
    assert found.file == tmp_path / "a.yaml"


def test_every_field_of_a_fixture_arrives(tmp_path: Path) -> None:
    text = (
        "about: All of it.\nrepository: ox/cats\nstarts: -1m30s\nrows: 200\nstops_at_row: 71\n"
        "error_message: Out of credits\nusage: {prompt_tokens: 0.1, credits: 2}\n"
        "phases:\n  - queued: 500ms\n  - running: 1.5h\n  - errored\n"
        "evaluation: {prompt: 'Is it? {a}', model: {name: x}}\n"
        "match: {path: 'a/*', model: '?'}\nassume: {fractional_seconds: true}\n"
    )
    found = one(tmp_path, text)
    assert found.about == "All of it."
    assert found.scope == "ox/cats"
    assert found.starts == timedelta(seconds=-90)
    assert (found.rows, found.stops_at, found.error_message) == (200, 71, "Out of credits")
    assert (str(found.usage.prompt_tokens), str(found.usage.credits)) == ("0.1", "2")
    assert [phase.lasts for phase in found.timeline.phases] == [
        timedelta(milliseconds=500),
        timedelta(minutes=90),
        None,
    ]
    assert found.fields == {"prompt": "Is it? {a}", "model": {"name": "x"}}
    assert found.match == {"path": "a/*", "model": "?"}
    assert found.assumptions == {"fractional_seconds": True}
    assert found.where(("phases", 1)).endswith("a.yaml:10")


def test_a_later_folder_adds_and_overrides_by_name(tmp_path: Path) -> None:
    first = write(tmp_path / "1", a=LIFE, b=LIFE)
    second = write(tmp_path / "2", b="kind: answer\npath: /b\nstatus: 204\n", c=LIFE)
    third = write(tmp_path / "3", b="about: third\n" + LIFE)
    both = load(first, second)
    assert sorted(both.evaluations) == ["a", "c"]
    assert sorted(both.answers) == ["b"]
    assert load(first, second, third).evaluations["b"].about == "third"


def test_fixtures_are_found_below_a_folder_and_other_files_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "deep", a=LIFE)
    (tmp_path / "b.yml").write_text(LIFE, "utf-8")
    (tmp_path / "README.md").write_text("no fixture", "utf-8")
    assert sorted(load(tmp_path).evaluations) == ["a", "b"]


# -- what is wrong with one -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place", "expected", "found"),
    [
        ("", "1", "a fixture, a mapping", "null"),
        ("[1]", "1", "a fixture, a mapping", "a list of 1"),
        ("about: x\n", "1 /phases", "a list (required)", "nothing"),
        (LIFE + "row: 5\n", "2 /row", "no such property", "'row'; did you mean rows?"),
        (
            LIFE + "evaluation:\n  promt: x\n",
            "3 /evaluation/promt",
            "no such property",
            "'promt'; did you mean prompt?",
        ),
        (
            LIFE + "evaluation:\n  completed_at: x\n",
            "3 /evaluation/completed_at",
            "no such property",
            "'completed_at' (it follows from the phases)",
        ),
        (
            LIFE + "status: running\n",
            "2 /status",
            "no such property",
            "'status' (it follows from the phases)",
        ),
        (
            "phases:\n  - queued: 3\n  - completed\n",
            "2 /phases/0/queued",
            "a duration with units, as in 2s or 1m30s",
            "3",
        ),
        (
            "phases:\n  - queued: 3s\n  - running: '24'\n  - completed\n",
            "3 /phases/1/running",
            "a duration with units, as in 2s or 1m30s",
            '"24"',
        ),
        (
            "phases:\n  - queued: 3s\n  - runing: 1s\n  - completed\n",
            "3 /phases/1/runing",
            "no such property",
            "'runing'; did you mean running?",
        ),
        (
            "phases:\n  - queued: 3s\n  - waiter\n",
            "3 /phases/1",
            "completed, errored or cancelled, or a phase as in `queued: 3s`",
            '"waiter"',
        ),
        (
            "phases:\n  - queued: 3s\n  - completed\n",
            "2 /phases",
            "after queued: running, errored, cancelled",
            "completed",
        ),
        (
            "phases:\n  - running: 3s\n  - completed\n",
            "2 /phases",
            "the first phase: queued (0s if it is never seen)",
            "running",
        ),
        (
            "phases:\n  - queued: 3s\n",
            "2 /phases",
            "the last phase: one of completed, errored, cancelled",
            "queued",
        ),
        (
            "phases:\n  - queued: 3s\n  - running: 4000d\n  - completed\n",
            "3 /phases/1",
            "running: a duration from 0s to 3650d",
            "4000 days, 0:00:00",
        ),
        (
            "phases: [queued: 1s, running: 1s, errored]\n",
            "1 /phases",
            "an error_message beside errored",
            "none",
        ),
        (
            LIFE + "error_message: x\n",
            "2 /error_message",
            "only where the last phase is errored",
            "a life that ends completed",
        ),
        (
            LIFE + "stops_at_row: 5\n",
            "2 /stops_at_row",
            "only where running itself ends in errored or cancelled",
            "queued -> running -> completed",
        ),
        (
            "phases: [queued: 1s, cancelled]\nstops_at_row: 5\n",
            "2 /stops_at_row",
            "only where running itself ends in errored or cancelled",
            "queued -> cancelled",
        ),
        (
            (
                "error_message: x\nstops_at_row: 5\nphases:\n"
                "  [queued: 1s, running: 1s, committing: 1s, errored]\n"
            ),
            "2 /stops_at_row",
            "only where running itself ends in errored or cancelled",
            "queued -> running -> committing -> errored",
        ),
        (
            "phases: [queued: 1s, running: 1s, cancelled]\nrows: 10\nstops_at_row: 11\n",
            "3 /stops_at_row",
            "at most the 10 rows",
            "11",
        ),
        (
            "phases: [queued: 1s, running: 1s, cancelled]\nstops_at_row: 101\n",
            "2 /stops_at_row",
            "at most the 100 rows",
            "101",
        ),
        (LIFE + "rows: -1\n", "2 /rows", "at least 0", "-1"),
        (LIFE + "rows: 100.0\n", "2 /rows", "an integer", "100.0"),
        (LIFE + "rows: 1e3\n", "2 /rows", "an integer", "1000.0"),
        (LIFE + "rows: '5'\n", "2 /rows", "an integer", '"5"'),
        (LIFE + "repository: cats\n", "2 /repository", "a repository as namespace/name", '"cats"'),
        (
            LIFE + "repository: |\n  ox/cats\n",
            "2 /repository",
            "a repository as namespace/name",
            '"ox/cats\\n"',
        ),
        (LIFE + "starts: -20\n", "2 /starts", "a duration with units, as in 20s or -1m30s", "-20"),
        (LIFE + "starts: 40000d\n", "2 /starts", "at most 36500d", "40000d"),
        (
            LIFE + "match: {}\n",
            "2 /match",
            "at least one of path, model, name and prompt",
            "an object with 0 keys",
        ),
        (
            LIFE + "assume:\n  fractional_seconds: true\n  fractional_second: 1\n",
            "4 fractional_second",
            "the name of a setting",
            "fractional_second (did you mean fractional_seconds?)",
        ),
        (LIFE + "assume:\n  fractional_seconds: 3\n", "3 fractional_seconds", "true or false", "3"),
        (
            LIFE + "assume:\n  dialect: legacy\n",
            "3 dialect",
            "the name of a setting",
            "dialect (known: fractional_seconds)",
        ),
        (
            LIFE + "evaluation:\n  input_type: txt\n",
            "3 /evaluation/input_type",
            "one of text, image, video",
            '"txt"',
        ),
        (
            LIFE + "evaluation:\n  resource: {path: a}\n",
            "3 /evaluation/resource/version",
            "a string (required)",
            "nothing",
        ),
        (LIFE + "rows: 5\nrows: 6\n", "3", "each key once", "rows for the second time"),
        (
            LIFE + "evaluation: {is_sample: no}\n",
            "2",
            'quotes around it ("no"), true, false or a number',
            "a yes/no value to some readers, a word to others",
        ),
        (
            LIFE + "about: 2024-01-01\n",
            "2",
            'quotes around it ("2024-01-01"), true, false or a number',
            "a date to some readers, a text to others",
        ),
        (LIFE + "a: &x [*x]\n", "2", "*x to repeat a finished value", "a cycle"),
        ("a: ]", "1", "YAML", "text that is not: did not find expected node content"),
    ],
)
def test_a_bad_fixture_is_told_with_line_expected_and_found(
    tmp_path: Path, text: str, place: str, expected: str, found: str
) -> None:
    told = f"a.yaml:{place}: expected {expected}, found {found}"
    assert flaws_of(write(tmp_path, a=text)) == [told]


@pytest.mark.parametrize(
    ("text", "place", "expected", "found"),
    [
        ("path: /a\n", "1 /status", "an integer (required)", "nothing"),
        ("status: 200\n", "1", "operation given or path given", "an object with 2 keys"),
        (
            "path: a\nstatus: 200\n",
            "2 /path",
            "a path as in /api/models/{id} or /api/files/*path",
            '"a"',
        ),
        ("path: /{a}/{a}\nstatus: 200\n", "2 /path", "each parameter once", "a twice"),
        ("path: /{a}/*a\nstatus: 200\n", "2 /path", "each parameter once", "a twice"),
        ("path: /a\nstatus: 99\n", "3 /status", "at least 200", "99"),
        ("path: /a\nstatus: 200.0\n", "3 /status", "an integer", "200.0"),
        (
            "path: /a\nstatus: 200\nmethod: get\n",
            "4 /method",
            "one of GET, PUT, POST, DELETE, PATCH",
            '"get"',
        ),
        ("path: /a\nstatus: 200\nphases: []\n", "4 /phases", "no such property", "'phases'"),
        (
            "path: /a\nstatus: 200\nheaders:\n  X: |\n    a\n",
            "5 /headers/X",
            "a header value in ASCII",
            '"a\\n"',
        ),
        (
            "path: /a\nstatus: 200\nheaders:\n  X: é\n",
            "5 /headers/X",
            "a header value in ASCII",
            '"é"',
        ),
        ("path: /a\nstatus: 200\nheaders:\n  'X Y': a\n", "5 /headers", "a header name", '"X Y"'),
    ],
)
def test_a_bad_answer_is_told_with_line_expected_and_found(
    tmp_path: Path, text: str, place: str, expected: str, found: str
) -> None:
    told = f"a.yaml:{place}: expected {expected}, found {found}"
    assert flaws_of(write(tmp_path, a=f"kind: answer\n{text}")) == [told]


@pytest.mark.parametrize(
    "path", ["/a b", "/<a>", "/a?b", "/a#b", "/{a", "/{}", "/{a-b}", "/a*b", "/*a-b", ""]
)
def test_a_path_that_no_route_can_be_made_of_is_refused(tmp_path: Path, path: str) -> None:
    [line] = flaws_of(write(tmp_path, a=f"kind: answer\nstatus: 200\npath: '{path}'\n"))
    assert line.startswith("a.yaml:3 /path: expected a path as in ")


def test_every_problem_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    first = write(
        tmp_path / "1",
        a="phases: [queued: 3, completed]\nabout: no\nrow: 5\nrows: x\nrows: z\n",
        b="phases:\n  - queued: 4000d\n  - running: 5000d\n  - completed\nstarts: 99999d\nfoo: 1\n",
    )
    second = write(tmp_path / "2", c="a: ]", d=LIFE, e="kind: answer\nbody: no\npath: x\n")
    assert [line.split(": ")[0] for line in flaws_of(first, second)] == [
        "a.yaml:2",
        "a.yaml:5",
        "a.yaml:3 /row",
        "a.yaml:1 /phases/0/queued",
        "b.yaml:6 /foo",
        "b.yaml:2 /phases/0",
        "b.yaml:3 /phases/1",
        "b.yaml:5 /starts",
        "c.yaml:1",
        "e.yaml:2",
        "e.yaml:1 /status",
        "e.yaml:3 /path",
    ]


def test_a_contradiction_is_told_beside_an_unknown_field(tmp_path: Path) -> None:
    text = "phases: [queued: 1s, completed]\nstops_at_row: 5\nfoo: 1\n"
    assert [line.split(": ")[0] for line in flaws_of(write(tmp_path, a=text))] == [
        "a.yaml:3 /foo",
        "a.yaml:2 /stops_at_row",
        "a.yaml:1 /phases",
    ]


def test_the_same_id_twice_is_refused_and_overriding_it_is_not(tmp_path: Path) -> None:
    life = LIFE + "evaluation:\n  id: D0C8585D-1234-5678-abcd-ef0123456789\n"
    mine = write(tmp_path / "1", mine=life)
    assert flaws_of(FOLDER, mine) == [
        (
            "mine.yaml:3 /evaluation/id: expected an id of its own, found the id of happy-path"
            " (or call the file happy-path.yaml to override that one)"
        )
    ]
    override = write(tmp_path / "2", happy_path=life)
    assert load(FOLDER, override).evaluations["happy-path"].file.parent == override


def test_the_same_name_twice_in_one_folder_is_refused(tmp_path: Path) -> None:
    write(tmp_path, a=LIFE)
    (tmp_path / "a.yml").write_text(LIFE, "utf-8")
    assert flaws_of(tmp_path) == [
        "a.yml: expected one fixture of a name in a folder, found a.yaml too"
    ]


@pytest.mark.parametrize("name", ["a b", "ä", "-a", "a,b", "a=b"])
def test_a_name_that_no_preference_can_carry_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.yaml").write_text(LIFE, "utf-8")
    [line] = flaws_of(tmp_path)
    assert line.startswith(f"{name}.yaml: expected a file name of letters, digits")


def test_bytes_that_are_no_utf_8_and_files_that_are_too_large_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"about: \xff\n")
    (tmp_path / "b.yaml").write_bytes(b"#" * 1_000_001)
    (tmp_path / "c.yaml").mkdir()
    found = flaws_of(tmp_path)
    assert found[:2] == [
        "a.yaml:1: expected UTF-8, found a byte at 7 that is not",
        "b.yaml:1: expected at most 1000000 bytes, found 1000001 bytes",
    ]
    assert found[2].startswith("c.yaml:1: expected a file that can be read, found ")


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    assert "expected a folder of fixture files, found nothing there" in flaws_of(tmp_path / "no")[0]
    assert "expected a folder of fixture files, found a file" in flaws_of(tmp_path / "file")[0]


# -- answers ----------------------------------------------------------------------------------


def test_an_answer_sends_json_as_json_and_text_as_text(tmp_path: Path) -> None:
    head = "kind: answer\npath: /a\nstatus: 200\n"
    as_json = answer(tmp_path, head + "body: {a: [1, null, é]}\n")
    assert as_json.body == '{"a": [1, null, "é"]}'.encode()
    assert as_json.headers == (("Content-Type", "application/json"),)
    as_text = answer(tmp_path, head + "body: 'a,b'\n")
    assert as_text.body == b"a,b"
    assert as_text.headers == (("Content-Type", "text/plain; charset=utf-8"),)
    empty = answer(tmp_path, head)
    assert (empty.body, empty.headers) == (b"", ())
    own = answer(tmp_path, head + "headers: {content-type: text/csv, X-A: b}\nbody: 'a'\n")
    assert own.headers == (("content-type", "text/csv"), ("X-A", "b"))
    assert answer(tmp_path, head + "body: null\n").body == b"null"


def test_an_answer_has_an_operation_or_a_route_of_its_own(tmp_path: Path) -> None:
    operation = answer(tmp_path, "kind: answer\noperation: X.y\nstatus: 404\n")
    assert (operation.operation, operation.route, operation.status) == ("X.y", None, 404)
    own = answer(tmp_path, "kind: answer\npath: /a/{b}/*\nmethod: PUT\nstatus: 201\n").route
    assert own is not None
    assert (own.template, own.globs, own.names) == (
        "/a/{b}/{rest}",
        frozenset({"rest"}),
        {"PUT": "a"},
    )
    found = own.pattern.fullmatch("/a/1/2/3")
    assert found is not None
    assert found.groups() == ("1", "2/3")


def test_of_several_answers_the_most_demanding_comes_first(tmp_path: Path) -> None:
    head = "kind: answer\noperation: X.y\nstatus: 200\n"
    folder = write(
        tmp_path,
        any=head,
        one=head + "match: {query: {a: '1'}}\n",
        two=head + "match: {query: {a: '1', b: '*'}}\n",
        done=head + "match: {results_of: completed}\n",
        other="kind: answer\npath: /x\nstatus: 200\n",
    )
    found = list(load(folder).answers_for("X.y", "GET", "/anything"))
    assert [answer.name for answer in found] == ["two", "one", "done", "any"]
    assert [a.matches_query({"a": "1", "b": "x", "c": ""}) for a in found] == [True] * 4
    assert [a.matches_query({"a": "2"}) for a in found] == [False, False, True, True]


def test_of_several_lives_a_create_follows_the_most_demanding(tmp_path: Path) -> None:
    catalog = load(
        write(
            tmp_path,
            never=LIFE,
            path=LIFE + "match: {path: 'a/*'}\n",
            both=LIFE + "match: {path: 'a/*', prompt: '*cat*'}\n",
        )
    )

    def followed(path: str, prompt: str) -> str:
        asked = {"path": path, "prompt": prompt, "model": "m", "name": ""}
        return (
            Catalog({**BUNDLED.evaluations, **catalog.evaluations})
            .life_of("evaluation", asked, FORM)
            .name
        )

    assert followed("a/b/c", "Is it a cat?") == "both"
    assert followed("a/b", "Is it a dog?") == "path"
    assert followed("A/b", "Is it a cat?") == "happy-path"


# -- nothing else ever ------------------------------------------------------------------------

KEYS = st.sampled_from(
    (
        *(
            "kind",
            "about",
            "phases",
            "rows",
            "stops_at_row",
            "error_message",
            "usage",
            "evaluation",
        ),
        *("match", "assume", "starts", "repository", "queued", "running", "completed", "errored"),
        *("operation", "path", "status", "headers", "body", "query", "credits", "id", "model"),
    )
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | KEYS
    | st.sampled_from(("answer", "1s", "-1h", "/a", "/a/*b", "*"))
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=6,
)
FIXTURES = st.fixed_dictionaries(
    {"phases": st.just([{"queued": "1s"}, {"running": "1s"}, "completed"]) | VALUES},
    optional={
        "kind": st.just("answer"),
        "rows": VALUES,
        "path": VALUES,
        "status": VALUES,
        "match": st.dictionaries(KEYS, VALUES, max_size=2),
        "assume": st.dictionaries(KEYS, VALUES, max_size=2),
        "usage": st.dictionaries(st.sampled_from(("credits", "prompt_tokens")), VALUES),
        "evaluation": st.dictionaries(KEYS, VALUES, max_size=2),
    },
)


@pytest.mark.parametrize("cost", [10**301, 10**3_900, 1e305])
def test_a_row_may_not_cost_more_than_can_be_added_up(tmp_path: Path, cost: float) -> None:
    [flaw] = flaws_of(write(tmp_path, a=f"{LIFE}usage: {{prompt_tokens: {cost!r}}}\n"))
    assert "/usage/prompt_tokens: expected at most 1e+300, found 1" in flaw


@pytest.mark.parametrize(
    "text",
    [
        *(f"{LIFE}{'x' * 9_999}: 1\n", f'{LIFE}"\\x9b2J\\n": 1\n', f"{LIFE}assume: {{'': 1}}\n"),
        *(f"{LIFE}assume: {{{'x' * 9_999}: 1}}\n", f"a: !{'x' * 9_999} 1\n"),
        f"phases: [queued: {'9' * 9_999}s, completed]\n",
    ],
)
def test_what_a_file_holds_is_told_in_short_lines_that_move_no_terminal(
    tmp_path: Path, text: str
) -> None:
    for flaw in flaws_of(write(tmp_path, a=text)):
        assert flaw.isprintable()
        assert len(flaw) < 300


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(VALUES | FIXTURES)
def test_no_value_raises_anything_but_bad_fixtures(tmp_path: Path, value: object) -> None:
    folder = write(tmp_path, a=json.dumps(value))
    try:
        found = load(folder)
    except BadFixturesError as error:
        told = [str(flaw) for flaw in error.flaws]
    else:
        told = [str(fixture.file) for fixture in found.evaluations.values()]
        told += [str(fixture.file) for fixture in found.answers.values()]
    assert told
    assert all(line.startswith(str(folder)) for line in told)


@pytest.mark.parametrize(
    "name", ["Content-Length", "transfer-encoding", "Connection", "X-Mock-Now"]
)
def test_an_answer_may_not_set_how_it_travels(name: str, tmp_path: Path) -> None:
    text = f"kind: answer\npath: /api/x\nstatus: 200\nheaders:\n  {name}: '5'\n"
    (tmp_path / "travels.yaml").write_text(text, "utf-8")
    with pytest.raises(BadFixturesError, match=rf"travels.yaml:5 /headers/{name}"):
        load_catalogs([tmp_path], FORMS)["oxen"]


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_whose_status_has_no_body_may_not_bring_one(status: int, tmp_path: Path) -> None:
    text = f"kind: answer\npath: /api/x\nstatus: {status}\nbody: {{}}\n"
    (tmp_path / "bodiless.yaml").write_text(text, "utf-8")
    with pytest.raises(BadFixturesError, match=r"bodiless.yaml:4 /body: expected no body"):
        load_catalogs([tmp_path], FORMS)["oxen"]


def test_what_an_editor_keeps_beside_a_file_is_no_fixture(tmp_path: Path) -> None:
    (tmp_path / ".#mine.yaml").write_text("not: [a, fixture", "utf-8")
    assert load_catalogs([tmp_path], FORMS)["oxen"].evaluations == {}


@pytest.mark.parametrize("path", ["/_mock/health", "/_mock", "/_mock/*rest"])
def test_an_answer_may_not_stand_in_for_the_control_paths(path: str, tmp_path: Path) -> None:
    (tmp_path / "control.yaml").write_text(f"kind: answer\npath: {path}\nstatus: 200\n", "utf-8")
    with pytest.raises(BadFixturesError, match=r"expected a path outside of /_mock/"):
        load_catalogs([tmp_path], FORMS)["oxen"]


def test_an_id_that_is_no_uuid_is_refused_with_everything_else(tmp_path: Path) -> None:
    text = "phases: [queued: 1s, running: 1s, completed]\nrow: 1\nevaluation: {id: not/a-uuid}\n"
    (tmp_path / "odd.yaml").write_text(text, "utf-8")
    with pytest.raises(BadFixturesError) as refused:
        load_catalogs([tmp_path], FORMS)["oxen"]
    assert {flaw.expected for flaw in refused.value.flaws} == {"no such property", "a uuid"}


def test_nothing_is_said_to_be_judged_where_the_document_shows_no_evaluation(
    tmp_path: Path,
) -> None:
    text = "openapi: 3.0.0\ninfo: {title: T, version: '1'}\npaths: {/x: {get: {}}}\n"
    settings = Settings(specs=(("other.yaml", text),))
    api = OxenApi(settings.assume)
    contract = load_contracts(settings, every_api({}))["oxen"]
    (tmp_path / "mine.yaml").write_text("phases: [queued: 1s, running: 1s, completed]", "utf-8")
    fixture = load_catalogs([tmp_path], FORMS)["oxen"].evaluations["mine"]
    proof = prove(api, contract, api.from_fixture(fixture, datetime(2026, 1, 1, tzinfo=UTC)))
    assert (proof.judged, proof.broken) == (0, ())
