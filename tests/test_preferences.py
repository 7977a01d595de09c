"""The Prefer header (RFC 7240), as clients write it and as nobody should."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.apis.oxen.envelope import ASKABLE
from mockserver.moods import Mood
from mockserver.preferences import Preferences, UnreadablePreferenceError, read_preferences

TOKENS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_.", min_size=1, max_size=20).filter(
    lambda name: name not in {"code", "example", "dynamic", "seed"}
)
PIECES = st.sampled_from(
    ("code", "example", "dynamic", "seed", "404", "=", ",", ";", '"', "\\", " ", "\t", "a", "é")
)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("", Preferences()),
        ("code=404", Preferences(code=404)),
        ("Code = 404", Preferences(code=404)),
        ('code="404"', Preferences(code=404)),
        ("example=slow", Preferences(example="slow")),
        ('example="a, b; c"', Preferences(example="a, b; c")),
        (r'example="say \"hi\" \\"', Preferences(example=r'say "hi" \ '.strip())),
        ("code=429, example=slow", Preferences(code=429, example="slow")),
        ("code=429; wait=5, example=slow; x", Preferences(code=429, example="slow")),
        ('foo; bar="a, code=500", example=slow', Preferences(example="slow", unknown=("foo",))),
        ("dynamic=strict, seed=7", Preferences(dynamic=Mood.STRICT, seed="7")),
        ("dynamic", Preferences(dynamic=Mood.STRICT)),
        ("dynamic=True", Preferences(dynamic=Mood.STRICT)),
        ("Dynamic=Published; seed=1", Preferences(dynamic=Mood.PUBLISHED)),
        ('dynamic="broken", seed="a/b:c~1"', Preferences(dynamic=Mood.BROKEN, seed="a/b:c~1")),
        ("dynamic=false", Preferences(dynamic=False)),
        ("respond-async, wait=100", Preferences(unknown=("respond-async", "wait"))),
        ("return=minimal", Preferences(unknown=("return",))),
    ],
)
def test_preferences_are_read_as_rfc_7240_writes_them(header: str, found: Preferences) -> None:
    assert read_preferences(header, ASKABLE) == found


def test_of_a_repeated_preference_the_first_counts() -> None:
    assert read_preferences("code=404, code=500, CODE=503", ASKABLE).code == 404
    assert read_preferences("example=a; x, Example=b", ASKABLE).example == "a"


@pytest.mark.parametrize("header", [", code=404", "code=404,", " , ,code=404, ,", "\tcode=404\t"])
def test_empty_elements_of_the_list_count_for_nothing(header: str) -> None:
    assert read_preferences(header, ASKABLE) == Preferences(code=404)


@pytest.mark.parametrize("code", ASKABLE)
def test_every_askable_code_is_taken(code: int) -> None:
    assert read_preferences(f"code={code}", ASKABLE).code == code


@pytest.mark.parametrize(
    "value", ["", "200", "999", "4o4", "404.0", "-404", "0404", "\uff14\uff10\uff14", "4 04"]
)
def test_a_code_that_cannot_be_answered_is_refused(value: str) -> None:
    with pytest.raises(UnreadablePreferenceError, match="code: expected one of 400, 401") as told:
        read_preferences(f"code={value}", ASKABLE)
    assert f"found {value!r}" in str(told.value)


@pytest.mark.parametrize("header", ["code", "code;x=404", 'code=""'])
def test_a_code_without_a_value_is_refused(header: str) -> None:
    with pytest.raises(UnreadablePreferenceError, match="found ''"):
        read_preferences(header, ASKABLE)


@pytest.mark.parametrize("header", ["example", "example=", 'example=""', "example;x=slow"])
def test_an_example_without_a_name_is_refused(header: str) -> None:
    with pytest.raises(UnreadablePreferenceError, match="expected the name of a fixture"):
        read_preferences(header, ASKABLE)


def test_a_refusal_stays_short_whatever_was_sent() -> None:
    with pytest.raises(UnreadablePreferenceError) as told:
        read_preferences("code=" + "4" * 60_000, ASKABLE)
    assert len(str(told.value)) < 200
    assert len(read_preferences("x" * 60_000, ASKABLE).unknown[0]) == 40


@given(st.lists(TOKENS, unique=True), st.text(st.characters(codec="ascii"), min_size=1))
def test_whatever_is_quoted_stays_whole(names: list[str], text: str) -> None:
    quoted = text.replace("\\", r"\\").replace('"', r"\"")
    elements = [*(f'{name}="{quoted}"; p="x, y"' for name in names), f'example="{quoted}"']
    assert read_preferences(", ".join(elements), ASKABLE) == Preferences(
        example=text, unknown=tuple(names)
    )


@given(st.text() | st.lists(PIECES, max_size=30).map("".join))
def test_no_text_raises_anything_but_an_unreadable_preference(header: str) -> None:
    try:
        found = read_preferences(header, ASKABLE)
    except UnreadablePreferenceError as error:
        reason = str(error)
    else:
        reason = "" if found.code in {None, *ASKABLE} and found.example != "" else "impossible"
    known = ("code: expected", "example: expected", "dynamic: expected", "seed: expected")
    assert reason == "" or reason.startswith(known)


@pytest.mark.parametrize(
    "header",
    [
        "a" + " " * 30_000 + ";" + " " * 30_000 + '"',
        'a="' + "\\" * 60_001,
        'a="' + '\\"' * 30_000,
        'a;"' * 20_000,
        "," * 60_000,
    ],
)
def test_an_absurd_header_is_read_in_one_pass(header: str) -> None:
    assert read_preferences(header, ASKABLE).code is None
