"""How exchanges with the hub read in a recording: what they show, and what they say of assumptions.

What a create's answer repeats of its request is documented by the pair of published examples.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from mockserver.apis.oxen.lifecycle import CYCLE, WORDS
from mockserver.apis.oxen.operations import CREATE, GET
from mockserver.apis.oxen.wire import FIXED, PLACES
from mockserver.apis.recorded import (
    Agreement,
    Look,
    Recorded,
    instants,
    member,
    named,
    numbers,
    text,
)
from mockserver.contract.formats import is_uuid
from mockserver.core.asked import Asked
from mockserver.core.rules import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

_COUNTERS = {
    "prompt_tokens": "prompt_tokens_used",
    "completion_tokens": "completion_tokens_used",
    "tokens": "tokens_used",
}
_ECHOED = (
    *("prompt", "input_type", "output_type", "target_column", "name", "is_sample"),
    *("sample_count", "target_branch", "target_path"),
)
_DEFAULTS: Mapping[str, object] = {"is_sample": False, "sample_count": 10}
"""Documented: what a create means that says nothing of these."""

_MODEL, _FILE = "model/id", "resource/version and path"
"""What a create names and its answer shows within an object."""

_PLACES = {
    **PLACES,
    _MODEL: "body /evaluation/model/id",
    _FILE: PLACES["resource"],
}

_OLDER = frozenset({"type", "model"})
_TODAYS = frozenset({"input_type", "output_type", "model_id"})
_OF_STATUS = {400: "invalid_params", 401: "unauthenticated", 404: "resource_not_found"}
"""Documented or seen: which type of error comes with which status."""


def asked(exchange: Recorded) -> Asked:
    """See `Reading`."""
    if exchange.operation == GET:
        return Asked(named(exchange, {"id": "evaluation_id"}))
    if exchange.operation != CREATE:
        return Asked()
    sent = {**_DEFAULTS, **exchange.sent} if exchange.sent else {}
    echoed = {name: sent[name] for name in _ECHOED if name in sent}
    if is_uuid(model := text(exchange.sent, "model_id")) and model:
        echoed[_MODEL] = model
    return Asked(echoed | named(exchange, {_FILE: "resource_path"}), creates=True)


def looks(exchange: Recorded, now: datetime) -> Iterator[Look]:
    """See `Reading`."""
    if exchange.operation not in {CREATE, GET}:
        return
    told = member(exchange.told, "evaluation")
    if text(told, "status") not in WORDS.values():
        return
    yield Look(f"evaluation {text(told, 'id').lower()}", _sighting(told, now))


def _sighting(told: Mapping[str, object], now: datetime) -> Sighting:
    counters: dict[str, int | Decimal] = dict(numbers(told, _COUNTERS))
    counters |= numbers(member(told, "progress"), {"processed": "processed", "total": "total"})
    spent = told.get("credits_used")
    if isinstance(spent, int | float) and not isinstance(spent, bool):
        counters["credits"] = Decimal(str(spent))
    message = told.get("error_message")
    fixed = {name: told[name] for name in FIXED if name in told}
    if is_uuid(model := text(member(told, "model"), "id")) and model:
        fixed[_MODEL] = model
    if file := member(told, "resource"):
        steps = text(file, "version"), text(file, "path")
        fixed[_FILE] = "/".join(filter(None, steps))
    return Sighting(
        now=now,
        cycle=CYCLE,
        word=text(told, "status"),
        words=WORDS,
        counters=counters,
        times=instants(told, CYCLE.times),
        fixed=fixed,
        places=_PLACES,
        error_message=message if isinstance(message, str) else None,
    )


def disagreements(exchange: Recorded) -> Iterator[Agreement]:
    """See `Reading`."""
    if exchange.operation not in {CREATE, GET}:
        return
    told = member(exchange.told, "evaluation")
    if exchange.succeeded:
        yield from _of_a_sample(told)
        return
    kind, said = text(member(exchange.told, "error"), "type"), text(exchange.told, "status_message")
    if kind and said and kind != said:
        yield Agreement("body /status_message", kind, said)
    belongs = {word: status for status, word in _OF_STATUS.items()}.get(kind)
    if belongs is not None and exchange.status in _OF_STATUS and exchange.status != belongs:
        yield Agreement("body /error/type", _OF_STATUS[exchange.status], kind)


def _of_a_sample(told: Mapping[str, object]) -> Iterator[Agreement]:
    """Documented: a sample run takes `sample_count` rows; a file may have fewer."""
    most = numbers(told, {"most": "sample_count"}).get("most")
    total = numbers(member(told, "progress"), {"total": "total"}).get("total")
    if told.get("is_sample") is True and most is not None and total is not None:
        most = max(0, most)
        if total > most:
            yield Agreement("body /evaluation/progress/total", f"at most {most}", total)


def shows(exchange: Recorded) -> Iterator[tuple[str, str | bool | int]]:
    """See `Reading`."""
    if exchange.operation == CREATE:
        yield from _shown_by_create(exchange)
    elif exchange.operation != GET:
        return
    elif exchange.tokenless and exchange.status in {200, 401}:
        yield "read_needs_token", exchange.status == 401  # noqa: PLR2004 RFC 9110, 15.5.2
    elif not is_uuid(exchange.parameters.get("evaluation_id")) and exchange.status in {400, 404}:
        yield "malformed_id_status", exchange.status
    told = member(exchange.told, "evaluation")
    if exchange.succeeded and (
        set_ := [text(told, name) for name in CYCLE.times if told.get(name)]
    ):
        yield "fractional_seconds", any("." in instant for instant in set_)
    if told.get("is_sample") is True and told.get("status") == "committing":
        yield "commit_samples", True


def _shown_by_create(exchange: Recorded) -> Iterator[tuple[str, str | bool | int]]:
    older = exchange.sent.keys() >= _OLDER and not exchange.sent.keys() >= _TODAYS
    if older and exchange.succeeded:
        yield "dialect", "legacy"
    elif older and exchange.status in {400, 422}:
        yield "dialect", "spec"
    told = member(exchange.told, "evaluation")
    for name in ("target_branch", "target_path"):
        if exchange.sent and exchange.succeeded and name not in exchange.sent and name in told:
            yield f"default_{name}", text(told, name)
