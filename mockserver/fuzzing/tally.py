"""What each operation has answered, and how often."""

from __future__ import annotations

from collections import Counter
from dataclasses import field
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.contract.contract import Operation
    from mockserver.fuzzing.exchanged import Exchanged

SILENCE = "none"
"""Stands for the status where there was no answer."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts by API, operation and status."""

    _codes: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)

    def count(self, exchanged: Exchanged, operation: Operation | None) -> None:
        """Count an exchange; one that asks for no operation counts as that."""
        key = exchanged.api, "" if operation is None else operation.id
        answer = exchanged.answer
        status = SILENCE if answer is None else str(answer.status)
        self._codes.setdefault(key, Counter())[status] += 1

    def every(self) -> Iterator[tuple[str, str, dict[str, int]]]:
        """API, operation and how often each status was answered, in the order of their numbers."""
        for (api, operation), codes in sorted(self._codes.items()):
            yield api, operation, dict(sorted(codes.items()))
