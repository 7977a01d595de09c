"""What goes wrong on purpose in a sandbox, from afar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from mockserver.client.address import encoded
from mockserver.client.ids import evaluation_id, id_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockserver.client import shapes
    from mockserver.client.caller import Caller
    from mockserver.client.ids import Identified

_PATH = "/_mock/faults"


class Faults:
    """Faults of a sandbox; each goes by its id, or as it was answered."""

    def __init__(self, caller: Caller) -> None:
        """Act on the sandbox that `caller` asks for."""
        self._caller = caller

    def list(self) -> Sequence[shapes.Fault]:
        """Every one, with what has come of it."""
        told: shapes.FaultList = self._caller.get(_PATH)
        return told["faults"]

    def add(
        self,
        *,
        id: Identified | None = None,  # noqa: A002 the API's word
        **rule: Unpack[shapes.FaultRule],
    ) -> shapes.Fault:
        """Have something go wrong where all of this is true.

        When: `operation`, `id` of an evaluation, its `status`, `after_row`; of those calls the
        `nth`, with a `probability`, at most `count` of them, for `seconds` of virtual time. What:
        `code` with `retry_after`, `delay` in real seconds, `body` "truncated" or "malformed".
        """
        about = {} if id is None else {"id": evaluation_id(id)}
        told: shapes.Fault = self._caller.send("POST", _PATH, {**rule, **about})
        return told

    def delete(self, id: Identified) -> None:  # noqa: A002 the same
        """Take one away."""
        self._caller.send("DELETE", f"{_PATH}/{encoded(id_of(id))}")
