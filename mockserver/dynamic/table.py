"""Every named way of breaking an answer or a life, as a document for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.dynamic.mutation import Group
from mockserver.dynamic.mutations import MUTATIONS
from mockserver.dynamic.pair_mutations import PAIR_MUTATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = """\
# Mutations

What `Prefer: dynamic=broken`, a sandbox in the mood `broken` and the strategies of
`mockserver.strategies` do to a strict answer: one thing, which has a name, told in
`X-Mock-Mutation`. The last column says what catches it: a temporal rule, the strict contract (by a
keyword of JSON Schema, or where it is not kept), or what HTTP and JSON themselves ask. Tests hold
each to be caught by that, and by nothing else.

This file is made: `python -m mockserver.dynamic > docs/mutations.md`.
"""
_LIVES = """
## Mutations of a life

Done to an answer that could be true by itself, and not after those before it:
`lives(mood="broken")`. An old answer that comes again may break more than its rule: nothing in it
is as it should be by now.
"""


def table() -> str:
    """The document."""
    ways = ((one.name, one.about, _catcher(one.group, one.caught_by)) for one in MUTATIONS.values())
    lives = ((one.name, one.about, f"rule: {one.caught_by}") for one in PAIR_MUTATIONS.values())
    return "\n".join([_HEAD, *_rows(ways), _LIVES, *_rows(lives), ""])


def _rows(cells: Iterator[tuple[str, str, str]]) -> Iterator[str]:
    yield "| mutation | what is done | caught by |"
    yield "|---|---|---|"
    for name, about, caught_by in cells:
        yield f"| `{name}` | {about} | {caught_by} |"


def _catcher(group: Group, caught_by: str) -> str:
    if group is Group.RULE:
        return f"rule: {caught_by}"
    if group is Group.SHAPE:
        return f"strict contract: `{caught_by}`"
    return caught_by if caught_by == str(Group.TEXT) else f"strict contract: {caught_by}"
