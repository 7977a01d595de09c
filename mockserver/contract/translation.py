"""Schemas of a document in the keywords that jsonschema-rs is known to read as openapi-core does.

OpenAPI 3.1 and 3.2 speak JSON Schema 2020-12. The schemas of 3.0 are of a kind of their own: next
of kin is draft 4, in which 1.0 is no integer and a limit is exclusive by a flag, and `nullable`
becomes a type. Whatever else a schema says, it is not translated, and so not planned.
"""

from __future__ import annotations

import importlib.util
import re
from dataclasses import field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from mockserver.contract.repairs import EXTENSION
from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Check: TypeAlias = "Callable[[object], bool]"
"""Whether a value is right."""

COMPONENT = re.compile(r"#/components/(\w+)/([A-Za-z0-9._-]+)", re.ASCII)
"""A reference to a part of the document that others share: its kind and its name."""

_SILENT = {
    *("title", "description", "default", "example", "examples"),
    *("deprecated", "externalDocs", "xml", "$comment"),
}
"""Keywords that tell people something and demand nothing."""

_OPEN_FORMATS = ("float", "double", "password")
"""Formats that every value of JSON has, as openapi-core reads them: they demand nothing either."""

_MOST = 2**53
"""Up to here every integer is a float too, and limits mean the same however they are compared."""

_LIMITS = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}
"""In OpenAPI 3.0 flags of the limits, which mean nothing without them."""

_V30_TYPES = {"string", "number", "integer", "boolean", "array", "object"}


class UnplannedError(ValueError):
    """A schema that says something which is not known to mean the same to both validators."""


@dataclass(slots=True)
class _Translation:
    """Schemas in those keywords alone that both validators are known to read alike.

    Attributes:
        components: the schemas that can be referred to, by name.
        formats: what is right where a schema names a format; each pattern adds one of its own.
        keywords: how the value of each planned keyword is translated.
        definitions: the components that were referred to, translated; None for one being read.
    """

    components: Mapping[str, Any]
    formats: dict[str, Check]
    keywords: Mapping[str, Callable[[Any, Any], object]]
    place: str = "$defs"
    definitions: dict[str, object] = field(default_factory=dict)

    def of(self, schema: object) -> object:
        """The same schema in planned keywords.

        Raises:
            UnplannedError: it has another keyword, or one with a value that is not planned.
        """
        if not isinstance(schema, dict):
            return self.flat(schema)
        told = {
            keyword: self._value(keyword, value)
            for keyword, value in schema.items()
            if not _is_silent(keyword, value)
        }
        matching = told.pop("pattern", None)
        told = self.settled(told)
        return {"allOf": [told, {"format": matching}]} if matching else told

    def _value(self, keyword: str, value: object) -> object:
        if keyword not in self.keywords:
            raise UnplannedError(keyword)
        return self.keywords[keyword](self, value)

    def flat(self, schema: object) -> object:
        """A schema that is no mapping."""
        if isinstance(schema, bool):
            return schema
        raise UnplannedError(type(schema).__name__)

    def settled(self, told: dict[str, Any]) -> dict[str, Any]:
        """A translated schema once its keywords have been seen together."""
        return told

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
        found = COMPONENT.fullmatch(reference)
        if found is None or found[1] != "schemas":
            raise UnplannedError(reference)
        name = found[2]
        if name not in self.definitions:
            self.definitions[name] = None
            self.definitions[name] = self.of(self.components[name])
        elif self.definitions[name] is None:
            raise UnplannedError(f"a circle over {name}, which Python follows only so far")
        return f"#/{self.place}/{name}"


@dataclass(slots=True)
class _Translation30(_Translation):
    """Schemas of OpenAPI 3.0 as those of draft 4."""

    place: str = "definitions"

    def flat(self, schema: object) -> object:
        """No schema is a mere yes or no here, but where more properties are allowed or not."""
        raise UnplannedError(type(schema).__name__)

    def settled(self, told: dict[str, Any]) -> dict[str, Any]:
        """A reference alone, flags with their limits, null among the types where it is right."""
        if "$ref" in told and len(told) > 1:
            raise UnplannedError("a reference with something beside it")
        is_nullable = told.pop("nullable", False)
        if is_nullable and "type" in told:
            told["type"] = [told["type"], "null"]
        return {key: told[key] for key in told if _LIMITS.get(key, key) in told}

    def type(self, name: str) -> object:
        """The one type, which null is not."""
        if name not in _V30_TYPES:
            raise UnplannedError(name)
        return name

    def flag(self, value: object) -> object:
        """A keyword that is said or not."""
        if not isinstance(value, bool):
            raise UnplannedError(repr(value))
        return value

    def more(self, value: object) -> object:
        """What further properties may be."""
        return value if isinstance(value, bool) else self.of(value)


def _is_silent(keyword: str, value: object) -> bool:
    is_open = keyword == "format" and value in _OPEN_FORMATS
    return is_open or keyword in _SILENT or keyword.startswith(EXTENSION)


_SHARED: Mapping[str, Callable[[Any, Any], object]] = {
    "required": _Translation.as_it_stands,
    **dict.fromkeys(("minimum", "maximum"), _Translation.plain),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _Translation.plain),
    **dict.fromkeys(("minProperties", "maxProperties"), _Translation.plain),
    "items": _Translation.of,
    **dict.fromkeys(("allOf", "anyOf", "oneOf"), _Translation.several),
    "properties": _Translation.named,
    "enum": _Translation.choices,
    "format": _Translation.format,
    "pattern": _Translation.pattern,
    "$ref": _Translation.reference,
}
_KEYWORDS: Mapping[str, Callable[[Any, Any], object]] = {
    **_SHARED,
    **dict.fromkeys(("type", "dependentRequired"), _Translation.as_it_stands),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum", "const"), _Translation.plain),
    "additionalProperties": _Translation.of,
    "prefixItems": _Translation.several,
}
_KEYWORDS_30: Mapping[str, Callable[[Any, Any], object]] = {
    **_SHARED,
    "type": _Translation30.type,
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum", "nullable"), _Translation30.flag),
    "additionalProperties": _Translation30.more,
}


class _Dialect(NamedTuple):
    """How the schemas of some versions of OpenAPI are translated, and for which validator."""

    versions: tuple[str, ...]
    translation: type[_Translation]
    keywords: Mapping[str, Callable[[Any, Any], object]]
    validator: str


_DIALECTS = (
    _Dialect(("3.0.",), _Translation30, _KEYWORDS_30, "Draft4Validator"),
    _Dialect(("3.1.", "3.2."), _Translation, _KEYWORDS, "Draft202012Validator"),
)


@dataclass(frozen=True, slots=True)
class Compiler:
    """Makes checks of the schemas of one document.

    Attributes:
        components: the schemas that can be referred to, by name.
        formats: what is right where a schema names a format; others are not planned.
    """

    components: Mapping[str, Any]
    formats: Mapping[str, Check]
    _dialect: _Dialect | None

    @classmethod
    def of(cls, document: Mapping[str, Any], formats: Mapping[str, Check]) -> Compiler:
        """The compiler of a document that does not change any more."""
        version = document["openapi"]
        dialect = next((one for one in _DIALECTS if version.startswith(one.versions)), None)
        return cls(document.get("components", {}).get("schemas", {}), formats, dialect)

    def compiled(self, schema: object) -> Check | None:
        """What tells whether a value keeps the schema, or None where that is not sure."""
        if self._dialect is None:
            return None
        try:
            return self._check(schema, self._dialect)
        except Exception:  # noqa: BLE001 because whatever cannot be compiled is judged at length
            return None

    def _check(self, schema: object, dialect: _Dialect) -> Check:
        import jsonschema_rs  # noqa: PLC0415 because a server that is never asked has no need of it

        told = dialect.translation(self.components, dict(self.formats), dialect.keywords)
        validator = getattr(jsonschema_rs, dialect.validator)(
            {"allOf": [told.of(schema)], told.place: told.definitions},
            formats=told.formats,
            validate_formats=True,
            ignore_unknown_formats=False,
        )
        check: Check = validator.is_valid
        return check
