"""Every sandbox of a server by name: made on first use, and never made anew behind one's back."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from dataclasses import field
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass
from mockserver.problems import RefusedError
from mockserver.selection import DEFAULT
from mockserver.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from mockserver.budget import Budget
    from mockserver.contract.routes import Route
    from mockserver.core.evaluation import Evaluation
    from mockserver.fixtures import Catalog
    from mockserver.sandbox import Sandbox
    from mockserver.served import Served

MOST_SANDBOXES = 2_000
LONGEST_IDLE = 24 * 3600
"""Real seconds after which a sandbox that nobody asks is given up."""
MOST_BYTES = 1_000_000_000
"""What clients can make all sandboxes keep together; past it the longest idle ones are given up."""
MOST_GONE = 1_000_000
"""Names of sandboxes that are gone; past them no sandbox is made by asking alone."""

_NANO = 1_000_000_000


@dataclass(slots=True)
class World:
    """A sandbox with the APIs as they are served in it.

    Attributes:
        apis: by name; those of one server share them, but for worlds with settings of their own.
        assume: what is assumed in it, other than by default.
        own: the fixtures that are this world's own, by API.
        follows: whether fixtures that are saved on the server start anew in it.
        used: the real reading at which somebody last asked.
    """

    name: str
    sandbox: Sandbox
    apis: Mapping[str, Served]
    assume: Mapping[str, object] = field(default_factory=dict)
    own: Mapping[str, Catalog] = field(default_factory=dict)
    follows: bool = True
    used: int = 0

    def routes(self) -> tuple[Route, ...]:
        """Every route that is answered in it, by any of its APIs."""
        return tuple(route for served in self.apis.values() for route in served.routes())

    def of_fixtures(self, now: datetime) -> dict[str, Evaluation]:
        """The evaluations that its fixtures describe, as they start at this instant."""
        return {
            f"{api}/{fixture.name}": served.api.from_fixture(fixture, now)
            for api, served in self.apis.items()
            for fixture in served.catalog.evaluations.values()
        }

    def born(self, api: str, life: str, now: datetime) -> Evaluation | None:
        """The evaluation of a fixture, as it starts at this instant, or None without such one."""
        served = self.apis[api]
        fixture = served.catalog.evaluations.get(life)
        return served.api.from_fixture(fixture, now) if fixture is not None else None


class Sandboxes:
    """The registry; one lock for who is there, each sandbox with a lock of its own.

    Attributes:
        default: the world of requests that name none.
        departed: what was counted in sandboxes that are gone, and before resets.
    """

    def __init__(
        self,
        make: Callable[[str], World],
        budget: Budget,
        real: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """Start with the default one; `make` makes any other on first use."""
        self._lock = threading.Lock()
        self._make = make
        self._budget = budget
        self._real = real
        self._worlds: OrderedDict[str, World] = OrderedDict()  # the longest idle one first
        self._gone: dict[bytes, None] = {}
        self.departed = Tally()
        self.departures = 0
        self.default = make(DEFAULT)

    def of(self, name: str | None) -> World:
        """The world of this name, made if nobody has named it before.

        Raises:
            RefusedError: 410 where it is gone, 503 where no more can be told apart from those.
        """
        world = self.same(name)
        world.sandbox.weigh()  # not under our lock: a sandbox may be busy, and the others wait
        return world

    def same(self, name: str | None) -> World:
        """The same for a request that was asked before, which makes its sandbox keep no more.

        Raises:
            RefusedError: as above.
        """
        return self.default if name is None or name == DEFAULT else self._asked(name)

    def _asked(self, name: str) -> World:
        with self._lock:
            world = self._worlds.get(name)
            if world is None:
                self._refuse_gone(name)
                if len(self._gone) >= MOST_GONE:
                    advice = f"PUT /_mock/sandboxes/{name[:60]} makes it all the same"
                    raise RefusedError(503, f"{MOST_GONE} sandboxes are gone already; {advice}")
                world = self._worlds[name] = self._make(name)
            world.used = self._real()
            self._worlds.move_to_end(name)
            self._keep_bounded(world)
            return world

    def get(self, name: str) -> World | None:
        """The world of this name, if there is one."""
        with self._lock:
            return self.default if name == DEFAULT else self._worlds.get(name)

    def find(self, name: str) -> World:
        """The world of this name, if there is one: it is looked for and not asked.

        Raises:
            RefusedError: 404, saying whether there was one.
        """
        world = self.get(name)
        if world is not None:
            return world
        with self._lock:
            was = _digest(name) in self._gone
        raise RefusedError(404, _told_gone(name) if was else f"no sandbox is named {name[:200]!r}")

    def knows(self, name: str) -> bool:
        """Whether a sandbox has or had this name."""
        with self._lock:
            return name in self._worlds or _digest(name) in self._gone

    def put(self, world: World) -> bool:
        """Have this world from now on; whether none had its name."""
        with self._lock:
            if world.name == DEFAULT:
                self._depart(self.default)
                self.default = world
                return False
            before = self._worlds.pop(world.name, None)
            if before is not None:
                self._depart(before)
            self._gone.pop(_digest(world.name), None)
            world.used = self._real()
            self._worlds[world.name] = world
            self._keep_bounded(world)
            return before is None

    def delete(self, name: str) -> None:
        """Give a sandbox up, if it was not already; its name is gone.

        Raises:
            RefusedError: 404 where there never was one, 409 for the default one.
        """
        if name == DEFAULT:
            raise RefusedError(409, "the default sandbox stays; POST /_mock/reset starts it anew")
        with self._lock:
            if name not in self._worlds and _digest(name) not in self._gone:
                raise RefusedError(404, f"no sandbox is named {name[:200]!r}")
            self._give_up(name)

    def all(self) -> tuple[World, ...]:
        """Every world, the default one first, then by name."""
        with self._lock:
            named = sorted(self._worlds.values(), key=lambda world: world.name)
            return (self.default, *named)

    def counted(self) -> tuple[Tally, tuple[World, ...]]:
        """What was counted in all of them, those that are gone included, and who is there.

        At one moment: none of them departs in between, to be counted twice or not at all.
        """
        with self._lock:
            worlds, total = (self.default, *self._worlds.values()), Tally()
            for tally in (self.departed, *(world.sandbox.tally for world in worlds)):
                total.absorb(tally)
            return total, worlds

    def absorb(self, counted: Tally) -> None:
        """Count what was counted where it is counted no longer."""
        self.departed.absorb(counted)

    def _refuse_gone(self, name: str) -> None:
        if _digest(name) in self._gone:
            raise RefusedError(410, _told_gone(name), hint=_told_gone(name))

    def _keep_bounded(self, asked: World) -> None:
        """Give up the longest idle ones while there are too many, or they are idle too long."""
        while self._worlds:
            oldest = next(iter(self._worlds.values()))
            too_many = len(self._worlds) > MOST_SANDBOXES or self._budget.used > MOST_BYTES
            idle = self._real() - oldest.used > LONGEST_IDLE * _NANO
            if oldest is asked or not (too_many or idle):
                return
            self._give_up(oldest.name)

    def _give_up(self, name: str) -> None:
        world = self._worlds.pop(name, None)
        if world is not None:
            self._depart(world)
            self._gone[_digest(name)] = None

    def _depart(self, world: World) -> None:
        self.departed.absorb(world.sandbox.close())
        self.departures += 1
        world.sandbox.release()


def _told_gone(name: str) -> str:
    return (
        f"the sandbox {name[:200]!r} is gone: it was deleted, was idle for {LONGEST_IDLE // 3600} "
        f"h, or made room for others (at most {MOST_SANDBOXES}); PUT /_mock/sandboxes/NAME makes "
        "it anew"
    )


def _digest(name: str) -> bytes:
    """A name in few bytes, for a million of them are remembered."""
    return hashlib.blake2b(name.encode(errors="surrogatepass"), digest_size=16).digest()
