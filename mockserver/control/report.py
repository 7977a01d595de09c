"""What was exercised and what was broken, in one sandbox or in all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.report import Known, report_of

if TYPE_CHECKING:
    from mockserver.control.call import Call
    from mockserver.sandboxes import Sandboxes, World

_YES = {"y", "yes", "t", "true", "on", "1"}
"""What a boolean in a query may be, as openapi-core reads it."""


def get_report(call: Call) -> dict[str, object]:
    """The report on the sandbox, or on all of them, those that are gone included."""
    if (call.query("all") or "").lower() not in _YES:
        return report_on(call.world)
    return report_on_all(call.engine.sandboxes)


def report_on(world: World) -> dict[str, object]:
    """The report on one sandbox."""
    sandbox = world.sandbox
    return report_of(sandbox.tally, _known(world), sandbox.expectations.missing(), 1)


def report_on_all(sandboxes: Sandboxes) -> dict[str, object]:
    """The report on all sandboxes, those that are gone included."""
    total, worlds = sandboxes.counted()
    missing = [one for world in worlds for one in world.sandbox.expectations.missing()]
    known = _known(sandboxes.default)
    return report_of(total, known, missing, len(worlds) + sandboxes.departures)


def _known(world: World) -> list[Known]:
    return [
        Known(name, tuple(served.contract.operations), tuple(served.api.shown_words))
        for name, served in world.apis.items()
    ]
