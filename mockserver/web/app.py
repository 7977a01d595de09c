"""The Flask app: an ordinary one, its rules made from the contract, each view handing on.

Flask's rules are made from the routes of the contract and of the answer fixtures; the engine
matches by those same routes, so what Flask does not route still gets the engine's own answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask
from flask import Response as FlaskResponse
from flask import request as flask_request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import BaseConverter

from mockserver.problems import STATUSES, RefusedError, is_control, render_control
from mockserver.web.body import read_body
from mockserver.web.control import answer_control
from mockserver.web.cors import control_cors_headers, cors_headers, is_preflight
from mockserver.web.front import Front
from mockserver.web.hooks import Hooks
from mockserver.web.own_errors import own_error
from mockserver.web.prefix import OUTSIDE
from mockserver.web.requests import headers_of, path_of, read_request, refuse_broken_path
from mockserver.web.rule import OneWayRule
from mockserver.web.sandboxed import sandboxed
from mockserver.web.sending import Opened, add_opening, sent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mockserver.contract.routes import Route
    from mockserver.control.control import Control
    from mockserver.core.exchange import Request, Response
    from mockserver.engine import Engine
    from mockserver.guard import Guard


class _Segment(BaseConverter):
    """One path segment, of any characters but the slash."""

    regex = "[^/]+"


class _Glob(BaseConverter):
    """The rest of the path, slashes and line feeds included; Flask's own stops at a line feed."""

    regex = r"[\s\S]+"
    part_isolating = False


def build_app(engine: Engine, control: Control, guard: Guard, *, max_body: int) -> Flask:
    """An ordinary Flask app over an engine: test client, extensions and blueprints all work."""
    app = Flask("mockserver", static_folder=None)
    app.url_rule_class = OneWayRule
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.url_map.converters.update(segment=_Segment, glob=_Glob)

    def respond() -> FlaskResponse:
        outside = flask_request.environ.get(OUTSIDE)
        if outside is not None and not is_preflight(flask_request.method, headers_of()):
            return refuse(
                RefusedError(404, hint=f"this server was started with --prefix {outside}")
            )
        if is_control(path_of()) and outside is None:
            return sent(answer_control(control, guard, max_body))
        return _answer(engine, max_body)

    def refuse(error: RefusedError) -> FlaskResponse:
        if is_control(path_of()):
            return sent(render_control(error))
        bare = read_request(b"")
        return _opened(bare, engine.refuse(bare, error))

    _add_routes(app, (*engine.routes(), *control.contract.routes.routes), respond)

    _add_bounds(app, respond, max_body)

    @app.errorhandler(Exception)
    def fault(error: Exception) -> FlaskResponse | HTTPException:
        if error is flask_request.routing_exception and _is_for_engine(engine, error):
            return respond()
        if isinstance(error, HTTPException) and error.code not in STATUSES:
            return error  # what a blueprint of the user's has raised, in its own form
        return refuse(_refused(error))

    @app.after_request
    def open_to_browsers(response: FlaskResponse) -> FlaskResponse:
        _add_headers(response, engine, guard)
        return response

    whole = sandboxed(
        app.wsgi_app,
        lambda path: is_control(path) or engine.answers_at(path),
        engine.sandboxes.knows,
    )
    front = Front(engine, lambda: whole, max_body, Hooks(app).are_own)
    app.wsgi_app = front  # type: ignore[method-assign]  # because Flask means it so
    return app


def _add_bounds(app: Flask, respond: Callable[[], FlaskResponse], max_body: int) -> None:
    """Hold whatever else is in the app, as blueprints of the user's, to bodies and the prefix.

    Control paths have a bound of their own.
    """

    @app.before_request
    def stay_within_bounds() -> FlaskResponse | None:
        too_long = (flask_request.content_length or 0) > max_body
        if too_long and not is_control(path_of()):
            read_body(flask_request.stream, max_body, None)  # on a path of anybody's
        return respond() if OUTSIDE in flask_request.environ else None


def _add_headers(response: FlaskResponse, engine: Engine, guard: Guard) -> None:
    """What every answer carries; those of the engine have it already."""
    if isinstance(response, Opened):
        return
    if "X-Mock-Now" not in response.headers:
        response.headers["X-Mock-Now"] = engine.now_text()
        response.headers["X-Mock-Fixture"] = "none"
    method, headers, answered = flask_request.method, headers_of(), response.headers.keys()
    if is_control(path_of()):
        origin = guard.allowed_origin(read_request(b""))
        opened = control_cors_headers(method, headers, origin, answered)
    else:
        opened = cors_headers(method, headers, answered)
    add_opening(response, opened)


def _add_routes(app: Flask, routes: Sequence[Route], respond: Callable[[], FlaskResponse]) -> None:
    """A rule for each operation; the engine finds the operation again by its own matcher."""

    def view(**_values: str) -> FlaskResponse:
        return respond()

    for route in routes:
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
    own = is_control(path_of()) or engine.answers_at(path_of())
    return isinstance(error, NotFound) or (isinstance(error, MethodNotAllowed) and own)


def _refused(error: Exception) -> RefusedError:
    if isinstance(error, RefusedError):
        return error
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        return RefusedError(405, f"this path takes {allowed}", headers=(("Allow", allowed),))
    if isinstance(error, HTTPException):
        return RefusedError(error.code or 400, f"the request: {error.description or error.name}")
    return own_error(error)


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


def _answer(engine: Engine, max_body: int) -> FlaskResponse:
    bare = read_request(b"")
    if is_preflight(bare.method, bare.headers):
        return _opened(bare, engine.acknowledge(bare))
    try:
        refuse_broken_path()
        body = read_body(flask_request.stream, max_body, flask_request.content_length)
    except RefusedError as error:
        return _opened(bare, engine.refuse(bare, error))
    return _opened(bare, engine.answer(bare.with_body(body)))


def _opened(request: Request, response: Response) -> FlaskResponse:
    """An answer of the engine's as Flask sends it, open to pages of other origins."""
    answered = [name for name, _ in response.headers]
    return sent(response, cors_headers(request.method, request.headers, answered))
