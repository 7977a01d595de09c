"""Problems of any status: each API, and the control paths, have words for all of them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.apis.nugen import envelope as nugen
from mockserver.apis.oxen import envelope as oxen
from mockserver.problems import STATUSES, RefusedError, phrase_of, render_control

ANY = st.integers(400, 599)


@given(ANY, st.sampled_from(["", "why"]))
def test_a_problem_of_any_status_has_an_answer_of_that_status(status: int, detail: str) -> None:
    error = RefusedError(status, detail, headers=(("X-More", "1"),))
    assert str(error) == (detail or phrase_of(status))
    for render in (oxen.render, nugen.render, render_control):
        answer = render(error)
        assert (answer.status, answer.header("X-More")) == (status, "1")
        assert answer.body


@given(ANY)
def test_the_hubs_type_is_a_name_and_its_title_a_sentence(status: int) -> None:
    told = json.loads(oxen.render(RefusedError(status)).body)
    assert told["status_message"] == told["error"]["type"]
    assert told["error"]["type"].replace("_", "").isalpha()
    assert told["error"]["type"] == told["error"]["type"].lower()
    assert told["error"]["title"]


@pytest.mark.parametrize(
    ("status", "type_", "title"),
    [
        (409, "conflict", "The request does not fit the state of the resource."),
        (410, "gone", "The resource was here and is no more."),
        (418, "im_a_teapot", "I'm a Teapot"),
        (502, "bad_gateway", "Bad Gateway"),
        (505, "http_version_not_supported", "HTTP Version Not Supported"),
        (499, "error", "Error 499"),
        (599, "error", "Error 599"),
    ],
)
def test_a_status_that_the_hub_never_sends_is_told_in_its_style(
    status: int, type_: str, title: str
) -> None:
    told = json.loads(oxen.render(RefusedError(status)).body)
    assert told["error"] == {"type": type_, "title": title}


def test_every_status_that_any_api_may_refuse_with_stands_in_the_hubs_table() -> None:
    assert STATUSES - oxen.TYPES.keys() == set()


def test_a_status_that_nobody_has_registered_is_told_by_its_number() -> None:
    assert json.loads(nugen.render(RefusedError(599)).body) == {"detail": "Error 599"}
    told = json.loads(render_control(RefusedError(599)).body)
    assert told == {"type": "about:blank", "title": "Error 599", "status": 599}
