"""`oxen-mock run`: what the command finds, how it ends, what is kept, and that nothing stays."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
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

from mockserver import url_file
from mockserver.cli import main
from mockserver.core.errors import BadSettingsError
from mockserver.running.artifacts import file_name
from mockserver.running.variables import Facts, read_templates, variables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and terminals of POSIX")
LINUX = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs Linux's /proc")

ASKING = f"""
import json, os, signal, subprocess, sys, urllib.error, urllib.request

def ask(path, body=None, sandbox=None, base=os.environ["OXEN_BASE_URL"]):
    headers = {{"Authorization": "Bearer " + os.environ["OXEN_API_KEY"]}}
    raw = None
    if body is not None:
        raw = json.dumps(body).encode()
        headers["Content-Type"] = "application/json"
    if sandbox is not None:
        headers["X-Mock-Sandbox"] = sandbox
    request = urllib.request.Request(base + path, raw, headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)

SEED, CREATE, BODY = {SEED_PATH!r}, {CREATE_PATH!r}, {CREATE_BODY!r}
WRONG = {{**BODY, "prompt": 7}}
EXPECTED = {{"operation": "create_evaluation", "place": "body /prompt"}}
"""
"""What children begin with that ask something."""

READING = """
import signal, sys

heard = []

def hear(*_):
    heard.append("Ctrl-C")
    print("heard", flush=True)

signal.signal(signal.SIGINT, hear)
print("ready", flush=True)
while (line := sys.stdin.readline().strip()) != "end":
    print(f"read {line}", flush=True)
print(f"heard {len(heard)} in all", flush=True)
"""
"""A command that reads its standard input, and counts each Ctrl-C that reaches it."""

OF_A_SHELL = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
    "from mockserver.cli import main; main(['run', *sys.argv[1:]])"
)
"""A run as shells start it in front: Ctrl-C is heard, whatever ignores it around the tests."""


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("OXEN_MOCK_")]:
        monkeypatch.delenv(name)


def python(program: str) -> tuple[str, ...]:
    """The command that is this program."""
    return ("--", sys.executable, "-c", program)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*HERE, "run", *arguments],
        env=clean_environment(**environment),
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )


def asking(program: str, *options: str) -> subprocess.CompletedProcess[str]:
    """A run whose command is this program, which knows how to ask."""
    return run("--frozen", *options, *python(ASKING + program))


def refused(*arguments: str) -> str:
    """What is said of a run that cannot be."""
    told = CliRunner().invoke(main, ["run", *arguments], catch_exceptions=False)
    assert told.exit_code == 2
    assert told.stdout == ""
    return told.stderr


@contextmanager
def running(*arguments: str, stdin: int = subprocess.PIPE) -> Iterator[subprocess.Popen[str]]:
    """A run that goes on."""
    process = subprocess.Popen(
        [sys.executable, "-c", OF_A_SHELL, *arguments],
        env=clean_environment(),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: subprocess.Popen[str]) -> str:
    """The next line that the command prints."""
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def say(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


# What the command finds


def test_the_command_finds_the_server_a_token_and_what_it_asked_for() -> None:
    told = run(
        *("--prefix", "/hub", "--token", "secret", "--token", "other", "--seed", "7"),
        *("--control-token", "steer"),
        *("--env", "VITE_URL={url}/", "--env", "ALL={host} {port} {token} {seed} {{url}}"),
        *python("import json, os; print(json.dumps(dict(os.environ)))"),
    )
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    url = found["OXEN_MOCK_URL"]
    port = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/hub", url)
    assert port is not None
    assert found["OXEN_BASE_URL"] == url
    assert found["OXEN_API_KEY"] == "secret"
    assert found["OXEN_MOCK_CONTROL_TOKEN"] == "steer"  # noqa: S105 no real one
    assert found["VITE_URL"] == f"{url}/"
    assert found["ALL"] == f"127.0.0.1 {port[1]} secret 7 {{url}}"


def test_the_server_listens_before_the_command_starts_and_takes_the_token_it_was_given() -> None:
    told = asking("print(ask(SEED)[0]); print(ask(CREATE, BODY)[0])")
    assert (told.returncode, told.stdout) == (0, "200\n200\n"), told.stderr
    assert re.search(r"^2 requests, 2 of \d+ operations$", told.stderr, re.MULTILINE)
    assert told.stderr.endswith("\nclean\n")


def test_standard_output_is_the_commands_alone_and_requests_are_logged_where_wanted() -> None:
    quiet, logged = asking("ask(SEED)"), asking("ask(SEED)", "--log")
    assert quiet.stdout == logged.stdout == ""
    assert f"200 GET {SEED_PATH}" not in quiet.stderr
    assert f"200 GET {SEED_PATH}" in logged.stderr


def test_settings_hold_as_everywhere_but_for_the_port(tmp_path: Path) -> None:
    text = 'port = 1\nseed = "of the file"\nurl_file = "serves.url"\n'
    (tmp_path / "oxen-mock.toml").write_text(text, "utf-8")
    program = "import os; print(os.environ['OXEN_MOCK_URL'], os.environ['SEED'])"
    told = run("--env", "SEED={seed}", *python(program), OXEN_MOCK_PORT="2")
    assert told.returncode == 0, told.stderr
    url, _, seed = told.stdout.strip().partition(" ")
    assert seed == "of the file"
    assert not url.endswith((":1", ":2"))
    assert not (tmp_path / "serves.url").exists()


def test_a_port_of_the_command_line_is_taken(tmp_path: Path) -> None:
    with Served("--frozen", cwd=tmp_path) as busy:
        told = run("--port", str(busy.port), *python("print('started')"))
        assert (told.returncode, told.stdout) == (2, "")
        assert f"127.0.0.1:{busy.port}" in told.stderr
        port = busy.port
    told = run("--port", str(port), *python("import os; print(os.environ['OXEN_MOCK_URL'])"))
    assert told.stdout == f"http://127.0.0.1:{port}\n"


def test_what_looks_like_an_option_after_the_command_is_the_commands() -> None:
    program = "import sys; print(sys.argv[1:])"
    told = run(sys.executable, "-c", program, "--seed", "x", "--", "-h")
    assert told.stdout == "['--seed', 'x', '--', '-h']\n"


TEMPLATES = {
    "no =": ("VITE_URL", "--env: expected NAME=TEMPLATE as in VITE_API={url}, found 'VITE_URL'"),
    "no name": ("={url}", "--env: expected a name of letters, digits and _, no digit first, found"),
    "an illegal name": ("1ST-URL={url}", "found '1ST-URL'"),
    "an unknown placeholder": ("A={uri}", "--env A: expected a placeholder that is known, found"),
    "an attribute": ("A={url.x}", "found {url.x} (known: {url}, {host}, {port}, {token}, {seed};"),
    "a lone brace": ('A={"a": 1', "found a lone { (for a brace write {{)"),
    "a lone closing brace": ("A=x}", "found a lone } (for a brace write }})"),
}


@pytest.mark.parametrize(("template", "reason"), TEMPLATES.values(), ids=TEMPLATES)
def test_a_template_that_makes_no_sense_is_refused_with_what_would(
    template: str, reason: str
) -> None:
    assert reason in refused("--env", template, *python("print('started')"))


def test_everything_wrong_with_templates_is_told_at_once_and_none_of_their_secrets() -> None:
    given = [template for template, _ in TEMPLATES.values()]
    flags = [flag for template in given for flag in ("--env", template)]
    told = refused(*flags, "--env", "B=s3cr3t{x}s3cr3t", *python("print('started')"))
    assert len(told.splitlines()) == 1 + len(given) + 1
    assert "s3cr3t" not in told


FACTS = Facts("http://[::1]:80/hub", "::1", 80, "t", "7")


@given(st.text())
def test_any_text_can_be_told_by_writing_its_braces_twice(text: str) -> None:
    escaped = text.replace("{", "{{").replace("}", "}}")
    templates = read_templates([f"A={escaped}"])
    assert variables(FACTS, templates, None)["A"] == text


@given(st.text(st.sampled_from("{}urlx=A\n")))
def test_a_template_is_filled_or_refused(text: str) -> None:
    try:
        templates = read_templates([text])
    except BadSettingsError:
        return
    found = variables(FACTS, templates, None)
    assert text.partition("=")[0] in found


def test_a_template_may_put_something_else_in_the_place_of_our_variables() -> None:
    templates = read_templates(["OXEN_BASE_URL={url}/sandbox/mine", "EMPTY="])
    found = variables(FACTS, templates, None)
    assert found == {
        "OXEN_MOCK_URL": "http://[::1]:80/hub",
        "OXEN_BASE_URL": "http://[::1]:80/hub/sandbox/mine",
        "OXEN_API_KEY": "t",
        "EMPTY": "",
    }


# What cannot be run


def test_without_a_command_it_says_what_to_type() -> None:
    assert "found none: oxen-mock run -- npm test" in refused()
    assert "found none" in refused("--seed", "7", "--")


def test_a_command_that_is_not_there_ends_with_127_before_anything_starts(tmp_path: Path) -> None:
    told = run("--artifacts", "kept", "--", "no-such-command", "--flag")
    assert (told.returncode, told.stdout) == (127, "")
    assert "'no-such-command': expected a program on PATH or its path" in told.stderr
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize(
    ("word", "advice"), [("npm test", "sh -c and the line"), ("CI=1", "set by --env NAME=VALUE")]
)
def test_what_only_a_shell_would_understand_is_told(word: str, advice: str) -> None:
    told = run("--", word)
    assert told.returncode == 127
    assert advice in told.stderr


@POSIX
def test_a_file_that_cannot_be_run_ends_with_126(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("", "utf-8")
    (tmp_path / "folder").mkdir()
    (tmp_path / "strange").write_bytes(b"\x00\x01")
    (tmp_path / "strange").chmod(0o755)
    for name, reason in (
        ("./plain", "not executable"),
        ("./folder", "a folder"),
        ("./strange", "format error"),
    ):
        told = run("--", name)
        assert told.returncode == 126, name
        assert reason in told.stderr
        assert "Traceback" not in told.stderr


def test_settings_that_make_no_sense_start_no_command() -> None:
    assert "expected 0 to" in refused("--speed", "-1", *python("print('started')"))


# How it ends


@pytest.mark.parametrize("code", [0, 3, 255])
def test_it_ends_as_the_command_does(code: int) -> None:
    assert run("--frozen", *python(f"raise SystemExit({code})")).returncode == code


@POSIX
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_command_that_a_signal_ended_is_told_as_shells_do(number: signal.Signals) -> None:
    told = run("--frozen", *python(f"import os; os.kill(os.getpid(), {number.value})"))
    assert told.returncode == 128 + number


def test_a_broken_contract_is_a_failure_unless_it_is_allowed() -> None:
    program = "assert ask(CREATE, WRONG)[0] == 400"
    told, allowed = asking(program), asking(program, "--allow-violations")
    assert (told.returncode, allowed.returncode) == (1, 0)
    for one in (told, allowed):
        assert "body /prompt: expected a string, found 7" in one.stderr
        assert "not clean: 1 request that broke the contract" in one.stderr
    assert "so it ends with 1: expect what is meant" in told.stderr
    assert allowed.stderr.endswith("allowed by --allow-violations\n")


def test_the_commands_own_code_is_told_before_the_contracts() -> None:
    assert asking("ask(CREATE, WRONG); sys.exit(3)").returncode == 3


def test_a_breach_that_was_expected_is_none_and_one_that_did_not_come_is() -> None:
    expect = "assert ask('/_mock/expectations', EXPECTED)[0] == 201;"
    met, missing = asking(expect + "ask(CREATE, WRONG)"), asking(expect)
    assert met.returncode == 0, met.stderr
    assert missing.returncode == 1
    assert "not clean: 1 expectation that did not come" in missing.stderr


def test_sandboxes_that_are_gone_count_too() -> None:
    told = asking(
        "ask(CREATE, WRONG, 'mine')\n"
        "request = urllib.request.Request(os.environ['OXEN_MOCK_URL'] + '/_mock/sandboxes/mine',\n"
        "    b'{}', {'Content-Type': 'application/json'}, method='DELETE')\n"
        "urllib.request.urlopen(request).close()\n"
    )
    assert told.returncode == 1
    assert "1 request in 2 sandboxes" in told.stderr


def test_a_command_that_asked_nothing_is_told_where_to_ask() -> None:
    assert "nobody asked: does the command call OXEN_BASE_URL" in run(*python("")).stderr


# What is kept


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artifacts of a run with three sandboxes, one of which was left broken."""
    folder = tmp_path_factory.mktemp("kept") / "some" / "where"
    program = (
        "made = ask(CREATE, BODY)[1]['evaluation']['id']; ask(SEED)\n"
        "print(made)\n"
        "for _ in range(2): ask(CREATE, WRONG, 'tests/a.py::one')\n"
        "ask('/_mock/expectations', EXPECTED, 'waits')\n"
    )
    told = asking(program, "--seed", "7", "--artifacts", str(folder))
    assert told.returncode == 1, told.stderr
    assert f"kept in {folder}" in told.stderr
    (folder / "made").write_text(told.stdout.strip(), "utf-8")
    return folder


def test_the_report_is_kept_for_programs_and_for_people(kept: Path) -> None:
    report = json.loads((kept / "report.json").read_text("utf-8"))
    assert (report["requests"], report["sandboxes"], report["clean"]) == (4, 3, False)
    text = (kept / "report.txt").read_text("utf-8")
    assert "not clean: 2 requests that broke the contract, 1 expectation" in text


def test_junit_has_a_case_for_each_sandbox_and_one_for_all(kept: Path) -> None:
    [suite] = ET.fromstring((kept / "junit.xml").read_bytes())  # noqa: S314 our own
    failures = {
        case.get("name"): (case.findtext("failure") or "").splitlines()
        for case in suite.findall("testcase")
    }
    broken = ["2 x create_evaluation: body /prompt: expected a string, found 7"]
    unmet = ["create_evaluation: body /prompt: expected to be broken 1 x, came 0 x"]
    assert failures == {
        "default": [],
        "tests/a.py::one": broken,
        "waits": unmet,
        "all sandboxes": broken + unmet,
    }
    told = {one.get("name"): one.get("value") for one in suite.iter("property")}
    assert (told["seed"], told["exit_code"]) == ("7", "0")


def test_exchanges_are_kept_of_each_sandbox_and_of_all(kept: Path) -> None:
    def statuses(file: Path) -> list[int]:
        entries = json.loads(file.read_text("utf-8"))["log"]["entries"]
        assert all(one["request"]["url"].startswith("http://127.0.0.1:") for one in entries)
        return [one["response"]["status"] for one in entries]

    assert statuses(kept / "journal.har") == [200, 200, 400, 400]
    own = {file.name: statuses(file) for file in (kept / "journals").iterdir()}
    assert own == {
        "default.har": [200, 200],
        f"{file_name('tests/a.py::one')}.har": [400, 400],
    }


def test_a_kept_sandbox_can_be_looked_at_again(kept: Path, tmp_path: Path) -> None:
    names = {file.stem for file in (kept / "snapshots").iterdir()}
    assert names == {"default", file_name("tests/a.py::one"), "waits"}
    made = (kept / "made").read_text("utf-8")
    snapshot = str(kept / "snapshots" / "default.json")
    with Served("--frozen", "--restore", snapshot, cwd=tmp_path) as served:
        found = served.ask(f"/api/repos/ox/cats/evaluations/{made}")
        assert found.status == 200
        assert found.json["evaluation"]["name"] == CREATE_BODY["name"]


def test_a_folder_that_cannot_be_written_is_told_before_the_command_starts(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    told = refused("--artifacts", "file/in", *python("print('started')"))
    assert "--artifacts file/in: expected a folder to write to" in told.replace("\\", "/")


def test_what_can_no_longer_be_kept_is_told_beside_the_report() -> None:
    program = "import shutil; shutil.rmtree('kept')"
    told = run("--artifacts", "kept", *python(program))
    assert told.returncode == 2
    assert "--artifacts kept: expected a folder to write to" in told.stderr
    assert told.stderr.count("clean\n") == 1
    assert run("--artifacts", "kept", *python(f"{program}; exit(3)")).returncode == 3


@given(
    st.lists(st.text(st.sampled_from("aAb./:~ é\0{") | st.characters(), max_size=90), unique=True)
)
def test_different_sandboxes_get_different_files_on_any_system(names: list[str]) -> None:
    files = [file_name(name) for name in names]
    assert len({file.lower() for file in files}) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9._~-]{1,90}", file) for file in files)


@pytest.mark.parametrize("name", ["con", "nul.txt", "COM1", "..", ".", "", "a/../b", "-rf"])
def test_no_sandbox_makes_a_file_that_is_something_else(name: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*~[0-9a-f]{8}", file_name(name))


# How it is stopped


@POSIX
def test_ctrl_c_reaches_the_command_once_and_is_told_by_130() -> None:
    with running("--frozen", *python(READING)) as process:
        assert line_of(process) == "ready"
        process.send_signal(signal.SIGINT)
        assert line_of(process) == "heard"
        say(process, "more")
        assert line_of(process) == "read more"  # nobody but the command decides when to end
        say(process, "end")
        assert line_of(process) == "heard 1 in all"
        _, told = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130
        assert told.endswith("clean\nnobody asked: does the command call OXEN_BASE_URL, "
                             "or what --env NAME={url} sets?\n")  # fmt: skip


@POSIX
def test_another_ctrl_c_ends_a_command_that_does_not_listen() -> None:
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "print('ready', flush=True)\n"
        "while True: signal.pause()\n"
    )
    with running("--frozen", *python(program)) as process:
        assert line_of(process) == "ready"

        def ended() -> bool:
            process.send_signal(signal.SIGINT)
            return process.poll() is not None

        until(ended, "the end")
        assert process.returncode == 130
        assert "clean\n" in process.communicate(timeout=PATIENCE)[1]


FAMILY = """
import os, signal, subprocess, sys

child = subprocess.Popen([sys.executable, "-c", {child!r}], stdout=subprocess.PIPE, text=True)
child.stdout.readline()
print(child.pid, flush=True)
{then}
"""
WAITING = "import signal; {first}; print('ready', flush=True)\nwhile True: signal.pause()\n"


@LINUX
@pytest.mark.parametrize(
    "first", ["pass", "signal.signal(signal.SIGTERM, signal.SIG_IGN)"], ids=["willing", "stubborn"]
)
def test_what_the_command_leaves_behind_is_ended(first: str) -> None:
    told = run(*python(FAMILY.format(child=WAITING.format(first=first), then="sys.exit(3)")))
    assert told.returncode == 3
    assert not is_alive(int(told.stdout))


@LINUX
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["SIGTERM", "SIGHUP"])
def test_a_signal_reaches_the_command_and_its_children_and_the_report_is_told(
    number: signal.Signals,
) -> None:
    then = f"signal.signal({number.value}, lambda *_: print('bye') or sys.exit(0))\n"
    then += "print('ready', flush=True)\nchild.wait(); signal.pause()"
    with running(*python(FAMILY.format(child=WAITING.format(first="pass"), then=then))) as process:
        child = int(line_of(process))
        assert line_of(process) == "ready"
        process.send_signal(number)
        printed, told = process.communicate(timeout=PATIENCE)
        assert process.returncode == 128 + number
        assert printed == "bye\n"
        assert "clean\n" in told
        assert not is_alive(child)


@POSIX
def test_a_signal_that_was_ignored_before_stays_ignored() -> None:
    program = "import os, signal, sys; print(signal.getsignal(signal.SIGHUP).name)"
    launch = (
        f"trap '' HUP; exec {sys.executable} -m mockserver run -- {sys.executable} -c '{program}'"
    )
    told = subprocess.run(
        ["sh", "-c", launch],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert told.stdout == "SIG_IGN\n"


# In a terminal

IN_TERMINAL = (
    "import os, sys\n"
    "terminal = os.open(sys.argv[1], os.O_RDWR)\n"  # of which a session's leader takes possession
    "for stream in range(3): os.dup2(terminal, stream)\n"
    "os.execv(sys.executable, [sys.executable, *sys.argv[2:]])\n"
)


class Terminal:
    """A run in a terminal of its own, which has it in front."""

    def __init__(self, *arguments: str, environment: Mapping[str, str]) -> None:
        import pty  # noqa: PLC0415 because Windows has none

        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", IN_TERMINAL, os.ttyname(theirs), "-c", OF_A_SHELL, *arguments],
            env=dict(environment),
            start_new_session=True,
        )
        self._theirs = theirs  # kept open, so that what was printed can be read after the end
        self.seen = ""

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def wait_for(self, wanted: str) -> None:
        def told() -> bool:
            while select.select([self._ours], [], [], 0)[0]:
                self.seen += os.read(self._ours, 65_536).decode()
            return wanted in self.seen

        until(told, f"{wanted} in what was printed")

    def close(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)
        os.close(self._theirs)
        os.close(self._ours)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal("--frozen", *python(READING), environment=clean_environment())
    yield made
    made.close()


@LINUX
def test_in_a_terminal_the_command_can_read_and_hears_ctrl_c_once(terminal: Terminal) -> None:
    terminal.wait_for("ready")
    terminal.type("hello\n")
    terminal.wait_for("read hello")
    terminal.type("\x03")
    terminal.wait_for("heard")
    terminal.type("end\n")
    terminal.wait_for("heard 1 in all")
    assert terminal.process.wait(PATIENCE) == 130
    terminal.wait_for("clean")


@LINUX
def test_in_a_terminal_one_ctrl_c_that_is_handed_on_by_npm_too_ends_nothing(
    terminal: Terminal,
) -> None:
    terminal.wait_for("ready")
    terminal.type("\x03")
    terminal.process.send_signal(signal.SIGINT)
    terminal.wait_for("heard")
    terminal.type("end\n")
    terminal.wait_for("heard 1 in all")
    assert terminal.process.wait(PATIENCE) == 130


@LINUX
def test_in_a_terminal_another_ctrl_c_ends_a_command_that_goes_on(terminal: Terminal) -> None:
    terminal.wait_for("ready")

    def ended() -> bool:
        terminal.type("\x03")
        return terminal.process.poll() is not None

    until(ended, "the end")
    assert terminal.process.returncode == 130


@LINUX
def test_in_a_terminal_sigterm_is_passed_on(terminal: Terminal) -> None:
    terminal.wait_for("ready")
    terminal.process.terminate()
    assert terminal.process.wait(PATIENCE) == 143


# serve --url-file


def test_the_url_file_holds_the_url_once_it_can_be_called_and_goes_with_the_server(
    tmp_path: Path,
) -> None:
    file = tmp_path / "mock.url"
    file.write_text("http://127.0.0.1:1\n", "utf-8")  # left by one that was killed
    with Served("--frozen", "--prefix", "/hub", "--url-file", "mock.url", cwd=tmp_path) as served:
        assert file.read_text("utf-8") == f"{served.url}\n"
        assert served.url.endswith("/hub")
        served.stop()
        assert list(tmp_path.iterdir()) == []


def test_a_url_file_that_another_server_has_taken_over_stays(tmp_path: Path) -> None:
    file = tmp_path / "mock.url"
    url_file.write(file, "http://127.0.0.1:1")
    url_file.remove(file, "http://127.0.0.1:2")
    assert file.read_text("utf-8") == "http://127.0.0.1:1\n"
    url_file.remove(file, "http://127.0.0.1:1")
    assert not file.exists()
    url_file.remove(file, "http://127.0.0.1:1")


@pytest.mark.parametrize(
    ("name", "reason"), [("no/mock.url", "no folder no"), (".", "a folder")]
)  # fmt: skip
def test_a_url_file_that_cannot_be_is_refused_early(name: str, reason: str) -> None:
    arguments = ["serve", "--port", "0", "--url-file", name]
    told = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert told.exit_code == 2
    assert (
        f"--url-file {name}: expected a file in a folder that exists, found {reason}" in told.stderr
    )
