"""Nugen's problems, in the shapes of FastAPI, which it is made with.

Seen: the 403, the 404 of an unknown route, the 429 and the plain 500. FastAPI's own, applied by
inference: 401, 405 and 422. Assumed: the wording of every other.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from mockserver.core.exchange import Response
from mockserver.problems import RefusedError, phrase_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mockserver.core.exchange import Finding, Violation

ASKABLE: tuple[int, ...] = (400, 401, 403, 404, 422, 429, 500, 503)
"""Codes that `Prefer: code=N` may ask for."""

_ALWAYS: Mapping[int, str] = {401: "Not authenticated", 405: "Method Not Allowed"}
_BY_DEFAULT: Mapping[int, str] = {
    429: "Quota limit reached. Please try again later.",
}
_UNKNOWN_KEY = "Could not validate credentials. Reason: API key not found"
_UNREADABLE = "There was an error parsing the body"
_TYPES: Mapping[str, tuple[str, str]] = {
    "string": ("string_type", "Input should be a valid string"),
    "object": ("dict_type", "Input should be a valid dictionary"),
    "array": ("list_type", "Input should be a valid list"),
    "integer": ("int_type", "Input should be a valid integer"),
    "number": ("float_type", "Input should be a valid number"),
    "boolean": ("bool_type", "Input should be a valid boolean"),
}
_BOUNDS: Mapping[str, tuple[str, str, str]] = {
    "maximum": ("less_than_equal", "le", "Input should be less than or equal to {}"),
    "minimum": ("greater_than_equal", "ge", "Input should be greater than or equal to {}"),
}
_WORDED = ("required", "json", "media type", "type")
_NO_OBJECT = "Input should be a valid dictionary or object to extract fields from"
_NO_INTEGER = "Input should be a valid integer, unable to parse string as an integer"
_NO_WHOLE = "Input should be a valid integer, got a number with a fractional part"


def refusal(violations: Sequence[Violation], cause: str) -> RefusedError:
    """The refusal of a request that broke the contract; `cause` is its likely cause.

    Bad documents of a benchmark are a 400 (documented), as is a body that is no text; all else
    is a 422 that tells everything at once.
    """
    documents = [v for v in violations if _location(v)[:2] == ("body", "documents")]
    if documents:
        detail = "; ".join(str(violation) for violation in documents)
        return RefusedError(400, detail, hint=cause, violations=violations)
    if any(violation.rule == "encoding" for violation in violations):
        return RefusedError(400, _UNREADABLE, hint=cause, violations=violations)
    told = {"detail": [_item(violation) for violation in violations]}
    return RefusedError(422, hint=cause, violations=violations, told=told)


def preferred(code: int) -> RefusedError:
    """The problem that `Prefer: code=N` asks for."""
    if code == HTTPStatus.UNPROCESSABLE_ENTITY:
        missing = _told("missing", ("body",), "Field required", None)
        return RefusedError(code, told={"detail": [missing]})
    return RefusedError(code, _UNKNOWN_KEY if code == HTTPStatus.FORBIDDEN else "")


def render(error: RefusedError) -> Response:
    """The answer to a refused request.

    A 401 and a 405 say what FastAPI says, whatever the detail, and a 403 what was seen.
    """
    phrase = phrase_of(error.status)
    if error.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        # The service says no more; a fault of ours must be told.
        text = f"{phrase}\n{error.detail}" if error.detail else phrase
        plain = ("Content-Type", "text/plain; charset=utf-8")
        return Response(500, (plain, *error.headers), text.encode())
    detail = _ALWAYS.get(error.status) or error.detail or _BY_DEFAULT.get(error.status, phrase)
    if error.status == HTTPStatus.FORBIDDEN:
        detail = _UNKNOWN_KEY
    headers = error.headers
    if error.status == HTTPStatus.UNAUTHORIZED:
        others = (pair for pair in headers if pair[0].lower() != "www-authenticate")
        headers = (*others, ("WWW-Authenticate", "Bearer"))
    raw = json.dumps(error.told or {"detail": detail}, ensure_ascii=False, separators=(",", ":"))
    return Response(error.status, (("Content-Type", "application/json"), *headers), raw.encode())


def _location(violation: Violation) -> tuple[str | int, ...]:
    return violation.finding.location if violation.finding is not None else ()


def _told(
    kind: str,
    location: Iterable[str | int],
    message: str,
    found: object,
    **context: object,
) -> dict[str, object]:
    told: dict[str, object] = {"type": kind, "loc": list(location), "msg": message, "input": found}
    return told | ({"ctx": context} if context else {})


def _item(violation: Violation) -> dict[str, object]:
    """One violation as pydantic, which judges for FastAPI, tells it."""
    finding = violation.finding
    if finding is None or violation.rule not in {*_BOUNDS, *_WORDED}:
        part = finding.location if finding is not None else violation.place.split(" ")
        found = finding.value if finding is not None else None
        return _told("value_error", part, f"Value error, expected {violation.expected}", found)
    at, found = finding.location, finding.value
    if violation.rule == "required":
        return _told("missing", at, "Field required", found)
    if violation.rule == "json":
        return _told("json_invalid", at, "JSON decode error", {}, error=finding.limit)
    if violation.rule == "media type" or (violation.rule == "type" and at == ("body",)):
        return _told("model_attributes_type", at, _NO_OBJECT, found)
    if violation.rule in _BOUNDS:
        kind, name, message = _BOUNDS[violation.rule]
        return _told(kind, at, message.format(finding.limit), found, **{name: finding.limit})
    return _wrong_type(finding)


def _wrong_type(finding: Finding) -> dict[str, object]:
    at, found = finding.location, finding.value
    if at[0] != "body":  # all parameters are texts, so only integers among them are of a wrong type
        return _told("int_parsing", at, _NO_INTEGER, found)
    names = finding.limit if isinstance(finding.limit, list) else [finding.limit]
    name = str(names[0])
    if name == "integer" and isinstance(found, float):
        return _told("int_from_float", at, _NO_WHOLE, found)
    if name == "integer" and isinstance(found, str) and not found.strip().isdecimal():
        return _told("int_parsing", at, _NO_INTEGER, found)
    kind, message = _TYPES.get(name, ("value_error", "Input is of a wrong type"))
    return _told(kind, at, message, found)
