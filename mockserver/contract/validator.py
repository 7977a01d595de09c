"""openapi-core over one document, asked for every error and not just the first.

Routes and tokens are settled before (libraries differ in both); openapi-core is told which
operation is meant and judges parameters, bodies and answers against the document. To import it
takes half a second, so this module is imported only when something has to be judged by it.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeGuard

from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.templating.datatypes import TemplateResult
from openapi_core.templating.paths.datatypes import PathOperationServer
from openapi_core.templating.paths.finders import APICallPathFinder
from openapi_core.validation.request.exceptions import MissingRequiredRequestBody
from werkzeug.datastructures import Headers, ImmutableMultiDict

from mockserver.contract.found import StumbledError, told_of_answer, told_of_request
from mockserver.contract.json_text import read_json
from mockserver.contract.plan import essence, is_json
from mockserver.core.exchange import Request
from mockserver.source import walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jsonschema_path import SchemaPath

    from mockserver.contract.translation import Check
    from mockserver.core.exchange import Response, Violation

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
            dict(_without_ages(document)),
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
            yield from told_of_request(error, request, parameters)

    def parameters(
        self, template: str, request: Request, parameters: Mapping[str, str]
    ) -> Iterator[Violation]:
        """Everything in the parameters that does; the body is not looked at."""
        asked = _asked(template, replace(request, body=b""), parameters)
        for error in _found(self._api.request_validator.iter_errors(asked)):
            if not isinstance(error, MissingRequiredRequestBody):
                yield from told_of_request(error, request, parameters)

    def response(self, template: str, method: str, response: Response) -> Iterator[Violation]:
        """Everything in an answer that breaks the contract of this operation."""
        asked = _asked(template, Request(method, template), {})
        content_type = _media_type(response.header("Content-Type") or "")
        answered = _Answered(
            response.status, Headers(list(response.headers)), content_type, response.body
        )
        for error in _found(self._api.response_validator.iter_errors(asked, answered)):
            yield from told_of_answer(error, response)


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
