"""Repairs as an OpenAPI Overlay, for whoever publishes the document.

https://spec.openapis.org/overlay/v1.0.0: a target selects mappings and lists, an update is merged
into a mapping and appended to a list. Appliers differ in what they make of anything else, an entry
of a list as target among it. So every target is a mapping, or what is removed from one; what
becomes a value of another sort is removed first, and so is a list that does more than grow.
"""

from __future__ import annotations

import copy
import json
import re
from typing import TYPE_CHECKING, Any

from mockserver.contract.document import load_document, unshared
from mockserver.contract.repairs import SPANS_SLASHES, mend
from mockserver.contract.same import same
from mockserver.source import read_document, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    Path = tuple[str, ...]
    Action = dict[str, Any]

_MARKED = f"{SPANS_SLASHES} marks it for this mock; it means nothing to other tools"
_CONTROL = re.compile(r"[\x00-\x1f]")


def repairs_as_overlay(text: str, label: str) -> dict[str, Any] | None:
    """The overlay that makes the repaired document of this one; None where nothing needs repair.

    Raises:
        UnreadableDocumentError: the document cannot be served, whatever is repaired.
    """
    document = load_document(text, label)
    actions = _actions(unshared(read_document(text, label)))
    if not actions:
        return None
    info = document.value["info"]
    title = f"Repairs of {info['title']}, version {info['version']}"
    return {"overlay": "1.0.0", "info": {"title": title, "version": "1.0.0"}, "actions": actions}


def _actions(value: dict[str, Any]) -> list[Action]:
    """The actions of every repair in order, each fit for what the last one left."""
    before = unshared(value)
    made: list[tuple[list[str], list[Action]]] = []
    for repair in mend(value):
        changes = list(_changes(before, value, ()))
        if changes or not made:
            made.append(([repair.sentence], changes))
            before = unshared(value)
        else:  # one of several globs in a path, which are mended at once
            made[-1][0].append(repair.sentence)
    return [_told(action, sentences) for sentences, actions in made for action in actions]


def _told(action: Action, sentences: list[str]) -> Action:
    """An action with its reason, which stands before what it does."""
    marked = any(
        isinstance(inner, dict) and SPANS_SLASHES in inner
        for _, inner in walk(action.get("update"))
    )
    description = "; ".join([*sentences, _MARKED] if marked else sentences)
    target = action.pop("target")
    return {"target": target, "description": description, **action}


def _changes(old: Any, new: Any, path: Path) -> Iterator[Action]:  # noqa: ANN401 because JSON has no narrower type
    """The actions that make one mapping of another, removals first."""
    gone = [key for key in old if key not in new or not _grows(old[key], new[key])]
    for key in gone:
        yield {"target": normalized((*path, key)), "remove": True}
    update: dict[str, Any] = {}
    for key, value in new.items():
        if key not in old or key in gone:
            update[key] = copy.deepcopy(value)
        elif isinstance(value, dict):
            yield from _changes(old[key], value, (*path, key))
        elif not same(value, old[key]):
            more = value[len(old[key]) :] if isinstance(value, list) else value
            update[key] = copy.deepcopy(more)
    if update:
        yield {"target": normalized(path), "update": update}


def _grows(old: object, new: object) -> bool:
    """Whether updates alone make the new value of the old one."""
    if isinstance(old, list) and isinstance(new, list):
        return same(old, new[: len(old)])
    if isinstance(old, dict | list) or isinstance(new, dict | list):
        return isinstance(old, dict) and isinstance(new, dict)
    return True


def normalized(path: Path) -> str:
    """The path of a value as a JSONPath, a normalized path of RFC 9535 (2.7)."""
    return "$" + "".join(f"['{_escaped(step)}']" for step in path)


def _escaped(name: str) -> str:
    quoted = name.replace("\\", "\\\\").replace("'", "\\'")
    return _CONTROL.sub(lambda found: json.dumps(found[0])[1:-1], quoted)
