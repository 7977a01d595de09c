"""The plan: a quick yes to the bodies that keep the contract, compiled by jsonschema-rs.

openapi-core takes milliseconds to find nothing wrong with a list, jsonschema-rs microseconds. So
the plan is asked first, and openapi-core hears of everything that it does not say yes to: it alone
refuses, and its words are the only ones. The plan may stay silent on what is right and must never
say yes to what is wrong; what is not known to mean the same to both is therefore not planned.
"""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from mockserver.contract.repairs import EXTENSION, METHODS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mockserver.core.exchange import Response

Check: TypeAlias = "Callable[[object], bool]"
"""Whether a value is right."""

_PLANNED = ("3.1.", "3.2.")
"""Versions whose schemas are JSON Schema 2020-12; those of 3.0 are of a kind of their own."""

_REBASING = {"$self", "jsonSchemaDialect"}
"""What gives the references or the keywords of a whole document another meaning."""

_ROUTED = tuple(method for method in METHODS if method != "head")
"""The methods that are judged as what they are: HEAD is judged as GET."""

_COMPONENT = re.compile(r"#/components/(\w+)/([A-Za-z0-9._-]+)", re.ASCII)

_SILENT = {
    *("title", "description", "default", "example", "examples"),
    *("deprecated", "externalDocs", "xml", "$comment"),
}
"""Keywords that tell people something and demand nothing."""

_TELLING = {"schema", "example", "examples"}
"""What a media type may say, of which only the schema can be broken."""

_MOST = 2**53
"""Up to here every integer is a float too, and limits mean the same however they are compared."""


def essence(content_type: str) -> str:
    """A media type without its parameters: openapi-core stumbles over `; charset=utf-8`."""
    return content_type.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """Whether a body of this media type is a JSON text (RFC 8259, and the suffix of RFC 6839)."""
    return media_type == "application/json" or media_type.endswith("+json")


class UnplannedError(ValueError):
    """A schema that says something which is not known to mean the same to both validators."""


class Documented(NamedTuple):
    """A body as a document has it, of an answer or of a request.

    Attributes:
        method: in lower case.
        status: as the document writes it, as in "200", "2XX" or "default"; None for a request.
        media_type: without parameters.
    """

    template: str
    method: str
    status: str | None
    media_type: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The bodies of a document, of both directions, that can be said yes to without openapi-core.

    Threads may share it: what one adds to it is what any other would have added.
    """

    _components: Mapping[str, Any]
    _schemas: Mapping[Documented, Any]
    _formats: Mapping[str, Check]
    _read: Callable[[bytes], object]
    _checks: dict[Documented, Check | None] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        document: Mapping[str, Any],
        formats: Mapping[str, Check],
        read: Callable[[bytes], object],
    ) -> Plan:
        """Find the bodies that may be planned; each is compiled when it is first given.

        Args:
            document: a proved document, which does not change any more.
            formats: what is right where a schema names a format; others are not planned.
            read: reads a body as the judge does; raises ValueError for what is no JSON.
        """
        components = document.get("components", {}).get("schemas", {})
        return cls(components, dict(_bodies(document)), formats, read)

    def planned(self) -> Mapping[Documented, Any]:
        """Every body that can be said yes to, with its schema."""
        return {given: schema for given, schema in self._schemas.items() if self._check(given)}

    def takes(self, template: str, method: str, content_type: str, body: bytes) -> bool:
        """Whether the body of a request keeps the contract for certain; a no tells nothing."""
        return self._is_kept(
            Documented(template, method.lower(), None, essence(content_type)), body
        )

    def says_yes(self, template: str, method: str, response: Response) -> bool:
        """Whether an answer keeps the contract for certain; a no tells nothing."""
        media_type = essence(response.header("Content-Type") or "")
        given = Documented(template, method.lower(), str(response.status), media_type)
        return self._is_kept(given, response.body)

    def _is_kept(self, given: Documented, raw: bytes) -> bool:
        check = self._check(given)
        if check is None:
            return False
        try:
            return check(self._read(raw))
        except ValueError:  # no JSON, or nothing that jsonschema-rs takes
            return False

    def _check(self, given: Documented) -> Check | None:
        if given not in self._schemas:
            return None
        if given not in self._checks:
            self._checks[given] = self._compiled(self._schemas[given])
        return self._checks[given]

    def _compiled(self, schema: object) -> Check | None:
        try:
            return _compile(_Translation(self._components, dict(self._formats)), schema)
        except Exception:  # noqa: BLE001 because whatever cannot be compiled is judged at length
            return None


def _bodies(document: Mapping[str, Any]) -> Iterator[tuple[Documented, Any]]:
    """Every body in JSON that has a schema, and nothing else that could be broken."""
    if not document["openapi"].startswith(_PLANNED) or _REBASING & document.keys():
        return
    for template, item in document["paths"].items():
        for method in _ROUTED if "$ref" not in item else ():
            for status, content in _contents(document, item.get(method, {})):
                for media_type, described in content.items():
                    if is_json(media_type) and _is_a_schema_alone(described):
                        yield Documented(template, method, status, media_type), described["schema"]


def _is_a_schema_alone(described: Mapping[str, Any]) -> bool:
    said = {key for key in described if not key.startswith(EXTENSION)}
    return "schema" in said and said <= _TELLING


def _contents(
    document: Mapping[str, Any], operation: Mapping[str, Any]
) -> Iterator[tuple[str | None, Mapping[str, Any]]]:
    """By status what may be in each answer of an operation; by None what in its request."""
    yield None, _content(document, "requestBodies", operation.get("requestBody", {}))
    for status, response in operation.get("responses", {}).items():
        if not status.startswith(EXTENSION):
            yield status, _content(document, "responses", response)


def _content(
    document: Mapping[str, Any], kind: str, holder: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The media types of a request, or of a response without headers, with what is said of each."""
    if "$ref" in holder:
        found = _COMPONENT.fullmatch(holder["$ref"])
        known = document.get("components", {}).get(kind, {})
        holder = known.get(found[2], {}) if found and found[1] == kind else {}
    if holder.keys() & {"headers", "$ref"}:
        return {}
    content: Mapping[str, Any] = holder.get("content", {})
    return content


@dataclass(slots=True)
class _Translation:
    """Schemas in those keywords alone that both validators are known to read alike.

    Attributes:
        components: the schemas that can be referred to, by name.
        formats: what is right where a schema names a format; each pattern adds one of its own.
        definitions: the components that were referred to, translated; None for one being read.
    """

    components: Mapping[str, Any]
    formats: dict[str, Check]
    definitions: dict[str, object] = field(default_factory=dict)

    def of(self, schema: object) -> object:
        """The same schema in planned keywords.

        Raises:
            UnplannedError: it has another keyword, or one with a value that is not planned.
        """
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, dict):
            raise UnplannedError(type(schema).__name__)
        told = {
            keyword: self._value(keyword, value)
            for keyword, value in schema.items()
            if keyword not in _SILENT and not keyword.startswith(EXTENSION)
        }
        matching = told.pop("pattern", None)
        return {"allOf": [told, {"format": matching}]} if matching else told

    def _value(self, keyword: str, value: object) -> object:
        if keyword not in _KEYWORDS:
            raise UnplannedError(keyword)
        return _KEYWORDS[keyword](self, value)

    def as_it_stands(self, value: object) -> object:
        """A value that can be wrong only in ways in which it cannot be compiled."""
        return value

    def plain(self, value: object) -> object:
        """A limit, or the one value that is right."""
        if isinstance(value, int | float):
            is_plain = abs(value) <= _MOST
        else:
            is_plain = value is None or isinstance(value, str)
        if not is_plain:
            raise UnplannedError(repr(value))
        return value

    def choices(self, values: list[object]) -> object:
        """The values that are right."""
        return [self.plain(value) for value in values]

    def several(self, schemas: list[object]) -> object:
        """Schemas in a list."""
        return [self.of(schema) for schema in schemas]

    def named(self, schemas: Mapping[str, object]) -> object:
        """Schemas by name."""
        return {name: self.of(schema) for name, schema in schemas.items()}

    def format(self, name: str) -> object:
        """A format that is read in our own way; openapi-core has its own way with others."""
        if name not in self.formats:
            raise UnplannedError(name)
        return name

    def pattern(self, pattern: str) -> object:
        r"""The name of the format of those texts in which the pattern is found.

        Rust reads regular expressions in its own way: \d is fewer digits there, and $ does not
        stand before a last line feed. So Python's own search is asked, as openapi-core asks it.
        """
        if importlib.util.find_spec("regress"):
            raise UnplannedError("openapi-core asks regress where that is installed")
        search = re.compile(pattern).search
        name = f"pattern {pattern}"
        self.formats[name] = lambda text: search(str(text)) is not None
        return name

    def reference(self, reference: str) -> object:
        """A reference to a component, which is translated too."""
        found = _COMPONENT.fullmatch(reference)
        if found is None or found[1] != "schemas":
            raise UnplannedError(reference)
        name = found[2]
        if name not in self.definitions:
            self.definitions[name] = None
            self.definitions[name] = self.of(self.components[name])
        elif self.definitions[name] is None:
            raise UnplannedError(f"a circle over {name}, which Python follows only so far")
        return f"#/$defs/{name}"


_KEYWORDS: Mapping[str, Callable[[_Translation, Any], object]] = {
    **dict.fromkeys(("type", "required", "dependentRequired"), _Translation.as_it_stands),
    **dict.fromkeys(("minimum", "maximum", "const"), _Translation.plain),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), _Translation.plain),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _Translation.plain),
    **dict.fromkeys(("minProperties", "maxProperties"), _Translation.plain),
    **dict.fromkeys(("items", "additionalProperties"), _Translation.of),
    **dict.fromkeys(("prefixItems", "allOf", "anyOf", "oneOf"), _Translation.several),
    "properties": _Translation.named,
    "enum": _Translation.choices,
    "format": _Translation.format,
    "pattern": _Translation.pattern,
    "$ref": _Translation.reference,
}
"""How the value of each planned keyword is translated."""


def _compile(translation: _Translation, schema: object) -> Check:
    from jsonschema_rs import (  # noqa: PLC0415 because a document of 3.0 has no need of it
        Draft202012Validator,
    )

    validator = Draft202012Validator(
        {"allOf": [translation.of(schema)], "$defs": translation.definitions},
        formats=translation.formats,
        validate_formats=True,
        ignore_unknown_formats=False,
    )
    return validator.is_valid
