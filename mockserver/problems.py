"""What was wrong with a request, as a value; each API words it in its own envelope.

The control paths speak RFC 9457, for which this module has the only wording.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from mockserver.core.errors import MockserverError
from mockserver.core.exchange import Response

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockserver.core.exchange import Violation

STATUSES = frozenset({400, 401, 402, 403, 404, 405, 409, 410, 413, 415, 429, 500, 501, 503})
"""Statuses that any API may refuse with; one may have more of its own, as Nugen has 422."""

CONTROL = "/_mock/"
"""Below this prefix problems are told in RFC 9457's form."""


class RefusedError(MockserverError):
    """A request that gets a problem for an answer.

    Attributes:
        status: one of `STATUSES`, or whatever a fault asks for, from 400 to 599.
        detail: what was wrong, for the body; empty where the API's own words are enough.
        hint: what is nearest or what to do, for a header.
        headers: further headers the answer needs.
        violations: the broken rules, for the journal.
        told: what an API says instead of the detail, where it has a form of its own for it.
    """

    def __init__(  # noqa: PLR0913 because a problem has that many parts, all but one by name
        self,
        status: int,
        detail: str = "",
        *,
        hint: str = "",
        headers: tuple[tuple[str, str], ...] = (),
        violations: Sequence[Violation] = (),
        told: Mapping[str, object] | None = None,
    ) -> None:
        """Keep the facts; the rim words them in the API's envelope."""
        super().__init__(detail or phrase_of(status))
        self.status = status
        self.detail = detail
        self.hint = hint
        self.headers = headers
        self.violations = tuple(violations)
        self.told = told


def phrase_of(status: int) -> str:
    """The phrase that belongs to a status; one that nobody has registered gets a plain one."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Error {status}"


def is_control(path: str) -> bool:
    """Whether a path is one of ours and no API's."""
    return f"{path}/".startswith(CONTROL)


def in_words(violations: Sequence[Violation], cause: str) -> str:
    """Every violation in a line, with its likely cause."""
    detail = "; ".join(str(violation) for violation in violations)
    return f"{detail}. {cause}" if cause else detail


def violation_as_json(violation: Violation) -> dict[str, object]:
    """A violation as the control API tells it."""
    return {
        "place": violation.place,
        "expected": violation.expected,
        "found": violation.found,
        "advice": violation.advice,
        "awaited": violation.awaited,
    }


def render_control(error: RefusedError) -> Response:
    """The answer to a refused request on a control path."""
    title = phrase_of(error.status)
    body: dict[str, object] = {"type": "about:blank", "title": title, "status": error.status}
    if told := error.detail or error.hint:
        body["detail"] = told
    if error.violations:
        body["violations"] = [violation_as_json(violation) for violation in error.violations]
    return Response(
        error.status,
        (("Content-Type", "application/problem+json"), *error.headers),
        json.dumps(body, ensure_ascii=False).encode(),
    )
