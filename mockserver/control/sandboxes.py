"""Sandboxes: listed, made, deleted, saved and put back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver import __version__
from mockserver.control.call import PAGE
from mockserver.instants import instant_text, read_instant
from mockserver.making import Options
from mockserver.moods import Mood
from mockserver.problems import RefusedError
from mockserver.selection import prefix_of
from mockserver.snapshots import read_snapshot, snapshot_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.control.call import Call
    from mockserver.sandboxes import World

_NOT_BESIDE = ("epoch", "fixtures", "settings")
"""What a snapshot says itself."""


def list_sandboxes(call: Call) -> dict[str, object]:
    """A page of them, the default one first."""
    worlds, offset = call.engine.sandboxes.all(), call.offset
    page = worlds[offset : offset + PAGE]
    after = offset + len(page)
    return {
        "sandboxes": [told(world, call.base) for world in page],
        "total": len(worlds),
        "next": f"{call.base}/_mock/sandboxes?offset={after}" if after < len(worlds) else None,
    }


def get_sandbox(call: Call) -> dict[str, object]:
    """One of them."""
    return told(call.engine.sandboxes.find(call.match.parameters["name"]), call.base)


def put_sandbox(call: Call) -> tuple[int, dict[str, object]]:
    """Make one, or make it anew."""
    world = call.maker.made(
        call.match.parameters["name"], _options(call.body, len(call.request.body))
    )
    is_new = call.engine.sandboxes.put(world)
    return 201 if is_new else 200, told(world, call.base)


def delete_sandbox(call: Call) -> dict[str, object]:
    """Delete one; its name is gone."""
    call.engine.sandboxes.delete(call.match.parameters["name"])
    return {}


def take_snapshot(call: Call) -> dict[str, object]:
    """One of them as a document."""
    return snapshot_of(call.engine.sandboxes.find(call.match.parameters["name"]), __version__)


def restore_snapshot(call: Call) -> dict[str, object]:
    """Put one to where a snapshot was taken; made from it where there is none."""
    name, weight = call.match.parameters["name"], len(call.request.body)
    snapshot = read_snapshot(call.body, "body")
    if call.engine.sandboxes.get(name) is not None:
        world = call.engine.sandboxes.of(name)  # which is a use of it
        call.maker.restore(world, snapshot, weight)
    else:
        world = call.maker.made(name, Options(snapshot=snapshot, weight=weight))
        call.engine.sandboxes.put(world)
    return told(world, call.base)


def reset(call: Call) -> dict[str, object]:
    """Start the sandbox anew, at the instant where it stands."""
    world = call.world
    call.engine.sandboxes.absorb(world.sandbox.reset(world.of_fixtures))
    return told(world, call.base)


def told(world: World, base: str) -> dict[str, object]:
    """A sandbox as the control API tells it."""
    sandbox = world.sandbox
    return {
        "name": world.name,
        "url": f"{base}{prefix_of(world.name)}",
        "seed": sandbox.seed,
        "epoch": instant_text(sandbox.epoch),
        "now": instant_text(sandbox.now()),
        "rate": sandbox.rate,
        "step": sandbox.step,
        "mood": sandbox.mood,
        "evaluations": len(sandbox),
        "exchanges": len(sandbox.journal),
    }


def _options(body: Mapping[str, Any], weight: int) -> Options:
    """What the body of a PUT asks for; `weight` is its length in bytes.

    Raises:
        RefusedError: 409 for what cannot stand beside a snapshot.
        BadSnapshotError: the snapshot cannot be used.
    """
    beside = [name for name in _NOT_BESIDE if name in body]
    if "from" in body and beside:
        raise RefusedError(409, f"{' and '.join(beside)}: the snapshot says that; leave it out")
    epoch = body.get("epoch")
    return Options(
        seed=body.get("seed"),
        epoch=None if epoch is None else read_instant(epoch),
        rate=body.get("rate"),
        step=body.get("step"),
        mood=None if body.get("mood") is None else Mood(body["mood"]),
        assume=body.get("settings", {}).get("assume", {}),
        fixtures=body.get("fixtures", {}),
        snapshot=read_snapshot(body["from"], "body /from") if "from" in body else None,
        weight=weight,
    )
