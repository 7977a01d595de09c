"""What differs between two documents for a client, operation by operation."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockserver.contract.changes import Difference, Side
from mockserver.contract.described import described
from mockserver.contract.repairs import EXTENSION
from mockserver.contract.routes import PLACEHOLDER
from mockserver.contract.same import same
from mockserver.contract.schema_differences import compared
from mockserver.contract.shape import TEXTS, part_of
from mockserver.core.dataclass import dataclass
from mockserver.source import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping

    from mockserver.contract.described import Described
    from mockserver.contract.shape import Parts


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Every difference between two repaired documents, texts for people aside."""
    return tuple(
        difference
        for before, after in _paired(described(old), described(new))
        for difference in _of_a_pair(before, after)
    )


def texts_that_differ(old: Mapping[str, Any], new: Mapping[str, Any]) -> int:
    """How many descriptions, titles and examples are new, gone or changed."""
    before, after = _texts(old), _texts(new)
    places = before.keys() | after.keys()
    return sum(not same(before.get(place), after.get(place)) for place in places)


def _texts(document: Mapping[str, Any]) -> dict[tuple[str | int, ...], object]:
    """Each text by its place, whatever parameters of paths are called."""
    return {
        (*path[:1], *(PLACEHOLDER.sub("{}", str(step)) for step in path[1:2]), *path[2:]): value
        for path, value in walk(document)
        if path and path[-1] in TEXTS and path[-2:-1] != ("properties",)
    }


def _paired(
    old: list[Described], new: list[Described]
) -> Iterator[tuple[Described | None, Described | None]]:
    """The same operations of both: of the same path, of the same but for names, of the same id."""
    matched: dict[int, Described] = {}
    left = list(new)
    keys: tuple[Callable[[Described], Hashable], ...] = (
        lambda operation: (operation.reached, operation.asked),
        lambda operation: operation.asked,
        lambda operation: operation.id,
    )
    for key in keys:
        counts = Counter(key(operation) for operation in left)
        known = {key(operation): operation for operation in left if counts[key(operation)] == 1}
        for index, operation in enumerate(old):
            if index not in matched and key(operation) is not None:
                found = known.pop(key(operation), None)
                if found is not None:
                    matched[index] = found
                    left.remove(found)
    yield from ((operation, matched.get(index)) for index, operation in enumerate(old))
    yield from ((None, operation) for operation in left)


def _of_a_pair(old: Described | None, new: Described | None) -> Iterator[Difference]:
    if old is not None and new is not None:
        spot = _Spot(old, new)
        yield from _of_the_operation(spot)
        yield from _of_security(spot.at("security"))
        yield from _of_parameters(spot)
        yield from _of_the_request_body(spot.at("request"))
        yield from _of_answers(replace(spot, side=Side.ANSWER))
    elif old is not None:
        yield Difference(old.short, "", "operation gone", Side.REQUEST, old=old.reached)
    elif new is not None:
        yield Difference(new.short, "", "operation new", Side.REQUEST, new=new.reached)


@dataclass(frozen=True, slots=True)
class _Spot:
    """A place in an operation that both documents have."""

    old: Described
    new: Described
    place: str = ""
    side: Side = Side.REQUEST

    def at(self, place: str) -> _Spot:
        """The same with a place further in."""
        return replace(self, place=f"{self.place} {place}".strip())

    def told(
        self, change: str, *, keyword: str = "", old: object = None, new: object = None
    ) -> Difference:
        """A change here."""
        return Difference(self.new.short, self.place, change, self.side, keyword, old, new)


def _of_the_operation(spot: _Spot) -> Iterator[Difference]:
    old, new = spot.old, spot.new
    if old.asked != new.asked:
        yield spot.told("operation moved", old=old.reached, new=new.reached)
    if old.id != new.id:
        yield spot.told("operationId changed", old=old.id, new=new.id)
    before, after = (bool(each.value.get("deprecated")) for each in (old, new))
    if before != after:
        yield spot.told("operation deprecated" if after else "operation no longer deprecated")


def _of_security(spot: _Spot) -> Iterator[Difference]:
    old, new = spot.old.security, spot.new.security
    free_before, free = "" in old, "" in new
    if old == new or (free_before and free):
        return
    if free_before or free:
        change = "security gone" if free else "security new"
    else:
        change = "security widened" if old < new else "security changed"
    before, after = (" or ".join(sorted(ways - {""})) or None for ways in (old, new))
    yield spot.told(change, old=before, new=after)


def _of_parameters(spot: _Spot) -> Iterator[Difference]:
    old, new = spot.old.parameters, spot.new.parameters
    for key in dict.fromkeys((*old, *new)):
        here = spot.at(f"{key[0]} parameter {(new.get(key) or old[key])['name']}")
        if key not in new:
            yield here.told("parameter gone")
        elif key not in old:
            needed = new[key].get("required")
            yield here.told("required parameter new" if needed else "parameter new")
        else:
            yield from _of_a_parameter(here, old[key], new[key])
            yield from _of_schemas(here, old[key], new[key])


def _of_a_parameter(
    spot: _Spot, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Difference]:
    if bool(old.get("required")) != bool(new.get("required")):
        yield spot.told("parameter required" if new.get("required") else "parameter optional")
    if bool(old.get("deprecated")) != bool(new.get("deprecated")):
        yield spot.told("deprecated new" if new.get("deprecated") else "deprecated gone")
    before, after = _writing(old), _writing(new)
    for keyword, said in before.items():
        if said != after[keyword]:
            change = "parameter written otherwise"
            yield spot.told(change, keyword=keyword, old=said, new=after[keyword])


def _writing(parameter: Mapping[str, Any]) -> dict[str, object]:
    """How several values stand in one parameter, with the defaults of OpenAPI."""
    style = parameter.get("style", "form" if parameter["in"] in {"query", "cookie"} else "simple")
    return {"style": style, "explode": parameter.get("explode", style == "form")}


def _of_the_request_body(spot: _Spot) -> Iterator[Difference]:
    old, new = spot.old.body, spot.new.body
    if new.get("required") and not old.get("required"):
        yield spot.told("body required" if old else "required body new")
    elif new and not old:
        yield spot.told("body new")
    elif old and not new:
        yield spot.told("body gone")
    elif old.get("required") and not new.get("required"):
        yield spot.told("body optional")
    if old and new:
        yield from _of_contents(spot, old.get("content", {}), new.get("content", {}))


def _of_answers(spot: _Spot) -> Iterator[Difference]:
    old, new = spot.old.value.get("responses", {}), spot.new.value.get("responses", {})
    for code in dict.fromkeys((*old, *new)):
        here = spot.at(f"answer {code}")
        if code in old and code in new:
            before = spot.old.schemas.resolved(old[code])
            after = spot.new.schemas.resolved(new[code])
            yield from _of_contents(here, before.get("content", {}), after.get("content", {}))
            yield from _of_headers(here, before.get("headers", {}), after.get("headers", {}))
        elif not code.startswith(EXTENSION):
            sort = "success" if code.startswith("2") else "status"
            yield here.told(f"{sort} {'new' if code in new else 'gone'}")


def _of_headers(
    spot: _Spot, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Difference]:
    before = {name.lower(): spot.old.schemas.resolved(header) for name, header in old.items()}
    after = {name.lower(): spot.new.schemas.resolved(header) for name, header in new.items()}
    spelt = {name.lower(): name for name in (*old, *new)}
    for key, name in spelt.items():
        here = spot.at(f"header {name}")
        if key in before and key in after:
            yield from _of_schemas(here, before[key], after[key])
        else:
            yield here.told("header new" if key in after else "header gone")


def _of_contents(
    spot: _Spot, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Difference]:
    """What differs in the media types of a body, and in what each of them holds."""
    several = len(old.keys() | new.keys()) > 1
    for media in dict.fromkeys((*old, *new)):
        if media not in new:
            yield spot.told("media type gone", old=media)
        elif media not in old:
            yield spot.told("media type new", new=media)
        else:
            yield from _of_schemas(spot.at(media) if several else spot, old[media], new[media])


def _of_schemas(
    spot: _Spot, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Difference]:
    """What differs in the schemas of a parameter, a header or a media type."""
    before = _schema_of(old, f"{spot.old.at} {spot.place}")
    after = _schema_of(new, f"{spot.new.at} {spot.place}")
    for found in compared(spot.old.schemas, spot.new.schemas, before, after):
        here = spot.at(found.place)
        told = here.told(found.change, keyword=found.keyword, old=found.old, new=found.new)
        yield replace(told, also=tuple(spot.at(place).place for place in found.also))


def _schema_of(holder: Mapping[str, Any], at: str) -> Parts:
    """The schema of what holds one; that of its content where it has one."""
    content = holder.get("content")
    if isinstance(content, dict):
        holder = next(iter(content.values()), {})
    return part_of(holder.get("schema"), at)
