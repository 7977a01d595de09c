"""The servers that are compared: how each is started, and what it claims to check."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from peers.asked import BUNDLED, EVALUATION, RESTLESS, look
from peers.installing import STACKS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Command = Callable[[Path, Path], list[str]]

OURS = "mock"
EACH = "mock-each"
"""The mock again, looked at where no two looks show the same."""
OWN = (OURS, EACH)
FLOORS = ("bare", "flask")
BOTH = frozenset({"body", "answer"})
ALL = frozenset({"token", *BOTH})
NONE: frozenset[str] = frozenset()
FILE = "main%2Fdata%2Freviews.parquet"
"""Where a create goes: a file on a branch."""
BARE_FILE = "reviews.parquet"
"""The same for servers that decode a path before they route, and know no wildcard."""


@dataclass(frozen=True, slots=True)
class Server:
    """One server.

    Attributes:
        key: what `--only` calls it.
        title: how the table calls it; a version follows.
        command: how it is started, from the folder of the documents and that of the peers; in
            it `{port}` stands for the port.
        checks: what it claims to check: token, body (of a request), answer (its own).
        first: the path that is called until it answers.
        cold: how it is started where only the start is timed; None means as ever.
        file: where creates go.
        looks: the evaluation that is looked at.
        note: what a reader of the table has to know.
    """

    key: str
    title: str
    command: Command
    checks: frozenset[str]
    first: str = look().path
    cold: Command | None = None
    file: str = FILE
    looks: str = EVALUATION
    note: str = ""

    @property
    def is_peer(self) -> bool:
        """Whether it is neither the mock nor a floor."""
        return self.key not in {*OWN, *FLOORS}


def own_command(*more: str) -> list[str]:
    """The mock as its users start it."""
    beside = Path(sys.executable).with_name("oxen-mock")
    program = [str(beside)] if beside.exists() else [sys.executable, "-m", "mockserver"]
    return [*program, "serve", "--port", "{port}", "--quiet", *more]


def _ours(documents: Path, _: Path) -> list[str]:
    return own_command("--fixtures", str(documents / "fixtures"))


def _python(script: str, *before: str) -> Command:
    def command(documents: Path, _: Path) -> list[str]:
        return [sys.executable, str(STACKS / script), *before, "{port}", str(documents)]

    return command


def _connexion(documents: Path, peers: Path) -> list[str]:
    python = peers / "connexion" / "env" / "bin" / "python"
    return [str(python), str(STACKS / "connexion_app.py"), "{port}", str(documents)]


def _node(key: str, script: str) -> Command:
    def command(documents: Path, peers: Path) -> list[str]:
        return ["node", str(peers / key / script), "{port}", str(documents)]

    return command


def _prism(documents: Path, peers: Path) -> list[str]:
    program = peers / "prism/node_modules/@stoplight/prism-cli/dist/index.js"
    told = ["--errors", "--verboseLevel", "silent", "--multiprocess", "false"]
    asked = ["mock", *told, "--host", "127.0.0.1", "--port", "{port}"]
    return ["node", str(program), *asked, str(documents / "prism.json")]


def _mockoon(documents: Path, peers: Path) -> list[str]:
    program = peers / "mockoon" / "node_modules" / ".bin" / "mockoon-cli"
    told = ["--data", str(documents / "peers.json"), "--disable-log-to-file"]
    return [str(program), "start", *told, "--hostname", "127.0.0.1", "--port", "{port}"]


def _wiremock(documents: Path, peers: Path) -> list[str]:
    jars = sorted((peers / "wiremock/node_modules/wiremock/build").glob("*.jar"))
    told = ["--no-request-journal", "--disable-banner", "--root-dir", str(documents)]
    java = shutil.which("java") or "java"
    where = ["--bind-address", "127.0.0.1", "--port", "{port}"]
    return [java, "-jar", *map(str, jars), *where, *told]


def _plain(_: Path, __: Path) -> list[str]:
    return own_command()


SERVERS: Sequence[Server] = (
    Server(
        OURS,
        "**oxen-mockserver**",
        _ours,
        ALL,
        cold=_plain,
        note="journal on; a cold start is one without fixtures of one's own",
    ),
    Server(
        EACH,
        "oxen-mockserver, no two alike",
        _ours,
        ALL,
        looks=RESTLESS,
        note="the same, looking at a billion rows in a day",
    ),
    Server("bare", "bare WSGI callable", _python("floors.py", "bare"), NONE, note="a floor"),
    Server("flask", "Flask, ready-made bytes", _python("floors.py", "flask"), NONE, note="a floor"),
    Server(
        "openapi-backend",
        "openapi-backend on node:http",
        _node("openapi-backend", "openapi_backend.cjs"),
        ALL,
        note="with ajv-formats",
    ),
    Server("prism", "Prism --errors", _prism, ALL, note="log off; answers its example"),
    Server(
        "scalar",
        "Scalar mock server",
        _node("scalar", "scalar.mjs"),
        frozenset({"token"}),
        note="answers its example",
    ),
    Server("wiremock", "WireMock", _wiremock, NONE, note="stubs, journal off"),
    Server("mockoon", "Mockoon CLI", _mockoon, NONE, note="answers made up from the schema"),
    Server(
        "connexion",
        "Connexion",
        _connexion,
        ALL,
        file=BARE_FILE,
        note="handlers on uvicorn",
    ),
    Server(
        "openapi-core",
        "Flask + openapi-core",
        _python("openapi_core_app.py"),
        ALL,
        file=BARE_FILE,
        note="as it comes, on granian",
    ),
)


def first_of_ours() -> str:
    """The path of an evaluation that the mock has without fixtures of one's own."""
    return look(BUNDLED).path
