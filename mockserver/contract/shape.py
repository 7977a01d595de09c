"""A schema as a client meets it: references followed, `allOf` joined, null told apart.

Documents say the same in several ways: a nullable text is `nullable` in OpenAPI 3.0, a type in 3.1
or a branch of an `anyOf`; an `anyOf` of one branch is that branch. A shape is none of these ways.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from mockserver.contract.pointer import pointer, resolve
from mockserver.contract.repairs import EXTENSION
from mockserver.contract.same import same
from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

TEXTS = frozenset(
    {"$comment", "description", "example", "examples", "externalDocs", "summary", "title", "xml"}
)
"""Keywords for people, which change nothing for a client."""

_TYPES = frozenset({"array", "boolean", "integer", "number", "object", "string"})
_CHOICES = ("anyOf", "oneOf")
_JOINED = frozenset({"$ref", "allOf", *_CHOICES})
_TOLD_APART = frozenset(
    {"type", "nullable", "enum", "const", "properties", "required", "items", "additionalProperties"}
)
_NOTHING_IF_0 = frozenset({"minLength", "minItems", "minProperties"})


@dataclass(frozen=True, slots=True)
class Part:
    """A schema as it is written, and where: recursion is known by the place."""

    value: Mapping[str, Any]
    at: str


Parts = tuple[Part, ...]
"""Schemas that a value must keep together; none of them allow anything."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of the schemas that a value may keep, by the name the document has for it, if any."""

    name: str
    parts: Parts


@dataclass(slots=True)
class Shape:
    """What a value may be.

    Attributes:
        types: the JSON types, integers apart from numbers; all of them where none is told.
        choices: the values of `enum` or `const` but for null; None where any will do.
        keywords: every other keyword that says something, as it is written.
        closed: whether fields that are not listed are ruled out.
        further: what fields that are not listed must be.
    """

    types: frozenset[str] = _TYPES
    nullable: bool = False
    choices: list[object] | None = None
    properties: dict[str, Parts] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    items: Parts = ()
    closed: bool = False
    further: Parts = ()
    keywords: dict[str, Any] = field(default_factory=dict)


class Schemas:
    """The schemas of one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Keep the document for its references."""
        self._document = document
        # Beside a $ref nothing else counts before OpenAPI 3.1.
        self._siblings_count = not str(document.get("openapi")).startswith("3.0")

    def resolved(self, value: object) -> dict[str, Any]:
        """A mapping, or the one that its $ref leads to; empty where there is none."""
        seen: set[str] = set()
        while isinstance(value, dict) and isinstance(reference := value.get("$ref"), str):
            if reference in seen:
                return {}
            seen.add(reference)
            value = resolve(self._document, reference)
        return value if isinstance(value, dict) else {}

    def alternatives(self, parts: Parts) -> list[Alternative]:
        """The schemas of which a value keeps one: the branches, or all parts where none are."""
        plain, groups = self._spread(parts)
        if not groups:
            return [Alternative(_name(parts), parts)]
        opened, *closed = groups
        left = {(group.holder.at, group.keyword) for group in closed}
        bare = {part.at: Part(_bare(part, left), part.at) for part in plain}  # each of them once
        return [
            Alternative(_name((branch,)), (*bare.values(), branch)) for branch in opened.branches
        ]

    def shape(self, parts: Parts) -> Shape:
        """What all parts together say of a value; they leave it no choice of branches."""
        plain, _ = self._spread(parts)
        shape = Shape()
        for part in plain:
            _describe(shape, part)
        return shape

    def identity(self, parts: Parts) -> tuple[str, ...]:
        """What they are known by: where each part stands that says something."""
        plain, groups = self._spread(parts)
        holders = {group.holder.at for group in groups}
        return tuple(part.at for part in plain if part.at in holders or _says_something(part))

    def _spread(self, parts: Parts) -> tuple[list[Part], list[_Group]]:
        """Every schema that a value must keep, and the branches that it has a choice of."""
        plain: list[Part] = []
        groups: list[_Group] = []
        waiting, seen = list(parts), set[tuple[str, bool]]()
        while waiting:
            part = waiting.pop(0)
            known = (part.at, bool(_JOINED & part.value.keys()))
            if known in seen:
                continue
            seen.add(known)
            reference = part.value.get("$ref")
            if isinstance(reference, str):
                waiting.insert(0, _part(resolve(self._document, reference), reference))
                if not self._siblings_count:
                    continue
            plain.append(part)
            waiting[:0] = _members(part, "allOf")
            for keyword in _CHOICES:
                branches = [each for each in _members(part, keyword) if not _is_null(each)]
                if len(branches) == 1:
                    waiting.insert(0, branches[0])
                elif branches:
                    groups.append(_Group(part, keyword, branches))
        return plain, groups


@dataclass(frozen=True, slots=True)
class _Group:
    """Several branches of which a value keeps one, and the schema that has them."""

    holder: Part
    keyword: str
    branches: list[Part]


def _part(value: object, at: str) -> Part:
    """A schema; true allows anything, false nothing."""
    if isinstance(value, dict):
        return Part(value, at)
    return Part({"not": {}} if value is False else {}, at)


def part_of(value: object, at: str) -> Parts:
    """The parts of a schema that stands alone; none where there is no schema."""
    return () if value is None else (_part(value, at),)


def _members(part: Part, keyword: str) -> list[Part]:
    listed = part.value.get(keyword)
    if not isinstance(listed, list):
        return []
    return [_part(value, f"{part.at}/{keyword}/{index}") for index, value in enumerate(listed)]


def _is_null(part: Part) -> bool:
    return part.value.get("type") == "null" or same(part.value.get("enum"), [None])


def _bare(part: Part, left: Collection[tuple[str, str]]) -> dict[str, Any]:
    """A schema without those it joins, but for the groups that are left to open."""
    kept = {
        keyword: said
        for keyword, said in part.value.items()
        if keyword not in _JOINED or (part.at, keyword) in left
    }
    return {**kept, "nullable": True} if _has_null_branch(part) else kept


def _has_null_branch(part: Part) -> bool:
    return any(_is_null(each) for keyword in _CHOICES for each in _members(part, keyword))


def _says_something(part: Part) -> bool:
    return bool(part.value.keys() - _JOINED - TEXTS) or _has_null_branch(part)


def _name(parts: Parts) -> str:
    """What the document calls a schema: the end of its reference, its title, or its type."""
    for part in parts:
        for keyword in ("$ref", "title", "type"):
            if isinstance(name := part.value.get(keyword), str):
                return name.rpartition("/")[2] if keyword == "$ref" else name
    return ""


def _describe(shape: Shape, part: Part) -> None:
    """Add what one part says."""
    value = part.value
    types = value.get("type")
    told = [types] if isinstance(types, str) else types if isinstance(types, list) else []
    if told:
        shape.types &= _accepted(told)
    shape.nullable |= value.get("nullable") is True or "null" in told or _has_null_branch(part)
    for choices in _choices(value):
        shape.nullable |= None in choices and not told
        kept = [choice for choice in choices if choice is not None]
        before = shape.choices
        shape.choices = kept if before is None else [one for one in before if _among(one, kept)]
    properties = value.get("properties")
    for name, schema in (properties if isinstance(properties, dict) else {}).items():
        here = _part(schema, f"{part.at}/properties{pointer((name,))}")
        shape.properties[name] = (*shape.properties.get(name, ()), here)
    if isinstance(required := value.get("required"), list):
        shape.required |= set(required)
    shape.items += part_of(value.get("items"), f"{part.at}/items")
    if (further := value.get("additionalProperties")) is False:
        shape.closed = True
    elif isinstance(further, dict):
        shape.further += part_of(further, f"{part.at}/additionalProperties")
    for keyword, said in _others(value):
        shape.keywords.setdefault(keyword, said)


def _choices(value: Mapping[str, Any]) -> Iterator[list[object]]:
    if isinstance(value.get("enum"), list):
        yield value["enum"]
    if "const" in value:
        yield [value["const"]]


def _among(one: object, several: list[object]) -> bool:
    return any(same(one, other) for other in several)


def _accepted(told: list[str]) -> frozenset[str]:
    """The types without null; a number may be an integer."""
    return _TYPES & ({*told, "integer"} if "number" in told else {*told})


def _others(value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The keywords that say something and are compared as they are written."""
    for keyword, said in value.items():
        if keyword in _JOINED | _TOLD_APART | TEXTS or keyword.startswith((EXTENSION, "$")):
            continue
        if said is False and keyword != "default":
            continue  # what is switched off says nothing
        if keyword in _NOTHING_IF_0 and said == 0:
            continue
        yield keyword, said
