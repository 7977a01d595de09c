"""Where examples take place: one server for the process, and a fresh sandbox for each of them."""

from __future__ import annotations

import atexit
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.testing.servers import Servers
from mockserver.testing.wishes import Wishes, granted, run_seed

if TYPE_CHECKING:
    from mockserver.testing.servers import Opened
    from mockserver.testing.wishes import Granted

EPOCH = datetime(2026, 1, 1, 12, tzinfo=UTC)
"""Where the clocks of sandboxes start unless the settings say so: an example is the same each time
it is tried, whenever that is."""


class Stage:
    """Opens sandboxes that are all alike; the server starts with the first and stops at exit."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._servers = Servers()
        self._opened = 0

    def open(self) -> Opened:
        """A sandbox as the settings of the project have it, whose clock stands still.

        Raises:
            MockserverError: none can be made with these settings.
        """
        running = self._servers.of(self._granted.settings)
        self._opened += 1
        # Each has a name of its own, so that what an example has left running reaches none.
        return running.open(f"example-{self._opened}", self._granted.options)

    @cached_property
    def _granted(self) -> Granted:
        here = Path.cwd()
        told = granted(Wishes(), here, here)
        epoch = told.options.epoch or EPOCH
        options = replace(told.options, seed=run_seed(None, here), epoch=epoch)
        atexit.register(self._servers.stop)
        return replace(told, options=options)


STAGE = Stage()
