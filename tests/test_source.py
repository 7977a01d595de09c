"""Reading YAML and JSON: what is read, what is refused, and at which line."""

from __future__ import annotations

import contextlib
import json
import re
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.errors import FlawedError
from mockserver.source import (
    DEEPEST,
    AmbiguousError,
    dump,
    read_document,
    read_fixture,
    walk,
)

PRINTABLE = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufeff")
)
ANY_TEXT = st.text(st.characters(exclude_categories=()))
YAML_LIKE = st.lists(
    st.sampled_from(
        (
            *("a", "b", ":", " ", "\n", "- ", "[", "]", "{", "}", ",", '"', "'", "&a", "*a", "!t "),
            *("<<", "|", ">", "#", "---", "?", "no", "0x1", "1", ".nan", "\t", "\\ud800", "\x00"),
        )
    ),
    max_size=25,
).map("".join)


def values(texts: st.SearchStrategy[str]) -> st.SearchStrategy[object]:
    """Whatever JSON can say."""
    numbers = st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
    leaves = st.none() | st.booleans() | numbers | texts
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
        max_leaves=12,
    )


def flaws_of(text: str) -> list[str]:
    """What is wrong with a fixture, each as one line of text; empty for a fixture that is read."""
    try:
        read_fixture(text, "f.yaml")
    except FlawedError as error:
        return [str(flaw) for flaw in error.flaws]
    return []


# -- what is read -----------------------------------------------------------------------------


@given(values(st.text(st.characters(codec="utf-8"))))
def test_whatever_json_can_say_is_read_back_from_json(value: object) -> None:
    assert read_document(json.dumps(value), "d") == value
    assert read_document(json.dumps(value, indent=2), "d") == value


@given(values(PRINTABLE))
def test_whatever_json_can_say_is_read_back_from_yaml(value: object) -> None:
    dumped = yaml.safe_dump(value, allow_unicode=True, default_style='"')
    untagged = re.sub(r'!!\w+ "([^"]*)"', r"\1", dumped)  # quoted style tags what is no text
    assert read_document(untagged, "d") == value


@given(values(PRINTABLE))
def test_a_fixture_reads_like_a_document(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert read_fixture(text, "f").value == read_document(text, "d") == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# nothing but a comment", None),
        ("a:", {"a": None}),
        ("a: ~", {"a": None}),
        ("[true, True, TRUE, false]", [True, True, True, False]),
        ("[1, -2, +3, 0]", [1, -2, 3, 0]),
        ("[1.5, -.5, 2., 1e3, 1.5e-3]", [1.5, -0.5, 2.0, 1000.0, 0.0015]),
        ("1: x", {"1": "x"}),
        ("null: x", {"null": "x"}),
        ("a: 'no'", {"a": "no"}),
        ('a: "2024-01-01"', {"a": "2024-01-01"}),
        ("a: |\n  two\n  lines\n", {"a": "two\nlines\n"}),
        ("a: >\n  one\n  line\n", {"a": "one line\n"}),
        ("a: !!str 12", {"a": "12"}),
        ("a: ! 12", {"a": "12"}),
        ("a: nope", {"a": "nope"}),
        ("a: 1.2.3", {"a": "1.2.3"}),
        ("a: 41148aa1-906c-411c-b84b-847d980e8896", {"a": "41148aa1-906c-411c-b84b-847d980e8896"}),
        ("\ufeffa: 1", {"a": 1}),
        ("{a: 1, b: [2]}", {"a": 1, "b": [2]}),
        ("---\na: 1\n...\n", {"a": 1}),
        ("a: " + "9" * 4000, {"a": int("9" * 4000)}),
    ],
)
def test_plain_yaml_is_read_by_the_core_schema(text: str, value: object) -> None:
    assert read_fixture(text, "f").value == value
    assert read_document(text, "d") == value


@pytest.mark.parametrize(
    "text",
    [
        *("no", "Yes", "on", "y", "2024-01-01", "2024-01-01 12:00:00", "1:30", "012", "0x1F"),
        *("0o17", "0b1", "1_000"),
    ],
)
def test_a_document_gets_the_text_where_a_fixture_is_refused(text: str) -> None:
    assert read_document(f"a: {text}", "d") == {"a": text}
    with pytest.raises(AmbiguousError) as refused:
        read_fixture(f"# one\na: {text}", "f.yaml")
    [flaw] = refused.value.flaws
    assert flaw.place == "f.yaml:2"
    assert f'quotes around it ("{text}")' in flaw.expected
    assert read_fixture(f'a: "{text}"', "f").value == {"a": text}


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan"])
def test_a_number_that_json_cannot_carry_is_refused_as_one(text: str) -> None:
    assert read_document(f"a: {text}", "d") == {"a": text}
    with pytest.raises(AmbiguousError) as refused:
        read_fixture(f"a: {text}", "f.yaml")
    [flaw] = refused.value.flaws
    assert (flaw.expected, flaw.found) == ("a number", "one that JSON cannot carry")


def test_an_alias_repeats_what_its_anchor_named() -> None:
    text = "a: &x {b: [1]}\nc: *x\nd: &x 2\ne: *x"
    assert read_fixture(text, "f").value == {"a": {"b": [1]}, "c": {"b": [1]}, "d": 2, "e": 2}


def test_every_value_knows_its_line_and_what_has_none_that_of_its_surroundings() -> None:
    source = read_fixture("a: 1\nb:\n  - c\n  - d: 2\n", "f.yaml")
    assert source.where(()) == "f.yaml:1"
    assert source.where(("b", 0)) == "f.yaml:3"
    assert source.where(("b", 1, "d")) == "f.yaml:4"
    assert source.where(("b", 1, "d", "e", 5)) == "f.yaml:4"
    assert source.where(("nowhere",)) == "f.yaml:1"


# -- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\nb: 2\na: 3", 3, "a for the second time"),
        ("a:\n  b: 1\n  'b': 2", 3, "b for the second time"),
        ("a: 1\n<<: {b: 2}", 2, "a merge key"),
        ("a: !!python/object:os.system x", 1, "the tag tag:yaml.org,2002:python/object"),
        ("a: 1\nb: !mine {c: 1}", 2, "the tag !mine"),
        ("a: !!set {b}", 1, "the tag tag:yaml.org,2002:set"),
        ("a: !!binary aGk=", 1, "the tag tag:yaml.org,2002:binary"),
        ("!mine a: 1", 1, "the tag !mine"),
        ("a: 1\n? [b]\n: 2", 2, "expected a text as key, found a mapping or a list"),
        ("a: &x b\n*x : 2", 2, "expected a text as key, found the alias *x"),
        ("a: 1\nb: *x", 2, "nothing of that name before it"),
        ("a: 1\nb: &x [1, *x]", 2, "a cycle"),
        ("b: &x {c: {d: *x}}", 1, "a cycle"),
        ("a: 1\n---\nb: 2", 2, "a second one after ---"),
        ("a: 1\nb: ]", 2, "expected YAML"),
        ("a: 1\n\tb: 2", 2, "expected YAML"),
        ("a: 1\nb: 'never closed", 2, "expected YAML"),
        ("a: 1\nb: x\x00y", 2, "the character U+0000"),
        ("a: 1\nb: x\x7fy", 2, "the character U+007F"),
        ("a: 1\n\nb: \ud800", 3, "half of a surrogate pair"),
        ("a: 1\nb: " + "9" * 4001, 2, "4001 digits"),
        ("a: 1\nb: 1e999", 2, "a number that JSON can carry, found 1e999"),
        ("a: 1\nb: " + "[" * 500, 2, f"at most {DEEPEST} levels"),
        ("a: 1\nb: " + "{c: " * 500, 2, f"at most {DEEPEST} levels"),
    ],
)
def test_each_refusal_tells_its_line_and_its_reason(text: str, line: int, says: str) -> None:
    refused = flaws_of(text)
    assert refused
    assert refused[0].startswith(f"f.yaml:{line}: ")
    assert says in refused[0]


@pytest.mark.parametrize("text", ['a: "\\ud800"', 'a: "\\ud83d"'])
def test_half_a_surrogate_pair_is_refused_as_an_escape_too(text: str) -> None:
    assert flaws_of(text)[0].startswith("f.yaml:1: ")


def test_200_levels_are_read_and_one_more_is_not() -> None:
    deepest = "[" * DEEPEST + "]" * DEEPEST
    assert read_document(deepest, "d") == read_fixture(deepest, "f").value == json.loads(deepest)
    for read in (read_document, read_fixture):
        with pytest.raises(FlawedError, match="at most 200 levels of nesting, found more"):
            read(f"[{deepest}]", "d")


@pytest.mark.parametrize("bracket", ["[", "{a: ", '{"a":', "- "])
def test_a_hundred_thousand_brackets_are_refused_quickly(bracket: str) -> None:
    with pytest.raises(FlawedError, match="at most 200 levels"):
        read_document(bracket * 100_000, "d")


def test_an_alias_bomb_is_refused_before_it_goes_off() -> None:
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 12)]
    bomb = "\n".join(["l0: &l0 [x]", *levels])
    with pytest.raises(FlawedError, match=r"f:5: expected at most 20000 values"):
        read_fixture(bomb, "f")
    with pytest.raises(FlawedError, match=r"d:7: expected at most 500000 values"):
        read_document(bomb, "d")


def test_every_flaw_is_told_at_once() -> None:
    text = "a: no\na: 2024-01-01\nb: !x 1\nc: [0x1, .inf]\n<<: 1\n"
    lines = [flaw.split(": ")[0] for flaw in flaws_of(text)]
    assert lines == [f"f.yaml:{line}" for line in (1, 2, 2, 3, 4, 4, 5)]


def test_what_is_merely_ambiguous_is_read_all_the_same() -> None:
    with pytest.raises(AmbiguousError) as refused:
        read_fixture("a: no\nb: [1, 2]", "f")
    assert refused.value.source.value == {"a": "no", "b": [1, 2]}
    assert refused.value.source.where(("b",)) == "f:2"


def test_every_character_that_yaml_does_not_print_is_told_and_no_other() -> None:
    printed = re.compile(
        r"[\t\n\r\x20-\x7E\x85\xA0-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]"  # YAML 1.2, 5.1
    )
    edges = {0, 8, 31, 127, 0x84, 0x86, 0x9F, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF, 0x10FFFF}
    near = {code + step for code in edges for step in (-1, 0, 1)} | set(range(256))
    for character in map(chr, sorted(near & set(range(sys.maxunicode + 1)))):
        told = []
        try:
            read_fixture(f"a: 'b{character}c'\n", "f")
        except FlawedError as error:
            told = [flaw.found for flaw in error.flaws]
        is_told = any("U+" in found or "surrogate" in found for found in told)
        assert is_told != bool(printed.match(character)), (hex(ord(character)), told)


def test_a_binary_file_is_told_in_a_few_lines() -> None:
    assert len(flaws_of("\x00\n" * 1000)) == 20


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"a": 1, "b": 2, "a": 3}', "expected each key once, found a twice"),
        ('{"a": NaN}', "a number that JSON can carry, found nan"),
        ('{"a": [-Infinity]}', "a number that JSON can carry, found -inf"),
        ('{"a": 1e999}', "a number that JSON can carry, found inf"),
        ('{"a": "\\ud800"}', "half of a surrogate pair"),
        ('{"\\udfff": 1}', "half of a surrogate pair"),
        ('{"a": ' + "9" * 5000 + "}", "5000 digits"),
        ('{"a": ' * 250 + "1" + "}" * 250, "at most 200 levels"),
    ],
)
def test_json_that_yaml_would_not_read_is_refused_as_json_too(text: str, says: str) -> None:
    with pytest.raises(FlawedError, match=re.escape(says)):
        read_document(text, "d.json")


def test_every_flaw_of_a_json_text_is_told_at_once() -> None:
    with pytest.raises(FlawedError) as refused:
        read_document('{"a": {"b": 1, "b": 2}, "c": NaN, "d": {"e": 1, "e": 2}}', "d.json")
    assert [flaw.found for flaw in refused.value.flaws] == ["b twice", "e twice", "nan"]


# -- nothing else ever ------------------------------------------------------------------------


@given(ANY_TEXT | YAML_LIKE)
def test_no_text_raises_anything_but_flaws(text: str) -> None:
    assert all(flaw.startswith("f.yaml:") for flaw in flaws_of(text))
    with contextlib.suppress(FlawedError):
        read_document(text, "d")


@given(ANY_TEXT)
def test_no_value_in_quotes_raises_anything_but_flaws(text: str) -> None:
    try:
        found = read_document(f'{{"a": "{text}"}}', "x")
    except FlawedError:
        return
    json.dumps(found, ensure_ascii=False, allow_nan=False).encode()


@given(values(PRINTABLE))
def test_walking_visits_every_value_with_its_path(value: object) -> None:
    seen = dict(walk(value))
    assert seen[()] == value
    for path, inner in seen.items():
        here: object = value
        for step in path:
            assert isinstance(here, dict | list)
            here = (
                here[step] if isinstance(here, list) and isinstance(step, int) else dict(here)[step]
            )
        assert here is inner


def test_the_bundled_documents_are_read_alike_as_yaml_and_as_json() -> None:
    text = (Path(__file__).parent.parent / "spec" / "oxen.yaml").read_text("utf-8")
    value = read_document(text, "oxen.yaml")
    assert read_document(json.dumps(value), "oxen.json") == value


WORDS = st.sampled_from(
    (
        "no",
        "On",
        "y",
        "null",
        "~",
        "1e5",
        "0x1f",
        "0o17",
        "1:30",
        "2026-01-31",
        "<<",
        "=",
        "a b",
        "-",
    )
)


@given(values(WORDS | st.text(max_size=5)))
def test_what_is_dumped_is_ascii_and_read_alike_by_readers_of_either_version(value: object) -> None:
    written = dump(value)
    assert written.isascii()
    assert read_document(written, "x") == value
    assert read_fixture(written, "x").value == value
    assert yaml.safe_load(written) == value


def test_what_repeats_is_written_out_each_time() -> None:
    shared = {"a": ["b"]}
    assert dump({"x": shared, "z": [shared]}) == "x:\n  a:\n    - b\nz:\n  - a:\n      - b\n"
