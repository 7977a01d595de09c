"""npm packages that tests need, installed by a package.json that names exact versions.

That asks the npm registry and takes a while, so a run of the tests does it only where
OXEN_FOREIGN=1 says so, as CI does, and then whatever is in the way is a failure. Packages that
were installed once are used without that word, too.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, NoReturn

import pytest
from served import clean_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CACHE = Path(__file__).parents[1] / ".pytest_cache" / "npm"
"""Kept from run to run, and ignored as the rest of pytest's cache is."""

IS_WANTED = os.environ.get("OXEN_FOREIGN") == "1"
_SECONDS = 300.0
_INSTALL = (
    "install",
    "--package-lock=false",  # a lock would hold the registry's address
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
)


def installed(folder: Path) -> Path:
    """The `node_modules` of the package.json in this folder; the test is skipped without one."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        _do_without("no Node.js with npm on this machine")
    manifest = (folder / "package.json").read_bytes()
    home = CACHE / hashlib.sha256(manifest).hexdigest()[:16]
    home.mkdir(parents=True, exist_ok=True)
    packages = home / "node_modules"
    with (home / "lock").open("w") as lock, _held(lock):
        if packages.exists():
            return packages
        if not IS_WANTED:
            name = folder.relative_to(CACHE.parents[1])
            _do_without(f"the npm packages of {name} are not installed: set OXEN_FOREIGN=1")
        attempt = home / "attempt"
        shutil.rmtree(attempt, ignore_errors=True)
        attempt.mkdir()
        (attempt / "package.json").write_bytes(manifest)
        done = _run([npm, *_INSTALL], attempt, _SECONDS)
        if done.returncode != 0:
            _do_without(f"npm install failed:\n{done.stdout}")
        (attempt / "node_modules").rename(packages)
    return packages


def workspace(sources: Path, packages: Path, folder: Path) -> Path:
    """A copy of these sources below `folder`, in which Node.js finds these packages."""
    copy = folder / sources.name
    shutil.copytree(sources, copy, ignore=shutil.ignore_patterns("node_modules"))
    (copy / "node_modules").symlink_to(packages, target_is_directory=True)
    return copy


def run(command: Sequence[str], cwd: Path, **environment: str) -> str:
    """What a command prints, which must end well; a name is looked for among the packages too."""
    found = shutil.which(command[0], path=f"{cwd / 'node_modules' / '.bin'}{os.pathsep}{_PATH}")
    assert found is not None, f"no {command[0]} among the packages"
    done = _run([found, *command[1:]], cwd, 120.0, environment)
    assert done.returncode == 0, done.stdout
    return done.stdout


_PATH = os.environ.get("PATH", "")


def _run(
    command: Sequence[str],
    cwd: Path,
    seconds: float,
    environment: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env=clean_environment(NO_COLOR="1", **(environment or {})),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=seconds,
    )


def _do_without(reason: str) -> NoReturn:
    if IS_WANTED:
        pytest.fail(f"OXEN_FOREIGN=1, but {reason}")
    pytest.skip(reason)


@contextmanager
def _held(lock: IO[str]) -> Iterator[None]:
    """Let one process at a time do this; closing the file lets go of it."""
    if os.name != "posix":
        _do_without("it needs the locks of POSIX")
    import fcntl  # noqa: PLC0415 because other systems have none

    fcntl.flock(lock, fcntl.LOCK_EX)
    yield
