"""openapi-core over one document, asked for every error and not just the first.

Routes and tokens are settled before (libraries differ in both); openapi-core is told which
operation is meant and judges parameters, bodies and answers against the document. To import it
takes half a second, so this module is imported only when something has to be judged by it.
"""

from __future__ import annotations

import copy
import re
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeGuard

from openapi_core.datatypes import RequestParameters
from openapi_core.validation.request import (
    V30RequestBodyValidator,
    V30RequestParametersValidator,
    V31RequestBodyValidator,
    V31RequestParametersValidator,
    V32RequestBodyValidator,
    V32RequestParametersValidator,
)
from openapi_core.validation.request.exceptions import MissingRequestBody
from openapi_core.validation.response import (
    V30ResponseValidator,
    V31ResponseValidator,
    V32ResponseValidator,
)
from openapi_core.validation.schemas.exceptions import InvalidSchemaValue
from werkzeug.datastructures import Headers, ImmutableMultiDict

from mockserver.contract.factories import ByTemplate, factories_of, path_of
from mockserver.contract.found import StumbledError, told_of_answer, told_of_request
from mockserver.contract.json_text import NotJsonError, read_json
from mockserver.contract.plan import essence, is_json
from mockserver.contract.sure_parts import SureParts
from mockserver.core.dataclass import dataclass
from mockserver.core.exchange import Request
from mockserver.source import walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from openapi_core.validation.schemas.validators import SchemaValidator

    from mockserver.contract.translation import Check
    from mockserver.core.exchange import Response, Violation

_KINDS = {
    "3.0": (V30RequestParametersValidator, V30RequestBodyValidator, V30ResponseValidator),
    "3.1": (V31RequestParametersValidator, V31RequestBodyValidator, V31ResponseValidator),
    "3.2": (V32RequestParametersValidator, V32RequestBodyValidator, V32ResponseValidator),
}
"""By version what judges parameters, bodies and answers; tokens are judged before, by ourselves."""

_FORM = "multipart/form-data"
_BOUNDARY = re.compile(r';\s*boundary="?([^\s;="]+)', re.IGNORECASE)


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
        parameters, body, response = _KINDS[document["openapi"][:3]]
        shared: dict[str, Any] = {
            "path_finder_cls": ByTemplate,
            "extra_format_validators": dict(formats),
            "extra_media_type_deserializers": dict.fromkeys(_json_types(document), read_json),
        }
        document = _without_ages(document)
        self._spec, parts = path_of(document), SureParts(document, formats)
        of_requests = shared | factories_of(body, parts)
        self._parameters = parameters(self._spec, **of_requests)
        self._body = body(self._spec, **of_requests)
        self._response = response(self._spec, **shared, **factories_of(response, parts))
        self._schemas: dict[tuple[str, str, str], SchemaValidator] = {}

    def request(
        self, template: str, request: Request, parameters: Mapping[str, str]
    ) -> Iterator[Violation]:
        """Everything in the request that breaks the contract of this operation."""
        of_parameters = self._parameters.iter_errors(_asked(template, request, parameters))
        for error in _found(chain(of_parameters, self._of_body(template, request))):
            yield from told_of_request(error, request, parameters)

    def parameters(
        self, template: str, request: Request, parameters: Mapping[str, str]
    ) -> Iterator[Violation]:
        """Everything in the parameters that does; the body is not looked at."""
        for error in _found(self._parameters.iter_errors(_asked(template, request, parameters))):
            yield from told_of_request(error, request, parameters)

    def body(self, template: str, request: Request) -> Iterator[Violation]:
        """Everything in the body that does; the parameters are not looked at."""
        for error in _found(self._of_body(template, request)):
            yield from told_of_request(error, request, {})

    def response(self, template: str, method: str, response: Response) -> Iterator[Violation]:
        """Everything in an answer that breaks the contract of this operation."""
        asked = _asked(template, Request(method, template), {})
        content_type = _media_type(response.header("Content-Type") or "")
        answered = _Answered(
            response.status, Headers(list(response.headers)), content_type, response.body
        )
        for error in _found(self._response.iter_errors(asked, answered)):
            yield from told_of_answer(error, response)

    def _of_body(self, template: str, request: Request) -> Iterator[Exception]:
        """What is wrong with a body: of one in JSON that is known without asking for its place."""
        schema = self._schema(template, request) if request.body else None
        if schema is None:
            for error in self._body.iter_errors(_asked(template, request, {})):
                if not isinstance(error, MissingRequestBody):  # which is right where none is needed
                    yield error
            return
        try:
            schema.validate(read_json(request.body))
        except (NotJsonError, InvalidSchemaValue) as error:
            yield error

    def _schema(self, template: str, request: Request) -> SchemaValidator | None:
        """What judges a body in JSON, where the document has its media type by this very name."""
        method = request.routed_method.lower()
        media_type = essence(request.headers.get("content-type", ""))
        found = self._schemas.get((template, method, media_type))
        if found is None and is_json(media_type):
            found = self._made(template, method, media_type)
            if found is not None:
                self._schemas[template, method, media_type] = found
        return found

    def _made(self, template: str, method: str, media_type: str) -> SchemaValidator | None:
        _, operation, *_ = self._body.path_finder.find(method, template)
        content = operation / "requestBody" / "content"
        if media_type not in content or "schema" not in content / media_type:
            return None
        return self._body.schema_validators_factory.create(
            self._spec,
            content / media_type / "schema",
            extra_format_validators=self._body.extra_format_validators,
        )


def _found(errors: Iterator[Exception]) -> Iterator[Exception]:
    """What openapi-core finds wrong, and where it stumbles, as it does over forms that are none."""
    try:
        yield from errors
    except RecursionError:
        raise
    except Exception as error:  # noqa: BLE001 because that is no verdict, and no fault of the server
        yield StumbledError(type(error).__name__)


def _media_type(content_type: str) -> str:
    """What openapi-core is told of a type: of its parameters the boundary of a form alone."""
    name, boundary = essence(content_type), _BOUNDARY.search(content_type)
    return f"{name}; boundary={boundary[1]}" if boundary and name == _FORM else name


def _without_ages(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same, where no parameter is deprecated: openapi-core warns of each that is sent.

    A warning is an error where the server runs in a test run that has it so.
    """
    if not any(_is_deprecated(value) for _, value in walk(document)):
        return document
    timeless = copy.deepcopy(document)
    for value in [value for _, value in walk(timeless) if _is_deprecated(value)]:
        del value["deprecated"]
    return timeless


def _is_deprecated(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict) and isinstance(value.get("in"), str) and "deprecated" in value


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
