"""One call of the command: which server and sandbox it is about, and how it prints."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockserver.core.dataclass import dataclass
from mockserver.core.errors import BadSettingsError
from mockserver.core.exchange import Kind, Violation
from mockserver.core.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from mockserver.client import Client
    from mockserver.settings import Settings

_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 not bound here, only told apart


@dataclass(slots=True)
class Session:
    """What the options before the command say.

    Attributes:
        url: the server, or None for the one that the settings describe.
        sandbox: its sandbox, or None for the default one.
        as_json: whether answers are printed as they came.
    """

    url: str | None
    sandbox: str | None
    control_token: str | None
    as_json: bool

    def client(self, timeout: float = 30.0) -> Client:
        """A client of the server that is meant.

        Raises:
            MockserverError: nothing can be called by that URL, or the settings make no sense.
        """
        from mockserver.client import Client  # noqa: PLC0415 because --help needs none of it

        url, token = self.url, self.control_token
        if url is None:
            settings = _settings()
            url = _url_of(settings)
            token = token or settings.control_token  # which is for no other server
        return Client(url, self.sandbox, control_token=token, timeout=timeout)

    def tell(self, told: object, lines: Iterable[str]) -> None:
        """Print an answer: as JSON, or these lines."""
        if self.as_json:
            tell(json_of(told))
            return
        for line in lines:
            tell(line)


def tell(text: str, stream: TextIO | None = None) -> None:
    """Print, in the encoding that was asked for: left alone, click takes UTF-8 for ASCII.

    What a server says may hold anything, and must forge no line and steer no terminal.
    """
    click.echo("\n".join(map(plain, text.split("\n"))), file=stream or sys.stdout)


def json_of(told: object) -> str:
    """An answer as JSON, in ASCII, which every pipe carries."""
    return json.dumps(told, indent=2)


def _settings() -> Settings:
    """What `oxen-mock serve` would be started with here, by the file and the environment."""
    from mockserver.settings import load_settings  # noqa: PLC0415 because a URL needs none of it

    return load_settings(Path.cwd(), os.environ, {}, lambda _label: "")


def _url_of(settings: Settings) -> str:
    if settings.port == 0:
        flaw = Violation("port", "the port that the server listens on", "0, any", Kind.SOURCE)
        raise BadSettingsError("which server? say it with --url or OXEN_MOCK_URL", [flaw])
    host = _ANYWHERE.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}{settings.prefix}"
