"""Small OpenAPI documents of any version, valid by the way in which they are drawn."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, TypeAlias

from drawn_schemas import REFERENCES, SCHEMAS, components
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Mapping

Object: TypeAlias = "dict[str, Any]"
PLACES = st.sampled_from(("query", "query", "header", "cookie"))
STYLES: Mapping[str, st.SearchStrategy[Object]] = {
    "query": st.sampled_from(({}, {}, {"explode": False}, {"style": "form"}, {"deprecated": True})),
    "header": st.sampled_from(({}, {}, {"explode": False}, {"style": "simple"})),
    "cookie": st.just({}),
}
OF_PARAMETERS: st.SearchStrategy[Object] = st.sampled_from(
    (
        *({"type": "string"}, {"type": "string", "minLength": 2}),
        {"type": "string", "format": "uuid"},
        *({"type": "integer"}, {"type": "integer", "maximum": 5}),
        {"type": "integer", "default": 1},
        *({"type": "boolean"}, {"type": "number"}, {"type": "object"}, {"enum": ["1", "a"]}, {}),
        *({"type": "array", "items": {"type": "integer"}}, {"type": "string", "pattern": "^a"}),
        REFERENCES[0],
    )
)
MEDIA_TYPES = st.lists(
    st.sampled_from(
        (
            *("application/json", "application/vnd.a+json", "application/problem+json"),
            *("application/*", "*/*", "application/json; charset=utf-8", "text/plain", "text/json"),
            *("application/octet-stream", "application/x-www-form-urlencoded"),
            "multipart/form-data",
        )
    ),
    min_size=1,
    max_size=2,
    unique=True,
)
HEADERS: st.SearchStrategy[Object] = st.sampled_from(
    (
        *({}, {}, {}, {"X-A": {"schema": {"type": "string"}}}, {"X-A": {"schema": {}}}),
        *({"X-A": {"schema": {"type": "integer"}}},),
        {"X-A": {"required": True, "schema": {"type": "string"}}},
    )
)
SHARED_STATUSES = st.sampled_from(("404", "4XX", "default"))
SELDOM = st.sampled_from((False, False, True))


@st.composite
def parameters(draw: st.DrawFn) -> list[Object]:
    """Parameters of every place, of which no two share a name."""
    found = []
    for name in draw(st.sampled_from((("p",), (), ("p", "q"), ("id",)))):
        place = "path" if name == "id" else draw(PLACES)
        is_required = place == "path" or draw(SELDOM)
        told = {"name": name, "in": place, "required": is_required, "schema": draw(OF_PARAMETERS)}
        found.append({**told, **(draw(STYLES[place]) if place in STYLES else {})})
    return found


@st.composite
def contents(draw: st.DrawFn, version: str) -> Object:
    """Media types, those of JSON and some others with a schema."""
    return {
        name: {"schema": draw(SCHEMAS[version])} if "json" in name or draw(SELDOM) else {}
        for name in draw(MEDIA_TYPES)
    }


@st.composite
def documents(draw: st.DrawFn, version: str) -> Object:
    """A document of one path with two operations."""
    answer = {"description": "", "content": draw(contents(version)), "headers": draw(HEADERS)}
    responses = {"200": answer, draw(SHARED_STATUSES): {"description": ""}}
    posted = {
        "parameters": draw(parameters()),
        "requestBody": {"content": draw(contents(version)), "required": draw(st.booleans())},
        "responses": responses,
    }
    got = {"responses": responses}
    value = {
        "openapi": version,
        "info": {"title": "t", "version": "1"},
        "paths": {"/a/{id}": {"parameters": draw(parameters()), "post": posted, "get": got}},
        "components": {"schemas": components(version)},
    }
    return copy.deepcopy(value)
