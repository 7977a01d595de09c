"""The operations whose answers are drawn, by their names, and requests for them."""

from __future__ import annotations

import difflib
import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.apis.known import every_api
from mockserver.contract.routes import Match
from mockserver.core.dataclass import dataclass
from mockserver.core.exchange import Request
from mockserver.dynamic.drawer import Drawer
from mockserver.dynamic.values import Values
from mockserver.dynamic.wanted import Wanted
from mockserver.loading import load_contracts
from mockserver.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.contract.contract import Operation
    from mockserver.contract.routes import Route
    from mockserver.core.lifecycle import LifeCycle
    from mockserver.dynamic.choices import Choices

_TOKEN = "any-token"  # noqa: S105 it opens nothing
_PLACES: Mapping[str, str] = {
    "namespace": "ox",
    "repo_name": "cats",
    "resource_path": "main/data.parquet",
}
"""What parameters of paths are, where they name nothing that lives."""
_ANYTHING = "1"


@dataclass(frozen=True, slots=True)
class Offered:
    """An operation of an API, and what draws its answers."""

    drawer: Drawer
    operation: Operation
    route: Route

    def wanted(self, choices: Choices) -> Wanted:
        """A request for it; its body, if it takes one, is drawn, and should keep the contract."""
        parameters = {name: self._named(name, choices) for name in self.route.parameters}
        path = self.route.template
        for name, value in parameters.items():
            path = path.replace(f"{{{name}}}", value)
        body, raw = self._body(choices)
        headers = {"authorization": f"Bearer {_TOKEN}"}
        if raw:
            headers["content-type"] = "application/json"
        request = Request(self.operation.method, path, (), headers, raw)
        match = Match(self.operation.id, self.route, parameters)
        return Wanted(self.operation, request, match, body, _TOKEN)

    def takes(self, wanted: Wanted) -> bool:
        """Whether a request keeps the contract."""
        return not self.drawer.contract.check_request(wanted.match, wanted.request)

    def _named(self, parameter: str, choices: Choices) -> str:
        """What a parameter of the path is: an id as the API gives it where it names what lives."""
        api = self.drawer.api
        if parameter not in api.subjects:
            return _PLACES.get(parameter, _ANYTHING)
        kind = api.subjects[parameter].partition("/")[2]
        return api.id_for(self.drawer.plain_fixture(kind), str(choices.whole(0, 2**64)))

    @property
    def cycle(self) -> LifeCycle:
        """The life cycle of what its path names, or else of what the API is about."""
        kinds = self.drawer.api.form.kinds
        named = (self.drawer.api.subjects.get(name) for name in self.route.parameters)
        kind = next((one.partition("/")[2] for one in named if one), next(iter(kinds)))
        return kinds[kind].cycle

    def _body(self, choices: Choices) -> tuple[object, bytes]:
        sketch = self.drawer.strict.of_request(self.operation)
        if sketch is None:
            return None, b""
        body = Values(choices, strange=False).of(sketch)
        return body, json.dumps(body).encode()


def offered(operation: str | None, api: str, spec: str | Path | None = None) -> Offered:
    """An operation by the last part of its id, or the whole of it; else what tells a status.

    Raises:
        ValueError: there is none of that name, or no such API.
        MockserverError: the document `spec` cannot be used.
    """
    drawers = _drawers(None if spec is None else str(spec))
    if api not in drawers:
        raise ValueError(f"api: expected one of {', '.join(drawers)}, found {api!r}")
    drawer = drawers[api]
    known = drawer.contract.operations
    operation = operation or drawer.tells_status[0]
    by_name = {one.short: one for one in known.values()} | dict(known)
    if operation not in by_name:
        names = [one.short for one in known.values()]
        near = difflib.get_close_matches(operation, names, n=1)
        advice = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
        raise ValueError(f"operation: expected one of {api}'s, found {operation!r}; {advice}")
    found = by_name[operation]
    route = next(
        route
        for route in drawer.contract.routes.routes
        if route.template == found.template and found.id in route.names.values()
    )
    return Offered(drawer, found, route)


@lru_cache(maxsize=8)
def _drawers(spec: str | None) -> Mapping[str, Drawer]:
    """The drawers of every API, by name; `spec` is the path of a document of the hub's."""
    specs = () if spec is None else ((spec, Path(spec).read_text("utf-8")),)
    apis = every_api({})
    contracts = load_contracts(Settings(specs=specs), apis)
    return {api.name: Drawer(api, contracts[api.name]) for api in apis}
