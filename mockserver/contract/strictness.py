"""A document in its strict form, and the judge by it: both made when they are first needed.

Of the APIs that a server offers most clients ask one, and most tests the control API of another; a
document that nobody asks by is not tightened.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mockserver.contract.judge import Judge
from mockserver.contract.overlay import apply_overlay
from mockserver.core.errors import UnreadableDocumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mockserver.contract.document import Document
    from mockserver.contract.overlay import Overlay
    from mockserver.core.exchange import Violation


@dataclass(frozen=True, slots=True)
class Tightened:
    """What came of the overlays.

    Attributes:
        value: the strict document.
        idle: overlay actions that selected nothing.
        judge: of requests and answers, by the strict document.
    """

    value: Mapping[str, Any]
    idle: tuple[Violation, ...]
    judge: Judge


@dataclass(slots=True)
class Strictness:
    """A document with the overlays that tighten it; any number of threads may ask for the outcome.

    Attributes:
        must_fit: whether an overlay action that selects nothing is an error.
    """

    document: Document
    overlays: Callable[[], Sequence[Overlay]]
    must_fit: bool = False
    _outcome: Tightened | None = None
    _making: threading.Lock = field(default_factory=threading.Lock)

    def outcome(self) -> Tightened:
        """The strict document and its judge, the same for everybody.

        Raises:
            FlawedError: an overlay is none, or cannot be applied.
            UnreadableDocumentError: an overlay action selected nothing, and must not.
        """
        if self._outcome is not None:  # on the way of every request, so without the lock
            return self._outcome
        with self._making:
            if self._outcome is None:
                self._outcome = self._tightened()
            return self._outcome

    def become(self, strict: Mapping[str, Any]) -> Strictness:
        """The same document, whose strict form is this one."""
        return Strictness(self.document, tuple, _outcome=Tightened(strict, (), Judge(strict)))

    def _tightened(self) -> Tightened:
        strict: dict[str, Any] = self.document.value
        idle: list[Violation] = []
        for overlay in self.overlays():
            strict, unused = apply_overlay(strict, overlay)
            idle += unused
        if idle and self.must_fit:
            headline = f"the overlay does not fit {self.document.label}"
            raise UnreadableDocumentError(headline, idle)
        return Tightened(strict, tuple(idle), Judge(strict))
