"""What schemathesis believes to be the application under test: each request of its comes here.

It is an ASGI app in this process, for that is how schemathesis reaches one by its public ways. So
all that it makes up, its own second tries included, passes the gate, goes by the one wire, and is
judged, counted and kept; and nothing else is sent.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

import mockserver
from mockserver.core.dataclass import dataclass
from mockserver.core.exchange import Response
from mockserver.fuzzing.exchanged import Sent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from mockserver.fuzzing.exchanged import Exchanged

    _Messages = Callable[[], Awaitable[Mapping[str, Any]]]
    _Sender = Callable[[Mapping[str, Any]], Awaitable[None]]
    _Ask = Callable[[Sent], Exchanged | None]

_CASE = "x-schemathesis-testcaseid"
"""The header by which schemathesis tells its requests apart; it does not leave this house."""
_OF_CONNECTIONS = frozenset({"connection", "keep-alive", "transfer-encoding"})
_NOT_SENT = _OF_CONNECTIONS | {
    *(_CASE, "accept-encoding"),
    *("host", "content-length", "expect", "te", "trailer", "upgrade"),
}
"""Headers that say how a message is carried, and are the wire's (RFC 9112): one that is made up
makes no bad request of an API but no HTTP at all, which a server's other half answers."""
_AGENT = f"oxen-mockserver/{mockserver.__version__} (fuzz)"
_NO_ANSWER = Response(429)
"""Stands for the answer that there is not: any request may get it, so no check objects to it."""


@dataclass(slots=True)
class Door:
    """Stands before one API.

    Attributes:
        ask: sends a request; None where it must not be sent.
        root: what stands before every path that comes here.
        stop: has schemathesis end what it is about.
        kept: the exchanges of the cases that schemathesis has not told the end of, by their ids.
        crash: what went wrong on our side, for whoever started it to raise.
    """

    ask: _Ask
    root: str
    stop: Callable[[], None]
    kept: dict[str, Exchanged] = field(default_factory=dict)
    crash: BaseException | None = None

    async def __call__(self, scope: Mapping[str, Any], receive: _Messages, send: _Sender) -> None:
        """Answer by ASGI; there is nothing to do when it starts and ends."""
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])
        message = await receive()
        case, sent = _read(scope, message.get("body", b""), self.root)
        answer = self.answer(case, sent)
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": list(_headers(answer)),
            }
        )
        await send({"type": "http.response.body", "body": answer.body})

    def answer(self, case: str, sent: Sent) -> Response:
        """The answer to a case."""
        if self.crash is not None:
            return _NO_ANSWER
        try:
            exchanged = self.ask(sent)
        except BaseException as error:  # noqa: BLE001 schemathesis would take it for its app's
            self.crash = error
            self.stop()
            return _NO_ANSWER
        if exchanged is None or exchanged.answer is None:
            return _NO_ANSWER
        self.kept[case] = exchanged
        return exchanged.answer


def _read(scope: Mapping[str, Any], body: bytes, root: str) -> tuple[str, Sent]:
    headers = [(key.decode("latin-1"), value.decode("latin-1")) for key, value in scope["headers"]]
    case = next((value for key, value in headers if key == _CASE), "")
    query = scope["query_string"].decode("ascii")
    target = f"{root}{scope['raw_path'].decode('ascii')}{'?' if query else ''}{query}"
    kept = [(key.title(), value) for key, value in headers if key not in _NOT_SENT]
    told = [(key, _AGENT if key == "User-Agent" else value) for key, value in kept]
    return case, Sent(scope["method"], target, tuple(told), body)


def _headers(answer: Response) -> Iterator[tuple[bytes, bytes]]:
    for name, value in answer.headers:
        if name.lower() not in _OF_CONNECTIONS:
            yield name.encode("latin-1"), value.encode("latin-1")
