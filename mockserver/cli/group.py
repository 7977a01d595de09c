"""The command itself: its help, its exit codes, and how it tells what went wrong."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any, TextIO

import click

import mockserver
from mockserver.core.errors import BadFixturesError, MockserverError

FINDINGS = 1
UNUSABLE = 2
_COMMANDS = ("check", "fuzz", "init", "judge", "run", "serve", "show", "spec")
"""Each is made by the module of its name beside this one."""
_CONTROL = "ctl"
"""The group of commands that steer a running server."""


def tell(text: str, stream: TextIO | None = None) -> None:
    """Print, in the encoding that was asked for: left alone, click takes UTF-8 for ASCII."""
    click.echo(text, file=stream or sys.stdout)


class _Group(click.Group):
    """Turns errors meant for people into one message and an exit code, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 as click has it
        try:
            return super().invoke(ctx)
        except BadFixturesError as error:
            tell(f"oxen-mock: {error}", sys.stderr)
            ctx.exit(FINDINGS if ctx.invoked_subcommand == "check" else UNUSABLE)
        except MockserverError as error:
            tell(f"oxen-mock: {error}", sys.stderr)
            ctx.exit(UNUSABLE)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 as click has it
        return sorted([*_COMMANDS, _CONTROL])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported when it is asked for: one is enough for a start."""
        if cmd_name in _COMMANDS:
            import_module(f"mockserver.cli.{cmd_name}")  # which adds it to this group
        if cmd_name != _CONTROL:
            return super().get_command(ctx, cmd_name)
        from mockserver.ctl import ctl  # noqa: PLC0415 because the other commands need none of it

        return ctl


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Settings are read from oxen-mock.toml (found upwards from here), then from "
    "OXEN_MOCK_* variables, then from flags. Exit codes: 0 fine, 1 findings, 2 cannot be done.",
)
@click.version_option(mockserver.__version__, prog_name="oxen-mock")
@click.pass_context
def main(context: click.Context) -> None:
    """A stand-in for Oxen's evaluation API: evaluations that live over time, contract checked.

    \b
    oxen-mock serve                    on http://127.0.0.1:4010
    oxen-mock serve --speed 60         a minute a second
    oxen-mock run -- npm test          a server for one command
    oxen-mock show errored-midway      what a poller will see
    oxen-mock check --fixtures mine    prove your own fixtures
    oxen-mock judge hub.har            judge what was recorded
    oxen-mock fuzz URL                 judge what a server makes of anything
    oxen-mock spec --spec hub.json     what is made of your copy of the document
    oxen-mock ctl advance 30s          steer a server that runs
    """  # noqa: D301 because click reads \b as: keep these lines
    from mockserver.requestlog import carry_anything  # noqa: PLC0415 because --help needs none of it

    carry_anything(sys.stdout)
    carry_anything(sys.stderr)
    if os.environ.get("NO_COLOR"):
        context.color = False
