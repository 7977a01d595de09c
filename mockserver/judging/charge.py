"""What is held against recorded traffic: one finding about one exchange."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from mockserver.core.exchange import Violation
    from mockserver.judging.entry import Entry
    from mockserver.judging.overlaid import Tightening


class Sort(StrEnum):
    """What was broken, and so who may be wrong."""

    DOCUMENT = "document"
    """The published document: the server is wrong."""
    RULE = "rule"
    """A temporal rule, or one of HTTP or JSON: the server is wrong."""
    REQUEST = "request"
    """The published document, by what was sent: the client is wrong."""
    ASSUMPTION = "assumption"
    """Something that this package assumes where nothing is documented: we may be wrong."""


@dataclass(frozen=True, slots=True)
class Charge:
    """One thing that is wrong with one exchange.

    Attributes:
        operation: the operation by its id, empty where the entry is of none.
        source: the action of an overlay that assumes what was broken, where there is one.
    """

    sort: Sort
    entry: Entry
    operation: str
    violation: Violation
    source: Tightening | None = None
