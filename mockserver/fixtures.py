"""Fixtures: evaluations and answers described by example, and the catalog that holds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import timedelta
    from pathlib import Path

    from mockserver.contract.routes import Route
    from mockserver.core.evaluation import Usage
    from mockserver.core.timeline import Timeline


@dataclass(frozen=True, slots=True)
class EvaluationFixture:
    """One evaluation, as its file describes it.

    Attributes:
        name: the file's stem, by which a later file overrides an earlier one.
        file: the file it was read from.
        where: says `file:line` of a path of keys inside the file.
        repository: "namespace/name", or None for every repository.
        starts: when it is created, counted from the epoch.
        rows: how many rows there are; a sample run takes fewer.
        stops_at: the row at which an errored or cancelled run stops, or None.
        fields: what it was asked, by the contract's own names; what is not given has a default.
        match: which creates follow this life, by what must match; empty for none.
        assumptions: settings for this fixture alone.
    """

    name: str
    file: Path
    where: Callable[[Sequence[str | int]], str] = field(compare=False)
    about: str
    repository: str | None
    starts: timedelta
    timeline: Timeline
    rows: int
    stops_at: int | None
    error_message: str | None
    usage: Usage
    fields: Mapping[str, object]
    match: Mapping[str, str]
    assumptions: Mapping[str, object]

    def matches(self, asked: Mapping[str, str]) -> bool:
        """Whether a create with this path, model, name and prompt follows this life."""
        return bool(self.match) and all(
            fnmatchcase(asked[part], pattern) for part, pattern in self.match.items()
        )


@dataclass(frozen=True, slots=True)
class AnswerFixture:
    """A canned answer for an operation that is not simulated.

    Attributes:
        operation: the operationId it answers, or None where it brings a route of its own.
        route: a path that no document needs to have, or None.
        query: query parameters that must match, by name, as globs.
        results_of: the status an evaluation must have whose results the path names, or None.
    """

    name: str
    file: Path
    where: Callable[[Sequence[str | int]], str] = field(compare=False)
    about: str
    operation: str | None
    route: Route | None
    query: Mapping[str, str]
    results_of: str | None
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def matches_query(self, query: Mapping[str, str]) -> bool:
        """Whether the query parameters of a request are those this answer is for."""
        return all(
            name in query and fnmatchcase(query[name], pattern)
            for name, pattern in self.query.items()
        )


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every fixture by name."""

    evaluations: Mapping[str, EvaluationFixture] = field(
        default_factory=lambda: MappingProxyType({})
    )
    answers: Mapping[str, AnswerFixture] = field(default_factory=lambda: MappingProxyType({}))

    def following(self, asked: Mapping[str, str]) -> EvaluationFixture | None:
        """The fixture whose life a create follows: of those that match, the most demanding."""
        matching = [f for f in self.evaluations.values() if f.matches(asked)]
        return min(matching, key=lambda f: (-len(f.match), f.name), default=None)

    def answers_for(self, operation: str | None, method: str, path: str) -> Iterator[AnswerFixture]:
        """Answers for an operation or a path, the most demanding first."""
        found = [
            answer
            for answer in self.answers.values()
            if (answer.operation is not None and answer.operation == operation)
            or (
                answer.route is not None
                and method in answer.route.names
                and answer.route.pattern.fullmatch(path)
            )
        ]
        return iter(sorted(found, key=lambda a: (-len(a.query), a.results_of is None, a.name)))

    def branches(self) -> tuple[str, ...]:
        """Every branch the fixtures name, longest first."""
        named = set()
        for fixture in self.evaluations.values():
            resource = fixture.fields.get("resource")
            version = resource.get("version") if isinstance(resource, dict) else None
            named |= {version, fixture.fields.get("target_branch")}
        return tuple(sorted((n for n in named if isinstance(n, str)), key=len, reverse=True))
