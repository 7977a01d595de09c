"""One line a request, written by a thread of its own so that no answer waits for it."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

    from mockserver.core.exchange import Exchange

_MOST_WAITING = 10_000
_COLOURS = {2: "32", 3: "36", 4: "33", 5: "31"}


class RequestLog:
    """Writes exchanges to a text stream; past a bound of waiting lines it drops and says so."""

    def __init__(self, stream: TextIO, *, colour: bool) -> None:
        """Start the writing thread."""
        self._stream = stream
        self._colour = colour
        self._waiting: queue.Queue[Exchange] = queue.Queue(_MOST_WAITING)
        self._dropped = 0
        threading.Thread(target=self._write, name="request-log", daemon=True).start()

    def __call__(self, exchange: Exchange) -> None:
        """Have an exchange written, soon."""
        try:
            self._waiting.put_nowait(exchange)
        except queue.Full:
            self._dropped += 1

    def _write(self) -> None:
        while True:
            exchange = self._waiting.get()
            dropped, self._dropped = self._dropped, 0
            try:
                if dropped:
                    self._stream.write(f"({dropped} requests not logged: too many at once)\n")
                self._stream.write(f"{line_of(exchange, colour=self._colour)}\n")
                self._stream.flush()
            except (OSError, ValueError):
                return  # whoever read the log is gone; the server goes on


def line_of(exchange: Exchange, *, colour: bool) -> str:
    """An exchange in one line: virtual time, status, request, what was seen, what was wrong."""
    status = str(exchange.response.status)
    if colour:
        status = f"\x1b[{_COLOURS.get(exchange.response.status // 100, '0')}m{status}\x1b[0m"
    path = exchange.request.path.encode("ascii", "backslashreplace").decode()
    path = "".join(c if c.isprintable() and c != " " else "?" for c in path)
    parts = [f"{exchange.now:%H:%M:%S}.{exchange.now.microsecond // 1000:03}", status]
    parts += [exchange.request.method[:10], path[:200]]
    if exchange.seen:
        parts.append(f"[{exchange.seen}]")
    told = [str(violation) for violation in exchange.violations]
    if exchange.hint:
        told.append(f"hint: {exchange.hint}")
    if told:
        parts += ["-", _plain("; ".join(told))]
    return " ".join(parts)


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)
