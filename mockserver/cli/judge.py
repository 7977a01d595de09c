"""`oxen-mock judge`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from mockserver.cli.flags import settings_of, shared
from mockserver.cli.group import FINDINGS, main, tell


@main.command(
    epilog="""\b
    Exit codes:
      0  clean
      1  findings
      2  nothing to judge, or it cannot be read
    """,
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--published", is_flag=True, help="Judge answers by the published documents alone.")
@click.option("--host", "hosts", multiple=True, help="Judge this host alone; repeatable.")
@click.option("--prefix", help="The path under which the API was served, as in /mock.")
@click.option("--operation", metavar="NAME", help="FILE is the body of an answer to this.")
@click.option("--status", type=click.IntRange(100, 599), help="The status of that answer.")
@click.option("--now", metavar="INSTANT", help="The instant of that answer.  [now]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--junit", metavar="FILE", help="Write JUnit XML there, too.")
@shared
def judge(  # noqa: PLR0913, PLR0917 because click hands over every flag by itself
    files: tuple[str, ...],
    published: bool,
    hosts: tuple[str, ...],
    operation: str | None,
    status: int | None,
    now: str | None,
    as_json: bool,
    junit: str | None,
    **flags: Any,  # noqa: ANN401 because click hands over what it parsed
) -> None:
    """Judge traffic that was recorded anywhere: an HTTP archive (HAR), or the body of one answer.

    Requests are judged by the published documents; answers by the strict ones, which say what
    we assume too, and by the temporal rules. No token is ever printed.

    \b
    oxen-mock judge hub.har                   as devtools export it, - for stdin
    oxen-mock judge --published hub.har       without what we assume
    oxen-mock judge --dialect legacy hub.har  with something else assumed
    oxen-mock judge --operation get_evaluation body.json
    """  # noqa: D301 because click reads \b as: keep these lines
    from mockserver.judging import traffic  # noqa: PLC0415 because --help needs none of it
    from mockserver.judging.telling import as_json as as_json_text  # noqa: PLC0415 the same
    from mockserver.judging.telling import as_text, write_junit  # noqa: PLC0415 the same

    if [*files, *flags["specs"]].count("-") > 1:
        raise click.UsageError("-: standard input can be read once")
    if operation is None and (status is not None or now is not None):
        raise click.UsageError("--status and --now say more of --operation: give it, too")
    if operation is not None and len(files) > 1:
        raise click.UsageError(f"--operation: expected one body, found {len(files)} files")
    settings = settings_of(flags)
    if operation is None:
        told = traffic.judge_archives(settings, files, hosts, published=published)
    else:
        answer = operation, status, now
        told = traffic.judge_body(settings, files[0], answer, published=published)
    if junit is not None:
        write_junit(told, Path(junit))
    tell(as_json_text(told) if as_json else "\n".join(as_text(told)))
    if not told["clean"]:
        sys.exit(FINDINGS)
