"""The servers of a run: one for each way of being served, any number of sandboxes in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mockserver.control.handlers
import mockserver.keeping  # noqa: F401 because once somebody has frozen time they would keep it
from mockserver.assemble import assemble, front_of
from mockserver.core.dataclass import dataclass
from mockserver.server import ThreadServer
from mockserver.testing.patching import Patches
from mockserver.testing.sleeping import Sleeper

if TYPE_CHECKING:
    from mockserver.making import Options
    from mockserver.sandboxes import World
    from mockserver.settings import Settings


@dataclass(frozen=True, slots=True)
class Opened:
    """A sandbox while a test has it, with what of the clients' time goes by its clock."""

    world: World
    running: Running
    sleeper: Sleeper
    patches: Patches

    def close(self) -> None:
        """Give it up; whoever still asks for it is told that it is gone."""
        self.patches.undo()
        self.running.mock.engine.sandboxes.delete(self.world.name)


class Running:
    """A mock that listens on a port of its own, in this process.

    Attributes:
        settings: those that it was started with.
        mock: what it serves.
        url: its base URL, which selects no sandbox.
    """

    def __init__(self, settings: Settings) -> None:
        """Start it.

        Raises:
            MockserverError: it cannot be served with these settings.
        """
        self.settings = settings
        self.mock = assemble(settings)
        self._server = ThreadServer(front_of(self.mock))
        self.url = self._server.url + settings.prefix

    @property
    def default(self) -> World:
        """Where requests are kept that name no sandbox, and are refused for that."""
        return self.mock.engine.sandboxes.default

    def open(self, name: str, options: Options) -> Opened:
        """A fresh sandbox of this name.

        Raises:
            MockserverError: it cannot be made with these options.
        """
        world = self.mock.maker.made(name, options)
        self.mock.engine.sandboxes.put(world)
        sleeper = Sleeper(world)
        return Opened(world, self, sleeper, Patches(sleeper))

    def stop(self) -> None:
        """Stop listening."""
        self._server.stop()


class Servers:
    """Starts a server when the first test needs it."""

    def __init__(self) -> None:
        """Start none yet."""
        self._running: list[Running] = []

    def of(self, settings: Settings) -> Running:
        """The one with these settings.

        Raises:
            MockserverError: none can be served with them.
        """
        for running in self._running:
            if running.settings == settings:
                return running
        self._running.append(Running(settings))
        return self._running[-1]

    def stop(self) -> None:
        """Stop every one."""
        while self._running:
            self._running.pop().stop()
