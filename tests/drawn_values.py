"""Hypothesis strategies for what contracts describe: right values, and others gone wrong."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from contracts import CONTRACTS, PLANS, asked_of
from hypothesis import strategies as st

from mockserver.contract.json_text import NotJsonError, read_json_of_utf16
from mockserver.contract.pointer import resolve
from mockserver.core.exchange import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mockserver.contract.plan import Documented
    from mockserver.contract.routes import Match

Schema: TypeAlias = "Mapping[str, Any] | bool"
Document: TypeAlias = "Mapping[str, Any]"
TEXTS = st.sampled_from(
    ["", "a", "eval-1", "NaN", "null", "1", "é", "e\u0301", "\U0001f600", "\x00"]
)
INSTANTS = st.sampled_from(
    ["2026-03-01T12:00:03Z", "2026-03-01t12:00:03.5+01:00", "2016-12-31T12:59:60Z"]
)
STRANGE: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 1.0, 0.0, -0.0, 1.5, 10**30, -(10**30), 10**400, 2**53 + 1),
    *(2**63, -(2**63) - 1, 2**64, 1e300, 5e-324, float("nan"), float("inf"), "", "1", "true"),
    *("2026-02-30T00:00:00Z", "2026-03-01T12:00:03", "2016-12-31T23:59:60Z", "2026-03-01 12:00Z"),
    *("D0C8585D-1234-5678-ABCD-EF0123456789", "d0c8585d", "\u0665/\u0665 questions"),
    "5/5 questions\n",
    *([], {}, [[]], [{}], {"a": {"a": {"a": {}}}}, [None], "x" * 300, "pending", "PENDING"),
)


@st.composite
def values(draw: st.DrawFn, schema: Schema, document: Document) -> object:
    """A value that a schema of this document is likely to let pass."""
    if isinstance(schema, bool) or not schema:
        return copy.deepcopy(draw(st.sampled_from((None, 1, "a", [1], {"a": 1}))))
    if "$ref" in schema:
        return draw(values(cast("Schema", resolve(document, schema["$ref"])), document))
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            rest = {key: value for key, value in schema.items() if key != choice}
            branch = draw(st.sampled_from(schema[choice]))
            names = set(branch.get("required", ())) if "properties" in rest else set()
            if not names:
                return draw(values(branch, document))
            others = {name for other in schema[choice] for name in other["required"]} - names
            kept = {name: of for name, of in rest["properties"].items() if name not in others}
            schema = rest | {
                "properties": kept,
                "required": [*rest.get("required", ()), *sorted(names)],
            }
    if "const" in schema:
        return copy.deepcopy(schema["const"])
    if "enum" in schema:
        return draw(st.sampled_from(schema["enum"]))
    kinds = schema.get("type", "null")
    if schema.get("nullable"):
        kinds = [kinds, kinds, "null"]
    kind = draw(st.sampled_from(kinds)) if isinstance(kinds, list) else kinds
    return draw(of_kind(kind, schema, document))


def of_kind(kind: str, schema: Mapping[str, Any], document: Document) -> st.SearchStrategy[Any]:
    low, high = schema.get("minimum", -5), schema.get("maximum", 10**6)
    least = schema.get("minItems", 0)
    found: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
        "object": lambda: objects(schema, document),
        "array": lambda: (
            st.tuples(*(values(of, document) for of in schema["prefixItems"])).map(list)
            if "prefixItems" in schema
            else st.lists(
                values(schema.get("items", True), document), min_size=least, max_size=least + 2
            )
        ),
        "integer": lambda: st.integers(low, high) | st.sampled_from([float(low), 10**30]),
        "number": lambda: st.floats(low, high) | st.integers(low, high),
        "boolean": st.booleans,
        "string": lambda: strings(schema),
        "null": st.none,
    }
    return found[kind]()


def strings(schema: Mapping[str, Any]) -> st.SearchStrategy[str]:
    if "pattern" in schema:
        return st.from_regex(schema["pattern"])
    if schema.get("format") == "date-time":
        return INSTANTS
    return TEXTS.filter(lambda text: len(text) >= schema.get("minLength", 0))


@st.composite
def objects(draw: st.DrawFn, schema: Mapping[str, Any], document: Document) -> dict[str, Any]:
    needed, every = schema.get("required", ()), draw(st.booleans())
    known = schema.get("properties", {})
    names = [name for name in known if name in needed or (every and draw(st.booleans()))]
    if schema.get("additionalProperties"):
        known = {**known, "more": schema["additionalProperties"]}
        names.append("more")
    return {
        name: draw(values(known.get(name, True), document))
        for name in dict.fromkeys([*names, *needed])
    }


def places(value: object) -> Iterator[tuple[Any, Any]]:
    """Everything that holds something, with what it holds by key or index."""
    keyed = enumerate(value) if isinstance(value, list) else ()
    for key, held in list(value.items() if isinstance(value, dict) else keyed):
        yield value, key
        yield from places(held)


@st.composite
def mutations(
    draw: st.DrawFn,
    value: object,
    oddities: Sequence[Any] = STRANGE,
    names: Sequence[str] = ("extra", "", "id", "benchmark_id", "x-y"),
) -> object:
    """The value with one thing about it altered."""
    known = list(places(value))
    strange = copy.deepcopy(draw(st.sampled_from(oddities)))
    if not known:
        return strange
    holder, key = draw(st.sampled_from(known))
    match draw(st.sampled_from(["drop", "add", "replace", "wrap", "float", "text", "swap"])):
        case "drop":
            del holder[key]
        case "add" if isinstance(holder, dict):
            holder[draw(st.sampled_from(names))] = strange
        case "add":
            holder.append(strange)
        case "wrap":
            holder[key] = draw(st.sampled_from([[holder[key]], {"a": holder[key]}]))
        case "float" if isinstance(holder[key], int) and abs(holder[key]) <= 10**300:
            holder[key] = float(holder[key])
        case "text" if isinstance(holder[key], str):
            holder[key] += draw(st.sampled_from(["\n", " ", "Z", "0", "é"]))
        case "swap":
            other, its = draw(st.sampled_from(known))
            if its in other if isinstance(other, dict) else its < len(other):
                holder[key] = json.loads(json.dumps(other[its]))
        case _:
            holder[key] = strange
    return value


@st.composite
def altered(draw: st.DrawFn, value: object, most: int, *odd: Sequence[Any]) -> object:
    """A copy with up to so many parts altered, as JSON can carry it; null where it cannot.

    Halves of surrogate pairs are let through, which browsers' own texts may hold.
    """
    value = copy.deepcopy(value)
    for _ in range(draw(st.integers(1, most))):
        value = draw(mutations(value, *odd))
    try:
        return read_json_of_utf16(json.dumps(value).encode())
    except NotJsonError:
        return None


@st.composite
def written(draw: st.DrawFn, value: object) -> bytes:
    """The value as a body, which need not be JSON."""
    raw = json.dumps(value, ensure_ascii=draw(st.booleans())).encode()
    name = draw(st.sampled_from(list(value))) if value and isinstance(value, dict) else ""
    again = f"{json.dumps(name)}: 7.5".encode()
    broken = {
        "cut": raw[: draw(st.integers(0, len(raw)))],
        "more": raw + draw(st.sampled_from([b" ", b"\n", b"x", b"{}", b"\x00"])),
        "twice, the first wrong": b"{" + again + b", " + raw[1:],
        "twice, the last wrong": raw[:-1] + b", " + again + b"}",
        "a byte order mark": b"\xef\xbb\xbf" + raw,
        "half a surrogate pair": raw.replace(b'": "', b'": "\\ud800', 1),
        "no UTF-8": raw.replace(b'"', b'"\xff', 1),
    }
    return broken.get(draw(st.sampled_from([*["as it is"] * 14, *broken])), raw)


CONTENT_TYPES = (
    *("application/json; charset=utf-8", "Application/JSON", "application/vnd.pair+json"),
    *("application/problem+json", "application/x", "text/plain", "application/jsonx", "json", ""),
)
TEXTS_OF_PARAMETERS = (
    *("", "a", "1", "-1", "0", "-0", "007", "10", "11", " 1", "1 ", "1_0", "+1", "1.0", "1e1"),
    "\u0661",
    *("9" * 15, "9" * 16, "true", "false", "True", "yes", "on", "null", "é", "12", "1\n", "\x00"),
    *("d0c8585d-1234-5678-abcd-ef0123456789", "2026-03-01T12:00:03Z", "[1]", "1,2", "{}"),
)
VALUES_OF_PARAMETERS = ("1", "7", "x", "", "10", "1.5", "[1]", "\u0661", "é", "x" * 1001, "1,2")


@st.composite
def bodies(draw: st.DrawFn, name: str, given: Documented) -> bytes:
    """A body, right as often as not, which may be none at all."""
    value = draw(values(PLANS[name].planned()[given], CONTRACTS[name].strict))
    kind = draw(st.sampled_from(["right", "right", "mutated", "mutated", "mutated", "none"]))
    if kind == "mutated":
        for _ in range(draw(st.integers(1, 2))):
            value = draw(mutations(value))
        return draw(written(value))
    return json.dumps(value).encode() if kind == "right" else b""


@st.composite
def requests(draw: st.DrawFn, name: str, given: Documented) -> tuple[Match, Request]:
    """A request to an operation with a body, of which anything may be wrong."""
    item = cast("Mapping[str, Any]", CONTRACTS[name].strict["paths"][given.template])
    listed = (*item.get("parameters", ()), *item[given.method].get("parameters", ()))
    texts_of = {
        (parameter["in"], parameter["name"]): draw(st.sampled_from(VALUES_OF_PARAMETERS))
        if draw(st.booleans())
        else "1"
        for parameter in (*listed, {"in": "query", "name": "unknown"})
        if parameter.get("in") == "path" or draw(st.integers(0, 3))
    }
    path = {key: text or "1" for (place, key), text in texts_of.items() if place == "path"}
    query = [(key, text) for (place, key), text in texts_of.items() if place == "query"]
    is_repeated: bool = draw(st.booleans())
    if query and is_repeated:
        query.append((query[0][0], draw(st.sampled_from(VALUES_OF_PARAMETERS))))
    headers = {key.lower(): text for (place, key), text in texts_of.items() if place == "header"}
    is_as_documented = draw(st.integers(0, 4)) > 0
    content_type = given.media_type if is_as_documented else draw(st.sampled_from(CONTENT_TYPES))
    if content_type or draw(st.booleans()):
        headers["content-type"] = content_type
    method = "HEAD" if given.method == "get" and draw(st.booleans()) else given.method.upper()
    request = Request(method, given.template, tuple(query), headers, draw(bodies(name, given)))
    return asked_of(name, given, request, path), request
