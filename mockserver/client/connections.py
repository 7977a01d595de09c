"""Connections to a server: one for each thread, kept open between requests."""

from __future__ import annotations

import os
import selectors
import threading
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Protocol

from mockserver.client.errors import UnreachableError
from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import Message

    from mockserver.client.address import Address


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a target below the server's path, with what goes along.

    Attributes:
        patience: seconds for which the server may hold the answer back.
    """

    method: str
    target: str
    headers: Mapping[str, str | bytes]
    body: bytes | None = None
    patience: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    reason: str
    headers: Message
    body: bytes


class Asked(Protocol):
    """Whoever answers questions."""

    def ask(self, question: Question) -> Answer:
        """The answer to a question.

        Raises:
            UnreachableError: there is none.
        """

    def close(self) -> None:
        """Let go of what is open; whoever asks again opens more."""


class Connections:
    """Sends requests to one server and nowhere else, whatever proxies the environment names."""

    def __init__(self, address: Address, timeout: float | None) -> None:
        """Connect to nothing yet; `timeout` are seconds until an answer is given up, or None."""
        self._address = address
        self._timeout = timeout
        self._of_thread = threading.local()

    def close(self) -> None:
        """Let go of every connection; whoever asks again opens another."""
        self._of_thread = threading.local()

    def ask(self, question: Question) -> Answer:
        """The answer to a question.

        Raises:
            UnreachableError: there is none.
        """
        line = self._line()
        seconds = None if self._timeout is None else self._timeout + question.patience
        while True:
            was_open = self._reach(line, seconds)
            try:
                return line.ask(question, self._address.path)
            except (OSError, HTTPException) as error:
                # It may have been closed while nobody used it (RFC 9112, 9.3), just as we asked;
                # only what changes nothing may then be asked again (RFC 9110, 9.2.2).
                is_stale = was_open and isinstance(error, ConnectionError)
                if not is_stale or question.method != "GET":
                    raise self._unanswered(question, error, seconds) from None

    def _line(self) -> _Line:
        line: _Line | None = getattr(self._of_thread, "line", None)
        if line is None or line.process != os.getpid():  # a fork must not share its parent's
            line = self._of_thread.line = _Line(self._address)
        return line

    def _reach(self, line: _Line, seconds: float | None) -> bool:
        """Have the line open; whether it was so already."""
        try:
            return line.open(seconds)
        except (OSError, UnicodeError) as error:  # the latter for what can be no name of a host
            raise UnreachableError(
                f"nothing answers at {self._address.base} ({_reason(error)}): start the server "
                "with `oxen-mock serve`, or say where it is"
            ) from None

    def _unanswered(
        self, question: Question, error: Exception, seconds: float | None
    ) -> UnreachableError:
        base, asked = self._address.base, f"{question.method} {question.target}"
        if isinstance(error, TimeoutError):
            return UnreachableError(f"{base} did not answer {asked} within {seconds:g} s")
        told = f"{base} gave no whole answer to {asked} ({_reason(error)})"
        if question.method == "GET":
            return UnreachableError(f"{told}: is it `oxen-mock serve` that listens there?")
        return UnreachableError(f"{told}: it may have been done all the same")


class _Line:
    """One connection; it closes when anything goes wrong on it, or when nobody holds it."""

    def __init__(self, address: Address) -> None:
        kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
        self._http = kind(address.host, address.port)
        self.process = os.getpid()

    def open(self, seconds: float | None) -> bool:
        """Open it, unless it is; whether it was."""
        was_open = self._is_open()
        self._http.timeout = seconds
        try:
            if was_open:
                self._http.sock.settimeout(seconds)
            else:
                self._http.close()
                self._http.connect()
        except BaseException:
            self._http.close()
            raise
        return was_open

    def _is_open(self) -> bool:
        """Whether it still is: between two requests there is nothing to read but the end."""
        if self._http.sock is None:
            return False
        with selectors.DefaultSelector() as selector:
            selector.register(self._http.sock, selectors.EVENT_READ)
            return not selector.select(0)

    def ask(self, question: Question, before: str) -> Answer:
        """Ask, on a line that is open."""
        try:
            self._http.request(
                question.method, before + question.target, question.body, dict(question.headers)
            )
            with self._http.getresponse() as got:
                return Answer(got.status, got.reason, got.headers, got.read())
        except BaseException:
            self._http.close()  # or the next question would get the rest of this answer
            raise

    def __del__(self) -> None:
        """Close it where its thread or its client is gone, so that nothing is left open."""
        self._http.close()


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
