"""Repairs: what no tool can read in a document of the hub's generator, mended and listed.

The hub's published document cannot be loaded by any validator as it stands, and users bring
their own copy of it, so the repairs live here in code and not in a mended file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.contract.pointer import pointer, resolve
from mockserver.contract.routes import PLACEHOLDER
from mockserver.core.dataclass import dataclass
from mockserver.source import walk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
EXTENSION = "x-"
SPANS_SLASHES = "x-spans-slashes"
"""Marks a path parameter that stood as a glob, in the repaired document too."""

_SAMPLES = frozenset({"default", "enum", "example", "examples"})
_NAMED = frozenset({"paths", "properties", "responses", "schemas"})
"""Below these the keys are names that somebody chose, and no keywords."""

_NAMES_OF_SCHEMAS = {
    (key,) for key in ("properties", "patternProperties", "dependentSchemas", "$defs", "schemas")
}


@dataclass(frozen=True, slots=True)
class Repair:
    """One thing mended in a document: where it stood, and what was done about it."""

    pointer: str
    sentence: str


def mend(document: dict[str, Any]) -> Iterator[Repair]:
    """Mend the document in place, telling every repair as soon as it is made."""
    yield from _drop_extensions(document["paths"])
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield from _declare_parameters(document, path, item, method)
                yield from _mend_responses(item[method], ("paths", path, method))
    yield from _mend_schemas(document)
    yield from _mend_nullables(document)
    yield from _mend_bare_schemas(document)
    yield from _mend_globs(document)  # last, so that every pointer is one of the original


def _drop_extensions(paths: dict[str, Any]) -> Iterator[Repair]:
    for name in [name for name in paths if name.startswith(EXTENSION)]:
        del paths[name]
        yield Repair(
            pointer(("paths", name)),
            "an extension among the paths, which openapi-core takes for a path: left out",
        )


def _without_globs(path: str, taken: Collection[str]) -> tuple[str, dict[str, str]]:
    """A path with its *globs as {parameters}, and the parameters by the globs' names.

    They keep their names unless a sibling has that very template already.
    """
    globs = [step[1:] for step in path.split("/") if step.startswith("*")]
    suffix = ""
    while True:
        named = {glob: f"{glob or 'rest'}{suffix}" for glob in globs}
        steps = (f"{{{named[s[1:]]}}}" if s.startswith("*") else s for s in path.split("/"))
        mended = "/".join(steps)
        if not globs or mended not in taken:
            return mended, named
        suffix += "_rest"


def _mend_globs(document: dict[str, Any]) -> Iterator[Repair]:
    """Phoenix writes a segment that takes the rest of the path as *name; OpenAPI cannot."""
    for path in list(document["paths"]):
        mended, globs = _without_globs(path, document["paths"])
        if not globs:
            continue
        for glob, name in globs.items():
            _declare_glob(document, document["paths"][path], glob, name)
        document["paths"] = {
            mended if known == path else known: item for known, item in document["paths"].items()
        }
        for glob, name in globs.items():
            yield Repair(
                pointer(("paths", path)),
                f"*{glob} is a glob, which OpenAPI cannot express: "
                f"it became {{{name}}} in a path item of its own and spans slashes",
            )


def _declare_glob(document: dict[str, Any], item: dict[str, Any], glob: str, name: str) -> None:
    """Mark the parameter that spans slashes, where it is declared or else in each operation."""
    holders = [item, *(item[method] for method in METHODS if method in item)]
    for holder in holders:
        listed = holder.get("parameters", [])
        found = [_resolved(document, parameter) for parameter in listed]
        for index, parameter in enumerate(found):
            if parameter.get("in") == "path" and parameter.get("name") == glob:
                listed[index] = parameter | {"name": name, SPANS_SLASHES: True}
                if holder is item:
                    return
                break
        else:
            if holder is not item:
                holder.setdefault("parameters", []).append(_glob(name))


def _glob(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": {"type": "string"},
        "description": "Takes the rest of the path, slashes included.",
        SPANS_SLASHES: True,
    }


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
    for name in dict.fromkeys(PLACEHOLDER.findall(path)):
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
        if not isinstance(value, dict) or is_a_sample(path):
            continue
        if value.get("format") == "date_time" and isinstance(value.get("type"), str | list):
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


def _mend_nullables(document: dict[str, Any]) -> Iterator[Repair]:
    """OpenAPI 3.1 has no `nullable`: null is a type there."""
    if document["openapi"].startswith("3.0"):
        return
    for path, value in list(walk(document)):
        if not isinstance(value, dict) or is_a_sample(path) or value.get("nullable") is not True:
            continue
        became = []
        if isinstance(value.get("type"), str):
            value["type"] = [value["type"], "null"]
            del value["nullable"]
            became.append("null became a type")
        if isinstance(value.get("enum"), list) and None not in value["enum"]:
            value["enum"].append(None)
            became.append("null became a choice")
        if became:
            yield Repair(
                pointer((*path, "nullable")),
                "nullable is of OpenAPI 3.0 and means nothing in this version: "
                f"{' and '.join(became)}",
            )


def _mend_bare_schemas(document: dict[str, Any]) -> Iterator[Repair]:
    """From OpenAPI 3.1 on a schema may be true or false, which openapi-core cannot read alone."""
    if document["openapi"].startswith("3.0"):
        return
    for path, value in list(walk(document)):
        if not isinstance(value, dict) or is_a_sample(path) or path[-1:] in _NAMES_OF_SCHEMAS:
            continue
        if isinstance(value.get("schema"), bool):
            value["schema"] = {} if value["schema"] else {"not": {}}
            yield Repair(
                pointer((*path, "schema")),
                "openapi-core reads no schema that is true or false: it became a mapping",
            )


def is_a_sample(path: tuple[str | int, ...]) -> bool:
    """Whether a place lies in a value that somebody gave as a sample, where no keyword counts."""
    return any(
        step in _SAMPLES and before not in _NAMED
        for before, step in zip(("", *path), path, strict=False)
    )
