"""The Python examples pass, and their tests name every bug that is planted in the client."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import inner_runs  # noqa: F401 before the first inner run
import pytest

pytest_plugins = ["pytester"]

EXAMPLES = Path(__file__).parents[2] / "examples" / "python"


class Bug(NamedTuple):
    """A change to a client, and what its tests must say of it."""

    client: str
    right: str
    wrong: str
    told: str


HTTPX, REQUESTS = "httpx_poller.py", "requests_poller.py"
BUGS = {
    "no time-out": Bug(
        HTTPX,
        "while time.monotonic() < ends:",
        "while True:",
        "*Failed: no time-out: the client has slept * times, *waits for evaluation *running*",
    ),
    "no time-out, every exception caught": Bug(
        REQUESTS,
        "while monotonic() - started < at_most:",
        "while started:",
        "*Failed: no time-out: the client has slept * times, *waits for evaluation *running*",
    ),
    "crashes on total: 0": Bug(
        HTTPX,
        'progress["processed"] / progress["total"] if progress["total"] else None',
        'progress["processed"] / progress["total"]',
        "*ZeroDivisionError*",
    ),
    "ignores errored": Bug(
        HTTPX,
        'in {"errored", "cancelled"}',
        'in {"failed", "cancelled"}',
        "*polls after the end: evaluation * had been shown as errored, and the client slept *",
    ),
    "ignores cancelled": Bug(
        REQUESTS,
        '("completed", "errored", "cancelled")',
        '("completed", "errored", "canceled")',
        "*polls after the end: evaluation * had been shown as cancelled, and the client slept *",
    ),
    "sends a wrong body": Bug(
        HTTPX,
        '"model_id": model_id,',
        '"model": model_id,',
        "*broke the contract: body /model_id: expected a string (required), found nothing*",
    ),
    "leaves a field out": Bug(
        HTTPX,
        '            "target_column": "prediction",\n',
        "",
        "*broke the contract: body /target_column: expected a string (required), found nothing*",
    ),
    "polls after the end": Bug(
        HTTPX,
        'if seen["status"] == "completed":',
        'if seen["status"] == "completed" and not time.sleep(1) and client.get(evaluation_id):',
        "*polls after the end: evaluation * had been shown as completed, and the client slept *",
    ),
    "sends no token": Bug(
        HTTPX,
        'headers={"Authorization": f"Bearer {self.token}"}',
        "headers={}",
        "*broke the contract: header Authorization: expected Bearer and a token, found no such *",
    ),
    "does not retry": Bug(
        HTTPX, "500, 502, 503, 504", "500, 502, 504", "*503 SERVICE UNAVAILABLE*"
    ),
    "does not wait as long as it is told to": Bug(
        HTTPX, 'float(answer.headers.get("Retry-After", pause))', "pause", "*assert [[]429, 200, *"
    ),
}


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A copy of the examples."""
    for file in EXAMPLES.glob("*.py"):
        shutil.copy(file, pytester.path)
    return pytester


def test_the_examples_pass(project: pytest.Pytester) -> None:
    told = project.runpytest("-q", "-p", "no:cacheprovider")
    told.assert_outcomes(passed=18)


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_a_planted_bug_is_named(project: pytest.Pytester, bug: Bug) -> None:
    client = project.path / bug.client
    source = client.read_text("utf-8")
    assert source.count(bug.right) == 1
    client.write_text(source.replace(bug.right, bug.wrong), "utf-8")
    told = project.runpytest("-q", "-x", f"test_{bug.client}", "--hypothesis-seed=0")
    told.stdout.fnmatch_lines([bug.told])
    assert told.ret == pytest.ExitCode.TESTS_FAILED
