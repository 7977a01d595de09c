"""`oxen-mock show`."""

from __future__ import annotations

from typing import Any

import click

from mockserver.cli.flags import settings_of, shared
from mockserver.cli.group import main, tell


@main.command()
@click.argument("name")
@shared
def show(name: str, **flags: Any) -> None:  # noqa: ANN401 because click hands over what it parsed
    """Draw the life of a fixture, by its name or its evaluation's id."""
    from mockserver.showing import life_of  # noqa: PLC0415 because --help needs none of it

    for line in life_of(settings_of(flags), name):
        tell(line)
