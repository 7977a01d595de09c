"""Projects with a client and tests of it, in which pytest is run with the plugin."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import inner_runs  # noqa: F401 before the first inner run

if TYPE_CHECKING:
    import pytest

CLIENT = """
import time
import httpx

PATH = "/api/repos/ox/cats/evaluations/"
BODY = {"prompt": "Is {it}?", "input_type": "text", "output_type": "text",
        "model_id": "41148aa1-906c-411c-b84b-847d980e8896", "target_column": "answer"}

def headers(oxen):
    return {"Authorization": f"Bearer {oxen.token}"}

def look(oxen, evaluation):
    url = oxen.url + PATH + evaluation["id"]
    return httpx.get(url, headers=headers(oxen)).json()["evaluation"]

def create(oxen, **body):
    url = oxen.url + PATH + "main/a.parquet"
    return httpx.post(url, headers=headers(oxen), json={**BODY, **body})

def wait(oxen, evaluation):
    seen = []
    while seen[-1:] not in (["completed"], ["errored"], ["cancelled"]):
        if seen:
            time.sleep(2)
        seen.append(look(oxen, evaluation)["status"])
    return seen
"""


def run(project: pytest.Pytester, tests: str, *flags: str) -> pytest.RunResult:
    """What comes of these tests, run within this process."""
    write(project, tests)
    return project.runpytest(*flags)


def write(project: pytest.Pytester, tests: str) -> None:
    """Add these tests to the project."""
    imports = "from client import *\nimport pytest\n"
    project.makepyfile(test_it=imports + textwrap.dedent(tests))
