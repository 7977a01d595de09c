"""What a client did in an example, judged as the pytest plugin judges a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core.errors import MockserverError
from mockserver.testing.verdict import contract_broken_in, strays

if TYPE_CHECKING:
    from mockserver.testing.servers import Opened


class CaughtError(MockserverError, AssertionError):
    """A client was caught at what no client may do, as breaking the contract."""


class Judge:
    """Judges what is done in one sandbox from now on."""

    def __init__(self, opened: Opened) -> None:
        """Start with nothing done."""
        self._opened = opened
        self._tally = opened.world.sandbox.tally
        self._default = opened.running.default
        self._strays_after = self._default.sandbox.journal.last

    def judge(self) -> None:
        """Judge what was done so far.

        Raises:
            CaughtError: the contract was broken, no sandbox was reached, or a client never gave up.
        """
        counts = self._tally.counts()
        is_broken = counts.broken_requests or counts.broken_answers
        self._require_none(contract_broken_in(self._opened.world) if is_broken else "")

    def judge_at_the_end(self) -> None:
        """Judge what was done, and what was to be done.

        Raises:
            CaughtError: as before, or an expected breach did not come.
        """
        self._require_none(contract_broken_in(self._opened.world))

    def note_on(self, error: BaseException) -> None:
        """Have an exception of the client say what it broke before that came."""
        try:
            self.judge()
        except CaughtError as caught:
            error.add_note(str(caught))

    def _require_none(self, broken: str) -> None:
        __tracebackhide__ = True
        stray = strays(self._default, self._strays_after)
        if told := "\n".join(filter(None, (broken, stray, self._opened.sleeper.failure))):
            raise CaughtError(told)
