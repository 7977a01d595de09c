"""Spans of time that lead somewhere: to the changes that are ahead, to just before, to anywhere."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from mockserver.durations import format_duration

if TYPE_CHECKING:
    from mockserver.strategies.scene import Scene

_SECOND = timedelta(seconds=1)
_MILLISECOND = timedelta(milliseconds=1)
_SHORT = 21
"""Whole seconds, from none on, of which half of the spans are."""
_NEAR = 2
"""Changes that the others lead to, from the next one on."""

# One choice for each span, whatever it leads to: an example keeps its shape where another span is
# tried, and so it shrinks in fewer steps.
_NUMBERS = st.sampled_from(range(2 * _SHORT))


@st.composite
def _spans(draw: st.DrawFn) -> str:
    number = draw(_NUMBERS)
    scene: Scene[Any] = draw(st.runner()).scene
    ahead = scene.ahead()[:_NEAR]
    if number < _SHORT or not ahead:
        return format_duration(number % _SHORT * _SECOND)
    which, where = divmod(number, 3)
    return format_duration(_towards(ahead[which % len(ahead)], where))


def _towards(change: timedelta, where: int) -> timedelta:
    """All the way to a change, all but a millisecond of it, or half of it."""
    # To the millisecond, which is as exactly as a duration is written, and not before the change.
    whole = -(-change // _MILLISECOND)
    return (whole, whole - 1, whole // 2)[where] * _MILLISECOND


SPANS = _spans()
"""Durations as fixture files write them, the shortest first, for a machine that has a `Scene`."""
