"""Published answers: a strict one, and then whatever else the published document permits.

Each departure is one that a document allows and few servers ever make: a field left out, a null, a
field that nobody knows, a value at the edge of its type, an object with nothing in it. Departing
from a strict answer keeps what is drawn readable: of one that fails only the departures are left
that matter.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mockserver.core.exchange import json_response
from mockserver.dynamic.edits import placed, without
from mockserver.dynamic.values import Values

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.core.exchange import Response
    from mockserver.dynamic.choices import Choices
    from mockserver.dynamic.drawer import Drawer
    from mockserver.dynamic.sketch import Sketch
    from mockserver.dynamic.worlds import Sample

_MOST = 6
"""How many departures there are at the most."""
_ANEW = 15
"""In how many of a hundred cases an answer departs from one that has nothing to do with ours."""


def published_answer(drawer: Drawer, choices: Choices, sample: Sample) -> Response:
    """An answer like this one that the published document permits."""
    operation, status = sample.wanted.operation, sample.response.status
    sketch = drawer.published.of(operation, status)
    if sketch is None:
        return sample.response
    response, told = sample.response, sample.told
    departures = [choices.pick(_DEPARTURES) for _ in range(choices.whole(0, _MOST))]
    if choices.chance(_ANEW):
        departures.insert(0, _all_of_it_anew)
    for depart in departures:
        other = depart(sketch, told, choices)
        offered = replace(response, body=json_response(status, other).body)
        if not drawer.leniently.check_answer(operation, offered):
            response, told = offered, other
    return response


def _another_value(sketch: Sketch, told: object, choices: Choices) -> object:
    """Something else where a value stands that holds no others."""
    places = [(path, here) for path, value, here in sketch.walk(told) if not _holds_more(value)]
    if not places:
        return told
    path, here = choices.pick(places)
    return placed(told, path, Values(choices, strange=True).of(here))


def _null(sketch: Sketch, told: object, choices: Choices) -> object:
    """Null in place of a value."""
    places = [
        path
        for path, value, here in sketch.walk(told)
        if value is not None and (here.branches or here.shape.nullable or here.says_nothing)
    ]
    return placed(told, choices.pick(places), None) if places else told


def _left_out(sketch: Sketch, told: object, choices: Choices) -> object:
    """A field that an object need not have, left out."""
    places = [
        (*path, name)
        for path, value, here in sketch.walk(told)
        if isinstance(value, dict) and not here.branches
        for name in value
        if name not in here.shape.required
    ]
    return without(told, choices.pick(places)) if places else told


def _a_field_more(sketch: Sketch, told: object, choices: Choices) -> object:
    """A field that the document does not name, in an object that it leaves open."""
    places = [
        (path, here)
        for path, value, here in sketch.walk(told)
        if isinstance(value, dict) and not here.branches and not here.shape.closed
    ]
    if not places:
        return told
    path, here = choices.pick(places)
    name, value = Values(choices, strange=True).further(here)
    return placed(told, (*path, name), value)


def _nothing_in_it(sketch: Sketch, told: object, choices: Choices) -> object:
    """An object or a list with nothing in it."""
    places = [(path, type(value)()) for path, value, _ in sketch.walk(told) if _holds_more(value)]
    return placed(told, *choices.pick(places)) if places else told


def _all_of_it_anew(sketch: Sketch, told: object, choices: Choices) -> object:  # noqa: ARG001 as its kin
    """Anything that its schema permits."""
    return Values(choices, strange=True).of(sketch)


def _holds_more(value: object) -> bool:
    return isinstance(value, dict | list) and bool(value)


_DEPARTURES: tuple[Callable[[Sketch, object, Choices], object], ...] = (
    _another_value,
    _null,
    _left_out,
    _a_field_more,
    _nothing_in_it,
)
