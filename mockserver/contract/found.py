"""What openapi-core finds wrong, in our words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from openapi_core.casting.schemas.exceptions import CastError
from openapi_core.templating.media_types.exceptions import MediaTypeNotFound
from openapi_core.templating.responses.exceptions import ResponseNotFound
from openapi_core.validation.request.exceptions import (
    MissingRequiredParameter,
    MissingRequiredRequestBody,
    ParameterValidationError,
)
from openapi_core.validation.response.exceptions import HeaderValidationError, MissingData
from openapi_core.validation.schemas.exceptions import InvalidSchemaValue

from mockserver.contract.json_text import NotJsonError, read_json
from mockserver.contract.plan import essence
from mockserver.contract.wording import shown, type_in_words, violations_of, within
from mockserver.core.exchange import Finding, Kind, Violation
from mockserver.core.plain import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from jsonschema.exceptions import ValidationError

    from mockserver.core.exchange import Request, Response


class StumbledError(Exception):
    """openapi-core has raised what it means to raise for nobody."""


def told_of_request(
    error: Exception, request: Request, parameters: Mapping[str, str]
) -> Iterator[Violation]:
    """What is wrong with a request by an error of openapi-core's."""
    cause = error if isinstance(error, InvalidSchemaValue) else error.__cause__
    if isinstance(error, ParameterValidationError):
        yield from _told_of_parameter(error, cause, _sent(error, request, parameters))
    elif isinstance(error, MissingRequiredRequestBody):
        missing = Finding(("body",), None, None)
        yield Violation(
            "body", "a JSON body (required)", "nothing", Kind.BODY, "", "required", missing
        )
    elif isinstance(cause, MediaTypeNotFound):
        found = request.headers.get("content-type") or "no Content-Type"
        known = " or ".join(cause.availableMimetypes) or "no body"
        sent = Finding(("body",), None, request.body.decode(errors="replace"))
        place = "header Content-Type"
        yield Violation(place, known, found[:80], Kind.MEDIA_TYPE, "", "media type", sent)
    elif isinstance(cause, InvalidSchemaValue):
        yield from violations_of(_errors(cause), within("body"), Kind.BODY, ("body",))
    elif isinstance(error, NotJsonError):
        yield _no_json(error)
    elif isinstance(error, StumbledError):
        yield _unreadable(request.headers.get("content-type", ""), Kind.BODY)
    else:
        yield _unread(request.body)


def _unreadable(content_type: str, kind: Kind) -> Violation:
    name = essence(content_type) or "a documented type"
    return Violation(
        "body", f"a body of {shortened(name)}", "one that cannot be read as that", kind
    )


def _no_json(error: NotJsonError) -> Violation:
    at = error.position
    rule = "encoding" if at is None else "json"
    place = ("body",) if at is None else ("body", at)
    finding = Finding(place, error.reason, None)
    return Violation("body", "a JSON value", str(error), Kind.BODY, "", rule, finding)


def _unread(raw: bytes) -> Violation:
    """What is wrong with a body that openapi-core itself has failed to read."""
    try:
        read_json(raw)
    except NotJsonError as error:
        return _no_json(error)
    return Violation("body", "a JSON value", "something openapi-core cannot read", Kind.BODY)


def _sent(
    error: ParameterValidationError, request: Request, parameters: Mapping[str, str]
) -> str | None:
    """A parameter as it was sent, before it was cast; of a repeated one the last."""
    match error.location:
        case "query":
            return dict(request.query).get(error.name)
        case "path":
            return parameters.get(error.name)
        case _:
            return request.headers.get(error.name.lower())


def _told_of_parameter(
    error: ParameterValidationError, cause: BaseException | None, sent: str | None
) -> Iterator[Violation]:
    place, where = f"{error.location} {error.name}", (error.location, error.name)
    if isinstance(error, MissingRequiredParameter):
        finding = Finding(where, None, None)
        yield Violation(
            place, "a value (required)", "nothing", Kind.PARAMETER, "", "required", finding
        )
    elif isinstance(cause, InvalidSchemaValue):
        for told in violations_of(_errors(cause), within(place), Kind.PARAMETER, where):
            finding = told.finding or Finding(where, None, None)
            yield replace(told, finding=replace(finding, value=sent))
    elif isinstance(cause, CastError):
        finding = Finding(where, cause.type, sent)
        expected, found = type_in_words(cause.type), shown(cause.value)
        yield Violation(place, expected, found, Kind.PARAMETER, "", "type", finding)
    else:
        reason = str(cause or error)[:120]
        expected = "a value of the documented type"
        yield Violation(
            place, expected, reason, Kind.PARAMETER, "", "type", Finding(where, None, sent)
        )


def told_of_answer(error: Exception, response: Response) -> Iterator[Violation]:
    """What is wrong with an answer by an error of openapi-core's."""
    cause = error.__cause__
    if isinstance(error, ResponseNotFound):
        yield Violation("status", "a documented status", str(response.status), Kind.ANSWER)
    elif isinstance(error, HeaderValidationError):
        found = response.header(error.name) or "nothing"
        yield Violation(f"header {error.name}", "as documented", found, Kind.ANSWER)
    elif isinstance(error, MissingData):
        yield Violation("body", "a body", "nothing", Kind.ANSWER)
    elif isinstance(cause, MediaTypeNotFound):
        known = " or ".join(cause.availableMimetypes) or "no body"
        found = response.header("Content-Type") or "no Content-Type"
        yield Violation("header Content-Type", known, found, Kind.ANSWER)
    elif isinstance(cause, InvalidSchemaValue):
        yield from violations_of(_errors(cause), within("body"), Kind.ANSWER)
    elif isinstance(error, StumbledError):
        yield _unreadable(response.header("Content-Type") or "", Kind.ANSWER)
    else:
        yield Violation("body", "a JSON value", _why(response.body), Kind.ANSWER)


def _why(raw: bytes) -> str:
    try:
        read_json(raw)
    except NotJsonError as error:
        return str(error)
    return "something openapi-core cannot read"


def _errors(cause: InvalidSchemaValue) -> Iterable[ValidationError]:
    """Its errors are typed more loosely than they are."""
    return cast("Iterable[ValidationError]", cause.schema_errors)
