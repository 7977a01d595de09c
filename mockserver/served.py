"""One API as it is served: what it does, its contract and its fixtures."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from mockserver.contract.routes import Match
from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockserver.apis.api import Api
    from mockserver.contract.contract import Contract
    from mockserver.contract.routes import Mismatch, Route
    from mockserver.core.exchange import Request
    from mockserver.fixtures import AnswerFixture, Catalog


@dataclass(slots=True)
class Served:
    """The parts of one API; its catalog is replaced whole when fixtures are saved."""

    api: Api
    contract: Contract
    catalog: Catalog

    def routes(self) -> tuple[Route, ...]:
        """Every route that is answered: the contract's, and those that answer fixtures bring."""
        known = self.contract.routes.routes
        taken = {(route.template, method) for route in known for method in route.names}
        own = (a.route for a in self.catalog.answers.values() if a.route is not None)
        return (*known, *(r for r in own if not {(r.template, m) for m in r.names} & taken))

    def answers_at(self, path: str) -> bool:
        """Whether it has a route to this decoded path."""
        return self.contract.routes.has(path) or any(self.own_answers(path))

    def own_answers(self, path: str) -> Iterator[AnswerFixture]:
        """Answer fixtures that bring a route of their own to this path."""
        for answer in self.catalog.answers.values():
            if answer.route is not None and answer.route.pattern.fullmatch(path):
                yield answer


def matched(apis: Sequence[Served], request: Request) -> tuple[Served, Match | Mismatch]:
    """The API that has an operation for this request, or else the one it was meant for."""
    missed: dict[str, Mismatch] = {}
    for served in apis:
        found = served.contract.routes.match(request.method, request.path)
        if isinstance(found, Match) or found.allowed:
            return served, found
        missed[served.api.name] = found
    own = next((served for served in apis if any(served.own_answers(request.path))), None)
    meant = own or home_of(apis, request.path)
    return meant, missed[meant.api.name]


def home_of(apis: Sequence[Served], path: str) -> Served:
    """The API that a path nobody has is nearest to, by how it begins; else the first."""
    steps = path.split("/")

    def shared(served: Served) -> int:
        return max((_alike(route, steps) for route in served.contract.routes.routes), default=0)

    return max(apis, key=shared)  # of equals the first


def _alike(route: Route, steps: Sequence[str]) -> int:
    """How many segments of the path are the template's own, from the start."""
    pairs = zip(route.template.split("/"), steps, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
