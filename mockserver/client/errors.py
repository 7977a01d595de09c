"""What can go wrong between a client and its server; each text says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core.errors import MockserverError

if TYPE_CHECKING:
    from mockserver.client.shapes import Violation


class ControlError(MockserverError):
    """The server refused to do it.

    Attributes:
        status: the status of the answer, as in 404.
        title: the phrase that belongs to it.
        detail: what was expected, what was found, and what to do.
        violations: the broken rules, each with place, expected and found.
    """

    def __init__(
        self, status: int, title: str, detail: str, violations: tuple[Violation, ...] = ()
    ) -> None:
        """Keep the facts."""
        super().__init__(status, title, detail, violations)  # by which it can be pickled
        self.status = status
        self.title = title
        self.detail = detail
        self.violations = violations

    def __str__(self) -> str:
        """The detail, or the status where the server gave none."""
        return self.detail or f"the server answered {self.status} {self.title}"


class UnreachableError(MockserverError, ConnectionError):
    """No server answers there, or none that can be understood."""


class NotSeenError(MockserverError, TimeoutError):
    """What was waited for did not come in time."""


class UnusableError(MockserverError, ValueError):
    """What a client was told about its server makes no sense."""
