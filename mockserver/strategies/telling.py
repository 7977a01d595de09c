"""What is told of an example that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.core.evaluation import observe
from mockserver.durations import format_duration
from mockserver.telling.wording import counted, line_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.strategies.followed import Followed
    from mockserver.strategies.scene import Scene

_MOST = 10
"""Exchanges that are told, the last ones."""
_LONGEST = 200
"""Characters of a view that are told."""


class Standing:
    """How things stand in an example, in words that are only found where somebody reads them."""

    def __init__(self, scene: Scene[Any]) -> None:
        """Tell of this one."""
        self._scene = scene

    def __repr__(self) -> str:
        """Some lines."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        held = self._scene.held
        sandbox = held.world.sandbox
        yield f"# as it stands, {format_duration(sandbox.now() - sandbox.epoch)} in:"
        for one in self._scene.evaluations:
            seen = observe(one.facts, sandbox.now())
            yield f"#   {one!r}: {one.status}, {seen.processed} of {seen.total} done; {_views(one)}"
        last = sandbox.journal.last
        yield f"# {counted(last, 'exchange')}{':' if last else ''}"
        page = held.journal.find(after=max(0, last - _MOST))["exchanges"]
        yield from (f"#   {line_of(one)}" for one in page)


def _views(one: Followed) -> str:
    if not one.views:
        return "no view of it"
    last = repr(one.views[-1])
    short = last if len(last) <= _LONGEST else f"{last[:_LONGEST]}..."
    return f"{counted(len(one.views), 'view')} of it, at last {short}"
