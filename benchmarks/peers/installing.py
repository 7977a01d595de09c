"""The peers installed by name, each into a folder of its own, once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PATIENCE = 600
"""Seconds that one installation may take."""
DONE = "installed.json"
"""In a peer's folder: what was asked for, and which version came."""
STACKS = Path(__file__).parent / "stacks"

NPM: Mapping[str, tuple[str, ...]] = {
    "openapi-backend": ("openapi-backend@5", "ajv-formats@3"),
    "prism": ("@stoplight/prism-cli@5",),
    "scalar": ("@scalar/mock-server@0", "@hono/node-server@1"),
    "mockoon": ("@mockoon/cli@9",),
    "wiremock": ("wiremock@3",),
    "autocannon": ("autocannon@8",),
}
"""The first one is the peer; npm takes the newest version that this Node.js can run."""
PYPI: Mapping[str, tuple[str, ...]] = {
    "connexion": ("connexion[uvicorn]>=3,<4", "uvicorn[standard]")
}
PRESENT: Mapping[str, str] = {
    "mock": "oxen-mockserver",
    "mock-each": "oxen-mockserver",
    "bare": "granian",
    "flask": "flask",
    "openapi-core": "openapi-core",
}
"""The mock, and what it depends on."""


class NotInstalledError(Exception):
    """A peer that cannot be had here, and why."""


def default_folder() -> Path:
    """Where the peers are kept from one run to the next."""
    kept = os.environ.get("XDG_CACHE_HOME")
    return (Path(kept) if kept else Path.home() / ".cache") / "oxen-mockserver" / "peers"


def install(name: str, folder: Path) -> str:
    """Install a peer below this folder unless it is there; its version.

    Raises:
        NotInstalledError: it cannot be installed, or what it runs on is missing.
    """
    if name in PRESENT:
        return version(PRESENT[name])
    if name == "wiremock" and not shutil.which("java"):
        raise NotInstalledError("there is no java on the PATH")
    own = folder / name
    wanted = [*(NPM.get(name) or PYPI[name]), _runs_on(name)]
    found = _installed(own, wanted)
    if found is None:
        shutil.rmtree(own, ignore_errors=True)
        own.mkdir(parents=True)
        found = _from_npm(name, own) if name in NPM else _from_pypi(name, own)
        (own / DONE).write_text(json.dumps({"wanted": wanted, "version": found}), "utf-8")
    for script in STACKS.iterdir():  # beside node_modules, where node looks from
        if script.suffix in {".cjs", ".mjs"}:
            shutil.copy(script, own)
    return found


def _runs_on(name: str) -> str:
    if name in PYPI:
        return sys.version.split()[0]
    if not (shutil.which("node") and shutil.which("npm")):
        raise NotInstalledError("there is no node with npm on the PATH")
    return _run([_found("node"), "--version"], Path.cwd()).strip()


def _installed(own: Path, wanted: Sequence[str]) -> str | None:
    try:
        done = json.loads((own / DONE).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return str(done["version"]) if done["wanted"] == list(wanted) else None


def _from_npm(name: str, own: Path) -> str:
    (own / "package.json").write_text('{"private": true}', "utf-8")
    quiet = ("--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error")
    _run([_found("npm"), "install", *quiet, *NPM[name]], own)
    package = NPM[name][0].rpartition("@")[0]
    told = json.loads((own / "node_modules" / package / "package.json").read_text("utf-8"))
    return str(told["version"])


def _from_pypi(name: str, own: Path) -> str:
    _run([sys.executable, "-m", "venv", str(own / "env")], own)
    python = str(own / "env" / "bin" / "python")
    _run([python, "-m", "pip", "install", "--quiet", *PYPI[name]], own)
    code = f"from importlib.metadata import version; print(version({name!r}))"
    return _run([python, "-c", code], own).strip()


def _found(program: str) -> str:
    return shutil.which(program) or program


def _run(command: Sequence[str], folder: Path) -> str:
    try:
        done = subprocess.run(  # noqa: S603 because it runs npm and pip
            command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalledError(str(error)) from None
    if done.returncode:
        said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise NotInstalledError(f"{Path(command[0]).name}: {' / '.join(said[:3]) or 'no reason'}")
    return done.stdout
