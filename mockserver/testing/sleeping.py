"""A client's sleep, which moves a sandbox's clock and takes no real time.

Sleeping is also where a client can be caught that never stops: it asks again after the end,
or it waits for ever.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.client.spans import seconds_of
from mockserver.durations import format_duration
from mockserver.testing.endings import Endings

if TYPE_CHECKING:
    from collections.abc import Generator

    from mockserver.client.spans import Span
    from mockserver.core.exchange import Exchange
    from mockserver.sandboxes import World

LONGEST_WAIT = timedelta(hours=2)
"""Virtual time that a test may sleep through, longer than any bundled fixture but `stuck` lives."""
MOST_SLEEPS = 1_000
"""Sleeps after which a client that sleeps shortly is taken for one that never gives up."""


class Slept:
    """A sleep that is over; awaited, it gives whoever else is ready a turn."""

    def __await__(self) -> Generator[Any, None, None]:
        """Nothing, after that turn."""
        import asyncio  # noqa: PLC0415 because most clients are none of its

        return asyncio.sleep(0).__await__()


class Sleeper:
    """Sleeps for the clients of one sandbox.

    Attributes:
        longest_wait: virtual time that clients may sleep through in all, before they are taken for
            some that never give up.
        slept: virtual seconds that they have slept through.
        failure: what a client was caught at, or empty.
    """

    def __init__(self, world: World) -> None:
        """Sleep in this world."""
        self.longest_wait: Span = LONGEST_WAIT
        self.slept = 0.0
        self.failure = ""
        self.endings = Endings(world)
        self._world = world
        self._sleeps = 0
        self._slept_before = 0.0

    def begin(self) -> None:
        """Whoever sleeps from now on has not waited for anything yet."""
        self._sleeps, self._slept_before = 0, self.slept

    @property
    def _waited(self) -> float:
        return self.slept - self._slept_before

    def sleep(self, seconds: float) -> None:
        """Let so many seconds of virtual time pass.

        Raises:
            Failed: the client has asked again after the end, or goes on for ever; pytest's own, so
                that no `except Exception` of the client takes it for a passing trouble.
        """
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")  # the words of time.sleep
        __tracebackhide__ = True
        self._refuse(self.endings.looked_at_again())
        sandbox = self._world.sandbox
        sandbox.move(lambda now: now + timedelta(seconds=seconds))
        self._sleeps += 1
        self.slept += seconds
        self.endings.somebody_slept(seconds)
        if self._is_too_long():
            self._refuse(self._never_gives_up())

    def caught(self) -> str:
        """What a client was caught at, at the latest now, or nothing."""
        return self.failure or self.endings.looked_at_again()

    def _refuse(self, failure: str) -> None:
        __tracebackhide__ = True  # what matters in a traceback is where the client sleeps
        if failure:
            self.failure = failure
            raise pytest.fail.Exception(failure)

    def _is_too_long(self) -> bool:
        """Whether nobody can mean to wait so long; how often one sleeps counts by default alone."""
        if self.longest_wait is LONGEST_WAIT and self._sleeps >= MOST_SLEEPS:
            return True
        return self._waited > seconds_of(self.longest_wait)

    def _never_gives_up(self) -> str:
        slept = format_duration(timedelta(seconds=self._waited))
        times = "once" if self._sleeps == 1 else f"{self._sleeps} times"
        exchanges = self._world.sandbox.journal.exchanges()
        waiting = f" for {_last_seen(exchanges[-1])}" if exchanges else ""
        return (
            f"no time-out: the client has slept {times}, {slept} of virtual time in all, and "
            f"still waits{waiting}. Expected it to give up in the end. (A time-out can be seen "
            "that counts sleeps, or reads time.monotonic, time.time or time.perf_counter where "
            "patch_sleep has patched; a test that means to wait longer says so: "
            'longest_wait = "12h".)'
        )


def _last_seen(exchange: Exchange) -> str:
    asked = f"{exchange.request.method} {exchange.request.path}"
    if exchange.seen is None:
        return f"{asked}, which was answered {exchange.response.status} the last time"
    return f"evaluation {exchange.evaluation_id}, which is {exchange.seen}"
