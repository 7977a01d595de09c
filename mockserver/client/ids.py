"""Ids, however they come: as texts, or within what a server has answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Identified: TypeAlias = str | Mapping[str, object]
"""An id, or an answer that holds one."""

_OF_EVALUATIONS = ("id", "evaluation", "evaluation_id", "benchmark_id")
"""Where answers about evaluations have it: ours, Oxen's and the journal's, Nugen's two."""


def id_of(thing: Identified, keys: tuple[str, ...] = ("id",)) -> str:
    """The id that a thing is, or has.

    Raises:
        TypeError: it has none.
    """
    if isinstance(thing, str):
        return thing
    for key in keys:
        found = thing.get(key)
        if isinstance(found, str):
            return found
        if isinstance(found, Mapping):
            return id_of(found, keys)
    raise TypeError(
        f"expected an id as {' or '.join(keys)}, found only {', '.join(thing) or 'none'}"
    )


def evaluation_id(thing: Identified) -> str:
    """The id of an evaluation or a benchmark.

    `thing` is the id itself, an evaluation as the control API has it, the answer to a create or
    a look (`{"evaluation": {"id": ...}}` of Oxen, `{"evaluation_id": ...}` of Nugen), or an
    exchange of the journal.

    Raises:
        TypeError: it is none of these.
    """
    return id_of(thing, _OF_EVALUATIONS)
