"""The clock of a test's sandbox."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from mockserver.client.clock import Clock

if TYPE_CHECKING:
    from mockserver.client import shapes
    from mockserver.client.ids import Identified


class SandboxClock(Clock):
    """Virtual time, which stands still until the test moves it."""

    @property
    def now(self) -> datetime:
        """The virtual instant."""
        return datetime.fromisoformat(self.get()["now"])

    def until(self, id: Identified, status: str) -> shapes.Clock:  # noqa: A002 the API's word
        """Move on to where an evaluation has a status; not at all where it has it already.

        Raises:
            ControlError: it never has it from now on.
        """
        return self.advance_until(id, status)

    def next(self, id: Identified | None = None) -> shapes.Clock:  # noqa: A002 the same
        """Move on to the next change of status, of any evaluation or of this one.

        Raises:
            ControlError: none changes any more.
        """
        return self.advance_to_next(id)
