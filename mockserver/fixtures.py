"""Fixtures: evaluations and answers described by example, and the catalog that holds them."""

from __future__ import annotations

import re
from dataclasses import field
from fnmatch import fnmatchcase, translate
from types import MappingProxyType
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import timedelta
    from pathlib import Path

    from mockserver.assumptions import Assumption
    from mockserver.contract.routes import Route
    from mockserver.core.evaluation import Usage
    from mockserver.core.exchange import Waiver
    from mockserver.core.lifecycle import LifeCycle
    from mockserver.core.timeline import Timeline

    _Patterns = tuple[tuple[str, Callable[[str], re.Match[str] | None]], ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing that fixtures of an API describe.

    Attributes:
        default_life: the fixture whose life a create lives where no other matches.
    """

    cycle: LifeCycle
    default_life: str


@dataclass(frozen=True, slots=True)
class Form:
    """What the fixtures of one API may say.

    Attributes:
        kinds: what they may describe, by the words of `kind`.
        row: what the API calls a row, as in `rows` and `stops_at_row`.
        rows: how many there are where a fixture does not say, as in the documented examples.
        lists_rows: whether some answers list every row.
    """

    kinds: Mapping[str, Kind]
    assumptions: tuple[Assumption, ...]
    row: str
    rows: int
    lists_rows: bool


@dataclass(frozen=True, slots=True)
class EvaluationFixture:
    """One evaluation, or another thing that lives over time, as its file describes it.

    Attributes:
        api: the API whose it is.
        kind: what it is, one of the API's kinds.
        name: the file's stem, by which a later file overrides an earlier one of the same API.
        file: the file it was read from.
        where: says `file:line` of a path of keys inside the file.
        said: everything that the file says, as it says it.
        scope: whose it is, as in "namespace/name", or None where everybody has it.
        starts: when it is created, counted from the epoch.
        rows: how many rows there are; a sample run takes fewer.
        stops_at: the row at which an errored or cancelled run stops, or None.
        pace: when some of the rows are done, counted from the start of the run.
        fields: what it was asked, by the contract's own names; what is not given has a default.
        shows: the fields that its status shows in each phase; in another all that are set.
        match: which creates follow this life, by what must match; empty for none.
        assumptions: settings for this fixture alone.
        waivers: what its answers break on purpose.
    """

    api: str
    kind: str
    name: str
    file: Path
    where: Callable[[Sequence[str | int]], str] = field(compare=False)
    said: Mapping[str, object] = field(compare=False)
    about: str
    scope: str | None
    starts: timedelta
    timeline: Timeline
    rows: int
    stops_at: int | None
    error_message: str | None
    usage: Usage
    pace: tuple[tuple[int, timedelta], ...]
    fields: Mapping[str, object]
    shows: Mapping[str, frozenset[str]]
    match: Mapping[str, str]
    assumptions: Mapping[str, object]
    waivers: tuple[Waiver, ...]


def _patterns(match: Mapping[str, str]) -> _Patterns:
    """What may be matched of a create, each part with whether a text fits its glob."""
    return tuple((part, re.compile(translate(glob)).match) for part, glob in match.items())


@dataclass(frozen=True, slots=True)
class AnswerFixture:
    """A canned answer for an operation that is not simulated.

    Attributes:
        api: the API whose document and envelope it belongs to.
        said: everything that the file says, as it says it.
        operation: the operationId it answers, or None where it brings a route of its own.
        route: a path that no document needs to have, or None.
        query: query parameters that must match, by name, as globs.
        results_of: the status an evaluation must have whose results the path names, or None.
    """

    api: str
    name: str
    file: Path
    where: Callable[[Sequence[str | int]], str] = field(compare=False)
    said: Mapping[str, object] = field(compare=False)
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
    """Every fixture of one API by name."""

    evaluations: Mapping[str, EvaluationFixture] = field(
        default_factory=lambda: MappingProxyType({})
    )
    answers: Mapping[str, AnswerFixture] = field(default_factory=lambda: MappingProxyType({}))
    _demanding: tuple[tuple[EvaluationFixture, _Patterns], ...] = field(
        init=False, repr=False, compare=False
    )
    _branches: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Sort what every create asks for: a catalog does not change."""
        lives = (fixture for fixture in self.evaluations.values() if fixture.match)
        demanding = sorted(lives, key=lambda f: (-len(f.match), f.name))
        patterns = tuple((fixture, _patterns(fixture.match)) for fixture in demanding)
        object.__setattr__(self, "_demanding", patterns)
        object.__setattr__(self, "_branches", self._named_branches())

    def has(self, name: str) -> bool:
        """Whether a fixture has this name, whatever it describes."""
        return name in self.evaluations or name in self.answers

    def overridden_by(self, other: Catalog) -> Catalog:
        """This catalog with another's fixtures, which take the place of those of their names."""
        lives = {name: f for name, f in self.evaluations.items() if not other.has(name)}
        answers = {name: f for name, f in self.answers.items() if not other.has(name)}
        return Catalog({**lives, **other.evaluations}, {**answers, **other.answers})

    def of_kind(self, kind: str) -> tuple[EvaluationFixture, ...]:
        """Every fixture that describes this kind of thing."""
        return tuple(f for f in self.evaluations.values() if f.kind == kind)

    def life_of(self, kind: str, asked: Mapping[str, str], form: Form) -> EvaluationFixture:
        """The fixture whose life a create follows: of those that match, the most demanding.

        Where none matches it is the default one of this kind.
        """
        for fixture, patterns in self._demanding:
            if fixture.kind != kind:
                continue
            for part, fits in patterns:
                if not fits(asked[part]):
                    break
            else:
                return fixture
        return self.evaluations[form.kinds[kind].default_life]

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
        return self._branches

    def _named_branches(self) -> tuple[str, ...]:
        named = set()
        for fixture in self.evaluations.values():
            resource = fixture.fields.get("resource")
            version = resource.get("version") if isinstance(resource, dict) else None
            named |= {version, fixture.fields.get("target_branch")}
        return tuple(sorted((n for n in named if isinstance(n, str)), key=len, reverse=True))
