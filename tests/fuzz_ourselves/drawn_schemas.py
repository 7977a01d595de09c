"""Schemas of any version of OpenAPI, and values that they may or may not let pass."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, TypeAlias

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Mapping

Object: TypeAlias = "dict[str, Any]"
VERSIONS = ("3.0.3", "3.1.0", "3.2.0")
TYPES = ("string", "integer", "number", "boolean", "array", "object")
FORMATS = (
    *("date-time", "uuid", "date", "email", "int32", "int64", "byte", "binary", "float"),
    "password",
    *("unknown", "ipv4", "uri"),
)
CHOICES: tuple[list[Any], ...] = ([0, "a"], ["a", "b"], [True], [1.0, None], [[1], {"a": 1}])
WORDS: tuple[Object, ...] = (
    *({"type": kind} for kind in TYPES),
    *({"enum": choices} for choices in CHOICES),
    *({"format": name} for name in FORMATS),
    *({"pattern": text} for text in ("^a", r"\d$", "[é-]", "^.$")),
    *({"minimum": 1}, {"maximum": 5}, {"minimum": 0, "maximum": 2**60}, {"multipleOf": 0.1}),
    *({"minLength": 1}, {"maxLength": 3}, {"minItems": 1}, {"maxItems": 2}, {"uniqueItems": True}),
    *({"minProperties": 1}, {"maxProperties": 1}, {"required": ["a"]}, {"required": ["a", "b"]}),
    *({"additionalProperties": False}, {"readOnly": True}, {"writeOnly": True}, {"x-note": 7}, {}),
    *({"deprecated": True}, {"title": "t", "description": "d"}, {"example": [1]}),
)
OF_30: tuple[Object, ...] = (
    *({"nullable": True}, {"type": "string", "nullable": True, "enum": ["a", None]}),
    *({"type": kind, "nullable": True} for kind in ("string", "object")),
    *({"minimum": 1, "exclusiveMinimum": True}, {"maximum": 5, "exclusiveMaximum": True}),
)
OF_31: tuple[Object, ...] = (
    *({"type": kinds} for kinds in (["string", "null"], ["integer", "number"], ["null"])),
    *({"const": value} for value in (None, 1, "a", "", True, 1.0, [1], {"a": 1})),
    *({"exclusiveMinimum": 1}, {"exclusiveMaximum": 5}, {"nullable": True, "type": "string"}),
    *({"dependentRequired": {"a": ["b"]}}, {"propertyNames": {"maxLength": 1}}, {"if": True}),
    *({"contains": {"const": 1}}, {"patternProperties": {"^a": {"type": "integer"}}}),
    *({"unevaluatedProperties": False}, {"$comment": "c"}, {"examples": [1]}),
)
"""Keywords, of which two may stand beside each other."""

ALONE: tuple[Object, ...] = (
    *({"type": "string", "default": "a"}, {"type": "integer", "default": 1}),
    *({"$ref": f"#/components/schemas/{name}"} for name in ("Whole", "Pair", "Tree", "Any")),
)
REFERENCES = ALONE[2:]
CHOOSING = ("allOf", "anyOf", "oneOf")
SELDOM = st.sampled_from((*[False] * 7, True))
BESIDE: tuple[Object, ...] = ({}, {}, {"type": "object"}, {"description": "d"})


def components(version: str) -> Object:
    """The schemas that references lead to, one of them to itself."""
    null = {"nullable": True} if version.startswith("3.0") else {}
    pair = {"a": {"type": "integer"}, "b": {"type": "string", **null}}
    tree = {"a": {"$ref": "#/components/schemas/Tree"}, "b": {"type": "string"}}
    closed = {"required": ["a"], "additionalProperties": False}
    return {
        "Whole": {"type": "integer", "maximum": 9},
        "Pair": {"type": "object", "properties": pair, **closed},
        "Tree": {"type": "object", "properties": tree},
        "Any": {},
    }


def _schemas(version: str) -> st.SearchStrategy[Any]:
    words = st.sampled_from((*WORDS, *WORDS, *(OF_30 if version == "3.0.3" else OF_31)))
    leaves: st.SearchStrategy[Any] = words | st.builds(dict.__or__, words, words)
    leaves |= st.sampled_from(ALONE)
    if version != "3.0.3":
        leaves |= st.booleans()
    several = st.lists(st.deferred(lambda: leaves), min_size=1, max_size=3)
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(lambda of: {"type": "array", "items": of}, inner),
            st.builds(_an_object, inner, inner, st.sampled_from([{}, {"required": ["a"]}])),
            st.builds(lambda of: {"type": "object", "additionalProperties": of}, inner),
            st.builds(
                lambda word, one, more, beside: {word: [one, *more], **beside},
                st.sampled_from(CHOOSING),
                inner,
                several,
                st.sampled_from(BESIDE),
            ),
            st.builds(lambda of: {"not": of}, inner),
        ),
        max_leaves=5,
    )


def _an_object(one: object, other: object, more: Object) -> Object:
    return {"type": "object", "properties": {"a": one, "b": other}, **more}


SCHEMAS = {version: _schemas(version) for version in VERSIONS}

POOLS: Mapping[str, st.SearchStrategy[Any]] = {
    "string": st.sampled_from(
        (
            *("a", "b", "ab", "", "1", "a1", "é", "e\u0301", "\U0001f600", "\x00", "a\n", "\u0661"),
            *("2026-03-01T12:00:03Z", "2026-02-30T00:00:00Z", "2026-03-01", "a@b.c", "127.0.0.1"),
            *("d0c8585d-1234-5678-abcd-ef0123456789", "D0C8585D", "YQ==", "http://a/", "x" * 300),
        )
    ),
    "integer": st.sampled_from(
        (
            *(0, 1, 2, 5, 6, -1, 1.0, 0.0, 2**31, 2**53 + 1, 2**63, 2**64),
            *(10**30, -(10**30), 10**400),
        )
    ),
    "number": st.sampled_from((0.1, 0.3, 1.5, -0.0, 5e-324, 1e300, 1, 5, 0.30000000000000004)),
    "boolean": st.booleans(),
    "null": st.none(),
}
VALUES = st.recursive(
    st.one_of(st.none(), *POOLS.values()),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner)
    ),
    max_leaves=4,
)
"""Whatever JSON can say, and is told apart by one reader or the other."""


@st.composite
def likely(draw: st.DrawFn, schema: Any, document: Mapping[str, Any]) -> Any:  # noqa: ANN401 because JSON has no narrower type
    """A value that a schema may well let pass."""
    if not isinstance(schema, dict) or draw(SELDOM):
        return draw(VALUES)
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    several = next((schema[word] for word in CHOOSING if word in schema), None)
    if several:
        return draw(likely(draw(st.sampled_from(several)), document))
    if "const" in schema or "enum" in schema:
        return copy.deepcopy(draw(st.sampled_from(schema.get("enum", [schema.get("const")]))))
    kind = schema.get("type", "object" if "properties" in schema else None)
    kind = draw(st.sampled_from(kind)) if isinstance(kind, list) else kind
    return draw(_of_kind(schema, str(kind), document))


def _of_kind(schema: Object, kind: str, document: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    if kind == "array":
        inner = likely(schema.get("items", True), document)
        return st.lists(inner, min_size=schema.get("minItems", 0), max_size=2)
    if kind == "object":
        more = schema.get("additionalProperties", True)
        known = schema.get("properties", {"a": more, "b": more})
        each = {name: likely(of, document) for name, of in known.items()}
        needed = {name: each[name] for name in schema.get("required", ()) if name in each}
        others = {name: of for name, of in each.items() if name not in needed}
        return st.fixed_dictionaries(needed, optional=others)
    return POOLS.get(kind, VALUES)
