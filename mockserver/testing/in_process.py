"""The control API asked without a socket, where it lives in this very process."""

from __future__ import annotations

from email.message import Message
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from mockserver.client.connections import Answer
from mockserver.core.exchange import Request

if TYPE_CHECKING:
    from mockserver.client.connections import Question
    from mockserver.control.control import Control


class InProcess:
    """Asks a control API as a connection would; what it answers is judged all the same."""

    def __init__(self, control: Control, base: str) -> None:
        """Ask this one; `base` is the URL of its server, without a sandbox."""
        self._control = control
        self._base = base

    def ask(self, question: Question) -> Answer:
        """The answer to a question."""
        path, _, query = question.target.partition("?")
        request = Request(
            method=question.method,
            path=unquote(path),
            query=tuple(parse_qsl(query, keep_blank_values=True)),
            headers={name.lower(): str(value) for name, value in question.headers.items()},
            body=question.body or b"",
        )
        response = self._control.answer(request, self._base)
        headers = Message()
        for name, value in response.headers:
            headers[name] = value
        reason = HTTPStatus(response.status).phrase
        return Answer(response.status, reason, headers, response.body)

    def close(self) -> None:
        """Nothing is open."""
