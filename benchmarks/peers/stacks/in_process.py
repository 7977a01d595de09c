"""What a look takes without a socket: the short way, through Flask, and Flask alone. Prints JSON.

python in_process.py FOLDER BATCHES
"""
# ruff: noqa: INP001 because it is started as a script

from __future__ import annotations

import json
import sys
import time
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response

from mockserver import Settings, create_app

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication, WSGIEnvironment

BATCH = 1_000
SIZE = 1_000
"""Bytes of an answer, about."""
PATH = "/api/repos/ox/cats/evaluations/5d3f0c52-8f0e-4b6e-9a55-7a3c0f9be1aa"
QUERIES = {"short": "", "flask": "unknown=1"}
"""What is not plain, as a query that nobody asks for, is left to Flask."""
FLOOR = "bare flask"


def floor() -> WSGIApplication:
    """Flask with ready-made bytes: what no app of Flask's can be quicker than."""
    app = Flask("floor")

    @app.get("/api/repos/<namespace>/<name>/evaluations/<id_>")
    def answer(**_: str) -> Response:
        return Response(b"x" * SIZE, mimetype="application/json")

    return app


def asked(query: str) -> WSGIEnvironment:
    """A request as a server hands it over."""
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": PATH,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "4010",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:4010",
        "HTTP_AUTHORIZATION": "Bearer any-token",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def batch(app: WSGIApplication, query: str) -> tuple[float, int]:
    """Microseconds a request, and how many different answers there were."""
    requests = [asked(query) for _ in range(BATCH)]
    statuses: set[str] = set()
    bodies = []

    def start(status: str, *_: object) -> object:
        statuses.add(status)
        return None

    begun = time.perf_counter()
    for one in requests:
        answer = app(one, start)  # type: ignore[arg-type]  # because it writes nothing
        bodies.append(b"".join(answer))
        if hasattr(answer, "close"):
            answer.close()
    took = time.perf_counter() - begun
    if statuses != {"200 OK"}:
        raise SystemExit(f"expected 200 OK alone, found {sorted(statuses)}: {bodies[0]!r}")
    return took / BATCH * 1e6, len(set(bodies))


def main() -> None:
    """Measure both ways in turn."""
    app, batches = (
        create_app(Settings(fixtures=(Path(sys.argv[1]) / "fixtures",))),
        int(sys.argv[2]),
    )
    bare = floor()
    told: dict[str, list[float]] = {name: [] for name in (*QUERIES, FLOOR)}
    fewest = BATCH
    for number in range(batches + 1):
        for name, query in QUERIES.items():
            took, different = batch(app, query)
            if number:  # the first one warms up
                told[name].append(took)
                fewest = min(fewest, different)
        if number:
            told[FLOOR].append(batch(bare, "")[0])
    sys.stdout.write(json.dumps({**told, "different": [fewest * 100 / BATCH]}))


if __name__ == "__main__":
    main()
