"""What can change between two documents, and at which side of an exchange it can break a client.

A client breaks where it is asked for more than before, or may send less: its requests. And where
it is told what it cannot know: the answers. So what narrows breaks requests, what widens breaks
answers, and a field more in an answer breaks nothing, as clients pass over what they do not know.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST = 80


class Side(StrEnum):
    """Who says what changed: the client in its request, or the server in its answer."""

    REQUEST = "request"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Change:
    """One sort of change.

    Attributes:
        sentence: in words, with {old}, {new} and {keyword} where they say something.
        breaks: the sides at which it can break a client.
    """

    sentence: str
    breaks: frozenset[Side]


_NARROWS = frozenset({Side.REQUEST})
_WIDENS = frozenset({Side.ANSWER})
_ALTERS = _NARROWS | _WIDENS
_ADDS = frozenset[Side]()

OPERATIONS: Mapping[str, Change] = {
    "operation gone": Change("the operation is gone", _ALTERS),
    "operation new": Change("a new operation", _ADDS),
    "operation moved": Change("moved from {old} to {new}", _ALTERS),
    "operationId changed": Change("its operationId {old} became {new}", _ADDS),
    "operation deprecated": Change("deprecated now", _ADDS),
    "operation no longer deprecated": Change("no longer deprecated", _ADDS),
    "security new": Change("asks for {new}, where nothing was asked for", _NARROWS),
    "security gone": Change("no longer asks for {old}", _ADDS),
    "security widened": Change("takes {new}, where it took {old}", _ADDS),
    "security changed": Change("asks for {new}, where it asked for {old}", _NARROWS),
    "body gone": Change("takes no body any more", _NARROWS),
    "body new": Change("takes a body", _ADDS),
    "required body new": Change("takes a body, and must have one", _NARROWS),
    "body required": Change("must have a body now", _NARROWS),
    "body optional": Change("may do without a body now", _ADDS),
    "media type gone": Change("no longer {old}", _ALTERS),
    "media type new": Change("{new} too", _ADDS),
    "parameter gone": Change("the parameter is gone", _NARROWS),
    "parameter new": Change("a new parameter", _ADDS),
    "required parameter new": Change("a new parameter, required", _NARROWS),
    "parameter required": Change("required now", _NARROWS),
    "parameter optional": Change("no longer required", _ADDS),
    "parameter written otherwise": Change("{keyword} {old} became {new}", _NARROWS),
    "status gone": Change("the status is gone", _ADDS),
    "status new": Change("a new status", _ADDS),
    "success gone": Change("the status is gone, which told success", _WIDENS),
    "success new": Change("a new status, which tells success", _WIDENS),
    "header gone": Change("the header is gone", _ALTERS),
    "header new": Change("a new header", _ADDS),
}
"""What changes around bodies and values."""

FIELDS: Mapping[str, Change] = {
    "field gone": Change("the field is gone", _ALTERS),
    "field new": Change("a new field", _ADDS),
    "field new where none was allowed": Change("a new field, where others were ruled out", _WIDENS),
    "required field new": Change("a new field, required", _NARROWS),
    "field required": Change("required now", _NARROWS),
    "field optional": Change("no longer required", _WIDENS),
    "type narrowed": Change("{old} became {new}", _NARROWS),
    "type widened": Change("{old} became {new}", _WIDENS),
    "type changed": Change("{old} became {new}", _ALTERS),
    "null gone": Change("may no longer be null", _NARROWS),
    "null new": Change("may be null now", _WIDENS),
    "choice gone": Change("the choice {old} is gone", _NARROWS),
    "choice new": Change("a new choice, {new}", _WIDENS),
    "choices new": Change("one of {new} now, where nothing was said", _NARROWS),
    "choices gone": Change("no longer one of {old}: nothing is said", _WIDENS),
    "alternative gone": Change("the alternative {old} is gone", _NARROWS),
    "alternative new": Change("a new alternative, {new}", _WIDENS),
    "limit new": Change("{keyword} {new}, where there was no limit", _NARROWS),
    "limit gone": Change("{keyword} {old} is gone", _WIDENS),
    "limit narrowed": Change("{keyword} {old} became {new}", _NARROWS),
    "limit widened": Change("{keyword} {old} became {new}", _WIDENS),
    "rule new": Change("{keyword} {new}, where there was none", _NARROWS),
    "rule gone": Change("{keyword} {old} is gone", _WIDENS),
    "rule changed": Change("{keyword} {old} became {new}", _ALTERS),
    "default new": Change("{new} by default, where no default was told", _ADDS),
    "default gone": Change("no longer {old} by default", _NARROWS),
    "default changed": Change("{new} by default, where it was {old}", _NARROWS),
    "further fields ruled out": Change("no further fields now", _NARROWS),
    "further fields allowed": Change("further fields now", _WIDENS),
    "deprecated new": Change("deprecated now", _ADDS),
    "deprecated gone": Change("no longer deprecated", _ADDS),
    "keyword new": Change("{keyword} {new}, where there was none", _ALTERS),
    "keyword gone": Change("{keyword} {old} is gone", _ALTERS),
    "keyword changed": Change("{keyword} {old} became {new}", _ALTERS),
}
"""What changes within bodies and values."""

_CHANGES = {**OPERATIONS, **FIELDS}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which two documents differ, for a client.

    Attributes:
        operation: as people say it, as in "create_evaluation".
        place: where in the operation, as in "request /prompt"; empty for the operation itself.
        change: what happened, a name of `OPERATIONS` or `FIELDS`.
        side: who says it.
        keyword: the document's keyword, where a change is told of several.
        old: what stood there; None where the change's name says it all.
        new: what stands there, likewise.
        also: other places of the same body at which the same schema stands.
    """

    operation: str
    place: str
    change: str
    side: Side
    keyword: str = ""
    old: object = None
    new: object = None
    also: tuple[str, ...] = ()

    @property
    def is_breaking(self) -> bool:
        """Whether it can break a client that did well with the old document."""
        return self.side in _CHANGES[self.change].breaks

    @property
    def is_of_a_field(self) -> bool:
        """Whether it lies in a value, and not in what is around it."""
        return self.change in FIELDS

    @property
    def sentence(self) -> str:
        """What happened, in words."""
        told = _CHANGES[self.change].sentence
        return told.format(keyword=self.keyword, old=_shown(self.old), new=_shown(self.new))


def _shown(value: object) -> str:
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
