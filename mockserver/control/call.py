"""One request of the control API on its way to its handler."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from mockserver.core.dataclass import dataclass
from mockserver.problems import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.contract.routes import Match
    from mockserver.core.exchange import Request
    from mockserver.engine import Engine
    from mockserver.making import Maker
    from mockserver.sandbox import Sandbox
    from mockserver.sandboxes import World

PAGE = 100
"""How many things a page of a list holds."""


@dataclass(slots=True)
class Call:
    """A request that has been let in and is known to keep the contract.

    Attributes:
        body: the JSON value of the body, {} where the operation takes none.
        base: the URL of the server, without a sandbox and without a final slash.
    """

    engine: Engine
    maker: Maker
    request: Request
    match: Match
    body: Mapping[str, Any]
    base: str
    _world: World | None = None

    @property
    def world(self) -> World:
        """The world that it is for, made if nobody has named it before.

        Raises:
            RefusedError: as `Engine.world_of` says.
        """
        if self._world is None:
            self._world = self.engine.world_of(self.request)
        return self._world

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox that it is for."""
        return self.world.sandbox

    def query(self, name: str) -> str | None:
        """A query parameter; of a repeated one the last."""
        return dict(self.request.query).get(name)

    @property
    def offset(self) -> int:
        """How many things to leave out at the start of a list."""
        return int(self.query("offset") or 0)

    def operation(self, text: str) -> str:
        """The operationId that a text means: the whole of one, or its last part.

        Where several APIs have it, the first one's is meant; `nugen.NAME` is another's.

        Raises:
            RefusedError: 404 where it means none.
        """
        known: dict[str, str] = {}
        for api, served in self.world.apis.items():
            for operation in served.contract.operations.values():
                for name in (operation.id, f"{api}.{operation.short}", operation.short):
                    known.setdefault(name, operation.id)
        if text in known:
            return known[text]
        near = difflib.get_close_matches(text, known, n=1)
        told = f"did you mean {near[0]}?" if near else f"there are {', '.join(list(known)[:20])}"
        raise RefusedError(404, f"no operation is called {text[:100]!r}; {told}")

    def status(self, text: str) -> str:
        """A name or word of a status, as it came.

        Raises:
            RefusedError: 404 where no API has it.
        """
        known: dict[str, None] = {}
        for served in self.world.apis.values():
            for kind in served.api.form.kinds.values():
                known |= dict.fromkeys(kind.cycle.statuses)
            known |= dict.fromkeys(served.api.known_words)
        if text in known:
            return text
        near = difflib.get_close_matches(text, known, n=1)
        told = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise RefusedError(404, f"no status is called {text[:100]!r}; {told}")
