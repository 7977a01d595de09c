"""What is open to everybody: whether the server answers, and its documents for other tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.instants import instant_text
from mockserver.problems import RefusedError
from mockserver.selection import DEFAULT, named_by, prefix_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.contract.contract import Contract
    from mockserver.control.call import Call


def get_health(call: Call) -> dict[str, object]:
    """That it answers, and what it serves."""
    default = call.engine.sandboxes.default
    now = instant_text(default.sandbox.now())
    return {"status": "ok", "now": now, "apis": list(default.apis)}


def document_of(call: Call, own: Contract) -> dict[str, object]:
    """A document, with this server as its server; `own` is that of the control API."""
    documents: dict[str, Mapping[str, Any]] = {}
    for api, served in call.engine.apis.items():
        documents[f"{api}.json"] = served.contract.document.value
        documents[f"{api}.strict.json"] = served.contract.strict
    documents[f"{own.api}.json"] = own.document.value
    name = call.match.parameters["document"]
    if name not in documents:
        raise RefusedError(404, f"no such document; there are {', '.join(documents)}")
    # A copy that names the live hub would send other tools there; this one names us.
    url = call.base + prefix_of(named_by(call.request) or DEFAULT)
    return {**documents[name], "servers": [{"url": url}]}
