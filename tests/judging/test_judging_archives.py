"""Archives as browsers and other recorders write them, and what is no archive."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from recordings import (
    COMMITTING,
    COMPLETED,
    CREATE,
    CREATE_BODY,
    EVALUATION,
    ID,
    N_PAGE,
    N_RUNNING,
    NUGEN,
    PROBLEM,
    QUEUED,
    RUNNING,
    STATUS,
    TOKEN,
    Json,
    altered,
    archive,
    created,
    entry,
    headers_of,
    judged,
    lines,
    places,
    shown,
)

from mockserver.judging.archive import BadArchiveError, read_archive
from mockserver.judging.judgement import NothingToJudgeError

if TYPE_CHECKING:
    from collections.abc import Callable

BODY = json.dumps(shown(RUNNING))
CHROME: Json = {
    "log": {
        "version": "1.2",
        "creator": {"name": "WebInspector", "version": "537.36"},
        "pages": [
            {
                "startedDateTime": "2024-10-12T21:40:00.101Z",
                "id": "page_1",
                "title": "http://localhost:5173/",
                "pageTimings": {"onContentLoad": 61.7, "onLoad": 90.1},
            }
        ],
        "entries": [
            {
                "_connectionId": "1443",
                "_initiator": {"type": "script", "stack": {"callFrames": []}},
                "_priority": "High",
                "_resourceType": "fetch",
                "cache": {},
                "connection": "443",
                "pageref": "page_1",
                "request": {
                    "method": "GET",
                    "url": EVALUATION,
                    "httpVersion": "http/2.0",
                    "headers": headers_of(
                        {
                            ":authority": "hub.oxen.ai",
                            ":method": "GET",
                            ":path": f"/api/repos/ox/cats/evaluations/{ID}",
                            ":scheme": "https",
                            "accept": "application/json",
                            "origin": "http://localhost:5173",
                        }
                    ),
                    "queryString": [],
                    "cookies": [],
                    "headersSize": -1,
                    "bodySize": 0,
                },
                "response": {
                    "status": 200,
                    "statusText": "",
                    "httpVersion": "http/2.0",
                    "headers": headers_of(
                        {
                            "content-type": "application/json; charset=utf-8",
                            "content-encoding": "gzip",
                            "date": "Sat, 12 Oct 2024 21:40:00 GMT",
                            "x-oxen-request-id": "F_3",
                        }
                    ),
                    "cookies": [],
                    "content": {
                        "size": len(BODY),
                        "mimeType": "application/json",
                        "compression": 301,
                        "text": BODY,
                    },
                    "redirectURL": "",
                    "headersSize": -1,
                    "bodySize": -1,
                    "_transferSize": 812,
                    "_error": None,
                    "_fetchedViaServiceWorker": False,
                },
                "serverIPAddress": "192.0.2.7",
                "startedDateTime": "2024-10-12T21:40:00.226Z",
                "time": 184.21899999157386,
                "timings": {
                    "blocked": 2.7,
                    "dns": -1,
                    "ssl": -1,
                    "connect": -1,
                    "send": 0.3,
                    "wait": 180.1,
                    "receive": 1.1,
                    "_blocked_queueing": 2.3,
                },
            }
        ],
    }
}
FIREFOX: Json = {
    "log": {
        "version": "1.2",
        "creator": {"name": "Firefox", "version": "131.0"},
        "browser": {"name": "Firefox", "version": "131.0"},
        "pages": [
            {
                "id": "page_1",
                "pageTimings": {"onContentLoad": 76, "onLoad": 103},
                "startedDateTime": "2024-10-12T23:40:00.020+02:00",
                "title": "Cats",
            }
        ],
        "entries": [
            {
                "startedDateTime": "2024-10-12T23:40:00.120+02:00",
                "request": {
                    "bodySize": 0,
                    "method": "GET",
                    "url": EVALUATION,
                    "httpVersion": "HTTP/2",
                    "headers": headers_of({
                        "Host": "hub.oxen.ai",
                        "Accept": "application/json",
                        "Authorization": f"Bearer {TOKEN}",
                        "Accept-Encoding": "gzip, deflate, br",
                    }),
                    "cookies": [],
                    "queryString": [],
                    "headersSize": 512,
                },
                "response": {
                    "status": 200,
                    "statusText": "",
                    "httpVersion": "HTTP/2",
                    "headers": headers_of({
                        "content-type": "application/json; charset=utf-8",
                        "date": "Sat, 12 Oct 2024 21:40:00 GMT",
                        "X-Firefox-Spdy": "h2",
                    }),
                    "cookies": [],
                    "content": {
                        "mimeType": "application/json; charset=utf-8",
                        "size": len(BODY),
                        "text": BODY,
                    },
                    "redirectURL": "",
                    "headersSize": 301,
                    "bodySize": 1102,
                },
                "cache": {},
                "timings": {
                    "blocked": 0, "dns": 0, "connect": 0, "ssl": 0,
                    "send": 0, "wait": 151, "receive": 0,
                },
                "time": 151,
                "_securityState": "secure",
                "serverIPAddress": "192.0.2.7",
                "connection": "443",
                "pageref": "page_1",
            }
        ],
    }
}  # fmt: skip
SAFARI: Json = {
    "log": {
        "version": "1.2",
        "creator": {"name": "WebKit Web Inspector", "version": "1.0"},
        "pages": [
            {
                "startedDateTime": "2024-10-12T21:40:00.000Z",
                "id": "page_0",
                "title": "http://localhost:5173/",
                "pageTimings": {"onContentLoad": 61.7, "onLoad": 90.1},
            }
        ],
        "entries": [
            {
                "pageref": "page_0",
                "startedDateTime": "2024-10-12T21:40:00.100Z",
                "time": 141.98899945244193,
                "request": {
                    "method": "GET",
                    "url": EVALUATION,
                    "httpVersion": "HTTP/2",
                    "cookies": [],
                    "headers": headers_of({
                        "Accept": "application/json",
                        "Authorization": f"Bearer {TOKEN}",
                    }),
                    "queryString": [],
                    "headersSize": 601,
                    "bodySize": 0,
                },
                "response": {
                    "status": 200,
                    "statusText": "",
                    "httpVersion": "HTTP/2",
                    "cookies": [],
                    "headers": headers_of({
                        "Content-Type": "application/json; charset=utf-8",
                        "Date": "Sat, 12 Oct 2024 21:40:00 GMT",
                    }),
                    "content": {
                        "size": len(BODY),
                        "compression": 0,
                        "mimeType": "application/json",
                        "text": BODY,
                    },
                    "redirectURL": "",
                    "headersSize": 211,
                    "bodySize": len(BODY),
                    "_transferSize": 1400,
                },
                "cache": {},
                "timings": {"blocked": 0.2, "dns": -1, "connect": -1, "ssl": -1,
                            "send": 1, "wait": 139.5, "receive": 1.3},
                "serverIPAddress": "192.0.2.7",
                "connection": "41",
                "_fetchType": "Network Load",
                "_priority": "medium",
            }
        ],
    }
}  # fmt: skip
BROWSERS = {"Chrome": CHROME, "Firefox": FIREFOX, "Safari": SAFARI}
HOST = "hub.oxen.ai"
SILENT = f"whether a token was sent is not known: no request to {HOST} shows"


def with_text(har: Json, text: str) -> Json:
    return altered(har, "log/entries/0/response/content/text", text)


def one(*entries: Json, **how: Any) -> Any:  # noqa: ANN401 as `judged` takes it
    return judged(archive(*entries), **how)


@pytest.mark.parametrize("har", BROWSERS.values(), ids=BROWSERS)
def test_what_a_browser_exports_is_judged(har: Json) -> None:
    told = judged(har)
    assert told["findings"] == []
    assert [(where["index"], where["status"]) for where in told["exchanges"]] == [(0, 200)]
    assert told["evaluations"] == 1
    wrong = judged(with_text(har, json.dumps(shown(RUNNING | {"tokens_used": 7}))))
    assert places(wrong) == {"body /evaluation/tokens_used"}


def test_a_token_that_chrome_leaves_out_is_unknown_and_said_once() -> None:
    twice = altered(CHROME, "log/entries", CHROME["log"]["entries"] * 2)
    [note] = judged(twice)["notes"]
    assert note.startswith(SILENT)
    assert judged(FIREFOX)["notes"] == []


def test_where_some_request_shows_a_token_one_without_is_told() -> None:
    told = one(entry(EVALUATION, shown(RUNNING)), entry(EVALUATION, PROBLEM, status=404, asked={}))
    assert lines(told) == [
        "request header Authorization: expected Bearer and a token, found no such header"
    ]
    [finding] = told["findings"]
    assert [where["index"] for where in finding["entries"]] == [1]


@pytest.mark.parametrize("header", ["cookie", "Cookie"])
def test_who_comes_with_a_cookie_may_be_logged_in(header: str) -> None:
    told = one(
        entry(EVALUATION, shown(RUNNING)),
        entry(EVALUATION, shown(RUNNING), after=3601, asked={header: "_hub_session=1234567"}),
    )
    assert told["findings"] == []


def test_another_scheme_is_told_and_never_shown() -> None:
    told = one(
        entry(EVALUATION, shown(RUNNING), asked={"authorization": "Basic c2VjcmV0OnNlY3JldA=="})
    )
    assert lines(told) == [
        "request header Authorization: expected Bearer and a token, found another scheme"
    ]


@pytest.mark.parametrize("segment", ["{namespace}", "%7Bnamespace%7D", ":namespace"])
def test_a_placeholder_that_was_left_in_the_path_is_told(segment: str) -> None:
    url = EVALUATION.replace("/repos/ox/", f"/repos/{segment}/")
    told = one(entry(url, PROBLEM, status=404))
    [line] = lines(told)
    assert line.startswith("request path namespace: expected a value for namespace, found the ")


LEFT_OUT: dict[str, tuple[Json, str]] = {
    "a preflight": (
        entry(CREATE, "", method="OPTIONS", status=204, asked={}), "1 preflights"
    ),
    "a preflight of a look": (entry(EVALUATION, "", method="OPTIONS", asked={}), "1 preflights"),
    "one that was blocked": (
        entry(EVALUATION, "", status=0), "1 got no answer (blocked, cancelled or broken off)"
    ),
    "one that Playwright saw fail": (
        entry(EVALUATION, "", status=-1), "1 got no answer (blocked, cancelled or broken off)"
    ),
    "one that was broken off": (
        altered(entry(EVALUATION, "{"), "response/_error", "net::ERR_ABORTED"),
        "1 got no answer (blocked, cancelled or broken off)",
    ),
    "one that is still waiting": (
        altered(entry(EVALUATION, ""), "response", None),
        "1 got no answer (blocked, cancelled or broken off)",
    ),
    "one out of Chrome's cache": (
        entry(EVALUATION, shown(QUEUED), _fromCache="disk"),
        "1 were answered by the browser's cache",
    ),
    "one out of Safari's cache": (
        entry(EVALUATION, shown(QUEUED), _fetchType="Disk Cache"),
        "1 were answered by the browser's cache",
    ),
    "one that is not modified": (
        entry(EVALUATION, "", status=304), "1 were answered by 304, which says nothing new"
    ),
    "one of another host": (entry("https://example.com/api/x", {}), "1 to other hosts"),
    "a page of the same host": (entry("https://hub.oxen.ai/login", {}), "1 of other paths"),
    "another part of the API": (
        entry("https://hub.oxen.ai/api/repos/ox/cats", {}),
        "1 below /api/ that no document describes: GET /api/repos/ox/cats",
    ),
    "another method": (
        entry(EVALUATION.replace(ID, "7"), {}, method="DELETE"),
        "1 below /api/ that no document describes: DELETE /api/repos/ox/cats/evaluations/7",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("left_out", "note"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_what_is_no_exchange_of_an_api_is_left_out_and_counted(left_out: Json, note: str) -> None:
    told = one(entry(EVALUATION, shown(RUNNING)), left_out)
    assert told["findings"] == []
    assert len(told["exchanges"]) == 1
    assert told["notes"] == [f"left out: {note}"]


def test_on_a_host_that_was_chosen_every_path_of_the_api_must_be_described() -> None:
    stray = entry("https://hub.oxen.ai/api/repos/ox/cats/evaluation/7", {})
    judged_at = one(entry(EVALUATION, shown(RUNNING)), stray, hosts=[HOST])
    [finding] = judged_at["findings"]
    assert (finding["kind"], finding["place"]) == ("request", "path")
    assert finding["advice"].startswith("nearest: /api/repos/{namespace}/{repo_name}/evaluations/")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:4010"])
def test_a_host_that_is_chosen_is_judged_alone(host: str) -> None:
    here = EVALUATION.replace("https://hub.oxen.ai", "http://127.0.0.1:4010")
    told = one(entry(here, shown(RUNNING)), entry(STATUS, {}), hosts=[host])
    assert told["findings"] == []
    assert told["notes"] == ["left out: 1 to other hosts"]


@pytest.mark.parametrize(
    "url",
    [
        f"http://127.0.0.1:4010/sandbox/mine/api/repos/ox/cats/evaluations/{ID}",
        f"http://127.0.0.1:4010/sandbox/a%2Fb%5B1%5D/api/repos/ox/cats/evaluations/{ID}",
        f"{EVALUATION}?anything=1#part",
        f"https://user:password@hub.oxen.ai/api/repos/ox/cats/evaluations/{ID.upper()}",
        f"https://hub.oxen.ai/api/repos/o%20x/c%C3%A4ts/evaluations/{ID}",
    ],
)
def test_a_path_is_found_below_a_sandbox_and_however_it_is_written(url: str) -> None:
    told = one(entry(url, shown(RUNNING)))
    assert (len(told["exchanges"]), told["findings"]) == (1, [])


def test_the_file_of_a_create_may_be_one_segment() -> None:
    encoded = CREATE.replace("main/data.parquet", "main%2Fdata.parquet")
    told = one(entry(encoded, shown(QUEUED), method="POST", sent=CREATE_BODY, after=0))
    assert told["findings"] == []


KEPT: dict[str, Callable[[Json], Json]] = {
    "no text, though there was some": lambda e: altered(
        e, "response/content", {"size": 1200, "mimeType": "application/json"}
    ),
    "a file of Playwright's beside it": lambda e: altered(
        e, "response/content", {"size": -1, "mimeType": "application/json", "_file": "a.json"}
    ),
    "no content at all": lambda e: altered(e, "response/content", {}),
    "a size of 0 that the headers deny": lambda e: altered(
        altered(e, "response/content", {"size": 0, "mimeType": "application/json"}),
        "response/headers",
        headers_of({"content-type": "application/json", "content-length": "1200"}),
    ),
    "what is still packed": lambda e: altered(
        altered(e, "response/content/text", base64.b64encode(b"\x1f\x8b\xff").decode()),
        "response/content/encoding",
        "base64",
    ),
}  # fmt: skip


@pytest.mark.parametrize("keep", KEPT.values(), ids=KEPT)
def test_a_body_that_the_recorder_has_not_kept_is_unknown(keep: Callable[[Json], Json]) -> None:
    packed = entry(EVALUATION, shown(RUNNING), headers={"Content-Encoding": "gzip"})
    told = one(keep(packed))
    assert told["findings"] == []
    assert "1 answer came without a body, as the recorder kept none" in told["notes"]


def test_a_body_in_base64_is_read() -> None:
    text = base64.b64encode(json.dumps(shown(RUNNING | {"tokens_used": 1})).encode()).decode()
    packed = altered(entry(EVALUATION, ""), "response/content/text", text)
    told = one(altered(packed, "response/content/encoding", "base64"))
    assert places(told) == {"body /evaluation/tokens_used"}


def test_an_answer_to_head_has_no_body() -> None:
    assert one(entry(EVALUATION, "", method="HEAD"))["findings"] == []


POSTED: dict[str, tuple[Json, set[str]]] = {
    "a text": ({"mimeType": "application/json", "text": json.dumps(CREATE_BODY)}, set()),
    "a text that is wrong": (
        {"mimeType": "application/json", "text": json.dumps(CREATE_BODY | {"prompt": 7})},
        {"body /prompt"},
    ),
    "the fields of a form": (
        {
            "mimeType": "application/x-www-form-urlencoded",
            "params": [{"name": "prompt", "value": "a b"}],
        },
        {"header Content-Type"},
    ),
    "base64": (
        {
            "mimeType": "application/json",
            "text": base64.b64encode(json.dumps(CREATE_BODY).encode()).decode(),
            "encoding": "base64",
        },
        set(),
    ),
}


@pytest.mark.parametrize(("posted", "wrong"), POSTED.values(), ids=POSTED)
def test_what_was_sent_is_read_however_it_was_recorded(posted: Json, wrong: set[str]) -> None:
    told = one(altered(created(shown(QUEUED)), "request/postData", posted))
    assert places(told, "request") == wrong


def test_a_body_that_was_sent_and_not_kept_is_unknown() -> None:
    lost = created(shown(QUEUED), asked={"Content-Length": "200", "authorization": "Bearer t"})
    del lost["request"]["postData"]
    assert one(lost)["findings"] == []


def test_polls_that_overtake_each_other_are_put_in_order() -> None:
    early = entry(
        EVALUATION,
        shown(RUNNING),
        after=340,
        took=9.0,
        headers={"Date": "Sat, 12 Oct 2024 21:44:31 GMT"},
    )
    late = entry(EVALUATION, shown(COMPLETED), after=342, took=6.5)
    for entries in ((early, late), (late, early)):
        assert one(*entries)["findings"] == []


def test_of_polls_within_a_second_either_may_have_been_first() -> None:
    dated = {"Date": "Sat, 12 Oct 2024 21:44:32 GMT"}
    first = entry(EVALUATION, shown(COMPLETED), after=348.0, took=0.5, headers=dated)
    second = entry(EVALUATION, shown(COMMITTING), after=348.1, took=0.3, headers=dated)
    assert one(first, second)["findings"] == []
    asked_later = entry(EVALUATION, shown(COMMITTING), after=348.6, took=0.3, headers=dated)
    assert "body /evaluation/status" in places(one(first, asked_later))


def test_clocks_that_differ_are_no_finding_where_the_server_tells_its_own() -> None:
    """The recorder is an hour behind; the answer says when it was given."""
    told = one(
        entry(
            EVALUATION,
            shown(RUNNING),
            after=-3600,
            headers={"Date": "Sat, 12 Oct 2024 21:40:00 GMT"},
        )
    )
    assert told["findings"] == []


def test_without_a_date_the_recorder_is_believed_and_that_is_said() -> None:
    told = one(entry(EVALUATION, shown(RUNNING), after=-3600, headers={"Date": "?"}))
    assert "body /evaluation/inserted_at" in places(told, "rule")
    assert "1 answer without a Date: the instant is that of the recorder's clock" in told["notes"]


def test_worlds_apart_are_judged_apart() -> None:
    """The same id on two hosts, in two sandboxes and in two repositories."""
    elsewhere = [
        EVALUATION.replace("hub.oxen.ai", "dev.hub.oxen.ai"),
        EVALUATION.replace("/api/", "/sandbox/other/api/"),
        EVALUATION.replace("/cats/", "/dogs/"),
    ]
    told = one(
        entry(EVALUATION, shown(COMPLETED), after=400),
        *(entry(url, shown(RUNNING), after=410) for url in elsewhere),
    )
    assert told["findings"] == []
    assert told["evaluations"] == 4


def test_the_same_finding_of_many_entries_is_one() -> None:
    polls = [entry(EVALUATION, shown(RUNNING | {"tokens_used": 7}), after=n) for n in range(60, 90)]
    told = one(*polls)
    [finding] = told["findings"]
    assert [where["index"] for where in finding["entries"]] == list(range(30))


def test_exchanges_of_both_apis_are_judged_by_their_own_documents() -> None:
    told = one(
        entry(EVALUATION, shown(RUNNING)),
        entry(STATUS, N_RUNNING),
        entry(f"{NUGEN}/evaluations?limit=1000", N_PAGE | {"limit": 100}),
    )
    assert places(told) == {"query limit", "body /limit"}


# What is no archive

NO_ARCHIVE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "expected an HTTP archive (HAR), which is JSON, found nothing"),
    "white space": (b" \n", "found nothing"),
    "no JSON": (b"GET / HTTP/1.1", "found text that is no JSON"),
    "half of one": (json.dumps(CHROME).encode()[:-90], "found text that is no JSON"),
    "bytes": (b"\xff\xfe\x00", "a byte at 0 that is not UTF-8"),
    "NaN": (b'{"log": {"entries": [], "x": NaN}}', "NaN, which JSON does not have"),
    "a nesting without end": (b"[" * 200_000, "a nesting too deep to follow"),
    "a list": (b"[]", "an object with log.entries, a list, found a list of 0"),
    "an object": (b"{}", "found an object with 0 keys"),
    "a log of nothing": (b'{"log": {}}', "a.har /log/entries: expected"),
    "entries that are none": (b'{"log": {"entries": [1]}}', "/log/entries/0: expected an entry"),
    "an entry without a request": (
        b'{"log": {"entries": [{"startedDateTime": "2024-10-12T21:38:44Z"}]}}',
        "/log/entries/0/request: expected a request, an object, found nothing",
    ),
    "an entry without instant and URL": (
        b'{"log": {"entries": [{"request": {"method": "GET"}}]}}',
        "/log/entries/0/request/url: expected a text, found nothing",
    ),
    "an instant in words": (
        b'{"log":{"entries":[{"startedDateTime":"now","request":{"method":"GET","url":"/"}}]}}',
        'expected a date-time as in 2024-10-12T21:38:44.123Z, found "now"',
    ),
}


@pytest.mark.parametrize(("raw", "told"), NO_ARCHIVE.values(), ids=NO_ARCHIVE)
def test_what_is_no_archive_is_told_with_its_place(raw: bytes, told: str) -> None:
    with pytest.raises(BadArchiveError) as caught:
        read_archive(raw, "a.har")
    assert told in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 11


def test_everything_about_it_is_told_at_once() -> None:
    with pytest.raises(BadArchiveError) as caught:
        read_archive(b'{"log": {"entries": [{"request": {}}, 7]}}', "a.har")
    assert len(caught.value.flaws) == 4


def test_a_byte_order_mark_before_an_archive_is_let_through() -> None:
    assert len(read_archive(b"\xef\xbb\xbf" + json.dumps(FIREFOX).encode(), "a.har")) == 1


def test_half_a_character_in_somebody_elses_page_spoils_no_archive() -> None:
    raw = json.dumps(archive(entry("https://example.com/", "\ud83d"))).encode()
    assert len(read_archive(raw, "a.har")) == 1


@pytest.mark.parametrize(
    "path",
    [
        "time", "request/headers", "request/bodySize", "response/headers", "response/content",
        "response/status", "response", "request/postData", "request/cookies", "cache",
    ],
)  # fmt: skip
@pytest.mark.parametrize("lie", [None, -1, 10**40, 1e300, "x", True, [], [1], {}, {"a": 1}])
def test_no_slip_of_a_recorder_is_a_traceback(path: str, lie: object) -> None:
    slipped = altered(created(shown(QUEUED)), path, lie)
    assert judged(archive(slipped, entry(EVALUATION, shown(RUNNING))))


@pytest.mark.parametrize(
    ("path", "slip"),
    [
        ("response/content", {"text": "é", "encoding": "base64"}),
        ("request/postData", {"params": [{"name": "\ud83d", "value": "\ude00\ud83d"}]}),
        ("response/_error", ["net::ERR"]),
        ("_fetchType", {}),
        ("response/content/mimeType", "application/json\n"),
    ],
)
def test_no_odd_value_in_an_archive_is_a_traceback(path: str, slip: object) -> None:
    slipped = altered(created(shown(QUEUED)), path, slip)
    assert judged(archive(slipped, entry(EVALUATION, shown(RUNNING))))


def test_a_header_that_came_several_times_may_be_recorded_with_a_line_for_each() -> None:
    raw = json.dumps(archive(entry(EVALUATION, {}, headers={"Set-Cookie": "a=1\nb=2\n"}))).encode()
    [found] = read_archive(raw, "a.har")
    cookies = [value for name, value in found.response.headers if name == "Set-Cookie"]
    assert cookies == ["a=1", "b=2"]
    assert one(entry(EVALUATION, shown(RUNNING), headers={"Set-Cookie": "a=1\nb=2"}))["clean"]


def test_where_there_is_nothing_to_judge_that_is_said_with_what_there_is() -> None:
    stray = entry("https://example.com/api/x", {})
    with pytest.raises(NothingToJudgeError) as caught:
        one(stray, LEFT_OUT["one that was blocked"][0])
    assert "none among 2 entries (left out: 1 got no answer" in str(caught.value)
    assert "left out: 1 to other hosts)" in str(caught.value)
    with pytest.raises(NothingToJudgeError, match="found no entry"):
        one()
    with pytest.raises(NothingToJudgeError, match=r"an exchange on hub\.example"):
        one(entry(EVALUATION, shown(RUNNING)), hosts=["hub.example"])


@pytest.mark.parametrize(
    "date",
    [
        "", "now", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 +2300",
        "Sat, 12 Oct 2024 25:61:61 GMT", "12", "Sat, 12 Oct 2024 21:40:00 +9999",
    ],
)  # fmt: skip
@pytest.mark.parametrize("header", ["Date", "X-Mock-Now", "Retry-After"])
def test_no_instant_in_a_header_is_a_traceback(header: str, date: str) -> None:
    assert one(entry(EVALUATION, shown(RUNNING), headers={header: date}))


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_no_instant_in_a_body_is_a_traceback(time: str) -> None:
    for name in ("inserted_at", "started_at"):
        assert not one(
            entry(EVALUATION, shown(RUNNING | {name: time})),
            entry(EVALUATION, shown(RUNNING), after=3700),
        )["clean"]
    assert one(entry(STATUS, N_RUNNING | {"start_time": time}))["exchanges"]
