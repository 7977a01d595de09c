"""Which action of an overlay assumes what an answer breaks, or keeps.

An answer that breaks the strict document and keeps the published one has broken something of ours.
The overlays are applied one action at a time to find which one; nothing need be known of them.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.contract.overlay import Overlay, apply_overlay

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockserver.contract.contract import Contract, Operation
    from mockserver.core.exchange import Response, Violation


class Tightening(NamedTuple):
    """An action of an overlay: where it stands, and what it says of itself."""

    overlay: str
    target: str
    about: str


class Tightenings:
    """The actions of the overlays in force, each with the document that it leads to."""

    def __init__(self, contract: Contract, overlays: Sequence[Overlay]) -> None:
        """Take a contract and the overlays that were applied to its document."""
        self._published = contract.judged_by(contract.document.value)
        self._overlays = overlays
        self._found: dict[tuple[object, ...], Tightening | None] = {}

    @cached_property
    def _steps(self) -> Sequence[tuple[Tightening, Contract]]:
        document: dict[str, Any] = self._published.document.value
        steps = []
        for overlay in self._overlays:
            for action in overlay.actions:
                document, _ = apply_overlay(document, Overlay(overlay.label, (action,)))
                named = Tightening(overlay.label, action.target, action.description)
                steps.append((named, self._published.judged_by(document)))
        return steps

    def broken_by(
        self, operation: Operation, answer: Response, violation: Violation
    ) -> Tightening | None:
        """The action without which this would not be wrong with the answer."""
        key = (operation.id, answer.status, violation.place, violation.expected)
        if key not in self._found:
            self._found[key] = self._search(operation, answer, violation)
        return self._found[key]

    def _search(
        self, operation: Operation, answer: Response, violation: Violation
    ) -> Tightening | None:
        for at in reversed(range(len(self._steps))):
            before = self._steps[at - 1][1] if at else self._published
            places = {found.place for found in before.check_answer(operation, answer)}
            if violation.place not in places:
                return self._steps[at][0]
        return None

    def kept_by(self, operation: Operation, status: int) -> Tightening | None:
        """The action that says last how an answer of this status looks, where there is one."""
        key = (operation.id, status)
        if key not in self._found:
            self._found[key] = self._last(operation, str(status))
        return self._found[key]

    def _last(self, operation: Operation, status: str) -> Tightening | None:
        for at in reversed(range(len(self._steps))):
            before = self._steps[at - 1][1] if at else self._published
            if _described(before.strict, operation, status) != _described(
                self._steps[at][1].strict, operation, status
            ):
                return self._steps[at][0]
        return None


def _described(document: Mapping[str, Any], operation: Operation, status: str) -> object:
    responses = document["paths"][operation.template][operation.method.lower()]["responses"]
    return responses.get(status)
