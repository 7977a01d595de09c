"""What the report of a failed test tells of a sandbox, and the way back into it."""

from __future__ import annotations

import json
import os
import shlex
from typing import TYPE_CHECKING

from mockserver.telling import wording

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mockserver.core.exchange import Exchange
    from mockserver.settings import Settings
    from mockserver.testing.apis import MockedApi

_MOST = 30
"""Exchanges that are told, the last ones."""
_LONGEST = 1_200
"""Characters of a body that are told."""


def story_of(held: MockedApi) -> str:
    """The last exchanges, a line each, and the last answer as it was sent."""
    return "\n".join(_lines(held))


def kept(held: MockedApi, settings: Settings, folder: Path, seen_from: Path) -> str:
    """Write the sandbox down as it stands; the command that serves it again."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{held.world.name}.json"
    file.write_text(json.dumps(held.snapshot()), "utf-8")
    words = ["oxen-mock", "serve", "--frozen", "--restore", _relative(file, seen_from)]
    for label, _ in settings.specs:
        words += ["--spec", _relative(label, seen_from)]
    return shlex.join(words)


def _relative(path: Path | str, start: Path) -> str:
    """The shorter way to write a path, for whoever stands in this folder."""
    try:
        return min(os.path.relpath(path, start), str(path), key=len)
    except ValueError:  # on another drive
        return str(path)


def _lines(held: MockedApi) -> Iterator[str]:
    sandbox = held.world.sandbox
    count, exchanges = sandbox.journal.last, sandbox.journal.exchanges()[-_MOST:]
    now = held.clock.get()
    passed = wording.distance(now["now"], now["epoch"]).removeprefix("in ")
    where = f"sandbox {held.world.name}, seed {sandbox.seed}"
    yield f"{wording.counted(count, 'exchange')}, virtual time {now['now']} ({passed} in), {where}"
    after = max(0, count - _MOST)
    page = held.journal.find(after=after)["exchanges"]
    yield from (f"  {wording.line_of(one)}" for one in page)
    if exchanges:
        yield "the last answer:"
        yield f"  {_body(exchanges[-1])}"


def _body(exchange: Exchange) -> str:
    text = exchange.response.body[: exchange.response.cut].decode(errors="replace")
    plain = "".join(c if c.isprintable() else " " for c in text)
    return plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST]}..."
