"""The command line: serve, run, check, judge, show, spec, init, ctl."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

import mockserver
from mockserver.core.errors import BadFixturesError, BadSettingsError, MockserverError
from mockserver.core.exchange import Kind, Violation

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.settings import Settings

    Command = Callable[..., Any]

_FINDINGS = 1
_UNUSABLE = 2
_CONTROL = "ctl"
"""The group of commands that steer a running server."""
_STDIN = "<stdin>"
"""What the document behind `--spec -` is called wherever it is told of."""


def _tell(text: str, stream: TextIO | None = None) -> None:
    """Print, in the encoding that was asked for: left alone, click takes UTF-8 for ASCII."""
    click.echo(text, file=stream or sys.stdout)


class _Group(click.Group):
    """Turns errors meant for people into one message and an exit code, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 as click has it
        try:
            return super().invoke(ctx)
        except BadFixturesError as error:
            _tell(f"oxen-mock: {error}", sys.stderr)
            ctx.exit(_FINDINGS if ctx.invoked_subcommand == "check" else _UNUSABLE)
        except MockserverError as error:
            _tell(f"oxen-mock: {error}", sys.stderr)
            ctx.exit(_UNUSABLE)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), _CONTROL])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name; what steers a server is imported where it is asked for."""
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
    oxen-mock spec --spec hub.json     what is made of your copy of the document
    oxen-mock ctl advance 30s          steer a server that runs
    """  # noqa: D301 because click reads \b as: keep these lines
    from mockserver.requestlog import carry_anything  # noqa: PLC0415 because --help needs none of it

    carry_anything(sys.stdout)
    carry_anything(sys.stderr)
    if os.environ.get("NO_COLOR"):
        context.color = False


def _shared(command: Command) -> Command:
    """The flags that say what is served, for every command that reads it."""
    for option in (
        click.option("--dialect", help="Create bodies taken: spec or legacy."),
        click.option(
            "--assume", multiple=True, metavar="NAME=VALUE", help="As `oxen-mock spec` lists them."
        ),
        click.option(
            "--fixtures", multiple=True, metavar="DIR", help="A folder of your own; repeatable."
        ),
        click.option(
            "--spec", "specs", multiple=True, metavar="FILE", help="Your own document, - for stdin."
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def _served(command: Command) -> Command:
    """The flags that say how it is served, for every command that listens."""
    for option in reversed((
        click.option("--host", help="The address to listen on.  [127.0.0.1]"),
        click.option("--prefix", help="The path to serve under, as in /mock."),
        click.option(
            "--speed", type=float, help="Virtual seconds per real second.  [as restored, or 1]"
        ),
        click.option("--frozen", is_flag=True, help="Let virtual time stand still: --speed 0."),
        click.option("--epoch", metavar="INSTANT", help="Virtual time at the start.  [now]"),
        click.option("--seed", help="What ids are drawn from.  [drawn]"),
        click.option(
            "--token", "tokens", multiple=True, help="A token to accept; repeatable.  [any]"
        ),
        click.option(
            "--max-body", type=int, metavar="BYTES", help="The largest body taken.  [10000000]"
        ),
        click.option("--restore", metavar="FILE", help="A snapshot to start from."),
        click.option(
            "--require-sandbox", is_flag=True, help="Refuse requests that name no sandbox."
        ),
        click.option(
            "--control-token", metavar="TOKEN", help="A token that /_mock/ asks for.  [none]"
        ),
        click.option(
            "--open-control", is_flag=True, help="Open /_mock/ to whoever reaches the server."
        ),
        click.option(
            "--allowed-host",
            "allowed_hosts",
            multiple=True,
            metavar="NAME",
            help="A name to call /_mock/ by; repeatable.  [those of loopback]",
        ),
        click.option(
            "--control-origin",
            "control_origins",
            multiple=True,
            metavar="URL",
            help="Where a page may use /_mock/ from; repeatable.",
        ),
    )):  # fmt: skip
        command = option(command)
    return command


def _settings(flags: dict[str, Any]) -> Settings:
    from mockserver.settings import load_settings  # noqa: PLC0415 because --help needs none of it

    assume: dict[str, str] = {}
    for pair in flags.pop("assume", ()):
        name, equals, value = pair.partition("=")
        if not equals:
            raise click.UsageError(f"--assume: expected NAME=VALUE, found {pair!r}")
        assume[name] = value
    if dialect := flags.pop("dialect", None):
        assume["dialect"] = dialect
    if flags.pop("frozen", False):
        if flags.get("speed") is not None:
            raise click.UsageError("--frozen is --speed 0: give one of the two")
        flags["speed"] = 0
    if specs := flags.pop("specs", ()):
        flags["specs"] = tuple(_STDIN if label == "-" else label for label in specs)
    given = {name: value for name, value in flags.items() if _is_given(value)}
    settings = load_settings(Path.cwd(), os.environ, {**given, "assume": assume}, _read_spec)
    _require_folders(settings.fixtures)
    return settings


def _is_given(value: object) -> bool:
    """Whether a flag was on the command line; 0 is a value, though it equals False."""
    return value is not None and value is not False and value != ()


def _require_folders(folders: tuple[Path, ...]) -> None:
    """A folder that is not there is a slip of the keyboard, not a finding about fixtures."""
    flaws = [
        Violation(str(folder), "a folder of fixture files", _what_is_at(folder), Kind.SOURCE)
        for folder in folders
        if not folder.is_dir()
    ]
    if flaws:
        raise BadSettingsError("the fixtures cannot be read", flaws)


def _what_is_at(path: Path) -> str:
    return "a file" if path.exists() else "nothing there"


def _read_spec(label: str) -> str:
    if label == _STDIN:
        return sys.stdin.buffer.read().decode()
    return Path(label).read_text("utf-8")


@main.command()
@click.option("--port", type=int, help="The port to listen on; 0 takes a free one.  [4010]")
@click.option("--quiet", is_flag=True, help="Log no requests.")
@click.option("--url-file", metavar="FILE", help="Where to write the URL once it can be called.")
@_served
@_shared
def serve(**flags: Any) -> None:  # noqa: ANN401 because click hands over what it parsed
    """Serve the mock until Ctrl-C.

    \b
    oxen-mock serve --port 0 --frozen --seed 7
    oxen-mock serve --fixtures ./fixtures --token secret
    oxen-mock serve --dialect legacy --assume read_needs_token=false
    """  # noqa: D301 because click reads \b as: keep these lines
    from mockserver import url_file  # noqa: PLC0415 because --help needs none of it
    from mockserver.assemble import assemble  # noqa: PLC0415 the same
    from mockserver.server import claim  # noqa: PLC0415 the same
    from mockserver.server import serve as serve_until_stopped  # noqa: PLC0415 the same
    from mockserver.serving import load_in_worker  # noqa: PLC0415 the same

    settings = _settings(flags)
    assemble(settings)  # whatever is wrong is told here, not in the worker
    address, holder = claim(settings.host, settings.port)
    try:
        if settings.url_file is not None:
            url_file.clear(settings.url_file)
        serve_until_stopped(address, partial(load_in_worker, settings, address))
    finally:
        if settings.url_file is not None:
            url_file.remove(settings.url_file, address.url + settings.prefix)
        if holder is not None:
            holder.close()


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
@_served
@_shared
def run(words: tuple[str, ...], log: bool, artifacts: str | None, **flags: Any) -> None:  # noqa: ANN401 the same
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
    settings = _settings(flags)
    try:
        found = find(words)
        folder = None if artifacts is None else Artifacts(Path(artifacts))
        log_ = [RequestLog(sys.stderr, colour=wants_colour(sys.stderr))] if log else []
        ended = run_to_verdict(settings, Wanted(found, templates, folder, allow), log_)
    except UnstartableError as error:
        _tell(f"oxen-mock: {error}", sys.stderr)
        sys.exit(error.code)
    with suppress(OSError):  # whoever read it is gone
        _tell("\n".join(ended.lines), sys.stderr)
    sys.exit(ended.code)


@main.command()
@_shared
def check(**flags: Any) -> None:  # noqa: ANN401 because click hands over what it parsed
    """Prove every fixture against the strict contract and the temporal rules.

    Judged are the answers at every change of status and a microsecond either side.
    """
    from mockserver.apis.known import every_api  # noqa: PLC0415 because --help needs none of it
    from mockserver.loading import load_contracts, load_fixtures  # noqa: PLC0415 the same

    settings = _settings(flags)
    apis = every_api(settings.assume)
    contracts = load_contracts(settings, apis)
    proved = load_fixtures(settings, apis, contracts)
    for violation in proved.left_out:
        _tell(f"does not fit {contracts[apis[0].name].document.label}: {violation}")
    for violation in proved.idle:
        _tell(f"note: {violation}")
    for name, catalog in proved.catalogs.items():
        lives, answers = len(catalog.evaluations), len(catalog.answers)
        broken = len(proved.left_out) if name == apis[0].name else 0
        _tell(
            f"{name}: {lives} evaluations and {answers} answers: "
            f"{proved.judged[name]} answers judged, {broken or 'none'} broken"
        )
    if proved.left_out:
        sys.exit(_FINDINGS)


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
@_shared
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
    settings = _settings(flags)
    if operation is None:
        told = traffic.judge_archives(settings, files, hosts, published=published)
    else:
        answer = operation, status, now
        told = traffic.judge_body(settings, files[0], answer, published=published)
    if junit is not None:
        write_junit(told, Path(junit))
    _tell(as_json_text(told) if as_json else "\n".join(as_text(told)))
    if not told["clean"]:
        sys.exit(_FINDINGS)


@main.command()
@click.argument("name")
@_shared
def show(name: str, **flags: Any) -> None:  # noqa: ANN401 because click hands over what it parsed
    """Draw the life of a fixture, by its name or its evaluation's id."""
    from mockserver.showing import life_of  # noqa: PLC0415 because --help needs none of it

    for line in life_of(_settings(flags), name):
        _tell(line)


@main.command()
@click.argument("documents", nargs=-1, metavar="[OLD [NEW]]")
@click.option("--diff", is_flag=True, help="Say what differs between two documents, - for stdin.")
@click.option("--as-overlay", is_flag=True, help="Print the repairs as an OpenAPI Overlay.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_shared
def spec(
    documents: tuple[str, ...],
    diff: bool,
    as_overlay: bool,
    as_json: bool,
    **flags: Any,  # noqa: ANN401 because click hands over what it parsed
) -> None:
    """Print the operations, what was repaired in the document, and what is assumed.

    \b
    oxen-mock spec --diff hub-old.json             against the document in force
    oxen-mock spec --diff hub-old.json hub.json    ends with 1 where they differ
    oxen-mock spec --as-overlay --spec hub.json    the repairs, for its maintainers
    """  # noqa: D301 because click reads \b as: keep these lines
    from mockserver.showing import told_as_json, told_as_text  # noqa: PLC0415 because --help needs none of it

    _require_one_question(documents, flags["specs"], diff, as_overlay)
    settings = _settings(flags)
    if diff:
        _diff(settings, documents, as_json)
    elif as_overlay:
        _tell_overlay(settings, as_json)
    elif as_json:
        _tell(told_as_json(settings))
    else:
        _tell("\n".join(told_as_text(settings)))


def _require_one_question(
    documents: tuple[str, ...], specs: tuple[str, ...], diff: bool, as_overlay: bool
) -> None:
    """Refuse what could be meant in two ways, and say how each is typed."""
    if diff and as_overlay:
        raise click.UsageError("--diff and --as-overlay: give one of the two")
    if documents and not diff:
        meant = " ".join(documents)
        raise click.UsageError(
            f"expected no documents without --diff, found {meant}: type oxen-mock spec --diff "
            f"{meant} to compare, or --spec {documents[0]} to look at one"
        )
    if diff and not 1 <= len(documents) <= 2:  # noqa: PLR2004 because a comparison is of two
        found = " ".join(documents) or "none"
        raise click.UsageError(
            f"--diff: expected one document or two, found {found}: type oxen-mock spec --diff OLD, "
            "or oxen-mock spec --diff OLD NEW"
        )
    if [*documents, *specs].count("-") > 1:
        raise click.UsageError("-: standard input can be read once: give one document as -")


def _diff(settings: Settings, documents: tuple[str, ...], as_json: bool) -> None:
    import json  # noqa: PLC0415 because --help needs none of it

    from mockserver.diffing import compare  # noqa: PLC0415 the same
    from mockserver.telling.differences import difference_lines  # noqa: PLC0415 the same

    labels = [_STDIN if label == "-" else label for label in documents]
    told = compare(settings, labels, _read_spec).as_json()
    _tell(json.dumps(told, indent=2) if as_json else "\n".join(difference_lines(told)))
    if told["findings"]:
        sys.exit(_FINDINGS)


def _tell_overlay(settings: Settings, as_json: bool) -> None:
    import json  # noqa: PLC0415 because --help needs none of it

    from mockserver.showing import overlay_of_repairs  # noqa: PLC0415 the same
    from mockserver.source import dump  # noqa: PLC0415 the same

    label, overlay = overlay_of_repairs(settings)
    if overlay is None:
        _tell(f"{label} needs no repair: there is nothing for an overlay to do", sys.stderr)
    else:
        _tell(json.dumps(overlay, indent=2) if as_json else dump(overlay).rstrip("\n"))


@main.command()
def init() -> None:
    """Write a commented oxen-mock.toml and a first fixture into this folder."""
    from mockserver.starting import write_start  # noqa: PLC0415 because --help needs none of it

    for path in write_start(Path.cwd()):
        _tell(f"wrote {path}")
    _tell("next: oxen-mock check, then oxen-mock serve")
