"""Parts of a value that are right for certain, which openapi-core need not go through.

It goes through every part of a value, and takes some ten microseconds for each. In a value that is
wrong most parts are right all the same, and as the plan says yes to whole values, jsonschema-rs
says yes to parts of one. What it does not say yes to is gone through, and told by openapi-core.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jsonschema.validators import extend

from mockserver.contract.translation import Compiler
from mockserver.source import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from mockserver.contract.translation import Check

    Keyword = Callable[[Any, Any, Any, Any], Iterable[Any] | None]

_REBASING = {"$self", "$id", "$schema", "jsonSchemaDialect", "$anchor", "$dynamicAnchor"}
"""What gives the references or the keywords of parts of a document another meaning."""

_MOST = 2**10
"""Schemas that are compiled for this; of a document with more the rest is gone through."""


class SureParts:
    """Tells of the parts of a value whether they are right; any number of threads may ask.

    What one thread compiles is what any other would have compiled.
    """

    def __init__(self, document: Mapping[str, Any], formats: Mapping[str, Check]) -> None:
        """Take a proved document, which does not change, and what is right by each format."""
        held = [value for _, value in walk(document) if isinstance(value, dict)]
        is_plain = not any(_REBASING & value.keys() for value in held)
        self._compiler = Compiler.of(document, formats) if is_plain else None
        self._compiled: dict[int, tuple[object, Check | None]] = {}
        self._passing: dict[type, type] = {}

    def passed_by(self, validator: type) -> type:
        """The same kind of validator, but that it passes by what is right for certain."""
        if self._compiler is None:
            return validator
        if validator not in self._passing:
            self._passing[validator] = self._extended(validator)
        return self._passing[validator]

    def _extended(self, validator: Any) -> type:  # noqa: ANN401 because jsonschema makes these classes
        known = validator.VALIDATORS
        passing = {
            "properties": self._properties(known["properties"]),
            "items": self._items(known["items"]),
        }
        extended: type = extend(validator, passing)  # type: ignore[no-untyped-call]  # because it has no types
        return extended

    def _properties(self, every: Keyword) -> Keyword:
        """The keyword for those properties alone that may be wrong."""

        def properties(validator: Any, value: Any, instance: Any, schema: Any) -> Any:  # noqa: ANN401 because they are jsonschema's
            if isinstance(instance, dict):
                value = {
                    name: of
                    for name, of in value.items()
                    if name in instance and not self._is_right(of, instance[name])
                }
            return every(validator, value, instance, schema)

        return properties

    def _items(self, every: Keyword) -> Keyword:
        """The keyword for those items alone that may be wrong."""

        def items(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:  # noqa: ANN401 because they are jsonschema's
            if not isinstance(instance, list) or self._check(value) is None:
                yield from every(validator, value, instance, schema) or ()
                return
            for at in range(len(schema.get("prefixItems", ())), len(instance)):
                if not self._is_right(value, instance[at]):
                    yield from validator.descend(instance[at], value, path=at)

        return items

    def _is_right(self, schema: object, value: object) -> bool:
        check = self._check(schema)
        try:
            return check is not None and check(value)
        except ValueError:  # nothing that jsonschema-rs takes
            return False

    def _check(self, schema: object) -> Check | None:
        """The check of a schema of the document, which is kept so that no other gets its id."""
        found = self._compiled.get(id(schema))
        if found is None:
            if len(self._compiled) >= _MOST or self._compiler is None:
                return None
            check = self._compiler.compiled(schema) if isinstance(schema, dict) else None
            found = self._compiled[id(schema)] = (schema, check)
        return found[1]
