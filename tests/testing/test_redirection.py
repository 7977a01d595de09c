"""An API's own address leads into the sandbox, and nothing leads anywhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.testing.redirection import ElsewhereError, redirected

ORIGINS = ("https://hub.oxen.ai", "https://dev.hub.oxen.ai")
SANDBOX = "http://127.0.0.1:4010/sandbox/mine"
SEGMENTS = st.lists(st.sampled_from(["api", "main%2Fa.parquet", "%C3%A9", "a b", "", "..", "*x"]))


@given(SEGMENTS, st.sampled_from(["", "?a=1", "?a=%2F&a", "?"]))
def test_everything_after_the_origin_stays_as_it_was_written(
    segments: list[str], query: str
) -> None:
    rest = "/" + "/".join(segments) + query
    assert redirected(f"https://hub.oxen.ai{rest}", ORIGINS, SANDBOX) == SANDBOX + rest


@pytest.mark.parametrize(
    "url",
    [
        "https://hub.oxen.ai/api", "https://HUB.oxen.ai/api", "https://hub.oxen.ai:443/api",
        "https://dev.hub.oxen.ai/api", "https://hub.oxen.ai/api#part", "https://u:p@hub.oxen.ai/api",
    ],
)  # fmt: skip
def test_an_origin_is_known_however_it_is_written(url: str) -> None:
    assert redirected(url, ORIGINS, SANDBOX) == f"{SANDBOX}/api"


def test_what_is_the_sandbox_s_own_already_stays() -> None:
    assert redirected(f"{SANDBOX}/api", ORIGINS, SANDBOX) == f"{SANDBOX}/api"


@pytest.mark.parametrize(
    "url",
    [
        "http://hub.oxen.ai/api", "https://hub.oxen.ai:8443/api", "https://hub.oxen.ai.example/api",
        "https://example.com/hub.oxen.ai", "http://127.0.0.1:4011/api", "https://user@example.com/",
    ],
)  # fmt: skip
def test_anything_else_is_not_sent(url: str) -> None:
    with pytest.raises(ElsewhereError, match="it was not sent"):
        redirected(url, ORIGINS, SANDBOX)
