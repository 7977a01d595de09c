"""The guard of the control API: who is let through, and what the others are told to do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.exchange import Request
from mockserver.guard import Guard
from mockserver.problems import RefusedError
from mockserver.settings import Settings

HERE = "127.0.0.1"
ELSEWHERE = "192.168.0.9"
TOKEN = "s3cr3t"  # noqa: S105 no real one
PAGE = "http://localhost:5173"
HOSTILE = "https://hostile.example"
STEERING = "/_mock/time/advance"

PLAIN = Guard(loopback=True)
CLOSED = Guard(loopback=True, token=TOKEN)
NAMED = Guard(loopback=True, allowed_hosts=("box.lan", "fd00::5"), origins=(PAGE,))
EXPOSED = Guard(loopback=False)
EXPOSED_CLOSED = Guard(loopback=False, token=TOKEN)
EXPOSED_OPEN = Guard(loopback=False, open_control=True)
EVERY = [PLAIN, CLOSED, NAMED, EXPOSED, EXPOSED_CLOSED, EXPOSED_OPEN]
REMOTES = [HERE, "::1", "", ELSEWHERE, "nonsense"]


def asked(path: str = STEERING, method: str = "POST", **headers: str) -> Request:
    """A request with these headers; `host` is localhost unless said otherwise, "" is none."""
    given = {"host": "localhost:4010"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return Request(method, path, headers={name: value for name, value in given.items() if value})


def refusal_of(guard: Guard, request: Request, remote: str = HERE) -> RefusedError | None:
    try:
        guard.check(request, remote)
    except RefusedError as error:
        return error
    return None


def status_of(guard: Guard, request: Request, remote: str = HERE) -> int:
    """The status of the refusal, or 200."""
    refusal = refusal_of(guard, request, remote)
    return 200 if refusal is None else refusal.status


# -- what is everybody's ----------------------------------------------------------------------


@pytest.mark.parametrize("guard", EVERY)
@pytest.mark.parametrize("remote", REMOTES)
@pytest.mark.parametrize(
    "path", ["/_mock/health", "/_mock/openapi/oxen.json", "/_mock/openapi/control.json"]
)
def test_health_and_the_documents_are_everybodys(path: str, remote: str, guard: Guard) -> None:
    for headers in ({}, {"host": ""}, {"host": "rebound.example", "origin": HOSTILE}):
        assert status_of(guard, asked(path, "GET", **headers), remote) == 200


@pytest.mark.parametrize(
    "path",
    [
        *("/_mock", "/_mock/", "/_mock/healthy", "/_mock/health/more", "/_mock/openapi"),
        *("/_mock/openapi/", "/_mock/openapi/../journal", "/_mock/Health", "/_mock//health"),
        *("/_mock/journal", "/_mock/health\n", "/x/_mock/health"),
    ],
)
def test_nothing_else_is(path: str) -> None:
    assert status_of(EXPOSED, asked(path, "GET")) == 403


# -- where a page comes from ------------------------------------------------------------------


@pytest.mark.parametrize("guard", EVERY)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "origin",
    [
        *(HOSTILE, "null", "http://localhost:5174", "http://localhost", "http://localhost:40100"),
        *("localhost:4010", "file://", "http://localhost:4010/", "http://x@localhost:4010"),
        *(f"{PAGE}, {HOSTILE}", f"{PAGE} {HOSTILE}", f"{PAGE}.example", "http://127.0.0.1:4010"),
    ],
)
def test_a_page_of_elsewhere_can_do_nothing_even_where_all_is_open_or_with_the_token(
    guard: Guard, method: str, origin: str
) -> None:
    refusal = refusal_of(guard, asked(method=method, origin=origin, x_mock_control_token=TOKEN))
    assert refusal is not None
    assert refusal.status == 403
    assert "--control-origin URL" in refusal.detail
    assert repr(origin)[:40] in refusal.detail


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:4010", "http://localhost:4010"),
        ("LOCALHOST:4010", "http://localhost:4010"),
        ("localhost", "https://localhost"),
        ("127.0.0.1:4010", "http://127.0.0.1:4010"),
        ("[::1]:4010", "http://[::1]:4010"),
        ("ox.localhost:4010", "https://ox.localhost:4010"),
    ],
)
def test_a_page_of_the_server_itself_is_let_through(host: str, origin: str) -> None:
    assert status_of(PLAIN, asked(host=host, origin=origin)) == 200


@pytest.mark.parametrize("origin", ["http://", "://", "null", ""])
def test_without_a_host_no_origin_is_the_servers_own(origin: str) -> None:
    headers = {"origin": origin}
    assert status_of(EXPOSED_OPEN, Request("POST", STEERING, headers=headers)) == 403
    assert (
        status_of(EXPOSED_OPEN, Request("POST", STEERING, headers={**headers, "host": ""})) == 403
    )


def test_a_page_that_the_server_was_told_of_is_let_through() -> None:
    assert status_of(NAMED, asked(origin=PAGE)) == 200
    assert NAMED.allowed_origin(asked(origin=PAGE)) == PAGE
    assert NAMED.allowed_origin(asked(origin=PAGE.upper())) == PAGE.upper()  # to be echoed


@given(st.text(), st.booleans())
def test_the_origin_to_be_echoed_is_one_of_those_told_or_none(origin: str, known: bool) -> None:
    request = Request("GET", STEERING, headers={"origin": PAGE if known else origin})
    assert NAMED.allowed_origin(request) in {PAGE, None}
    assert PLAIN.allowed_origin(request) is None
    assert NAMED.allowed_origin(asked()) is None


def test_a_page_that_is_let_in_needs_the_token_all_the_same_but_for_its_preflights() -> None:
    guard = Guard(loopback=True, token=TOKEN, origins=(PAGE,))
    assert status_of(guard, asked(origin=PAGE)) == 401
    assert status_of(guard, asked(origin=PAGE, x_mock_control_token=TOKEN)) == 200
    assert status_of(guard, asked(method="OPTIONS", origin=PAGE)) == 200
    assert status_of(guard, asked(method="OPTIONS", origin="http://localhost:4010")) == 401
    assert status_of(guard, asked(method="OPTIONS")) == 401


# -- the token --------------------------------------------------------------------------------

WITH_TOKEN = [
    {"x_mock_control_token": TOKEN},
    {"authorization": f"Bearer {TOKEN}"},
    {"authorization": f"bearer  {TOKEN} "},
    {"x_mock_control_token": TOKEN, "authorization": "Bearer sbx_mine"},
    {"x_mock_control_token": "another", "authorization": f"Bearer {TOKEN}"},
]
WITHOUT_TOKEN = [
    {},
    {"x_mock_control_token": "another"},
    {"x_mock_control_token": f"Bearer {TOKEN}"},
    {"x_mock_control_token": f"{TOKEN}, {TOKEN}"},
    {"x_mock_control_token": TOKEN[:-1]},
    {"x_mock_control_token": TOKEN.upper()},
    {"authorization": "Bearer another"},
    {"authorization": TOKEN},
    {"authorization": f"Basic {TOKEN}"},
    {"authorization": "Bearer"},
    {"cookie": f"token={TOKEN}"},
]


@pytest.mark.parametrize("guard", [CLOSED, EXPOSED_CLOSED])
@pytest.mark.parametrize("headers", WITH_TOKEN)
@pytest.mark.parametrize("host", ["localhost", "rebound.example", ""])
def test_with_the_token_a_request_passes_from_anywhere_and_by_any_name(
    guard: Guard, headers: dict[str, str], host: str
) -> None:
    for remote in REMOTES:
        assert status_of(guard, asked(host=host, **headers), remote) == 200


@pytest.mark.parametrize("guard", [CLOSED, EXPOSED_CLOSED])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize("headers", WITHOUT_TOKEN)
def test_without_it_none_passes_on_loopback_neither_and_the_answer_says_what_to_do(
    guard: Guard, method: str, headers: dict[str, str]
) -> None:
    refusal = refusal_of(guard, asked(method=method, **headers))
    assert refusal is not None
    assert refusal.status == 401
    assert refusal.headers == (("WWW-Authenticate", "Bearer"),)
    for part in ("X-Mock-Control-Token", "Authorization: Bearer TOKEN", "--control-token"):
        assert part in refusal.detail
    assert TOKEN not in refusal.detail
    assert "another token" not in refusal.detail or headers


def test_another_token_is_told_from_none_and_neither_is_shown() -> None:
    nothing = refusal_of(CLOSED, asked())
    wrong = refusal_of(CLOSED, asked(authorization="Bearer wr0ng"))
    assert nothing is not None
    assert wrong is not None
    assert "found none" in nothing.detail
    assert "found another token" in wrong.detail
    assert "wr0ng" not in f"{wrong.detail}{wrong}{wrong.violations}{wrong.headers}"


@given(
    st.text(st.characters(max_codepoint=255)), st.sampled_from(["x-mock-control-token", "bearer"])
)
def test_no_other_text_stands_for_the_token(text: str, place: str) -> None:
    headers = {place: text} if place != "bearer" else {"authorization": f"Bearer {text}"}
    passed = status_of(CLOSED, Request("POST", STEERING, headers=headers)) == 200
    assert passed is (text.strip(" ") == TOKEN if place == "bearer" else text == TOKEN)


def test_a_token_beyond_ascii_is_compared_by_its_bytes() -> None:
    word = "b\u00fcffel"
    guard = Guard(loopback=True, token=word)
    as_wsgi_has_it = word.encode().decode("latin-1")
    assert status_of(guard, asked(x_mock_control_token=as_wsgi_has_it)) == 200
    assert status_of(guard, asked(x_mock_control_token=word)) == 401


def test_a_token_counts_even_where_a_guard_is_told_to_be_open_too() -> None:
    guard = Guard(loopback=True, token=TOKEN, open_control=True)
    assert status_of(guard, asked()) == 401


def test_a_guard_does_not_show_its_token() -> None:
    assert TOKEN not in repr(CLOSED)


# -- where the server listens -----------------------------------------------------------------


@pytest.mark.parametrize("remote", REMOTES)
def test_where_other_machines_reach_it_nobody_passes_without_a_token_set(remote: str) -> None:
    refusal = refusal_of(EXPOSED, asked(x_mock_control_token=TOKEN), remote)
    assert refusal is not None
    assert refusal.status == 403
    assert "start with --control-token TOKEN" in refusal.detail
    assert "--open-control" in refusal.detail


@pytest.mark.parametrize("remote", REMOTES)
@pytest.mark.parametrize("host", ["localhost", "rebound.example", ""])
def test_in_so_many_words_it_is_open_to_all(remote: str, host: str) -> None:
    assert status_of(EXPOSED_OPEN, asked(host=host), remote) == 200
    assert status_of(Guard(loopback=True, open_control=True), asked(host=host), remote) == 200


@pytest.mark.parametrize(
    ("remote", "local"),
    [
        ("127.0.0.1", True),
        ("127.3.2.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("", True),
        ("192.168.0.9", False),
        ("::ffff:192.168.0.9", False),
        ("fe80::1%eth0", False),
        ("0.0.0.0", False),  # noqa: S104 because nothing listens here
        ("localhost", False),
        ("127.0.0.1:5000", False),
    ],
)
def test_a_client_of_another_machine_gives_away_that_the_server_is_not_on_loopback(
    remote: str, local: bool
) -> None:
    refusal = refusal_of(PLAIN, asked(), remote)
    assert (refusal is None) is local
    assert refusal is None or "--control-token" in refusal.detail


# -- by which name it is called ---------------------------------------------------------------

OURS = [
    *("localhost", "localhost:4010", "LocalHost:4010", "localhost.", "localhost.:4010"),
    *("ox.localhost", "a.b.localhost:4010", "127.0.0.1", "127.0.0.1:4010", "127.8.9.10:1"),
    *("[::1]", "[::1]:4010", "[0:0:0:0:0:0:0:1]:4010", "[::ffff:127.0.0.1]:4010", "localhost:"),
]
TOLD = ["box.lan", "BOX.lan:4010", "box.lan.", "[fd00::5]:4010", "[FD00:0::5]"]
FOREIGN = [
    *("", "rebound.example", "rebound.example:4010", "localhost.rebound.example", "xlocalhost"),
    *("127.0.0.1.rebound.example", ".localhost", "localhost..", "0.0.0.0:4010", "[::]:4010"),
    *("192.168.0.1", "10.0.0.1:80", "[fe80::1]:4010", "127.1", "2130706433", "::1", "::1:4010"),
    *("localhost:4010, rebound.example", "rebound.example, localhost", "localhost:x", ":4010"),
    *("localhost@rebound.example", "rebound.example#localhost", "localhost/", "localhost 4010"),
    *("[127.0.0.1]", "[::1", "[localhost]", "[::1]x", "localhost:4010:4010", "box.lan.example"),
    *("null", "*", "local\u017fhost"),
]


@pytest.mark.parametrize("host", OURS)
def test_this_machines_own_names_are_known(host: str) -> None:
    assert status_of(PLAIN, asked(host=host)) == 200
    assert status_of(NAMED, asked(host=host)) == 200


@pytest.mark.parametrize("host", TOLD)
def test_further_names_are_known_once_the_server_was_told_of_them(host: str) -> None:
    assert status_of(NAMED, asked(host=host)) == 200
    assert status_of(PLAIN, asked(host=host)) == 403


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_any_other_name_may_have_been_made_to_point_here(host: str, method: str) -> None:
    for guard in (PLAIN, NAMED):
        refusal = refusal_of(guard, asked(method=method, host=host))
        assert refusal is not None
        assert refusal.status == 403
        assert "--allowed-host" in refusal.detail
        assert "header Host" in refusal.detail


def test_a_page_under_such_a_name_does_not_pass_for_the_servers_own() -> None:
    refusal = refusal_of(
        NAMED, asked(host="rebound.example:4010", origin="http://rebound.example:4010")
    )
    assert refusal is not None
    assert "start with --allowed-host rebound.example" in refusal.detail


@given(st.text(), st.sampled_from(["", "127.0.0.1", "\x00", "::1"]), st.text())
def test_no_header_makes_the_guard_fail_and_a_long_one_is_cut(
    host: str, remote: str, origin: str
) -> None:
    headers = {"host": host * 50, "origin": origin * 50, "authorization": host}
    for guard in EVERY:
        refusal = refusal_of(guard, Request("POST", STEERING, headers=headers), remote)
        assert refusal is None or len(refusal.detail) < 500


@given(st.from_regex(r"[a-z0-9-]{1,20}(\.[a-z0-9-]{1,20}){0,3}(:[0-9]{1,5})?", fullmatch=True))
def test_of_names_only_those_below_localhost_are_known_untold(host: str) -> None:
    name = host.partition(":")[0]
    known = name == "localhost" or name.endswith(".localhost") or name.startswith("127.")
    assert known or status_of(PLAIN, asked(host=host)) == 403


# -- its settings -----------------------------------------------------------------------------


def test_a_guard_is_what_the_settings_say() -> None:
    assert Guard.of(Settings()) == PLAIN
    assert Guard.of(Settings(host="0.0.0.0")) == EXPOSED  # noqa: S104 because nothing listens here
    assert Guard.of(Settings(host="::", open_control=True)) == EXPOSED_OPEN
    assert Guard.of(Settings(host="localhost", control_token=TOKEN)) == CLOSED
    settings = Settings(allowed_hosts=("BOX.lan.", "[fd00:0::5]"), control_origins=(PAGE,))
    assert Guard.of(settings) == NAMED
