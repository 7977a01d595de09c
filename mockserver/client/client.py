"""The client: one server, one of its sandboxes, and everything that can be done to it."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any, Self

from mockserver.client.address import DEFAULT, encoded, read_address
from mockserver.client.caller import Caller
from mockserver.client.clock import Clock
from mockserver.client.connections import Connections
from mockserver.client.errors import UnusableError
from mockserver.client.evaluations import Evaluations
from mockserver.client.expectations import Expectations
from mockserver.client.faults import Faults
from mockserver.client.journal import Journal
from mockserver.client.sandboxes import Sandboxes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from mockserver.client import shapes


class Client:
    """Steers a sandbox of a server; any of it may be called at any time, from any thread.

    Attributes:
        clock: virtual time.
        evaluations: added, cancelled, made to fail.
        faults: what goes wrong on purpose.
        journal: what was asked and answered.
        expectations: what clients break on purpose.
        sandboxes: those of the server, by name.
    """

    def __init__(
        self,
        url: str,
        sandbox: str | None = None,
        *,
        control_token: str | None = None,
        timeout: float | None = 30.0,
    ) -> None:
        """Connect to nothing yet.

        `url` is that of the server, or one that selects a sandbox; without one it is the default
        sandbox that is meant. `timeout` are seconds until an answer is given up, None never.

        Raises:
            UnusableError: no server can be found by that URL, or no header can carry that token.
        """
        address = read_address(url)
        if None not in {sandbox, address.sandbox} and sandbox != address.sandbox:
            raise UnusableError(f"expected one sandbox, found {sandbox!r} and {url!r}")
        if control_token is not None and control_token.split() != [control_token]:
            raise UnusableError("expected a control token without white space, found another")
        name = address.sandbox if sandbox is None else sandbox
        self._act_for(Caller(address, Connections(address, timeout), control_token, name))

    def _act_for(self, caller: Caller) -> None:
        self._caller = caller
        self.clock = Clock(caller)
        self.evaluations = Evaluations(caller)
        self.faults = Faults(caller)
        self.journal = Journal(caller)
        self.expectations = Expectations(caller)
        self.sandboxes = Sandboxes(caller)

    @property
    def sandbox(self) -> str:
        """The name of the sandbox."""
        return DEFAULT if self._caller.sandbox is None else self._caller.sandbox

    @property
    def url(self) -> str:
        """The base URL that selects the sandbox, for the client under test; no slash at its end."""
        return self._caller.address.within(self._caller.sandbox)

    @property
    def token(self) -> str:
        """The bearer token that selects the sandbox, where the URL cannot be changed."""
        return f"sbx_{encoded(self.sandbox)}"

    def in_sandbox(self, name: str) -> Client:
        """The same server, another sandbox; the connections are shared."""
        other = copy(self)
        other._act_for(self._caller.of(name))  # noqa: SLF001 because it is one of us
        return other

    def health(self) -> shapes.Health:
        """That the server answers.

        Raises:
            UnreachableError: it does not.
        """
        told: shapes.Health = self._caller.of(None).get("/_mock/health")
        return told

    def document(self, name: str = "oxen.json") -> dict[str, Any]:
        """An OpenAPI document that has this server as its own, as in oxen.strict.json."""
        told: dict[str, Any] = self._caller.of(None).get(f"/_mock/openapi/{encoded(name)}")
        return told

    def report(self, *, all: bool = False) -> shapes.Report:  # noqa: A002 the API's word
        """What was exercised and what was broken; `all` sums over sandboxes that are gone too."""
        told: shapes.Report = self._caller.get("/_mock/report", {"all": "true"} if all else None)
        return told

    def reset(self) -> shapes.Sandbox:
        """Start the sandbox anew, at the instant where it stands."""
        told: shapes.Sandbox = self._caller.send("POST", "/_mock/reset")
        return told

    def snapshot(self) -> dict[str, Any]:
        """The sandbox as a document that stands for itself; JSON carries it anywhere."""
        return self.sandboxes.snapshot(self.sandbox)

    def restore(self, document: Mapping[str, Any]) -> shapes.Sandbox:
        """Put the sandbox back to a snapshot, of whichever one it was taken."""
        return self.sandboxes.restore(self.sandbox, document)

    def close(self) -> None:
        """Let go of the connections, of every sandbox that shares them; another call opens more."""
        self._caller.connections.close()

    def __enter__(self) -> Self:
        """The client."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the connections."""
        self.close()

    def __repr__(self) -> str:
        """Without the token."""
        return f"Client({self._caller.address.base!r}, sandbox={self._caller.sandbox!r})"
