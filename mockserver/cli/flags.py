"""Flags that several commands have, and the settings that come of them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.core.errors import BadSettingsError
from mockserver.core.exchange import Kind, Violation

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.settings import Settings

    Command = Callable[..., Any]


STDIN = "<stdin>"
"""What the document behind `--spec -` is called wherever it is told of."""


def shared(command: Command) -> Command:
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


def served(command: Command) -> Command:
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
            "--mood", metavar="MOOD", help="Draw every answer: strict, published or broken.  [none]"
        ),
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


def settings_of(flags: dict[str, Any]) -> Settings:
    """The settings that these flags, the environment and the file found upwards from here make.

    Raises:
        BadSettingsError: they make no sense.
    """
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
        flags["specs"] = tuple(STDIN if label == "-" else label for label in specs)
    given = {name: value for name, value in flags.items() if _is_given(value)}
    settings = load_settings(Path.cwd(), os.environ, {**given, "assume": assume}, read_spec)
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


def read_spec(label: str) -> str:
    """The text of a document, by its path or `STDIN`."""
    if label == STDIN:
        return sys.stdin.buffer.read().decode()
    return Path(label).read_text("utf-8")
