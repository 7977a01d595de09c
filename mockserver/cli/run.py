"""`oxen-mock run`."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from mockserver.cli.flags import served, settings_of, shared
from mockserver.cli.group import main, tell


@main.command(
    context_settings={"allow_interspersed_args": False},  # what follows the command is its own
    epilog="""\b
    Exit codes:
      0     the command ended with 0, and the contract was kept but for what was expected
      1     it ended with 0, but the contract was broken, or what was expected did not come
      2     the settings or what was typed make no sense, or artifacts could not be written
      126   the command cannot be run
      127   there is no such command
      128+n the command was ended by signal n, or this one was told to end by it (Ctrl-C: 130)
      any other: the command's own
    """,
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="COMMAND...")
@click.option(
    "--env",
    "templates",
    multiple=True,
    metavar="NAME=TEMPLATE",
    help="A variable to set; {url}, {host}, {port}, {token}, {seed} are filled in; repeatable.",
)
@click.option("--artifacts", metavar="DIR", help="Keep reports, exchanges and snapshots there.")
@click.option("--allow-violations", is_flag=True, help="End with 0 though the contract was broken.")
@click.option("--log", is_flag=True, help="Log requests, to standard error.")
@click.option("--port", type=int, default=0, help="The port to listen on.  [a free one]")
@served
@shared
def run(words: tuple[str, ...], log: bool, artifacts: str | None, **flags: Any) -> None:  # noqa: ANN401 because click hands over what it parsed
    """Run a command with a server of its own, then say what it has exercised and broken.

    The command finds the server's URL in OXEN_MOCK_URL and OXEN_BASE_URL and a token in
    OXEN_API_KEY.

    \b
    oxen-mock run -- npm test
    oxen-mock run --env "VITE_OXEN_URL={url}" --frozen -- npx playwright test
    oxen-mock run --artifacts report -- go test ./...
    """  # noqa: D301 because click reads \b as: keep these lines
    from mockserver.requestlog import RequestLog, wants_colour  # noqa: PLC0415 because --help needs none of it
    from mockserver.running.artifacts import Artifacts  # noqa: PLC0415 the same
    from mockserver.running.command import UnstartableError, find  # noqa: PLC0415 the same
    from mockserver.running.run import Wanted  # noqa: PLC0415 the same
    from mockserver.running.run import run as run_to_verdict  # noqa: PLC0415 the same
    from mockserver.running.variables import read_templates  # noqa: PLC0415 the same

    if not words:
        raise click.UsageError("expected a command, found none: oxen-mock run -- npm test")
    templates, allow = read_templates(flags.pop("templates")), flags.pop("allow_violations")
    settings = settings_of(flags)
    try:
        found = find(words)
        folder = None if artifacts is None else Artifacts(Path(artifacts))
        log_ = [RequestLog(sys.stderr, colour=wants_colour(sys.stderr))] if log else []
        ended = run_to_verdict(settings, Wanted(found, templates, folder, allow), log_)
    except UnstartableError as error:
        tell(f"oxen-mock: {error}", sys.stderr)
        sys.exit(error.code)
    with suppress(OSError):  # whoever read it is gone
        tell("\n".join(ended.lines), sys.stderr)
    sys.exit(ended.code)
