"""The short way is taken only past an app that carries nothing of its user's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from flask import Blueprint, Response, request, request_started
from flask.sessions import SecureCookieSessionInterface
from served import SEED_PATH

from mockserver import Settings, create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment

    from flask import Flask

    Hang = Callable[[Flask, list[str]], None]

TOKEN = {"Authorization": "Bearer any-token"}
SETTINGS = Settings(speed=0, seed="7", epoch=datetime(2026, 3, 1, tzinfo=UTC))


@pytest.fixture
def app() -> Flask:
    return create_app(SETTINGS)


def passed_flask(app: Flask) -> bool:
    """Whether a request went past Flask's own dispatch: it has set itself up if it was asked."""
    app.test_client().get(SEED_PATH, headers=TOKEN)
    return not app._got_first_request  # noqa: SLF001 the only trace that dispatching leaves


def before(app: Flask, seen: list[str]) -> None:
    @app.before_request
    def note() -> None:
        seen.append(request.path)


def after(app: Flask, seen: list[str]) -> None:
    @app.after_request
    def note(response: Response) -> Response:
        seen.append(request.path)
        return response


def teardown(app: Flask, seen: list[str]) -> None:
    @app.teardown_request
    def note(_error: BaseException | None) -> None:
        seen.append(request.path)


def teardown_context(app: Flask, seen: list[str]) -> None:
    @app.teardown_appcontext
    def note(_error: BaseException | None) -> None:
        seen.append(SEED_PATH)


def preprocessor(app: Flask, seen: list[str]) -> None:
    @app.url_value_preprocessor
    def note(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
        seen.append(request.path)


def blueprint(app: Flask, seen: list[str]) -> None:
    mine = Blueprint("mine", __name__)

    @mine.before_app_request
    def note() -> None:
        seen.append(request.path)

    app.register_blueprint(mine)


def route(app: Flask, seen: list[str]) -> None:
    @app.get(SEED_PATH)
    def mine() -> str:
        seen.append(request.path)
        return "mine"


def view(app: Flask, seen: list[str]) -> None:
    def mine(**_values: str) -> str:
        seen.append(request.path)
        return "mine"

    for endpoint in tuple(app.view_functions):
        app.view_functions[endpoint] = mine


def own_response(app: Flask, seen: list[str]) -> None:
    class Noted(Response):
        def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 as the base class has it
            super().__init__(*args, **kwargs)

    app.response_class = Noted
    seen.append(SEED_PATH)


def session(app: Flask, seen: list[str]) -> None:
    class Noted(SecureCookieSessionInterface):
        def open_session(self, *args: Any) -> Any:  # noqa: ANN401 as the base class has it
            seen.append(SEED_PATH)
            return super().open_session(*args)

    app.session_interface = Noted()


@pytest.mark.parametrize(
    "hang",
    [
        *(before, after, teardown, teardown_context, preprocessor, blueprint, route, view),
        *(own_response, session),
    ],
)
def test_what_a_user_hangs_on_the_app_is_asked(app: Flask, hang: Hang) -> None:
    seen: list[str] = []
    hang(app, seen)
    assert not passed_flask(app)
    assert seen == [SEED_PATH]


def test_without_any_flask_is_passed_by(app: Flask) -> None:
    assert passed_flask(app)


def test_a_hook_that_comes_late_is_asked_from_then_on(app: Flask) -> None:
    seen: list[str] = []
    assert passed_flask(app)
    before(app, seen)
    assert not passed_flask(app)
    assert seen == [SEED_PATH]


@pytest.fixture
def listening() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_app: Flask, **_extra: object) -> None:
        seen.append(request.path)

    with request_started.connected_to(note):
        yield seen


def test_whoever_listens_for_signals_hears_them(app: Flask, listening: list[str]) -> None:
    assert not passed_flask(app)
    assert listening == [SEED_PATH]


def test_middleware_of_the_users_comes_first_and_need_not_end_the_short_way(app: Flask) -> None:
    inner, seen = app.wsgi_app, []

    def middleware(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        seen.append(environ["PATH_INFO"])
        return inner(environ, start)

    app.wsgi_app = middleware  # type: ignore[method-assign,assignment]  # because Flask means it so
    assert passed_flask(app)
    assert seen == [SEED_PATH]


def test_a_test_client_that_keeps_its_context_gets_flasks_own_request(app: Flask) -> None:
    with app.test_client() as client:
        client.get(SEED_PATH, headers=TOKEN)
        assert request.path == SEED_PATH


@pytest.mark.parametrize("name", ["MAX_CONTENT_LENGTH", "TRUSTED_HOSTS", "SERVER_NAME"])
def test_what_flask_is_told_to_refuse_it_refuses(app: Flask, name: str) -> None:
    app.config[name] = {"MAX_CONTENT_LENGTH": 3, "TRUSTED_HOSTS": ["a.example"]}.get(name, "a.b")
    assert not passed_flask(app)
