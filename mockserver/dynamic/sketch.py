"""What a document says of a value, as a tree to walk beside the value; worked out once a place."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from mockserver.contract.plan import is_json
from mockserver.contract.shape import Schemas, Shape, part_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockserver.contract.contract import Operation
    from mockserver.contract.shape import Parts

ANY_TYPE = Shape().types
"""The types of a value of which nothing is said."""

Path = tuple[str | int, ...]
"""Where in a value: the steps of a JSON pointer."""


class Sketch:
    """What is said of a value, and of every value within it."""

    def __init__(self, schemas: Schemas, parts: Parts) -> None:
        """Of the value that keeps all of these schemas."""
        self._schemas = schemas
        self._parts = parts
        self._fields: dict[str, Sketch] = {}

    @cached_property
    def branches(self) -> tuple[Sketch, ...]:
        """The schemas of which it keeps one; none where there is no choice."""
        found = self._schemas.alternatives(self._parts)
        if len(found) == 1:
            return ()
        return tuple(Sketch(self._schemas, one.parts) for one in found)

    @cached_property
    def shape(self) -> Shape:
        """What all of its schemas say together."""
        return self._schemas.shape(self._parts)

    @property
    def says_nothing(self) -> bool:
        """Whether any value will do."""
        shape = self.shape
        told = shape.properties or shape.required or shape.closed or shape.further or shape.items
        return not (told or shape.keywords or shape.choices is not None) and shape.types == ANY_TYPE

    def field(self, name: str) -> Sketch:
        """Of the value under this name."""
        if name not in self._fields:
            parts = self.shape.properties.get(name, self.shape.further)
            self._fields[name] = Sketch(self._schemas, parts)
        return self._fields[name]

    @cached_property
    def item(self) -> Sketch:
        """Of each item of a list."""
        return Sketch(self._schemas, self.shape.items)

    def at(self, path: Path) -> Sketch:
        """Of what stands at this place within."""
        here = self
        for step in path:
            here = here.item if isinstance(step, int) else here.field(step)
        return here

    def walk(self, value: object, path: Path = ()) -> Iterator[tuple[Path, object, Sketch]]:
        """A value and every value within it, each with its place and what is said of it.

        What a choice of schemas is said of is not entered: which one it keeps is not known.
        """
        yield path, value, self
        if self.branches:
            return
        if isinstance(value, dict):
            for name, inner in value.items():
                yield from self.field(name).walk(inner, (*path, name))
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                yield from self.item.walk(inner, (*path, index))


class Sketches:
    """The answers that a document describes, each sketched once."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Of a repaired document."""
        self._document = document
        self._schemas = Schemas(document)
        self._known: dict[tuple[str, int], Sketch | None] = {}

    def of(self, operation: Operation, status: int) -> Sketch | None:
        """Of the JSON body of this answer, or None where the document describes none."""
        key = operation.id, status
        if key not in self._known:
            self._known[key] = self._sketched(operation, status)
        return self._known[key]

    def of_request(self, operation: Operation) -> Sketch | None:
        """Of the JSON body of a request, or None where the operation takes none."""
        return self._of_content(self._described(operation).get("requestBody"), operation.id)

    def _described(self, operation: Operation) -> Mapping[str, Any]:
        item = self._schemas.resolved(self._document["paths"].get(operation.template))
        return self._schemas.resolved(item.get(operation.method.lower()))

    def _sketched(self, operation: Operation, status: int) -> Sketch | None:
        responses = self._described(operation).get("responses", {})
        by_status = {str(code): answer for code, answer in responses.items()}
        told = by_status.get(str(status), by_status.get("default"))
        return self._of_content(told, f"{operation.id}/{status}")

    def _of_content(self, holder: object, at: str) -> Sketch | None:
        """Of what is JSON in an answer, or in a request's body."""
        for name, held in self._schemas.resolved(holder).get("content", {}).items():
            if is_json(name) and isinstance(held, dict) and "schema" in held:
                return Sketch(self._schemas, part_of(held["schema"], f"#/{at}"))
        return None
