"""Durations and instants, as people and programs write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from amounts import hundreds
from hypothesis import given
from hypothesis import strategies as st
from mangled import ANY_TEXT, CHARACTERS, NUMBERS, mangled
from refusals import meant

from mockserver.contract.formats import is_date_time
from mockserver.core.clock import EARLIEST, LATEST
from mockserver.durations import format_duration, parse_duration
from mockserver.instants import NoInstantError, instant_text, read_instant

MILLISECOND = timedelta(milliseconds=1)
DURATIONS = ("0s", "500ms", "1m30s", "-20s", "1.5h", "2d7ms", "1h1h", "00.050s", "36500d")
INSTANTS = (
    *("2026-03-01T12:00:03Z", "2026-03-01t12:00:03.123456789z", "2016-12-31T23:59:60Z"),
    *("2026-03-01T12:00:03+05:30", "1970-01-01T00:00:00-23:59", "9999-12-31T23:59:60-23:59"),
    *("0001-01-01T00:00:00+23:59", "9000-01-01T00:00:00Z", "2026-03-01 12:00:03", "2026-W09-7"),
)
NASTY = st.sampled_from(
    (*NUMBERS, *CHARACTERS, "ms", "s", "m", "h", "d", "-", ".", "9" * 1_000_001)
)
LONG = st.builds(
    lambda digits, count, unit: f"{digits * count}{unit}",
    st.sampled_from(["9", "1.0", "0", "1s", "1.", "0.9", "9d"]),
    st.integers(1, 200_000),
    st.sampled_from(["ms", "s", "d", "", "x", "\n"]),
)
"""Texts at whose length a parser could take its time."""


@hundreds(3)
@given(ANY_TEXT | mangled(DURATIONS, NASTY) | LONG)
def test_a_text_is_a_duration_that_is_written_back_to_the_millisecond_or_is_refused(
    text: str,
) -> None:
    span = meant(lambda: parse_duration(text), ValueError, "expected a duration ")
    if span is None:
        return
    again = parse_duration(format_duration(span))
    assert again == (abs(span) // MILLISECOND) * MILLISECOND * (-1 if span < timedelta() else 1)
    assert format_duration(again) == format_duration(span)


@hundreds(3)
@given(st.integers(-(10**14), 10**14))
def test_every_duration_of_whole_milliseconds_is_read_as_it_was_written(count: int) -> None:
    assert parse_duration(format_duration(count * MILLISECOND)) == count * MILLISECOND


@hundreds(3)
@given(ANY_TEXT | mangled(INSTANTS, NASTY))
def test_a_text_is_an_instant_of_ours_that_is_written_back_or_is_refused(text: str) -> None:
    instant = meant(lambda: read_instant(text), NoInstantError, "expected an instant ")
    if instant is None:
        return
    assert EARLIEST <= instant <= LATEST
    assert instant.tzinfo is UTC
    assert read_instant(instant_text(instant)) == instant


@hundreds(3)
@given(st.datetimes(datetime(1970, 1, 1), datetime(8999, 12, 31)))  # noqa: DTZ001 made aware below
def test_every_instant_is_read_as_it_was_written(naive: datetime) -> None:
    instant = naive.replace(tzinfo=UTC)
    assert is_date_time(instant_text(instant))
    assert read_instant(instant_text(instant)) == instant
