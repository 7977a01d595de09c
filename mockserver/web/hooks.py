"""Whether an app carries anything that its user has hung there, and which then must be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import signals

if TYPE_CHECKING:
    from flask import Flask
    from flask.typing import RouteCallable

_SIGNALS = (
    signals.request_started,
    signals.request_finished,
    signals.request_tearing_down,
    signals.appcontext_pushed,
    signals.appcontext_popped,
    signals.appcontext_tearing_down,
    signals.before_render_template,
    signals.got_request_exception,
)


class _Views(dict[str, "RouteCallable"]):
    """The views of an app, which counts how often one was put there, for there may be many."""

    changes = 0

    def __setitem__(self, endpoint: str, view: RouteCallable) -> None:
        self.changes += 1
        super().__setitem__(endpoint, view)


class Hooks:
    """What is hung on an app, looked at for each request: it may come late.

    Middleware around `wsgi_app` needs no looking for, for it comes first.
    """

    def __init__(self, app: Flask) -> None:
        """Take an app that carries nothing yet but what is its own."""
        self._app = app
        self._views = app.view_functions = _Views(app.view_functions)
        self._own = self._carried()

    def are_own(self) -> bool:
        """Whether nothing of the user's has a part in a plain request."""
        return self._carried() == self._own

    def _carried(self) -> tuple[object, ...]:
        app = self._app
        return (
            len(app.before_request_funcs.get(None, ())),
            len(app.after_request_funcs.get(None, ())),
            len(app.teardown_request_funcs.get(None, ())),
            len(app.url_value_preprocessors.get(None, ())),
            len(app.teardown_appcontext_funcs),
            self._views.changes,
            app.view_functions is self._views,
            app.request_class,
            app.response_class,
            app.session_interface,
            app.config["MAX_CONTENT_LENGTH"],
            app.config["SERVER_NAME"],
            app.config["TRUSTED_HOSTS"],
            *[True for signal in _SIGNALS if signal.receivers],
        )
