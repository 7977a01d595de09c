"""The control paths below /_mock/: the documents for other tools, and health."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import jsonify, request

from mockserver.problems import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask, Response

    from mockserver.engine import Engine


def add_control(app: Flask, engine: Engine) -> None:
    """Add the control paths to an app."""

    @app.get("/_mock/health")
    def health() -> Response:
        return jsonify(status="ok", now=engine.now_text(), apis=list(engine.apis))

    @app.get("/_mock/openapi/<name>.json")
    def document(name: str) -> Response:
        documents: dict[str, Mapping[str, Any]] = {}
        for api, served in engine.apis.items():
            documents[api] = served.contract.document.value
            documents[f"{api}.strict"] = served.contract.strict
        if name not in documents:
            known = ", ".join(f"{known}.json" for known in documents)
            raise RefusedError(404, f"no such document; there are {known}")
        # A copy that names the live hub would send other tools there; this one names us.
        return jsonify({**documents[name], "servers": [{"url": request.url_root.rstrip("/")}]})
