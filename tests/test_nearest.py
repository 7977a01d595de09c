"""Hints: the path that came nearest, and why it did not take what was asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.bundled import bundled
from mockserver.contract.contract import Contract
from mockserver.contract.routes import Route
from mockserver.core.exchange import Request
from mockserver.nearest import nearest, tidied

ONE = "/api/repos/{namespace}/{repo_name}/evaluations/{evaluation_id}"
NEW = "/api/repos/{namespace}/{repo_name}/evaluations/{resource_path}"
FILE = "/api/files/{name}.csv"
RAW = "/api/raw/{path}/at/{commit}"


def routes_of(api: str) -> tuple[Route, ...]:
    """The routes of an API as it is published."""
    text = (bundled("spec") / f"{api}.yaml").read_text("utf-8")
    return Contract.load(api, text, f"{api}.yaml", ()).routes.routes


ROUTES = (
    Route.of(ONE, (), {"GET": "get"}),
    Route.of(NEW, ("resource_path",), {"POST": "create"}),
    Route.of(FILE, (), {"GET": "file"}),
    Route.of(RAW, ("path",), {"GET": "raw"}),
)
ALL = tuple(route for api in ("oxen", "nugen") for route in routes_of(api))
SEGMENTS = st.text(max_size=80) | st.sampled_from(
    ("api", "v3", "repos", "ox", "evaluations", "evals", "benchmark", "status", "", ".", "/", "\n")
)


def hint(path: str, method: str = "GET") -> str:
    return nearest(ROUTES, Request(method, path))


@pytest.mark.parametrize(
    ("path", "why"),
    [
        pytest.param(
            "/api/repos/ox/cats/evals/1",
            ', where segment 5 is "evaluations" and not "evals"',
            id="another word",
        ),
        pytest.param(
            "/API/repos/ox/cats/evaluations/1",
            ', where segment 1 is "api" and not "API"',
            id="another case",
        ),
        pytest.param(
            "/api/repos/ox/cats/evaluations",
            ", which has 6 segments and not 5: segment 6, {evaluation_id}, is missing",
            id="the last one is missing",
        ),
        pytest.param(
            "/api/repos/ox/evaluations/1",
            ', which has 6 segments and not 5: segment 5 is "evaluations" and not "1"',
            id="one in between is missing",
        ),
        pytest.param(
            "/api/repos/ox/cats/evaluations/1/rows",
            ', which has 6 segments and not 7: segment 7, "rows", is too many',
            id="one too many",
        ),
        pytest.param(
            "/api/repos/ox/cats//evals/1/",
            ', where segment 5 is "evaluations" and not "evals"',
            id="empty segments do not count",
        ),
        pytest.param(
            '/api/repos/ox/cats/"evals"/1',
            r', where segment 5 is "evaluations" and not "\"evals\""',
            id="quotes are told as such",
        ),
    ],
)
def test_a_hint_says_which_segment_is_amiss(path: str, why: str) -> None:
    assert hint(path) == f"nearest: {ONE}{why}"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        pytest.param(
            "/api/repos/ox/cats/evaluations",
            ", which has at least 6 segments and not 5: segment 6, {resource_path}, is missing",
            id="nothing to span",
        ),
        pytest.param(
            "/api/repos/ox/evaluations/main/a/b/c",
            ', where segment 5 is "evaluations" and not "main"',
            id="what stands before the span",
        ),
    ],
)
def test_a_parameter_that_spans_slashes_takes_any_number_of_segments(path: str, why: str) -> None:
    assert hint(path, "POST") == f"nearest: {NEW}{why}"


def test_what_stands_after_a_span_is_counted_from_the_end() -> None:
    told = hint("/api/raw/main/a/b/on/1")
    assert told == f'nearest: {RAW}, where segment 6 is "at" and not "on"'


def test_a_segment_that_is_partly_text_is_told_whole() -> None:
    told = hint("/api/files/cats.tsv")
    assert told == f'nearest: {FILE}, where segment 3 is "{{name}}.csv" and not "cats.tsv"'


def test_a_path_right_but_for_its_slashes_and_its_method_is_told_of_the_slashes() -> None:
    told = hint("/api/repos/ox/cats/evaluations/1/", "DELETE")
    assert told.endswith(", without empty segments or a final slash")


def test_a_template_of_one_segment_has_no_segments() -> None:
    routes = [Route.of("/health", (), {"GET": "health"})]
    told = nearest(routes, Request("GET", "/health/all"))
    assert told == 'nearest: /health, which has 1 segment and not 2: segment 2, "all", is too many'


def test_a_path_like_none_is_told_what_there_is() -> None:
    assert hint("/nothing").startswith(f"no path is like this one; there are {ONE}, ")


def test_a_long_path_is_not_taken_for_the_path_that_it_starts_with() -> None:
    path = f"/api/repos/ox/cats/evaluations/{'a' * 300}/rows"
    assert tidied(ROUTES, Request("GET", path)) == ""
    assert hint(path).endswith('which has 6 segments and not 7: segment 7, "rows", is too many')


@pytest.mark.parametrize(
    "path",
    [
        "/api/repos/ox/cats/evaluations" + "/a" * 30_000,
        "/api/repos/ox/cats/evaluations/" + "a" * 60_000 + "/b",
        "/api/repos/ox/cats/" + "e" * 60_000 + "/1",
        "/" * 60_000 + "api/repos/ox/cats/evals/1",
        "/api/repos/evaluations" + "\n" * 60_000,
    ],
)
def test_an_absurd_path_gets_a_hint_as_short_as_any(path: str) -> None:
    assert len(hint(path)) < 400


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "get"])
@given(segments=st.lists(SEGMENTS, max_size=9))
def test_every_path_gets_a_hint_that_fits_into_a_header(method: str, segments: list[str]) -> None:
    told = nearest(ALL, Request(method, "/" + "/".join(segments)))
    assert 0 < len(told) <= 400


@given(
    st.lists(st.text("abc", min_size=1, max_size=3), min_size=3, max_size=3),
    st.sampled_from((0, 1, 4)),
    st.text("xyz", min_size=1, max_size=5),
)
def test_the_segment_that_was_changed_is_the_one_that_is_told(
    values: list[str], at: int, other: str
) -> None:
    steps = ["api", "repos", *values[:2], "evaluations", values[2]]
    word, steps[at] = steps[at], other
    told = hint("/" + "/".join(steps))
    assert told == f'nearest: {ONE}, where segment {at + 1} is "{word}" and not "{other}"'
