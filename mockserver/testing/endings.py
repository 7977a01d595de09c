"""Who has seen an evaluation end, and looks at it again after a sleep: a poller that does not stop.

Looking twice without a sleep in between is no polling, and neither is a single later look by a
client that has been about something else meanwhile: a test may well read a result again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass
from mockserver.durations import format_duration

if TYPE_CHECKING:
    from datetime import datetime

    from mockserver.core.exchange import Client, Exchange
    from mockserver.sandboxes import World


@dataclass(slots=True)
class _End:
    """An end that a client has seen.

    Attributes:
        sleeps: after how many sleeps it was looked at last.
        again: how often it was looked at again after a sleep.
    """

    status: str
    now: datetime
    sleeps: int
    again: int = 0


class Endings:
    """Watches the looks at evaluations in one sandbox.

    Attributes:
        may_look_again: whether a test means to have clients go on after the end.
    """

    def __init__(self, world: World) -> None:
        """Watch this world from now on."""
        self.may_look_again = False
        self._world = world
        self._cursor = world.sandbox.journal.last
        self._sleeps = 0
        self._ends: dict[tuple[Client, str, str | None], _End] = {}
        self._last: dict[tuple[Client, str], str | None] = {}

    def somebody_slept(self, seconds: float) -> None:
        """What is looked at from now on is looked at after this sleep; none that takes no time."""
        self._sleeps += seconds > 0

    def looked_at_again(self) -> str:
        """What the first client did that looked again after the end it saw, or nothing."""
        found = self._world.sandbox.journal.find(self._cursor, _is_a_look, most=1_000_000)
        self._cursor = found.cursor
        for entry in found.entries:
            told = self._look(entry.exchange)
            if told and not self.may_look_again:
                return told
        return ""

    def _look(self, look: Exchange) -> str:
        who, what = (look.client, look.api), look.evaluation_id
        is_at_it_still = self._last.get(who) == what
        self._last[who] = what
        end = self._ends.get((*who, what))
        if end is None:
            if look.ended:
                self._ends[(*who, what)] = _End(str(look.seen), look.now, self._sleeps)
            return ""
        if end.sleeps == self._sleeps:
            return ""
        end.sleeps, end.again = self._sleeps, end.again + 1
        if not is_at_it_still and end.again == 1:
            return ""
        later = format_duration(look.now - end.now)
        return (
            f"polls after the end: evaluation {what} had been shown as {end.status}, "
            f"and the client slept and asked for it again, {later} later. Expected it to stop at "
            f"{end.status}, for nothing comes after it. A test that means to look again after a "
            "sleep says so: allow_polls_after_end()"
        )


def _is_a_look(exchange: Exchange) -> bool:
    """Whether it has shown a status to somebody who asked for it, and could read it."""
    is_read = exchange.request.method == "GET" and exchange.fault is None
    return is_read and exchange.seen is not None
