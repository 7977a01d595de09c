"""The Go example: its tests pass, with a server of `oxen-mock run` and with one of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from served import HERE, clean_environment

EXAMPLE = Path(__file__).parents[2] / "examples" / "go"
GO = shutil.which("go")

pytestmark = pytest.mark.skipif(GO is None, reason="no Go on this machine")


@pytest.fixture
def environment() -> dict[str, str]:
    """No network, nothing written elsewhere, and our own command on the PATH."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return clean_environment(
        PATH=path,
        GOPROXY="off",
        GOTOOLCHAIN="local",
        GOFLAGS="-mod=readonly",
        GOCACHE=str(EXAMPLE.parents[1] / ".pytest_cache" / "go"),
    )


def go_test(environment: dict[str, str], *before: str) -> str:
    """What `go test` prints after these words, which must end well."""
    done = subprocess.run(
        [*before, str(GO), "test", "-count=1", "./..."],
        cwd=EXAMPLE,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_its_tests_pass_with_a_server_that_they_are_given(environment: dict[str, str]) -> None:
    told = go_test(environment, *HERE, "run", "--")
    assert "ok  \texample.com/poller/poller\t" in told
    assert told.splitlines()[-1].startswith("clean"), told


def test_its_tests_pass_with_a_server_that_they_start(environment: dict[str, str]) -> None:
    assert "ok  \texample.com/poller/poller\t" in go_test(environment)


def test_it_is_formatted_and_vetted(environment: dict[str, str]) -> None:
    for command in (["go", "vet", "./..."], ["gofmt", "-l", "."]):
        done = subprocess.run(
            command, cwd=EXAMPLE, env=environment, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
