"""Durations as people write them, and what is no duration."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.durations import format_duration, parse_duration

MILLISECOND = timedelta(milliseconds=1)
UNITS = ("ms", "s", "m", "h", "d")
whole_milliseconds = st.integers(-(10**13), 10**13).map(lambda count: count * MILLISECOND)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("0s", timedelta()),
        ("2s", timedelta(seconds=2)),
        ("1m30s", timedelta(seconds=90)),
        ("250ms", timedelta(milliseconds=250)),
        ("0.5ms", timedelta(microseconds=500)),
        ("1.5h", timedelta(minutes=90)),
        ("1d2h3m4s5ms", timedelta(days=1, hours=2, minutes=3, seconds=4, milliseconds=5)),
        ("90s", timedelta(seconds=90)),
        ("-20s", timedelta(seconds=-20)),
        ("-1m30s", timedelta(seconds=-90)),
        ("-0s", timedelta()),
        ("0.1s", timedelta(milliseconds=100)),
        ("999999999d", timedelta(days=999_999_999)),
    ],
)
def test_a_duration_is_the_sum_of_its_parts(text: str, span: timedelta) -> None:
    assert parse_duration(text) == span


@given(whole_milliseconds)
def test_what_is_formatted_is_parsed_back(span: timedelta) -> None:
    assert parse_duration(format_duration(span)) == span


@given(st.timedeltas(timedelta(days=-10_000), timedelta(days=10_000)))
def test_formatting_loses_less_than_a_millisecond(span: timedelta) -> None:
    assert abs(parse_duration(format_duration(span)) - span) < MILLISECOND


@given(st.lists(st.tuples(st.integers(0, 1000), st.sampled_from(UNITS)), min_size=1))
def test_parts_count_in_any_order(parts: list[tuple[int, str]]) -> None:
    texts = [f"{count}{unit}" for count, unit in parts]
    assert parse_duration("".join(texts)) == sum(map(parse_duration, texts), timedelta())


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(), "0s"),
        (timedelta(seconds=90), "1m30s"),
        (timedelta(seconds=-90), "-1m30s"),
        (timedelta(days=2, milliseconds=7), "2d7ms"),
        (timedelta(microseconds=999), "0s"),
        (timedelta(microseconds=-999), "0s"),
    ],
)
def test_a_duration_is_formatted_as_short_as_can_be(span: timedelta, text: str) -> None:
    assert format_duration(span) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", "s", "10", "1.5", "2 s", " 2s", "2s ", "2s\n", "2S", "2sec", "1m30", "--2s"),
        *("+2s", "2s-1s", ".5s", "2.s", "1e3s", "1,5s", "٢s", "2μs", "2w", "∞s"),
    ],
)
def test_what_is_no_duration_is_refused_with_what_was_expected_and_found(text: str) -> None:
    with pytest.raises(ValueError, match="expected a duration with units") as refused:
        parse_duration(text)
    assert str(refused.value).endswith(f"found {text!r}")


@pytest.mark.parametrize("text", ["1000000000d", "-1000000000d", "9" * 5000 + "s"])
def test_a_duration_longer_than_dates_can_carry_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a duration that dates can carry"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["9" * 200_000, "1." * 200_000, "9" * 1_000_000 + "d"], ids=len)
def test_a_text_of_any_length_is_refused_at_once_and_in_a_short_line(text: str) -> None:
    with pytest.raises(ValueError, match="expected a duration") as refused:
        parse_duration(text)
    assert len(str(refused.value)) < 150


@given(st.text() | st.text("0123456789.-msdh"))
def test_any_text_is_a_duration_or_refused(text: str) -> None:
    try:
        span = parse_duration(text)
    except ValueError as error:
        told = str(error)
    else:
        told = f"expected nothing else than {span}"
    assert told.startswith("expected ")
