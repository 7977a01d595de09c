"""The command line: serve, check, show, spec, init, ctl."""

from __future__ import annotations

import os
import sys
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
    oxen-mock show errored-midway      what a poller will see
    oxen-mock check --fixtures mine    prove your own fixtures
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
@click.option("--host", help="The address to listen on.  [127.0.0.1]")
@click.option("--port", type=int, help="The port to listen on; 0 takes a free one.  [4010]")
@click.option("--prefix", help="The path to serve under, as in /mock.")
@click.option("--speed", type=float, help="Virtual seconds per real second.  [as restored, or 1]")
@click.option("--frozen", is_flag=True, help="Let virtual time stand still: --speed 0.")
@click.option("--epoch", metavar="INSTANT", help="Virtual time at the start.  [now]")
@click.option("--seed", help="What ids are drawn from.  [drawn]")
@click.option("--token", "tokens", multiple=True, help="A token to accept; repeatable.  [any]")
@click.option("--max-body", type=int, metavar="BYTES", help="The largest body taken.  [10000000]")
@click.option("--quiet", is_flag=True, help="Log no requests.")
@click.option("--restore", metavar="FILE", help="A snapshot to start from.")
@click.option("--require-sandbox", is_flag=True, help="Refuse requests that name no sandbox.")
@click.option("--control-token", metavar="TOKEN", help="A token that /_mock/ asks for.  [none]")
@click.option("--open-control", is_flag=True, help="Open /_mock/ to whoever reaches the server.")
@click.option(
    "--allowed-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    help="A name to call /_mock/ by; repeatable.  [those of loopback]",
)
@click.option(
    "--control-origin",
    "control_origins",
    multiple=True,
    metavar="URL",
    help="Where a page may use /_mock/ from; repeatable.",
)
@_shared
def serve(**flags: Any) -> None:  # noqa: ANN401 because click hands over what it parsed
    """Serve the mock until Ctrl-C.

    \b
    oxen-mock serve --port 0 --frozen --seed 7
    oxen-mock serve --fixtures ./fixtures --token secret
    oxen-mock serve --dialect legacy --assume read_needs_token=false
    """  # noqa: D301 because click reads \b as: keep these lines
    from mockserver.assemble import assemble  # noqa: PLC0415 because --help needs none of it
    from mockserver.server import claim  # noqa: PLC0415 the same
    from mockserver.server import serve as serve_until_stopped  # noqa: PLC0415 the same
    from mockserver.serving import load_in_worker  # noqa: PLC0415 the same

    settings = _settings(flags)
    assemble(settings)  # whatever is wrong is told here, not in the worker
    address, holder = claim(settings.host, settings.port)
    try:
        serve_until_stopped(address, partial(load_in_worker, settings, address))
    finally:
        if holder is not None:
            holder.close()


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


@main.command()
@click.argument("name")
@_shared
def show(name: str, **flags: Any) -> None:  # noqa: ANN401 because click hands over what it parsed
    """Draw the life of a fixture, by its name or its evaluation's id."""
    from mockserver.showing import life_of  # noqa: PLC0415 because --help needs none of it

    for line in life_of(_settings(flags), name):
        _tell(line)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_shared
def spec(as_json: bool, **flags: Any) -> None:  # noqa: ANN401 because click hands over what it parsed
    """Print the operations, what was repaired in the document, and what is assumed."""
    from mockserver.showing import told_as_json, told_as_text  # noqa: PLC0415 because --help needs none of it

    settings = _settings(flags)
    if as_json:
        _tell(told_as_json(settings))
    else:
        _tell("\n".join(told_as_text(settings)))


@main.command()
def init() -> None:
    """Write a commented oxen-mock.toml and a first fixture into this folder."""
    from mockserver.starting import write_start  # noqa: PLC0415 because --help needs none of it

    for path in write_start(Path.cwd()):
        _tell(f"wrote {path}")
    _tell("next: oxen-mock check, then oxen-mock serve")
