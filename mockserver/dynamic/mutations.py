"""Broken answers: every named way of breaking one, and one drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.dynamic.look_mutations import LOOK_MUTATIONS
from mockserver.dynamic.mutation import Ground, Group, Mutation
from mockserver.dynamic.shape_mutations import SHAPE_MUTATIONS
from mockserver.dynamic.text_mutations import TEXT_MUTATIONS
from mockserver.dynamic.worlds import told_by

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockserver.core.exchange import Response
    from mockserver.dynamic.choices import Choices
    from mockserver.dynamic.drawer import Drawer
    from mockserver.dynamic.mutation import Edit
    from mockserver.dynamic.worlds import Sample

MUTATIONS: Mapping[str, Mutation] = {
    one.name: one for one in (*LOOK_MUTATIONS, *SHAPE_MUTATIONS, *TEXT_MUTATIONS)
}
"""Every one, by its name."""

_GROUPS = tuple(tuple(one for one in MUTATIONS.values() if one.group is group) for group in Group)


def broken_answer(drawer: Drawer, choices: Choices, sample: Sample) -> tuple[Response, str] | None:
    """A strict answer broken in one place, and how; None where nothing of it can be broken."""
    ground = ground_of(drawer, sample)
    first = choices.whole(0, len(_GROUPS) - 1)
    for group in (*_GROUPS[first:], *_GROUPS[:first]):
        able = [(one, edits) for one in group if (edits := list(one.edits(ground)))]
        if able:
            mutation, edits = choices.pick(able)
            if (response := _done(choices, sample, edits)) is not None:
                return response, mutation.name
    return None


def mutated(
    mutation: Mutation, drawer: Drawer, choices: Choices, sample: Sample
) -> Response | None:
    """A strict answer broken in this way; None where it cannot be."""
    edits = list(mutation.edits(ground_of(drawer, sample)))
    return _done(choices, sample, edits) if edits else None


def _done(choices: Choices, sample: Sample, edits: Sequence[Edit]) -> Response | None:
    """The first of these edits, from a drawn one on, that leaves the answer agreed with itself."""
    first = choices.whole(0, len(edits) - 1)
    for edit in (*edits[first:], *edits[:first]):
        response = edit()
        if sample.agrees(told_by(response)):
            return response
    return None


def ground_of(drawer: Drawer, sample: Sample) -> Ground:
    """A strict answer, prepared for being broken."""
    operation = sample.wanted.operation
    return Ground(sample, drawer.strict.of(operation, sample.response.status))
