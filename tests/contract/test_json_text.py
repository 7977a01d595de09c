"""JSON is read as the standard library reads it, strictly, however it is read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.contract.json_text import NotJsonError, read_json, write_json

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=8,
)
BITS = st.sampled_from([
    *(b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\\u", b"d800", b"0041", b"-", b"+", b"."),
    *(b"e", b"E", b"0", b"1", b"9" * 25, b"true", b"nul", b"NaN", b"Infinity", b" ", b"\n", b"\t"),
    *(b"\xef\xbb\xbf", b"\xff", b"\xc3\xa9", b"\xed\xa0\x80", b"\x00", b"\x7f", b"/**/", b"1e999"),
])  # fmt: skip


def by_the_standard_library(raw: bytes) -> tuple[str, Any]:
    """What a strict reader makes of it, by the standard library alone."""

    def refuse(word: str) -> None:
        raise ValueError(word)

    try:
        value = json.loads(raw.decode(), parse_constant=refuse)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()  # no half of a pair
    except (ValueError, RecursionError):
        return "refused", None
    return "read", value


def read(raw: bytes) -> tuple[str, Any]:
    try:
        return "read", read_json(raw)
    except NotJsonError:
        return "refused", None


def kinds(value: object) -> object:
    """The types of a value and of all in it: 1 and 1.0 and True are equal."""
    if isinstance(value, dict):
        return {key: kinds(inner) for key, inner in value.items()}
    return [kinds(inner) for inner in value] if isinstance(value, list) else type(value)


@given(st.lists(BITS, max_size=8).map(b"".join) | st.binary(max_size=12))
@example(b'{"a":1,"a":2}')
@example(b"-0")
@example(b"123456789012345678901234567890")
@example(b"0.1000000000000000055511151231257827021181583404541015625")
@example(b'"\\ud83d\\ude00"')
def test_any_bytes_are_read_as_the_standard_library_reads_them(raw: bytes) -> None:
    found, expected = read(raw), by_the_standard_library(raw)
    assert found == expected
    assert kinds(found[1]) == kinds(expected[1])


@given(VALUES)
def test_what_is_written_is_read_back_as_it_was(value: object) -> None:
    found = read_json(write_json(value))
    assert found == value
    assert kinds(found) == kinds(value)
    assert json.loads(write_json(value)) == value


@given(VALUES)
def test_however_it_was_written_it_is_read_alike(value: object) -> None:
    for text in (json.dumps(value), json.dumps(value, indent=1, ensure_ascii=False)):
        assert read_json(text.encode()) == value


def test_half_of_a_surrogate_pair_cannot_be_written() -> None:
    with pytest.raises(UnicodeEncodeError):
        write_json({"name": "\ud800"})
