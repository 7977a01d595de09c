"""Calls of the control API: JSON there and back, on behalf of one sandbox."""

from __future__ import annotations

import json
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from mockserver import __version__
from mockserver.client.address import encoded
from mockserver.client.connections import Question
from mockserver.client.errors import ControlError
from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.client.address import Address
    from mockserver.client.connections import Answer, Asked

_AGENT = f"oxen-mockserver/{__version__}"


@dataclass(frozen=True, slots=True)
class Caller:
    """Asks for one sandbox.

    Attributes:
        sandbox: its name, or None for requests that name none.
    """

    address: Address
    connections: Asked
    control_token: str | None = field(repr=False)
    sandbox: str | None

    def of(self, sandbox: str | None) -> Caller:
        """The same for another sandbox."""
        return replace(self, sandbox=sandbox)

    def get(self, path: str, query: Mapping[str, str] | None = None, patience: float = 0.0) -> Any:  # noqa: ANN401 what it is, the contract says
        """What a GET is answered; `patience` are seconds for which the server may hold it back.

        Raises:
            ControlError: the server refuses.
            UnreachableError: it does not answer.
        """
        target = f"{path}?{urlencode(query)}" if query else path
        return self._told(Question("GET", target, self._headers(), patience=patience))

    def send(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401 the same
        """What a write is answered; each has a body, so that no page can send one unasked.

        Raises:
            ControlError: the server refuses.
            UnreachableError: it does not answer.
        """
        raw = json.dumps(body or {}).encode()
        headers = self._headers() | {"Content-Type": "application/json"}
        return self._told(Question(method, path, headers, raw))

    def _headers(self) -> dict[str, str | bytes]:
        headers: dict[str, str | bytes] = {"Accept": "application/json", "User-Agent": _AGENT}
        if self.sandbox is not None:
            headers["X-Mock-Sandbox"] = encoded(self.sandbox)
        if self.control_token is not None:
            headers["X-Mock-Control-Token"] = self.control_token.encode()
        return headers

    def _told(self, question: Question) -> dict[str, Any]:
        answer = self.connections.ask(question)
        told = _object_of(answer)
        if told is None or not _is_ours(answer):
            raise self._foreign(answer)
        if answer.status in range(200, 300):
            return told
        violations = tuple(told.get("violations", ()))
        title, detail = told.get("title", answer.reason), told.get("detail", "")
        raise ControlError(answer.status, title, detail, violations)

    def _foreign(self, answer: Answer) -> ControlError:
        """What to say of an answer that is none of the control API's."""
        found = f"{answer.status} {answer.reason} from something else"
        hint = answer.headers.get("X-Mock-Hint")
        advice = hint or "is it `oxen-mock serve` that listens there?"
        detail = f"{self.address.base}: expected the control API, found {found} ({advice})"
        return ControlError(answer.status, answer.reason, detail)


def _object_of(answer: Answer) -> dict[str, Any] | None:
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _is_ours(answer: Answer) -> bool:
    """Whether the control API has answered: JSON or a problem (RFC 9457), with virtual time."""
    is_done = answer.status in range(200, 300)
    form = "application/json" if is_done else "application/problem+json"
    return "X-Mock-Now" in answer.headers and answer.headers.get_content_type() == form
