"""Two openapi-cores that ours must agree with: one as it comes, and one without jsonschema-rs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from openapi_core import Config, OpenAPI
from openapi_core.templating.datatypes import TemplateResult
from openapi_core.templating.paths.datatypes import PathOperationServer
from openapi_core.templating.paths.finders import APICallPathFinder
from werkzeug.datastructures import Headers

from mockserver.contract import validator, wording
from mockserver.contract.found import told_of_answer, told_of_request
from mockserver.contract.json_text import read_json
from mockserver.contract.validator import (
    Validator,
    _Answered,
    _asked,
    _found,
    _json_types,
    _media_type,
    _without_ages,
)
from mockserver.core.exchange import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema_path import SchemaPath

    from mockserver.contract.translation import Check
    from mockserver.core.exchange import Response, Violation


class _NoSureParts:
    """Nothing is right for certain."""

    def __init__(self, document: Mapping[str, Any], formats: Mapping[str, Check]) -> None: ...

    def passed_by(self, kind: type) -> type:
        return kind


def gone_through(document: Mapping[str, Any], formats: Mapping[str, Check]) -> Validator:
    """Our own validator, but that it goes through every part of a value and asks no other."""
    with patch.object(validator, "SureParts", _NoSureParts):
        return Validator(document, formats)


class _ByTemplate(APICallPathFinder):
    def find(self, method: str, name: str) -> PathOperationServer:
        path = (self.spec / "paths")[name]
        return PathOperationServer(path, path[method], None, TemplateResult(name, {}), None)


class _NoSecurity:
    def create(self, scheme: SchemaPath) -> Any:  # noqa: ANN401, ARG002 as openapi-core asks
        return lambda _parameters: None


class Untuned:
    """openapi-core as it comes, which makes everything anew for every value."""

    def __init__(self, document: Mapping[str, Any], formats: Mapping[str, Check]) -> None:
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
    ) -> tuple[Violation, ...]:
        errors = self._api.request_validator.iter_errors(_asked(template, request, parameters))
        with patch.object(wording, "_once_each", iter):
            return tuple(
                told
                for error in _found(errors)
                for told in told_of_request(error, request, parameters)
            )

    def response(self, template: str, method: str, response: Response) -> tuple[Violation, ...]:
        asked = _asked(template, Request(method, template), {})
        content_type = _media_type(response.header("Content-Type") or "")
        headers = Headers(list(response.headers))
        answered = _Answered(response.status, headers, content_type, response.body)
        errors = self._api.response_validator.iter_errors(asked, answered)
        with patch.object(wording, "_once_each", iter):
            return tuple(
                told for error in _found(errors) for told in told_of_answer(error, response)
            )
