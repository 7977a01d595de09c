"""`oxen-mock fuzz`."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.flags import settings_of, shared
from mockserver.cli.group import FINDINGS, UNUSABLE, main, tell
from mockserver.durations import parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import timedelta
    from types import FrameType

    Tick = Callable[[float, int], None]

_APIS = ("oxen", "nugen", "control")
_REQUESTS = 1_000
_STEPS = 1_000
"""Of the bar that shows how far it is."""
_INTERRUPTED = 130
"""As shells tell of Ctrl-C: 128 and the number of its signal."""


def _span(
    _context: click.Context, _parameter: click.Parameter, text: str | None
) -> timedelta | None:
    try:
        span = None if text is None else parse_duration(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    if span is not None and span.total_seconds() <= 0:
        raise click.BadParameter(f"expected some time, found {text}")
    return span


@main.command(
    epilog="""\b
    Exit codes:
      0    clean
      1    findings
      2    it cannot be done: nobody answers, or what was typed makes no sense
      130  interrupted by Ctrl-C; what was found until then is told
    """,
)
@click.argument("url")
@click.option(
    "--api",
    "apis",
    multiple=True,
    type=click.Choice([*_APIS, "all"]),
    help="What to fuzz; repeatable.  [oxen]",
)
@click.option(
    "--token",
    envvar="OXEN_API_KEY",
    show_envvar=True,
    metavar="TOKEN",
    help="What the server knows you by.  [made-up ones]",
)
@click.option(
    "--control-token",
    envvar="OXEN_MOCK_CONTROL_TOKEN",
    show_envvar=True,
    metavar="TOKEN",
    help="What its /_mock/ asks for.  [none]",
)
@click.option(
    "--examples",
    "requests",
    type=click.IntRange(min=1),
    metavar="N",
    help=f"Requests to send, over all APIs.  [{_REQUESTS}]",
)
@click.option(
    "--time", "span", callback=_span, metavar="DURATION", help="Or for how long, as in 60s."
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    metavar="N",
    help="What requests are drawn from.  [drawn]",
)
@click.option(
    "--max-creates",
    "creates",
    type=click.IntRange(min=0),
    metavar="N",
    help="Requests other than GET to send at most.  [any number on this machine, else none]",
)
@click.option(
    "--value",
    "values",
    multiple=True,
    metavar="NAME=VALUE",
    help="A value to try for a parameter, as in namespace=ox; repeatable.",
)
@click.option("--har", metavar="FILE", help="Write every exchange there, as an HTTP archive.")
@click.option("--junit", metavar="FILE", help="Write JUnit XML there, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@shared
def fuzz(  # noqa: PLR0913, PLR0917 because click hands over every flag by itself
    url: str,
    apis: tuple[str, ...],
    token: str | None,
    control_token: str | None,
    requests: int | None,
    span: timedelta | None,
    seed: int | None,
    creates: int | None,
    values: tuple[str, ...],
    har: str | None,
    junit: str | None,
    as_json: bool,
    **flags: Any,  # noqa: ANN401 because click hands over what it parsed
) -> None:
    """Fuzz a server: requests made up from the documents, good and bad, and every answer judged.

    Answers are held to the strict documents and the temporal rules, as `oxen-mock judge` does it,
    and requests must be treated as HTTP and the documents have it. Needs schemathesis: pip install
    'oxen-mockserver[fuzz]'.

    \b
    oxen-mock fuzz http://127.0.0.1:4010 --token secret     after oxen-mock serve --token secret
    oxen-mock fuzz URL --api all --examples 10000 --seed 7  the same again, request by request
    oxen-mock fuzz URL --time 5m --junit out.xml --har out.har
    oxen-mock fuzz https://hub.example.com --value namespace=ox --value repo_name=cats \\
      --value evaluation_id=ID                            only GET is sent off this machine
    """  # noqa: D301 because click reads \b as: keep these lines
    if requests is not None and span is not None:
        raise click.UsageError("--examples and --time: give one of the two")
    _require_schemathesis()
    _leave_no_folder()
    from mockserver.fuzzing.archive import write_text  # noqa: PLC0415 because --help needs none of it
    from mockserver.fuzzing.budget import Budget  # noqa: PLC0415 the same
    from mockserver.fuzzing.run import APIS, Run, Wanted, drawn_seed  # noqa: PLC0415 the same
    from mockserver.fuzzing.target import read_target  # noqa: PLC0415 the same
    from mockserver.fuzzing.telling import as_json as as_json_text  # noqa: PLC0415 the same
    from mockserver.fuzzing.telling import as_text, notice, write_junit  # noqa: PLC0415 the same

    settings = settings_of(flags)
    target = read_target(url, token, control_token)
    limit = creates if creates is not None or target.is_near else 0
    seconds = None if span is None else span.total_seconds()
    wanted = Wanted(
        apis=APIS if "all" in apis else apis or APIS[:1],
        budget=Budget(seconds=seconds) if seconds else Budget(requests or _REQUESTS),
        seed=drawn_seed() if seed is None else seed,
        creates=limit,
        values=_pairs(values),
        har=None if har is None else Path(har),
    )
    for line in notice(target.base, wanted.apis, limit, is_near=target.is_near):
        tell(f"oxen-mock: {line}", sys.stderr)
    if junit is not None:
        write_text("--junit", Path(junit), "")  # what cannot be written is told before all else
    with _progress() as tick:
        run = Run(settings, target, wanted, tick)
        with _told_of_interrupts(run.interrupt):
            told = run.run()
    if junit is not None:
        write_junit(told, Path(junit))
    tell(as_json_text(told) if as_json else "\n".join(as_text(told)))
    if told["interrupted"]:
        sys.exit(_INTERRUPTED)
    if not told["clean"]:
        sys.exit(FINDINGS)


def _require_schemathesis() -> None:
    """Have a person told what to install, where it is not."""
    if find_spec("schemathesis") is None:
        told = "fuzzing needs schemathesis: pip install 'oxen-mockserver[fuzz]'"
        tell(f"oxen-mock: {told}", sys.stderr)
        sys.exit(UNUSABLE)


def _leave_no_folder() -> None:
    """Have Hypothesis keep what it works out elsewhere than in the folder where somebody works."""
    folder = Path(tempfile.gettempdir(), "oxen-mock-hypothesis")
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(folder))


def _pairs(given: Sequence[str]) -> dict[str, list[str]]:
    """What NAME=VALUE pairs say; a name may come several times."""
    said: dict[str, list[str]] = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals or not name or not value:
            raise click.UsageError(f"--value: expected NAME=VALUE, found {pair!r}")
        said.setdefault(name, []).append(value)
    return said


@contextmanager
def _progress() -> Iterator[Tick]:
    """A bar on a terminal, and nothing anywhere else."""
    if not sys.stderr.isatty():
        yield lambda _spent, _findings: None
        return
    with click.progressbar(
        length=_STEPS, label="fuzzing", file=sys.stderr, item_show_func=_shown
    ) as bar:
        yield lambda spent, findings: bar.update(int(spent * _STEPS) - bar.pos, findings)


def _shown(findings: int | None) -> str:
    return f"findings: {findings or 0}"


@contextmanager
def _told_of_interrupts(interrupt: Callable[[], None]) -> Iterator[None]:
    """Have the first Ctrl-C end the run, and the next one end the command."""
    before = signal.getsignal(signal.SIGINT)

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        interrupt()

    signal.signal(signal.SIGINT, on_signal)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
