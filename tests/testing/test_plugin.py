"""A test has a sandbox of its own, and fails for what its client breaks."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING

from projects import run

from mockserver.snapshots import read_snapshot

if TYPE_CHECKING:
    import pytest

pytest_plugins = ["pytester"]


def test_a_test_has_a_sandbox_of_its_own_whose_clock_stands_still(project: pytest.Pytester) -> None:
    told = run(
        project,
        """
        def test_life(oxen):
            assert not oxen.url.endswith("/")
            ev = oxen.add("happy-path", rows=50)
            start = oxen.clock.now
            assert look(oxen, ev)["status"] == "queued"
            assert oxen.clock.now == start
            oxen.clock.until(ev, "running")
            assert look(oxen, ev)["status"] == "running"
            oxen.clock.advance("24s")
            assert look(oxen, ev)["status"] == "committing"
            oxen.clock.next(ev)
            assert look(oxen, ev)["progress"] == {"processed": 50, "total": 50}
            assert oxen.report()["clean"]
            assert oxen.journal.wait(status_seen="completed")["code"] == 200

        def test_nothing_of_it_is_left(oxen):
            assert oxen.journal.find()["exchanges"] == []
            ev = oxen.add("slow")
            oxen.fail(ev, at_row=71)
            oxen.clock.until(ev, "errored")
            assert look(oxen, ev)["progress"]["processed"] == 71
            oxen.faults.add(operation="get_evaluation", code=503, count=1)
            assert httpx.get(oxen.url + PATH + ev["id"], headers=headers(oxen)).status_code == 503
        """,
    )
    told.assert_outcomes(passed=2)


def test_a_request_that_broke_the_contract_fails_the_test_that_passed(
    project: pytest.Pytester,
) -> None:
    told = run(project, "def test_create(oxen):\n    create(oxen, model_id='gpt-4o')")
    told.assert_outcomes(failed=1)
    told.stdout.fnmatch_lines(
        [
            '*broke the contract: body /model_id: expected a uuid, found "gpt-4o"',
            "*POST /api/repos/ox/cats/evaluations/main/a.parquet was answered 400",
            '*expect_violation("body /model_id")*',
            "*exchanges with the mock*",
            "*1 exchange, virtual time*sandbox test-create-*",
            "*400 POST /api/repos/ox/cats/evaluations/main/a.parquet*",
            "the last answer:",
            '*"type": "invalid_params"*',
        ]
    )


def test_a_request_that_broke_the_contract_is_told_beside_the_exception_it_led_to(
    project: pytest.Pytester,
) -> None:
    told = run(project, "def test_create(oxen):\n    create(oxen, prompt=7).raise_for_status()")
    told.assert_outcomes(failed=1)
    told.stdout.fnmatch_lines(
        ["E *'400 BAD REQUEST'*", "E *broke the contract: body /prompt: expected a string, found 7"]
    )


def test_what_is_broken_on_purpose_is_expected_and_must_come(project: pytest.Pytester) -> None:
    told = run(
        project,
        """
        def test_comes(oxen):
            oxen.expect_violation("body /prompt", operation="create_evaluation", count=2)
            create(oxen, prompt=7)
            create(oxen, prompt=None)

        def test_does_not(oxen):
            oxen.expect_violation("body /prompt")
        """,
    )
    told.assert_outcomes(passed=1, failed=1)
    told.stdout.fnmatch_lines(
        ["*kept the contract at body /prompt: expected it to be broken in 1 *"]
    )


def test_a_failed_test_names_the_command_that_leads_back_to_where_it_failed(
    project: pytest.Pytester,
) -> None:
    told = run(
        project,
        """
        def test_here(oxen):
            ev = oxen.add("errored-midway")
            oxen.clock.until(ev, "running")
            look(oxen, ev)
            assert False, ev["id"]
        """,
    )
    [line] = [line for line in told.outlines if "oxen-mock serve" in line]
    words = shlex.split(line)
    assert words[:4] == ["oxen-mock", "serve", "--frozen", "--restore"]
    snapshot = read_snapshot(json.loads((project.path / words[4]).read_text("utf-8")), "file")
    [found] = {*re.findall(r"AssertionError: ([0-9a-f-]{36})", told.stdout.str())}
    ids = {evaluation.id: evaluation for evaluation, _ in snapshot.state.evaluations}
    assert ids[found].life.at(snapshot.state.now - ids[found].born).status == "running"


def test_a_request_that_named_no_sandbox_fails_the_test(project: pytest.Pytester) -> None:
    told = run(
        project,
        """
        def test_join(oxen):
            from urllib.parse import urljoin
            httpx.get(urljoin(oxen.url, PATH + "x"), headers={"Authorization": "Bearer t"})

        def test_token(oxen, oxen_server):
            url = oxen_server.url + PATH + oxen.add("happy-path")["id"]
            assert httpx.get(url, headers=headers(oxen)).status_code == 200
        """,
    )
    told.assert_outcomes(passed=1, failed=1)
    told.stdout.fnmatch_lines(["*reached no sandbox: GET /api/repos/ox/cats/evaluations/x was *"])


def test_what_a_test_has_left_running_is_no_fault_of_the_next(project: pytest.Pytester) -> None:
    told = run(
        project,
        """
        left = []
        def test_first(oxen):
            left.append(oxen.url)
        def test_second(oxen):
            told = httpx.get(left[0] + PATH + "x", headers={"Authorization": "Bearer t"})
            assert told.status_code == 410
        """,
    )
    told.assert_outcomes(passed=2)


def test_a_slip_of_the_test_s_own_is_told_where_it_stands(project: pytest.Pytester) -> None:
    told = run(project, "def test_slip(oxen):\n    oxen.add('happy-pth')")
    told.assert_outcomes(failed=1)
    told.stdout.fnmatch_lines(
        [
            ">   *oxen.add('happy-pth')",
            "E * is called 'oxen/happy-pth'; did you mean oxen/happy-path?",
            "",
            "test_it.py:4: ControlError",
        ],
        consecutive=True,
    )
