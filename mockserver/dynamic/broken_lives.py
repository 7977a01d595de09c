"""Broken lives: the answers of a life of which one cannot be true after those before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.dynamic.mutations import ground_of
from mockserver.dynamic.pair_mutations import PAIR_MUTATIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockserver.core.exchange import Response
    from mockserver.dynamic.choices import Choices
    from mockserver.dynamic.drawer import Drawer
    from mockserver.dynamic.worlds import Sample

_Broken = tuple[int, "Response", str]


def broken_life(
    drawer: Drawer, choices: Choices, samples: Sequence[Sample], names: Sequence[str] = ()
) -> _Broken | None:
    """Which answer of a life is broken, what comes in its place, and how it is broken, by name.

    None where nothing of it can be broken, in one of these ways or, without any, in any.
    """
    grounds = [ground_of(drawer, sample) for sample in samples]
    ways = [PAIR_MUTATIONS[name] for name in names or PAIR_MUTATIONS]
    first = choices.whole(0, len(ways) - 1)
    for mutation in (*ways[first:], *ways[:first]):
        edits = [
            (at, edit)
            for at in range(1, len(grounds))
            for edit in mutation.edits(grounds[:at], grounds[at])
        ]
        if edits:
            at, edit = choices.pick(edits)
            return at, edit(), mutation.name
    return None
