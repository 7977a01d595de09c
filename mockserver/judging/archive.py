"""HTTP archives (HAR 1.2) read back, as browsers, proxies, test runners and this mock write them.

See http://www.softwareishard.com/blog/har-12-spec/. What recorders leave out is unknown, and no
fault of what was recorded; what is no archive at all is refused, with everything about it at once.
"""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from mockserver.contract.json_text import NotJsonError, read_json_of_utf16
from mockserver.contract.wording import shown
from mockserver.core.clock import EARLIEST, LATEST
from mockserver.core.dataclass import dataclass
from mockserver.core.errors import FlawedError
from mockserver.core.exchange import Kind, Request, Response, Violation
from mockserver.har import CREATOR
from mockserver.judging.entry import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LARGEST = 256_000_000
"""Bytes of the largest archive that is read; it is read whole, and takes some ten times that."""

_BOM = b"\xef\xbb\xbf"
_MOST_TOLD = 10
"""Entries that are told of where an archive is none; in a foreign file every one is wrong."""

_NO_TYPE = "x-unknown"
_LONGEST_TIME = 10 * 86_400_000
"""Milliseconds that an exchange may be said to have taken; more is a slip of the recorder."""

_LONGEST_NUMBER = 16
_LINE_END = re.compile(r"[\r\n]+")
_FROM_CACHE = ("Memory Cache", "Disk Cache")
"""What Safari says in `_fetchType` of an answer that no server gave."""

_NO_ANSWER = "got no answer (blocked, cancelled or broken off)"
_CACHED = "were answered by the browser's cache"
_NOT_MODIFIED = "were answered by 304, which says nothing new"
_NOTHING_NEW = 304


class BadArchiveError(FlawedError):
    """A file that is no HTTP archive."""


@dataclass(frozen=True, slots=True)
class _Body:
    """A body, and whether the recorder has kept it."""

    raw: bytes
    known: bool


def read_archive(raw: bytes, file: str) -> tuple[Entry, ...]:
    """Every entry of an archive.

    Raises:
        BadArchiveError: what keeps it from being one, each with its place.
    """
    try:
        value = read_json_of_utf16(raw.removeprefix(_BOM))
    except NotJsonError as error:
        told = "nothing" if not raw.strip() else str(error)
        _refuse(file, [_flaw(file, "an HTTP archive (HAR), which is JSON", told)])
    log = value.get("log") if isinstance(value, dict) else None
    listed = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(log, dict) or not isinstance(listed, list):
        expected = "an HTTP archive: an object with log.entries, a list"
        place = f"{file} /log/entries" if isinstance(log, dict) else file
        _refuse(file, [_flaw(place, expected, _kind(listed if isinstance(log, dict) else value))])
    flaws = list(islice(_flaws(listed, file), _MOST_TOLD + 1))
    if flaws:
        _refuse(file, flaws)
    creator = _object(log.get("creator")).get("name")
    return tuple(
        _entry(one, file, index, own=creator == CREATOR) for index, one in enumerate(listed)
    )


def _refuse(file: str, flaws: list[Violation]) -> NoReturn:
    more = " (there is more)" if len(flaws) > _MOST_TOLD else ""
    raise BadArchiveError(f"{file} cannot be judged{more}", flaws[:_MOST_TOLD])


def _flaw(place: str, expected: str, found: str) -> Violation:
    return Violation(place, expected, found, Kind.SOURCE)


def _kind(value: object) -> str:
    return "nothing" if value is None else shown(value)


def _flaws(listed: list[object], file: str) -> Iterator[Violation]:
    """What keeps an entry from being read; what is merely missing from it does not."""
    for index, one in enumerate(listed):
        place = f"{file} /log/entries/{index}"
        if not isinstance(one, dict):
            yield _flaw(place, "an entry, an object", _kind(one))
            continue
        request = one.get("request")
        if not isinstance(request, dict):
            yield _flaw(f"{place}/request", "a request, an object", _kind(request))
            continue
        for name in ("method", "url"):
            if not isinstance(request.get(name), str):
                yield _flaw(f"{place}/request/{name}", "a text", _kind(request.get(name)))
        if _instant(one.get("startedDateTime")) is None:
            expected = "a date-time as in 2024-10-12T21:38:44.123Z"
            found = _kind(one.get("startedDateTime"))
            yield _flaw(f"{place}/startedDateTime", expected, found)


def _instant(text: object) -> datetime | None:
    """An ISO 8601 date-time; one without an offset is taken to be in UTC."""
    try:
        instant = datetime.fromisoformat(text) if isinstance(text, str) else None
        if instant is not None:
            instant = instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return instant if instant is not None and EARLIEST <= instant <= LATEST else None


def _entry(one: Mapping[str, Any], file: str, index: int, *, own: bool) -> Entry:
    started = _instant(one["startedDateTime"]) or datetime.now(UTC)
    asked, answered = one["request"], _object(one.get("response"))
    host, path, query = _parts(asked["url"])
    sent, got = _sent(asked, own=own), _got(answered, own=own)
    method = asked["method"].upper()
    request = Request(method, unquote(path), query, _joined(_headers(asked, "postData")), sent.raw)
    status = _whole(answered.get("status"))
    response = Response(status, _headers(answered, "content"), got.raw)
    return Entry(
        file=file,
        index=index,
        host=host,
        url_path=path,
        request=request,
        response=response,
        sent_whole=sent.known,
        answer_whole=got.known and method != "HEAD",
        started=started,
        ended=_later(started, one.get("time")),
        complete=own,
        hidden=tuple(_hidden(asked, answered)),
        unanswered=_why_unanswered(one, answered, status),
    )


def _why_unanswered(one: Mapping[str, Any], answered: Mapping[str, Any], status: int) -> str:
    if status <= 0 or answered.get("_error") not in (None, ""):
        return _NO_ANSWER
    if one.get("_fromCache") or one.get("_fetchType") in _FROM_CACHE:
        return _CACHED
    return _NOT_MODIFIED if status == _NOTHING_NEW else ""


def _parts(url: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Host, path as it was sent, and query of a URL; of what is none, nothing."""
    try:
        parts = urlsplit(url)
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    except ValueError:
        return "", "", ()
    return parts.netloc.rpartition("@")[2].lower(), parts.path or "/", query


def _hidden(asked: Mapping[str, Any], answered: Mapping[str, Any]) -> Iterator[str]:
    """What its cookies hold, and what stands before the host of its URL."""
    for message in (asked, answered):
        cookies = message.get("cookies")
        for cookie in cookies if isinstance(cookies, list) else ():
            yield str(_object(cookie).get("value", ""))
    try:
        user, at, _ = urlsplit(asked["url"]).netloc.rpartition("@")
    except ValueError:
        return
    yield from user.split(":") if at else ()


def _later(started: datetime, spent: object) -> datetime:
    """The instant so many milliseconds later, where they make sense."""
    milliseconds = spent if isinstance(spent, int | float) else 0
    if not 0 <= milliseconds <= _LONGEST_TIME:
        return started
    return started + timedelta(milliseconds=milliseconds)


def _headers(message: Mapping[str, Any], body: str) -> tuple[tuple[str, str], ...]:
    """Its headers; a type that stands beside the body alone counts as one.

    Browsers write a header that came several times as one, with a line for each.
    """
    listed = message.get("headers")
    pairs = [_object(pair) for pair in (listed if isinstance(listed, list) else ())]
    found = [
        (str(pair["name"]), line)
        for pair in pairs
        for line in _lines(str(pair.get("value", "")))
        if isinstance(pair.get("name"), str) and not pair["name"].startswith(":")  # HTTP/2's own
    ]
    type_ = _object(message.get(body)).get("mimeType")
    is_told = any(name.lower() == "content-type" for name, _ in found)
    if isinstance(type_, str) and type_ not in {"", _NO_TYPE} and not is_told:
        found.append(("Content-Type", _lines(type_)[0]))
    return tuple(found)


def _lines(text: str) -> list[str]:
    return _LINE_END.split(text.strip("\r\n"))


def _joined(pairs: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        key = name.lower()
        joined[key] = f"{joined[key]}, {value}" if key in joined else value
    return joined


def _sent(asked: Mapping[str, Any], *, own: bool) -> _Body:
    """The body of a request: its text, or the fields of a form."""
    posted = _object(asked.get("postData"))
    size = _whole(asked.get("bodySize"), -1)
    if isinstance(text := posted.get("text"), str) and (text or not posted.get("params")):
        if own and size < 0:
            return _Body(b"", known=False)
        return _decoded(text, posted.get("encoding"))
    fields = posted.get("params")
    if isinstance(fields, list) and fields:
        pairs = [(str(f.get("name", "")), str(f.get("value", ""))) for f in map(_object, fields)]
        return _Body(urlencode(pairs, errors="surrogatepass").encode(), known=True)
    said = _whole(_joined(_headers(asked, "postData")).get("content-length"), size)
    return _Body(b"", known=said == 0 or asked["method"].upper() in {"GET", "HEAD", "DELETE"})


def _got(answered: Mapping[str, Any], *, own: bool) -> _Body:
    """The body of an answer; browsers leave out what they have not kept, whatever its size."""
    content, headers = _object(answered.get("content")), _joined(_headers(answered, "content"))
    size = _whole(content.get("size"), -1)
    if isinstance(text := content.get("text"), str) and text:
        body = _decoded(text, content.get("encoding"))
        cut = own and _whole(answered.get("bodySize"), -1) < 0
        packed = headers.get("content-encoding", "identity").lower() not in {"identity", ""}
        return _Body(body.raw, known=not cut and not (packed and _is_no_text(body.raw)))
    sizes = (size, _whole(answered.get("bodySize"), 0), _whole(headers.get("content-length"), 0))
    return _Body(b"", known=size == 0 and max(sizes) == 0)


def _decoded(text: str, encoding: object) -> _Body:
    if encoding == "base64":
        try:
            return _Body(base64.b64decode(text, validate=True), known=True)
        except ValueError:  # binascii's own is one, too
            return _Body(b"", known=False)
    return _Body(text.encode("utf-8", "surrogatepass"), known=True)


def _is_no_text(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return True
    return False


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _whole(value: object, otherwise: int = 0) -> int:
    """A whole number, also where it stands in a text, as in a header."""
    if isinstance(value, str) and value.isdecimal() and len(value) < _LONGEST_NUMBER:
        return int(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value)
    return otherwise
