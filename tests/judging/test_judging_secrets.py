"""No token is ever told, whatever it looks like and wherever the traffic repeats it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recordings import (
    CREATE_BODY,
    EVALUATION,
    QUEUED,
    RUNNING,
    Json,
    altered,
    archive,
    created,
    entry,
    headers_of,
    judged,
    shown,
)

from mockserver.judging.telling import as_json, as_junit, as_text

SECRETS = (
    st.text(
        st.characters(codec="ascii", categories=["L", "N"], include_characters="-._~+/="),
        min_size=12,
        max_size=90,
    )
    .filter(lambda text: text.strip("=") == text and not text.endswith("...") and "://" not in text)
    .map("Zq7{}".format)
)
"""None is a word of ours by chance: Hypothesis draws texts from the code that it runs, too."""


def everything(har: Json) -> str:
    told = judged(har)
    assert not told["clean"]
    return "\n".join([*as_text(told), as_json(told), as_junit(told)])


def repeating(secret: str) -> Json:
    """An exchange that holds a secret and repeats it wherever something is told of."""
    echo = shown(RUNNING | {"status": secret, "name": f"x {secret}", secret: secret, "id": secret})
    url = EVALUATION.replace("/cats/", f"/{secret.replace('/', '')}/")
    asked = {"authorization": f"Bearer {secret}", "Prefer": "x"}
    return entry(url, echo, asked=asked)


@given(SECRETS)
def test_no_bearer_token_is_told(secret: str) -> None:
    assert secret not in everything(archive(repeating(secret)))


@given(SECRETS)
def test_no_part_of_a_token_is_told_where_a_long_text_is_cut(secret: str) -> None:
    long = secret + "tail" * 30
    har = archive(
        entry(
            EVALUATION,
            shown(RUNNING | {"status": long, "prompt": 1}),
            asked={"authorization": f"Bearer {long}"},
        ),
    )
    assert long[:12] not in everything(har)


PLACES = {
    "a cookie": {"request/headers": headers_of({"Cookie": "a=1; session=s3cr3t-of-mine"})},
    "a cookie that is set": {
        "response/headers": headers_of(
            {
                "Content-Type": "application/json",
                "set-cookie": "session=s3cr3t-of-mine; HttpOnly; Path=/",
            }
        )
    },
    "the list of cookies": {"request/cookies": [{"name": "session", "value": "s3cr3t-of-mine"}]},
    "a key": {"request/headers": headers_of({"X-API-Key": "s3cr3t-of-mine"})},
    "a proxy's": {"request/headers": headers_of({"proxy-authorization": "Basic s3cr3t-of-mine"})},
    "another header": {"request/headers": headers_of({"X-Session-Token": "s3cr3t-of-mine"})},
    "the query": {"request/url": f"{EVALUATION}?a=1&access_token=s3cr3t-of-mine"},
    "the URL": {"request/url": EVALUATION.replace("://", "://me:s3cr3t-of-mine@")},
}


@pytest.mark.parametrize("hidden", PLACES.values(), ids=PLACES)
def test_a_secret_is_known_by_where_it_stands(hidden: dict[str, object]) -> None:
    exchange = entry(EVALUATION, shown(RUNNING | {"status": "s3cr3t-of-mine"}))
    for path, value in hidden.items():
        exchange = altered(exchange, path, value)
    told = everything(archive(exchange))
    assert "s3cr3t-of-mine" not in told
    assert "[secret]" in told


def test_what_is_no_secret_is_told_as_it_is() -> None:
    har = archive(
        entry(EVALUATION, shown(RUNNING | {"status": "token"}), asked={"Authorization": "Bearer x"})
    )
    assert 'found \\"token\\"' in everything(har) or 'found "token"' in everything(har)


def test_a_body_that_was_sent_is_never_told_whole() -> None:
    prompt = "a long and private prompt " * 40
    sent = CREATE_BODY | {"prompt": prompt, "input_type": prompt}
    assert prompt[:100] not in everything(archive(created(shown(QUEUED), sent=sent)))


def test_nothing_that_is_told_moves_a_terminal() -> None:
    wild = "\x1b[2J\x9b\u202e\n"
    har = archive(entry(EVALUATION.replace("cats", f"cats{wild}"), json.dumps(shown({wild: wild}))))
    for line in as_text(judged(har)):
        assert line.isprintable()
