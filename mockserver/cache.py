"""What was made of texts, kept in the user's cache folder from one start to the next.

Whatever is kept can be made again, so nothing depends on it: an entry that is missing, broken or
of another version is made anew, and where nothing can be written nothing is kept. Entries are JSON
and never code. An entry is found by a digest of the texts, of our own code that makes it and of
Python's version, so what is edited is never mistaken for what it was.

OXEN_MOCK_CACHE names another folder, or is `off`.
"""
# ruff: noqa: PTH111, PTH117, PTH118, PTH120, PTH123 because Path would cost more than the rest

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

VARIABLE = "OXEN_MOCK_CACHE"
OFF = "off"
MOST_ENTRIES = 64
"""Files that are kept; the oldest give way."""
MOST_BYTES = 256_000_000
"""Bytes that they have together."""
LARGEST_ENTRY = 64_000_000
"""Bytes of the largest that is kept, or read."""

_FORM = b"oxen-mock cache 1\n"
"""What an entry begins with; after it come the digest of the rest, a line feed and the rest."""
_ENDING = ".json"
_BEGUN = ".begun"
"""How a file ends that is not an entry yet."""
_DIGEST = 32
"""Bytes of a digest; half as many hexadecimal ones would do, but these are cheap."""
_OURS = re.compile(
    rf"[0-9a-f]{{{2 * _DIGEST}}}{re.escape(_ENDING)}|[0-9a-f]{{16}}{re.escape(_BEGUN)}"
)
"""What files of ours are called."""
_OTHERS_MAY_WRITE = 0o022
_PACKAGE = os.path.dirname(__file__)


def cached(kind: str, texts: Sequence[str], code: Sequence[str], make: Callable[[], Any]) -> Any:  # noqa: ANN401 because JSON has no narrower type
    """What `make` makes of these texts, from the cache where it was made before.

    Args:
        kind: what is made of them.
        texts: everything that it is made of.
        code: the folders and modules of this package that make it.
        make: makes it, a value that JSON carries; what it raises is not kept.
    """
    path = _path(kind, texts, tuple(code))
    if path is None:
        return make()
    found = _read(path)
    if found is not None:
        return found[0]
    value = make()
    _keep(path, value)
    return value


def _path(kind: str, texts: Sequence[str], code: tuple[str, ...]) -> Path | None:
    """Where the entry is, or would be; None where there is no cache."""
    folder = _folder()
    try:
        if folder is None or not _is_ours(folder):
            return None
        return folder / (_key(kind, texts, code) + _ENDING)
    except (OSError, ValueError) as error:  # as of a package that lies in no folder
        _say(f"nothing is kept: {error}")
        return None


def _folder() -> Path | None:
    """The folder of this user's cache, as the platform has it; None where there is to be none."""
    said = os.environ.get(VARIABLE, "")
    if said:
        return None if said.lower() == OFF else Path(said).absolute()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:  # the XDG base directory specification, which has relative paths ignored
        base = os.environ.get("XDG_CACHE_HOME", "")
        if not os.path.isabs(base):
            base = os.path.expanduser("~/.cache")
    return Path(base, "oxen-mockserver") if os.path.isabs(base) else None


def _is_ours(folder: Path) -> bool:
    """Whether nobody else can have put an entry there; one that is not there yet will be ours."""
    try:
        found = folder.stat()
    except FileNotFoundError:
        return True
    if os.name != "posix":
        return True
    return found.st_uid == os.geteuid() and not found.st_mode & _OTHERS_MAY_WRITE


def _key(kind: str, texts: Sequence[str], code: tuple[str, ...]) -> str:
    key = hashlib.blake2b(digest_size=_DIGEST)
    for part in (kind, _identity(code), *texts):
        raw = part.encode(errors="surrogatepass")
        key.update(b"%d\n" % len(raw))
        key.update(raw)
    return key.hexdigest()


@lru_cache(maxsize=8)
def _identity(code: tuple[str, ...]) -> str:
    """What says that the same is made: our code by its text, for versions are not that exact."""
    found = hashlib.blake2b(repr((sys.version_info[:3], code)).encode(), digest_size=_DIGEST)
    for name in code:
        for path in _modules(os.path.join(_PACKAGE, name)):
            with open(path, "rb") as file:
                found.update(file.read())
    return found.hexdigest()


def _modules(path: str) -> Iterator[str]:
    """The module of this path, or every one of a folder."""
    if path.endswith(".py"):
        yield path
        return
    with os.scandir(path) as found:
        listed = sorted((entry.name, entry.is_dir()) for entry in found)
    for name, is_folder in listed:
        if name.endswith(".py") or (is_folder and not name.startswith("__")):
            yield from _modules(os.path.join(path, name))


def _read(path: Path) -> tuple[Any] | None:
    """The value of an entry, alone in a tuple; None where there is no whole one."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_ENTRY + 1)
    except OSError:
        return None
    begun = len(_FORM) + 2 * _DIGEST + 1
    body = memoryview(raw)[begun:]
    if len(raw) > LARGEST_ENTRY or raw[:begun] != _FORM + _digest(body) + b"\n":
        _say(f"{path} is no whole entry of the cache, and is made anew")
        return None
    try:
        return (json.loads(str(body, "ascii")),)
    except (ValueError, RecursionError) as error:  # by somebody who can make digests
        _say(f"{path} is no JSON: {error}")
        return None


def _digest(body: bytes | memoryview) -> bytes:
    return hashlib.blake2b(body, digest_size=_DIGEST).hexdigest().encode()


def _keep(path: Path, value: object) -> None:
    """Write an entry at once and whole, whoever else writes the same; say nothing if it fails."""
    try:
        body = json.dumps(value, separators=(",", ":")).encode()
        if len(body) >= LARGEST_ENTRY - 1_000:
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        begun = path.with_name(f"{os.urandom(8).hex()}{_BEGUN}")
        try:
            _write(begun, _FORM + _digest(body) + b"\n" + body)
            begun.replace(path)
        except BaseException:
            with suppress(OSError):
                begun.unlink()
            raise
        _tidy(path)
    except (OSError, ValueError, RecursionError) as error:
        _say(f"nothing is kept at {path}: {error}")


def _write(path: Path, raw: bytes) -> None:
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(raw)


def _tidy(newest: Path) -> None:
    """Keep within the bounds; also what somebody has begun and left is in the way some time."""
    found = []
    for path in newest.parent.iterdir():
        if _OURS.fullmatch(path.name):  # the folder may be one that holds other things
            with suppress(OSError):  # another process was first
                told = path.stat()
                found.append((path != newest, -told.st_mtime, told.st_size, path))
    entries = total = 0
    for _, _, size, path in sorted(found):
        entries, total = entries + 1, total + size
        if entries > MOST_ENTRIES or total > MOST_BYTES:
            with suppress(OSError):
                path.unlink()


def _say(what: str) -> None:
    import logging  # noqa: PLC0415 because there is next to never something to say

    logging.getLogger("mockserver").debug("%s", what)
