"""An answer fixture's values into an answer; what the schema cannot see is checked here."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from mockserver.contract.routes import Route
from mockserver.core.errors import FlawedError
from mockserver.core.exchange import Kind, Violation
from mockserver.core.plain import shortened
from mockserver.fixtures import AnswerFixture
from mockserver.problems import CONTROL
from mockserver.selection import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mockserver.source import Source

_FRAMING = frozenset(
    {"connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)
"""Headers that say how an answer travels, which is the server's business (RFC 9110, 7.6.1)."""

_BODILESS = frozenset({204, 205, 304})


def answer_of(
    file: Path, source: Source, value: dict[str, Any], flaws: list[Violation]
) -> AnswerFixture:
    """The answer a file describes.

    Raises:
        FlawedError: these flaws, and what else is wrong with it.
    """
    flaws = flaws or [*_framing_flaws(source, value), *_route_flaws(source, value.get("path", ""))]
    if flaws:
        raise FlawedError(source.label, flaws)
    match, body = value.get("match", {}), value.get("body")
    is_text = isinstance(body, str)
    headers = dict(value.get("headers", {}))
    if "content-type" not in {header.lower() for header in headers} and "body" in value:
        headers["Content-Type"] = "text/plain; charset=utf-8" if is_text else "application/json"
    raw = body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode()
    method = value.get("method", "GET")
    return AnswerFixture(
        api=value.get("api", "oxen"),
        name=file.stem,
        file=file,
        where=source.where,
        said=value,
        about=value.get("about", ""),
        operation=value.get("operation"),
        route=_route(value["path"], method, file.stem) if "path" in value else None,
        query=match.get("query", {}),
        results_of=match.get("results_of"),
        status=value["status"],
        headers=tuple(headers.items()),
        body=raw if "body" in value else b"",
    )


def _framing_flaws(source: Source, value: dict[str, Any]) -> Iterator[Violation]:
    for name in value.get("headers", {}):
        if name.lower() in _FRAMING or name.lower().startswith("x-mock-"):
            place = f"{source.where(('headers', name))} /headers/{shortened(name)}"
            expected = "headers of the answer itself"
            found = f"{shortened(name)}, which the server sets"
            yield Violation(place, expected, found, Kind.SOURCE)
    if value["status"] in _BODILESS and "body" in value:
        place = f"{source.where(('body',))} /body"
        yield Violation(place, f"no body with status {value['status']}", "one", Kind.SOURCE)


def _route(path: str, method: str, name: str) -> Route:
    """A route of the fixture's own; *name takes the rest of the path, as in the hub's document."""
    segments = path.split("/")
    globs = [segment[1:] or "rest" for segment in segments if segment.startswith("*")]
    template = "/".join(f"{{{s[1:] or 'rest'}}}" if s.startswith("*") else s for s in segments)
    return Route.of(template, globs, {method: name})


def _route_flaws(source: Source, path: str) -> Iterator[Violation]:
    for taken in (CONTROL, PREFIX):
        if f"{path}/".startswith(taken):
            place = f"{source.where(('path',))} /path"
            yield Violation(place, f"a path outside of {taken}", shortened(path), Kind.SOURCE)
    found = re.findall(r"\{(\w+)\}|/\*(\w*)", path)
    names = Counter("".join(either) or "rest" for either in found)
    for name, count in names.items():
        if count > 1:
            place = f"{source.where(('path',))} /path"
            yield Violation(place, "each parameter once", f"{shortened(name)} twice", Kind.SOURCE)
