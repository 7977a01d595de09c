"""Mutations that break the strict contract: what stands in an answer may not stand there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.dynamic.mutation import Group, Mutation
from mockserver.dynamic.worlds import any_status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockserver.dynamic.mutation import Edit, Ground

_NO_FIELD = "unknown_to_every_document"
_NO_WORD = "no-such-word"
_WRONG: tuple[tuple[type, object], ...] = (
    (bool, "true"),
    (int, "12"),
    (float, "0.5"),
    (str, 12),
    (list, {}),
    (dict, []),
)
"""What a value of each type becomes: what sloppy servers send in its place."""


def a_field_missing(ground: Ground) -> Iterator[Edit]:
    """A field that must be there is left out."""
    for path, value, here in ground.places:
        if isinstance(value, dict):
            required = (name for name in value if name in here.shape.required)
            yield from (ground.drop((*path, name)) for name in required)


def nothing_in_it(ground: Ground) -> Iterator[Edit]:
    """An object that must hold something is empty."""
    for path, value, here in ground.places:
        if isinstance(value, dict) and value and here.shape.required:
            yield ground.place(path, {})


def null_for_a_value(ground: Ground) -> Iterator[Edit]:
    """Null stands where it may not."""
    for path, value, here in ground.places:
        shape = here.shape
        is_open = shape.nullable or shape.choices is not None or here.says_nothing
        if value is not None and not is_open:
            yield ground.place(path, None)


def another_type(ground: Ground) -> Iterator[Edit]:
    """A number is sent as a text, a text as a number, an object as a list."""
    for path, value, here in ground.places:
        if here.shape.choices is None and not here.says_nothing and value is not None:
            other = next(wrong for kind, wrong in _WRONG if isinstance(value, kind))
            if _type_of(other) not in here.shape.types:
                yield ground.place(path, other)


def a_part_of_a_whole_number(ground: Ground) -> Iterator[Edit]:
    """A number that must be whole has a fraction."""
    reckoned = ground.reckoned
    for path, value, here in ground.places:
        if path in reckoned:
            continue
        is_whole = "integer" in here.shape.types and "number" not in here.shape.types
        if is_whole and isinstance(value, int) and not isinstance(value, bool):
            yield ground.place(path, value + 0.5)


def a_field_that_nobody_knows(ground: Ground) -> Iterator[Edit]:
    """A field stands there that the contract rules out."""
    for path, value, here in ground.places:
        if isinstance(value, dict) and here.shape.closed:
            yield ground.place((*path, _NO_FIELD), 1)


def a_word_that_nobody_knows(ground: Ground) -> Iterator[Edit]:
    """A word stands there that is none of those documented."""
    for path, value, here in ground.places:
        if isinstance(value, str) and here.shape.choices is not None:
            yield ground.place(path, _NO_WORD)


def a_time_that_is_none(ground: Ground) -> Iterator[Edit]:
    """A time is written as no standard has it: with a space, and without its zone."""
    for path, value, here in ground.places:
        if isinstance(value, str) and here.shape.keywords.get("format") == "date-time":
            yield ground.place(path, value.replace("T", " ").removesuffix("Z"))


def an_id_that_is_none(ground: Ground) -> Iterator[Edit]:
    """A uuid lacks its last character."""
    for path, value, here in ground.places:
        if isinstance(value, str) and here.shape.keywords.get("format") == "uuid":
            yield ground.place(path, value[:-1])


def _type_of(value: object) -> str:
    match value:
        case str():
            return "string"
        case int():
            return "integer"
        case list():
            return "array"
        case _:
            return "object"


def _of_shape(edits: Callable[[Ground], Iterator[Edit]], caught_by: str) -> Mutation:
    name = edits.__name__.replace("_", "-")
    return Mutation(name, edits.__doc__ or "", Group.SHAPE, caught_by, edits, any_status)


SHAPE_MUTATIONS = (
    _of_shape(a_field_missing, "required"),
    _of_shape(nothing_in_it, "required"),
    _of_shape(null_for_a_value, "type"),
    _of_shape(another_type, "type"),
    _of_shape(a_part_of_a_whole_number, "type"),
    _of_shape(a_field_that_nobody_knows, "additionalProperties"),
    _of_shape(a_word_that_nobody_knows, "enum"),
    _of_shape(a_time_that_is_none, "format"),
    _of_shape(an_id_that_is_none, "format"),
)
