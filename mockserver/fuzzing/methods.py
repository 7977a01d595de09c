"""A method that a path does not have, where the path surely is one: 405 is due, and not 404.

schemathesis asks for such methods too, with ids that it has made up, and lets a 404 pass: there may
be nothing there. So the first time that an operation is answered with what was asked for, the same
URL is asked by another method.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass
from mockserver.fuzzing.findings import Finding, Sort

if TYPE_CHECKING:
    from mockserver.contract.contract import Operation
    from mockserver.fuzzing.exchanged import Exchanged, Sent

_OTHER = "PATCH"
"""None of the APIs has it anywhere."""
_OTHERWISE = frozenset({401, 403, 405, 429, 501})
"""Who is not let in learns nothing of methods; and 501 is for methods that nobody knows there."""


@dataclass(frozen=True, slots=True)
class Methods:
    """Remembers where it has asked."""

    _asked: set[str] = field(default_factory=set)

    def due(self, operation: Operation, exchanged: Exchanged) -> Sent | None:
        """What to ask after an exchange, where it is the first good answer of an operation."""
        answer = exchanged.answer
        is_there = answer is not None and answer.status in range(200, 300)
        if not is_there or exchanged.sent.method != "GET" or operation.id in self._asked:
            return None
        self._asked.add(operation.id)
        return replace(exchanged.sent, method=_OTHER)


def wrong_method(api: str, operation: Operation, exchanged: Exchanged, curl: str) -> Finding | None:
    """What is wrong with the answer to such a request."""
    answer = exchanged.answer
    if answer is None or answer.status in _OTHERWISE:
        return None
    return Finding(
        sort=Sort.CONDUCT,
        api=api,
        operation=operation.id,
        place="status",
        expected=f"405, for the document has no {_OTHER} where GET is answered",
        found=str(answer.status),
        advice="RFC 9110, 15.5.6",
        rule="unsupported method",
        requests=(curl,),
    )
