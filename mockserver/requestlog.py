"""One line a request, written by a thread of its own so that no answer waits for it."""

from __future__ import annotations

import io
import os
import queue
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from mockserver.core.plain import plain
from mockserver.selection import DEFAULT
from mockserver.telling.wording import written

if TYPE_CHECKING:
    from typing import TextIO

    from mockserver.core.exchange import Exchange

_MOST_WAITING = 10_000
_PATIENCE = 0.5
"""Seconds that the end of a server waits for its last lines."""
_LONGEST_PATH = 200
_LONGEST_LINE = 4_000
_COLOURS = {2: "32", 3: "36", 4: "33", 5: "31"}


def carry_anything(stream: TextIO) -> None:
    """Have a character that the stream cannot carry written as an escape, not end the program."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")


def wants_colour(stream: TextIO) -> bool:
    """Whether it is a terminal that takes colour, and nobody has said no (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


class RequestLog:
    """Writes exchanges to a text stream; past a bound of waiting lines it drops and says so."""

    def __init__(self, stream: TextIO, *, colour: bool) -> None:
        """Write nothing yet: the writing thread starts with the first line.

        So whoever forks before may take it along, for threads stay behind.
        """
        carry_anything(stream)
        self._stream = stream
        self._colour = colour
        self._waiting: queue.Queue[str | threading.Event] = queue.Queue(_MOST_WAITING)
        self._dropped = 0
        self._gone = False
        self._has_begun = False
        self._beginning = threading.Lock()

    def __call__(self, exchange: Exchange) -> None:
        """Have an exchange written, soon; only its line waits, never its bodies."""
        if self._gone:
            return
        if not self._has_begun:
            self._begin()
        try:
            self._waiting.put_nowait(line_of(exchange, colour=self._colour)[:_LONGEST_LINE])
        except queue.Full:
            self._dropped += 1

    def close(self) -> None:
        """Wait until what was to be written so far is written, but not for a stream that hangs."""
        written = threading.Event()
        with suppress(queue.Full):
            self._waiting.put_nowait(written)
            if self._has_begun and not self._gone:
                written.wait(_PATIENCE)

    def _begin(self) -> None:
        with self._beginning:
            if not self._has_begun:
                threading.Thread(target=self._write, name="request-log", daemon=True).start()
                self._has_begun = True

    def _write(self) -> None:
        while True:
            line = self._waiting.get()
            if isinstance(line, threading.Event):
                line.set()
                continue
            dropped, self._dropped = self._dropped, 0
            try:
                if dropped:
                    self._stream.write(f"({dropped} requests not logged: too many at once)\n")
                self._stream.write(f"{line}\n")
                self._stream.flush()
            except (OSError, ValueError):
                self._gone = True
                return  # whoever read the log is gone; the server goes on


def line_of(exchange: Exchange, *, colour: bool) -> str:
    """An exchange in one line: virtual time, status, request, what was seen, what was wrong."""
    status = str(exchange.response.status)
    if colour:
        status = f"\x1b[{_COLOURS.get(exchange.response.status // 100, '0')}m{status}\x1b[0m"
    parts = [f"{exchange.now:%H:%M:%S}.{exchange.now.microsecond // 1000:03}", status]
    parts += [plain(exchange.request.method[:10]), _path(exchange.request.path)]
    if exchange.sandbox != DEFAULT:
        parts.append(f"@{_path(exchange.sandbox)}")
    if exchange.seen:
        parts.append(f"[{exchange.seen}]")
    if exchange.fault:
        parts.append(f"({exchange.fault})")
    if exchange.draw is not None:
        drawn = ", ".join(filter(None, (exchange.draw.mutation, f"seed {exchange.draw.seed}")))
        parts.append(f"({exchange.draw.mood}: {drawn})")
    told = [str(violation) for violation in exchange.violations]
    if exchange.hint:
        told.append(f"hint: {exchange.hint}")
    if told:
        parts += ["-", plain("; ".join(told))]
    return " ".join(parts)


def _path(path: str) -> str:
    told = written(path)
    return told if len(told) <= _LONGEST_PATH else f"{told[: _LONGEST_PATH - 3]}..."
