"""Stock Flask with stock openapi-core on the mock's own server: both checks in every call.

python openapi_core_app.py PORT FOLDER
"""
# ruff: noqa: INP001 because it is started as a script

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from moving import Moving
from openapi_core import OpenAPI
from openapi_core.contrib.flask import FlaskOpenAPIRequest, FlaskOpenAPIResponse
from openapi_core.exceptions import OpenAPIError

from mockserver.server import Address, serve

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


def load(folder: Path) -> WSGIApplication:
    """The app over the document in this folder."""
    openapi = OpenAPI.from_dict(json.loads((folder / "peers.json").read_text("utf-8")))
    moving, app = Moving(folder), Flask(__name__)

    def answer(**_: str) -> Response:
        asked = FlaskOpenAPIRequest(request)
        try:
            openapi.validate_request(asked)
        except OpenAPIError as error:
            return _told(400, {"error": {"type": "invalid_params", "title": str(error)}})
        response = _told(200, moving.now(request.headers.get("Prefer")))
        try:
            openapi.validate_response(asked, FlaskOpenAPIResponse(response))
        except OpenAPIError as error:
            return _told(500, {"error": {"type": "unknown_error", "title": str(error)}})
        return response

    below = "/api/repos/<namespace>/<repo_name>/evaluations/"
    app.add_url_rule(below + "<evaluation_id>", "get", answer, methods=["GET"])
    app.add_url_rule(below + "<resource_path>", "create", answer, methods=["POST"])
    return app


def _told(status: int, value: object) -> Response:
    return Response(json.dumps(value), status, mimetype="application/json")


if __name__ == "__main__":
    serve(Address("127.0.0.1", int(sys.argv[1])), partial(load, Path(sys.argv[2])))
