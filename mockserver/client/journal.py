"""The journal of a sandbox, from afar: what was asked and answered, and waiting for more."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, TypeAlias

from mockserver.client.errors import NotSeenError
from mockserver.client.ids import evaluation_id
from mockserver.client.spans import seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.client import shapes
    from mockserver.client.caller import Caller
    from mockserver.client.ids import Identified
    from mockserver.client.spans import Span

    Cursor: TypeAlias = str | int

_LONGEST_POLL = 5.0
"""Seconds after which the server answers that nothing has come yet."""
_PAUSE = 0.1
"""Seconds between two questions where the server has no room to let one wait."""


class Journal:
    """The last exchanges; which of them, `operation`, `evaluation` and `status_seen` say.

    A cursor is that of a page, or the `seq` of an exchange: `after` it are those that came later.
    """

    def __init__(self, caller: Caller) -> None:
        """Act on the sandbox that `caller` asks for."""
        self._caller = caller

    def find(
        self,
        *,
        operation: str | None = None,
        evaluation: Identified | None = None,
        status_seen: str | None = None,
        after: Cursor | None = None,
        wait: Span | None = None,
    ) -> shapes.JournalPage:
        """A page of exchanges, the oldest first; where there is none, the next one.

        That is waited for as long as `wait` says, and at most 5 s.
        """
        wanted = _wanted(operation, evaluation, status_seen)
        return self._page(wanted, after, 0.0 if wait is None else seconds_of(wait))

    def wait(
        self,
        *,
        operation: str | None = None,
        evaluation: Identified | None = None,
        status_seen: str | None = None,
        after: Cursor | None = None,
        timeout: Span = 30.0,
    ) -> shapes.Exchange:
        """The first such exchange: one that has come already, or else the next.

        Raises:
            NotSeenError: none came within `timeout`; a TimeoutError.
        """
        wanted = _wanted(operation, evaluation, status_seen)
        ends = time.monotonic() + seconds_of(timeout)
        cursor = after
        while True:
            left = ends - time.monotonic()
            page = self._polled(wanted, cursor, max(0.0, left))
            if page["exchanges"]:
                return page["exchanges"][0]
            cursor = page["cursor"]
            if left <= 0:
                raise self._not_seen(wanted, after, seconds_of(timeout))

    def follow(
        self,
        *,
        operation: str | None = None,
        evaluation: Identified | None = None,
        status_seen: str | None = None,
        after: Cursor | None = None,
    ) -> Iterator[shapes.Exchange]:
        """Every such exchange from the oldest that is kept, and without end what comes then."""
        wanted = _wanted(operation, evaluation, status_seen)
        for page in self._pages(wanted, after):
            yield from page["exchanges"]

    def pages(
        self,
        *,
        operation: str | None = None,
        evaluation: Identified | None = None,
        status_seen: str | None = None,
        after: Cursor | None = None,
    ) -> Iterator[shapes.JournalPage]:
        """The same by pages, which say if any were lost; an empty one where nothing comes."""
        return self._pages(_wanted(operation, evaluation, status_seen), after)

    def cursor(self) -> str:
        """The cursor after everything that has come so far."""
        # Of no evaluation that there is: so nothing is sent but where the journal ends.
        return self._page({"evaluation": "none of them"}, None, 0.0)["cursor"]

    def har(self) -> dict[str, Any]:
        """Everything that is kept, as an HTTP archive (HAR 1.2)."""
        told: dict[str, Any] = self._caller.get("/_mock/journal.har")
        return told

    def _page(
        self, wanted: dict[str, str], after: Cursor | None, seconds: float
    ) -> shapes.JournalPage:
        query = dict(wanted)
        if after is not None:
            query["after"] = str(after)
        seconds = min(seconds, _LONGEST_POLL)
        if seconds > 0:
            query["wait"] = f"{math.ceil(seconds * 1_000)}ms"
        told: shapes.JournalPage = self._caller.get("/_mock/journal", query, seconds)
        return told

    def _pages(self, wanted: dict[str, str], after: Cursor | None) -> Iterator[shapes.JournalPage]:
        while True:
            page = self._polled(wanted, after, _LONGEST_POLL)
            yield page
            after = page["cursor"]

    def _polled(
        self, wanted: dict[str, str], after: Cursor | None, seconds: float
    ) -> shapes.JournalPage:
        """A page, as soon as it holds something; an empty one where nothing came for a while."""
        asked = time.monotonic()
        page = self._page(wanted, after, seconds)
        waited = time.monotonic() - asked
        if not page["exchanges"] and waited < min(seconds, _LONGEST_POLL) / 2:
            time.sleep(min(_PAUSE, seconds))
        return page

    def _not_seen(
        self, wanted: dict[str, str], after: Cursor | None, seconds: float
    ) -> NotSeenError:
        which = ", ".join(f"{name} {value}" for name, value in wanted.items()) or "any"
        since = "" if after is None else f", after {after}"
        end = int(self.cursor())
        seen = self._page({}, max(0, end - 1), 0.0)["exchanges"] if end else []
        last = f"the last one was {told(seen[-1])}" if seen else "there was none at all"
        return NotSeenError(
            f"expected an exchange ({which}{since}) within {seconds:g} s, found none; {last}"
        )


def told(exchange: shapes.Exchange) -> str:
    """An exchange in a line: what was asked, the status of the answer, and what it showed."""
    shown = f" [{exchange['status_seen']}]" if exchange["status_seen"] else ""
    return f"{exchange['code']} {exchange['method']} {exchange['path']}{shown}"


def _wanted(
    operation: str | None, evaluation: Identified | None, status_seen: str | None
) -> dict[str, str]:
    """Which exchanges are asked for, as the query says it."""
    said = {
        "operation": operation,
        "evaluation": None if evaluation is None else evaluation_id(evaluation),
        "status_seen": status_seen,
    }
    return {name: value for name, value in said.items() if value is not None}
