"""Worlds made: as the server was started, with options of their own, or from a snapshot."""

from __future__ import annotations

from dataclasses import field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mockserver.apis.known import ASSUMPTIONS, FORMS, every_api
from mockserver.assumptions import read_assumptions
from mockserver.core.clock import Clock
from mockserver.core.dataclass import dataclass
from mockserver.core.errors import BadFixturesError, BadSettingsError, BadSnapshotError, FlawedError
from mockserver.core.exchange import Kind, Violation
from mockserver.fixture_files import read_values, same_ids
from mockserver.loading import default_life_flaws, flaws_of, load_contracts, load_fixtures
from mockserver.sandbox import Sandbox
from mockserver.sandboxes import World
from mockserver.served import Served

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mockserver.budget import Budget
    from mockserver.contract.contract import Contract
    from mockserver.fixtures import Catalog
    from mockserver.moods import Mood
    from mockserver.settings import Settings
    from mockserver.snapshots import Snapshot

    _Overlays = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Options:
    """What is different about one sandbox; None is as the server was started.

    Attributes:
        assume: assumptions by name.
        fixtures: fixtures by name, as values or as the texts of files.
        snapshot: where it goes on from; it has its own epoch, assumptions and fixtures.
        weight: bytes that all of this takes, roughly.
    """

    seed: str | None = None
    epoch: datetime | None = None
    rate: float | None = None
    step: bool | None = None
    mood: Mood | None = None
    assume: Mapping[str, object] = field(default_factory=dict)
    fixtures: Mapping[str, object] = field(default_factory=dict)
    snapshot: Snapshot | None = None
    weight: int = 0


class Maker:
    """Makes the worlds of one server.

    Attributes:
        served: the APIs as they are served where no option says otherwise.
    """

    def __init__(
        self,
        settings: Settings,
        served: Sequence[Served],
        seed: str,
        budget: Budget,
        real: Callable[[], int],
    ) -> None:
        """Take what worlds share; `seed` is that of worlds which have no other."""
        self.served: Mapping[str, Served] = {one.api.name: one for one in served}
        overlays = tuple(one.api.overlays for one in served)
        self._contracts: dict[_Overlays, Mapping[str, Contract]] = {
            overlays: {one.api.name: one.contract for one in served}
        }
        self._without_folders: Mapping[str, Catalog] = {}
        self._settings = settings
        self._seed = seed
        self._budget = budget
        self._real = real

    def plain(self, name: str) -> World:
        """A world as the server was started."""
        return self.made(name, Options())

    def made(self, name: str, options: Options) -> World:
        """A world with these options.

        Raises:
            BadSettingsError: an assumption is unknown, or cannot be so.
            BadFixturesError: a fixture cannot be used.
        """
        if options.snapshot is not None:
            return self._from_snapshot(name, options, options.snapshot)
        settings = self._settings
        said = {**settings.assume, **options.assume}
        apis, assume, own = self._serving(said, options.fixtures, self._catalogs())
        clock = Clock(
            options.epoch or settings.epoch or datetime.now(UTC),
            self._real(),
            settings.rate if options.rate is None else options.rate,
        )
        seed = self._seed if options.seed is None else options.seed
        mood = options.mood or settings.mood
        sandbox = self._sandbox(clock, seed, step=bool(options.step), mood=mood)
        world = World(name, sandbox, apis, assume, own)
        sandbox.set_fixtures(world.of_fixtures(clock.base))
        sandbox.charge(options.weight)
        return world

    def _from_snapshot(self, name: str, options: Options, snapshot: Snapshot) -> World:
        state = snapshot.state
        state = replace(
            state,
            rate=state.rate if options.rate is None else options.rate,
            seed=state.seed if options.seed is None else options.seed,
            step=state.step if options.step is None else options.step,
            mood=options.mood or state.mood,
        )
        sandbox = self._sandbox(Clock(state.now, self._real(), state.rate), state.seed, step=False)
        world = World(name, sandbox, self.served)
        self.restore(world, replace(snapshot, state=state), options.weight)
        return world

    def restore(self, world: World, snapshot: Snapshot, weight: int) -> None:
        """Put a world to where a snapshot was taken; `weight` is its length in bytes, roughly.

        Raises:
            BadSnapshotError: an assumption, a fixture or an evaluation of it cannot be used.
        """
        said, catalogs = snapshot.assume, self._bundled()
        try:
            apis, assume, own = self._serving(said, snapshot.fixtures, catalogs)
        except FlawedError as error:
            flaws = [replace(f, place=f"{snapshot.label}: {f.place}") for f in error.flaws]
            raise BadSnapshotError("it cannot be restored", flaws) from None
        _require_answers(apis, snapshot)
        world.sandbox.restore(snapshot.state)
        world.sandbox.charge(weight)
        world.apis, world.assume, world.own = apis, assume, own
        world.follows = not self._settings.fixtures

    def _sandbox(self, clock: Clock, seed: str, *, step: bool, mood: Mood | None = None) -> Sandbox:
        return Sandbox(clock, seed, self._real, step=step, mood=mood, budget=self._budget)

    def _catalogs(self) -> Mapping[str, Catalog]:
        return {name: served.catalog for name, served in self.served.items()}

    def _bundled(self) -> Mapping[str, Catalog]:
        """The fixtures that every server has: a snapshot brings all others with it."""
        if not self._settings.fixtures:
            return self._catalogs()
        if not self._without_folders:
            apis = [served.api for served in self.served.values()]
            contracts = {name: served.contract for name, served in self.served.items()}
            bare = replace(self._settings, fixtures=())
            self._without_folders = load_fixtures(bare, apis, contracts).catalogs
        return self._without_folders

    def _serving(
        self,
        said: Mapping[str, object],
        fixtures: Mapping[str, object],
        catalogs: Mapping[str, Catalog],
    ) -> tuple[Mapping[str, Served], Mapping[str, object], Mapping[str, Catalog]]:
        """The APIs as they are served with these assumptions, and fixtures beside the catalogs."""
        assume, wrong = read_assumptions(ASSUMPTIONS, said, "assume")
        if wrong:
            raise BadSettingsError("the settings make no sense", wrong)
        if (assume, catalogs, fixtures) == (self._settings.assume, self._catalogs(), {}):
            return self.served, assume, {}
        apis = self._assuming(assume, catalogs)
        if not fixtures:
            return apis, assume, {}
        own, flaws = read_values(fixtures, FORMS)
        epoch = datetime.now(UTC)
        mixed = {
            name: Served(served.api, served.contract, served.catalog.overridden_by(own[name]))
            for name, served in apis.items()
        }
        for name, served in mixed.items():
            flaws += flaws_of(served.api, served.contract, own[name], epoch)
            flaws += same_ids(served.catalog.evaluations)
            flaws += default_life_flaws(served.catalog, served.api)
        if flaws:
            raise BadFixturesError("the fixtures cannot be used", flaws)
        return mixed, assume, own

    def _assuming(
        self, assume: Mapping[str, object], catalogs: Mapping[str, Catalog]
    ) -> Mapping[str, Served]:
        apis = every_api(assume)
        overlays = tuple(api.overlays for api in apis)
        contracts = self._contracts.get(overlays)
        if contracts is None:
            contracts = self._contracts[overlays] = load_contracts(self._settings, apis)
        return {api.name: Served(api, contracts[api.name], catalogs[api.name]) for api in apis}

    def follow(self, changed: Mapping[str, Sequence[str]], worlds: Sequence[World]) -> None:
        """Have the fixtures that were saved start anew in worlds that have none of that name.

        `changed` are the names by API; the server's own catalogs hold them as they are now.
        """
        for world in (world for world in worlds if world.follows):
            for name, served in world.apis.items():
                own = world.own.get(name)
                base = self.served[name].catalog
                served.catalog = base.overridden_by(own) if own is not None else base
            now = world.sandbox.now()
            world.sandbox.set_fixtures(
                {
                    f"{name}/{life}": world.born(name, life, now)
                    for name, lives in changed.items()
                    for life in lives
                    if name not in world.own or not world.own[name].has(life)
                }
            )


def _require_answers(apis: Mapping[str, Served], snapshot: Snapshot) -> None:
    """Refuse evaluations of which no answer can be made: a snapshot may have been edited.

    Raises:
        BadSnapshotError: all of them, each with what it lacks.
    """
    flaws, state = [], snapshot.state
    for index, (evaluation, _) in enumerate(state.evaluations):
        api = apis[evaluation.collection.partition("/")[0]].api
        try:
            for now in (max(state.now, evaluation.born), max(state.now, *evaluation.changes())):
                replies = dict(api.answers(evaluation, now))
                name, told = next(iter(replies.items()))
                api.sighting(name, told.body, now)
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            found = f"{type(error).__name__}: {error}"[:200]
            place = f"{snapshot.label} /evaluations/{index}"
            expected = "facts of which an answer can be made"
            flaws.append(Violation(place, expected, found, Kind.SOURCE))
    if flaws:
        raise BadSnapshotError("it cannot be restored", flaws)
