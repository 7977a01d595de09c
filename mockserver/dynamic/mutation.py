"""A named way of breaking an answer in one place, and what it needs to know of the answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from mockserver.contract.shape import Shape
from mockserver.core.dataclass import dataclass
from mockserver.core.exchange import Response, json_response
from mockserver.dynamic.drawer import path_of
from mockserver.dynamic.edits import at, placed, stands_at, without

if TYPE_CHECKING:
    from mockserver.core.lifecycle import LifeCycle
    from mockserver.dynamic.sketch import Path, Sketch
    from mockserver.dynamic.worlds import Sample

Edit = Callable[[], Response]
"""One way of doing it, done when it is called."""


class Group(StrEnum):
    """What is broken; a broken answer is as likely of one group as of another."""

    RULE = "rule"
    SHAPE = "contract"
    TEXT = "HTTP and JSON"


@dataclass(frozen=True, slots=True)
class Mutation:
    """A way of breaking an answer, and what must notice.

    Attributes:
        name: as headers and tables have it.
        about: what it does, in a sentence.
        caught_by: the rule, or the keyword of JSON Schema, that the answer then breaks.
        edits: every way of doing it to a strict answer; none where it cannot be done.
        through: the statuses in which it can be done.
    """

    name: str
    about: str
    group: Group
    caught_by: str
    edits: Callable[[Ground], Iterator[Edit]]
    through: Callable[[LifeCycle], Collection[str]]


class Ground:
    """A strict answer that something is to be done to.

    Attributes:
        sample: the answer, and what it says.
        sketch: what the strict document says of it, or None where it says nothing.
    """

    def __init__(self, sample: Sample, sketch: Sketch | None) -> None:
        """Look at nothing yet."""
        self.sample = sample
        self.sketch = sketch

    @cached_property
    def places(self) -> tuple[tuple[Path, object, Sketch], ...]:
        """Every value in its body of which it is known what it may be."""
        if self.sketch is None:
            return ()
        walked = self.sketch.walk(self.sample.told)
        return tuple(one for one in walked if not one[2].branches and not self._is_echo(one[0]))

    def _is_echo(self, path: Path) -> bool:
        """Whether a value repeats the request in parts, so that breaking it breaks that, too."""
        return any(path[: len(root)] == root for root in self._echoes)

    @cached_property
    def _echoes(self) -> tuple[Path, ...]:
        """The objects of which only a part was asked for, as of a model its id."""
        if not self.sample.asked.creates:
            return ()
        places = {
            name: path_of(look.seen.places[name])
            for look in self.sample.looks
            for name in self.sample.asked.fixed
        }
        in_part = [path for name, path in places.items() if path[-1] != name]
        return tuple(
            path if isinstance(at(self.sample.told, path), dict) else path[:-1]
            for path in in_part
            if stands_at(self.sample.told, path)
        )

    @property
    def reckoned(self) -> tuple[Path, ...]:
        """Where numbers stand of which texts, averages and estimates are made."""
        looks = [look.seen for look in self.sample.looks if look.seen.implied]
        return tuple(path_of(place) for seen in looks for place in seen.places.values())

    def said_of(self, path: Path) -> Shape:
        """What a value at this place may be."""
        return Shape() if self.sketch is None else self.sketch.at(path).shape

    def place(self, path: Path, value: object) -> Edit:
        """Something else at a place of the body."""
        return lambda: self.with_body(placed(self.sample.told, path, value))

    def drop(self, path: Path) -> Edit:
        """A field of the body left out."""
        return lambda: self.with_body(without(self.sample.told, path))

    def with_body(self, value: object) -> Response:
        """The answer with this JSON value for its body."""
        response = self.sample.response
        return replace(response, body=json_response(response.status, value).body)

    def with_raw(self, raw: bytes) -> Response:
        """The answer with these bytes for its body."""
        return replace(self.sample.response, body=raw)

    def with_type(self, content_type: str | None) -> Response:
        """The answer with another Content-Type, or with none."""
        response = self.sample.response
        kept = [pair for pair in response.headers if pair[0].lower() != "content-type"]
        told = [] if content_type is None else [("Content-Type", content_type)]
        return replace(response, headers=(*told, *kept))
