"""`patch_sleep`: where a module finds its sleep, it finds a sandbox's.

"pkg.poller.time.sleep" is what pkg.poller calls as `time.sleep`. Only there it is replaced: the
module gets a stand-in for `time`, and every other module keeps the real one, the server's threads
and pytest's own among them. What measures the time that a sleep takes is replaced with it, or a
client's time-out would never come.
"""

from __future__ import annotations

import asyncio
import inspect
import pkgutil
import time
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from mockserver.testing.sleeping import Sleeper

_SECOND = 1_000_000_000
_IN_SECONDS = (time.time, time.monotonic, time.perf_counter)
_IN_NANOSECONDS = (time.time_ns, time.monotonic_ns, time.perf_counter_ns)
_OPEN: ContextVar[tuple[asyncio.Timeout, ...]] = ContextVar("open time-outs", default=())


class _StandIn(ModuleType):
    """A module of which some names are replaced, for whoever has this object in its place."""

    def __init__(self, module: ModuleType, replaced: dict[str, Any]) -> None:
        super().__init__(module.__name__, module.__doc__)
        self.__dict__.update(replaced)
        self.__dict__["_stands_for"] = module

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 whatever the module has
        return getattr(self._stands_for, name)


class Patches:
    """What was replaced for a test, to be put back at its end."""

    def __init__(self, sleeper: Sleeper) -> None:
        """Nothing is replaced yet."""
        self._sleeper = sleeper
        self._undo: list[Callable[[], None]] = []

    def patch(self, target: str) -> None:
        """Replace the sleep that is found there.

        Raises:
            ValueError: nothing that can be called is there.
        """
        place, _, name = target.rpartition(".")
        holder = _found(place, target)
        original = getattr(holder, name, None)
        if not callable(original):
            raise _unusable(target, f"no function {name} in {place}")
        replaced = self._replacements(holder, name, original)
        outer, _, inner = place.rpartition(".")
        if isinstance(holder, ModuleType) and outer and holder.__name__ != place:
            owner = _found(outer, target)  # which has imported it under that name
            self._set(owner, inner, _StandIn(holder, replaced))
            return
        for each, replacement in replaced.items():
            self._set(holder, each, replacement)

    def undo(self) -> None:
        """Put everything back, the last first."""
        while self._undo:
            self._undo.pop()()

    def _set(self, owner: object, name: str, value: object) -> None:
        before = getattr(owner, name)
        setattr(owner, name, value)
        self._undo.append(partial(setattr, owner, name, before))

    def _replacements(self, holder: object, name: str, original: Any) -> dict[str, Any]:  # noqa: ANN401 any function
        """The sleep, and what beside it tells the time or measures it, by the names they have."""
        sleep: Any = self._sleeper.sleep
        if inspect.iscoroutinefunction(original):
            sleep = partial(sleep_async, self._sleeper, original)
        replaced = {name: sleep}
        for other, value in vars(holder).items() if isinstance(holder, ModuleType) else ():
            if other != name and (measuring := self._measuring(value)) is not None:
                replaced[other] = measuring
        return replaced

    def _measuring(self, value: object) -> Any:  # noqa: ANN401 any function
        for real in _IN_SECONDS:
            if value is real:
                return lambda: real() + self._sleeper.slept
        for real in _IN_NANOSECONDS:
            if value is real:
                return lambda: real() + int(self._sleeper.slept * _SECOND)
        if value is asyncio.timeout:
            return _timeout
        return _wait_for if value is asyncio.wait_for else None


async def sleep_async(
    sleeper: Sleeper, original: Callable[[float], Awaitable[None]], delay: float, *result: object
) -> object:
    """Sleep in virtual time, and let whoever else is ready have a turn.

    The time-outs around it come nearer by as much.
    """
    sleeper.sleep(max(delay, 0))
    for limit in _OPEN.get():
        ends = limit.when()
        if ends is not None and not limit.expired():
            limit.reschedule(ends - delay)
    await original(0)
    return result[0] if result else None


@asynccontextmanager
async def _timeout(delay: float | None) -> AsyncIterator[asyncio.Timeout]:
    """`asyncio.timeout`, which virtual sleeps within it bring nearer."""
    async with asyncio.timeout(delay) as limit:
        token = _OPEN.set((*_OPEN.get(), limit))
        try:
            yield limit
        finally:
            _OPEN.reset(token)


async def _wait_for(awaitable: Awaitable[Any], timeout: float | None) -> Any:  # noqa: ANN401, ASYNC109 as asyncio has it
    """`asyncio.wait_for`, the same."""
    async with _timeout(timeout):
        return await awaitable


def _found(place: str, target: str) -> object:
    try:
        return pkgutil.resolve_name(place)
    except (ImportError, AttributeError, ValueError) as error:
        raise _unusable(target, str(error) or "nothing") from None


def _unusable(target: str, found: str) -> ValueError:
    return ValueError(
        "patch_sleep: expected the place of a sleep as its module calls it, as in "
        f'"pkg.poller.time.sleep" or "pkg.poller.sleep", found {target!r}: {found}'
    )
