"""Values that a schema certainly refuses: right ones with one of its keywords broken."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from mockserver.contract.pointer import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Path = tuple[str | int, ...]

_OF_A_TYPE: tuple[tuple[str, Any], ...] = (
    *(("null", None), ("boolean", True), ("number", 1.5), ("string", "x"), ("array", [])),
    ("object", {}),
)
_KINDS = {dict: "object", list: "array", str: "string", bool: "boolean", float: "number"}
GONE = object()
"""In place of a value that is taken away."""


class Slip(NamedTuple):
    """A place in a value, what stands there instead, and the keyword that this breaks."""

    path: Path
    instead: Any
    keyword: str


def slips(
    value: object, schema: object, document: Mapping[str, Any], path: Path = ()
) -> Iterator[Slip]:
    """Every single way in which a right value can be made wrong for certain.

    Schemas that leave a choice are left alone: what breaks one branch may keep another.
    """
    while isinstance(schema, dict) and "$ref" in schema:
        schema = resolve(document, schema["$ref"])
    if not isinstance(schema, dict):
        return
    for part in schema.get("allOf", ()):
        yield from slips(value, part, document, path)
    if not {"anyOf", "oneOf", "if", "not"} & schema.keys():
        yield from (Slip(path, instead, word) for word, instead in _instead(value, schema))
    if isinstance(value, dict):
        yield from _in_an_object(value, schema, document, path)
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if "prefixItems" not in schema:
            yield from slips(item, schema.get("items"), document, (*path, index))


def _in_an_object(
    value: dict[str, Any], schema: Mapping[str, Any], document: Mapping[str, Any], path: Path
) -> Iterator[Slip]:
    known = schema.get("properties", {})
    for name in schema.get("required", ()):
        yield Slip((*path, name), GONE, "required")
    if schema.get("additionalProperties") is False and "patternProperties" not in schema:
        yield Slip((*path, "no such property"), 1, "additionalProperties")
    for name, inner in value.items():
        within = known.get(name, schema.get("additionalProperties"))
        yield from slips(inner, within, document, (*path, name))


def _instead(value: object, schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What breaks a keyword in place of this value."""
    kinds = schema.get("type", ())
    kinds = {kinds} if isinstance(kinds, str) else set(kinds)
    if kinds:
        kinds |= {"number"} if "integer" in kinds and "number" in kinds else set()
        kinds |= {"null"} if schema.get("nullable") else set()
        yield from (("type", wrong) for kind, wrong in _OF_A_TYPE if kind not in kinds)
    if "enum" in schema or "const" in schema:
        yield "enum", "no such choice"
    for word, beyond in (("minimum", -1), ("maximum", 1)):
        if word in schema and isinstance(value, int | float):
            yield word, schema[word] + beyond
    if isinstance(value, str):
        yield from (("text", wrong) for wrong in _texts(schema))
    if isinstance(value, list) and schema.get("minItems", 0):
        yield "minItems", []


def _texts(schema: Mapping[str, Any]) -> Iterator[str]:
    if schema.get("minLength", 0):
        yield ""
    if "maxLength" in schema:
        yield "x" * (schema["maxLength"] + 1)
    if schema.get("format") in {"date-time", "uuid"}:
        yield "x"
    if "pattern" in schema and not re.search(schema["pattern"], "\x00\n"):
        yield "\x00\n"


def broken(value: object, slip: Slip) -> Any:  # noqa: ANN401 because JSON has no narrower type
    """A copy of the value with this slip."""
    if not slip.path:
        return copy.deepcopy(slip.instead)
    changed = copy.deepcopy(value)
    holder = cast("Any", changed)
    for step in slip.path[:-1]:
        holder = holder[step]
    if slip.instead is GONE:
        del holder[slip.path[-1]]
    else:
        holder[slip.path[-1]] = copy.deepcopy(slip.instead)
    return changed
