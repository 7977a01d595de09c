"""Repairs as an overlay: applied to the published document it gives the repaired one, exactly."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonpath_rfc9535 import find
from oas_patch.overlay import (  # type: ignore[import-untyped]  # because it ships no types
    apply_overlay as apply_by_oas_patch,
)
from test_documents import ONE_OPERATION, SPEC, document_of, like_the_hub, with_schema

from mockserver.contract.as_overlay import normalized, repairs_as_overlay
from mockserver.contract.document import load_document
from mockserver.contract.overlay import apply_overlay, load_overlay
from mockserver.contract.repairs import SPANS_SLASHES
from mockserver.contract.same import same
from mockserver.core.errors import UnreadableDocumentError
from mockserver.source import dump, read_document

NUGEN = (Path(SPEC).parent / "nugen.yaml").read_text("utf-8")
DEFECTIVE = {
    "our own": SPEC.read_text("utf-8"),
    "a page of one operation": ONE_OPERATION,
    "one like the hub's": json.dumps(like_the_hub()),
}
FINE: dict[str, Any] = {"responses": {"200": {"description": "Fine."}}}


def overlay_of(value: object) -> dict[str, Any]:
    overlay = repairs_as_overlay(json.dumps(value), "mine.json")
    assert overlay is not None
    return overlay


def told(value: object) -> list[tuple[str, object]]:
    """Each action's target with its update, or remove."""
    return [
        (action["target"], "remove" if action.get("remove") else action["update"])
        for action in overlay_of(value)["actions"]
    ]


def require_round_trip(text: str) -> None:
    """Our applier and another one make the repaired document of the published one."""
    overlay = repairs_as_overlay(text, "mine.yaml")
    repaired = load_document(text, "mine.yaml", proved=True)
    assert (overlay is None) is (repaired.repairs == ())
    if overlay is None:
        return
    written = dump(overlay)
    published: Any = read_document(text, "mine.yaml")
    ours, idle = apply_overlay(published, load_overlay(written, "repairs.yaml"))
    assert idle == ()
    assert same(ours, repaired.value)
    assert load_document(json.dumps(ours), "again", proved=True).repairs == ()
    theirs = apply_by_oas_patch(copy.deepcopy(published), yaml.safe_load(written))
    assert same(theirs, repaired.value)


# -- the promise ------------------------------------------------------------------------------


@pytest.mark.parametrize("text", DEFECTIVE.values(), ids=DEFECTIVE)
def test_the_overlay_of_a_document_makes_the_repaired_one_of_it(text: str) -> None:
    require_round_trip(text)


@pytest.mark.parametrize("text", DEFECTIVE.values(), ids=DEFECTIVE)
def test_every_repair_is_told_by_an_action_and_no_action_is_without(text: str) -> None:
    overlay = repairs_as_overlay(text, "mine.yaml")
    assert overlay is not None
    sentences = {repair.sentence for repair in load_document(text, "mine.yaml").repairs}
    descriptions = [action["description"] for action in overlay["actions"]]
    for sentence in sentences:
        assert any(sentence in description for description in descriptions), sentence
    assert all(any(sentence in one for sentence in sentences) for one in descriptions)


def test_a_document_without_defects_has_no_overlay() -> None:
    assert repairs_as_overlay(NUGEN, "nugen.yaml") is None


def test_a_document_that_cannot_be_served_has_none_either() -> None:
    with pytest.raises(UnreadableDocumentError, match=r"mine\.yaml cannot be served"):
        repairs_as_overlay("openapi: 3.0.0\npaths: {/a: {get: {}}}", "mine.yaml")


DECLARED: tuple[dict[str, Any], ...] = (
    {},
    {"required": True},
    {"required": False},
    {"example": "x"},
)
RESPONSES: tuple[Any, ...] = (
    None,
    {},
    [],
    {"200": {}},
    {"200": {"description": "x"}, "404": {"content": {}}},
)
TEMPLATES = {
    "/x": "",
    "/x/{a}": "a",
    "/x/*a": "a",
    "/*a/y/*b": "ab",
    "/it's/{b}": "b",
    "/*c/z": "c",
}


def parameters_of(names: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Some parameters of a path, and one of the query, each declared well or badly."""
    written = [_declared(name, "path") for name in names] + [_declared("q", "query")]
    if "a" in names:
        written[0] |= st.just({"$ref": "#/components/parameters/a"})
    return st.tuples(*(st.none() | one for one in written)).map(_without_none)


def _declared(name: str, place: str) -> st.SearchStrategy[dict[str, Any]]:
    told = {"name": name, "in": place, "schema": {"type": "string"}}
    return st.sampled_from(DECLARED).map(lambda more: told | more)


def _without_none(listed: tuple[dict[str, Any] | None, ...]) -> list[dict[str, Any]]:
    return [one for one in listed if one is not None]


def item_of(names: str) -> st.SearchStrategy[dict[str, Any]]:
    """A path item with what the hub's generator leaves out of it."""
    parameters = parameters_of(names)
    operation = st.fixed_dictionaries(
        {}, optional={"parameters": parameters, "responses": st.sampled_from(RESPONSES)}
    )
    return st.fixed_dictionaries(
        {}, optional={"get": operation, "put": operation, "parameters": parameters}
    )


PATHS = st.fixed_dictionaries(
    {},
    optional={
        **{template: item_of(names) for template, names in TEMPLATES.items()},
        "x-mine": st.none() | st.just({"get": 1}),
    },
)
SCHEMAS = st.recursive(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(("string", "object", "integer")),
            "format": st.just("date_time"),
            "nullable": st.booleans(),
            "enum": st.lists(st.sampled_from(("x", "y", None)), min_size=1, unique=True),
            "required": st.sampled_from(([], ["a"])),
            "example": st.just({"format": "date_time", "type": "string"}),
        },
    ),
    lambda inner: st.builds(
        lambda several, one: {"allOf": several, "properties": one},
        st.lists(inner, min_size=1, max_size=2),
        st.dictionaries(st.sampled_from(("a", "it's", "é", "parent", "200")), inner, max_size=2),
    ),
    max_leaves=4,
)
DOCUMENTS = st.builds(
    lambda paths, schemas, shared, version: (
        document_of(paths, components={"parameters": {"a": shared}, "schemas": schemas})
        | {"openapi": version}
    ),
    PATHS,
    st.dictionaries(st.sampled_from(("A", "B")), SCHEMAS, max_size=2),
    st.sampled_from(({"required": True}, {"required": True}, {})).map(
        lambda more: {"name": "a", "in": "path", "schema": {"type": "string"}, **more}
    ),
    st.sampled_from(("3.0.3", "3.1.0")),
)


@given(DOCUMENTS)
def test_the_overlay_of_any_defective_document_makes_the_repaired_one_of_it(
    document: dict[str, Any],
) -> None:
    text = json.dumps(document)
    try:
        load_document(text, "mine.yaml")
    except UnreadableDocumentError:
        assume(False)  # noqa: FBT003 because that is how it is said
    require_round_trip(text)


# -- what each repair becomes -----------------------------------------------------------------


def test_parameters_are_appended_by_an_update_of_their_operation() -> None:
    declared = {"name": "b", "in": "path", "required": True, "schema": {"type": "string"}}
    there = {"name": "q", "in": "query", "schema": {"type": "string"}}
    some: tuple[dict[str, Any], ...] = ({}, {"parameters": []}, {"parameters": [there]})
    for listed in some:
        value = document_of({"/a/{b}": {"get": {**listed, **FINE}}})
        assert told(value) == [("$['paths']['/a/{b}']['get']", {"parameters": [declared]})]


def test_a_list_of_which_an_entry_changes_is_given_anew() -> None:
    parameter = {"name": "b", "in": "path", "schema": {"type": "string"}}
    value = document_of({"/a/{b}": {"get": {"parameters": [parameter], **FINE}}})
    at = "$['paths']['/a/{b}']['get']"
    assert told(value) == [
        (f"{at}['parameters']", "remove"),
        (at, {"parameters": [{**parameter, "required": True}]}),
    ]


def test_what_a_reference_leads_to_is_changed_there() -> None:
    parameter = {"name": "b", "in": "path", "schema": {"type": "string"}}
    operation = {"parameters": [{"$ref": "#/components/parameters/p"}], **FINE}
    value = document_of({"/a/{b}": {"get": operation}}, components={"parameters": {"p": parameter}})
    assert told(value) == [("$['components']['parameters']['p']", {"required": True})]


def test_a_glob_is_a_path_gone_and_a_path_more_and_says_what_its_mark_is() -> None:
    value = document_of({"/a/*b": {"get": FINE}, "/c": {"get": FINE}})
    removal, addition = overlay_of(value)["actions"]
    assert (removal["target"], removal["remove"]) == ("$['paths']['/a/*b']", True)
    assert addition["target"] == "$['paths']"
    assert list(addition["update"]) == ["/a/{b}"]
    assert addition["description"].startswith(removal["description"])
    assert f"{SPANS_SLASHES} marks it for this mock" in addition["description"]
    assert SPANS_SLASHES not in removal["description"]


def test_two_globs_of_a_path_are_mended_at_once_and_told_together() -> None:
    _, addition = overlay_of(document_of({"/*a/x/*b": {"get": FINE}}))["actions"]
    assert "*a is a glob" in addition["description"]
    assert "*b is a glob" in addition["description"]


def test_an_empty_list_and_an_extension_are_removed() -> None:
    assert told(with_schema({"type": "object", "required": []})) == [
        ("$['components']['schemas']['A']['required']", "remove")
    ]
    assert told(document_of({"x-mine": 1})) == [("$['paths']['x-mine']", "remove")]


def test_what_becomes_a_value_of_another_sort_is_removed_first() -> None:
    schema = {"type": "string", "nullable": True, "enum": ["a"]}
    at = "$['components']['schemas']['A']"
    assert told(with_schema(schema) | {"openapi": "3.1.0"}) == [
        (f"{at}['type']", "remove"),
        (f"{at}['nullable']", "remove"),
        (at, {"type": ["string", "null"], "enum": [None]}),
    ]
    assert told(document_of({"/a": {"get": {"responses": None}}})) == [
        ("$['paths']['/a']['get']['responses']", "remove"),
        (
            "$['paths']['/a']['get']",
            {"responses": {"default": {"description": "Not described."}}},
        ),
    ]


def test_required_as_1_is_not_required_as_true() -> None:
    parameter = {"name": "b", "in": "path", "required": 1, "schema": {"type": "string"}}
    value = document_of({"/a/{b}": {"get": {"parameters": [parameter], **FINE}}})
    _, (_, update) = told(value)
    assert update == {"parameters": [{**parameter, "required": True}]}
    assert load_document(json.dumps(value), "mine.json").value["paths"]


def test_null_among_the_choices_of_3_1_is_a_repair_that_is_told() -> None:
    value = with_schema({"nullable": True, "enum": ["a"]}) | {"openapi": "3.1.0"}
    [repair] = load_document(json.dumps(value), "mine.json").repairs
    assert repair.pointer == "/components/schemas/A/nullable"
    assert repair.sentence.endswith("null became a choice")


# -- targets ----------------------------------------------------------------------------------

KEYS = st.text(max_size=4) | st.sampled_from(("'", "\\", "\\'", '"', "\n", "\x00", "*", "..", "é"))


@given(st.lists(KEYS, max_size=4))
def test_a_target_selects_the_one_place_it_was_made_from(path: list[str]) -> None:
    value: Any = "here"
    for step in reversed(path):
        value = {step: value}
    [node] = find(normalized(tuple(path)), value)
    assert node.value == "here"
    assert node.path() == normalized(tuple(path))
