"""The clock of a sandbox, from afar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.client.ids import evaluation_id
from mockserver.client.spans import seconds_of

if TYPE_CHECKING:
    from mockserver.client import shapes
    from mockserver.client.caller import Caller
    from mockserver.client.ids import Identified
    from mockserver.client.spans import Span


class Clock:
    """Looks at virtual time and moves it on."""

    def __init__(self, caller: Caller) -> None:
        """Act on the sandbox that `caller` asks for."""
        self._caller = caller

    def get(self) -> shapes.Clock:
        """The clock as it stands."""
        told: shapes.Clock = self._caller.get("/_mock/clock")
        return told

    def set(self, rate: float | None = None, step: bool | None = None) -> shapes.Clock:
        """Change its rate or its step mode; it goes on from where it stands.

        `rate` are virtual seconds per real second, 0 is frozen. In step mode each look at an
        evaluation moves time to the next change of status.
        """
        said = {"rate": rate, "step": step}
        change = {name: value for name, value in said.items() if value is not None}
        told: shapes.Clock = self._caller.send("PUT", "/_mock/clock", change)
        return told

    def advance(self, by: Span) -> shapes.Clock:
        """Move on by a span, as in 30 (seconds), "30s" or a timedelta."""
        return self._moved({"seconds": seconds_of(by)})

    def advance_to_next(self, id: Identified | None = None) -> shapes.Clock:  # noqa: A002 the API's word
        """Move on to the next change of status, of any evaluation or of this one.

        Raises:
            ControlError: 409 where none changes any more.
        """
        of = {} if id is None else {"id": evaluation_id(id)}
        return self._moved({"to": "next", **of})

    def advance_until(self, id: Identified, status: str) -> shapes.Clock:  # noqa: A002 the same
        """Move on until an evaluation has a status, by its own name or the API's word for it.

        Raises:
            ControlError: 409 where it never has it from now on.
        """
        return self._moved({"until": {"id": evaluation_id(id), "status": status}})

    def _moved(self, how: dict[str, object]) -> shapes.Clock:
        told: shapes.Clock = self._caller.send("POST", "/_mock/clock/advance", how)
        return told
