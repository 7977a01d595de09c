"""What clients are expected to break on purpose, from afar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.client.address import encoded
from mockserver.client.ids import id_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockserver.client import shapes
    from mockserver.client.caller import Caller
    from mockserver.client.ids import Identified

_PATH = "/_mock/expectations"


class Expectations:
    """Expectations of a sandbox; each goes by its id, or as it was answered."""

    def __init__(self, caller: Caller) -> None:
        """Act on the sandbox that `caller` asks for."""
        self._caller = caller

    def list(self) -> Sequence[shapes.Expectation]:
        """Every one, with how often it was met."""
        told: shapes.ExpectationList = self._caller.get(_PATH)
        return told["expectations"]

    def add(self, place: str, operation: str | None = None, count: int = 1) -> shapes.Expectation:
        """Say that a client will break the contract there, in so many requests.

        `place` is as violations say it, `body /prompt`, in which * stands for anything.
        """
        body: dict[str, object] = {"place": place, "count": count}
        if operation is not None:
            body["operation"] = operation
        told: shapes.Expectation = self._caller.send("POST", _PATH, body)
        return told

    def delete(self, id: Identified) -> None:  # noqa: A002 the API's word
        """Take one back."""
        self._caller.send("DELETE", f"{_PATH}/{encoded(id_of(id))}")
