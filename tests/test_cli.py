"""The command line, as its users meet it: what it prints, how it ends, and how it is stopped."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from served import (
    CREATE_BODY,
    CREATE_PATH,
    HERE,
    PATIENCE,
    SEED_PATH,
    Served,
    clean_environment,
    is_alive,
    until,
)

import mockserver
from mockserver.bundled import bundled
from mockserver.cli import main
from mockserver.core.errors import BadSettingsError
from mockserver.server import claim

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

SCRIPTS = Path(sys.executable).parent
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and terminals of POSIX")
LINUX = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs Linux's /proc")
ESCAPE = "\x1b"

BROKEN_FIXTURE = "phases:\n  - queued: 2\n  - completed\n"
WHOLE_FIXTURE = """\
about: A life of this test's own.
repository: our/own
phases:
  - queued: 2s
  - running: 4s
  - completed
rows: 10
evaluation:
  id: 00000000-0000-4000-8000-000000000001
  name: {name}
"""
OWN_PATH = "/api/repos/our/own/evaluations/00000000-0000-4000-8000-000000000001"


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("OXEN_MOCK_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for the tests that only ask."""
    folder = tmp_path_factory.mktemp("standing")
    with Served("--frozen", "--epoch", "2030-01-01T00:00:00Z", "--seed", "7", cwd=folder) as served:
        yield served


def run(*arguments: str, standard_input: str | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=standard_input, catch_exceptions=False)


def command(
    *arguments: str, cwd: Path, program: tuple[str, ...] = HERE, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*program, *arguments],
        cwd=cwd,
        env=clean_environment(**environment),
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=PATIENCE,
        check=False,
    )


def fixture_folder(folder: Path, **texts: str) -> str:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    return str(folder)


# The ways in


@pytest.mark.parametrize(
    "program",
    [HERE, (str(SCRIPTS / "oxen-mock"),), (str(SCRIPTS / "oxen-mockserver"),)],
    ids=["python -m mockserver", "oxen-mock", "oxen-mockserver"],
)
def test_each_name_of_the_command_is_the_command(program: tuple[str, ...], tmp_path: Path) -> None:
    told = command("--version", cwd=tmp_path, program=program)
    assert told.returncode == 0
    assert told.stdout.decode().split() == ["oxen-mock,", "version", mockserver.__version__]


def test_help_names_every_command_and_shows_examples() -> None:
    told = run("--help")
    assert told.exit_code == 0
    for name in ("serve", "run", "check", "show", "spec", "init"):
        assert re.search(rf"^  {name} ", told.output, re.MULTILINE), name
        assert run(name, "--help").exit_code == 0
    assert "oxen-mock serve --speed 60" in told.output


def test_help_is_quick_because_it_imports_nothing_heavy(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from mockserver.cli import main\n"
        "main(['serve', '--help'], standalone_mode=False)\n"
        "heavy = {'flask', 'granian', 'jsonschema', 'openapi_core', 'watchfiles', 'yaml'}\n"
        "sys.exit(' '.join(heavy & set(sys.modules)) or 0)\n"
    )
    told = command("-c", program, cwd=tmp_path, program=(sys.executable,))
    assert (told.returncode, told.stderr) == (0, b"")


# What serve prints


def test_the_banner_says_what_a_person_needs_to_point_a_client_here(standing: Served) -> None:
    standing.wait_for(lambda line: "Ctrl-C stops" in line)
    assert standing.seed == "7"
    assert standing.virtual_time == "2030-01-01T00:00:00Z"
    assert standing.pace == "frozen"
    assert f"  export OXEN_BASE_URL={standing.url}" in standing.lines
    assert "  export OXEN_API_KEY=any-token" in standing.lines
    for api, whose in (("oxen", "any repository"), ("nugen", "any token")):
        names = {path.stem for path in (bundled("fixtures") / api).glob("*.yaml")}
        listed = [line.split()[0] for line in standing.lines if f"  {whose}  " in line]
        assert sorted(listed) == sorted(names - {"models", "results-file"})
    happy = standing.wait_for(lambda line: line.startswith("  happy-path "))
    assert happy.endswith("queued for 3s")


@POSIX
def test_the_curl_line_of_the_banner_works_as_it_stands(standing: Served) -> None:
    line = standing.wait_for(lambda line: line.startswith("  curl "))
    told = subprocess.run(
        ["sh", "-c", f"{line} --silent --show-error"],
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )
    assert json.loads(told.stdout)["evaluation"]["id"] == SEED_PATH.rpartition("/")[2]


def test_the_address_is_printed_only_when_it_answers(tmp_path: Path) -> None:
    with Served("--frozen", cwd=tmp_path) as served:
        assert served.port > 0
        assert served.ask("/_mock/health").status == 200  # at the first attempt


@POSIX
def test_a_token_that_a_shell_would_take_apart_is_quoted(tmp_path: Path) -> None:
    token = "a'b\"c$HOME`id`"  # noqa: S105 no real one
    with Served("--frozen", "--token", token, cwd=tmp_path) as served:
        line = served.wait_for(lambda line: "export OXEN_API_KEY" in line)
        told = subprocess.run(
            ["sh", "-c", f'{line}; printf %s "$OXEN_API_KEY"'],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
        assert told.stdout == token
        curl = served.wait_for(lambda line: line.startswith("  curl "))
        asked = subprocess.run(
            ["sh", "-c", f"{curl} --silent"],
            capture_output=True,
            timeout=PATIENCE,
            check=True,
        )
        assert json.loads(asked.stdout)["status"] == "success"


def test_a_prefix_stands_in_the_address_and_is_served_under(tmp_path: Path) -> None:
    with Served("--frozen", "--prefix", "/mock/hub", cwd=tmp_path) as served:
        assert served.url.endswith("/mock/hub")
        assert served.ask(f"/mock/hub{SEED_PATH}").status == 200


def test_a_worker_that_is_spawned_serves_like_a_forked_one(tmp_path: Path) -> None:
    """macOS and Windows spawn, so all that the worker is given must pickle."""
    program = (
        "import multiprocessing; multiprocessing.set_start_method('spawn');"
        "from mockserver.cli import main; main()"
    )
    command = (sys.executable, "-c", program)
    with Served("--frozen", "--assume", "dialect=legacy", cwd=tmp_path, command=command) as served:
        assert served.ask(served.create()).status == 200
        assert [line for line in served.lines if line.startswith("  happy-path ")]


# Time


def test_frozen_time_stands_still_at_the_epoch(standing: Served) -> None:
    instants = {standing.ask(SEED_PATH).headers["x-mock-now"][:19] for _ in range(3)}
    assert instants == {"2030-01-01T00:00:00"}


def test_speed_lets_a_created_evaluation_live_fast(tmp_path: Path) -> None:
    with Served("--speed", "60", cwd=tmp_path) as served:
        assert served.pace == "speed 60"
        path = served.create()
        seen: list[str] = []

        def completed() -> bool:
            seen.append(served.ask(path).json["evaluation"]["status"])
            return seen[-1] == "completed"

        until(completed, "completed: 30 virtual seconds are half a real one")
        order = ["queued", "running", "committing", "completed"]
        assert seen == sorted(seen, key=order.index)


def test_the_same_seed_gives_the_same_ids(standing: Served, tmp_path: Path) -> None:
    with Served("--seed", "7", cwd=tmp_path) as other:
        assert other.create() == standing.create()


# What cannot be served

UNUSABLE = {
    "a port too large": (("--port", "99999"), "0 to 65535"),
    "a port that is no number": (("--port", "http"), "not a valid integer"),
    "an unknown flag": (("--sped", "3"), "No such option"),
    "an unknown host": (("--host", "nowhere.invalid"), "expected a name or address"),
    "no host": (("--host", ""), "expected a name or address"),
    "another machine's host": (("--host", "192.0.2.1"), "192.0.2.1"),
    "a missing document": (("--spec", "missing.json"), "expected a readable file"),
    "a folder as a document": (("--spec", "."), "expected a readable file"),
    "a missing folder": (("--fixtures", "missing"), "expected a folder of fixture files"),
    "a negative speed": (("--speed", "-1"), "expected 0 to"),
    "a speed that is no number": (("--speed", "nan"), "expected 0 to"),
    "two speeds": (("--speed", "2", "--frozen"), "give one of the two"),
    "an epoch without a date": (("--epoch", "yesterday"), "as in 2026-01-31T12:00:00Z"),
    "a prefix without a slash": (("--prefix", "mock"), "a path as in /mock"),
    "a body of no bytes": (("--max-body", "0"), "expected 1 to"),
    "an empty token": (("--token", ""), "tokens that are neither empty"),
    "an empty control token": (("--control-token", ""), "a token that is neither empty"),
    "a control API both closed and open": (
        ("--control-token", "secret", "--open-control"),
        "--open-control: expected it or control_token, found both",
    ),
    "an allowed host with its port": (
        ("--allowed-host", "box", "--allowed-host", "box.local:80"),
        "--allowed-host: expected names as in box.local, without a port, found 'box.local:80'",
    ),
    "an origin with a path": (
        ("--control-origin", "http://localhost:5173/"),
        "--control-origin: expected origins as in http://localhost:5173, with nothing after",
    ),
    "no file to restore": (("--restore", ""), "--restore: expected the path of a file"),
    "an assumption without a value": (("--assume", "dialect"), "expected NAME=VALUE"),
    "an unknown assumption": (("--assume", "dialekt=spec"), "did you mean dialect?"),
    "an unknown dialect": (("--dialect", "old"), "expected spec or legacy"),
}


@pytest.mark.parametrize(("flags", "reason"), UNUSABLE.values(), ids=UNUSABLE)
def test_what_cannot_be_served_is_said_in_a_sentence(
    flags: tuple[str, ...], reason: str, standing: Served
) -> None:
    # On a busy port, so that nothing is served for ever where a flag is wrongly taken.
    told = run("serve", "--port", str(standing.port), *flags)
    assert told.exit_code == 2
    assert reason in told.stderr
    assert told.stdout == ""
    assert len(told.stderr.splitlines()) <= 4


def test_an_error_ends_the_process_with_2_and_no_traceback(tmp_path: Path) -> None:
    told = command("serve", "--port", "99999", cwd=tmp_path)
    assert told.returncode == 2
    headline, reason = told.stderr.decode().splitlines()
    assert headline == "oxen-mock: the settings make no sense"
    assert reason.endswith("port: expected 0 to 65535, found 99999")


def test_a_busy_port_is_told_with_what_to_do(standing: Served) -> None:
    told = run("serve", "--port", str(standing.port))
    assert told.exit_code == 2
    assert f"127.0.0.1:{standing.port}" in told.stderr
    assert "--port 0 takes any" in told.stderr
    assert standing.ask("/_mock/health").status == 200


def test_a_port_that_another_start_has_claimed_is_busy_before_it_listens() -> None:
    address, holder = claim("127.0.0.1", 0)
    if holder is None:
        pytest.skip("this system holds no port for another process")
    with closing(holder), pytest.raises(BadSettingsError, match="cannot listen there"):
        claim("127.0.0.1", address.port)


# How it ends


def connected(served: Served, sent: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE)
    connection.sendall(sent)
    return connection


@POSIX
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_a_signal_ends_it_within_two_seconds_whoever_is_connected(
    number: signal.Signals, tmp_path: Path
) -> None:
    head = b"Host: x\r\nAuthorization: Bearer x\r\nContent-Type: application/json\r\n"
    with Served("--frozen", cwd=tmp_path) as served:
        kept = connected(served, b"GET /_mock/health HTTP/1.1\r\nHost: x\r\n\r\n")
        half_head = connected(served, b"GET /_mock/hea")
        half_body = connected(
            served,
            b"POST %b HTTP/1.1\r\n%bContent-Length: 100\r\n\r\n{" % (CREATE_PATH.encode(), head),
        )
        with kept, half_head, half_body:
            assert kept.recv(12) == b"HTTP/1.1 200"
            served.process.send_signal(number)
            assert served.process.wait(2) == 0
        assert "Traceback" not in served.output


def children(pid: int) -> list[int]:
    return [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()]


@LINUX
def test_killing_the_command_leaves_no_worker_behind(tmp_path: Path) -> None:
    with Served("--frozen", cwd=tmp_path) as served:
        workers = children(served.process.pid)
        assert workers
        served.process.kill()
        until(lambda: not any(map(is_alive, workers)), "the workers gone")


@LINUX
def test_a_worker_that_dies_ends_the_command_with_a_sentence(tmp_path: Path) -> None:
    with Served("--frozen", cwd=tmp_path) as served:
        for worker in children(served.process.pid):
            os.kill(worker, signal.SIGKILL)
        assert served.process.wait(PATIENCE) == 2
        served.stop()
        assert served.lines[-1].startswith("oxen-mock: the server's worker ended unexpectedly")
        assert "Traceback" not in served.output


# The log


def test_each_request_is_a_line_with_virtual_time_status_and_violations(standing: Served) -> None:
    standing.ask(SEED_PATH + "?one")
    wrong = {**CREATE_BODY, "prompt": 7}
    assert standing.ask(CREATE_PATH, method="POST", body=wrong).status == 400
    line = standing.wait_for(lambda line: "body /prompt" in line)
    time, status, method, path, *told = line.split(" ")
    assert time.startswith("00:00:00.")
    assert [status, method, path] == ["400", "POST", CREATE_PATH]
    assert " ".join(told).startswith("- body /prompt: expected a string, found 7")
    assert standing.wait_for(lambda line: f"200 GET {SEED_PATH} [queued]" in line)


def test_quiet_logs_no_request(tmp_path: Path) -> None:
    with Served("--frozen", "--quiet", cwd=tmp_path) as served:
        assert served.ask(SEED_PATH).status == 200
        assert served.ask("/nowhere").status == 404
        served.stop()
        assert served.log == []
        assert "nowhere" not in served.output


def test_a_request_just_before_the_end_is_still_logged(tmp_path: Path) -> None:
    with Served("--frozen", cwd=tmp_path) as served:
        assert served.ask("/nowhere").status == 404
        served.stop()
        assert [line for line in served.log if "GET /nowhere" in line]


def test_a_token_never_appears_in_the_log(standing: Served) -> None:
    for sent in (
        "Bearer s3cr3t",
        "s3cr3t",
        "Basic s3cr3t",
        "Bearer s3cr3t s3cr3t",
        "bearer: s3cr3t",
    ):
        standing.ask(SEED_PATH + "?token=s3cr3t", headers={"Authorization": sent})
    standing.ask("/after-the-tokens")
    standing.wait_for(lambda line: "/after-the-tokens" in line)
    assert sum(SEED_PATH in line for line in standing.log) >= 5
    assert "s3cr3t" not in standing.output


def test_a_wrong_token_is_refused_and_not_logged_either(tmp_path: Path) -> None:
    with Served("--frozen", "--token", "right", cwd=tmp_path) as served:
        for sent in ("Bearer wr0ng", "Bearer right"):
            served.ask(SEED_PATH, headers={"Authorization": sent})
        first, second = (
            served.wait_for(lambda line: " 401 " in line),
            served.wait_for(lambda line: " 200 GET" in line),
        )
        assert "wr0ng" not in served.output
        assert "right" not in first + second


def test_control_characters_in_a_path_forge_no_line(standing: Served) -> None:
    standing.ask("/x%0A00:00:00.000%20200%20FORGED%1B%5B31m%0D%C2%85%E2%80%A8%00/end-of-it")
    line = standing.wait_for(lambda line: "/end-of-it" in line)
    assert "%0A00:00:00.000%20200%20FORGED%1B[31m%0D%C2%85%E2%80%A8%00" in line.replace("%5B", "[")
    assert not [line for line in standing.lines if line.startswith("00:00:00.000 200 FORGED")]
    assert ESCAPE not in standing.output


def test_a_long_path_is_cut(standing: Served) -> None:
    standing.ask("/long/" + "x" * 5_000)
    line = standing.wait_for(lambda line: "/long/" in line)
    assert "xxx..." in line
    assert len(line) < 600


def test_a_log_in_ascii_goes_on_after_a_letter_that_it_cannot_carry(tmp_path: Path) -> None:
    environment = clean_environment(PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    with Served("--frozen", cwd=tmp_path, environment=environment) as served:
        served.ask("/api/repos/ox/cats/evaluations/%C3%A9")
        served.ask("/after-the-letter")
        served.wait_for(lambda line: "/after-the-letter" in line)
        assert served.output.isascii()


def test_a_token_in_the_environment_of_the_server_logs_nobody_in(tmp_path: Path) -> None:
    environment = clean_environment(
        HTTP_AUTHORIZATION="Bearer smuggled",
        CONTENT_TYPE="application/json",
        HTTP_ORIGIN="http://x",
    )
    with Served("--frozen", cwd=tmp_path, environment=environment) as served:
        assert served.ask(SEED_PATH, headers={}).status == 401
        assert served.ask(SEED_PATH).status == 200


# Colour


@POSIX
@pytest.mark.parametrize(("no_colour", "coloured"), [("", True), ("1", False)])
def test_a_terminal_gets_colour_unless_told_not_to(
    no_colour: str, coloured: bool, tmp_path: Path
) -> None:
    import pty  # noqa: PLC0415 because Windows has none

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*HERE, "serve", "--port", "0", "--frozen"],
        cwd=tmp_path,
        env=clean_environment(NO_COLOR=no_colour),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen = ""
    try:
        while "Ctrl-C stops" not in seen:
            seen += os.read(ours, 65_536).decode()
        port = re.search(r"http://127\.0\.0\.1:(\d+)", seen)
        assert port is not None
        with socket.create_connection(("127.0.0.1", int(port[1])), timeout=PATIENCE) as client:
            client.sendall(b"GET /coloured HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            while "/coloured" not in seen:
                seen += os.read(ours, 65_536).decode()
    finally:
        process.terminate()
        process.wait(PATIENCE)
        os.close(ours)
    assert (ESCAPE in seen) is coloured


# check


def test_check_proves_the_bundled_fixtures() -> None:
    told = run("check")
    assert told.exit_code == 0
    assert re.fullmatch(
        r"(\w+: \d+ evaluations and \d+ answers: [1-9]\d* answers judged, none broken\n){2}",
        told.output,
    )


def test_check_ends_with_1_and_the_reasons_at_their_lines(tmp_path: Path) -> None:
    folder = fixture_folder(tmp_path / "mine", broken=BROKEN_FIXTURE, worse="phaces: []\n")
    told = run("check", "--fixtures", folder)
    assert told.exit_code == 1
    assert "broken.yaml:2" in told.output
    assert "a duration with units" in told.output
    assert "worse.yaml:1" in told.output
    assert "phases" in told.output


def test_check_ends_with_2_where_there_is_nothing_to_check() -> None:
    told = run("check", "--fixtures", "missing")
    assert told.exit_code == 2
    assert "missing: expected a folder of fixture files, found nothing there" in told.stderr


# show


def test_show_draws_a_life_by_name_and_by_id() -> None:
    by_name = run("show", "oxen/happy-path")
    assert by_name.exit_code == 0
    for status in ("queued", "running", "committing", "completed"):
        assert status in by_name.output
    assert run("show", SEED_PATH.rpartition("/")[2]).output == by_name.output


def test_show_draws_every_life_of_a_name_that_two_apis_have() -> None:
    both = run("show", "happy-path").output
    assert both == run("show", "oxen/happy-path").output + "\n" + run("show", "eval-happy1").output


def test_show_of_an_unknown_name_suggests_the_nearest() -> None:
    told = run("show", "hapy-path")
    assert told.exit_code == 2
    assert "did you mean happy-path?" in told.stderr
    assert "happy-path" in run("show", "zzz").stderr


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
@pytest.mark.parametrize("name", ["happy-path", "slow", "large-numbers", "cancelled"])
def test_each_instant_stands_below_the_start_of_its_phase(
    name: str, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = run("show", name).output.splitlines()
    bar = next(line for line in lines if line.startswith("├"))
    instants = lines[lines.index(bar) + 1]
    starts = [place for place, sign in enumerate(bar) if sign == "├"]
    assert [match.start() for match in re.finditer(r"\S+", instants)] == starts
    least = sum(len(word) + 4 for word in bar.replace("─", " ").replace("├", " ").split())
    assert len(bar) <= max(min(columns, 100), least)


def test_the_columns_of_a_life_line_up_however_large_its_numbers() -> None:
    lines = run("show", "large-numbers").output.splitlines()
    start = next(place for place, line in enumerate(lines) if line.lstrip().startswith("after "))
    rows = lines[start:]
    assert len({len(line) for line in rows}) == 1
    assert rows[-1].split()[-1] == "9007199254.740993"


def test_a_fixture_with_a_long_name_is_shown_and_listed(tmp_path: Path) -> None:
    name = "a-name-" + "of-many-letters-" * 5
    folder = fixture_folder(tmp_path / "mine", **{name: WHOLE_FIXTURE.format(name="Long")})
    told = run("show", name, "--fixtures", folder)
    assert told.exit_code == 0
    assert told.output.startswith(f"oxen/{name}")


@pytest.mark.parametrize("arguments", [("show", "accents"), ("spec",), ("spec", "--json")])
def test_a_terminal_of_ascii_gets_ascii(arguments: tuple[str, ...], tmp_path: Path) -> None:
    text = WHOLE_FIXTURE.format(name="x").replace("test's own", "tést's öwn")
    fixture_folder(tmp_path / "mine", accents=text)
    told = command(
        *arguments, "--fixtures", "mine", cwd=tmp_path, PYTHONIOENCODING="ascii", PYTHONUTF8="0"
    )
    assert (told.returncode, told.stderr) == (0, b"")
    assert told.stdout.isascii()
    if arguments[0] == "show":
        assert b"| queued -" in told.stdout
        assert b"t\\xe9st's \\xf6wn" in told.stdout


def test_a_pipe_gets_no_escape_codes(tmp_path: Path) -> None:
    for arguments in (("show", "happy-path"), ("spec",), ("check",), ("--help",)):
        assert ESCAPE.encode() not in command(*arguments, cwd=tmp_path).stdout


# spec


def test_spec_tells_operations_repairs_and_assumptions() -> None:
    told = run("spec")
    assert told.exit_code == 0
    assert re.search(r"GET +/api/repos/\{namespace\}/\{repo_name\}/evaluations/", told.output)
    assert "get_evaluation: simulated" in told.output
    assert "is a glob" in told.output
    assert 'dialect = "spec"' in told.output


def test_spec_as_json_tells_the_same() -> None:
    told = run("spec", "--json", "--assume", "malformed_id_status=400")
    hub, nugen = json.loads(told.output)["documents"]
    assert {operation["served"] for operation in hub["operations"]} == {"simulated"}
    for document in (hub, nugen):
        assert f"repairs: {len(document['repairs'])}\n" in run("spec").output
    values = {known["name"]: known["value"] for known in hub["assumptions"]}
    assert values["malformed_id_status"] == 400
    unserved = [o["id"] for o in nugen["operations"] if o["served"] != "simulated"]
    assert unserved == ["nugen.upload_benchmark"]


def test_spec_reads_a_document_from_standard_input_and_says_so() -> None:
    own = (bundled("spec") / "oxen.yaml").read_text("utf-8")
    told = run("spec", "--spec", "-", standard_input=own)
    assert told.exit_code == 0
    assert told.output.startswith("<stdin> (version ")
    assert told.output.partition("\n")[2] == run("spec").output.partition("\n")[2]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("", "expected an OpenAPI document"),
        ("{", "<stdin>"),
        ("openapi: 3.0.0\npaths: {/a: {get: {}}}\n", "'info' is a required property"),
    ],
    ids=["nothing", "no YAML", "no valid document"],
)
def test_a_document_that_cannot_be_served_ends_with_2_and_the_reason(
    document: str, reason: str
) -> None:
    told = run("spec", "--spec", "-", standard_input=document)
    assert told.exit_code == 2
    assert reason in told.stderr


def test_a_document_of_another_api_can_be_served_and_is_said_to_be_simulated_nowhere() -> None:
    document = "openapi: 3.0.0\ninfo: {title: T, version: '1'}\npaths: {/a/*b: {get: {}}}\n"
    told = run("spec", "--spec", "-", standard_input=document)
    assert told.exit_code == 0
    assert "GET    /a/{b}" in told.output
    assert "expected operations that are simulated" in told.output


def test_a_property_that_only_a_copy_of_the_document_has_is_told_as_never_sent() -> None:
    own = (bundled("spec") / "oxen.yaml").read_text("utf-8")
    known = "        cancelled_at:\n"
    assert own.count(known) == 1
    copy = own.replace(known, f"        brand_new: {{type: string}}\n{known}")
    told = run("spec", "--spec", "-", standard_input=copy)
    assert told.exit_code == 0
    assert "/components/schemas/Evaluation/properties/brand_new: expected a known" in told.output
    assert told.output.count("never sends") == 1
    assert "never sends" not in run("spec").output


@pytest.mark.parametrize("label", ["nugen.yaml", "mine.yaml"])
def test_a_copy_of_another_apis_document_is_refused_whatever_it_is_called(
    label: str, tmp_path: Path
) -> None:
    copy = tmp_path / label
    copy.write_bytes((bundled("spec") / "nugen.yaml").read_bytes())
    told = command("check", "--spec", label, cwd=tmp_path)
    assert told.returncode == 2
    assert b"no path of the API nugen, found /api/v3/evaluations" in told.stderr


# init


def test_init_writes_what_check_and_show_take(tmp_path: Path) -> None:
    told = run("init")
    assert told.exit_code == 0
    assert "wrote oxen-mock.toml" in told.output
    checked = run("check")
    assert checked.exit_code == 0, checked.output
    bundled_ones, with_the_first = (
        int(text.split()[1]) for text in (_check_away_from(tmp_path), checked.output)
    )
    assert with_the_first == bundled_ones + 1
    assert "errored" in run("show", "my-first").output


def _check_away_from(folder: Path) -> str:
    return command("check", cwd=folder.parent).stdout.decode()


def test_each_commented_setting_that_init_writes_can_be_switched_on(tmp_path: Path) -> None:
    run("init")
    settings = tmp_path / "oxen-mock.toml"
    text = re.sub(r"^# (?=\w+ = )", "", settings.read_text("utf-8"), flags=re.MULTILINE)
    (tmp_path / "hub.json").write_bytes((bundled("spec") / "oxen.yaml").read_bytes())
    settings.write_text(text, "utf-8")
    told = run("check")
    assert told.exit_code == 0, told.output
    left = [line for line in text.splitlines() if line.startswith("#")]
    assert len(left) == 3, left  # the sentences, which are no settings


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "oxen-mock.toml").write_text("speed = 2\n", "utf-8")
    told = run("init")
    assert told.exit_code == 2
    assert "oxen-mock.toml: expected no such file yet" in told.stderr
    assert (tmp_path / "oxen-mock.toml").read_text("utf-8") == "speed = 2\n"
    assert list(tmp_path.iterdir()) == [tmp_path / "oxen-mock.toml"]


def test_init_where_it_cannot_write_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "oxen-fixtures").write_text("a file where a folder is to be", "utf-8")
    told = run("init")
    assert told.exit_code == 2
    assert "it could not be written" in told.stderr


# Saving while serving


def test_a_saved_fixture_is_reloaded_and_a_broken_one_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    fixture_folder(folder, own=WHOLE_FIXTURE.format(name="First"))

    def name() -> str:
        found: str = served.ask(OWN_PATH).json["evaluation"]["name"]
        return found

    with Served("--frozen", "--fixtures", str(folder), cwd=tmp_path) as served:
        created = served.create()
        assert name() == "First"
        # Saved again until it is noticed, because the watching starts when it starts.
        until(lambda: saved_and_told(served, folder, "Second", "reloaded: oxen/own"), "reloaded")
        assert name() == "Second"

        until(lambda: saved_and_told(served, folder, None, "not reloaded"), "refused")
        assert served.wait_for(lambda line: "own.yaml:2" in line)
        assert name() == "Second"

        fixture_folder(folder, own=WHOLE_FIXTURE.format(name="Third"))
        until(lambda: name() == "Third", "reloaded once it is mended")
        assert served.ask(created).status == 200


def saved_and_told(served: Served, folder: Path, name: str | None, wanted: str) -> bool:
    """Save the fixture, broken without a name, and give the server a moment to tell of it."""
    text = BROKEN_FIXTURE if name is None else WHOLE_FIXTURE.format(name=name)
    fixture_folder(folder, own=text)
    try:
        until(lambda: any(wanted in line for line in served.lines), wanted, seconds=1)
    except AssertionError:
        return False
    return True
