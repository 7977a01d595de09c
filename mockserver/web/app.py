"""The Flask app: an ordinary one, its rules made from the contract, each view handing on.

Flask's rules are made from the routes of the contract and of the answer fixtures; the engine
matches by those same routes, so what Flask does not route still gets the engine's own answer.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flask import Flask
from flask import Response as FlaskResponse
from flask import request as flask_request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from mockserver.core.exchange import Request, Response
from mockserver.problems import CONTROL, RefusedError
from mockserver.web.body import read_body
from mockserver.web.control import add_control
from mockserver.web.cors import cors_headers, is_preflight

if TYPE_CHECKING:
    from mockserver.contract.routes import Route
    from mockserver.engine import Engine

_log = logging.getLogger("mockserver")


class _Segment(BaseConverter):
    """One path segment, of any characters but the slash."""

    regex = "[^/]+"


class _Glob(BaseConverter):
    """The rest of the path, slashes and line feeds included; Flask's own stops at a line feed."""

    regex = r"[\s\S]+"
    part_isolating = False


def build_app(engine: Engine, *, max_body: int) -> Flask:
    """An ordinary Flask app over an engine: test client, extensions and blueprints all work."""
    app = Flask("mockserver", static_folder=None)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.url_map.converters.update(segment=_Segment, glob=_Glob)

    def respond() -> FlaskResponse:
        return _flask_response(_answer(engine, max_body))

    for route in engine.routes():
        app.add_url_rule(
            _rule(route),
            endpoint=f"{' '.join(route.names)} {route.template}".replace(".", "_"),
            view_func=lambda **_values: respond(),
            methods=[*route.names, "OPTIONS"],
            provide_automatic_options=False,
        )
    add_control(app, engine)
    app.register_error_handler(404, lambda _error: respond())

    @app.errorhandler(405)
    def wrong_method(error: HTTPException) -> FlaskResponse:
        if not flask_request.path.startswith(CONTROL):
            return respond()
        allowed = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
        refused = RefusedError(405, f"this path takes {allowed}", headers=(("Allow", allowed),))
        return _flask_response(engine.refuse(_request(b""), refused))

    @app.errorhandler(Exception)
    def fault(error: Exception) -> FlaskResponse:
        if isinstance(error, RefusedError):
            refused = error
        elif isinstance(error, HTTPException):
            refused = RefusedError(400, f"the request: {error.description or error.name}")
        else:
            _log.error("an error of the mock's own", exc_info=error)
            refused = RefusedError(500, f"an error of the mock's own: {type(error).__name__}")
        return _flask_response(engine.refuse(_request(b""), refused))

    @app.after_request
    def open_to_browsers(response: FlaskResponse) -> FlaskResponse:
        response.headers.setdefault("X-Mock-Fixture", "none")
        response.headers.setdefault("X-Mock-Now", engine.now_text())
        headers = _headers()
        for name, value in cors_headers(flask_request.method, headers, response.headers.keys()):
            response.headers[name] = value
        return response

    return app


def _rule(route: Route) -> str:
    rule = route.template
    for name in route.parameters:
        converter = "glob" if name in route.globs else "segment"
        rule = rule.replace(f"{{{name}}}", f"<{converter}:{_identifier(route, name)}>")
    return rule


def _identifier(route: Route, name: str) -> str:
    """Flask wants Python identifiers; the engine reads values by its own matcher anyway."""
    return name if name.isidentifier() else f"p{route.parameters.index(name)}"


def _answer(engine: Engine, max_body: int) -> Response:
    bare = _request(b"")
    if is_preflight(bare.method, bare.headers):
        return Response(204)
    try:
        _refuse_broken_path()
        body = read_body(flask_request.stream, max_body)
    except RefusedError as error:
        return engine.refuse(bare, error)
    return engine.answer(_request(body))


def _refuse_broken_path() -> None:
    """WSGI carries the path's bytes as Latin-1; bytes that are no UTF-8 name nothing."""
    try:
        flask_request.environ.get("PATH_INFO", "").encode("latin-1").decode()
    except UnicodeError:
        raise RefusedError(400, "path: expected percent-encoded UTF-8, found other bytes") from None


def _request(body: bytes) -> Request:
    return Request(
        method=flask_request.method,
        path=flask_request.path,
        query=tuple(flask_request.args.items(multi=True)),
        headers=_headers(),
        body=body,
        base_url=flask_request.url_root.rstrip("/"),
    )


def _headers() -> dict[str, str]:
    return {name.lower(): value for name, value in flask_request.headers.items()}


def _flask_response(response: Response) -> FlaskResponse:
    answer = FlaskResponse(response.body, response.status, list(response.headers))
    if response.header("Content-Type") is None:
        del answer.headers["Content-Type"]
    return answer
