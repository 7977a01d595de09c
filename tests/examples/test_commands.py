"""What the examples tell a shell, a container or a workflow to do is what the command takes."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
import yaml
from served import Served, clean_environment

from mockserver.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

EXAMPLES = Path(__file__).parents[2] / "examples"
DOCKER = EXAMPLES / "docker"
WORKFLOW = EXAMPLES / "github-actions" / "oxen-mock.yml"
_VARIABLE = re.compile(r"\$\{\{.*?\}\}|\$\{.*?\}|\$\w+")
_SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return loaded


def of_dockerfile() -> dict[str, list[str]]:
    """The words of each instruction that starts a program, in its JSON form."""
    text = (DOCKER / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    found = re.findall(r"^(ENTRYPOINT|CMD|HEALTHCHECK)\b[^\[\n]*(\[.*\])$", text, re.MULTILINE)
    return {instruction: json.loads(words) for instruction, words in found}


def steps() -> Iterator[dict[str, Any]]:
    for job in load(WORKFLOW)["jobs"].values():
        yield from job["steps"]


def of_shell(text: str) -> Iterator[list[str]]:
    """The words of each line that runs the command, without what is set before it."""
    for line in text.splitlines():
        words = shlex.split(_VARIABLE.sub("anything", line), comments=True)
        while words and re.match(r"\w+=", words[0]):
            del words[0]
        if words and words[0] == "oxen-mock":
            yield words


def commands() -> Iterator[list[str]]:
    """Every command of ours in the examples."""
    docker = of_dockerfile()
    yield docker["HEALTHCHECK"]
    yield [*docker["ENTRYPOINT"], *docker["CMD"]]
    composed = load(DOCKER / "compose.yaml")["services"]["mock"]["command"]
    yield [*docker["ENTRYPOINT"], *(_VARIABLE.sub("anything", word) for word in composed)]
    for step in steps():
        yield from of_shell(step.get("run", ""))
    for readme in sorted(EXAMPLES.glob("*/README.md")):
        for block in _SHELL.findall(readme.read_text("utf-8")):
            yield from of_shell(block)


def take(command: click.Command, words: Sequence[str], above: click.Context | None = None) -> None:
    """Parse the words as the command would, down to its last subcommand, and run nothing."""
    context = command.make_context(words[0], [*words[1:]], parent=above)
    if isinstance(command, click.Group):
        rest = [*context._protected_args, *context.args]  # noqa: SLF001 nothing else has them
        _, below, left = command.resolve_command(context, rest)
        assert below is not None
        take(below, [str(below.name), *left], context)


@pytest.mark.parametrize("words", [*commands()], ids=shlex.join)
def test_the_command_line_takes_it(words: list[str]) -> None:
    assert words[0] == "oxen-mock"
    take(main, words)


def test_a_command_that_it_does_not_take_is_noticed() -> None:
    for wrong in ("oxen-mock serv", "oxen-mock serve --control-tokn x", "oxen-mock ctl helth"):
        with pytest.raises(click.UsageError):
            take(main, wrong.split())


def test_a_workflow_keeps_what_the_run_has_written() -> None:
    run = [words for step in steps() for words in of_shell(step.get("run", ""))]
    written = [words[words.index("--artifacts") + 1] for words in run]
    kept = {step["with"]["path"] for step in steps() if "upload-artifact" in step.get("uses", "")}
    assert kept == {*written} != set()


def test_a_container_is_healthy_only_while_a_server_answers(tmp_path: Path) -> None:
    health = [sys.executable, "-m", "mockserver", *of_dockerfile()["HEALTHCHECK"][1:]]
    with Served(cwd=tmp_path) as served:
        settings = clean_environment(OXEN_MOCK_PORT=str(served.port))
        alive = subprocess.run(health, cwd=tmp_path, env=settings, check=False)
    gone = subprocess.run(health, cwd=tmp_path, env=settings, check=False)
    assert (alive.returncode, gone.returncode) == (0, 2)


def test_the_poller_of_the_second_container_sees_a_life_to_its_end(tmp_path: Path) -> None:
    with Served("--speed", "60", cwd=tmp_path) as served:
        polled = subprocess.run(
            [sys.executable, DOCKER / "poll.py"],
            env=clean_environment(OXEN_BASE_URL=served.url, OXEN_API_KEY="any-token"),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert served.ask("/_mock/report").json["clean"] is True
    first, *_, last = polled.stdout.splitlines()
    assert (first, last) == ("queued 0/0", "completed 100/100")
