"""Cross-origin headers: an API is open to every page, the control API to those it was told of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mockserver.web.cors import control_cors_headers, cors_headers, is_preflight

PAGE = "http://localhost:5173"
ASKED = "content-type, x-mock-control-token"
PREFLIGHT = {
    "origin": PAGE,
    "access-control-request-method": "PUT",
    "access-control-request-headers": ASKED,
}
ANSWERED = ("Content-Type", "X-Mock-Now")
HEADERS = st.dictionaries(st.sampled_from([*PREFLIGHT, "host", "cookie"]), st.text(max_size=20))


def test_an_allowed_page_may_read_what_the_control_api_answers() -> None:
    headers = dict(control_cors_headers("GET", {"origin": PAGE}, PAGE, ANSWERED))
    assert headers["Access-Control-Allow-Origin"] == PAGE
    assert headers["Access-Control-Allow-Credentials"] == "true"
    assert headers["Vary"] == "Origin"
    exposed = headers["Access-Control-Expose-Headers"].split(", ")
    assert {"Retry-After", "WWW-Authenticate", "X-Mock-Now"} <= {*exposed}
    assert "Access-Control-Allow-Methods" not in headers


def test_an_allowed_page_may_ask_with_the_headers_it_named() -> None:
    headers = dict(control_cors_headers("OPTIONS", PREFLIGHT, PAGE, ANSWERED))
    assert headers["Access-Control-Allow-Origin"] == PAGE
    assert {"PUT", "POST", "DELETE"} <= {*headers["Access-Control-Allow-Methods"].split(", ")}
    assert headers["Access-Control-Allow-Headers"] == ASKED
    assert headers["Access-Control-Max-Age"] == "600"


@given(st.sampled_from(["GET", "POST", "OPTIONS"]), HEADERS)
def test_any_other_page_is_told_nothing_whatever_it_sends(
    method: str, headers: dict[str, str]
) -> None:
    assert control_cors_headers(method, headers, None, ANSWERED) == [("Vary", "Origin")]


@given(st.sampled_from(["GET", "OPTIONS"]), HEADERS)
def test_an_allowed_page_gets_of_the_control_api_what_every_page_gets_of_the_others(
    method: str, headers: dict[str, str]
) -> None:
    headers |= {"origin": PAGE}
    assert control_cors_headers(method, headers, PAGE, ANSWERED) == cors_headers(
        method, headers, ANSWERED
    )


def test_an_api_is_open_to_every_page_and_to_none_in_particular() -> None:
    page = dict(cors_headers("GET", {"origin": "http://anywhere.test"}, ANSWERED))
    assert page["Access-Control-Allow-Origin"] == "http://anywhere.test"
    nobody = dict(cors_headers("GET", {}, ANSWERED))
    assert nobody["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in nobody  # which do not go with a star


def test_a_preflight_is_an_options_that_names_its_origin_and_a_method() -> None:
    assert is_preflight("OPTIONS", PREFLIGHT)
    assert not is_preflight("GET", PREFLIGHT)
    assert not any(is_preflight("OPTIONS", {name: PREFLIGHT[name]}) for name in PREFLIGHT)
