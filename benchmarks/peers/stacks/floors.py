"""Two floors on the mock's own server with the mock's own settings: what no mock can beat there.

    python floors.py bare|flask PORT FOLDER

`bare` is a WSGI callable that answers ready-made bytes, `flask` the same out of Flask. Both read
the body and check nothing.
"""
# ruff: noqa: INP001 because it is started as a script

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.server import Address, serve

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def bare(folder: Path) -> WSGIApplication:
    """The least that a WSGI app can do."""
    body = (folder / "answer.json").read_bytes()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("CONTENT_LENGTH"):
            environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        start_response("200 OK", headers)
        return [body]

    return answer


def flask(folder: Path) -> WSGIApplication:
    """The least that Flask can do."""
    from flask import Flask, Response, request  # noqa: PLC0415 because the other floor goes without

    app = Flask(__name__)
    body = (folder / "answer.json").read_bytes()

    def answer(**_: str) -> Response:
        request.get_data()
        return Response(body, mimetype="application/json")

    below = "/api/repos/<namespace>/<repo_name>/evaluations/"
    app.add_url_rule(below + "<evaluation_id>", "get", answer, methods=["GET"])
    app.add_url_rule(below + "<path:resource_path>", "create", answer, methods=["POST"])
    return app


if __name__ == "__main__":
    chosen = {"bare": bare, "flask": flask}[sys.argv[1]]
    serve(Address("127.0.0.1", int(sys.argv[2])), partial(chosen, Path(sys.argv[3])))
