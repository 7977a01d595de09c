"""One matcher: Flask and we agree on every path, and the most specific route wins."""

from __future__ import annotations

from itertools import permutations
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from mockserver import create_app
from mockserver.contract.routes import Match, Mismatch, Route, Routes

APP = create_app()
OXEN = Routes.of(
    [
        Route.of(
            "/api/repos/{namespace}/{repo_name}/evaluations/{evaluation_id}", (), {"GET": "get"}
        ),
        Route.of(
            "/api/repos/{namespace}/{repo_name}/evaluations/{resource_path}",
            ("resource_path",),
            {"POST": "create"},
        ),
    ]
)
ENDS = {"get_evaluation": "get", "create_evaluation": "create"}
DECODED = st.text(st.characters(codec="utf-8", exclude_characters="?#"), max_size=6)
SEGMENTS = st.one_of(
    DECODED,
    st.sampled_from(
        ("", ".", "..", "a", "a/b", "\n", "a\nb", "%2F", "{namespace}", "*resource_path")
    ),
)
PATHS = st.one_of(
    st.lists(SEGMENTS, min_size=2, max_size=5).map(
        lambda parts: "/".join(("/api/repos", *parts[:2], "evaluations", *parts[2:]))
    ),
    st.lists(SEGMENTS, max_size=6).map(lambda parts: "/" + "/".join(parts)),
    st.lists(SEGMENTS, max_size=3).map(
        lambda parts: "/api/repos/ox/cats/evaluations/" + "/".join(parts)
    ),
)


def by_flask(method: str, path: str) -> tuple[str, dict[str, str]] | tuple[str, ...]:
    """What Flask makes of it: the operation with its values, or the methods it would allow."""
    adapter = APP.url_map.bind("localhost")
    try:
        endpoint, values = adapter.match(path, method)
    except MethodNotAllowed as error:
        return tuple(sorted(set(error.valid_methods or ()) - {"HEAD", "OPTIONS"}))
    except HTTPException:
        return ()
    name = next((ours for end, ours in ENDS.items() if endpoint.endswith(end)), "")
    return (name, dict(values)) if name else ()


def by_us(method: str, path: str) -> tuple[str, dict[str, str]] | tuple[str, ...]:
    found = OXEN.match(method, path)
    if isinstance(found, Match):
        return found.name, dict(found.parameters)
    return found.allowed


@given(st.sampled_from(("GET", "HEAD", "POST", "DELETE")), PATHS)
def test_flask_and_our_matcher_agree_on_every_decoded_path(method: str, path: str) -> None:
    assert by_flask(method, path) == by_us(method, path)


@pytest.mark.parametrize(
    "tail",
    [
        *(
            "a",
            "main/a/b.parquet",
            "main%2Fa%2Fb.parquet",
            "a%0Ab",
            "a/%0A",
            "%0A",
            "a//b",
            "/",
            "a/",
        ),
        *(
            "%20",
            "%25",
            "%252F",
            "%3F",
            "%23",
            "../a",
            ".",
            "%E2%82%AC",
            "%F0%9F%98%80",
            "",
            "a;b",
            "+",
        ),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_flask_and_our_matcher_agree_on_awkward_paths(method: str, tail: str) -> None:
    path = unquote(f"/api/repos/ox/cats/evaluations/{tail}")
    assert by_flask(method, path) == by_us(method, path)


@given(DECODED.filter(bool), DECODED.filter(bool))
def test_what_was_encoded_by_a_client_comes_back_decoded(branch: str, path: str) -> None:
    sent = quote(f"{branch}/{path}", safe="")
    found = OXEN.match("POST", unquote(f"/api/repos/ox/cats/evaluations/{sent}"))
    assert isinstance(found, Match)
    assert found.parameters["resource_path"] == f"{branch}/{path}"


@given(st.text(min_size=1))
def test_a_glob_takes_any_text_slashes_and_line_feeds_included(rest: str) -> None:
    found = Routes.of([Route.of("/a/{b}", ("b",), {"GET": "g"})]).match("GET", f"/a/{rest}")
    assert isinstance(found, Match)
    assert found.parameters == {"b": rest}


@given(st.text())
def test_a_parameter_takes_any_one_segment_but_an_empty_one(segment: str) -> None:
    found = Routes.of([Route.of("/a/{b}", (), {"GET": "g"})]).match("GET", f"/a/{segment}")
    assert isinstance(found, Match) is ("/" not in segment and segment != "")


def test_head_is_served_as_get_and_found_under_its_name() -> None:
    path = "/api/repos/ox/cats/evaluations/7"
    assert OXEN.match("HEAD", path) == OXEN.match("GET", path)
    only_post = Routes.of([Route.of("/a", (), {"POST": "p"})])
    assert only_post.match("HEAD", "/a") == Mismatch(("POST",), shared=False)


def test_a_url_that_templates_share_is_answered_with_the_methods_of_both() -> None:
    assert OXEN.match("DELETE", "/api/repos/ox/cats/evaluations/7") == Mismatch(
        ("GET", "POST"), shared=True
    )
    assert OXEN.match("DELETE", "/api/repos/ox/cats/evaluations/7/8") == Mismatch(
        ("POST",), shared=False
    )
    assert OXEN.match("GET", "/nowhere") == Mismatch((), shared=False)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/a/b", "text"),
        ("/a/c.json", "text and parameter"),
        ("/a/c", "parameter"),
        ("/a/c/d", "two parameters"),
        ("/a/c/d/e", "glob"),
        ("/a/b/d", "text, then parameter"),
        ("/a/", "nothing"),
    ],
)
def test_the_most_specific_route_wins_in_whatever_order_they_come(path: str, name: str) -> None:
    routes = [
        Route.of("/a/b", (), {"GET": "text"}),
        Route.of("/a/{x}", (), {"GET": "parameter"}),
        Route.of("/a/{x}.json", (), {"GET": "text and parameter"}),
        Route.of("/a/{x}/{y}", (), {"GET": "two parameters"}),
        Route.of("/a/b/{y}", (), {"GET": "text, then parameter"}),
        Route.of("/a/{rest}", ("rest",), {"GET": "glob"}),
    ]
    for order in permutations(routes):
        found = Routes.of(order).match("GET", path)
        assert (found.name if isinstance(found, Match) else "nothing") == name


def test_what_looks_like_a_pattern_in_a_template_is_plain_text() -> None:
    routes = Routes.of([Route.of("/a.b/[c]+/(d)", (), {"GET": "g"})])
    assert isinstance(routes.match("GET", "/a.b/[c]+/(d)"), Match)
    assert isinstance(routes.match("GET", "/aXb/cc/d"), Mismatch)


def test_several_parameters_come_back_by_name() -> None:
    found = OXEN.match("GET", "/api/repos/ox/c at/evaluations/7")
    assert isinstance(found, Match)
    assert found.parameters == {"namespace": "ox", "repo_name": "c at", "evaluation_id": "7"}


TEMPLATES = st.lists(
    st.lists(
        st.sampled_from(("a", "b", "{x}", "{y}", "a{x}", "{x}.{y}", "", "{glob}", "{glob}-a")),
        min_size=1,
        max_size=4,
    ).map(lambda parts: "/" + "/".join(dict.fromkeys(parts))),
    max_size=8,
    unique=True,
).filter(lambda found: all(one.count("{x}") < 2 and one.count("{y}") < 2 for one in found))
SHORT_PATHS = st.lists(
    st.sampled_from(("a", "b", "ab", "a.b", "", "c", "a-a", "\n", "{x}")), max_size=5
).map(lambda parts: "/" + "/".join(parts))


@given(TEMPLATES, st.sampled_from(("GET", "POST")), SHORT_PATHS)
def test_the_way_through_the_forks_finds_what_trying_every_route_finds(
    templates: list[str], method: str, path: str
) -> None:
    made = [
        Route.of(
            template, ("glob",) if "{glob}" in template else (), {("GET", "POST")[at % 2]: template}
        )
        for at, template in enumerate(templates)
    ]
    routes = Routes.of(made)
    tried = [route for route in routes.routes if route.pattern.fullmatch(path)]
    found = routes.match(method, path)
    assert routes.has(path) is bool(tried)
    fitting = [route for route in tried if method in route.names]
    if fitting:
        assert isinstance(found, Match)
        assert found.route is fitting[0]
    else:
        assert isinstance(found, Mismatch)
        assert found.allowed == tuple(sorted({name for route in tried for name in route.names}))
        assert found.shared is (len(tried) > 1)
