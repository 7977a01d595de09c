"""A life runs wherever Hypothesis does: under pytest, in several processes, and without pytest."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import inner_runs  # noqa: F401 before the first inner run
from machines import EXAMPLES

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

pytest_plugins = ["pytester"]

ALONE = """
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from test_board_poller_life import BoardLife

few = settings(BoardLife.TestCase.settings, max_examples=5, database=None)
run_state_machine_as_test(BoardLife, settings=few)
print("it holds")
"""


def copied(folder: Path) -> None:
    for name in ("board_poller.py", "test_board_poller_life.py"):
        shutil.copy(EXAMPLES / name, folder)


def test_a_failure_is_read_as_steps_and_how_things_stand(pytester: pytest.Pytester) -> None:
    copied(pytester.path)
    client = pytester.path / "board_poller.py"
    source = client.read_text("utf-8")
    client.write_text(source.replace('"errored", "cancelled"}', '"errored"}'), "utf-8")
    run = pytester.runpytest("-q", "-n2", "-p", "no:cacheprovider", "--hypothesis-seed=0")
    run.assert_outcomes(failed=1)
    run.stdout.fnmatch_lines(
        [
            ">       assert evaluation.id not in self.board.waits_for()",
            "E       state = BoardLife()",
            "E       evaluation_0 = state.add(life=*",
            "E       state.teardown()",
            "E       state.poll(after='0s', evaluation=evaluation_0)",
            "E       # as it stands, * in:",
            "E       #   evaluation_0: cancelled, *; * of it, at last Row(status='cancelled', *",
            "E       # * exchange*:",
            "E       # * 200 GET /api/repos/ox/cats/evaluations/* [[]cancelled]",
            "test_board_poller_life.py:*: AssertionError",
        ]
    )
    ours = [line for line in run.outlines if "mockserver" in line]
    assert ours == []  # the traceback shows what is the user's


def test_it_runs_without_pytest_and_leaves_no_server(tmp_path: Path) -> None:
    copied(tmp_path)
    (tmp_path / "alone.py").write_text(ALONE, "utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", "alone.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("it holds\n", "", 0)
