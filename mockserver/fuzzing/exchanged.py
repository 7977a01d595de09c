"""What was sent, and what came back or did not."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from mockserver.core.dataclass import dataclass
from mockserver.core.exchange import Request, Response
from mockserver.fuzzing.curl import curl
from mockserver.judging.entry import Entry

if TYPE_CHECKING:
    from datetime import datetime

    from mockserver.fuzzing.target import Target


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it goes out.

    Attributes:
        target: path and query, percent-encoded, from the root of the host on.
        headers: without Host and those that belong to a connection.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path, percent-encoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """What the query says, decoded."""
        return tuple(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    def header(self, name: str) -> str | None:
        """The first header of this name, in any case."""
        return next((value for key, value in self.headers if key.lower() == name), None)


@dataclass(frozen=True)  # without slots, for what is made of it is kept beside it
class Exchanged:
    """A request with its answer.

    Attributes:
        number: its place in the run, from 0.
        api: the API that it was meant for.
        answer: None where there was none.
        silence: why there was none.
    """

    number: int
    api: str
    sent: Sent
    answer: Response | None
    silence: str
    started: datetime
    ended: datetime

    @cached_property
    def request(self) -> Request:
        """The request in our own words for HTTP."""
        headers: dict[str, str] = {}
        for name, value in self.sent.headers:
            key = name.lower()
            headers[key] = f"{headers[key]}, {value}" if key in headers else value
        path = unquote(self.sent.path)
        return Request(self.sent.method, path, self.sent.query, headers, self.sent.body)

    def curl(self, target: Target) -> str:
        """The command that sends the same request to the same server."""
        return curl(self.sent, target)

    def entry(self, host: str) -> Entry:
        """The exchange as an entry of an archive that keeps everything."""
        return Entry(
            file="",
            index=self.number,
            host=host,
            url_path=self.sent.path,
            request=self.request,
            response=self.answer or Response(0),
            sent_whole=True,
            answer_whole=self.sent.method != "HEAD",
            started=self.started,
            ended=self.ended,
            complete=True,
            hidden=(),
            unanswered=self.silence,
        )
