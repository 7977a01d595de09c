"""`patch_sleep`: where a module finds its sleep, it finds a sandbox's.

"pkg.poller.time.sleep" is what pkg.poller calls as `time.sleep`. Only there it is replaced: the
module gets a stand-in for `time`, and every other module keeps the real one, the server's threads
and pytest's own among them. What measures the time that a sleep takes is replaced with it, or a
client's time-out would never come.
"""

from __future__ import annotations

import inspect
import pkgutil
import time
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockserver.testing.sleeping import Sleeper

_SECOND = 1_000_000_000
_OF_ASYNCIO = {"asyncio.timeouts", "asyncio.tasks"}
_IN_SECONDS = (time.time, time.monotonic, time.perf_counter)
_IN_NANOSECONDS = (time.time_ns, time.monotonic_ns, time.perf_counter_ns)


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
        self._patch = pytest.MonkeyPatch()

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
            self._patch.setattr(owner, inner, _StandIn(holder, replaced))
            return
        for each, replacement in replaced.items():
            self._patch.setattr(holder, each, replacement)

    def undo(self) -> None:
        """Put everything back, the last first."""
        self._patch.undo()

    def _replacements(self, holder: object, name: str, original: Any) -> dict[str, Any]:  # noqa: ANN401 any function
        """The sleep, and what beside it tells the time or measures it, by the names they have."""
        sleep: Any = self._sleeper.sleep
        if inspect.iscoroutinefunction(original):
            from mockserver.testing import virtual_asyncio  # noqa: PLC0415 because most clients are none of its

            sleep = partial(virtual_asyncio.sleep, self._sleeper, original)
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
        if inspect.isroutine(value) and value.__module__ in _OF_ASYNCIO:
            from mockserver.testing.virtual_asyncio import STAND_INS  # noqa: PLC0415 because most clients are none of its

            return STAND_INS.get(value)
        return None


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
