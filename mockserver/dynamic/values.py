"""Values drawn from a schema: plain ones as a server sends them, or the strangest it permits.

What a schema says with keywords that are not read here is for whoever draws to prove: a value is
offered, and taken back where the contract refuses it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.sandbox import uuid_from

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockserver.contract.shape import Shape
    from mockserver.dynamic.choices import Choices
    from mockserver.dynamic.sketch import Sketch

PLAIN_TEXTS = ("text", "a", "Is this a cat? {image}", "two\nlines", "naïve café", "数据 🐂", "")
STRANGE_TEXTS = (
    *("", " ", "null", "0", "true", "undefined", "{}", "a" * 5_000),
    *("<script>alert(1)</script>", "'; DROP TABLE evaluations; --", "../../etc/passwd", "%00%2F"),
    *("{{7*7}}", "\u202eright to left", "e\u0301 is not é", "🏳️‍🌈👩‍👩‍👧‍👦", "a\x00b", "\ufeffmark"),
)
WHOLE_NUMBERS = (0, 1, -1, 2**31 - 1, 2**31, -(2**31), 2**53, 2**53 + 1, 2**63 - 1, 10**30)
"""Around the bounds of what numbers are kept in; past 2**53 JavaScript loses the last digit."""
NUMBERS = (0.0, 0.1 + 0.2, -0.0, -1.5, 1e-9, 5e-324, 1e21, 1.7976931348623157e308, 2**53 + 1)
DATE_TIMES = (
    *("2026-03-01T12:00:00Z", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    *("9999-12-31T23:59:59.999999999Z", "2026-03-01t12:00:00z", "2026-03-01T12:00:00+14:00"),
    *("2024-02-29T23:59:59-12:00", "2016-12-31T23:59:60Z", "2026-03-01T12:00:00.1Z"),
)
"""All of them date-times of RFC 3339, with its leap second and its lower case."""
STRANGE_NAMES = ("extra", "", "id ", "__proto__", "constructor", "$ref", "🐂", "a.b", "a/b~c")

_DEEPEST = 6
_MOST_ITEMS = 3
_SCALARS = ("string", "integer", "number", "boolean", "null")
_MOST_ROWS = 1_000
_LOOSE_DEPTH = 2


class Values:
    """Draws values; `strange` ones where anything goes that is permitted."""

    def __init__(self, choices: Choices, *, strange: bool) -> None:
        """Draw from these choices."""
        self._choices = choices
        self._strange = strange

    def of(self, sketch: Sketch, depth: int = 0) -> object:
        """A value of this schema; deep down the smallest there is."""
        choices = self._choices
        if sketch.branches:
            return self.of(choices.pick(sketch.branches), depth)
        shape = sketch.shape
        if shape.nullable and choices.chance(25):
            return None
        if shape.choices:
            return choices.pick(shape.choices)
        if sketch.says_nothing:
            return self.anything(depth)
        return self._of_kind(choices.pick(_types(shape, depth)), sketch, depth)

    def _of_kind(self, kind: str, sketch: Sketch, depth: int) -> object:
        if kind == "object":
            return self._object(sketch, depth + 1)
        if kind == "array":
            return self._list(sketch, depth + 1)
        return self._scalar(kind, sketch.shape.keywords)

    def _scalar(self, kind: str, keywords: Mapping[str, Any]) -> object:
        match kind:
            case "boolean":
                return self._choices.pick((False, True))
            case "integer":
                return self._whole(keywords)
            case "number":
                return self._number(keywords)
            case "null":
                return None
            case _:
                return self._text(keywords)

    def further(self, sketch: Sketch) -> tuple[str, object]:
        """A field that the schema of an object does not name, and permits."""
        name = self._choices.pick(STRANGE_NAMES)
        return name, self.of(sketch.field(name), _DEEPEST)

    def anything(self, depth: int = 0) -> object:
        """Any JSON value."""
        kinds = _SCALARS if depth > _LOOSE_DEPTH else (*_SCALARS, "array", "object")
        kind = self._choices.pick(kinds)
        if kind == "array":
            return [self.anything(depth + 1) for _ in range(self._count())]
        if kind == "object":
            names = [self._choices.pick(STRANGE_NAMES) for _ in range(self._count())]
            return {name: self.anything(depth + 1) for name in names}
        return self._scalar(kind, {})

    def _count(self) -> int:
        return self._choices.whole(0, _MOST_ITEMS)

    def _object(self, sketch: Sketch, depth: int) -> Mapping[str, object]:
        shape = sketch.shape
        names = dict.fromkeys((*shape.properties, *sorted(shape.required)))
        told = {
            name: self.of(sketch.field(name), depth)
            for name in names
            if name in shape.required or self._has(depth)
        }
        if self._strange and not shape.closed and self._choices.chance(40):
            for _ in range(1 + self._count()):
                told.setdefault(*self.further(sketch))
        return told

    def _has(self, depth: int) -> bool:
        """Whether an object has a field that it need not have; what is plain has every one."""
        if depth > _DEEPEST:
            return False
        return not (self._strange and self._choices.chance(30))

    def _list(self, sketch: Sketch, depth: int) -> Sequence[object]:
        least = int(sketch.shape.keywords.get("minItems", 0))
        most = int(sketch.shape.keywords.get("maxItems", least + _MOST_ITEMS))
        most = least if depth > _DEEPEST else min(most, least + _MOST_ITEMS)
        return [self.of(sketch.item, depth) for _ in range(self._choices.whole(least, most))]

    def _text(self, keywords: Mapping[str, Any]) -> str:
        choices, named = self._choices, keywords.get("format")
        if named == "uuid":
            return uuid_from(str(choices.whole(0, 2**64)))
        if named == "date-time":
            return choices.pick(DATE_TIMES) if self._strange else DATE_TIMES[0]
        least, most = int(keywords.get("minLength", 0)), keywords.get("maxLength")
        pool = STRANGE_TEXTS if self._strange else PLAIN_TEXTS
        text = choices.text() if choices.chance(30) else choices.pick(pool)
        return (text + "a" * max(0, least - len(text)))[: None if most is None else int(most)]

    def _whole(self, keywords: Mapping[str, Any]) -> int:
        least, most = _bounds(keywords)
        choices = self._choices
        if self._strange and choices.chance(60):
            pool = [n for n in WHOLE_NUMBERS if least <= n <= most]
            if pool:
                return choices.pick(pool)
        low = int(least) if least > -_MOST_ROWS else min(0, int(min(most, 0)))
        high = int(min(most, low + _MOST_ROWS))
        return choices.whole(low, max(low, high))

    def _number(self, keywords: Mapping[str, Any]) -> float:
        least, most = _bounds(keywords)
        pool = [n for n in NUMBERS if least <= n <= most] if self._strange else []
        if pool and self._choices.chance(60):
            return self._choices.pick(pool)
        return self._whole(keywords)


def _types(shape: Shape, depth: int) -> Sequence[str]:
    """What it may be, the plainest first; deep down nothing that holds more, if it can be."""
    flat = [kind for kind in _SCALARS if kind in shape.types]
    if depth > _DEEPEST and flat:
        return flat
    holders = [kind for kind in ("object", "array") if kind in shape.types]
    return (*holders, *flat) if shape.properties or shape.items else (*flat, *holders)


def _bounds(keywords: Mapping[str, Any]) -> tuple[float, float]:
    """The least and the most; a bound that is itself left out is the whole number beside it."""
    least, most = keywords.get("minimum", -(10**40)), keywords.get("maximum", 10**40)
    below, above = keywords.get("exclusiveMinimum"), keywords.get("exclusiveMaximum")
    if below is not None:  # true beside a minimum in OpenAPI 3.0, a number of its own since 3.1
        least = least + 1 if below is True else max(least, below + 1)
    if above is not None:
        most = most - 1 if above is True else min(most, above - 1)
    return least, most
