"""The command group: its options, its help in sections, and `--json` behind every command."""

from __future__ import annotations

from typing import Any

import click

from mockserver.ctl.session import Session

SECTIONS = {
    "Server": ("health",),
    "Time": ("clock", "advance"),
    "Evaluations": ("evaluations", "add", "show", "cancel", "fail", "delete"),
    "Faults": ("faults", "fault", "unfault"),
    "What happened": ("journal", "watch", "har", "report"),
    "What is broken on purpose": ("expectations", "expect", "unexpect"),
    "Sandboxes": ("sandboxes", "sandbox", "reset", "snapshot", "restore"),
}
"""The commands as `--help` lists them."""


class Command(click.Command):
    """A command that takes --json too, for that is where people write it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 as click has it
        """Add the option."""
        super().__init__(*arguments, **options)
        self.params.append(
            click.Option(
                ["--json"],
                is_flag=True,
                expose_value=False,
                callback=_print_json,
                help="Print the answer as JSON.",
            )
        )


def _print_json(context: click.Context, _option: click.Parameter, given: bool) -> None:
    session = context.find_object(Session)
    if given and session is not None:
        session.as_json = True


class Subgroup(click.Group):
    """A group of such commands."""

    command_class = Command


class _Sections(Subgroup):
    """Such a group whose help lists them by what they are about."""

    group_class = Subgroup

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 click hands it over
        formatter: click.HelpFormatter,
    ) -> None:
        """Write a section for each of `SECTIONS`."""
        room = formatter.width - 6 - max(map(len, self.commands))
        for heading, names in SECTIONS.items():
            rows = [(name, self.commands[name].get_short_help_str(room)) for name in names]
            with formatter.section(heading):
                formatter.write_dl(rows)


@click.group(
    cls=_Sections,
    epilog="Without a URL it is the server that the settings here describe (oxen-mock.toml, "
    "OXEN_MOCK_*). Exit codes: 0 fine, 1 findings (a report that is not clean), 2 cannot be done.",
)
@click.option(
    "--url",
    envvar="OXEN_MOCK_URL",
    show_envvar=True,
    metavar="URL",
    help="The server.  [http://127.0.0.1:4010]",
)
@click.option(
    "--sandbox",
    envvar="OXEN_MOCK_SANDBOX",
    show_envvar=True,
    metavar="NAME",
    help="Its sandbox.  [default]",
)
@click.option(
    "--control-token",
    envvar="OXEN_MOCK_CONTROL_TOKEN",
    show_envvar=True,
    metavar="TOKEN",
    help="What its /_mock/ asks for.  [none]",
)
@click.option("--json", "as_json", is_flag=True, help="Print answers as JSON.")
@click.pass_context
def ctl(
    context: click.Context,
    url: str | None,
    sandbox: str | None,
    control_token: str | None,
    as_json: bool,
) -> None:
    """Steer a running server: time, evaluations, faults, sandboxes.

    \b
    oxen-mock ctl advance 30s                    half a minute later
    oxen-mock ctl add happy-path rows=20         an evaluation, created now
    oxen-mock ctl advance --until ID committing  and on to where it commits
    oxen-mock ctl fault operation=get_evaluation code=503 count=2
    oxen-mock ctl watch                          each exchange as it comes
    oxen-mock ctl --sandbox tests report         what was exercised there
    """  # noqa: D301 because click reads \b as: keep these lines
    context.obj = Session(url, sandbox, control_token, as_json)
