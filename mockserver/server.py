"""Two servers for one app: granian in the foreground, a threaded one inside a process.

granian forks or spawns a worker, and the app, its state and the watching of files live
there; so this module says what the worker does with nothing but picklable settings.
"""

from __future__ import annotations

import errno
import gc
import ipaddress
import os
import socket
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING, Self

from mockserver.core.dataclass import dataclass
from mockserver.core.errors import BadSettingsError, MockserverError
from mockserver.core.exchange import Kind, Violation
from mockserver.uncollected import uncollected

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from wsgiref.types import WSGIApplication

THREADS = 256
"""Requests that granian's worker handles at once; a client that stalls in its body holds one."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens: a numeric address and a port that is not 0."""

    host: str
    port: int

    @property
    def reached_by(self) -> str:
        """The address by which this machine itself reaches it."""
        anywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 not bound here, only told apart
        return anywhere.get(self.host, self.host)

    @property
    def url(self) -> str:
        """The base URL a client on this machine reaches it by."""
        host = self.reached_by
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return ipaddress.ip_address(self.host).is_loopback


def claim(host: str, port: int) -> tuple[Address, socket.socket | None]:
    """Find out whether a server can listen here, and on which port for 0.

    On Linux, where a port is shared among those that listen, the returned socket holds it
    until the server has it; keep it open that long.

    Raises:
        BadSettingsError: the address is unknown, taken, or may not be used.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "no name at all"
        expected = "a name or address of this machine"
        raise _unusable("host", expected, f"{host}: {reason}") from None
    family, numeric = found[0], str(found[4][0])
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            if os.name == "posix":  # elsewhere this option lets two servers share a port
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((numeric, port))
            free = int(probe.getsockname()[1])
            if sys.platform != "linux":  # elsewhere a holder might be given the connections
                return Address(numeric, free), None
        holder = _hold(family, numeric, free)
    except OSError as error:
        reason = f"{host}:{port}: {error.strerror}"
        if error.errno == errno.EADDRNOTAVAIL:
            raise _unusable("host", "an address of this machine", reason) from None
        raise _unusable("port", "a free one (--port 0 takes any)", reason) from None
    return Address(numeric, free), holder


def _hold(family: int, host: str, port: int) -> socket.socket:
    """A socket that keeps the port from every probe and lets the server share it.

    Not with SO_REUSEADDR: a probe that has it too would then succeed until somebody listens.
    """
    holder = socket.socket(family, socket.SOCK_STREAM)
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    holder.bind((host, port))
    return holder


def _unusable(name: str, expected: str, found: str) -> BadSettingsError:
    return BadSettingsError("cannot listen there", [Violation(name, expected, found, Kind.SOURCE)])


def serve(
    address: Address,
    load: Callable[[], WSGIApplication],
    *,
    before_handover: Callable[[], None] | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; `load` gives the app in the worker and must pickle.

    On SIGHUP another worker takes over, and `before_handover` is called before it is made.

    Raises:
        MockserverError: the worker ended before it was told to.
    """
    with uncollected():
        from granian import Granian  # noqa: PLC0415 because only serving needs it
        from granian.constants import Interfaces  # noqa: PLC0415 the same
        from granian.log import LogLevels  # noqa: PLC0415 the same

    server = Granian(
        "mockserver",
        address=address.host,
        port=address.port,
        interface=Interfaces.WSGI,
        blocking_threads=THREADS,
        workers_kill_timeout=1,
        log_level=LogLevels.critical,
    )
    if before_handover is not None:
        server.on_reload(before_handover)
    gc.freeze()  # else the worker's first collection copies most pages that it shares with us
    try:
        server.serve(target_loader=partial(_in_worker, load), wrap_loader=False)
    except SystemExit as error:  # how granian says that its worker has ended by itself
        raise MockserverError("the server's worker ended unexpectedly: start it again") from error


def _in_worker(load: Callable[[], WSGIApplication]) -> WSGIApplication:
    """What the worker does first: granian puts its whole environment into every request's."""
    for name in list(os.environ):
        if name.startswith("HTTP_") or name in {"CONTENT_TYPE", "CONTENT_LENGTH", "REMOTE_USER"}:
            del os.environ[name]
    _end_with_parent()
    return load()


def _end_with_parent() -> None:
    """Leave no worker behind when the command itself is killed."""
    import multiprocessing  # noqa: PLC0415 because only a worker has a parent

    parent = multiprocessing.parent_process()
    if parent is not None:

        def wait() -> None:
            parent.join()
            os._exit(0)

        threading.Thread(target=wait, name="end-with-parent", daemon=True).start()


def when_listening(address: Address, then: Callable[[], None]) -> None:
    """Call `then` from a thread as soon as a connection is taken."""

    def wait() -> None:
        for _ in range(1_000):
            try:
                socket.create_connection((address.reached_by, address.port), timeout=1).close()
            except OSError:
                threading.Event().wait(0.01)
            else:
                then()
                return
        print(f"nothing answers at {address.url}", file=sys.stderr)  # noqa: T201 because nobody else can tell

    threading.Thread(target=wait, name="when-listening", daemon=True).start()


class ThreadServer:
    """The app on a port of its own inside this process, one thread a connection.

    For tests: it listens when the constructor returns, and stops when the context ends.
    """

    def __init__(self, app: WSGIApplication, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen, on a free port for 0.

        Raises:
            BadSettingsError: the address is unknown, taken, or may not be used.
        """
        if port:
            _, holder = claim(host, port)
            if holder is not None:
                holder.close()
        from mockserver.keeping import Server  # noqa: PLC0415 because granian's users need none of it

        self._server = Server(host, port, app)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """The base URL, without a final slash."""
        host, port = self._server.server_address[:2]
        return Address(str(host), int(port)).url

    def stop(self) -> None:
        """Stop taking connections, close those that are open, and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._server.hang_up()
        self._thread.join()

    def __enter__(self) -> Self:
        """The running server."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()
