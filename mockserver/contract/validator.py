"""openapi-core over one document, asked for every error and not just the first, in our words.

Routes and tokens are settled before (libraries differ in both); openapi-core is told which
operation is meant and judges parameters, bodies and answers against the document. To import it
takes half a second, so this module is imported only when something has to be judged by it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from openapi_core import Config, OpenAPI
from openapi_core.casting.schemas.exceptions import CastError
from openapi_core.datatypes import RequestParameters
from openapi_core.templating.datatypes import TemplateResult
from openapi_core.templating.media_types.exceptions import MediaTypeNotFound
from openapi_core.templating.paths.datatypes import PathOperationServer
from openapi_core.templating.paths.finders import APICallPathFinder
from openapi_core.templating.responses.exceptions import ResponseNotFound
from openapi_core.validation.request.exceptions import (
    MissingRequiredParameter,
    MissingRequiredRequestBody,
    ParameterValidationError,
)
from openapi_core.validation.response.exceptions import HeaderValidationError, MissingData
from openapi_core.validation.schemas.exceptions import InvalidSchemaValue
from werkzeug.datastructures import Headers, ImmutableMultiDict

from mockserver.contract.json_text import NotJsonError, read_json
from mockserver.contract.plan import essence, is_json
from mockserver.contract.wording import shortened, shown, type_in_words, violations_of, within
from mockserver.core.exchange import Finding, Kind, Request, Violation
from mockserver.source import walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from jsonschema.exceptions import ValidationError
    from jsonschema_path import SchemaPath

    from mockserver.contract.translation import Check
    from mockserver.core.exchange import Response


_FORM = "multipart/form-data"
_BOUNDARY = re.compile(r';\s*boundary="?([^\s;="]+)', re.IGNORECASE)


class _ByTemplate(APICallPathFinder):
    """Finds the operation that our own matcher has found already, by its exact template."""

    def find(self, method: str, name: str) -> PathOperationServer:
        path = (self.spec / "paths")[name]
        found = TemplateResult(name, {})  # its values are in the request's parameters already
        return PathOperationServer(path, path[method], None, found, None)


class _NoSecurity:
    """Tokens are judged before: openapi-core cannot tell a missing one from a malformed one."""

    def create(self, scheme: SchemaPath) -> Any:  # noqa: ANN401, ARG002 as openapi-core asks
        return lambda _parameters: None


@dataclass(slots=True)
class _Asked:
    """A request in the words of openapi-core."""

    host_url: str
    path: str
    path_pattern: str
    method: str
    parameters: RequestParameters
    content_type: str
    body: bytes | None


@dataclass(slots=True)
class _Answered:
    """An answer in the words of openapi-core."""

    status_code: int
    headers: Headers
    content_type: str
    data: bytes


class Validator:
    """openapi-core over one document; any number of threads may ask it."""

    def __init__(self, document: Mapping[str, Any], formats: Mapping[str, Check]) -> None:
        """Take a proved document, and the formats that are read in our own way."""
        self._api = OpenAPI.from_dict(
            dict(document),
            config=Config(
                spec_validator_cls=None,  # type: ignore[arg-type]  # because None means: skip
                path_finder_cls=_ByTemplate,
                security_provider_factory=_NoSecurity(),  # type: ignore[arg-type]  # because it is typed by class, not by what it does
                extra_format_validators=dict(formats),
                extra_media_type_deserializers=dict.fromkeys(_json_types(document), read_json),
            ),
        )

    def request(
        self, template: str, request: Request, parameters: Mapping[str, str]
    ) -> Iterator[Violation]:
        """Everything in the request that breaks the contract of this operation."""
        asked = _asked(template, request, parameters)
        for error in _found(self._api.request_validator.iter_errors(asked)):
            yield from _told(error, request, parameters)

    def parameters(
        self, template: str, request: Request, parameters: Mapping[str, str]
    ) -> Iterator[Violation]:
        """Everything in the parameters that does; the body is not looked at."""
        asked = _asked(template, replace(request, body=b""), parameters)
        for error in _found(self._api.request_validator.iter_errors(asked)):
            if not isinstance(error, MissingRequiredRequestBody):
                yield from _told(error, request, parameters)

    def response(self, template: str, method: str, response: Response) -> Iterator[Violation]:
        """Everything in an answer that breaks the contract of this operation."""
        asked = _asked(template, Request(method, template), {})
        content_type = _media_type(response.header("Content-Type") or "")
        answered = _Answered(
            response.status, Headers(list(response.headers)), content_type, response.body
        )
        for error in _found(self._api.response_validator.iter_errors(asked, answered)):
            yield from _told_of_answer(error, response)


class _StumbledError(Exception):
    """openapi-core has raised what it means to raise for nobody."""


def _found(errors: Iterator[Exception]) -> Iterator[Exception]:
    """What openapi-core finds wrong, and where it stumbles, as it does over forms that are none."""
    try:
        yield from errors
    except RecursionError:
        raise
    except Exception as error:  # noqa: BLE001 because that is no verdict, and no fault of the server
        yield _StumbledError(type(error).__name__)


def _media_type(content_type: str) -> str:
    """What openapi-core is told of a type: of its parameters the boundary of a form alone."""
    name, boundary = essence(content_type), _BOUNDARY.search(content_type)
    return f"{name}; boundary={boundary[1]}" if boundary and name == _FORM else name


def _json_types(document: Mapping[str, Any]) -> set[str]:
    """The media types of the document that are JSON; openapi-core knows but few of them."""
    contents = (value.get("content") for _, value in walk(document) if isinstance(value, dict))
    named = {name for content in contents if isinstance(content, dict) for name in content}
    return {"application/json", *filter(is_json, named)}


def _asked(template: str, request: Request, parameters: Mapping[str, str]) -> _Asked:
    return _Asked(
        host_url="",
        path=template,
        path_pattern=template,
        method=request.routed_method.lower(),
        parameters=RequestParameters(
            path=dict(parameters),
            query=ImmutableMultiDict(request.query[::-1]),  # of a repeated one the last counts
            header=Headers(list(request.headers.items())),
            cookie=ImmutableMultiDict(),
        ),
        content_type=_media_type(request.headers.get("content-type", "")),
        body=request.body or None,
    )


def _errors(cause: InvalidSchemaValue) -> Iterable[ValidationError]:
    """Its errors are typed more loosely than they are."""
    return cast("Iterable[ValidationError]", cause.schema_errors)


def _told(error: Exception, request: Request, parameters: Mapping[str, str]) -> Iterator[Violation]:
    cause = error.__cause__
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
    elif isinstance(error, _StumbledError):
        yield _unreadable(request.headers.get("content-type", ""), Kind.BODY)
    else:
        yield _no_json(request.body)


def _unreadable(content_type: str, kind: Kind) -> Violation:
    name = essence(content_type) or "a documented type"
    return Violation(
        "body", f"a body of {shortened(name)}", "one that cannot be read as that", kind
    )


def _no_json(raw: bytes) -> Violation:
    try:
        read_json(raw)
    except NotJsonError as error:
        at = error.position
        rule = "encoding" if at is None else "json"
        place = ("body",) if at is None else ("body", at)
        finding = Finding(place, error.reason, None)
        return Violation("body", "a JSON value", str(error), Kind.BODY, "", rule, finding)
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


def _told_of_answer(error: Exception, response: Response) -> Iterator[Violation]:
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
    elif isinstance(error, _StumbledError):
        yield _unreadable(response.header("Content-Type") or "", Kind.ANSWER)
    else:
        yield Violation("body", "a JSON value", _why(response.body), Kind.ANSWER)


def _why(raw: bytes) -> str:
    try:
        read_json(raw)
    except NotJsonError as error:
        return str(error)
    return "something openapi-core cannot read"
