"""The hub's envelope around a problem: the only table of its types and titles.

Types and titles of 400 and 404 are documented, those of 401, 402 and 429 were seen in code,
the rest is assumed in the same style.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from mockserver.core.exchange import Kind, Response
from mockserver.problems import RefusedError, in_words, phrase_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockserver.core.exchange import Violation

RETRY_AFTER = "5"
"""Seconds that oxen-server tells a client to wait after too many requests."""

TYPES: Mapping[int, tuple[str, str]] = {
    400: (
        "invalid_params",
        "Invalid parameters supplied, please check your request and try again.",
    ),
    401: ("unauthenticated", "A valid API key is needed."),
    402: ("insufficient_credits", "There are not enough credits left."),
    403: ("forbidden", "This API key may not do that."),
    404: ("resource_not_found", "The requested resource could not be found"),
    405: ("method_not_allowed", "This path does not take that method."),
    409: ("conflict", "The request does not fit the state of the resource."),
    410: ("gone", "The resource was here and is no more."),
    413: ("payload_too_large", "The body is larger than this server takes."),
    415: ("unsupported_media_type", "The body is not of a type this operation takes."),
    429: ("too_many_requests", "Too many requests, please wait and try again."),
    500: ("unknown_error", "Something went wrong on the server."),
    501: ("not_simulated", "This mock does not simulate that operation."),
    503: ("service_unavailable", "The service is not available, please try again later."),
}
ASKABLE: tuple[int, ...] = (400, 401, 402, 403, 404, 429, 500, 503)
"""Codes that `Prefer: code=N` may ask for."""


def refusal(violations: Sequence[Violation], cause: str) -> RefusedError:
    """The refusal of a request that broke the contract; `cause` is its likely cause."""
    kinds = {violation.kind for violation in violations}
    status = 415 if Kind.MEDIA_TYPE in kinds else 400
    return RefusedError(status, in_words(violations, cause), hint=cause, violations=violations)


def preferred(code: int) -> RefusedError:
    """The problem that `Prefer: code=N` asks for."""
    return RefusedError(code, "" if code == 404 else "as Prefer asked")  # noqa: PLR2004 404 has no detail


def render(error: RefusedError) -> Response:
    """The answer to a refused request."""
    type_, title = TYPES.get(error.status) or _in_style(error.status)
    headers = dict(error.headers)
    if error.status == 401:  # noqa: PLR2004 RFC 9110 asks for the header with this very code
        headers.setdefault("WWW-Authenticate", "Bearer")
    if error.status in {429, 503}:
        headers.setdefault("Retry-After", RETRY_AFTER)
    told = {"type": type_, "title": title}
    if error.detail:
        told["detail"] = error.detail
    body = {"error": told, "status": "error", "status_message": type_}
    return Response(
        error.status,
        (("Content-Type", "application/json"), *headers.items()),
        json.dumps(body, ensure_ascii=False).encode(),
    )


def _in_style(status: int) -> tuple[str, str]:
    """Type and title of a status that the table has not, for what a fault asks for."""
    title = phrase_of(status)
    return "_".join(re.findall("[a-z]+", title.lower().replace("'", ""))), title
