"""The clock of a sandbox: look at it, change its rate, move it on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mockserver.control.evaluations import found
from mockserver.instants import instant_text
from mockserver.sandbox import NothingAheadError

if TYPE_CHECKING:
    from datetime import datetime

    from mockserver.control.call import Call
    from mockserver.sandbox import Sandbox
    from mockserver.sandboxes import World


def get_clock(call: Call) -> dict[str, object]:
    """The clock as it stands."""
    return _told(call.sandbox)


def put_clock(call: Call) -> dict[str, object]:
    """Change the rate, or step mode, or both."""
    call.sandbox.set_clock(call.body.get("rate"), call.body.get("step"))
    return _told(call.sandbox)


def advance_clock(call: Call) -> dict[str, object]:
    """Move virtual time on, by some seconds or to an instant that matters."""
    body, sandbox = call.body, call.sandbox
    if "seconds" in body:
        sandbox.move(lambda now: now + timedelta(seconds=body["seconds"]))
    elif "until" in body:
        id_, status = body["until"]["id"], body["until"]["status"]
        sandbox.move(lambda now: _first(call.world, id_, status, now))
    elif "id" in body:
        sandbox.move(lambda now: _next_of(call.world, body["id"], now))
    else:
        sandbox.move(sandbox.next_change)
    return _told(sandbox)


def _next_of(world: World, id_: str, now: datetime) -> datetime:
    evaluation = found(world, id_)
    instant = evaluation.next_change(now)
    if instant is None:
        ends = evaluation.life.phases[-1].status
        raise NothingAheadError(f"evaluation {evaluation.id} is {ends}: it changes no more")
    return instant


def _first(world: World, id_: str, status: str, now: datetime) -> datetime:
    """The first instant from now on at which an evaluation has a status, by its name or word."""
    evaluation = found(world, id_)
    served = world.apis[evaluation.collection.partition("/")[0]]
    words = served.api.words(evaluation)
    for moment in evaluation.life.moments():
        begins, ends = evaluation.born + moment.began, moment.ends
        is_over = ends is not None and (ends == moment.began or evaluation.born + ends <= now)
        if status in {moment.status, words[moment.status]} and not is_over:
            return max(begins, now)
    ahead = [
        f"{moment.status} at {instant_text(evaluation.born + moment.began)}"
        for moment in evaluation.life.moments()
        if evaluation.born + moment.began > now and moment.ends != moment.began
    ]
    told = f"ahead of it: {', '.join(ahead)}" if ahead else "nothing of it changes any more"
    raise NothingAheadError(
        f"evaluation {evaluation.id} is never {status!r} from {instant_text(now)} on; {told}"
    )


def _told(sandbox: Sandbox) -> dict[str, object]:
    return {
        "now": instant_text(sandbox.now()),
        "rate": sandbox.rate,
        "step": sandbox.step,
        "epoch": instant_text(sandbox.epoch),
    }
