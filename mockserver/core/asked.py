"""Rules between a request and its answer: what must hold of a sighting because of what was asked.

The rules in `rules` speak of sightings alone. These are for whoever saw the request too, as a
judge of recorded traffic has; they are written and named in the same way.
"""

from __future__ import annotations

from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING
from uuid import UUID

from mockserver.core.dataclass import dataclass
from mockserver.core.rules import Breach, broken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from mockserver.core.exchange import Violation
    from mockserver.core.rules import Sighting


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says that its answer must agree with.

    Attributes:
        fixed: by the API's field names, what the answer must show; other fields it may choose.
        creates: whether the answer shows something that the request has made.
        sent: the instant before which the request was not sent.
    """

    fixed: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    creates: bool = False
    sent: datetime | None = None


def the_answer_is_about_what_was_asked(asked: Asked, seen: Sighting) -> Iterator[Breach]:
    """An answer shows the very thing that its request names, as the request describes it."""
    for name, wanted in asked.fixed.items():
        found = seen.fixed.get(name, wanted)
        if not _same(found, wanted):
            yield Breach(name, f"{_short(wanted)}, as was asked", _short(found))


def what_is_created_has_just_begun(asked: Asked, seen: Sighting) -> Iterator[Breach]:
    """What a request creates stands at the beginning, and was born of that request."""
    if not asked.creates:
        return
    if seen.is_surely_not(frozenset({seen.cycle.initial})):
        yield Breach("status", f"{seen.words[seen.cycle.initial]} when created", seen.word)
    name = next(iter(seen.cycle.times), "")
    born = seen.times.get(name)
    if asked.sent is not None and born is not None:
        earliest = asked.sent.replace(microsecond=0)
        if born < earliest:
            yield Breach(name, f"not before {earliest}, when it was asked for", born)


RULES: tuple[Callable[[Asked, Sighting], Iterator[Breach]], ...] = (
    the_answer_is_about_what_was_asked,
    what_is_created_has_just_begun,
)


def check_asked(asked: Asked, seen: Sighting) -> tuple[Violation, ...]:
    """Judge a sighting by the request that it answers."""
    return tuple(
        broken(rule.__name__, breach, seen.places) for rule in RULES for breach in rule(asked, seen)
    )


def _same(one: object, other: object) -> bool:
    """Whether two values are the same; a uuid may be written in either case (RFC 9562, 4)."""
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    if isinstance(one, str) and isinstance(other, str) and one != other:
        try:
            return UUID(one) == UUID(other)
        except ValueError:
            return False
    return one == other


def _short(value: object) -> str:
    return "null" if value is None else str(value)[:80]
