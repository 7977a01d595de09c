"""Which sandbox a request names: by its path, its header, its token, and what names may be."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from wire import KINDS, Server, ask, running

from mockserver.assemble import app_of, assemble
from mockserver.core.exchange import Request
from mockserver.problems import RefusedError, is_control
from mockserver.selection import (
    DEFAULT,
    HEADER,
    LONGEST_NAME,
    PREFIX,
    TOKEN,
    named_by,
    prefix_of,
    split_path,
)
from mockserver.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from werkzeug.test import TestResponse

    from mockserver.contract.routes import Route

    Sent = tuple[str, Mapping[str, str]]
    """A path with headers."""

EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOCK = assemble(Settings(epoch=EPOCH, seed="selection", speed=0), real=lambda: 0)
CLIENT = app_of(MOCK).test_client()
SEED_PATH = "/api/repos/ox/cats/evaluations/d0c8585d-1234-5678-abcd-ef0123456789"
PYTEST_ID = "tests/test_a.py::test_b[1]"


def by_path(name: str, path: str) -> Sent:
    return f"{PREFIX}{quote(name, safe='')}{path}", {"Authorization": "Bearer any-token"}


def by_header(name: str, path: str) -> Sent:
    return path, {HEADER: quote(name, safe=""), "Authorization": "Bearer any-token"}


def by_token(name: str, path: str) -> Sent:
    return path, {"Authorization": f"Bearer {TOKEN}{quote(name, safe='')}"}


WAYS: dict[str, Callable[[str, str], Sent]] = {
    "path": by_path,
    "header": by_header,
    "token": by_token,
}
EVERY_WAY = pytest.mark.parametrize("way", WAYS)


def asked(sent: Sent) -> TestResponse:
    path, headers = sent
    return CLIENT.get(path, headers=headers)


def names() -> list[str]:
    return [world.name for world in MOCK.engine.sandboxes.all()]


def exchanges_of(name: str) -> int:
    return len(MOCK.engine.sandboxes.find(name).sandbox.journal)


# -- three ways of naming ---------------------------------------------------------------------


@EVERY_WAY
def test_each_way_of_naming_makes_the_sandbox_on_first_use_and_finds_it_again(way: str) -> None:
    name = f"by {way}"
    assert name not in names()
    for times in (1, 2):
        assert asked(WAYS[way](name, SEED_PATH)).status_code == 200
        assert exchanges_of(name) == times
        told = asked(WAYS[way](name, "/_mock/journal")).get_json()
        assert len(told["exchanges"]) == times


def test_all_three_ways_name_the_same_sandbox() -> None:
    before = exchanges_of(DEFAULT)
    for count, way in enumerate(WAYS.values(), 1):
        assert asked(way("one of all", SEED_PATH)).status_code == 200
        assert exchanges_of("one of all") == count
    assert exchanges_of(DEFAULT) == before


def test_who_names_none_is_in_the_default_one_which_has_that_name_too() -> None:
    before = exchanges_of(DEFAULT)
    assert asked((SEED_PATH, {"Authorization": "Bearer any-token"})).status_code == 200
    for way in WAYS.values():
        assert asked(way(DEFAULT, SEED_PATH)).status_code == 200
    assert exchanges_of(DEFAULT) == before + 4
    assert names().count(DEFAULT) == 1


def _mixed(chosen: Mapping[str, str], path: str) -> Sent:
    """A request that names a sandbox in several ways."""
    headers: dict[str, str] = {"Authorization": "Bearer any-token"}
    for way, name in chosen.items():
        path, more = WAYS[way](name, path)
        headers |= {key: value for key, value in more.items() if way == "token" or key == HEADER}
    return path, headers


@pytest.mark.parametrize(
    "ways", [("path", "header"), ("path", "token"), ("header", "token"), tuple(WAYS)], ids="+".join
)
@pytest.mark.parametrize("path", [SEED_PATH, "/_mock/clock"])
def test_the_same_name_in_several_ways_is_fine(ways: tuple[str, ...], path: str) -> None:
    sent = _mixed(dict.fromkeys(ways, PYTEST_ID), path)
    assert asked(sent).status_code == 200
    assert PYTEST_ID in names()


@pytest.mark.parametrize(
    "chosen",
    [
        {"path": "one", "header": "two"},
        {"path": "one", "token": "two"},
        {"header": "one", "token": "two"},
        {"path": "one", "header": "two", "token": "three"},
        {"path": "one", "header": "one", "token": "two"},
        {"path": DEFAULT, "header": "two"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", [SEED_PATH, "/_mock/clock", "/nowhere"])
def test_ways_that_disagree_are_a_409_that_tells_every_way_and_name(
    chosen: dict[str, str], path: str
) -> None:
    before = names()
    answer = asked(_mixed(chosen, path))
    told = answer.get_data(as_text=True)
    assert answer.status_code == 409, told
    for way, name in chosen.items():
        assert f"the {way} names '{name}'" in told
    assert names() == before


def test_a_disagreement_about_a_way_of_writing_is_none() -> None:
    """What stands there percent-encoded or not is the same name."""
    plain = {"Authorization": f"Bearer {TOKEN}plain-name", HEADER: "pl%61in-name"}
    assert asked((f"{PREFIX}pl%61in-name{SEED_PATH}", plain)).status_code == 200
    assert exchanges_of("plain-name") == 1


def test_a_token_that_does_not_begin_like_that_names_nothing() -> None:
    for token in (f"x{TOKEN}odd", TOKEN.upper() + "odd", "odd"):
        answer = asked((SEED_PATH, {"Authorization": f"Bearer {token}"}))
        assert answer.status_code == 200
    assert "odd" not in names()
    assert asked((SEED_PATH, {"Authorization": f"bearer   {TOKEN}odd  "})).status_code == 200
    assert "odd" in names()


# -- names ------------------------------------------------------------------------------------

NAMES = [
    PYTEST_ID,
    "a/b/c",
    "a//b",
    "/",
    "/leading",
    "trailing/",
    "two words",
    " spaces around ",
    "[x]",
    "100%",
    "%41",
    "a%2Fb",
    "?query=1#fragment",
    "a+b&c;d",
    "..",
    ".",
    "tab\tand\nline",
    "\x00",
    "é",
    "日本語/テスト[é]",
    "😀" * 20,
    "a" * LONGEST_NAME,
    "漢" * LONGEST_NAME,
    "/" * LONGEST_NAME,
    "sandbox",
    "/sandbox/x",
    "sbx_x",
    "api",
    "_mock",
    "snapshot",
]


@EVERY_WAY
@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:30])
def test_any_text_is_a_name_percent_encoded_in_each_way(way: str, name: str) -> None:
    before = exchanges_of(name) if name in names() else 0
    answer = asked(WAYS[way](name, SEED_PATH))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert exchanges_of(name) == before + 1
    assert asked(WAYS[way](name, "/_mock/clock")).status_code == 200


@given(st.text(min_size=1, max_size=LONGEST_NAME))
def test_whatever_its_name_a_sandbox_is_the_same_in_the_header_and_in_the_token(name: str) -> None:
    encoded = quote(name, safe="")
    named = [
        Request("GET", "/", headers={HEADER.lower(): encoded}),
        Request("GET", "/", headers={"authorization": f"Bearer {TOKEN}{encoded}"}),
        Request("GET", "/", sandbox=name),
    ]
    assert [named_by(request) for request in named] == [name] * 3


@EVERY_WAY
@pytest.mark.parametrize("path", [SEED_PATH, "/_mock/clock", "/nowhere"])
@pytest.mark.parametrize("name", ["", "a" * (LONGEST_NAME + 1)], ids=["empty", "too long"])
def test_a_name_of_no_character_or_of_too_many_is_a_400_that_says_so(
    way: str, path: str, name: str
) -> None:
    answer = asked(WAYS[way](name, path))
    told = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert f"the sandbox named by the {way}" in told
    assert f"a name of 1 to {LONGEST_NAME} characters" in told
    assert f"found {len(name)} of them" in told


def test_bytes_of_a_header_that_are_no_utf_8_are_latin_1_as_http_had_it() -> None:
    for raw in ("%E9t%E9", "\xe9t\xe9", "%C3%A9t%C3%A9", "\xc3\xa9t\xc3\xa9"):
        assert named_by(Request("GET", "/", headers={HEADER.lower(): raw})) == "été"


def test_half_of_a_surrogate_pair_is_in_no_name() -> None:
    with pytest.raises(RefusedError) as refused:
        named_by(Request("GET", "/", sandbox="a\udcff"))
    assert refused.value.status == 400


@pytest.mark.parametrize("rest", [SEED_PATH, "/_mock/clock", "/nowhere", "/", ""])
@pytest.mark.parametrize("name", ["%FF", "a%80b", "%C3", "%ED%A0%80", "%C0%AF"])
def test_bytes_of_the_path_that_are_no_utf_8_are_a_400(name: str, rest: str) -> None:
    before = names()
    answer = asked((f"{PREFIX}{name}{rest}", {"Authorization": "Bearer any-token"}))
    assert answer.status_code == 400
    assert "path: expected percent-encoded UTF-8" in answer.get_data(as_text=True)
    assert names() == before


# -- where the name ends in a path ------------------------------------------------------------


def is_route(path: str) -> bool:
    """As the app asks it."""
    return is_control(path) or MOCK.engine.answers_at(path)


def _example(route: Route) -> str:
    path = route.template
    for name in route.parameters:
        path = path.replace(f"{{{name}}}", "main/data/a.parquet" if name in route.globs else "some")
    return path


OF_CONTRACTS = [
    *(served.contract.routes.routes for served in MOCK.engine.apis.values()),
    MOCK.control.contract.routes.routes,
]
ROUTES = [_example(route) for routes in OF_CONTRACTS for route in routes]
ANSWERS = sorted({_example(route) for route in MOCK.engine.routes()} - {*ROUTES})
PIECES = st.sampled_from(
    ["/", "//", "api", "/api", "_mock", "sandbox", "/sandbox/", "evaluations", "repos", "v3", "::"]
)
ANY_NAME = st.text(min_size=1, max_size=LONGEST_NAME) | st.lists(
    PIECES | st.text(max_size=3), min_size=1, max_size=12
).map("".join).filter(bool)


def looks_like_a_route_at(name: str, route: str) -> int | None:
    """The first place within the name from which on the rest of the path is a route, if any.

    It may straddle the end of the name, as a path of a resource takes everything after it.
    """
    path = name + route
    slashes = (at for at, character in enumerate(name) if character == "/")
    return next((at for at in slashes if is_route(path[at:])), None)


@given(ANY_NAME, st.sampled_from(ROUTES + ANSWERS))
@example("a" * LONGEST_NAME, ROUTES[0])
@example("/" * LONGEST_NAME, ROUTES[0])
@example(PYTEST_ID, "/_mock/clock")
@example("tests/_mock/test_a.py", "/_mock/clock")
@example("a/api/repos/ox/cats/evaluations", "/_mock/clock")
@example("a/api/repos/ox", "/api/repos/ox/cats/evaluations/some")
def test_a_name_and_a_route_are_told_apart_wherever_the_name_itself_holds_no_route(
    name: str, route: str
) -> None:
    split = split_path(f"{PREFIX}{name}{route}", is_route, lambda _: False)
    at = looks_like_a_route_at(name, route)
    assert split == ((name, route) if at is None else (name[:at], name[at:] + route))


@pytest.mark.parametrize(
    ("name", "read_as"),
    [
        ("tests/_mock/test_a.py", "tests"),
        ("x/api/v3/evaluations/e/status/../", "x/api/v3/evaluations/e/status/../"),
        ("x/api/repos/ox/cats/evaluations/main", "x"),
        ("x/api/repos/ox/cats/evaluations", "x"),
        ("x/api/repos/ox/cats", "x/api/repos/ox/cats"),
        ("api/repos/ox/cats/evaluations", "api/repos/ox/cats/evaluations"),
        ("_mock/a", "_mock/a"),
    ],
)
def test_a_name_holds_a_route_where_mock_or_the_evaluations_of_a_repository_stand_in_it(
    name: str, read_as: str
) -> None:
    """What stands at its very start has no slash before it, and so is no path."""
    path = f"{PREFIX}{name}/_mock/clock"
    assert split_path(path, is_route, lambda _: False)[0] == read_as
    for way in (by_header, by_token):
        assert asked(way(name, "/_mock/clock")).status_code == 200
        assert name in names()


@given(st.text().filter(lambda text: not text.startswith(PREFIX)))
def test_a_path_that_begins_otherwise_names_no_sandbox(path: str) -> None:
    assert split_path(path, is_route, lambda _: True) == (None, path)


@given(ANY_NAME.filter(lambda name: not name.startswith("/") and name != DEFAULT))
def test_below_a_name_that_is_known_a_path_that_nobody_has_is_told_apart_too(name: str) -> None:
    known = name.rstrip("/") or "x"
    split = split_path(f"{PREFIX}{known}/no/such/path", is_route, {known}.__contains__)
    at = looks_like_a_route_at(known, "/no/such/path")
    assert at is not None or split == (known, "/no/such/path")


def test_the_longest_known_name_is_taken_where_nobody_answers() -> None:
    known = {"a", "a/b"}
    assert split_path("/sandbox/a/b/c", is_route, known.__contains__) == ("a/b", "/c")
    assert split_path("/sandbox/x/b/c", is_route, known.__contains__) == ("x", "/b/c")
    assert split_path("/sandbox/a", is_route, known.__contains__) == ("a", "/")
    assert split_path("/sandbox/", is_route, known.__contains__) == ("", "/")


@pytest.mark.parametrize("route", ANSWERS)
def test_a_name_ends_before_the_path_of_an_answer_fixture_too(route: str) -> None:
    """Somebody answers there, though no contract has it."""
    name = f"tests/test_answers.py::test_{ANSWERS.index(route)}"
    answered = asked(by_path(name, route)).status_code
    assert answered == asked(by_header("without slashes", route)).status_code
    assert name in names()


def test_what_stands_before_the_paths_of_a_sandbox_leads_back_to_it() -> None:
    for name in NAMES:
        if looks_like_a_route_at(name, SEED_PATH) is None:
            before = exchanges_of(name) if name in names() else 0
            asked((f"{prefix_of(name)}{SEED_PATH}", {"Authorization": "Bearer any-token"}))
            assert exchanges_of(name) == before + 1
    assert prefix_of(DEFAULT) == ""


# -- what is told of it -----------------------------------------------------------------------


@EVERY_WAY
def test_the_url_that_is_told_of_a_sandbox_leads_to_it_however_it_was_named(way: str) -> None:
    name = "told/of"
    expected = f"http://localhost{prefix_of(name)}"
    reset = WAYS[way](name, "/_mock/reset")
    told = CLIENT.post(reset[0], headers=reset[1], json={}).get_json()
    assert told["url"] == expected
    listed = asked(WAYS[way](name, "/_mock/evaluations")).get_json()["evaluations"]
    assert {one["url"].startswith(f"{expected}/api/") for one in listed} == {True}
    assert asked((listed[0]["url"], {"Authorization": "Bearer any-token"})).status_code == 200


def test_a_document_asked_for_below_a_sandbox_has_that_sandbox_as_its_server() -> None:
    told = asked(by_path("a document's", "/_mock/openapi/oxen.json")).get_json()
    assert told["servers"] == [{"url": "http://localhost/sandbox/a%20document%27s"}]


OTHER_TIME = "2030-01-01T00:00:00.000000Z"


@EVERY_WAY
def test_the_instant_of_a_control_call_is_that_of_the_sandbox_it_names(way: str) -> None:
    name = f"of another time, by {way}"
    CLIENT.put(f"/_mock/sandboxes/{quote(name, safe='')}", json={"epoch": OTHER_TIME})
    answer = asked(WAYS[way](name, "/_mock/clock"))
    assert (answer.status_code, answer.headers["X-Mock-Now"]) == (200, OTHER_TIME)


def test_so_is_the_instant_of_a_problem_that_a_control_call_gets() -> None:
    CLIENT.put("/_mock/sandboxes/of-another-time", json={"epoch": OTHER_TIME})
    answer = asked(by_header("of-another-time", "/_mock/evaluations/nobody"))
    assert (answer.status_code, answer.headers["X-Mock-Now"]) == (404, OTHER_TIME)


# -- on both servers --------------------------------------------------------------------------


@pytest.fixture(scope="module", params=KINDS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with running(request.param) as found:
        yield found


def _raw(path: str, headers: Mapping[str, str], method: str = "GET") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def _names_on(server: Server) -> set[str]:
    told = ask(server, _raw("/_mock/sandboxes", {})).json()
    return {sandbox["name"] for sandbox in told["sandboxes"]}


def test_the_id_of_a_parametrized_test_is_a_name_in_the_path_on_both_servers(
    server: Server,
) -> None:
    path = "/sandbox/tests%2Ftest_a.py%3A%3Atest_b%5B1%5D/_mock/clock"
    told = ask(server, _raw(path, {}))
    assert (told.status, told.json()["step"]) == (200, False)
    assert PYTEST_ID in _names_on(server)
    one = ask(server, _raw("/_mock/sandboxes/tests%2Ftest_a.py%3A%3Atest_b%5B1%5D", {})).json()
    assert one["name"] == PYTEST_ID
    assert one["url"] == "http://localhost/sandbox/tests%2Ftest_a.py%3A%3Atest_b%5B1%5D"


@EVERY_WAY
def test_any_text_is_a_name_in_each_way_on_both_servers(server: Server, way: str) -> None:
    for name in NAMES:
        for path in (SEED_PATH, "/_mock/journal"):
            told = ask(server, _raw(*WAYS[way](name, path)))
            assert told.status == 200, (name, told)
        assert {exchange["path"] for exchange in told.json()["exchanges"]} == {SEED_PATH}
    assert set(NAMES) <= _names_on(server)


@pytest.mark.parametrize("rest", [SEED_PATH, "/_mock/clock", "/nowhere"])
@pytest.mark.parametrize("name", ["%FF", "a%80b", "%C3", "%ED%A0%80"])
def test_bytes_that_are_no_utf_8_in_the_path_are_a_400_problem_on_both_servers(
    server: Server, name: str, rest: str
) -> None:
    before = _names_on(server)
    told = ask(server, _raw(f"{PREFIX}{name}{rest}", {"Authorization": "Bearer any-token"}))
    assert told.status == 400
    assert "path: expected percent-encoded UTF-8" in json.dumps(told.json())
    assert told.headers["x-mock-now"]
    assert _names_on(server) == before


def test_two_ways_that_disagree_are_a_409_on_both_servers(server: Server) -> None:
    sent: dict[str, Any] = {HEADER: "two", "Authorization": f"Bearer {TOKEN}three"}
    for path in (SEED_PATH, "/_mock/clock"):
        told = ask(server, _raw(f"{PREFIX}one{path}", sent))
        assert told.status == 409
        for name in ("one", "two", "three"):
            assert f"names '{name}'" in json.dumps(told.json())
