"""Load an OpenAPI document, repair what no tool can read, and list every repair.

The hub's published document cannot be loaded by any validator as it stands, and users bring
their own copy of it, so the repairs live here in code and not in a mended file. What they
cannot mend is refused, with pointer and reason.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mockserver.contract.pointer import pointer, resolve
from mockserver.core.errors import FlawedError, UnreadableDocumentError
from mockserver.core.exchange import Kind, Violation
from mockserver.source import read_document, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
SPANS_SLASHES = "x-spans-slashes"
"""Marks a path parameter that stood as a glob, in the repaired document too."""

_READABLE = re.compile(r"3\.[012]\.\d+(-.+)?")
_PLACEHOLDER = re.compile(r"\{([^{}/]+)\}")


@dataclass(frozen=True, slots=True)
class Repair:
    """One thing mended in a document: where it stood, and what was done about it."""

    pointer: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Document:
    """A readable OpenAPI document with the repairs that made it so."""

    label: str
    value: dict[str, Any]
    repairs: tuple[Repair, ...]


def load_document(text: str, label: str) -> Document:
    """Read, repair and prove a document.

    Raises:
        UnreadableDocumentError: what cannot be mended, each with its JSON pointer.
    """
    try:
        value = read_document(text, label)
        _refuse(label, _misshapen(value))
        assert isinstance(value, dict)  # noqa: S101 because _misshapen has refused all else
        mended = copy.deepcopy(value)
        repairs = tuple(_mend(mended, label))
        _refuse(label, _dangling(mended) or _invalid(mended))
    except RecursionError:
        _refuse(label, [_flaw((), "a nesting that can be followed", "one too deep")])
    except UnreadableDocumentError:
        raise
    except FlawedError as error:
        raise UnreadableDocumentError(f"{label} is not a readable document", error.flaws) from None
    return Document(label, mended, repairs)


def _refuse(label: str, flaws: list[Violation]) -> None:
    if flaws:
        raise UnreadableDocumentError(f"{label} cannot be served", flaws)


def _flaw(path: tuple[str | int, ...], expected: str, found: str) -> Violation:
    return Violation(pointer(path) or "/", expected, found, Kind.SOURCE)


def _misshapen(value: object) -> list[Violation]:
    """What is so far from an OpenAPI document that nothing else can be said about it."""
    if not isinstance(value, dict):
        return [_flaw((), "an OpenAPI document, a mapping", type(value).__name__)]
    version = value.get("openapi")
    if not isinstance(version, str) or not _READABLE.fullmatch(version):
        found = f"swagger {value['swagger']}" if "swagger" in value else repr(version)
        return [_flaw(("openapi",), "a version 3.0, 3.1 or 3.2, as in 3.0.0", found)]
    paths = value.get("paths")
    if not isinstance(paths, dict):
        return [_flaw(("paths",), "a mapping of paths", type(paths).__name__)]
    flaws = []
    for path, item in paths.items():
        if not isinstance(item, dict):
            flaws.append(_flaw(("paths", path), "a path item, a mapping", type(item).__name__))
            continue
        flaws += [
            _flaw(("paths", path, method), "an operation, a mapping", type(item[method]).__name__)
            for method in METHODS
            if method in item and not isinstance(item[method], dict)
        ]
    return flaws


def _mend(document: dict[str, Any], label: str) -> Iterator[Repair]:
    yield from _mend_globs(document, label)
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield from _declare_parameters(document, path, item, method)
                yield from _mend_responses(item[method], ("paths", path, method))
    yield from _mend_schemas(document)


def _mend_globs(document: dict[str, Any], label: str) -> Iterator[Repair]:
    """Phoenix writes a segment that takes the rest of the path as *name; OpenAPI cannot."""
    paths: dict[str, Any] = {}
    for path, item in document["paths"].items():
        segments = path.split("/")
        globs = [segment[1:] or "rest" for segment in segments if segment.startswith("*")]
        mended = "/".join(
            f"{{{segment[1:] or 'rest'}}}" if segment.startswith("*") else segment
            for segment in segments
        )
        if globs and (mended in paths or mended in document["paths"]):
            twice = _flaw(("paths", path), "a path of its own", f"{mended} beside it")
            _refuse(label, [twice])
        paths[mended] = item
        for name in globs:
            _declare_glob(item, name)
            yield Repair(
                pointer(("paths", path)),
                f"*{name} is a glob, which OpenAPI cannot express: "
                f"it became {{{name}}} in a path item of its own and spans slashes",
            )
    document["paths"] = paths


def _declare_glob(item: dict[str, Any], name: str) -> None:
    for method in METHODS:
        if method in item:
            item[method].setdefault("parameters", []).append(
                {
                    "name": name,
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string"},
                    "description": "Takes the rest of the path, slashes included.",
                    SPANS_SLASHES: True,
                }
            )


def _declare_parameters(
    document: dict[str, Any], path: str, item: dict[str, Any], method: str
) -> Iterator[Repair]:
    operation = item[method]
    declared: set[str] = set()
    for parameter in (*item.get("parameters", ()), *operation.get("parameters", ())):
        resolved = _resolved(document, parameter)
        if resolved.get("in") == "path":
            declared.add(str(resolved.get("name")))
            if resolved.get("required") is not True:
                resolved["required"] = True
                yield Repair(
                    pointer(("paths", path, method, "parameters")),
                    f"the path parameter {resolved.get('name')} was not marked required; "
                    "a path is never without it",
                )
    for name in dict.fromkeys(_PLACEHOLDER.findall(path)):
        if name not in declared:
            operation.setdefault("parameters", []).append(
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            )
            yield Repair(
                pointer(("paths", path, method, "parameters")),
                f"{{{name}}} stands in the path and is declared nowhere: declared as a text",
            )


def _resolved(document: dict[str, Any], value: object) -> dict[str, Any]:
    """The mapping itself, or the one its local $ref points to; empty where there is none."""
    seen: set[str] = set()
    while isinstance(value, dict) and isinstance(reference := value.get("$ref"), str):
        if reference in seen:
            return {}
        seen.add(reference)
        try:
            value = resolve(document, reference)
        except LookupError:
            return {}
    return value if isinstance(value, dict) else {}


def _mend_responses(operation: dict[str, Any], path: tuple[str | int, ...]) -> Iterator[Repair]:
    responses = operation.get("responses")
    if not responses:
        operation["responses"] = {"default": {"description": "Not described."}}
        yield Repair(pointer((*path, "responses")), "no response is declared: declared a default")
        return
    if isinstance(responses, dict):
        for code, response in responses.items():
            if isinstance(response, dict) and not {"description", "$ref"} & response.keys():
                response["description"] = ""
                yield Repair(
                    pointer((*path, "responses", code)),
                    "a response must have a description: given an empty one",
                )


def _mend_schemas(document: dict[str, Any]) -> Iterator[Repair]:
    for path, value in list(walk(document)):
        if not isinstance(value, dict) or "example" in path or "examples" in path:
            continue
        if value.get("format") == "date_time" and isinstance(value.get("type"), str):
            value["format"] = "date-time"
            yield Repair(
                pointer((*path, "format")),
                "date_time is a format no checker knows, so times went unchecked: "
                "it became date-time",
            )
        if value.get("required") == [] and path[-1:] != ("properties",):
            del value["required"]
            yield Repair(
                pointer((*path, "required")), "an empty list of required names is illegal: dropped"
            )


def _dangling(document: dict[str, Any]) -> list[Violation]:
    """References that lead nowhere, or out of the document, which is never followed."""
    flaws = []
    for path, value in walk(document):
        if isinstance(value, dict) and isinstance(reference := value.get("$ref"), str):
            if "example" in path or path[-1:] == ("properties",):
                continue
            try:
                resolve(document, reference)
            except LookupError:
                where = "something in this document"
                flaws.append(_flaw((*path, "$ref"), f"a reference to {where}", reference))
    return flaws


def _invalid(document: dict[str, Any]) -> list[Violation]:
    """What openapi-core's own validator still holds against the document."""
    from jsonschema.exceptions import best_match  # noqa: PLC0415 because it comes with the rest
    from openapi_spec_validator import (  # noqa: PLC0415 because it takes a third of a second
        OpenAPIV30SpecValidator,
        OpenAPIV31SpecValidator,
        OpenAPIV32SpecValidator,
    )

    validators = {
        "3.0": OpenAPIV30SpecValidator,
        "3.1": OpenAPIV31SpecValidator,
        "3.2": OpenAPIV32SpecValidator,
    }
    flaws = []
    for error in validators[document["openapi"][:3]](document).iter_errors():
        told = best_match([error]) or error
        reason = " ".join(str(told.message).split())[:160]
        place = tuple(told.absolute_path)
        flaws.append(_flaw(place, "a valid OpenAPI document", reason))
    return flaws
