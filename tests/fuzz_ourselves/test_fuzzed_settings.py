"""Settings of any kind: the same from the file, the environment and flags, or refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from amounts import hundreds
from hypothesis import given
from hypothesis import strategies as st
from mangled import ANY_TEXT, CHARACTERS, NUMBERS, TOML, WORDS, as_bytes, bits, mangled
from refusals import taken

from mockserver.apis.known import ASSUMPTIONS
from mockserver.core.errors import BadSettingsError
from mockserver.settings import FILE, PREFIX, Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

WRITTEN = """\
host = "0.0.0.0"
port = 0
prefix = "/mock"
specs = ["a.yaml"]
fixtures = ["more", "/abs"]
tokens = ["t", "u"]
speed = 60
epoch = 2026-01-31T12:00:00Z
seed = 7
max_body = 1000
quiet = true
control_token = "c"
allowed_hosts = ["Box.local.", "[FD00:0::5]"]
control_origins = "http://localhost:5173"
require_sandbox = true
restore = "state.json"
url_file = "mock.url"
[assume]
dialect = "legacy"
malformed_id_status = 400
read_needs_token = false
"""
TEXTS = ANY_TEXT | mangled([WRITTEN], bits(TOML))
SET = [line.partition(" = ")[0].upper() for line in WRITTEN.splitlines() if " = " in line]
VARIABLES = [
    *(PREFIX + name for name in SET),
    *("OXEN_MOCK_X", "OXEN_MOCK_PROT", "oxen_mock_port", "SCRIPT_NAME", "OXEN_MOCK_MOOD"),
]
RIGHT_OR_WRONG = st.sampled_from(
    (
        *(*NUMBERS, *WORDS, *CHARACTERS),
        *("/mock", "/", "//", "/a/", "a,b", ",", " a , b ", "strict"),
        *(
            "localhost",
            "[::1]",
            "::1",
            "fe80::1%eth0",
            "http://a",
            "http://[::1]:80",
            "http://a:9999",
        ),
        *("2026-01-31T12:00:00+02:00", "2026-01-31", "sbx_a", "a b", "\u0663", "legacy", "400"),
    )
)
FLAGS = st.dictionaries(
    st.sampled_from([name.removeprefix(PREFIX).lower() for name in VARIABLES]),
    RIGHT_OR_WRONG | st.lists(RIGHT_OR_WRONG, max_size=2) | st.integers() | st.booleans(),
    max_size=3,
)


def read_spec(label: str) -> str:
    return f"text of {label}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("settings")


def settled(
    folder: Path, raw: bytes, environ: Mapping[str, str], flags: Mapping[str, object]
) -> Settings | None:
    """The settings of these three, or None where they are refused as they should be."""
    (folder / FILE).write_bytes(raw)
    return taken(lambda: load_settings(folder, environ, flags, read_spec), BadSettingsError)


@hundreds(2)
@given(raw=as_bytes(TEXTS))
def test_a_file_is_settings_or_is_refused(folder: Path, raw: bytes) -> None:
    settled(folder, raw, {}, {})


@hundreds(2)
@given(
    environ=st.dictionaries(st.sampled_from(VARIABLES), RIGHT_OR_WRONG | ANY_TEXT, max_size=4),
    flags=FLAGS,
)
def test_variables_and_flags_are_settings_or_are_refused(
    folder: Path, environ: dict[str, str], flags: dict[str, object]
) -> None:
    settled(folder, b"", environ, flags)


WORD = st.text("abc-1", min_size=1, max_size=5).filter(lambda text: not text.startswith("-"))
SEVERAL = st.lists(WORD, max_size=3)
SAID = st.fixed_dictionaries(
    {},
    optional={
        "host": WORD,
        "port": st.integers(-1, 65_537),
        "prefix": st.sampled_from(("", "/mock", "/a/b", "mock", "/a//b")),
        "tokens": SEVERAL,
        "speed": st.integers(-1, 90_000) | st.floats(0, 86_400),
        "epoch": st.sampled_from(
            ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00+02:00", "1969-12-31")
        ),
        "seed": WORD | st.integers(0, 9),
        "max_body": st.integers(0, 64_000_001),
        "quiet": st.booleans(),
        "control_token": WORD,
        "allowed_hosts": SEVERAL,
        "control_origins": st.lists(WORD.map("http://{}".format), max_size=2),
        "require_sandbox": st.booleans(),
        "assume": st.fixed_dictionaries(
            {},
            optional={
                one.name: WORD
                if one.choices is None and one.default == ""
                else st.sampled_from(one.choices or (True, False))
                for one in ASSUMPTIONS
            },
        ),
    },
)


def in_toml(said: Mapping[str, Any]) -> bytes:
    """Settings as a file: TOML writes texts, numbers, switches and lists of them as JSON does."""
    assume = said.get("assume", {})
    lines = [f"{name} = {json.dumps(value)}" for name, value in said.items() if name != "assume"]
    lines += ["[assume]", *(f"{name} = {json.dumps(value)}" for name, value in assume.items())]
    return "\n".join(lines).encode()


def as_text(value: object) -> str:
    """A value as a variable of the environment has it."""
    return (
        ",".join(value)
        if isinstance(value, list)
        else value
        if isinstance(value, str)
        else json.dumps(value)
    )


@hundreds(1.5)
@given(said=SAID)
def test_settings_are_the_same_from_the_file_the_environment_and_flags(
    folder: Path, said: dict[str, Any]
) -> None:
    every = {**said, **said.get("assume", {})}
    environ = {PREFIX + n.upper(): as_text(value) for n, value in every.items() if n != "assume"}
    by_file = settled(folder, in_toml(said), {}, {})
    assert by_file == settled(folder, b"", environ, {}) == settled(folder, b"", {}, said)
