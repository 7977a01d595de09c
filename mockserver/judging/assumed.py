"""What traffic says of what is assumed: each assumption confirmed or refuted, and what to set."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass
from mockserver.core.exchange import Kind, Violation
from mockserver.judging.charge import Charge, Sort

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mockserver.assumptions import Assumption
    from mockserver.judging.overlaid import Tightening
    from mockserver.judging.selecting import Ours

    _Value = str | bool | int

_DIALECT = "dialect"


@dataclass(frozen=True, slots=True)
class Shown:
    """An exchange that says something of an assumption that can be set."""

    name: str
    value: _Value
    exchange: Ours


@dataclass(frozen=True, slots=True)
class Weighed:
    """An assumption, and what became of it.

    Attributes:
        name: the setting's name, or where the overlay's action stands.
        about: what it decides, and on what evidence.
        holds: whether everything agrees with it that says anything of it.
        assumed: the value in force; empty for an action of an overlay.
        shown: the values that the traffic shows.
        setting: the flag that makes it agree with the traffic, where one does.
        exchanges: those that speak for or against it.
    """

    name: str
    about: str
    holds: bool
    assumed: str
    shown: tuple[str, ...]
    setting: str
    exchanges: tuple[Ours, ...]


def weigh(
    shown: Sequence[Shown], known: Iterable[Assumption], in_force: Mapping[str, object]
) -> Iterator[tuple[Weighed, Sequence[Shown]]]:
    """Every assumption of which something was shown, with what speaks against it."""
    for one in known:
        said = [evidence for evidence in shown if evidence.name == one.name]
        if not said:
            continue
        value = in_force.get(one.name, one.default)
        against = [evidence for evidence in said if evidence.value != value]
        values = tuple(dict.fromkeys(evidence.value for evidence in said))
        weighed = Weighed(
            name=one.name,
            about=one.about,
            holds=not against,
            assumed=json.dumps(value),
            shown=tuple(map(json.dumps, values)),
            setting=_flag(one.name, values[0]) if against and len(values) == 1 else "",
            exchanges=tuple(evidence.exchange for evidence in (against or said)),
        )
        yield weighed, against


def _flag(name: str, value: _Value) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"--dialect {text}" if name == _DIALECT else f"--assume {name}={text}"


def charges_of(weighed: Weighed, against: Sequence[Shown]) -> Iterator[Charge]:
    """What was shown against an assumption, each exchange for itself."""
    for evidence in against:
        advice = weighed.setting or "the traffic shows it both ways"
        violation = Violation(
            f"assumption {weighed.name}",
            weighed.assumed,
            json.dumps(evidence.value),
            Kind.ANSWER,
            advice,
            rule=weighed.name,
        )
        exchange = evidence.exchange
        yield Charge(Sort.ASSUMPTION, exchange.entry, exchange.operation.id, violation)


def weigh_tightenings(
    kept: Sequence[tuple[Tightening, Ours]], broken: Sequence[tuple[Tightening, Ours]]
) -> Iterator[Weighed]:
    """The actions of overlays that the traffic speaks of."""
    refuted = {tightening for tightening, _ in broken}
    for said, holds in ((broken, False), (kept, True)):
        for one in dict.fromkeys(tightening for tightening, _ in said):
            if holds and one in refuted:
                continue
            speaking = {id(exchange): exchange for found, exchange in said if found == one}
            name = f"{one.overlay} {one.target}"
            yield Weighed(name, one.about, holds, "", (), "", tuple(speaking.values()))
