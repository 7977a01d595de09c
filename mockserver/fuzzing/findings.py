"""What was found: each kind of thing once, how often, and the smallest requests that show it."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

_NUMBER = re.compile(r"(?<=/)\d+(?=/|$)")


class Sort(StrEnum):
    """What is wrong."""

    DOCUMENT = "document"
    """An answer breaks the published document."""
    RULE = "rule"
    """An answer cannot be true: by a temporal rule, by itself or as the answer to its request."""
    CONDUCT = "conduct"
    """A request was not treated as HTTP or the document has it: taken, refused, failed, ignored."""
    ASSUMPTION = "assumption"
    """An answer is not as this package assumes where nothing is documented: we may be wrong."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of thing that is wrong.

    Attributes:
        api: the API.
        operation: the operation by its id; empty where a request is of none.
        rule: the name of the rule or the check; of a conduct it tells one kind from another.
        source: the overlay that assumes what was broken, where one does.
        requests: what shows it, as commands for a shell: the last of them is what was wrong.
        count: how often it came.
    """

    sort: Sort
    api: str
    operation: str
    place: str
    expected: str
    found: str
    advice: str = ""
    rule: str = ""
    source: str = ""
    requests: tuple[str, ...] = ()
    count: int = 1

    def after(self, requests: tuple[str, ...]) -> Finding:
        """The same, where these requests have to come before its own."""
        return replace(self, requests=(*requests, *self.requests))

    @property
    def kind(self) -> tuple[str, ...]:
        """What two findings of the same kind have in common.

        What was found differs from one request to the next, and so does what a rule of sums
        expects; which line of a list it is does not matter.
        """
        place = _NUMBER.sub("*", self.place)
        if self.rule == "additionalProperties":
            place = place.rpartition("/")[0]
        of_value = self.expected if self.sort is Sort.DOCUMENT and not self.rule else ""
        status = self.found if place == "status" else ""
        return self.sort, self.api, self.operation, place, self.rule, self.source, of_value, status

    @property
    def size(self) -> tuple[int, int]:
        """How much there is to read of it."""
        return len(self.requests), sum(map(len, self.requests))


class Findings:
    """Every kind of finding; any thread may add to it."""

    def __init__(self) -> None:
        """Begin without any."""
        self._kinds: dict[tuple[str, ...], Finding] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many kinds there are."""
        return len(self._kinds)

    def add(self, finding: Finding) -> None:
        """Take one; of those of a kind the one that is read fastest is kept."""
        with self._lock:
            known = self._kinds.get(finding.kind)
            if known is not None:
                shorter = min(known, finding, key=lambda one: one.size)
                finding = replace(shorter, count=known.count + 1)
            self._kinds[finding.kind] = finding

    def every(self) -> Sequence[Finding]:
        """All of them, in the order in which they came first."""
        with self._lock:
            return tuple(self._kinds.values())
