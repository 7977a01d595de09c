"""What clients say in headers and paths: preferences, and the sandbox that they mean."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from amounts import hundreds
from hypothesis import given
from hypothesis import strategies as st
from mangled import ANY_TEXT, CHARACTERS, NUMBERS, mangled
from refusals import meant

from mockserver.apis.oxen import envelope
from mockserver.core.exchange import Request
from mockserver.preferences import Preferences, UnreadablePreferenceError, read_preferences
from mockserver.problems import RefusedError
from mockserver.selection import DEFAULT, LONGEST_NAME, named_by, prefix_of, split_path

ASKABLE = envelope.ASKABLE
KNOWN = frozenset({"code", "example", "dynamic", "seed"})
"""Preferences with a meaning, now or one day: what is said of unknown ones is said of others."""

PREFERRED = (
    *("code=404", "example=happy-path", 'code="404"; a=b, example="a, b"', "wait=5, code=500;x"),
    *("respond-async, handling=lenient", 'example="a \\"quoted\\" one"', "CODE=404 , Example = x"),
)
MARKS = ('"', "\\", ",", ";", "=", '""', '\\"', "code", "example", " ", "code=", "," * 50, '"' * 51)
HEADERS = ANY_TEXT | mangled(PREFERRED, st.sampled_from((*MARKS, *NUMBERS, *CHARACTERS)))
TOKENS = st.from_regex(r"[!#$%&'*+.^_`|~0-9a-z-]{1,20}", fullmatch=True)
"""Tokens of RFC 9110, 5.6.2."""

NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)
SPACES = st.sampled_from(("", " ", "\t", "  "))


@hundreds(3)
@given(HEADERS)
def test_a_header_is_preferences_or_says_which_of_them_cannot_be(header: str) -> None:
    found = meant(lambda: read_preferences(header, ASKABLE), UnreadablePreferenceError)
    if found is None:
        return
    assert found.code is None or found.code in ASKABLE
    assert found.example != ""
    assert all(0 < len(name) <= 40 for name in found.unknown)
    assert not {"code", "example"} & set(found.unknown)


def quoted(text: str) -> str:
    """A text as a quoted string of RFC 9110, 5.6.4."""
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


@hundreds(1.5)
@given(
    st.sampled_from(ASKABLE),
    NAMES,
    st.lists(TOKENS.filter(lambda name: name not in KNOWN), max_size=3),
    SPACES,
    st.booleans(),
)
def test_preferences_are_read_as_they_were_written_whatever_stands_around_them(
    code: int, example: str, others: list[str], space: str, is_quoted: bool
) -> None:
    told_code = quoted(str(code)) if is_quoted else str(code)
    written = [
        f"Code{space}={space}{told_code};{space}a={quoted(',')}",
        f"example={space}{quoted(example)}{space};b",
        *others,
        f"code={quoted('9, 9')}",  # of a repeated one the first counts
    ]
    found = read_preferences(f"{space},{space}".join(written), ASKABLE)
    assert found == Preferences(code=code, example=example, unknown=tuple(dict.fromkeys(others)))


@hundreds(3)
@given(
    st.none() | ANY_TEXT,
    st.none() | ANY_TEXT,
    st.none()
    | st.builds("{}{}".format, st.sampled_from(("Bearer sbx_", "bearer  sbx_")), ANY_TEXT),
)
def test_a_request_names_one_sandbox_or_none_or_is_refused(
    in_path: str | None, header: str | None, token: str | None
) -> None:
    told = {"x-mock-sandbox": header, "authorization": token}
    headers = {name: value for name, value in told.items() if value is not None}
    request = Request("GET", "/", (), headers, b"", in_path)
    name = meant(lambda: named_by(request), RefusedError)
    assert name is None or 1 <= len(name) <= LONGEST_NAME
    assert name is None or name.encode()


@hundreds(3)
@given(NAMES.filter(lambda name: name != DEFAULT), st.sampled_from(("/", "/api/a/b", "/_mock/x")))
def test_a_name_is_read_from_path_header_and_token_as_it_was_written(name: str, path: str) -> None:
    whole = unquote(prefix_of(name) + path)
    assert split_path(whole, lambda below: below == path, lambda known: known == name) == (
        name,
        path,
    )
    encoded = quote(name, safe="")
    headers = {"x-mock-sandbox": encoded, "authorization": f"Bearer sbx_{encoded}"}
    assert named_by(Request("GET", path, (), headers, b"", name)) == name
