"""HTTP archives of any kind: read and judged, or refused; ours are read as they were written."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from amounts import hundreds
from asking import EPOCH
from drawn_values import altered
from hypothesis import given
from hypothesis import strategies as st
from mangled import ANY_TEXT, CHARACTERS, JSON, as_bytes, bits, mangled
from refusals import taken

from mockserver.core.exchange import Exchange, Request, Response
from mockserver.har import har_of
from mockserver.judging.archive import BadArchiveError, read_archive
from mockserver.judging.judgement import NothingToJudgeError

sys.path.append(str(Path(__file__).parents[1] / "judging"))  # where recorded exchanges are
from recordings import (
    EVALUATION,
    QUEUED,
    RUNNING,
    STATUS,
    archive,
    created,
    entry,
    headers_of,
    judged,
    shown,
)

if TYPE_CHECKING:
    from mockserver.judging.entry import Entry

FORM = {"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "a", "value": "b"}]}
WHOLE = archive(
    created(shown(QUEUED), asked={"cookie": "a=b"}),
    entry(f"{EVALUATION}?a=1&b", shown(RUNNING), _fromCache=None),
    entry(STATUS, {}, status=404, headers={"Retry-After": "3", "X-Mock-Now": "2024-10-12T21:38Z"}),
)
SMALL: dict[str, Any] = {
    "log": {
        "creator": {"name": "oxen-mockserver"},
        "entries": [
            {
                "startedDateTime": "2024-10-12T21:38:44.123Z",
                "time": 12.5,
                "request": {
                    "method": "POST",
                    "url": "https://user:word@hub.oxen.ai/sandbox/a/api/x?y=z",
                    "headers": headers_of({"Content-Type": "text/plain", "content-length": "3"}),
                    "postData": FORM,
                    "cookies": [{"name": "a", "value": "b"}],
                    "bodySize": 3,
                },
                "response": {
                    "status": 200,
                    "headers": headers_of({"Date": "Sat, 12 Oct 2024 21:38:44 GMT"}),
                    "content": {"mimeType": "", "text": "e30=", "encoding": "base64", "size": 2},
                },
            }
        ],
    }
}
ODD: tuple[Any, ...] = (
    *(None, True, -1, 0, 1.5, 10**20, 1e300, "", "x", "base64", "é", "e30", "\ud800", [], {}, [{}]),
    *([None], {"name": "a"}, {"name": 1, "value": 2}, "http://[", "//h:x/%zz", "http://\u2100/"),
    *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2024-10-12", "20241012T213844Z"),
    *([{"name": "\ud83d", "value": "\udc00"}], [{"name": "content-length", "value": "\u0663"}]),
)
NAMES = (
    *("text", "encoding", "params", "_error", "headers", "cookies", "url", "method", "size"),
    "name",
    *("_fetchType", "_fromCache", "bodySize", "mimeType", "time", "status", "value", "queryString"),
)
TEXTS = ANY_TEXT | mangled([json.dumps(SMALL), json.dumps(WHOLE)], bits(JSON))


def read(raw: bytes) -> tuple[Entry, ...] | None:
    """Its entries, or None where it is refused as it should be."""
    return taken(lambda: read_archive(raw, "a.har"), BadArchiveError, "a.har")


@hundreds(3)
@given(as_bytes(TEXTS))
def test_bytes_are_an_archive_or_are_refused(raw: bytes) -> None:
    read(raw)


@st.composite
def archives(draw: st.DrawFn) -> Any:  # noqa: ANN401 because JSON has no narrower type
    """An archive with a few values altered, or with what an answer says in it."""
    if draw(st.booleans()):
        return draw(altered(draw(st.sampled_from([SMALL, SMALL, WHOLE])), 4, ODD, NAMES))
    told = draw(altered(shown(RUNNING), 3))
    return archive(
        created(shown(QUEUED)), entry(EVALUATION, told), entry(EVALUATION, told, took=9.0)
    )


@hundreds(1)
@given(archives())
def test_an_archive_with_a_slip_in_it_is_read_and_judged_or_is_refused(value: Any) -> None:  # noqa: ANN401 the same
    if read(json.dumps(value).encode()) is None:
        return
    json.dumps(taken(lambda: judged(value), NothingToJudgeError))


SAID = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=8)
BODIES = st.binary(max_size=20) | st.sampled_from((b"", b"{}", b"\xef\xbb\xbf{}", b"\xc3\xa9"))
INSTANTS = st.integers(0, 10**11).map(lambda ms: EPOCH + timedelta(milliseconds=ms))
HEADERS = st.dictionaries(st.sampled_from(("x-a", "x-b", "content-type", "cookie")), SAID)


@st.composite
def exchanges(draw: st.DrawFn) -> Exchange:
    """What a server may have been asked and may have answered."""
    method = draw(st.sampled_from(("GET", "POST", "HEAD", "DELETE")))
    odd = draw(st.sampled_from(CHARACTERS).filter(lambda text: text.isascii() or text < "\ud800"))
    path = "/" + draw(SAID) + odd
    query = tuple(draw(st.lists(st.tuples(SAID, SAID), max_size=2)))
    body = draw(BODIES) if method == "POST" else b""
    sandbox = draw(st.none() | SAID.filter(bool))
    request = Request(method, path, query, draw(HEADERS), body, sandbox)
    listed = tuple(draw(HEADERS).items())
    response = Response(draw(st.sampled_from((200, 201, 404, 500))), listed, draw(BODIES))
    return Exchange(request, response, (), draw(INSTANTS))


@hundreds(1.5)
@given(st.lists(exchanges(), max_size=3))
def test_an_archive_of_ours_is_read_as_it_was_written(written: list[Exchange]) -> None:
    har = har_of(written, "http://localhost:4010/", "1")
    found = read_archive(json.dumps(har).encode(), "a.har")
    assert len(found) == len(written)
    for one, exchange in zip(found, written, strict=True):
        asked, answered = exchange.request, exchange.response
        assert one.host == "localhost:4010"
        assert one.request.method == asked.method
        assert one.request.query == asked.query
        assert one.request.body == asked.body
        assert one.request.path.endswith(asked.path)
        assert asked.headers.items() <= one.request.headers.items()
        assert one.response.status == answered.status
        assert one.response.body == (b"" if asked.method == "HEAD" else answered.body)
        assert set(answered.headers) <= set(one.response.headers)
        assert (one.sent_whole, one.complete) == (True, True)
