"""Texts and bytes to feed a parser: any, and such as look right but for a line or a token."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
"""Halves of surrogate pairs, control characters and all else that Python calls a text."""

CHARACTERS = (
    *("\x00", "\x07", "\x1b[2J", "\x7f", "\x85", "\x9b", "\xa0", "\u2028", "\u202e", "\ufeff"),
    *("\ufffe", "\ud800", "\udfff", "\U0001f600", "e\u0301", "\u0663", "\uff11", "\r", "\r\n"),
    "\t",
)
NUMBERS = (
    *("0", "-0", "-1", "1.0", "1e3", "1e999", "-1e999", "1e-999", "NaN", "-Infinity", ".nan"),
    *("1_000", "0x1F", "012", "1:30", "9" * 40, "9" * 400, "9" * 4_001, "9" * 4_400),
    "1" + "0" * 309,
    *("9007199254740993", "18446744073709551616", "0." + "3" * 40, "2024-02-30", "\u0663"),
)
"""What a reader may take for a number, and what another takes for one."""

WORDS = ("null", "~", "true", "no", "On", "y", "", "x" * 300, "completed", "$ref", "x-note", "kind")
YAML = (
    *(
        "&a",
        "*a",
        "&a [*a]",
        "&a {b: *a}",
        "!!str",
        "!!binary",
        "!!python/object:os.system x",
        "!t",
    ),
    *("<<: *a", "? [b]", "? ", "---", "...", "|", ">-", "%YAML 1.1", "- ", ": "),
    *("[" * 300, "{a: " * 300, "- " * 300, r'"\ud800"', r'"\x00"', r'"\u2028"', *"[]{},#'\""),
    "&l0 [x, x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]\n" for n in range(1, 7)),
)
JSON = (
    *(
        "[" * 300,
        '{"a":' * 300,
        "[" * 100_000,
        "true",
        "null",
        "//",
        "\ufeff",
        "[1]",
        "{}",
        '"a": 1,',
    ),
    *(r'"\ud800"', r'"\udfff\ud800"', r'"\u0000"', *"[]{},:'\"\\"),
)
TOML = (
    *("[[a]]", "[assume]", '"""', "{a = 1}", "[" * 200, "a.b.c", r'"\u0000"', r'"\ud800"', "nan"),
    *("2026-01-31T12:00:00Z", "12:00:00", "2026-01-31", "-inf", *"[]=,#'\""),
)
_TOKEN = re.compile(r"[^\s:,=;\[\]{}\"']+|[:,=;\[\]{}\"']")
"""Roughly what every one of these languages is made of."""


def bits(*own: Sequence[str]) -> st.SearchStrategy[str]:
    """What to put into a text in place of a part of it; `own` are of its language."""
    every = (*NUMBERS, *WORDS, *CHARACTERS, *(bit for several in own for bit in several))
    return st.sampled_from(every)


@st.composite
def mangled(draw: st.DrawFn, originals: Sequence[str], nasty: st.SearchStrategy[str]) -> str:
    """One of these texts, with up to four lines, tokens or places of it gone wrong."""
    text = draw(st.sampled_from(originals))
    for _ in range(draw(st.integers(1, 4))):
        way = draw(st.sampled_from(("token", "token", "token", "line", "line", "place", "cut")))
        if way == "line":
            text = _by_lines(draw, text, originals)
        elif way == "token":
            text = _by_tokens(draw, text, nasty)
        else:
            at = draw(st.integers(0, len(text)))
            text = text[:at] + (draw(nasty) + text[at:] if way == "place" else "")
    return text


def _by_lines(draw: st.DrawFn, text: str, originals: Sequence[str]) -> str:
    lines = text.split("\n")
    one, other = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    match draw(st.sampled_from(("drop", "again", "swap", "splice", "indent"))):
        case "drop":
            del lines[one]
        case "again":
            lines.insert(other, lines[one])
        case "swap":
            lines[one], lines[other] = lines[other], lines[one]
        case "splice":
            lines[one:] = draw(st.sampled_from(originals)).split("\n")[other:]
        case _:
            lines[one] = f"  {lines[one]}" if other % 2 else lines[one].removeprefix("  ")
    return "\n".join(lines)


def _by_tokens(draw: st.DrawFn, text: str, nasty: st.SearchStrategy[str]) -> str:
    spans = [found.span() for found in _TOKEN.finditer(text)] or [(0, len(text))]
    (start, end), (other, its_end) = (draw(st.sampled_from(spans)) for _ in range(2))
    match draw(st.sampled_from(("replace", "replace", "drop", "again", "borrow"))):
        case "replace":
            instead = draw(nasty)
        case "drop":
            instead = ""
        case "again":
            instead = f"{text[start:end]} {text[start:end]}"
        case _:
            instead = text[other:its_end]
    return text[:start] + instead + text[end:]


def as_bytes(texts: st.SearchStrategy[str]) -> st.SearchStrategy[bytes]:
    """Bytes of these texts, of which few are in another encoding, and any bytes at all."""
    odd = ("utf-16", "utf-8-sig", "utf-32", "cp037")
    encodings = st.sampled_from((*["utf-8"] * 12, *odd))
    encoded = st.builds(lambda text, how: text.encode(how, "replace"), texts, encodings)
    halves = texts.map(lambda text: text.encode("utf-8", "surrogatepass"))
    return encoded | encoded | halves | st.binary(max_size=60)
