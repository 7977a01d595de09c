"""One matcher from a method and a path to an operation; every other route is made from it."""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_END = 4
"""Ranks the end of a template after everything that may stand there instead."""

PLACEHOLDER = re.compile(r"\{([^{}/]+)\}")


@dataclass(frozen=True, slots=True)
class Route:
    """A path template and the methods it has.

    Attributes:
        template: as in the repaired document, `/a/{b}`.
        globs: the parameters that span slashes.
        names: the name each method's operation is known by, the method in upper case.
        pattern: matches whole decoded paths; its groups are the parameters in order.
        parameters: the names in the order of the groups.
    """

    template: str
    globs: frozenset[str]
    names: Mapping[str, str]
    pattern: re.Pattern[str]
    parameters: tuple[str, ...]

    @classmethod
    def of(cls, template: str, globs: Iterable[str], names: Mapping[str, str]) -> Route:
        """Compile a template; a parameter takes at least one character, a glob any of them."""
        spanning = frozenset(globs)
        parts = PLACEHOLDER.split(template)
        pattern = "".join(
            (r"([\s\S]+)" if part in spanning else "([^/]+)") if index % 2 else re.escape(part)
            for index, part in enumerate(parts)
        )
        return cls(template, spanning, names, re.compile(pattern), tuple(parts[1::2]))

    @property
    def rank(self) -> tuple[tuple[int, ...], str]:
        """Sorts before what is less specific: text, text and parameter, parameter, glob.

        A glob that has something after it sorts before one that takes all the rest.
        """
        return (*map(self._kind, self.template.split("/")), _END), self.template

    def _kind(self, segment: str) -> int:
        names = PLACEHOLDER.findall(segment)
        if self.globs.intersection(names):
            return 3
        return (1 if PLACEHOLDER.sub("", segment) else 2) if names else 0


@dataclass(frozen=True, slots=True)
class Match:
    """The operation a request asks for, by name, with the values of its path parameters."""

    name: str
    route: Route
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Why no operation was found.

    Attributes:
        allowed: methods that this path does have; empty where no path matched.
        shared: whether several templates match this URL.
    """

    allowed: tuple[str, ...]
    shared: bool


@dataclass(slots=True)
class _Fork:
    """Where templates part, after the segments that lead here.

    Attributes:
        texts: where a segment leads that is text alone, by that text.
        other: where any other segment leads.
        ends: the routes whose templates end here, by their places in the order.
        globs: those that may go on in any way.
    """

    texts: dict[str, _Fork] = field(default_factory=dict)
    other: _Fork | None = None
    ends: list[int] = field(default_factory=list)
    globs: list[int] = field(default_factory=list)

    def add(self, route: Route, place: int) -> None:
        """Grow towards the end of this template."""
        fork = self
        for segment in route.template.split("/"):
            names = PLACEHOLDER.findall(segment)
            if route.globs.intersection(names):
                fork.globs.append(place)
                return
            if names:
                fork.other = fork.other or _Fork()
                fork = fork.other
            else:
                fork = fork.texts.setdefault(segment, _Fork())
        fork.ends.append(place)

    def near(self, path: str) -> list[int]:
        """The routes that may match a path; no other one does."""
        forks, found = [self], [*self.globs]
        for segment in path.split("/"):
            ways = []
            for fork in forks:
                if (way := fork.texts.get(segment)) is not None:
                    ways.append(way)
                if fork.other is not None:
                    ways.append(fork.other)
            if not ways:
                break
            forks = ways
            for fork in forks:
                found += fork.globs
        for fork in forks:
            found += fork.ends
        found.sort()
        return found


@dataclass(frozen=True, slots=True)
class Routes:
    """Every route, most specific first; to match takes no longer where there are many."""

    routes: tuple[Route, ...]
    _forks: _Fork = field(init=False, repr=False, compare=False, default_factory=_Fork)

    @classmethod
    def of(cls, routes: Iterable[Route]) -> Routes:
        """Order the routes."""
        return cls(tuple(sorted(routes, key=lambda route: route.rank)))

    def __post_init__(self) -> None:
        """Note where they part."""
        for place, route in enumerate(self.routes):
            self._forks.add(route, place)

    def has(self, path: str) -> bool:
        """Whether this decoded path is any route's, whatever the method."""
        return any(self.routes[at].pattern.fullmatch(path) for at in self._forks.near(path))

    def match(self, method: str, path: str) -> Match | Mismatch:
        """The operation for this method on this decoded path; HEAD is served as GET."""
        wanted = "GET" if method == "HEAD" else method
        allowed: list[str] = []
        matched = 0
        for at in self._forks.near(path):
            route = self.routes[at]
            found = route.pattern.fullmatch(path)
            if found is None:
                continue
            if wanted in route.names:
                values = dict(zip(route.parameters, found.groups(), strict=True))
                return Match(route.names[wanted], route, values)
            matched += 1
            allowed += route.names
        return Mismatch(tuple(sorted(set(allowed))), matched > 1)
