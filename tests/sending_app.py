"""A small app that sends late and cut answers, running on either server, and what that prints.

Started with a port as a program, it is what granian's worker serves.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, request
from served import PATIENCE, clean_environment, until

from mockserver.core.exchange import Response, json_response
from mockserver.server import Address, ThreadServer, claim, serve
from mockserver.web.sending import sent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Response as FlaskResponse

PROC = Path("/proc/self")
"""Where Linux tells a process about itself."""


@dataclass(frozen=True, slots=True)
class Running:
    """Where the app listens, and the file with all that its process has printed."""

    kind: str
    port: int
    printed: Path | None = None


def body_of(length: int) -> bytes:
    """A JSON string of this many bytes."""
    return json.dumps("x" * (length - 2)).encode() if length > 1 else b"7"[:length]


def build() -> Flask:
    """The app: every path says what is done to its answer."""
    app = Flask("sending", static_folder=None)
    ended: list[str] = []

    @app.route("/cut/<int:length>/<int:cut>")
    def cut(length: int, cut: int) -> FlaskResponse:
        headers = (("Content-Type", "application/json"), ("X-Mock-Of", "sending"))
        status = int(request.args.get("status", 200))
        answer = sent(Response(status, headers, body_of(length), cut))
        answer.call_on_close(lambda: ended.append("cut"))
        return answer

    @app.route("/ended")
    def how_many_have_ended() -> FlaskResponse:
        return sent(Response(200, (), str(len(ended)).encode()))

    @app.route("/whole")
    def whole() -> FlaskResponse:
        return sent(json_response(200, {"whole": True}))

    @app.route("/held/<float:seconds>")
    def held(seconds: float) -> FlaskResponse:
        return sent(Response(200, held=seconds))

    @app.route("/process")
    def process() -> FlaskResponse:
        facts = {name: len([*(PROC / name).iterdir()]) for name in ("task", "fd")}
        return sent(json_response(200, facts))

    return app


@contextmanager
def running(kind: str, folder: Path) -> Iterator[Running]:
    """The app on a server of this kind, gone afterwards."""
    if kind == "thread":
        with ThreadServer(build()) as server:
            yield Running(kind, int(server.url.rsplit(":", 1)[1]))
        return
    address, holder = claim("127.0.0.1", 0)
    printed = folder / "printed.txt"
    command = [sys.executable, __file__, str(address.port)]
    with (
        printed.open("wb") as output,
        subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=clean_environment(PYTHONUNBUFFERED="1"),
        ) as process,
    ):
        try:
            until(lambda: _listens(address), f"granian listens at {address.url}")
            if holder is not None:
                holder.close()
            yield Running(kind, address.port, printed)
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _listens(address: Address) -> bool:
    try:
        with closing(socket.create_connection((address.host, address.port), timeout=1)):
            return True
    except OSError:
        return False


if __name__ == "__main__":
    serve(Address("127.0.0.1", int(sys.argv[1])), build)
