"""Every exchange into an HTTP archive (HAR 1.2) while they come, without secrets.

It is written as it grows, so that a long run needs no memory for it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import mockserver
from mockserver.core.exchange import Exchange, Kind, Response, Violation
from mockserver.har import CREATOR, entry_of
from mockserver.journal import LONGEST_BODY
from mockserver.judging.masking import MASK, Mask
from mockserver.judging.telling import UnwritableError

if TYPE_CHECKING:
    from pathlib import Path

    from mockserver.fuzzing.exchanged import Exchanged
    from mockserver.fuzzing.target import Target

_FLAG = "--har"
_OF_COOKIES = frozenset({"set-cookie", "cookie"})


def write_text(flag: str, path: Path, text: str) -> None:
    """Write a text file over what is there; `flag` is who asks for it.

    Raises:
        UnwritableError: it cannot be written.
    """
    try:
        path.write_text(text, "utf-8", errors="backslashreplace")
    except (OSError, ValueError) as error:  # the latter for what can be no name of a file
        raise _unwritable(flag, path, error) from None


def _unwritable(flag: str, path: Path, error: Exception) -> UnwritableError:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    flaw = Violation(flag, "a file that can be written", f"{path}: {reason}", Kind.SOURCE)
    return UnwritableError("the run cannot be kept", [flaw])


class Archive:
    """An archive in a file."""

    def __init__(self, path: Path, target: Target) -> None:
        """Write the beginning, over what is there.

        Raises:
            UnwritableError: it cannot be written.
        """
        self._path, self._target = path, target
        self._mask = Mask((), target.secrets)
        self._between = "\n"
        creator = json.dumps({"name": CREATOR, "version": mockserver.__version__})
        write_text(_FLAG, path, f'{{"log": {{"version": "1.2", "creator": {creator}, "entries": [')
        self._file = path.open("a", encoding="utf-8")

    def add(self, exchanged: Exchanged, operation: str | None) -> None:
        """Write an exchange; bodies are cut at the length at which the journal cuts them.

        Raises:
            UnwritableError: it cannot be written.
        """
        answer = exchanged.answer or Response(0)
        request = replace(
            exchanged.request,
            headers={k: self._header(k, v) for k, v in exchanged.request.headers.items()},
            body=exchanged.request.body[:LONGEST_BODY],
        )
        headers = tuple((name, self._header(name, value)) for name, value in answer.headers)
        answer = replace(answer, headers=headers, body=answer.body[:LONGEST_BODY])
        kept = Exchange(
            request, answer, (), exchanged.started, api=exchanged.api, operation_id=operation
        )
        taken = (exchanged.ended - exchanged.started).total_seconds() * 1_000
        entry = entry_of(kept, self._target.origin + exchanged.sent.target, round(taken, 3))
        self._write(self._between + self._mask(json.dumps(entry)))
        self._between = ",\n"

    def end(self) -> None:
        """Write the end.

        Raises:
            UnwritableError: it cannot be written.
        """
        with self._file:
            self._write("\n]}}\n")

    def _write(self, text: str) -> None:
        try:
            self._file.write(text)
        except OSError as error:
            raise _unwritable(_FLAG, self._path, error) from None

    def _header(self, name: str, value: str) -> str:
        """A header without its secrets, however short; in bodies long ones alone are found."""
        if name.lower() in _OF_COOKIES:
            return MASK
        for secret in self._target.secrets:
            if value in {secret, f"Bearer {secret}"}:
                return value.replace(secret, MASK)
        return value
