"""Overlays of any kind: applied to a document, or refused with all that is wrong."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import yaml
from amounts import hundreds
from drawn_values import altered
from hypothesis import given
from hypothesis import strategies as st
from mangled import ANY_TEXT, JSON, YAML, bits, mangled
from refusals import taken, told_well

from mockserver.bundled import bundled
from mockserver.contract.overlay import apply_overlay, load_overlay

if TYPE_CHECKING:
    from mockserver.contract.overlay import Overlay
    from mockserver.core.exchange import Violation

SMALL: dict[str, Any] = {
    "openapi": "3.0.0",
    "paths": {"/a/{b}": {"get": {"tags": ["x", "y", "x"], "responses": {"200": {"a": [{}]}}}}},
    "components": {"schemas": {"A": {"type": "object", "properties": {"a": {"enum": [1, None]}}}}},
    "": {"x-y": [[[]], 1.5, "é"]},
}
TARGETS = (
    *("$", "$.paths", "$.paths['/a/{b}'].get", "$['']", "$..*", "$..a", "$.*", "$.components.*.A"),
    *("$..tags[1:]", "$..tags[?@ == 'x']", "$..[?@.type == 'object']", "$..enum[0,1]", "$..[-1]"),
    *("$..[?match(@, 'x(')]", "$..[?search(@.a, '.*')]", "$..[?length(@) > 1]", "$..[?count(@.*)]"),
    *("$..[?@.a[?@.b[?@.c]]]", "$[9007199254740992]", "$[99999999999999999999]", "$.a b", "$[", ""),
    *("$..[::0]", "$..[::-1]", f"$[?{'(' * 300}@.a{')' * 300}]", "$" + ".a" * 300),
    *(
        "$..['\\ud800']",
        "$" + "..*" * 4,
        "$..[?@..a]",
        "$.\u2028",
        "$['a\\u0000']",
        "$..[?@ == 1e999]",
    ),
)
"""JSONPaths of every form, and what is none."""

STEPS = (
    *(
        "$",
        "@",
        "..",
        ".*",
        "[*]",
        "[0]",
        "[-1]",
        "[1:]",
        "[::2]",
        "['a']",
        "?",
        "?@.a",
        "==",
        "<=",
    ),
    *("length(@)", "count(@.*)", "match(@, '[')", "value(@..a)", "1e999", "&&", "||", *"()!"),
)

ORIGINAL = {
    "overlay": "1.0.0",
    "info": {"title": "T", "version": "1"},
    "actions": [
        {"target": "$.paths['/a/{b}'].get", "description": "Seen.", "update": {"tags": ["z"]}},
        {"target": "$..tags", "remove": True},
        {"target": "$.components", "update": {"schemas": {"B": {}}}},
    ],
}
FILES = [path.read_text("utf-8") for path in sorted(bundled("spec").glob("*.overlay.yaml"))]
WRITTEN = [yaml.safe_dump(ORIGINAL), json.dumps(ORIGINAL, indent=1)]
TEXTS = ANY_TEXT | mangled([*WRITTEN * 3, *FILES], bits(YAML, JSON, TARGETS))
VALUES = altered(ORIGINAL, 3, (*TARGETS, None, True, False, 1.5, [], {}, [{}], {"a": []}))


def loaded(text: str) -> Overlay | None:
    """The overlay, or None where it is refused as it should be."""
    return taken(lambda: load_overlay(text, "o.yaml"), start="o.yaml")


def applied(overlay: Overlay) -> tuple[dict[str, Any], tuple[Violation, ...]] | None:
    """What it makes of the small document, or None where it cannot be applied."""
    return taken(lambda: apply_overlay(SMALL, overlay), start="o.yaml /actions/")


@hundreds(2)
@given(TEXTS | VALUES.map(json.dumps))
def test_a_text_is_an_overlay_that_applies_or_says_why_it_does_not(text: str) -> None:
    overlay = loaded(text)
    if overlay is None:
        return
    before = copy.deepcopy(SMALL)
    if (found := applied(overlay)) is not None:
        told_well(found[1], "o.yaml /actions/")
        json.dumps(found[0])
    assert before == SMALL


@hundreds(2)
@given(st.sampled_from(TARGETS) | mangled(TARGETS, bits(JSON, STEPS)), st.booleans())
def test_an_action_changes_a_document_where_it_selects_something_and_only_there(
    target: str, remove: bool
) -> None:
    change = {"remove": True} if remove else {"update": {"new": ["new"]}}
    overlay = loaded(json.dumps({"overlay": "1.0.0", "actions": [{"target": target, **change}]}))
    if overlay is None:  # for a target that is no Unicode
        return
    if (found := applied(overlay)) is not None:
        changed, idle = found
        assert (changed != SMALL) is not bool(idle)
