"""A schema error into words: where, what was expected, what was found; never a whole body."""

from __future__ import annotations

import difflib
import json
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from mockserver.contract.pointer import pointer
from mockserver.core.exchange import Finding, Kind, Violation
from mockserver.core.plain import shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from jsonschema.exceptions import ValidationError

    Place = Callable[[Sequence[str | int]], str]

OWN_WORDS = "x-expected"
"""A schema of ours may say what it expects in words better than its keywords do."""

_MOST_COMPARED = 100
"""Unknown names that are searched for a misspelling; a hostile body can hold a million."""

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
    return shortened(json.dumps(value, ensure_ascii=False))


def type_in_words(name: object) -> str:
    """A type of JSON Schema as people say it."""
    return _TYPES.get(str(name), str(name))


def within(where: str) -> Place:
    """Names places inside one value: "body /prompt", or "body" for the value itself."""
    return lambda path: f"{where} {shortened(pointer(path))}" if path else where


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
    listed = list(errors)
    choices = {tuple(error.absolute_path) for error in listed if error.validator == "enum"}
    for error in listed:
        if error.validator == "type" and tuple(error.absolute_path) in choices:
            continue  # the choices say more than that they are texts
        for violation in _of_one(error, place, kind):
            key = (violation.place, violation.expected)
            if key not in told:
                told.add(key)
                yield _rooted(violation, root)


def _rooted(violation: Violation, root: tuple[str, ...]) -> Violation:
    """The same violation, its finding told from `root` on."""
    if violation.finding is None:
        return violation
    finding = violation.finding
    return replace(violation, finding=replace(finding, location=(*root, *finding.location)))


def _of_one(error: ValidationError, place: Place, kind: Kind) -> Iterator[Violation]:
    value: Any = error.validator_value
    instance: Any = error.instance
    keyword = str(error.validator)
    if keyword in {"anyOf", "oneOf", "allOf"} and error.context:
        yield from _of_branches(error, keyword, place, kind)
    elif keyword == "required":
        for name in value:
            if name not in instance:
                yield _missing(error, name, place, kind)
    elif keyword == "dependentRequired":
        yield from _beside(error, place, kind)
    elif keyword == "additionalProperties" and value is False:
        yield from _unknown(error, place, kind)
    else:
        advice = ""
        if error.instance is None and kind is Kind.BODY:
            advice = "null is not allowed here; leave it out, or give a value where one is required"
        where, found = place(_path(error)), shown(error.instance)
        yield Violation(where, _expected(error), found, kind, advice, keyword, _found(error))


def _of_branches(
    error: ValidationError, keyword: str, place: Place, kind: Kind
) -> Iterator[Violation]:
    """What is wrong by the branch that was meant; where that is not clear, all that may be."""
    branches: dict[int | str, list[ValidationError]] = {}
    for inner in error.context or ():
        branch = inner.schema_path[0] if inner.schema_path else -1  # as for a branch that is false
        branches.setdefault(branch, []).append(inner)
    meant = [errors for errors in branches.values() if not any(map(_is_of_another, errors))]
    if len(branches) == 1 or len(meant) == 1:
        for inner in meant[0] if meant else next(iter(branches.values())):
            yield from _of_one(inner, place, kind)
        return
    told = dict.fromkeys(_expected(inner) for inner in error.context or ())
    expected = str(_schema(error).get(OWN_WORDS, " or ".join(told)))
    found = shown(error.instance)
    yield Violation(place(_path(error)), expected, found, kind, "", keyword, _found(error))


def _is_of_another(error: ValidationError) -> bool:
    """Whether a value is of another kind than a branch: of another type, or other properties.

    To a branch that is false every value is.
    """
    return not error.path and error.validator in {"required", "additionalProperties", "type", None}


def _unknown(error: ValidationError, place: Place, kind: Kind) -> Iterator[Violation]:
    """Properties that the schema does not have."""
    instance: Any = error.instance
    known = _schema(error).get("properties", {})
    for name in (name for name in instance if name not in known):
        found, finding = f"{shortened(name)!r}{_nearest(name, known)}", _found(error, name)
        where, keyword = place(_path(error, name)), str(error.validator)
        yield Violation(where, "no such property", found, kind, "", keyword, finding)


def _beside(error: ValidationError, place: Place, kind: Kind) -> Iterator[Violation]:
    """What is missing beside something that means nothing alone."""
    value: Any = error.validator_value
    instance: Any = error.instance
    for name in value:
        for needed in value[name] if name in instance else ():
            if needed not in instance:
                expected, found = f"a value beside {name}", _found(error, needed)
                where = place(_path(error, needed))
                yield Violation(where, expected, "nothing", kind, "", "required", found)


def _missing(error: ValidationError, name: str, place: Place, kind: Kind) -> Violation:
    instance: Any = error.instance
    known = _schema(error).get("properties", {})
    schema = known[name] if isinstance(known.get(name), dict) else {}
    described = _TYPES.get(str(schema.get("type")), "a value")
    if schema.get("nullable"):
        described += " or null"
    unknown = list(islice((key for key in instance if key not in known), _MOST_COMPARED))
    advice = "".join(f"is {near} meant?" for near in difflib.get_close_matches(name, unknown, n=1))
    where, expected = place(_path(error, name)), f"{described} (required)"
    return Violation(where, expected, "nothing", kind, advice, "required", _found(error, name))


def _found(error: ValidationError, *more: str) -> Finding:
    return Finding(_path(error, *more), error.validator_value, error.instance)


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _schema(error: ValidationError) -> Mapping[str, Any]:
    """The schema that was broken; one that is false has no keywords."""
    return cast("Mapping[str, Any]", error.schema) if error.schema is not False else {}


def _path(error: ValidationError, *more: str) -> tuple[str | int, ...]:
    return (*error.absolute_path, *more)


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
