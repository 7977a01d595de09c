"""Servers to be fuzzed: this mock, with one thing wrong with it each."""

from __future__ import annotations

import io
import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from wsgiref.simple_server import WSGIRequestHandler, make_server

from click.testing import CliRunner
from served import PATIENCE

from mockserver import Settings, ThreadServer, create_app
from mockserver.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from mockserver.fuzzing.told import Found, Told

TOKEN = "very-secret-token-4711"  # noqa: S105 no real one
EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
FEW = 36
"""Requests that are enough to find what is wrong with a server through and through."""


def mock(**settings: Any) -> WSGIApplication:  # noqa: ANN401 as Settings takes them
    """This mock, at a standstill, with a token that it knows."""
    given: dict[str, Any] = {"tokens": (TOKEN,), "speed": 0, "epoch": EPOCH, "seed": "7"}
    app: WSGIApplication = create_app(Settings(**(given | settings)))
    return app


class Answer(NamedTuple):
    """What the mock has answered to a request."""

    method: str
    path: str
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def with_body(self, body: object) -> Answer:
        return self._replace(body=json.dumps(body).encode())

    @property
    def evaluation(self) -> dict[str, Any]:
        """The evaluation that it shows; an empty one where it shows none."""
        try:
            told = json.loads(self.body)
        except ValueError:
            return {}
        found = told.get("evaluation", {}) if isinstance(told, dict) else {}
        return dict(found)

    def showing(self, **changes: object) -> Answer:
        """The same with other fields of its evaluation."""
        told = json.loads(self.body)
        told["evaluation"] |= changes
        return self.with_body(told)


@dataclass
class Altered:
    """An app whose answers are altered before they go out.

    Attributes:
        asked: the first line of every request.
        headers: those of every request, by lower-case name.
    """

    app: WSGIApplication
    alter: Callable[[Answer], Answer]
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        told: list[Any] = []

        def started(status: str, headers: list[tuple[str, str]], *_: object) -> Any:  # noqa: ANN401 as WSGI has it
            told[:] = [int(status.partition(" ")[0]), headers]
            return io.BytesIO().write

        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        self.asked.append(f"{method} {path}")
        self.headers.append(
            {
                name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
                for name, value in environ.items()
                if name.startswith("HTTP_")
            }
        )
        body = b"".join(self.app(environ, started))
        answer = self.alter(Answer(method, path, told[0], told[1], body))
        kept = [(key, value) for key, value in answer.headers if key.lower() != "content-length"]
        length = ("Content-Length", str(len(answer.body)))
        start(f"{answer.status} As It Is", [*kept, length])
        return [b"" if method == "HEAD" else answer.body]


class Ended(NamedTuple):
    """How a run of the command has ended."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> Told:
        """What it has printed, as JSON."""
        found: Told = json.loads(self.out)
        return found

    @property
    def findings(self) -> list[Found]:
        return self.told["findings"]

    @property
    def rules(self) -> set[str]:
        """Kind and rule of each finding."""
        return {f"{one['kind']}: {one['rule'] or one['place']}" for one in self.findings}


def run(*words: str, **environment: str) -> Ended:
    """`oxen-mock fuzz`, typed with these words."""
    env = {"OXEN_API_KEY": None, "OXEN_MOCK_CONTROL_TOKEN": None, **environment}
    ended = CliRunner().invoke(main, ["fuzz", *words], env=env)
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return Ended(ended.exit_code, ended.stdout, ended.stderr)


def fuzzed(app: WSGIApplication, *flags: str, below: str = "") -> Ended:
    """What comes of fuzzing an app with a few requests, always the same."""
    with ThreadServer(app) as server:
        few = () if "--time" in flags or "--examples" in flags else ("--examples", str(FEW))
        given = ("--token", TOKEN, "--seed", "1", "--json", *few, *flags)
        return run(server.url + below, *given)


class Dying:
    """A server on a socket of its own that is no more after so many answers."""

    def __init__(self, after: int) -> None:
        self._left = after
        self._app = mock()
        self._server = make_server("127.0.0.1", 0, self._answer, handler_class=_Silent)
        self._thread = threading.Thread(target=self._serve)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def _answer(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        self._left -= 1
        return self._app(environ, start)

    def _serve(self) -> None:
        while self._left:
            self._server.handle_request()
        self._server.server_close()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._thread.join(PATIENCE)


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nobody reads it."""
