"""Placeholders that a client has left in a path: it has filled in nothing of a template.

Clients that were generated from the document as it is published send them, for the parameters of
its paths are declared nowhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mockserver.core.exchange import Kind, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.contract.routes import Match

_PLACEHOLDER = re.compile(r"\{[^{}/]*\}|%7[Bb][^{}/]*%7[Dd]")
_MARK = re.compile("[*:{%]")
"""Without one of these nothing is a placeholder."""
_LONGEST = 60


def left_in(match: Match) -> Iterator[Violation]:
    """Path parameters that still hold the template's own placeholder."""
    for name, value in match.parameters.items():
        if not _MARK.search(value):
            continue
        spelled = {f"*{name}", f":{name}"}  # as routers write it; other names may start so
        left = (s for s in value.split("/") if s in spelled or _PLACEHOLDER.fullmatch(s))
        if segment := next(left, "")[:_LONGEST]:
            yield Violation(
                f"path {name}",
                f"a value for {name}",
                f"the placeholder {segment}",
                Kind.PARAMETER,
                f"fill in {segment} before sending",
            )
