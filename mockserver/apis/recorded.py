"""What a judge of recorded traffic asks of an API: how its exchanges read, whoever served them.

Anything may stand in what was recorded, so nothing is taken for granted: what is missing or of
another type than it should be is not read, and the contract has told of it already.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Protocol

from mockserver.apis.times import read_time
from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from mockserver.core.asked import Asked
    from mockserver.core.rules import Sighting

_MOST = 10**15
"""Larger numbers are told, and not reckoned with: floats lose their last digits, or all."""

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One exchange of an operation.

    Attributes:
        parameters: of the path, by name.
        query: of a repeated parameter the last.
        sent: the JSON object that was sent, empty where none is known.
        tokenless: whether it surely came without a token.
        told: the JSON object that was answered, empty where none is known.
    """

    operation: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    sent: Mapping[str, object]
    tokenless: bool
    status: int
    told: Mapping[str, object]

    @property
    def succeeded(self) -> bool:
        """Whether the server did as it was asked."""
        return 200 <= self.status < 300  # noqa: PLR2004 RFC 9110, 15.3


class Look(NamedTuple):
    """A sighting, and of what: those of the same thing are judged in a row."""

    thing: str
    seen: Sighting


class Agreement(NamedTuple):
    """What should stand at a place, by other fields or by the request, and what does."""

    place: str
    expected: object
    found: object


class Reading(Protocol):
    """How an API's recorded exchanges are read; a module will do."""

    def asked(self, exchange: Recorded) -> Asked:
        """What the request says that its answer must agree with."""

    def looks(self, exchange: Recorded, now: datetime) -> Iterator[Look]:
        """Everything that a success shows of things that live."""

    def disagreements(self, exchange: Recorded) -> Iterator[Agreement]:
        """Where an answer does not agree with itself or with its request."""

    def shows(self, exchange: Recorded) -> Iterator[tuple[str, str | bool | int]]:
        """What the exchange says of what is assumed: a setting's name and the value it shows."""


def named(exchange: Recorded, fields: Mapping[str, str]) -> dict[str, object]:
    """What the path names, by the answer's own fields; `fields` says by which parameter."""
    path = exchange.parameters
    return {name: path[parameter] for name, parameter in fields.items() if parameter in path}


def number(told: Mapping[str, object], name: str) -> int | float | None:
    """The number that stands under a name, or None where there is none to reckon with."""
    value = _numeric(told, name)
    return value if value is not None and abs(value) <= _MOST else None


def numbers(told: Mapping[str, object], keys: Mapping[str, str]) -> dict[str, int]:
    """The counts that stand there, by the core's names; `keys` says where each is found."""
    found = {name: _numeric(told, key) for name, key in keys.items()}
    return {
        name: int(value)
        for name, value in found.items()
        if value is not None and value == int(value)
    }


def _numeric(told: Mapping[str, object], name: str) -> int | float | None:
    value = told.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def instants(told: Mapping[str, object], names: Iterable[str]) -> dict[str, datetime | None]:
    """The times that stand there, unset ones too."""
    found: dict[str, datetime | None] = {}
    for name in names:
        text = told.get(name, "")
        if text is None:
            found[name] = None
        elif isinstance(text, str) and _INSTANT.fullmatch(text):
            try:
                found[name] = read_time(text)
            except ValueError:
                continue
    return found


def member(told: Mapping[str, object], name: str) -> Mapping[str, object]:
    """The object that stands under a name, empty where there is none."""
    value = told.get(name)
    return value if isinstance(value, dict) else {}


def text(told: Mapping[str, object], name: str) -> str:
    """The text that stands under a name, empty where there is none."""
    value = told.get(name)
    return value if isinstance(value, str) else ""


def lines(told: Mapping[str, object], name: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    """The objects in the list that stands under a name, each with its index."""
    listed = told.get(name)
    for at, item in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(item, dict):
            yield at, item
