"""A document in its strict form, and the judge by it: both made when they are first needed.

Of the APIs that a server offers most clients ask one, and most tests the control API of another; a
document that nobody asks by is not tightened.
"""

from __future__ import annotations

import threading
from dataclasses import field
from typing import TYPE_CHECKING, Any

from mockserver.contract.judge import Judge
from mockserver.core.dataclass import dataclass
from mockserver.core.errors import UnreadableDocumentError
from mockserver.core.exchange import Kind, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mockserver.contract.document import Document
    from mockserver.contract.overlay import Overlay


@dataclass(frozen=True, slots=True)
class Strict:
    """What came of the overlays.

    Attributes:
        value: the strict document.
        idle: overlay actions that selected nothing.
    """

    value: Mapping[str, Any]
    idle: tuple[Violation, ...] = ()

    def plain(self) -> dict[str, Any]:
        """The same as values that JSON carries."""
        idle = [[one.place, one.expected, one.found] for one in self.idle]
        return {"value": self.value, "idle": idle}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Strict:
        """What `plain` gave."""
        idle = (
            Violation(place, expected, found, Kind.SOURCE)
            for place, expected, found in plain["idle"]
        )
        return cls(plain["value"], tuple(idle))


def tightened(document: Document, overlays: Sequence[Overlay], *, must_fit: bool = False) -> Strict:
    """The document with the overlays applied.

    Raises:
        FlawedError: an overlay cannot be applied.
        UnreadableDocumentError: an action selected nothing, and each must fit.
    """
    from mockserver.contract.overlay import apply_overlay  # noqa: PLC0415 because a cache may know

    strict: dict[str, Any] = document.value
    idle: list[Violation] = []
    for overlay in overlays:
        strict, unused = apply_overlay(strict, overlay)
        idle += unused
    if idle and must_fit:
        headline = f"the overlay does not fit {document.label}"
        raise UnreadableDocumentError(headline, idle)
    return Strict(strict, tuple(idle))


@dataclass(slots=True)
class Strictness:
    """The strict form and its judge to be; any number of threads may ask for them.

    Attributes:
        make: makes the strict form.
    """

    make: Callable[[], Strict]
    _outcome: tuple[Strict, Judge] | None = None
    _making: threading.Lock = field(default_factory=threading.Lock)

    def outcome(self) -> tuple[Strict, Judge]:
        """The strict form and the judge by it, the same for everybody.

        Raises:
            FlawedError: an overlay is none, or cannot be applied.
            UnreadableDocumentError: an overlay action selected nothing, and must not.
        """
        if self._outcome is not None:  # on the way of every request, so without the lock
            return self._outcome
        with self._making:
            if self._outcome is None:
                strict = self.make()
                self._outcome = strict, Judge(strict.value)
            return self._outcome
