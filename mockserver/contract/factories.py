"""What openapi-core makes anew for every value it judges, made once for each place of a document.

Its validators take the factories that they make things with, and these remember what they have
made: a document does not change. What is remembered has its name from the document and never from
a client. Threads may share it: what one remembers is what any other would have made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from jsonschema_path import SchemaPath
from jsonschema_path.accessors import SchemaAccessor
from openapi_core.casting.schemas.factories import SchemaCastersFactory
from openapi_core.deserializing.styles import style_deserializers
from openapi_core.deserializing.styles.factories import StyleDeserializersFactory
from openapi_core.templating.datatypes import TemplateResult
from openapi_core.templating.paths.datatypes import PathOperationServer
from openapi_core.templating.paths.finders import APICallPathFinder
from openapi_core.validation.schemas.factories import SchemaValidatorsFactory

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from jsonschema.protocols import Validator
    from openapi_core.casting.schemas.casters import SchemaCaster
    from openapi_core.deserializing.styles.deserializers import StyleDeserializer
    from openapi_core.validation.schemas.validators import SchemaValidator

    from mockserver.contract.sure_parts import SureParts

_SEPARATOR = "#"
"""What openapi-core has between the steps of a path, for names of paths and types hold slashes."""

_MOST = 2**16
"""Paths through a document that are remembered; those through one that holds itself have no end."""

_NOWHERE = object()


class _Accessor(SchemaAccessor):
    """Follows each path through a document once, also one that leads nowhere.

    The cache that the library has for this is not made for threads.
    """

    def __init__(self, *args: Any, **more: Any) -> None:  # noqa: ANN401 because they are the library's
        """Start without any."""
        super().__init__(*args, **more)
        self._followed: dict[Any, Any] = {}

    def get_resolved(self, parts: Any) -> Any:  # noqa: ANN401 because its types are the library's own
        """What a path leads to.

        Raises:
            KeyError: nowhere.
        """
        found = self._followed.get(parts)
        if found is None:
            try:
                found = super().get_resolved(parts)
            except KeyError:
                found = _NOWHERE
            if len(self._followed) < _MOST:
                self._followed[parts] = found
        if found is _NOWHERE:
            raise KeyError(parts[-1])
        return found


def path_of(document: Mapping[str, Any]) -> SchemaPath:
    """The way into a document that does not change, as openapi-core goes through it."""
    return SchemaPath(_Accessor.from_schema(dict(document)), separator=_SEPARATOR)


def factories_of(kind: Any, parts: SureParts) -> dict[str, Any]:  # noqa: ANN401 because requests and answers have no type in common
    """The factories for a kind of validator, by the names that it takes them by."""
    casters = _Casters(kind.schema_casters_factory)
    return {
        "schema_validators_factory": _Validators(kind.schema_validators_factory, parts),
        "schema_casters_factory": casters,
        "style_deserializers_factory": _Styles(casters),
    }


class ByTemplate(APICallPathFinder):
    """Finds the operation that our own matcher has found already, by its exact template."""

    def __init__(self, spec: SchemaPath, base_url: str | None = None) -> None:
        """Start without any."""
        super().__init__(spec, base_url)
        self._found: dict[Hashable, PathOperationServer] = {}

    def find(self, method: str, name: str) -> PathOperationServer:
        """The operation of a method and a template, both as the document has them."""
        return _once(self._found, (method, name), lambda: self._find(method, name))

    def _find(self, method: str, name: str) -> PathOperationServer:
        path = (self.spec / "paths")[name]
        found = TemplateResult(name, {})  # its values are in the request's parameters already
        return PathOperationServer(path, path[method], None, found, None)


class _Validators(SchemaValidatorsFactory):
    """One validator for each schema: to copy all that formats are checked by takes long."""

    def __init__(self, maker: SchemaValidatorsFactory, parts: SureParts) -> None:
        """Make them of the kinds that another would have made them of."""
        super().__init__(maker.schema_validator_cls, maker.format_checker)
        self._maker = maker
        self._parts = parts
        self._made: dict[Hashable, SchemaValidator] = {}

    def get_validator_cls(self, spec: SchemaPath, schema: SchemaPath) -> type[Validator]:
        """The kind for the dialect of a schema, which passes by what is right for certain."""
        return self._parts.passed_by(self._maker.get_validator_cls(spec, schema))

    def create(self, spec: SchemaPath, schema: SchemaPath, *_: Any, **more: Any) -> SchemaValidator:  # noqa: ANN401 because they are openapi-core's
        """The validator of a schema; by what formats it checks is the same in every call."""
        make = super().create
        return _once(self._made, schema.parts, lambda: make(spec, schema, **more))


class _Casters(SchemaCastersFactory):
    """One caster for each schema."""

    def __init__(self, maker: SchemaCastersFactory) -> None:
        """Have them made by this one."""
        super().__init__(maker.schema_validators_factory, maker.types_caster)
        self._maker = maker
        self._made: dict[Hashable, SchemaCaster] = {}

    def create(self, spec: SchemaPath, schema: SchemaPath, *_: Any, **more: Any) -> SchemaCaster:  # noqa: ANN401 because they are openapi-core's
        """The caster of a schema."""
        return _once(self._made, schema.parts, lambda: self._maker.create(spec, schema, **more))


class _Styles(StyleDeserializersFactory):
    """One reader for each parameter, each header and each field of a form."""

    def __init__(self, casters: SchemaCastersFactory) -> None:
        """Have values cast by these."""
        super().__init__(casters, style_deserializers)
        self._made: dict[Hashable, StyleDeserializer] = {}

    def create(
        self, spec: SchemaPath, schema: SchemaPath, style: str, explode: bool, name: str
    ) -> StyleDeserializer:
        """The reader of what has this name and this schema and is written in this style."""
        make = super().create
        key = (schema.parts, style, explode, name)
        return _once(self._made, key, lambda: make(spec, schema, style, explode, name))


_Made = TypeVar("_Made")


def _once(made: dict[Hashable, _Made], key: Hashable, make: Callable[[], _Made]) -> _Made:
    found = made.get(key)
    if found is None:
        found = made[key] = make()
    return found
