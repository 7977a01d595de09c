"""Exchanges as an HTTP archive (HAR 1.2), for the tools that read one.

See http://www.softwareishard.com/blog/har-12-spec/; names of our own start with an underscore.
"""

from __future__ import annotations

import base64
from codecs import getincrementaldecoder
from dataclasses import asdict
from datetime import UTC
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from mockserver.journal import LONGEST_BODY
from mockserver.selection import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mockserver.core.exchange import Exchange, Request, Response, Violation

    _Object = dict[str, object]

CREATOR = "oxen-mockserver"
"""What an archive of ours says has made it."""

_HTTP = "HTTP/1.1"
_PLAIN = "/:@!$&'()*+,;=~"
"""What stands in a path as it is (RFC 3986, 3.3)."""
_NO_TYPE = "x-unknown"
"""The type of a body that was sent without one, as browsers write it."""
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


def har_of(exchanges: Sequence[Exchange], base: str, version: str) -> dict[str, object]:
    """An archive of these exchanges, which hold no secrets any more.

    `base` is where the server is reached; `version` is the one of this package.
    """
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": CREATOR, "version": version},
            "entries": [
                entry_of(exchange, base.rstrip("/") + _target(exchange.request))
                for exchange in exchanges
            ],
        }
    }


def entry_of(exchange: Exchange, url: str, milliseconds: float = 0) -> dict[str, object]:
    """One exchange, which holds no secrets any more; answers of ours take no virtual time.

    `url` is the whole of what was asked for.
    """
    started = exchange.now.astimezone(UTC).isoformat(timespec="milliseconds")
    return {
        "startedDateTime": started.replace("+00:00", "Z"),
        "time": milliseconds,
        "request": _request(exchange.request, url),
        "response": _response(exchange.response, _sent(exchange)),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "_operation": exchange.operation_id,
        "_evaluation": exchange.evaluation_id,
        "_fault": exchange.fault,
        "_draw": None if exchange.draw is None else asdict(exchange.draw),
        "_violations": [_violation(violation) for violation in exchange.violations],
    }


def _request(request: Request, url: str) -> _Object:
    told: _Object = {
        "method": request.method,
        "url": url,
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": _pairs(request.headers.items()),
        "queryString": _pairs(request.query),
        "headersSize": -1,
        "bodySize": _size(request.body),
    }
    if request.body:
        type_ = request.headers.get("content-type", _NO_TYPE)
        told["postData"] = {"mimeType": type_, **_text(request.body)}
    return told


def _target(request: Request) -> str:
    sandbox = "" if request.sandbox is None else PREFIX + _quoted(request.sandbox, "")
    query = urlencode(request.query, errors="surrogatepass", quote_via=quote)
    return f"{sandbox}{_quoted(request.path, _PLAIN)}{'?' if query else ''}{query}"


def _quoted(text: str, plain: str) -> str:
    return quote(text, safe=plain, errors="surrogatepass")


def _sent(exchange: Exchange) -> bytes:
    """What went out of a body: none of it after HEAD, and not what a fault has cut off."""
    response = exchange.response
    return b"" if exchange.request.method == "HEAD" else response.body[: response.cut]


def _response(response: Response, sent: bytes) -> _Object:
    type_ = response.header("content-type") or _NO_TYPE
    text = _text(sent) if sent else {}
    return {
        "status": response.status,
        "statusText": _PHRASES.get(response.status, ""),
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": _pairs(response.headers),
        "content": {"size": len(sent), "mimeType": type_, **text},
        "redirectURL": response.header("location") or "",
        "headersSize": -1,
        "bodySize": _size(sent),
    }


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[_Object]:
    return [{"name": name, "value": value} for name, value in pairs]


def _size(body: bytes) -> int:
    """The bytes of a body, or -1 where it may have been longer than what is kept of it."""
    return len(body) if len(body) < LONGEST_BODY else -1


def _text(body: bytes) -> _Object:
    """A body as text, or in base64 where it is none.

    An encoding is told as `content` has it; `postData` has none before HAR 1.3, but tools that
    write binary bodies there tell it so.
    """
    kept = "" if len(body) < LONGEST_BODY else f"of a body the first {LONGEST_BODY} bytes are kept"
    try:
        # Where the journal has cut a body it may have cut through a character.
        text = getincrementaldecoder("utf-8")().decode(body, final=not kept)
    except UnicodeDecodeError:
        told = "; ".join(filter(None, ("bytes that are no UTF-8, in base64", kept)))
        return {"text": base64.b64encode(body).decode(), "encoding": "base64", "comment": told}
    return {"text": text, "comment": kept} if kept else {"text": text}


def _violation(violation: Violation) -> _Object:
    return {
        "place": violation.place,
        "expected": violation.expected,
        "found": violation.found,
        "advice": violation.advice,
        "awaited": violation.awaited,
    }
