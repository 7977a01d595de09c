"""What a client is expected to break on purpose: listed, added, taken back."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from mockserver.problems import RefusedError

if TYPE_CHECKING:
    from mockserver.control.call import Call


def list_expectations(call: Call) -> dict[str, object]:
    """Every expectation with how often it was met."""
    return {"expectations": [asdict(one) for one in call.sandbox.expectations.all()]}


def add_expectation(call: Call) -> dict[str, object]:
    """Say that a client will break the contract on purpose."""
    body = call.body
    operation = call.operation(body["operation"]) if "operation" in body else None
    count = int(body.get("count", 1))  # 2.0 is an integer too
    return asdict(call.sandbox.expectations.add(operation, body["place"], count))


def delete_expectation(call: Call) -> dict[str, object]:
    """Take one back."""
    id_ = call.match.parameters["id"]
    if not call.sandbox.expectations.remove(id_):
        raise RefusedError(404, f"no expectation of this sandbox has the id {id_[:100]!r}")
    return {}
