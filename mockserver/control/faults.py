"""What goes wrong on purpose in a sandbox: listed, added, taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.faults import Rule
from mockserver.problems import RefusedError

if TYPE_CHECKING:
    from datetime import datetime

    from mockserver.control.call import Call
    from mockserver.faults import Fault


def list_faults(call: Call) -> dict[str, object]:
    """Every fault with what has come of it."""
    now = call.sandbox.now()
    return {"faults": [_told(fault, now) for fault in call.sandbox.faults.all()]}


def add_fault(call: Call) -> dict[str, object]:
    """Have something go wrong on purpose."""
    said = dict(call.body)
    if "operation" in said:
        said["operation"] = call.operation(said["operation"])
    if "status" in said:
        said["status"] = call.status(said["status"])
    now = call.sandbox.now()
    return _told(call.sandbox.faults.add(Rule.of(said), now), now)


def delete_fault(call: Call) -> dict[str, object]:
    """Take one away."""
    id_ = call.match.parameters["id"]
    if not call.sandbox.faults.remove(id_):
        raise RefusedError(404, f"no fault of this sandbox has the id {id_[:100]!r}")
    return {}


def _told(fault: Fault, now: datetime) -> dict[str, object]:
    return {
        "id": fault.id,
        "rule": fault.rule.as_json(),
        "matched": fault.matched,
        "struck": fault.struck,
        "spent": fault.is_spent(now),
    }
