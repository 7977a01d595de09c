"""What `oxen-mock serve` does in the worker: the app, the banner, the log, the reloads."""

from __future__ import annotations

import shlex
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from multiprocessing.util import Finalize
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver import url_file
from mockserver.assemble import assemble, front_of
from mockserver.core.errors import MockserverError
from mockserver.drawing import list_evaluations
from mockserver.loading import fixture_folders, notes_on
from mockserver.requestlog import RequestLog, carry_anything, wants_colour
from mockserver.selection import prefix_of
from mockserver.server import when_listening

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from wsgiref.types import WSGIApplication

    from mockserver.assemble import Mock
    from mockserver.served import Served
    from mockserver.server import Address
    from mockserver.settings import Settings

_HEAD_START = 0.5
"""Seconds that the first requests have the worker to themselves."""


class Loaded:
    """What is served, made before there is a worker: then errors are told, and it is made once.

    A forked worker has it as it is. A spawned one gets the settings alone and makes it again.
    """

    def __init__(self, settings: Settings) -> None:
        """Make it.

        Raises:
            MockserverError: it cannot be served.
        """
        self._settings = settings
        self._address: Address | None = None
        self._mock: Mock | None = self._made()

    def listen_at(self, address: Address) -> None:
        """Take the address in numbers, for a name may mean loopback or not."""
        self._settings = replace(self._settings, host=address.host)
        self._address = address
        if self._mock is not None:
            self._mock = replace(self._mock, settings=self._settings)

    def __getstate__(self) -> tuple[Settings, Address | None]:
        """What a spawned worker is told."""
        return self._settings, self._address

    def __setstate__(self, told: tuple[Settings, Address | None]) -> None:
        """Begin in a spawned worker."""
        self._settings, self._address = told
        self._mock = None

    def forget(self) -> None:
        """Have it made anew by the worker that takes over."""
        self._mock = None

    def __call__(self) -> WSGIApplication:
        """The app, with its banner to come and its fixtures watched."""
        assert self._address is not None  # noqa: S101 for mypy: nobody serves before
        carry_anything(sys.stdout)  # again, because a spawned worker has streams of its own
        mock = self._mock or self._made()
        front = front_of(mock)
        Finalize(None, self._log.close, exitpriority=0)  # a worker ends without joining its threads
        when_listening(self._address, partial(_tell_where, mock, self._address))
        threading.Thread(target=_watch, args=(mock,), name="watch-fixtures", daemon=True).start()
        return front

    def _made(self) -> Mock:
        self._log = RequestLog(sys.stdout, colour=wants_colour(sys.stdout))
        return assemble(self._settings, listeners=[] if self._settings.quiet else [self._log])


def _tell_where(mock: Mock, address: Address) -> None:
    """Tell programs, then people, that a connection is taken here."""
    path = mock.settings.url_file
    if path is not None:
        try:
            url_file.write(path, address.url + mock.settings.prefix)
        except OSError as error:
            say(f"the URL could not be written to {path}: {error.strerror or error}")
    say("\n".join(banner(mock, address)))
    # Whoever waited for the server asks now, and shall not wait for the imports of others.
    threading.Event().wait(_HEAD_START)
    # Half a second for the first request that is refused, a fifth for the first that is not plain:
    # nobody waits for it here.
    import mockserver.contract.validator  # noqa: PLC0415 because of that
    import mockserver.web.app  # noqa: F401, PLC0415 the same


def say(text: str) -> None:
    """Tell the person at the terminal; a terminal that is gone hears nothing."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except (OSError, ValueError):
        return


def banner(mock: Mock, address: Address) -> Iterator[str]:
    """What a person needs to point a client at this server."""
    settings, engine = mock.settings, mock.engine
    root = address.url + settings.prefix
    base = f"{root}{prefix_of('mine')}" if settings.require_sandbox else root
    token = settings.tokens[0] if settings.tokens else "any-token"
    now, rate = engine.sandbox.now(), engine.sandbox.rate
    pace = "frozen" if rate == 0 else f"speed {rate:g}"
    titles = " and ".join(served.api.title for served in engine.apis.values())
    yield f"oxen-mockserver: a stand-in for {titles} (unofficial)"
    yield ""
    seed = engine.sandbox.seed
    yield f"  {root}   (virtual time {now:%Y-%m-%dT%H:%M:%SZ}, {pace}, seed {seed})"
    yield ""
    yield f"  export OXEN_BASE_URL={base}"
    yield f"  export OXEN_API_KEY={shlex.quote(token)}"
    for served in engine.apis.values():
        path = _example_path(served)
        yield f"  curl -H {_quoted(f'Authorization: Bearer {token}')} {base}{path}"
    yield f"  oxen-mock ctl --url {root} advance 30s"
    yield ""
    for served in engine.apis.values():
        for violation in notes_on(served.contract, served.api):
            yield f"  note: {violation}"
    for violation in mock.notes:
        yield f"  note: {violation}"
    yield from _notes_on_access(settings, address)
    for served in engine.apis.values():
        yield f"  {served.contract.document.label}: {_repairs(served)}"
        here = f"{served.api.name}/"
        living = [e for e in engine.sandbox.evaluations() if e.collection.startswith(here)]
        for line in list_evaluations(living, served.api.whose, now):
            yield f"  {line}"
    yield ""
    yield "  Ctrl-C stops."


def _notes_on_access(settings: Settings, address: Address) -> Iterator[str]:
    """Who can reach it and who can steer it, where that is not this machine alone."""
    if address.is_loopback:
        return
    yield f"  note: other machines can reach {address.host}; a token is all they need"
    if settings.open_control:
        yield "  note: they can steer it too, below /_mock/, for it was started with --open-control"
    elif settings.control_token is None:
        advice = "--control-token TOKEN or --open-control changes that"
        yield f"  note: nobody can steer it below /_mock/; {advice}"


def _example_path(served: Served) -> str:
    """A path at which the first life that creates follow by default can be seen."""
    kind = next(iter(served.api.form.kinds.values()))
    example = served.catalog.evaluations[kind.default_life]
    return served.api.example_path(served.api.from_fixture(example, datetime.now(UTC)))


def _repairs(served: Served) -> str:
    count = len(served.contract.repairs)
    return f"{count} repairs (oxen-mock spec lists them)" if count else "no repairs"


def _quoted(text: str) -> str:
    """In double quotes, which every shell takes, unless the text holds what they do not keep."""
    plain = all(character.isalnum() or character in " :-_.~+/=" for character in text)
    return f'"{text}"' if plain else shlex.quote(text)


def _watch(mock: Mock) -> None:
    """Reload fixtures as they are saved; a broken save is told and changes nothing."""
    from watchfiles import watch  # noqa: PLC0415 because only a running server watches

    folders = [folder for folder in fixture_folders(mock.settings) if folder.is_dir()]
    try:
        for changes in watch(*folders, debounce=200, step=50, raise_interrupt=False):
            saved = {Path(file) for _, file in changes if Path(file).suffix in {".yaml", ".yml"}}
            if saved:
                _reload(mock, saved)
    except OSError as error:  # the system lends too few watches, or has none
        say(f"fixtures are watched no longer, restart to have them read again: {error}")


def _reload(mock: Mock, saved: Collection[Path]) -> None:
    try:
        changed = mock.reload(saved)
    except MockserverError as error:
        say(f"not reloaded, the last good version stays: {error}")
    else:
        say(f"reloaded: {', '.join(changed) or 'nothing has changed'}")
