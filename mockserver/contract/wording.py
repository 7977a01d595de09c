"""A schema error into words: where, what was expected, what was found; never a whole body."""

from __future__ import annotations

import difflib
import json
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from mockserver.contract.pointer import pointer
from mockserver.core.exchange import Finding, Kind, Violation
from mockserver.core.plain import shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from jsonschema.exceptions import ValidationError

    Place = Callable[[Sequence[str | int]], str]

_as_json = json.JSONEncoder(ensure_ascii=False).encode

OWN_WORDS = "x-expected"
"""A schema of ours may say what it expects in words better than its keywords do."""

_MOST_COMPARED = 100
"""Unknown names that are searched for a misspelling; a hostile body can hold a million."""

_MOST_REMEMBERED = 256
"""Misspellings that are remembered: the same client misspells the same name again and again."""

_ALIKE = 0.6
"""From here on names are taken for each other's misspellings; it is difflib's own limit."""

_TYPES = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}
_FORMATS = {
    "uuid": "a uuid",
    "date-time": "a date-time as in 2024-10-12T21:38:44Z",
}
_BOUNDS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minProperties": "at least {} properties",
    "maxProperties": "at most {} properties",
    "multipleOf": "a multiple of {}",
    "pattern": "text that matches {}",
}


def shown(value: object) -> str:
    """A value, short enough to read in a line."""
    if isinstance(value, dict):
        return f"an object with {len(value)} keys" if len(value) != 1 else "an object with 1 key"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, bytes):  # which a body is that no reader is known for
        return f"{len(value)} bytes"
    return shortened(_as_json(value))


def type_in_words(name: object) -> str:
    """A type of JSON Schema as people say it."""
    return _TYPES.get(str(name), str(name))


def within(where: str) -> Place:
    """Names places inside one value: "body /prompt", or "body" for the value itself."""
    return lambda path: f"{where} {shortened(pointer(path))}" if path else where


class _Value(NamedTuple):
    """The whole value that errors are of.

    Attributes:
        place: names the places in it.
        root: where it stands, as in ("query", "limit"); findings are told from there.
    """

    place: Place
    kind: Kind
    root: tuple[str, ...]


def violations_of(
    errors: Iterable[ValidationError],
    place: Place,
    kind: Kind,
    root: tuple[str, ...] = (),
) -> Iterator[Violation]:
    """Word every schema error, each place once for each thing wrong with it.

    `root` is where the value stands, as in ("query", "limit"); findings are told from there.
    """
    told: set[tuple[str, str]] = set()
    listed, whole = list(errors), _Value(place, kind, root)
    choices = {tuple(error.absolute_path) for error in listed if error.validator == "enum"}
    for error in _once_each(listed):
        if error.validator == "type" and tuple(error.absolute_path) in choices:
            continue  # the choices say more than that they are texts
        for violation in _of_one(error, whole):
            key = (violation.place, violation.expected)
            if key not in told:
                told.add(key)
                yield violation


def _once_each(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """The errors, of those that tell of a missing property only the first at a place.

    There is one for each such property, and each is worded as all of them.
    """
    seen: set[tuple[int, tuple[str | int, ...]]] = set()
    for error in errors:
        if error.validator == "required":
            key = (id(error.schema), tuple(error.absolute_path))
            if key in seen:
                continue
            seen.add(key)
        yield error


def _of_one(error: ValidationError, whole: _Value) -> Iterator[Violation]:
    keyword = str(error.validator)
    if keyword in {"anyOf", "oneOf", "allOf"} and error.context:
        yield from _of_branches(error, whole)
    elif keyword == "required":
        yield from _missing(error, whole)
    elif keyword == "dependentRequired":
        yield from _beside(error, whole)
    elif keyword == "additionalProperties" and error.validator_value is False:
        yield from _unknown(error, whole)
    else:
        advice = ""
        if error.instance is None and whole.kind is Kind.BODY:
            advice = "null is not allowed here; leave it out, or give a value where one is required"
        yield _told(error, whole, _expected(error), shown(error.instance), advice=advice)


def _told(  # noqa: PLR0913 because that is what there is to say, most of it by name
    error: ValidationError,
    whole: _Value,
    expected: str,
    found: str,
    *more: str,
    advice: str = "",
    rule: str = "",
) -> Violation:
    """An error in these words; `more` leads from where it is found to where it is told of."""
    path = (*error.absolute_path, *more)
    finding = Finding((*whole.root, *path), error.validator_value, error.instance)
    rule = rule or str(error.validator)
    return Violation(whole.place(path), expected, found, whole.kind, advice, rule, finding)


def _of_branches(error: ValidationError, whole: _Value) -> Iterator[Violation]:
    """What is wrong by the branch that was meant; where that is not clear, all that may be."""
    branches: dict[int | str, list[ValidationError]] = {}
    for inner in error.context or ():
        branch = inner.schema_path[0] if inner.schema_path else -1  # as for a branch that is false
        branches.setdefault(branch, []).append(inner)
    meant = [errors for errors in branches.values() if not any(map(_is_of_another, errors))]
    if len(branches) == 1 or len(meant) == 1:
        for inner in _once_each(meant[0] if meant else next(iter(branches.values()))):
            yield from _of_one(inner, whole)
        return
    told = dict.fromkeys(_expected(inner) for inner in error.context or ())
    expected = str(_schema(error).get(OWN_WORDS, " or ".join(told)))
    yield _told(error, whole, expected, shown(error.instance))


def _is_of_another(error: ValidationError) -> bool:
    """Whether a value is of another kind than a branch: of another type, or other properties.

    To a branch that is false every value is.
    """
    return not error.path and error.validator in {"required", "additionalProperties", "type", None}


def _unknown(error: ValidationError, whole: _Value) -> Iterator[Violation]:
    """Properties that the schema does not have."""
    instance: Any = error.instance
    known = _schema(error).get("properties", {})
    for name in (name for name in instance if name not in known):
        near = _nearest(name, known)
        found = f"{shortened(name)!r}; did you mean {near}?" if near else repr(shortened(name))
        yield _told(error, whole, "no such property", found, name)


def _beside(error: ValidationError, whole: _Value) -> Iterator[Violation]:
    """What is missing beside something that means nothing alone."""
    value: Any = error.validator_value
    instance: Any = error.instance
    for name in value:
        for needed in value[name] if name in instance else ():
            if needed not in instance:
                expected = f"a value beside {name}"
                yield _told(error, whole, expected, "nothing", needed, rule="required")


def _missing(error: ValidationError, whole: _Value) -> Iterator[Violation]:
    """Properties that must be there and are not."""
    value: Any = error.validator_value
    instance: Any = error.instance
    known = _schema(error).get("properties", {})
    unknown = tuple(islice((name for name in instance if name not in known), _MOST_COMPARED))
    for name in value:
        if name not in instance:
            near, expected = _nearest(name, unknown), f"{_described(known.get(name))} (required)"
            advice = f"is {near} meant?" if near else ""
            yield _told(error, whole, expected, "nothing", name, advice=advice)


def _described(schema: object) -> str:
    """What a property must be by its schema, in two words."""
    told = schema if isinstance(schema, dict) else {}
    described = _TYPES.get(str(told.get("type")), "a value")
    return f"{described} or null" if told.get("nullable") else described


def _nearest(name: str, others: Iterable[str]) -> str:
    """The one of these that a name is most like, or nothing where none is like it enough.

    Those that cannot be are left out first, for difflib finds out at length.
    """
    alike = tuple(other for other in others if _most_alike(name, other) >= _ALIKE)
    return _nearest_of(name, alike) if alike else ""


@lru_cache(_MOST_REMEMBERED)
def _nearest_of(name: str, others: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, others, n=1, cutoff=_ALIKE)
    return near[0] if near else ""


def _most_alike(name: str, other: str) -> float:
    """What difflib will find at most, by how long both are and then by what they are made of."""
    length = len(name) + len(other)
    most = 2 * min(len(name), len(other)) / length if length else 1.0
    if most < _ALIKE:
        return most
    shared = sum(min(name.count(letter), other.count(letter)) for letter in set(name))
    return 2 * shared / length if length else 1.0


def _schema(error: ValidationError) -> Mapping[str, Any]:
    """The schema that was broken; one that is false has no keywords."""
    return cast("Mapping[str, Any]", error.schema) if error.schema is not False else {}


def _choice(value: object) -> str:
    """One that is right, without quotes where they are not needed."""
    return shown(value).strip('"') or '""'


def _expected(error: ValidationError) -> str:
    value: Any = error.validator_value
    if OWN_WORDS in _schema(error):
        return str(_schema(error)[OWN_WORDS])
    keyword = str(error.validator)
    match keyword:
        case "type":
            names = value if isinstance(value, list) else [value]
            told = " or ".join(map(type_in_words, names))
            if _schema(error).get("nullable"):
                told += " or null"
        case "enum":
            told = f"one of {', '.join(map(_choice, value)) or 'nothing'}"
        case "const":
            told = _choice(value)
        case "format":
            told = _FORMATS.get(str(value), f"the format {value}")
        case "None":  # there is no keyword in false
            told = "nothing at all"
        case "required":
            told = f"{' and '.join(value)} given"
        case _:
            told = _BOUNDS.get(keyword, f"what {keyword} asks for").format(value)
    return told
