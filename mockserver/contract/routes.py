"""One matcher from a method and a path to an operation; every other route is made from it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

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


@dataclass(frozen=True, slots=True)
class Routes:
    """Every route, most specific first."""

    routes: tuple[Route, ...]

    @classmethod
    def of(cls, routes: Iterable[Route]) -> Routes:
        """Order the routes."""
        return cls(tuple(sorted(routes, key=lambda route: route.rank)))

    def match(self, method: str, path: str) -> Match | Mismatch:
        """The operation for this method on this decoded path; HEAD is served as GET."""
        wanted = "GET" if method == "HEAD" else method
        allowed: list[str] = []
        matched = 0
        for route in self.routes:
            found = route.pattern.fullmatch(path)
            if found is None:
                continue
            if wanted in route.names:
                values = dict(zip(route.parameters, found.groups(), strict=True))
                return Match(route.names[wanted], route, values)
            matched += 1
            allowed += route.names
        return Mismatch(tuple(sorted(set(allowed))), matched > 1)
