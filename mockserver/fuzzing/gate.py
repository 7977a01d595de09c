"""What may be sent at all: asked of every request, right before it goes out.

Off this machine nothing but GET is sent, unless somebody allows a number of others: each may create
something, and may cost money. What schemathesis makes up decides nothing about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.fuzzing.exchanged import Sent
    from mockserver.fuzzing.subject import Subject


class Gate:
    """Counts what may create something.

    Attributes:
        left: how many more requests but GETs may be sent, or None where any number may.
    """

    def __init__(self, left: int | None) -> None:
        """Allow so many."""
        self.left = left

    @property
    def is_limited(self) -> bool:
        """Whether they are counted."""
        return self.left is not None

    def admits(self, subject: Subject, sent: Sent) -> bool:
        """Whether a request may be sent; it counts as sent if so.

        Where they are counted, a path is sent no method that the document does not have for it, and
        the control API nothing but GET: what it creates is for those who test with that server.
        """
        if self.left is None or sent.method == "GET":
            return True
        if not self.left or subject.is_control or subject.operation(sent) is None:
            return False
        self.left -= 1
        return True
