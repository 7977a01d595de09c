"""asyncio in virtual time: a sleep that takes none, and time-outs that it brings nearer.

Apart from the rest, because a run without coroutines shall not import asyncio for it.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from mockserver.testing.sleeping import Sleeper

_OPEN: ContextVar[tuple[asyncio.Timeout, ...]] = ContextVar("open time-outs", default=())
"""Those around what runs now; tasks that are started within one inherit it."""


async def sleep(
    sleeper: Sleeper, original: Callable[[float], Awaitable[None]], delay: float, *result: object
) -> object:
    """Sleep in virtual time, and let whoever else is ready have a turn.

    The time-outs around it come nearer by as much. `original` is the sleep that this one stands
    for, of asyncio or of a library on top of it.
    """
    __tracebackhide__ = True
    sleeper.sleep(max(delay, 0))
    for limit in _OPEN.get():
        ends = limit.when()
        if ends is not None and not limit.expired():
            limit.reschedule(ends - delay)
    await original(0)
    return result[0] if result else None


@asynccontextmanager
async def timeout(delay: float | None) -> AsyncIterator[asyncio.Timeout]:
    """`asyncio.timeout`, which virtual sleeps within it bring nearer."""
    async with asyncio.timeout(delay) as limit:
        token = _OPEN.set((*_OPEN.get(), limit))
        try:
            yield limit
        finally:
            _OPEN.reset(token)


async def wait_for(awaitable: Awaitable[Any], timeout: float | None) -> Any:  # noqa: ANN401, ASYNC109 as asyncio has it
    """`asyncio.wait_for`, the same."""
    async with _within(timeout):
        return await awaitable


_within = timeout
"""By another name, for `wait_for` has to call its parameter so."""

STAND_INS: dict[object, object] = {asyncio.timeout: timeout, asyncio.wait_for: wait_for}
"""What measures time beside a sleep, with what stands in for it."""
