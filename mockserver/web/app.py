"""The Flask app: an ordinary one, its rules made from the contract, each view handing on.

Flask's rules are made from the routes of the contract and of the answer fixtures; the engine
matches by those same routes, so what Flask does not route still gets the engine's own answer.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from flask import Flask
from flask import Response as FlaskResponse
from flask import request as flask_request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import BaseConverter

from mockserver.core.exchange import Request, Response
from mockserver.problems import STATUSES, RefusedError
from mockserver.web.body import read_body
from mockserver.web.control import add_control
from mockserver.web.cors import cors_headers, is_preflight
from mockserver.web.prefix import OUTSIDE

if TYPE_CHECKING:
    from collections.abc import Callable

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

    _add_routes(app, engine, respond)
    add_control(app, engine)

    @app.before_request
    def stay_within_bounds() -> FlaskResponse | None:
        if (flask_request.content_length or 0) > max_body:
            read_body(flask_request.stream, max_body, None)  # on a path of anybody's
        return respond() if OUTSIDE in flask_request.environ else None

    @app.errorhandler(Exception)
    def fault(error: Exception) -> FlaskResponse | HTTPException:
        if error is flask_request.routing_exception and _is_for_engine(engine, error):
            return respond()
        if isinstance(error, HTTPException) and error.code not in STATUSES:
            return error  # what a blueprint of the user's has raised, in its own form
        return _flask_response(engine.refuse(_request(b""), _refused(error)))

    @app.after_request
    def open_to_browsers(response: FlaskResponse) -> FlaskResponse:
        _add_headers(response, engine)
        return response

    return app


def _add_headers(response: FlaskResponse, engine: Engine) -> None:
    """What every answer carries; those of the engine have the time already."""
    if "X-Mock-Now" not in response.headers:
        response.headers["X-Mock-Now"] = engine.now_text()
        response.headers["X-Mock-Fixture"] = "none"
    headers = _headers()
    for name, value in cors_headers(flask_request.method, headers, response.headers.keys()):
        if name == "Vary":
            response.vary.add(value)
        else:
            response.headers[name] = value


def _add_routes(app: Flask, engine: Engine, respond: Callable[[], FlaskResponse]) -> None:
    """A rule for each operation; the engine finds the operation again by its own matcher."""

    def view(**_values: str) -> FlaskResponse:
        return respond()

    for route in engine.routes():
        if "<" in route.template:
            continue  # Flask's rules cannot escape it; such a path reaches the engine unrouted
        for method, name in route.names.items():
            app.add_url_rule(
                _rule(route),
                endpoint=name,
                view_func=view,
                methods=[method, "OPTIONS"],
                provide_automatic_options=False,
            )


def _is_for_engine(engine: Engine, error: HTTPException) -> bool:
    """Whether the engine has the answer to what Flask could not route.

    It is left with the paths that nobody has and with wrong methods on its own ones.
    """
    own = any(route.pattern.fullmatch(_path()) for route in engine.routes())
    return isinstance(error, NotFound) or (isinstance(error, MethodNotAllowed) and own)


def _refused(error: Exception) -> RefusedError:
    if isinstance(error, RefusedError):
        return error
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        return RefusedError(405, f"this path takes {allowed}", headers=(("Allow", allowed),))
    if isinstance(error, HTTPException):
        return RefusedError(error.code or 400, f"the request: {error.description or error.name}")
    _log.error("an error of the mock's own", exc_info=error)
    return RefusedError(500, f"an error of the mock's own: {type(error).__name__}")


def _rule(route: Route) -> str:
    rule = route.template
    for name in route.parameters:
        converter = "glob" if name in route.globs else "segment"
        rule = rule.replace(f"{{{name}}}", f"<{converter}:{_identifier(route, name)}>")
    return rule


def _identifier(route: Route, name: str) -> str:
    """Flask wants ASCII identifiers; the engine reads values by its own matcher anyway."""
    if name.isascii() and name.isidentifier():
        return name
    return f"parameter_{route.parameters.index(name)}"


def _answer(engine: Engine, max_body: int) -> Response:
    bare = _request(b"")
    if is_preflight(bare.method, bare.headers):
        return engine.acknowledge(bare)
    try:
        _refuse_path_outside_prefix()
        _refuse_broken_path()
        body = read_body(flask_request.stream, max_body, flask_request.content_length)
    except RefusedError as error:
        return engine.refuse(bare, error)
    return engine.answer(_request(body))


def _refuse_path_outside_prefix() -> None:
    if OUTSIDE in flask_request.environ:
        prefix = flask_request.environ[OUTSIDE]
        raise RefusedError(404, hint=f"this server was started with --prefix {prefix}")


def _refuse_broken_path() -> None:
    """WSGI carries the path's bytes as Latin-1; bytes that are no UTF-8 name nothing.

    Some servers replace such bytes before; these also hand over the path as it was sent.
    """
    environ = flask_request.environ
    try:
        environ.get("PATH_INFO", "").encode("latin-1").decode()
        unquote_to_bytes(environ.get("RAW_URI", "").partition("?")[0].encode("latin-1")).decode()
    except UnicodeError:
        raise RefusedError(400, "path: expected percent-encoded UTF-8, found other bytes") from None


def _request(body: bytes) -> Request:
    return Request(
        method=flask_request.environ["REQUEST_METHOD"],  # as sent: `get` is not GET (RFC 9110, 9.1)
        path=_path(),
        query=tuple(flask_request.args.items(multi=True)),
        headers=_headers(),
        body=body,
    )


def _path() -> str:
    """The path as it was sent, decoded; werkzeug's own lacks empty segments at the start."""
    raw: str = flask_request.environ.get("PATH_INFO", "")
    return raw.encode("latin-1", "replace").decode(errors="replace") or "/"


def _headers() -> dict[str, str]:
    return {name.lower(): value for name, value in flask_request.headers.items()}


def _flask_response(response: Response) -> FlaskResponse:
    answer = FlaskResponse(response.body, response.status, list(response.headers))
    if response.header("Content-Type") is None:
        del answer.headers["Content-Type"]
    return answer
