"""Settings into a running whole, wired by hand; nothing is global."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from mockserver.apis.known import every_api
from mockserver.budget import Budget
from mockserver.control.control import Control, load_own_contract
from mockserver.core.dataclass import dataclass
from mockserver.engine import Engine
from mockserver.guard import Guard
from mockserver.loading import load_contracts, load_fixtures
from mockserver.making import Maker, Options
from mockserver.sandboxes import Sandboxes
from mockserver.selection import DEFAULT
from mockserver.served import Served
from mockserver.settings import Settings
from mockserver.snapshots import read_snapshot_file
from mockserver.uncollected import uncollected
from mockserver.web.control_front import ControlFront
from mockserver.web.front import Front
from mockserver.web.prefix import under_prefix

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path
    from wsgiref.types import WSGIApplication

    from flask import Flask

    from mockserver.core.exchange import Exchange, Violation
    from mockserver.fixtures import Catalog


@dataclass(frozen=True, slots=True)
class Mock:
    """A wired server without a socket.

    Attributes:
        notes: bundled fixtures that the user's own document does not allow, and idle waivers.
    """

    settings: Settings
    engine: Engine
    control: Control
    maker: Maker
    notes: tuple[Violation, ...]

    def reload(self, saved: Collection[Path] = ()) -> tuple[str, ...]:
        """Read the fixtures again; changed and saved ones start anew, created evaluations stay.

        Returns the names of those that started anew or are gone.

        Raises:
            BadFixturesError: they cannot be used; the last good ones stay in force.
        """
        served = self.maker.served
        apis = tuple(one.api for one in served.values())
        contracts = {name: one.contract for name, one in served.items()}
        catalogs = load_fixtures(self.settings, apis, contracts).catalogs
        paths = {path.resolve() for path in saved}
        told: list[str] = []
        lives: dict[str, tuple[str, ...]] = {}
        for name, one in served.items():
            lives[name], answers = _changed(one.catalog, catalogs[name], paths)
            told += [f"{name}/{fixture}" for fixture in (*lives[name], *answers)]
            one.catalog = catalogs[name]
        self.maker.follow(lives, self.engine.sandboxes.all())
        return tuple(told)


def _changed(
    old: Catalog, new: Catalog, saved: Collection[Path]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of evaluations that start anew or are gone, and of answers that changed."""
    lives = []
    for name in {**old.evaluations, **new.evaluations}:
        before, after = old.evaluations.get(name), new.evaluations.get(name)
        if before != after or (after is not None and after.file.resolve() in saved):
            lives.append(name)
    names = {**old.answers, **new.answers}
    answers = [name for name in names if old.answers.get(name) != new.answers.get(name)]
    return tuple(lives), tuple(answers)


def assemble(
    settings: Settings,
    *,
    listeners: Sequence[Callable[[Exchange], None]] = (),
    real: Callable[[], int] = time.monotonic_ns,
) -> Mock:
    """Wire everything together.

    Raises:
        UnreadableDocumentError: a document cannot be served.
        BadFixturesError: fixtures cannot be used.
        BadSnapshotError: the snapshot to restore cannot be used.
    """
    apis = every_api(settings.assume)
    contracts = load_contracts(settings, apis)
    proved = load_fixtures(settings, apis, contracts, trusting=True)
    seed = settings.seed if settings.seed is not None else secrets.token_hex(4)
    served = [Served(api, contracts[api.name], proved.catalogs[api.name]) for api in apis]
    budget = Budget()
    maker = Maker(settings, served, seed, budget, real)
    sandboxes = Sandboxes(maker.plain, budget, real)
    engine = Engine(
        sandboxes=sandboxes,
        tokens=settings.tokens,
        require_sandbox=settings.require_sandbox,
        listeners=listeners,
    )
    control = Control(engine, maker, load_own_contract)
    if settings.restore is not None:
        snapshot = read_snapshot_file(settings.restore, control.check_snapshot)
        options = Options(rate=settings.speed, snapshot=snapshot)
        sandboxes.default = maker.made(DEFAULT, options)
    return Mock(settings, engine, control, maker, (*proved.left_out, *proved.idle))


def create_app(
    settings: Settings | None = None, *, listeners: Sequence[Callable[[Exchange], None]] = ()
) -> Flask:
    """The mock as an ordinary Flask app, for a test client or any WSGI server.

    Raises:
        UnreadableDocumentError: a document cannot be served.
        BadFixturesError: fixtures cannot be used.
    """
    return app_of(assemble(settings or Settings(), listeners=listeners))


def front_of(mock: Mock) -> WSGIApplication:
    """The same as a bare WSGI app: what is plain goes past Flask, which is made for the rest."""
    engine, settings = mock.engine, mock.settings
    if settings.prefix:
        return app_of(mock)
    looks = ControlFront(mock.control, Guard.of(settings), lambda: app_of(mock))
    return Front(engine, lambda: looks, settings.max_body)


def app_of(mock: Mock) -> Flask:
    """The Flask app over a wired mock, under its prefix."""
    with uncollected():
        from mockserver.web.app import build_app  # noqa: PLC0415 because a front may never need Flask

        guard = Guard.of(mock.settings)
        app = build_app(mock.engine, mock.control, guard, max_body=mock.settings.max_body)
    if mock.settings.prefix:
        app.wsgi_app = under_prefix(  # type: ignore[method-assign,assignment]  # because Flask means it so
            app.wsgi_app, mock.settings.prefix
        )
    return app
