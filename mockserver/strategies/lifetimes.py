"""Lives to lead: those of fixtures by name, and others in the words of fixture files."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from hypothesis import strategies as st

from mockserver.apis.known import FORMS
from mockserver.dynamic.lives import orders

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.fixtures import Catalog, Form
    from mockserver.strategies.scene import Scene

Lifetime: TypeAlias = "str | Mapping[str, Any]"
"""The name of a fixture, or what is different about the default one."""

KIND = "evaluation"
_LENGTHS = st.sampled_from(("1s", "5s", "30s", "10m", "2h", "500ms", "0s"))
_ROWS = st.one_of(st.sampled_from((1, 2, 0)), st.integers(0, 2_000))
_MESSAGES = st.sampled_from(("it failed", "50 % of the rows are lost:\n\t“naïve” 🐂 </p>"))


def default_life(api: str) -> str:
    """The fixture that a create follows where nothing else is said."""
    return FORMS[api].kinds[KIND].default_life


def names(api: str, catalog: Catalog) -> tuple[str, ...]:
    """The fixtures that any client can meet, the default one first.

    Those are not among them that belong to somebody, or that assume of the API what the settings
    do not.
    """
    first = default_life(api)
    met = {
        fixture.name
        for fixture in catalog.of_kind(KIND)
        if fixture.scope is None and not fixture.assumptions
    }
    return (first, *sorted(met - {first}))


@st.composite
def _of_fixtures(draw: st.DrawFn) -> Lifetime:
    scene: Scene[Any] = draw(st.runner()).scene
    return draw(st.sampled_from(scene.fixtures))


@st.composite
def _of_no_fixture(draw: st.DrawFn) -> Lifetime:
    scene: Scene[Any] = draw(st.runner()).scene
    return draw(drawn_lifetimes(scene.api))


LIFETIMES = st.one_of(_of_fixtures(), _of_no_fixture())
"""For evaluations of a machine that has a `Scene`."""


@cache
def drawn_lifetimes(api: str) -> st.SearchStrategy[Lifetime]:
    """Any legal life of an API, as overrides of the default one: phases, rows, how it ends."""
    return _of_form(FORMS[api])


@st.composite
def _of_form(draw: st.DrawFn, form: Form) -> Lifetime:
    cycle = form.kinds[KIND].cycle
    *passed, end = map(str, draw(st.sampled_from(orders(cycle))))
    life: dict[str, Any] = {"phases": [*({status: draw(_LENGTHS)} for status in passed), end]}
    rows = draw(st.none() | _ROWS)
    if rows is not None:
        life[f"{form.row}s"] = rows
    if passed[-1] == cycle.works_in and end not in cycle.whole:
        life[f"stops_at_{form.row}"] = draw(st.integers(0, form.rows if rows is None else rows))
    if end in cycle.explained:
        life["error_message"] = draw(_MESSAGES)
    return life
