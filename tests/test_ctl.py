"""`oxen-mock ctl`, as its users meet it: what it prints, what it does, and how it ends."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from line_server import LineServer, answer
from served import CREATE_BODY, CREATE_PATH, HERE, PATIENCE, clean_environment

from mockserver import Client, Settings, ThreadServer, create_app
from mockserver.cli import main
from mockserver.ctl.group import SECTIONS, ctl

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from click.testing import Result

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and pipes of POSIX")
SETTINGS = Settings(speed=0, seed="7", epoch=datetime(2030, 1, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadServer]:
    """One server, of which each test has a sandbox of its own."""
    with ThreadServer(create_app(SETTINGS)) as server:
        yield server


@pytest.fixture(autouse=True)
def client(
    server: ThreadServer,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Client]:
    """Point the command at the sandbox of this test, and look at the same one."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("OXEN_MOCK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("OXEN_MOCK_URL", server.url)
    monkeypatch.setenv("OXEN_MOCK_SANDBOX", request.node.name)
    with Client(server.url, sandbox=request.node.name) as client:
        yield client


def run(*arguments: str, given: str | None = None, ends: int = 0) -> Result:
    told = CliRunner().invoke(main, ["ctl", *arguments], input=given, catch_exceptions=False)
    assert told.exit_code == ends, told.output
    return told


def lines_of(*arguments: str) -> list[str]:
    return run(*arguments).stdout.splitlines()


def json_of(*arguments: str, ends: int = 0) -> Any:  # noqa: ANN401 JSON is whatever was sent
    return json.loads(run(*arguments, "--json", ends=ends).stdout)


def facts_of(*arguments: str) -> dict[str, str]:
    """The lines of a name and its value."""
    pairs = [re.split(r" {2,}", line, maxsplit=1) for line in lines_of(*arguments) if line]
    return {pair[0]: pair[1] for pair in pairs if len(pair) > 1}


def ask(url: str, body: object = None) -> int:
    """Ask the API itself: create with a body, look without."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)
    headers = {
        "Authorization": "Bearer any-token",
        "Content-Type": "application/json",
        "User-Agent": "poller/1",
    }
    try:
        raw = None if body is None else json.dumps(body)
        connection.request("GET" if body is None else "POST", parts.path, raw, headers)
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


# -- help -------------------------------------------------------------------------------------


def test_help_lists_every_command_in_one_section_and_shows_examples() -> None:
    listed = [name for names in SECTIONS.values() for name in names]
    assert sorted(listed) == sorted(ctl.commands)
    told = run("--help").output
    for name in listed:
        assert re.search(rf"^  {name} +[A-Z].*[^.]\.$", told, re.MULTILINE), name
        assert "--json" in run(name, "--help").output or name == "sandbox"
    assert "oxen-mock ctl advance 30s" in told


def test_the_help_of_the_other_commands_imports_nothing_of_it(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from mockserver.cli import main\n"
        "main(sys.argv[1:], standalone_mode=False)\n"
        "heavy = ('flask', 'openapi_core', 'mockserver.client', 'mockserver.settings')\n"
        "lazy = ('mockserver.ctl',) if 'serve' in sys.argv else ()\n"
        "sys.exit(' '.join({*heavy, *lazy} & {*sys.modules}) or 0)\n"
    )
    for arguments in (["serve", "--help"], ["--help"], ["ctl", "--help"], ["ctl", "add", "--help"]):
        told = process_of(*arguments, program=(sys.executable, "-c", program), cwd=tmp_path)
        assert (told.returncode, told.stderr) == (0, b"")
    assert b"ctl " in process_of("--help", cwd=tmp_path).stdout


# -- which server, which sandbox --------------------------------------------------------------


def test_health_says_where_it_is_and_what_it_serves(server: ThreadServer) -> None:
    [line] = lines_of("health")
    assert line.endswith(" answers: oxen, nugen, at 2030-01-01T00:00:00Z")
    assert server.url in line
    assert json_of("health")["status"] == "ok"


@pytest.fixture
def nobody() -> str:
    """The URL of a server that has stopped."""
    with LineServer([]) as server:
        return server.url


def test_where_nobody_answers_is_one_line_with_what_to_do_and_2(nobody: str) -> None:
    for command in (["health"], ["clock"], ["advance", "1s"], ["watch"]):
        told = run("--url", nobody, *command, ends=2)
        [line] = told.stderr.splitlines()
        assert line.startswith(f"oxen-mock: nothing answers at {nobody} (")
        assert "`oxen-mock serve`" in line
        assert told.stdout == ""


def test_flags_beat_the_environment(server: ThreadServer, nobody: str) -> None:
    environment = {"OXEN_MOCK_URL": nobody, "OXEN_MOCK_SANDBOX": "not this one"}
    arguments = ["ctl", "--url", server.url, "--sandbox", "this one", "reset"]
    told = CliRunner().invoke(main, arguments, env=environment)
    assert "name         this one" in told.output


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])  # noqa: S104 only written into a file
def test_without_an_address_it_is_the_server_that_the_settings_here_describe(
    host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OXEN_MOCK_URL")
    settings = Settings(speed=0, prefix="/hub", control_token="s3cr3t")  # noqa: S106 no real one
    with ThreadServer(create_app(settings)) as server:
        port = urlsplit(server.url).port
        (tmp_path / "oxen-mock.toml").write_text(
            f'host = "{host}"\nport = {port}\nprefix = "/hub"\ncontrol_token = "s3cr3t"\n'
            'specs = ["not-read.json"]\n',
            "utf-8",
        )
        url = f"http://127.0.0.1:{port}/hub"
        assert facts_of("reset")["url"].startswith(f"{url}/sandbox/")
        # What the file says is said to the server it is about, and to no other one.
        assert "header X-Mock-Control-Token" in run("--url", url, "reset", ends=2).stderr
        run("--url", url, "--control-token", "s3cr3t", "reset")
        monkeypatch.setenv("OXEN_MOCK_CONTROL_TOKEN", "s3cr3t")
        run("--url", url, "reset")


def test_a_port_that_is_only_known_once_it_is_taken_must_be_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OXEN_MOCK_URL")
    monkeypatch.setenv("OXEN_MOCK_PORT", "0")
    assert "say it with --url or OXEN_MOCK_URL" in run("health", ends=2).stderr


def test_an_address_for_everybody_is_asked_at_loopback(
    nobody: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OXEN_MOCK_URL")
    monkeypatch.setenv("OXEN_MOCK_HOST", "::")
    port = nobody.rpartition(":")[2]
    monkeypatch.setenv("OXEN_MOCK_PORT", port)
    assert f"nothing answers at http://[::1]:{port} (" in run("health", ends=2).stderr


def test_a_url_that_is_none_is_told(client: Client) -> None:
    told = run("--url", client.url.removeprefix("http://"), "health", ends=2)
    assert "expected the URL of a server" in told.stderr


# -- time -------------------------------------------------------------------------------------


def test_the_clock_is_shown_and_changed() -> None:
    assert lines_of("clock") == [
        "now      2030-01-01T00:00:00Z",
        "goes     frozen",
        "started  2030-01-01T00:00:00Z, now",
    ]
    stepping = facts_of("clock", "--rate", "60", "--step")["goes"]
    assert stepping == "60 virtual seconds a second; each look moves it to the next change"
    assert facts_of("clock", "--frozen", "--no-step")["goes"] == "frozen"
    assert json_of("clock")["step"] is False


def test_time_is_moved_by_a_span_to_the_next_change_and_to_a_status(client: Client) -> None:
    added = client.evaluations.add("happy-path")
    assert facts_of("advance", "1m30s500ms")["now"] == "2030-01-01T00:01:30.500Z"
    fresh = client.evaluations.add("happy-path")
    assert facts_of("advance", "--next", "--id", fresh["id"])["now"] == "2030-01-01T00:01:33.500Z"
    run("advance", "--until", fresh["id"], "committing")
    assert client.evaluations.get(fresh)["status"] == "committing"
    run("advance", "--next")
    told = run("advance", "--next", "--id", added["id"], ends=2)
    assert "it changes no more" in told.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("advance",), "give one of SPAN, --next and --until"),
        (("advance", "1s", "--next"), "give one of SPAN, --next and --until"),
        (("advance", "1s", "--id", "x"), "--id goes with --next"),
        (("advance", "30"), "expected a duration with units, as in 2s or 1m30s, found '30'"),
        (("advance", "--", "-30s"), "body /seconds: expected at least 0, found -30.0"),
        (("clock", "--frozen", "--rate", "1"), "--frozen is --rate 0: give one of the two"),
        (("journal", "--wait", "5"), "expected a duration with units"),
        (("add", "happy-path", "rows"), "expected NAME=VALUE, found 'rows'"),
        (("add", "happy-path", "=1"), "expected NAME=VALUE, found '=1'"),
        (("add", "happy-path", "a..b=1"), "expected NAME=VALUE, found 'a..b=1'"),
        (("add", "happy-path", "a=1", "a.b=1"), "a.b: a has a value already"),
        (("fault", "delay=soon"), "delay: expected a duration with units"),
        (("fault", "cod=503"), "did you mean code?"),
        (("fault", "operation=get_evalution", "code=503"), "did you mean get_evaluation?"),
        (("sandbox", "put", "x", "--epoch", "yesterday"), "body /epoch: expected a date-time"),
        (("restore", "missing.json"), "missing.json: expected a readable file"),
        (("snapshot", "no/such/folder"), "no/such/folder: expected a place to write to"),
        (("unfault", "fault-9"), "no fault of this sandbox has the id 'fault-9'"),
        (("nonsense",), "No such command 'nonsense'"),
    ],
)
def test_what_cannot_be_done_is_said_and_ends_with_2(arguments: Sequence[str], reason: str) -> None:
    told = run(*arguments, ends=2)
    assert reason in told.stderr
    assert told.stdout == ""
    assert "Traceback" not in told.stderr


# -- evaluations ------------------------------------------------------------------------------


def test_evaluations_are_a_table_with_what_comes_next(client: Client) -> None:
    added = client.evaluations.add("happy-path", repository="ox/cats")
    heading, *rows = lines_of("evaluations")
    assert heading.split("  ")[0] == "id"
    assert len(rows) == client.sandboxes.get(client.sandbox)["evaluations"]
    cells = re.split(r" {2,}", rows[-1])
    assert cells == [added["id"], "queued", "running in 3s", "oxen/happy-path", "ox/cats"]
    assert heading.index("status") == rows[-1].index("queued")
    assert json_of("evaluations") == list(client.evaluations.list())


def test_an_evaluation_is_added_shown_made_to_fail_and_forgotten(client: Client) -> None:
    id_ = json_of("add", "happy-path")["id"]
    assert lines_of("show", id_) == [
        f"id          {id_}",
        "status      queued, 0 of 0 done",
        "fixture     oxen/happy-path",
        "repository  -",
        f"url         {client.evaluations.get(id_)['url']}",
        "",
        "becomes     at",
        "queued      2030-01-01T00:00:00Z  now",
        "running     2030-01-01T00:00:03Z  in 3s",
        "committing  2030-01-01T00:00:27Z  in 27s",
        "completed   2030-01-01T00:00:30Z  in 30s",
    ]
    assert "errored" in lines_of("fail", id_, "--at-row", "7", "--message", "Out of credits.")[-1]
    assert facts_of("cancel", json_of("add", "happy-path")["id"])["status"].startswith("cancelled")
    assert lines_of("delete", id_) == [f"{id_} is forgotten"]
    assert f"has the id '{id_}'" in run("show", id_, ends=2).stderr


def test_overrides_are_json_where_they_are_any_and_dots_lead_inward(client: Client) -> None:
    added = json_of(
        "add",
        "happy-path",
        "rows=20",
        "repository=ox/cats",
        "evaluation.name=Cäts = 1",
        'evaluation.prompt="7"',
        'phases=[{"queued": "1s"}, {"running": "1s"}, "completed"]',
    )
    client.clock.advance_until(added, "completed")
    assert client.evaluations.get(added)["progress"]["total"] == 20
    kept = next(one for one in client.snapshot()["evaluations"] if one["id"] == added["id"])
    assert (kept["fixed"]["name"], kept["fixed"]["prompt"]) == ("Cäts = 1", "7")
    assert kept["scope"] == "ox/cats"
    assert json_of("add", "happy-path", "evaluation.name=NaN")["fixture"] == "happy-path"
    assert client.snapshot()["evaluations"][-1]["fixed"]["name"] == "NaN"


# -- faults and expectations ------------------------------------------------------------------


def test_a_fault_is_added_in_the_words_of_the_contract_and_taken_away(client: Client) -> None:
    evaluation = client.evaluations.add("happy-path")
    run("fault", "operation=get_evaluation", f"id={evaluation['id']}", "code=503", "count=1")
    run("fault", "id=123", "delay=500ms", "seconds=1m", "probability=0.25")
    ask(evaluation["url"])
    heading, first, second = lines_of("faults")
    assert heading.split() == ["id", "matched", "struck", "spent", "rule"]
    rule = f"operation=get_evaluation id={evaluation['id']} count=1 code=503"
    assert re.split(r" {2,}", first) == ["fault-1", "1", "1", "yes", rule]
    assert second.endswith("id=123 probability=0.25 seconds=60 delay=0.5")
    assert lines_of("unfault", "fault-1") == ["fault-1 is gone"]
    assert [fault["id"] for fault in client.faults.list()] == ["fault-2"]
    run("unfault", "fault-2")
    assert lines_of("faults") == ["none"]


def test_an_expectation_is_added_listed_and_taken_back(client: Client) -> None:
    run("expect", "body /prompt", "--count", "2")
    ask(client.url + CREATE_PATH, {**CREATE_BODY, "prompt": 7})
    run("expect", "header *", "--operation", "get_evaluation")
    heading, *rows = lines_of("expectations")
    assert heading.split() == ["id", "came", "operation", "place"]
    assert [re.split(r" {2,}", row) for row in rows] == [
        ["expectation-1", "1 of 2", "-", "body /prompt"],
        ["expectation-2", "0 of 1", "get_evaluation", "header *"],
    ]
    assert lines_of("unexpect", "expectation-1") == ["expectation-1 is taken back"]
    assert len(json_of("expectations")) == 1


# -- what happened ----------------------------------------------------------------------------


def test_the_journal_is_a_line_an_exchange_as_the_request_log_has_it(client: Client) -> None:
    evaluation = client.evaluations.add("happy-path")
    ask(evaluation["url"])
    client.faults.add(code=503, count=1)
    ask(evaluation["url"])
    ask(client.url + CREATE_PATH, {**CREATE_BODY, "prompt": 7})
    path = evaluation["url"].removeprefix(client.url)
    assert lines_of("journal") == [
        f"   1 00:00:00.000 200 GET {path} [queued]",
        f"   2 00:00:00.000 503 GET {path} - struck by fault-1",
        f"   3 00:00:00.000 400 POST {CREATE_PATH} - body /prompt: expected a string, found 7",
        "go on with --after 3",
    ]
    found = json_of("journal", "--after", "1", "--operation", "get_evaluation")
    assert [exchange["seq"] for exchange in found["exchanges"]] == [2]
    assert lines_of("journal", "--status-seen", "queued")[0].startswith("   1 ")
    assert lines_of("journal", "--after", "3", "--wait", "1ms") == ["none", "go on with --after 3"]


def test_the_journal_is_printed_to_its_end_however_many_pages_it_has(client: Client) -> None:
    evaluation = client.evaluations.add("happy-path")
    for _ in range(130):
        ask(evaluation["url"])
    assert len(lines_of("journal")) == 131
    assert lines_of("journal", "--evaluation", evaluation["id"])[-1] == "go on with --after 130"


def test_exchanges_that_made_room_are_told_of() -> None:
    first = answer({"exchanges": [], "cursor": "2000", "lost": True})
    with LineServer([[first]]) as server:
        told = run("--url", server.url, "journal").stdout.splitlines()
    assert told[0] == "(those before were dropped to make room)"
    gone = answer("", status="500 Internal Server Error")
    with LineServer([[first, gone]]) as server:
        watched = run("--url", server.url, "watch", "--after", "7", ends=2)
    assert watched.stdout == "(some were dropped to make room)\n"


def test_the_archive_is_written_to_a_file_or_printed(client: Client, tmp_path: Path) -> None:
    ask(client.evaluations.add("happy-path")["url"])
    assert lines_of("har", "here.har") == ["wrote here.har: 1 exchange"]
    written = json.loads((tmp_path / "here.har").read_text("utf-8"))
    assert written == json.loads(run("har").stdout)
    assert written["log"]["version"] == "1.2"


def test_a_report_that_is_clean_ends_with_0(client: Client) -> None:
    ask(client.evaluations.add("happy-path")["url"])
    lines = lines_of("report")
    assert re.fullmatch(r"1 request, 1 of \d+ operations", lines[0])
    assert lines[2:4] == ["operation       answered", "get_evaluation  1 x 200"]
    assert any(line.startswith("never asked for: create_evaluation, nugen.") for line in lines)
    client_row = next(line for line in lines if line.startswith("poller/1"))
    assert re.split(r" {2,}", client_row)[2:4] == ["oxen", "queued"]
    assert lines[-1] == "clean"


def test_a_report_that_is_not_clean_says_why_and_ends_with_1(client: Client) -> None:
    client.expectations.add("body /name")
    client.expectations.add("body /prompt")
    ask(client.url + CREATE_PATH, {**CREATE_BODY, "prompt": 7})
    ask(client.url + CREATE_PATH, {**CREATE_BODY, "model_id": 7})
    told = run("report", ends=1).stdout
    lines = told.splitlines()
    assert lines[-1] == (
        "not clean: 1 request that broke the contract, 1 expectation that did not come "
        "(1 request broke it as expected)"
    )
    assert re.search(
        r"^1 x +request +create_evaluation +body /model_id: expected", told, re.MULTILINE
    )
    assert re.search(r"^body /name +- +0 of 1$", told, re.MULTILINE)
    assert json_of("report", ends=1)["clean"] is False
    assert re.match(r"\d+ requests in \d+ sandboxes, ", run("report", "--all", ends=1).stdout)


@contextmanager
def watching(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`ctl watch` in a process, once it watches; killed where a test would wait for ever."""
    process = subprocess.Popen(
        [*HERE, "ctl", "watch", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**clean_environment(), **own_environment()},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    killer = threading.Timer(PATIENCE, process.kill)
    killer.start()
    try:
        assert "Ctrl-C ends it" in process.stderr.readline()
        yield process
    finally:
        killer.cancel()
        process.kill()
        process.wait(PATIENCE)
        process.stdout.close()
        process.stderr.close()


def own_environment() -> dict[str, str]:
    return {name: os.environ[name] for name in ("OXEN_MOCK_URL", "OXEN_MOCK_SANDBOX")}


@POSIX
def test_watching_prints_what_comes_and_ctrl_c_ends_it_quietly(client: Client) -> None:
    evaluation = client.evaluations.add("happy-path")
    ask(evaluation["url"])
    with watching() as process:
        assert process.stdout is not None
        assert process.stderr is not None
        client.clock.advance_until(evaluation, "running")
        ask(evaluation["url"])
        assert process.stdout.readline().endswith(f"{evaluation['id']} [running]\n")
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
        assert process.stdout.read() == process.stderr.read() == ""


@POSIX
def test_watching_ends_quietly_once_nobody_reads_it(client: Client) -> None:
    evaluation = client.evaluations.add("happy-path")
    ask(evaluation["url"])
    with watching("--after", "0", "--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["status_seen"] == "queued"
        process.stdout.close()
        ask(evaluation["url"])
        assert process.wait(PATIENCE) == 0
        assert process.stderr.read() == ""


# -- sandboxes and snapshots ------------------------------------------------------------------


def test_a_sandbox_is_made_listed_shown_reset_and_deleted(client: Client) -> None:
    name = "ünï/code [1]"
    options = ("--seed", "x", "--epoch", "2031-05-01T00:00:00Z", "--rate", "0", "--step")
    made = facts_of("sandbox", "put", name, *options)
    other = client.in_sandbox(name)
    assert (made["name"], made["url"], made["token"]) == (name, other.url, other.token)
    assert made["goes"] == "frozen; each look moves it to the next change"
    assert facts_of("sandbox", "show", name) == made
    row = next(line for line in lines_of("sandboxes") if line.startswith(name))
    assert re.split(r" {2,}", row)[1:4] == [made["now"], made["goes"], "x"]
    other.evaluations.add("happy-path")
    assert facts_of("--sandbox", name, "reset") == made
    assert lines_of("sandbox", "delete", name) == [f"{name} is gone"]
    assert f"the sandbox '{name}' is gone" in run("sandbox", "show", name, ends=2).stderr


def test_a_snapshot_is_written_over_what_is_there_and_restored(
    client: Client, tmp_path: Path
) -> None:
    evaluation = client.evaluations.add("happy-path", evaluation={"name": "Cäts"})
    client.clock.advance_until(evaluation, "running")
    (tmp_path / "kept.json").write_text("what was there", "utf-8")
    [line] = lines_of("snapshot", "kept.json")
    assert line.startswith(f"wrote kept.json: the sandbox {client.sandbox} at 2030-01-01T00:00:03Z")
    client.reset()
    assert facts_of("restore", "kept.json")["name"] == client.sandbox
    assert client.evaluations.get(evaluation)["status"] == "running"
    printed = run("snapshot").stdout
    assert printed.isascii()
    assert json.loads(printed) == json.loads((tmp_path / "kept.json").read_text("utf-8"))
    client.reset()
    run("restore", "-", given=printed)
    assert client.evaluations.get(evaluation)["status"] == "running"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "<stdin>: expected JSON, found"),
        ("[]", "<stdin>: expected a JSON object, found one of another kind: []"),
        ("{}", "body /format: expected"),
        ("[" * 100_000, "<stdin>: expected JSON, found"),
    ],
)
def test_what_is_no_snapshot_is_not_restored(text: str, reason: str) -> None:
    assert reason in run("restore", "-", given=text, ends=2).stderr


# -- in a process of its own ------------------------------------------------------------------


def process_of(
    *arguments: str, cwd: Path, program: Sequence[str] = HERE, encoding: str = "utf-8"
) -> subprocess.CompletedProcess[bytes]:
    said = {} if encoding == "utf-8" else {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    return subprocess.run(
        [*program, *arguments],
        cwd=cwd,
        env={**clean_environment(**said), **own_environment()},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=PATIENCE,
        check=False,
    )


def test_a_process_ends_with_what_was_found(client: Client, tmp_path: Path, nobody: str) -> None:
    assert process_of("ctl", "health", cwd=tmp_path).returncode == 0
    told = process_of("ctl", "--url", nobody, "health", cwd=tmp_path)
    assert (told.returncode, told.stdout, told.stderr.count(b"\n")) == (2, b"", 1)
    client.expectations.add("body /prompt")
    assert process_of("ctl", "report", cwd=tmp_path).returncode == 1


def test_a_check_by_url_imports_nothing_heavy(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from mockserver.cli import main\n"
        "main(['ctl', 'health'], standalone_mode=False)\n"
        "heavy = {'flask', 'openapi_core', 'yaml', 'mockserver.settings'}\n"
        "sys.exit(' '.join(heavy & {*sys.modules}) or 0)\n"
    )
    told = process_of(program=(sys.executable, "-c", program), cwd=tmp_path)
    assert (told.returncode, told.stderr) == (0, b"")


def test_an_output_that_cannot_carry_a_letter_gets_an_escape(
    client: Client, tmp_path: Path
) -> None:
    client.sandboxes.put("ünï")
    client.sandboxes.put("forged\n\x1b[31mline")
    told = process_of("ctl", "sandboxes", cwd=tmp_path, encoding="ascii")
    assert (told.returncode, told.stderr) == (0, b"")
    assert re.search(rb"^\\xfcn\\xef +2030-", told.stdout, re.MULTILINE)
    assert b"forged" in told.stdout
    assert b"\x1b" not in told.stdout
    client.sandboxes.delete("ünï")
    told = process_of("ctl", "sandbox", "show", "ünï", cwd=tmp_path, encoding="ascii")
    assert told.returncode == 2
    assert b"\\xfcn\\xef' is gone" in told.stderr
