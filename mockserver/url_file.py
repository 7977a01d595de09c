"""The server's URL in a file, for whoever waits until there is a server."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from mockserver.core.errors import BadSettingsError
from mockserver.core.exchange import Kind, Violation

if TYPE_CHECKING:
    from pathlib import Path


def clear(path: Path) -> None:
    """Take away what a server before has left, lest somebody take it for the one to come.

    Raises:
        BadSettingsError: there can be no such file.
    """
    found = ""
    if path.is_dir():
        found = "a folder"
    elif not path.parent.is_dir():
        found = f"no folder {path.parent}"
    try:
        if not found:
            path.unlink(missing_ok=True)
    except (OSError, ValueError) as error:  # as for a path that no file can have
        found = getattr(error, "strerror", None) or str(error)
    if found:
        flaw = Violation(f"--url-file {path}", "a file in a folder that exists", found, Kind.SOURCE)
        raise BadSettingsError("the URL cannot be written there", [flaw])


def write(path: Path, url: str) -> None:
    """Write it all at once: whoever sees the file can read the whole URL.

    Raises:
        OSError: it could not be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(f"{url}\n", "utf-8")
    beside.replace(path)


def remove(path: Path, url: str) -> None:
    """Take it away, unless another server has put its own there."""
    with suppress(OSError, UnicodeDecodeError):
        if path.read_text("utf-8") == f"{url}\n":
            path.unlink()
