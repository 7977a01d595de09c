"""The one tree of exceptions this package raises on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core.plain import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockserver.core.exchange import Violation


class MockserverError(Exception):
    """Root of every error raised on purpose; its text is written for the person at the keyboard."""


class IllegalLifeCycleError(MockserverError, ValueError):
    """A table of statuses that no life could follow from its beginning to an end."""


class IllegalTimelineError(MockserverError, ValueError):
    """A timeline, or the work that rides on it, that no evaluation could live through."""


class IllegalTransitionError(MockserverError):
    """A change of status that the life cycle does not allow from where the evaluation stands."""


class NoRoomError(MockserverError):
    """A bound on what clients can make us keep is reached; the text says which, and what to do."""


class FlawedError(MockserverError):
    """Something a person wrote is wrong; every flaw is listed, not just the first.

    Attributes:
        flaws: what is wrong, each with place, expected and found.
    """

    def __init__(self, headline: str, flaws: Sequence[Violation]) -> None:
        """Keep the flaws as facts and word them under the headline."""
        self.flaws = tuple(flaws)
        super().__init__("\n".join([plain(headline), *(f"  {flaw}" for flaw in self.flaws)]))


class UnreadableDocumentError(FlawedError):
    """An OpenAPI document or overlay that cannot be served, even after repairs."""


class BadFixturesError(FlawedError):
    """Fixture files that cannot be used."""


class BadSettingsError(FlawedError):
    """Settings from a file, the environment or the command line that make no sense."""


class BadSnapshotError(FlawedError):
    """A snapshot that no sandbox can be restored to."""
