"""Our strict applier of overlays, against the specification and another applier."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import jsonpath_rfc9535
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oas_patch.overlay import (  # type: ignore[import-untyped]  # because it ships no types
    apply_overlay as apply_by_oas_patch,
)

from mockserver.contract.contract import Contract
from mockserver.contract.document import load_document
from mockserver.contract.overlay import (
    Action,
    NoPathError,
    Overlay,
    apply_overlay,
    load_overlay,
    selected,
)
from mockserver.core.errors import FlawedError, UnreadableDocumentError
from mockserver.source import read_document

if TYPE_CHECKING:
    from jsonpath_rfc9535 import JSONValue

SPEC = Path(__file__).parents[2] / "spec"
STRICT, LEGACY = "oxen.overlay.yaml", "oxen.legacy.overlay.yaml"


def read(name: str) -> str:
    return (SPEC / name).read_text("utf-8")


def action(target: str, update: object = None, *, remove: bool = False) -> Action:
    return Action(target, "", update, remove)


def applied(document: dict[str, Any], *actions: Action) -> dict[str, Any]:
    """The document after these actions, each of which has selected something."""
    changed, idle = apply_overlay(document, Overlay("o.yaml", actions))
    assert idle == ()
    return changed


def flaws_of(value: object) -> list[tuple[str, str, str]]:
    with pytest.raises(FlawedError) as refused:
        load_overlay(json.dumps(value), "o.yaml")
    return [(flaw.place, flaw.expected, flaw.found) for flaw in refused.value.flaws]


# -- against another applier ------------------------------------------------------------------


@pytest.mark.parametrize("names", [(STRICT,), (LEGACY,), (STRICT, LEGACY)])
def test_our_overlays_give_what_another_applier_gives(names: tuple[str, ...]) -> None:
    ours = load_document(read("oxen.yaml"), "oxen.yaml").value
    theirs = copy.deepcopy(ours)
    for name in names:
        ours, idle = apply_overlay(ours, load_overlay(read(name), name))
        theirs = apply_by_oas_patch(theirs, read_document(read(name), name))
        assert idle == ()
        assert ours == theirs


KEYS = st.sampled_from(("a", "b", "c", "d"))
VALUES = st.recursive(
    st.integers(0, 9) | st.text(max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=5,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=3)
DOCUMENTS = st.fixed_dictionaries({"a": OBJECTS, "b": OBJECTS, "list": st.lists(VALUES)})
CHANGES = st.one_of(
    st.fixed_dictionaries({"target": st.sampled_from(("$", "$.a", "$.b")), "update": OBJECTS}),
    st.fixed_dictionaries({"target": st.just("$.list"), "update": st.lists(VALUES)}),
    st.fixed_dictionaries({"target": st.just("$.list"), "update": OBJECTS}),
    st.fixed_dictionaries(
        {"target": st.sampled_from(("$.a.b", "$.c", "$.b")), "remove": st.just(value=True)}
    ),
)


@given(DOCUMENTS, st.lists(CHANGES, min_size=1, max_size=3))
def test_plain_overlays_give_what_another_applier_gives(
    document: dict[str, Any], changes: list[dict[str, Any]]
) -> None:
    value = {"overlay": "1.0.0", "info": {}, "actions": changes}
    before = copy.deepcopy(document)
    changed, _ = apply_overlay(document, load_overlay(json.dumps(value), "o"))
    assert document == before
    assert changed == apply_by_oas_patch(copy.deepcopy(document), copy.deepcopy(value))


# -- what the specification asks --------------------------------------------------------------


def test_mappings_merge_key_by_key_and_keep_their_order() -> None:
    document = {"a": {"x": 1, "y": {"z": 2}}}
    changed = applied(document, action("$.a", {"new": 3, "y": {"z": 4, "w": 5}}))
    assert changed == {"a": {"x": 1, "y": {"z": 4, "w": 5}, "new": 3}}
    assert list(changed["a"]) == ["x", "y", "new"]


def test_a_list_takes_an_entry_or_all_entries_of_a_list() -> None:
    document = {"l": [1]}
    assert applied(document, action("$.l", {"a": 1})) == {"l": [1, {"a": 1}]}
    assert applied(document, action("$.l", 2)) == {"l": [1, 2]}
    assert applied(document, action("$.l", [2, [3]])) == {"l": [1, 2, [3]]}
    assert applied({"a": document}, action("$.a", {"l": [2]})) == {"a": {"l": [1, 2]}}


def test_a_plain_value_is_replaced() -> None:
    assert applied({"a": 1, "b": "x"}, action("$.*", None)) == {"a": None, "b": None}


def test_the_root_takes_a_mapping() -> None:
    assert applied({"a": 1}, action("$", {"b": 2})) == {"a": 1, "b": 2}


def test_actions_apply_in_order_each_to_what_the_last_one_left() -> None:
    actions = (action("$", {"b": {}}), action("$.b", {"c": 1}), action("$.b.c", remove=True))
    assert applied({}, *actions) == {"b": {}}


@pytest.mark.parametrize(
    "target", ["$.l[0,2]", "$.l[2,0]", "$.l[0,2,0]", "$.l[?@ != 2]", "$.l[::2]", "$.l[::-2]"]
)
def test_removing_several_entries_of_a_list_removes_just_those(target: str) -> None:
    assert applied({"l": [1, 2, 3]}, action(target, remove=True)) == {"l": [2]}


def test_what_is_selected_twice_is_changed_once() -> None:
    assert applied({"l": [1]}, action("$['l','l']", [2])) == {"l": [1, 2]}
    assert applied({"a": 1, "b": 2}, action("$['a','a']", remove=True)) == {"b": 2}


def test_what_holds_and_what_is_held_can_be_selected_together() -> None:
    document = {"a": {"a": {"a": 1}}, "b": {"a": 2}}
    assert applied(document, action("$..a", remove=True)) == {"b": {}}
    changed = applied({"x": {"x": {}}}, action("$..x", {"n": [1]}))
    assert changed == {"x": {"x": {"n": [1]}, "n": [1]}}


def test_an_update_is_copied_and_never_shared() -> None:
    update: dict[str, Any] = {"l": []}
    changed = applied({"a": {}, "b": {}}, action("$.*", update))
    changed["a"]["l"].append(1)
    assert changed["b"] == {"l": []}
    assert update == {"l": []}


def test_remove_false_is_no_removal() -> None:
    value = {
        "overlay": "1.0.0",
        "actions": [{"target": "$.a", "remove": False, "update": {"b": 1}}],
    }
    assert applied({"a": {}}, *load_overlay(json.dumps(value), "o").actions) == {"a": {"b": 1}}


def test_remove_beats_an_update_beside_it() -> None:
    value = {"overlay": "1.0.0", "actions": [{"target": "$.a", "remove": True, "update": {"b": 1}}]}
    assert applied({"a": {}}, *load_overlay(json.dumps(value), "o").actions) == {}


# -- targets that are one place, which are found without the library ------------------------------


NAMES = st.sampled_from(["a", "b", "get", "200", "x-y", "/p/{q}", "", "é", "a b", '"', "0"])
NESTED = st.recursive(
    st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
SEGMENTS = st.one_of(
    NAMES.map(lambda name: f"['{name}']"),
    st.sampled_from(
        [".a", ".b", ".get", ".é", ".200", ".x-y", "[0]", "[*]", "..a", '["a"]', " .a"]
    ),
    st.sampled_from([r"['\'']", r"['\u0061']", "['\t']", ".", "[]", "['a','b']"]),
)


@given(NESTED, st.lists(SEGMENTS, max_size=3).map("".join))
def test_a_target_selects_what_the_library_says_it_selects(value: object, steps: str) -> None:
    target = f"${steps}"
    try:
        expected = [
            tuple(node.location) for node in jsonpath_rfc9535.find(target, cast("JSONValue", value))
        ]
    except jsonpath_rfc9535.JSONPathError:
        with pytest.raises(NoPathError):
            selected(target, value)
    else:
        assert selected(target, value) == expected


# -- what selects nothing, and what is no overlay ---------------------------------------------


def test_every_action_that_selects_nothing_is_returned() -> None:
    actions = (action("$.x", {}), action("$.a", {}), action("$.b[?@.c]", remove=True))
    changed, idle = apply_overlay({"a": {}}, Overlay("o.yaml", actions))
    assert changed == {"a": {}}
    assert [(flaw.place, flaw.found) for flaw in idle] == [
        ("o.yaml /actions/0/target", "nothing at $.x"),
        ("o.yaml /actions/2/target", "nothing at $.b[?@.c]"),
    ]


def test_an_action_that_selects_nothing_is_an_error_for_our_own_document_alone() -> None:
    overlay = Overlay("o.yaml", (action("$.nowhere", {}),))
    users = Contract.load("oxen", read("oxen.yaml"), "mine.yaml", (overlay,))
    assert [flaw.place for flaw in users.idle] == ["o.yaml /actions/0/target"]
    ours = Contract.load_own("oxen", read("oxen.yaml"), "oxen.yaml", lambda: (overlay,))
    for _ in range(2):
        with pytest.raises(UnreadableDocumentError, match=r"nothing at \$\.nowhere"):
            assert ours.strict


@pytest.mark.parametrize("name", [STRICT, LEGACY])
def test_every_action_of_ours_says_on_what_evidence(name: str) -> None:
    evidence = ("documented", "seen", "inferred", "assumed")
    for item in load_overlay(read(name), name).actions:
        assert any(word in item.description.lower() for word in evidence), item.target


@pytest.mark.parametrize(
    "target",
    [
        *("", "a", "$.", "$[", "$..", "$['a'", "$.a b", "$[?]"),
        *("$[?@ == 1e999]", "$[9007199254740992]", f"$[?{'(' * 999}@{')' * 999}]", "$['a\n"),
    ],
)
def test_a_target_that_is_no_jsonpath_is_refused_with_its_place(target: str) -> None:
    overlay = Overlay("o.yaml", (action("$", {}), action(target, {})))
    with pytest.raises(FlawedError, match=r"JSONPath \(RFC 9535\)") as refused:
        apply_overlay({}, overlay)
    [flaw] = refused.value.flaws
    assert flaw.place == "o.yaml /actions/1/target"
    assert 0 < len(flaw.found) < 150


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (action("$", remove=True), "its removal"),
        (action("$", [1]), "no mapping"),
        (action("$", "text"), "no mapping"),
        (action("$", None), "no mapping"),
    ],
)
def test_the_root_can_neither_go_nor_become_something_else(change: Action, found: str) -> None:
    with pytest.raises(FlawedError, match=f"merged into the whole, found {found}"):
        apply_overlay({"a": 1}, Overlay("o.yaml", (change,)))


def test_everything_wrong_with_an_overlay_is_told_at_once() -> None:
    actions = [
        1,
        {},
        {"target": 2, "update": {}},
        {"target": "$", "remove": "yes"},
        {"target": "$"},
    ]
    assert flaws_of({"overlay": "2.0.0", "actions": actions}) == [
        ("o.yaml /overlay", "a version 1.x, as in 1.0.0", "2.0.0"),
        ("o.yaml /actions/0", "a mapping", "1"),
        ("o.yaml /actions/1/target", "a JSONPath", "None"),
        ("o.yaml /actions/1", "an update, or remove: true", "neither"),
        ("o.yaml /actions/2/target", "a JSONPath", "2"),
        ("o.yaml /actions/3/remove", "true or false", "yes"),
        ("o.yaml /actions/4", "an update, or remove: true", "neither"),
    ]


@pytest.mark.parametrize("value", [None, [], "text", 1, {}, {"overlay": "1.0.0"}])
def test_what_is_no_overlay_at_all_is_refused(value: object) -> None:
    assert "o.yaml /actions" in [place for place, _, _ in flaws_of(value)]


@given(VALUES | st.fixed_dictionaries({"overlay": st.just("1.0.0"), "actions": VALUES}))
def test_no_value_raises_anything_but_flaws(value: object) -> None:
    try:
        told = load_overlay(json.dumps(value), "o.yaml").actions
    except FlawedError as error:
        assert all(flaw.place.startswith("o.yaml") for flaw in error.flaws)  # noqa: PT017 because either is fine
    else:
        assert told
