"""How a run goes: what it sends and what not, when it ends, and what it leaves behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from fuzzed_servers import FEW, TOKEN, Altered, Answer, Dying, fuzzed, mock, run
from served import HERE, PATIENCE, clean_environment, until

from mockserver import Client, ThreadServer
from mockserver.cli import main
from mockserver.fuzzing.run import APIS

if TYPE_CHECKING:
    from pathlib import Path

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals, terminals and 0.0.0.0 of POSIX")
EXAMPLE = "d0c8585d-1234-5678-abcd-ef0123456789"
NOWHERE = "http://127.0.0.1:9"


def as_it_is(answer: Answer) -> Answer:
    return answer


def archived(path: Path) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["log"]["entries"]
    return entries


def asked(path: Path) -> list[tuple[object, ...]]:
    """Every request in an archive, without the port of its server."""
    return [
        (
            sent["method"],
            sent["url"].split("/", 3)[3],
            sent["headers"],
            sent.get("postData", {}).get("text"),
        )
        for sent in (entry["request"] for entry in archived(path))
    ]


def test_the_same_seed_asks_the_same_and_another_one_does_not(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.har" for number in range(3)]
    for file, seed in zip(files, ("5", "5", "6"), strict=True):
        ended = fuzzed(mock(), "--seed", seed, "--har", str(file), "--examples", "30")
        assert ended.told["requests"] == 30
        assert ended.told["seed"] == int(seed)
    first, second, third = map(asked, files)
    assert first == second
    assert first != third


def test_a_run_without_a_seed_tells_the_one_that_it_has_drawn() -> None:
    with ThreadServer(mock()) as server:
        ended = run(server.url, "--token", TOKEN, "--examples", "1")
    assert ended.code == 0
    assert ended.out.splitlines()[-1].rpartition(" ")[2].isdecimal()
    assert "the seed was" in ended.out


def test_a_run_ends_when_its_time_is_over() -> None:
    ended = fuzzed(mock(), "--time", "300ms")
    assert ended.code == 0
    assert ended.told["requests"] > 0
    assert 0.3 <= ended.told["seconds"] < PATIENCE


def test_only_get_is_sent_where_nothing_may_be_created() -> None:
    app = Altered(mock(), as_it_is)
    ended = fuzzed(app, "--max-creates", "0")
    assert {line.split()[0] for line in app.asked} == {"GET"}
    assert ended.told["requests"] == FEW
    assert "only GET is sent (--max-creates N" in ended.err
    assert "cost money" in ended.err


@POSIX
def test_what_may_be_another_machine_is_only_sent_get_and_told_so() -> None:
    app = Altered(mock(), as_it_is)
    with ThreadServer(app, host="0.0.0.0") as server:  # noqa: S104 an address that is not loopback
        url = server.url.replace("127.0.0.1", "0.0.0.0")  # noqa: S104 the same
        ended = run(url, "--token", TOKEN, "--examples", "20", "--json")
    assert {line.split()[0] for line in app.asked} == {"GET"}
    assert "not surely your own machine" in ended.err
    assert ended.told["notes"][0].startswith("only GET was sent")


def test_no_more_is_created_than_is_allowed_and_what_is_created_is_looked_at() -> None:
    app = Altered(mock(), as_it_is)
    ended = fuzzed(app, "--max-creates", "3", "--examples", "60")
    created = [line for line in app.asked if not line.startswith("GET")]
    assert len(created) == 3
    assert all(line.startswith("POST /api/repos/") for line in created)
    assert "at most 3 requests that may create something; each may cost money" in ended.err
    looked_at = {line.rpartition("/")[2] for line in app.asked if line.startswith("GET")}
    assert len(looked_at - {EXAMPLE}) >= 2
    assert ended.findings == []


def test_no_token_is_told_anywhere_though_the_server_repeats_it(tmp_path: Path) -> None:
    def repeating(answer: Answer) -> Answer:
        shown = {"input_type": f"Bearer {TOKEN}", "prompt": TOKEN}
        return answer.showing(**shown) if answer.evaluation else answer

    har, junit = tmp_path / "out.har", tmp_path / "out.xml"
    flags = ("--har", str(har), "--junit", str(junit))
    ended = fuzzed(Altered(mock(), repeating), *flags)
    assert ended.findings
    for text in (ended.out, ended.err, har.read_text("utf-8"), junit.read_text("utf-8")):
        assert TOKEN not in text
    assert '"Authorization: Bearer $TOKEN"' in "".join(ended.findings[0]["requests"])


def test_the_archive_holds_every_exchange_and_can_be_judged(tmp_path: Path) -> None:
    har = tmp_path / "out.har"
    ended = fuzzed(mock(), "--har", str(har))
    assert len(archived(har)) == ended.told["requests"] == FEW
    told = CliRunner().invoke(main, ["judge", "--json", str(har)])
    kinds = {finding["kind"] for finding in json.loads(told.stdout)["findings"]}
    assert kinds == {"request"}  # which are broken on purpose


def test_junit_has_a_case_for_each_operation_and_failures_with_commands(tmp_path: Path) -> None:
    junit = tmp_path / "out.xml"
    fuzzed(Altered(mock(), lambda answer: answer.with_body([])), "--junit", str(junit))
    suite = next(iter(ET.fromstring(junit.read_text("utf-8"))))  # noqa: S314 it is our own
    names = {case.get("name") for case in suite.iter("testcase")}
    assert {"create_evaluation", "get_evaluation"} <= names
    failures = [failure.text or "" for failure in suite.iter("failure")]
    assert failures
    assert all("curl " in text for text in failures)


def test_a_file_that_cannot_be_written_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    for flag in ("--har", "--junit"):
        app = Altered(mock(), as_it_is)
        with ThreadServer(app) as server:
            ended = run(server.url, flag, str(tmp_path / "no" / "such" / "folder"))
        assert ended.code == 2
        assert f"{flag}: expected a file that can be written" in ended.err
        assert len(app.asked) <= 1


def test_a_redirect_is_not_followed_and_takes_no_token_along() -> None:
    other = Altered(mock(), as_it_is)
    with ThreadServer(other) as elsewhere:

        def leading(answer: Answer) -> Answer:
            if answer.status != 200:
                return answer
            return answer._replace(status=307, headers=[("Location", elsewhere.url + answer.path)])

        ended = fuzzed(Altered(mock(), leading))
    assert ended.code == 1
    assert other.asked == []


def test_a_server_that_is_another_one_than_it_says_is_not_fuzzed() -> None:
    def leading(answer: Answer) -> Answer:
        return answer._replace(status=301, headers=[("Location", "https://u:pw@hub.example.com/x")])

    app = Altered(mock(), leading)
    ended = fuzzed(app)
    assert ended.code == 2
    assert "leads to https://hub.example.com: give the URL of that one" in ended.err
    assert len(app.asked) == 1
    assert "authorization" not in app.headers[0]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((NOWHERE,), f"nothing answers at {NOWHERE}"),
        ((NOWHERE, "--api", "control"), f"nothing answers at {NOWHERE}"),
        (("127.0.0.1:4010",), "expected the URL of a server"),
        (("http://ox:pw-4711@127.0.0.1:9",), "without a name and a password"),
        ((NOWHERE, "--token", "two words"), "--token: expected ASCII without white space"),
        ((NOWHERE, "--value", "evaluation=x"), "did you mean evaluation_id?"),
        ((NOWHERE, "--value", "x"), "expected NAME=VALUE"),
        ((NOWHERE, "--time", "5"), "expected a duration with units"),
        ((NOWHERE, "--time", "0s"), "expected some time"),
        ((NOWHERE, "--time", "5s", "--examples", "5"), "give one of the two"),
        ((NOWHERE, "--api", "hub"), "'hub' is not one of"),
    ],
)
def test_what_cannot_be_done_is_told_in_words(words: tuple[str, ...], told: str) -> None:
    ended = run(*words)
    assert ended.code == 2
    assert told in ended.err
    assert "Traceback" not in ended.err
    assert "4711" not in ended.err + ended.out


def test_without_schemathesis_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "schemathesis", None)
    ended = run(NOWHERE)
    assert ended.code == 2
    assert ended.err == (
        "oxen-mock: fuzzing needs schemathesis: pip install 'oxen-mockserver[fuzz]'\n"
    )


def test_a_server_that_goes_away_is_a_finding_with_its_last_request() -> None:
    with Dying(after=20) as server:
        ended = run(server.url, "--token", TOKEN, "--seed", "1", "--json")
    assert ended.code == 1
    assert ended.told["requests"] < 30
    (gone,) = (one for one in ended.findings if one["rule"] == "answers")
    assert gone["expected"] == "one"
    assert gone["requests"][0].startswith("curl ")
    assert "does not answer any more" in ended.told["notes"][0]


@POSIX
def test_ctrl_c_tells_what_was_found_until_then(tmp_path: Path) -> None:
    app = Altered(mock(tokens=()), as_it_is)
    with ThreadServer(app) as server:
        words = [*HERE, "fuzz", server.url, "--token", TOKEN, "--time", "10m", "--seed", "1"]
        process = subprocess.Popen(
            [*words, "--har", str(tmp_path / "out.har")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=clean_environment(),
        )
        until(lambda: len(app.asked) > 20, "it asks")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, err
    assert out.rstrip().endswith(", interrupted")
    assert "conduct: status: expected 401 or 403" in out
    assert len(archived(tmp_path / "out.har")) >= 20


@POSIX
def test_a_terminal_is_shown_how_far_it_is_and_how_much_was_found_and_no_folder_stays(
    tmp_path: Path,
) -> None:
    leader, follower = os.openpty()
    with ThreadServer(mock()) as server:
        process = subprocess.Popen(
            [*HERE, "fuzz", server.url, "--token", TOKEN, "--examples", "30"],
            stdout=subprocess.PIPE,
            stderr=follower,
            env=clean_environment(TERM="xterm"),
            cwd=tmp_path,
        )
        out, _ = process.communicate(timeout=PATIENCE)
    os.close(follower)
    shown = os.read(leader, 100_000).decode()
    os.close(leader)
    assert "100%" in shown
    assert "findings: 0" in shown
    assert list(tmp_path.iterdir()) == []
    assert b"%" not in out


def test_a_sandbox_and_a_prefix_stay_before_every_path_and_are_judged_there() -> None:
    def lying(answer: Answer) -> Answer:
        return answer.showing(name=7) if answer.evaluation else answer

    ways: tuple[tuple[str, str, dict[str, str]], ...]
    ways = (("/sandbox/a%2Fb", "/sandbox/a/b", {}), ("/hub", "/hub", {"prefix": "/hub"}))
    for below, decoded, settings in ways:
        app = Altered(mock(**settings), lying)
        ended = fuzzed(app, "--examples", "20", below=below)
        assert {one["place"] for one in ended.findings} == {"body /evaluation/name"}
        assert all(f" {decoded}/api/" in line for line in app.asked)


def test_the_control_api_is_fuzzed_as_a_guest_who_leaves_nothing_behind() -> None:
    with ThreadServer(mock(control_token=TOKEN)) as server:
        client = Client(server.url, control_token=TOKEN)
        client.sandboxes.put("mine", rate=0)
        before = [client.in_sandbox(name).report() for name in ("default", "mine")]
        words = (server.url, "--api", "control", "--seed", "2", "--examples", "40", "--json")
        ended = run(*words, OXEN_MOCK_CONTROL_TOKEN=TOKEN)
        assert ended.findings == []
        assert [one["name"] for one in client.sandboxes.list()] == ["default", "mine"]
        assert [client.in_sandbox(name).report() for name in ("default", "mine")] == before
        refused = run(*words)
        assert refused.code == 2
        assert "control-token" in refused.err.lower()


def test_where_nothing_may_be_created_no_sandbox_is() -> None:
    app = Altered(mock(), as_it_is)
    words = ("--api", "control", "--examples", "1", "--max-creates", "5", "--json")
    with ThreadServer(app) as server:
        ended = run(server.url, *words)
    assert all(line.startswith("GET /_mock/") for line in app.asked)
    assert ended.findings == []


def test_both_apis_share_what_may_be_spent() -> None:
    app = Altered(mock(), as_it_is)
    ended = fuzzed(app, "--api", "oxen", "--api", "nugen", "--examples", "30")
    assert ended.findings == []
    hub = sum(" /api/repos/" in line for line in app.asked)
    assert 12 <= hub <= 18


def test_the_command_offers_every_api_that_there_is() -> None:
    told = CliRunner().invoke(main, ["fuzz", "--help"], env={"COLUMNS": "200"}).stdout
    assert f"[{'|'.join(APIS)}|all]" in told
