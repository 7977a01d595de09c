"""Apply an OpenAPI Overlay 1.0, strictly.

https://spec.openapis.org/overlay/v1.0.0: actions in order, each an RFC 9535 JSONPath target with
an `update` to merge or `remove: true`. No applier at hand says when a target selects nothing,
which is how an overlay rots; this one returns those actions, and the caller decides.
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

from mockserver.core.dataclass import dataclass
from mockserver.core.errors import FlawedError
from mockserver.core.exchange import Kind, Violation
from mockserver.source import read_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    _Location = tuple[str | int, ...]

_NAME = r"\.([A-Za-z_][A-Za-z0-9_]*)|\['([^'\\\x00-\x1f]*)'\]"
_STEP = re.compile(_NAME)
_ONE_PLACE = re.compile(rf"\$({_NAME})*")
"""Names alone, without escapes: such a target selects one place at most (RFC 9535, 2.3.1)."""


_LONGEST_REASON = 120


class NoPathError(ValueError):
    """A target that is no JSONPath; the text says why."""


@dataclass(frozen=True, slots=True)
class Action:
    """One change: what it selects, why it is made, and the update, or None for a removal."""

    target: str
    description: str
    update: object
    remove: bool


@dataclass(frozen=True, slots=True)
class Overlay:
    """A list of changes to a document."""

    label: str
    actions: tuple[Action, ...]


def load_overlay(text: str, label: str) -> Overlay:
    """Read an overlay.

    Raises:
        FlawedError: everything about it that is not Overlay 1.0.
    """
    value = read_document(text, label)
    flaws: list[Violation] = []

    def expect(holds: object, place: str, expected: str, found: object) -> None:
        if not holds:
            shown = str(found)[:80] or "an empty text"
            flaws.append(Violation(f"{label} {place}", expected, shown, Kind.SOURCE))

    top = value if isinstance(value, dict) else {}
    version = top.get("overlay")
    expect(str(version).startswith("1."), "/overlay", "a version 1.x, as in 1.0.0", version)
    listed = top.get("actions")
    expect(isinstance(listed, list) and listed, "/actions", "a list of actions", listed)
    actions = []
    for index, action in enumerate(listed if isinstance(listed, list) else ()):
        place = f"/actions/{index}"
        if not isinstance(action, dict):
            expect(False, place, "a mapping", action)  # noqa: FBT003 because it reads as a verdict
            continue
        target = action.get("target")
        expect(isinstance(target, str), f"{place}/target", "a JSONPath", target)
        remove = action.get("remove", False)
        expect(isinstance(remove, bool), f"{place}/remove", "true or false", remove)
        expect(remove or "update" in action, place, "an update, or remove: true", "neither")
        why = str(action.get("description", ""))
        actions.append(Action(str(target), why, action.get("update"), remove is True))
    if flaws:
        raise FlawedError(f"{label} is not an overlay", flaws)
    return Overlay(label, tuple(actions))


def apply_overlay(
    document: dict[str, Any], overlay: Overlay
) -> tuple[dict[str, Any], tuple[Violation, ...]]:
    """A changed copy of the document, and the actions whose target selected nothing in it.

    Raises:
        FlawedError: a target that is not a JSONPath, or a change that the root cannot undergo.
    """
    changed = copy.deepcopy(document)
    idle = []
    for index, action in enumerate(overlay.actions):
        place = f"{overlay.label} /actions/{index}/target"
        try:
            nodes = selected(action.target, changed)
        except NoPathError as error:
            flaw = Violation(place, "a JSONPath (RFC 9535)", str(error), Kind.SOURCE)
            raise FlawedError(f"{overlay.label} cannot be applied", [flaw]) from None
        if not nodes:
            target = action.target[:_LONGEST_REASON]
            idle.append(
                Violation(place, "something to select", f"nothing at {target}", Kind.SOURCE)
            )
        for location in sorted(set(nodes), key=_last_first, reverse=True):
            if not location and (action.remove or not isinstance(action.update, dict)):
                found = "its removal" if action.remove else "no mapping"
                flaw = Violation(place, "a mapping merged into the whole", found, Kind.SOURCE)
                raise FlawedError(f"{overlay.label} cannot be applied", [flaw])
            _change(changed, location, action)
    return changed, tuple(idle)


def selected(target: str, document: Any) -> list[_Location]:  # noqa: ANN401 because JSON has no narrower type
    """Where everything stands that a JSONPath selects.

    Raises:
        NoPathError: it is no JSONPath.
    """
    if _ONE_PLACE.fullmatch(target):
        return _at(tuple(dotted or quoted for dotted, quoted in _STEP.findall(target)), document)
    from jsonpath_rfc9535 import (  # noqa: PLC0415 because most targets are one place
        JSONPathError,
    )
    from jsonpath_rfc9535 import find as find_nodes  # noqa: PLC0415 the same

    try:
        return [tuple(node.location) for node in find_nodes(target, document)]
    except JSONPathError as error:
        raise NoPathError(" ".join(str(error).split())[:_LONGEST_REASON]) from None
    except (ArithmeticError, ValueError, RecursionError) as error:
        reason = f"one that its reader stumbles over: {type(error).__name__}"
        raise NoPathError(reason) from None


def _at(names: tuple[str, ...], document: Any) -> list[_Location]:  # noqa: ANN401 the same
    """The place of these names, if there is one."""
    here = document
    for name in names:
        if not isinstance(here, dict) or name not in here:
            return []
        here = here[name]
    return [names]


def _last_first(location: tuple[str | int, ...]) -> list[tuple[bool, str | int]]:
    """Sorts what is within before what holds it, and a list's end before its start."""
    return [(isinstance(step, int), step) for step in location]


def _change(document: dict[str, Any], location: Sequence[str | int], action: Action) -> None:
    if not location:
        document.update(_merged(document, action.update))
        return
    holder: Any = document
    for step in location[:-1]:
        holder = holder[step]
    last = location[-1]
    if action.remove:
        del holder[last]
    elif isinstance(holder[last], list) and not isinstance(action.update, list):
        holder[last] = [*holder[last], copy.deepcopy(action.update)]
    else:
        holder[last] = _merged(holder[last], action.update)


def _merged(value: Any, update: Any) -> Any:  # noqa: ANN401 because JSON has no narrower type
    """The value with the update merged in: mappings key by key, lists end to end."""
    if isinstance(value, dict) and isinstance(update, dict):
        extra = {key: copy.deepcopy(update[key]) for key in update.keys() - value.keys()}
        kept = {
            key: _merged(value[key], update[key]) if key in update else value[key] for key in value
        }
        return kept | {key: extra[key] for key in update if key in extra}
    if isinstance(value, list) and isinstance(update, list):
        return [*value, *copy.deepcopy(update)]
    return copy.deepcopy(update)
