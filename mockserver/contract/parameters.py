"""Parameters whose values can be read in one way only: texts, plain digits, true and false.

openapi-core reads parameters by style and type and judges what came of it by their schema. Of a
text nothing comes but itself, of plain digits their number; other types, styles and spellings are
left to it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mockserver.contract.repairs import EXTENSION
from mockserver.contract.translation import COMPONENT, UnplannedError
from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mockserver.contract.translation import Check, Compiler
    from mockserver.core.exchange import Request

_PLACES = {"path", "query", "header"}
_SAID = {"name", "in", "required", "schema", "description", "example", "examples"}
"""What a parameter may say; a style, a media type or an age are matters for openapi-core."""

ANY_TEXT = frozenset({"type", "title", "description", "example", "examples"})
"""Keywords beside which a text may be any."""

_PLAIN_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,14})")
"""A whole number as everybody writes it; Python reads more, as in "1_000" and " 1"."""


def _whole(text: str) -> object:
    return int(text) if _PLAIN_WHOLE.fullmatch(text) else None


_READERS: Mapping[str, Callable[[str], object]] = {
    "string": str,
    "integer": _whole,
    "boolean": {"true": True, "false": False}.get,
}
"""What comes of a text, by the type that is asked for; None where that is left to openapi-core."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter that can be read in one way only.

    Attributes:
        place: where it is sent: path, query or header.
        read: what comes of its text, or None where that is not sure.
        check: what a value, once read, must keep; None where any value does.
    """

    place: str
    name: str
    is_required: bool
    read: Callable[[str], object]
    check: Check | None

    def is_kept(self, request: Request, path: Mapping[str, str]) -> bool:
        """Whether it is right in this request for certain; `path` holds the values of the path."""
        text = self._sent(request, path)
        if text is None:
            return not self.is_required
        if not text and self.place == "query":
            return False  # openapi-core refuses the empty value, whatever the schema says
        value = self.read(text)
        return value is not None and (self.check is None or self.check(value))

    def _sent(self, request: Request, path: Mapping[str, str]) -> str | None:
        """Its value; of a repeated one the last."""
        if self.place == "path":
            return path.get(self.name)
        if self.place == "query":
            return dict(request.query).get(self.name)
        return request.headers.get(self.name.lower())


def parameters_of(
    document: Mapping[str, Any], listed: Iterable[Mapping[str, Any]], compiler: Compiler
) -> tuple[Parameter, ...]:
    """The parameters of an operation, of which the first of a name and place counts.

    Raises:
        UnplannedError: one of them may be read in another way.
    """
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for parameter in listed:
        told = _resolved(document, parameter)
        found.setdefault((told["name"], told["in"]), told)
    return tuple(_parameter(told, compiler) for told in found.values())


def _resolved(document: Mapping[str, Any], parameter: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in parameter:
        return parameter
    found = COMPONENT.fullmatch(parameter["$ref"])
    known = document.get("components", {}).get("parameters", {})
    if found is None or found[1] != "parameters" or "name" not in known.get(found[2], {}):
        raise UnplannedError(parameter["$ref"])
    shared: Mapping[str, Any] = known[found[2]]
    return shared


def _parameter(told: Mapping[str, Any], compiler: Compiler) -> Parameter:
    place, name, schema = told["in"], told["name"], told.get("schema")
    said = {key for key in told if not key.startswith(EXTENSION)}
    if not isinstance(schema, dict) or "$ref" in schema:
        raise UnplannedError(name)  # beside a reference openapi-core does not see the type
    if not said <= _SAID or place not in _PLACES:
        raise UnplannedError(name)
    read = next((_READERS[kind] for kind in _READERS if kind == schema.get("type")), None)
    check = compiler.compiled(schema)
    if read is None or check is None:
        raise UnplannedError(name)
    if "default" in schema and not check(schema["default"]):
        raise UnplannedError(f"a default of {name} that its own schema refuses")
    is_required = bool(told.get("required")) and "default" not in schema
    is_any = read is str and schema.keys() <= ANY_TEXT
    return Parameter(place, name, is_required, read, None if is_any else check)
