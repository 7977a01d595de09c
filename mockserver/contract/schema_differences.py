"""What differs between two schemas for a client, field by field and however they are written."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from mockserver.contract.pointer import pointer
from mockserver.contract.same import same
from mockserver.contract.shape import Shape
from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockserver.contract.shape import Alternative, Parts, Schemas

_HIGHER_IS_WIDER = {
    "maximum": True,
    "exclusiveMaximum": True,
    "maxLength": True,
    "maxItems": True,
    "maxProperties": True,
    "minimum": False,
    "exclusiveMinimum": False,
    "minLength": False,
    "minItems": False,
    "minProperties": False,
}
_RULES = frozenset(
    {
        "contentEncoding",
        "contentMediaType",
        "exclusiveMaximum",  # true and false are rules, in OpenAPI 3.0
        "exclusiveMinimum",
        "format",
        "multipleOf",
        "pattern",
        "uniqueItems",
    }
)
_EVERY_ENTRY = "*"
"""Stands in a place for the entries of a list, and for fields that are not listed."""


@dataclass(frozen=True, slots=True)
class Found:
    """One difference: its place in the value, and the change by its name in `FIELDS`."""

    place: str
    change: str
    keyword: str = ""
    old: object = None
    new: object = None
    also: tuple[str, ...] = ()


def compared(old_schemas: Schemas, new_schemas: Schemas, old: Parts, new: Parts) -> Iterator[Found]:
    """Every difference between two schemas, each pair of them compared once.

    Where the same pair stands a second time, its differences are told with that place too.
    """
    comparison = _Comparison(old_schemas, new_schemas)
    found = list(comparison.parts(old, new, ""))
    for one in found:
        again = [
            second + one.place[len(first) :]
            for first, second in comparison.again
            if _is_within(one.place, first) and not _is_within(second, first)
        ]
        yield replace(one, also=tuple(again))


def _is_within(place: str, holder: str) -> bool:
    return f"{place}/".startswith(f"{holder}/")


class _Comparison:
    """Compares two schemas and what they lead to."""

    def __init__(self, old: Schemas, new: Schemas) -> None:
        self._old = old
        self._new = new
        self._places: dict[tuple[tuple[str, ...], tuple[str, ...]], str] = {}
        self.again: list[tuple[str, str]] = []

    def parts(self, old: Parts, new: Parts, place: str) -> Iterator[Found]:
        """What differs between schemas, at this place of the value."""
        pair = self._old.identity(old), self._new.identity(new)
        if pair in self._places:
            self.again.append((self._places[pair], place))
            return
        self._places[pair] = place
        before, after = self._old.alternatives(old), self._new.alternatives(new)
        if len(before) == len(after) == 1:
            old_shape, new_shape = self._old.shape(old), self._new.shape(new)
            yield from _of_the_value(old_shape, new_shape, place)
            yield from self._of_what_it_holds(old_shape, new_shape, place)
        else:
            yield from self._of_alternatives(before, after, place)

    def _of_alternatives(
        self, old: list[Alternative], new: list[Alternative], place: str
    ) -> Iterator[Found]:
        for before, after in _paired(old, new):
            if after is None:
                yield Found(place, "alternative gone", old=_told(before))
            elif before is None:
                yield Found(place, "alternative new", new=_told(after))
            else:
                name = f"({after.name or before.name})" if after.name or before.name else ""
                yield from self.parts(before.parts, after.parts, f"{place}{name}")

    def _of_what_it_holds(self, old: Shape, new: Shape, place: str) -> Iterator[Found]:
        for name in dict.fromkeys((*old.properties, *new.properties)):
            here = place + pointer((name,))
            before, after = old.properties.get(name), new.properties.get(name)
            if after is None:
                yield Found(here, "field gone")
            elif before is None:
                yield Found(here, _of_a_new_field(name, old, new))
            else:
                if (name in old.required) is not (name in new.required):
                    yield Found(here, _need(name in new.required))
                yield from self.parts(before, after, here)
        unlisted = (old.required ^ new.required) - old.properties.keys() - new.properties.keys()
        for name in sorted(unlisted):
            yield Found(place + pointer((name,)), _need(name in new.required))
        if old.closed != new.closed:
            yield Found(place, f"further fields {'ruled out' if new.closed else 'allowed'}")
        elif old.further or new.further:
            yield from self.parts(old.further, new.further, f"{place}/{_EVERY_ENTRY}")
        if old.items or new.items:
            yield from self.parts(old.items, new.items, f"{place}/{_EVERY_ENTRY}")


def _of_a_new_field(name: str, old: Shape, new: Shape) -> str:
    if name in new.required - old.required:
        return "required field new"
    return "field new where none was allowed" if old.closed else "field new"


def _need(required: bool) -> str:
    return "field required" if required else "field optional"


def _told(alternative: Alternative | None) -> str:
    return (alternative.name if alternative is not None else "") or "without a name"


def _paired(
    old: Sequence[Alternative], new: Sequence[Alternative]
) -> Iterator[tuple[Alternative | None, Alternative | None]]:
    """Alternatives of the same name together, the others in their order."""
    before, after = _named(old), _named(new)
    names = before.keys() & after.keys()
    yield from ((before[name], after[name]) for name in before if name in names)
    yield from zip_longest(
        (one for one in old if one.name not in names),
        (one for one in new if one.name not in names),
    )


def _named(alternatives: Sequence[Alternative]) -> dict[str, Alternative]:
    """Those that have a name of their own, by it."""
    counts = Counter(one.name for one in alternatives)
    return {one.name: one for one in alternatives if one.name and counts[one.name] == 1}


def _of_the_value(old: Shape, new: Shape, place: str) -> Iterator[Found]:
    """What differs in what the value itself may be."""
    if old.types != new.types:
        change = f"type {_direction(old.types, new.types)}"
        yield Found(place, change, "type", _types(old), _types(new))
    if old.nullable != new.nullable:
        yield Found(place, "null new" if new.nullable else "null gone")
    yield from _of_choices(old.choices, new.choices, place)
    for keyword in dict.fromkeys((*old.keywords, *new.keywords)):
        before, after = old.keywords.get(keyword), new.keywords.get(keyword)
        known = keyword in old.keywords, keyword in new.keywords
        if known != (True, True) or not same(before, after):
            yield Found(place, _of_a_keyword(keyword, before, after, known), keyword, before, after)


def _direction(old: frozenset[str], new: frozenset[str]) -> str:
    if new < old:
        return "narrowed"
    return "widened" if new > old else "changed"


def _types(shape: Shape) -> str:
    """The types in words; all of them are any."""
    told = shape.types - {"integer"} if "number" in shape.types else shape.types
    return "any type" if len(shape.types) == len(Shape().types) else " or ".join(sorted(told))


def _of_choices(old: list[object] | None, new: list[object] | None, place: str) -> Iterator[Found]:
    if old is None or new is None:
        if new is not None:
            yield Found(place, "choices new", "enum", new=new)
        elif old is not None:
            yield Found(place, "choices gone", "enum", old=old)
        return
    for choice in old:
        if not any(same(choice, other) for other in new):
            yield Found(place, "choice gone", "enum", old=choice)
    for choice in new:
        if not any(same(choice, other) for other in old):
            yield Found(place, "choice new", "enum", new=choice)


def _of_a_keyword(keyword: str, old: object, new: object, known: tuple[bool, bool]) -> str:
    """The change of a keyword that one of the two schemas has, or both with other values."""
    sort = _sort(keyword, old, new)
    if known != (True, True):
        return f"{sort} new" if known[1] else f"{sort} gone"
    if sort == "limit" and isinstance(old, int | float) and isinstance(new, int | float):
        return "limit widened" if (new > old) is _HIGHER_IS_WIDER[keyword] else "limit narrowed"
    return f"{sort} changed"


def _sort(keyword: str, old: object, new: object) -> str:
    if keyword in {"default", "deprecated"}:
        return keyword
    is_a_switch = isinstance(old, bool) or isinstance(new, bool)
    if keyword in _HIGHER_IS_WIDER and not is_a_switch:
        return "limit"
    return "rule" if keyword in _RULES else "keyword"
