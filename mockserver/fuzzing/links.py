"""Which operation leads to which: what a create has made is looked at, and looked at again.

The published documents have no links (OpenAPI 3.0.4, 4.8.20), so they are added in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockserver.contract.contract import Contract, Operation


class Link(NamedTuple):
    """A step from one operation to another.

    Attributes:
        source: the operation that leads on, by the last part of its id.
        target: the one that it leads to.
        parameter: the parameter of the path that its answer says; the others stay as they were.
        pointer: where it stands in the answer; empty where it, too, stays as it was.
    """

    source: str
    target: str
    parameter: str
    pointer: str = ""


_OXEN = (
    Link("create_evaluation", "get_evaluation", "evaluation_id", "/evaluation/id"),
    Link("get_evaluation", "get_evaluation", "evaluation_id"),
)
_NUGEN = (
    *(
        Link("create_evaluation", target, "evaluation_id", "/evaluation_id")
        for target in ("get_evaluation_status", "get_evaluation_results")
    ),
    *(
        Link("get_evaluation_status", target, "evaluation_id")
        for target in (
            "get_evaluation_status",
            "get_evaluation_results",
            "download_evaluation_results",
        )
    ),
    # A new benchmark is named by `id` as documented, by `benchmark_id` as of July 2026.
    Link("create_benchmark", "get_benchmark_status", "benchmark_id", "/id"),
    Link("create_benchmark", "get_benchmark_status", "benchmark_id", "/benchmark_id"),
    Link("get_benchmark_status", "get_benchmark_status", "benchmark_id"),
    Link("get_benchmark_status", "get_benchmark_data", "benchmark_id"),
)
# More of them schemathesis finds by itself, by the names of ids.
_CONTROL = tuple(
    Link("add_evaluation", target, "id", "/id")
    for target in ("get_evaluation", "cancel_evaluation", "set_outcome", "delete_evaluation")
)
LINKS: Mapping[str, tuple[Link, ...]] = {"oxen": _OXEN, "nugen": _NUGEN, "control": _CONTROL}
"""By the name of the API."""


class Joined(NamedTuple):
    """A link between operations that a document has."""

    link: Link
    source: Operation
    target: Operation


def links_of(contract: Contract) -> Iterator[Joined]:
    """The links of an API whose operations and parameters a document has."""
    by_short = {operation.short: operation for operation in contract.operations.values()}
    for link in LINKS[contract.api]:
        source, target = by_short.get(link.source), by_short.get(link.target)
        if (
            source is not None
            and target is not None
            and link.parameter in names_in(target.template)
        ):
            yield Joined(link, source, target)


def add_links(document: dict[str, Any], contract: Contract) -> None:
    """Add the links to a document that has the operations of this contract; its own stay."""
    for link, source, target in links_of(contract):
        answers = document["paths"][source.template][source.method.lower()]["responses"]
        success = answers.get(str(source.success))
        named = document["paths"][target.template][target.method.lower()].get("operationId")
        if named is not None and success is not None and "$ref" not in success:
            found = dict(_parameters(link, source, target))
            name = f"{link.target}{link.pointer.replace('/', '_')}"
            success.setdefault("links", {})[name] = {"operationId": named, "parameters": found}


def _parameters(link: Link, source: Operation, target: Operation) -> Iterator[tuple[str, str]]:
    if link.pointer:
        yield link.parameter, f"$response.body#{link.pointer}"
    for name in names_in(target.template):
        if f"{{{name}}}" in source.template and not (link.pointer and name == link.parameter):
            yield name, f"$request.path.{name}"


def names_in(template: str) -> Iterator[str]:
    """The parameters of a path, in their order."""
    for part in template.split("{")[1:]:
        yield part.partition("}")[0]
