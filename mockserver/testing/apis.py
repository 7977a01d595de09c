"""What a test holds in its hand: a sandbox of its own, as a client of its API sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from mockserver.client.address import read_address
from mockserver.client.caller import Caller
from mockserver.client.client import Client
from mockserver.testing.clock import SandboxClock
from mockserver.testing.in_process import InProcess
from mockserver.testing.sleeping import Slept

if TYPE_CHECKING:
    import httpx
    import requests.adapters

    from mockserver.client import shapes
    from mockserver.client.ids import Identified
    from mockserver.client.spans import Span
    from mockserver.testing.servers import Opened


class MockedApi(Client):
    """A sandbox in this process, and everything that can be done to it without a socket.

    Attributes:
        world: the sandbox itself.
        clock: virtual time; it stands still until it is moved.
    """

    api: ClassVar[str] = "oxen"
    origins: ClassVar[tuple[str, ...]] = ()
    """Where the real API is found, as clients have it built in."""

    clock: SandboxClock

    def __init__(self, opened: Opened) -> None:
        """Hold a sandbox that was opened for a test."""
        running = opened.running
        self.world = opened.world
        self._opened = opened
        address = read_address(running.url)
        asked = InProcess(running.mock.control, running.url)
        self._act_for(Caller(address, asked, None, opened.world.name))

    def _act_for(self, caller: Caller) -> None:
        super()._act_for(caller)
        self.clock = SandboxClock(caller)

    @property
    def token(self) -> str:
        """A token that is accepted; it selects the sandbox where any token is."""
        tokens = self._opened.running.settings.tokens
        return tokens[0] if tokens else super().token

    # -- evaluations --------------------------------------------------------------------------

    def add(self, fixture: str, /, **overrides: object) -> shapes.EvaluationDetail:
        """A new evaluation, created now, that lives as a fixture does, but for what is overridden.

        Overrides are the words of a fixture file: `rows=20`, `phases=[...]`.
        """
        name = fixture if "/" in fixture else f"{self.api}/{fixture}"
        return self.evaluations.add(name, **overrides)

    def fail(
        self,
        id: Identified,  # noqa: A002 the API's word
        at_row: int | None = None,
        message: str | None = None,
    ) -> shapes.EvaluationDetail:
        """Let an evaluation fail: once so many rows are done, or now."""
        return self.evaluations.fail(id, at_row, message)

    def cancel(self, id: Identified) -> shapes.EvaluationDetail:  # noqa: A002 the same
        """Cancel an evaluation now."""
        return self.evaluations.cancel(id)

    # -- a client's time ----------------------------------------------------------------------

    @property
    def longest_wait(self) -> Span:
        """Virtual time that clients may sleep through before they fail for want of a time-out."""
        return self._opened.sleeper.longest_wait

    @longest_wait.setter
    def longest_wait(self, span: Span) -> None:
        self._opened.sleeper.longest_wait = span

    def sleep(self, seconds: float) -> Slept:
        """Let virtual time pass and no real time: for clients whose sleep can be handed in.

        What it returns may be awaited, for clients of asyncio. The test fails where the client has
        polled after the end, or never gives up.
        """
        __tracebackhide__ = True
        self._opened.sleeper.sleep(seconds)
        return Slept()

    def patch_sleep(self, target: str) -> None:
        """Replace the sleep that a module calls, until the test ends.

        `target` is its place as the module writes it: "pkg.poller.time.sleep", or
        "pkg.poller.sleep" after `from time import sleep`; asyncio's as well. Clocks that stand
        beside it, as time.monotonic, go along, so that time-outs come.

        Raises:
            ValueError: there is no function.
        """
        self._opened.patches.patch(target)

    # -- what is broken on purpose ------------------------------------------------------------

    def expect_violation(
        self, place: str, operation: str | None = None, count: int = 1
    ) -> shapes.Expectation:
        """Say that the client breaks the contract there, in so many requests; if not, that fails.

        `place` is as violations say it, `body /prompt`, in which * stands for anything.
        """
        return self.expectations.add(place, operation, count)

    def allow_polls_after_end(self) -> None:
        """Have clients look at what has ended after a sleep, without the test failing for it."""
        self._opened.sleeper.endings.may_look_again = True

    # -- clients whose base URL cannot be set -------------------------------------------------

    def httpx_transport(self) -> httpx.BaseTransport:
        """A transport for `httpx.Client` that sends the API's own address to the sandbox.

        Any other address is refused, so that no test leaves this machine.
        """
        from mockserver.testing.httpx_transport import SandboxTransport  # noqa: PLC0415 because httpx is the user's

        return SandboxTransport(self.origins, self.url)

    def async_httpx_transport(self) -> httpx.AsyncBaseTransport:
        """The same for `httpx.AsyncClient`."""
        from mockserver.testing.httpx_transport import AsyncSandboxTransport  # noqa: PLC0415 the same

        return AsyncSandboxTransport(self.origins, self.url)

    def requests_adapter(self, **options: Any) -> requests.adapters.HTTPAdapter:  # noqa: ANN401 as requests has them
        """An adapter for `requests.Session.mount("https://", ...)`, the same.

        It takes the options of `requests.adapters.HTTPAdapter`, as in `max_retries=3`.
        """
        from mockserver.testing.requests_adapter import SandboxAdapter  # noqa: PLC0415 because requests is the user's

        return SandboxAdapter(self.origins, self.url, **options)

    def __repr__(self) -> str:
        """With what tells it apart."""
        return f"{type(self).__name__}({self.url!r})"


class Oxen(MockedApi):
    """A sandbox, as a client of the Oxen hub sees it."""

    api = "oxen"
    origins = ("https://hub.oxen.ai", "https://dev.hub.oxen.ai")


class Nugen(MockedApi):
    """A sandbox, as a client of Nugen sees it."""

    api = "nugen"
    origins = ("https://api.nugen.in",)
