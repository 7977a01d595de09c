"""`oxen-mock init`."""

from __future__ import annotations

from pathlib import Path

from mockserver.cli.group import main, tell


@main.command()
def init() -> None:
    """Write a commented oxen-mock.toml and a first fixture into this folder."""
    from mockserver.starting import write_start  # noqa: PLC0415 because --help needs none of it

    for path in write_start(Path.cwd()):
        tell(f"wrote {path}")
    tell("next: oxen-mock check, then oxen-mock serve")
