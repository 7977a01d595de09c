"""Settings from the file, the environment and flags, and everything wrong with them at once."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.apis.known import ASSUMPTIONS
from mockserver.assumptions import read_assumptions
from mockserver.core.errors import BadSettingsError
from mockserver.settings import FILE, PREFIX, Settings, find_file, load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping


def read_spec(label: str) -> str:
    """A document's text by its label, without a file; `lost` has none and `odd` is no text."""
    if label.endswith("lost"):
        raise FileNotFoundError(2, "No such file or directory")
    if label.endswith("odd"):
        return b"\xff".decode()
    return f"text of {label}"


def load(
    folder: Path,
    text: str | None = None,
    environ: Mapping[str, str] | None = None,
    **flags: object,
) -> Settings:
    if text is not None:
        (folder / FILE).write_text(text, "utf-8")
    return load_settings(folder, environ or {}, flags, read_spec)


def flaws_of(
    folder: Path,
    text: str | None = None,
    environ: Mapping[str, str] | None = None,
    **flags: object,
) -> list[str]:
    with pytest.raises(BadSettingsError) as refused:
        load(folder, text, environ, **flags)
    path = str(folder / FILE)
    return [str(flaw).replace(path, FILE) for flaw in refused.value.flaws]


# -- where they come from ---------------------------------------------------------------------


def test_without_anything_the_defaults_hold(tmp_path: Path) -> None:
    assert load(tmp_path) == Settings()
    assert (Settings().host, Settings().port, Settings().speed) == ("127.0.0.1", 4010, 1.0)


def test_every_setting_can_be_given_in_the_file(tmp_path: Path) -> None:
    text = """
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
        [assume]
        dialect = "legacy"
        malformed_id_status = 400
        read_needs_token = false
    """
    found = load(tmp_path, text)
    assert found == Settings(
        host="0.0.0.0",  # noqa: S104 because nothing listens here
        port=0,
        prefix="/mock",
        specs=((str(tmp_path / "a.yaml"), f"text of {tmp_path / 'a.yaml'}"),),
        fixtures=(tmp_path / "more", Path("/abs")),
        tokens=("t", "u"),
        speed=60.0,
        epoch=datetime(2026, 1, 31, 12, tzinfo=UTC),
        seed="7",
        assume={"dialect": "legacy", "malformed_id_status": 400, "read_needs_token": False},
        max_body=1000,
        quiet=True,
    )
    assert all(getattr(found, f.name) != getattr(Settings(), f.name) for f in fields(Settings))


def test_every_setting_can_be_given_in_the_environment(tmp_path: Path) -> None:
    texts = {
        "HOST": "::1",
        "PORT": "0",
        "PREFIX": "/mock",
        "SPECS": "a.yaml, b.yaml",
        "FIXTURES": "more,/abs",
        "TOKENS": "t,u",
        "SPEED": "0.5",
        "EPOCH": "2026-01-31T12:00:00+02:00",
        "SEED": "7",
        "MAX_BODY": "1000",
        "QUIET": "1",
        "DIALECT": "legacy",
        "COMMIT_SAMPLES": "true",
    }
    found = load(tmp_path, None, {PREFIX + name: text for name, text in texts.items()})
    assert found == Settings(
        host="::1",
        port=0,
        prefix="/mock",
        specs=(("a.yaml", "text of a.yaml"), ("b.yaml", "text of b.yaml")),
        fixtures=(Path("more"), Path("/abs")),
        tokens=("t", "u"),
        speed=0.5,
        epoch=datetime(2026, 1, 31, 10, tzinfo=UTC),
        seed="7",
        assume={"dialect": "legacy", "commit_samples": True},
        max_body=1000,
        quiet=True,
    )


def test_the_environment_beats_the_file_and_flags_beat_both(tmp_path: Path) -> None:
    text = 'port = 1\nseed = "file"\nspeed = 2\n[assume]\ndialect = "spec"\ncommit_samples = true\n'
    environ = {
        "OXEN_MOCK_SEED": "environment",
        "OXEN_MOCK_SPEED": "3",
        "OXEN_MOCK_DIALECT": "legacy",
    }
    found = load(tmp_path, text, environ, speed=4.0, assume={"commit_samples": "false"})
    assert (found.port, found.seed, found.speed) == (1, "environment", 4.0)
    assert found.assume == {"dialect": "legacy", "commit_samples": False}


def test_the_file_is_the_nearest_one_upwards(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b" / "c"
    deep.mkdir(parents=True)
    assert find_file(deep) is None
    (tmp_path / FILE).write_text("port = 1", "utf-8")
    assert find_file(deep) == tmp_path / FILE
    (tmp_path / "a" / FILE).write_text("port = 2", "utf-8")
    (deep / FILE).mkdir()
    assert find_file(deep) == tmp_path / "a" / FILE
    assert load(deep).port == 2


def test_paths_in_the_file_are_relative_to_the_file(tmp_path: Path) -> None:
    deep = tmp_path / "a"
    deep.mkdir()
    (tmp_path / FILE).write_text('fixtures = "more"\nspecs = "own/hub.yaml"', "utf-8")
    found = load(deep)
    assert found.fixtures == (tmp_path / "more",)
    assert found.specs[0][0] == str(tmp_path / "own" / "hub.yaml")


def test_variables_that_are_no_settings_are_left_alone(tmp_path: Path) -> None:
    assert load(tmp_path, None, {"OXEN_MOCK_URL": "http://x", "PORT": "x"}) == Settings()


@pytest.mark.parametrize("text", ["true", "TRUE", "1"])
def test_a_switch_is_on_by_true_or_1(tmp_path: Path, text: str) -> None:
    assert load(tmp_path, None, {"OXEN_MOCK_QUIET": text}).quiet


@pytest.mark.parametrize("text", ["false", "False", "0", ""])
def test_a_switch_is_off_by_false_or_0_or_nothing(tmp_path: Path, text: str) -> None:
    assert not load(tmp_path, "quiet = true", {"OXEN_MOCK_QUIET": text}).quiet


def test_an_epoch_without_an_offset_is_utc(tmp_path: Path) -> None:
    noon = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert load(tmp_path, "epoch = 2026-01-31T12:00:00").epoch == noon
    assert load(tmp_path, None, {}, epoch="2026-01-31 12:00").epoch == noon


# -- what is wrong with them ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("port = 'x'", "port", "a whole number, found 'x'"),
        ("port = 1.5", "port", "a whole number, found 1.5"),
        ("port = true", "port", "a whole number, found True"),
        ("port = 65536", "port", "0 to 65535, found 65536"),
        ("port = -1", "port", "0 to 65535, found -1"),
        ("speed = 'fast'", "speed", "a number, found 'fast'"),
        ("speed = nan", "speed", "0 to "),
        ("speed = -1", "speed", "0 to "),
        ("max_body = 0", "max_body", "1 to 64000000 bytes, found 0"),
        ("max_body = 64000001", "max_body", "1 to "),
        ("prefix = 'mock'", "prefix", "nothing, or a path as in /mock"),
        ("prefix = '/'", "prefix", "nothing, or a path as in /mock"),
        ("prefix = '/a//b'", "prefix", "nothing, or a path as in /mock"),
        ("tokens = ['a', '']", "tokens", "tokens that are neither empty nor hold white space"),
        ("tokens = [1]", "tokens", "a list of texts, found [1]"),
        ("fixtures = 1", "fixtures", "a list of texts, found 1"),
        ("specs = [1]", "specs", "a list of texts, found [1]"),
        ("epoch = 'noon'", "epoch", "an instant as in 2026-01-31T12:00:00Z"),
        ("epoch = 12:00:00", "epoch", "an instant as in 2026"),
        ("epoch = 0001-01-01T00:00:00+01:00", "epoch", "an instant as in"),
        ("epoch = 0001-01-01T00:00:00Z", "epoch", ""),
        ("quiet = 'yes'", "quiet", "true or false, found 'yes'"),
        ("host = 1.5", "host", "a text, found 1.5"),
        ("prot = 1", "prot", "the name of a setting, found prot (did you mean port?)"),
        ("zzz = 1", "zzz", "the name of a setting, found zzz (known: host, "),
        (
            "dialect = 'legacy'",
            "dialect",
            "the name of a setting, found dialect (dialect is an assumption: it belongs under",
        ),
        ("assume = 1", "assume", "a table [assume], found 1"),
        (
            "[assume]\ndialekt = 'x'",
            "[assume] dialekt",
            "the name of a setting, found dialekt (did you mean dialect?)",
        ),
        ("[assume]\ndialect = 'x'", "[assume] dialect", "spec or legacy, found 'x'"),
        (
            "[assume]\nmalformed_id_status = 500",
            "[assume] malformed_id_status",
            "404 or 400, found 500",
        ),
        ("[assume]\ncommit_samples = 1", "[assume] commit_samples", "true or false, found 1"),
        ("[assume]\ndefault_target_path = 1", "[assume] default_target_path", "a text, found 1"),
        ("port = ", "", "TOML, found Invalid value"),
        ("port = 1\nport = 2", "", "TOML, found Cannot overwrite a value"),
    ],
)
def test_a_wrong_value_is_told_with_its_place(
    tmp_path: Path, text: str, key: str, says: str
) -> None:
    [flaw] = flaws_of(tmp_path, text)
    assert flaw.startswith(f"{f'oxen-mock.toml {key}'.rstrip()}: expected {says}")


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"\xff")
    [flaw] = flaws_of(tmp_path)
    assert flaw.startswith("oxen-mock.toml: expected TOML, found 'utf-8' codec")


def test_everything_wrong_is_told_at_once_wherever_it_stands(tmp_path: Path) -> None:
    text = "prot = 1\nspeed = -1\nport = 5\n[assume]\ndialect = 'x'\n"
    environ = {"OXEN_MOCK_PORT": "70000", "OXEN_MOCK_SED": "1", "OXEN_MOCK_DIALECT": "y"}
    found = flaws_of(
        tmp_path, text, environ, max_body=0, specs=("lost", "odd"), assume={"dialect": "z"}
    )
    assert [line.split(": ")[0] for line in found] == [
        "oxen-mock.toml prot",
        "oxen-mock.toml [assume] dialect",
        "OXEN_MOCK_SED",
        "OXEN_MOCK_DIALECT dialect",
        "--assume dialect",
        "--spec lost",
        "--spec odd",
        "OXEN_MOCK_PORT",
        "oxen-mock.toml speed",
        "--max-body",
    ]


def test_a_wrong_value_that_something_better_replaces_does_no_harm(tmp_path: Path) -> None:
    assert load(tmp_path, "port = 99999", {}, port=1).port == 1


def test_a_value_that_cannot_be_read_is_told_even_where_a_flag_replaces_it(tmp_path: Path) -> None:
    assert flaws_of(tmp_path, "port = 'x'", {}, port=1)


@pytest.mark.parametrize(
    ("label", "reason"),
    [("lost", "No such file or directory"), ("odd", "bytes that are not UTF-8")],
)
def test_a_document_that_cannot_be_read_is_told(tmp_path: Path, label: str, reason: str) -> None:
    assert flaws_of(tmp_path, None, {}, specs=(label,)) == [
        f"--spec {label}: expected a readable file, found {reason}"
    ]


def test_a_wrong_value_stays_short(tmp_path: Path) -> None:
    assert all(len(line) < 250 for line in flaws_of(tmp_path, f"port = '{'x' * 10_000}'"))


def test_settings_refuse_what_no_server_can_run_with_all_at_once() -> None:
    with pytest.raises(BadSettingsError) as refused:
        Settings(port=-1, speed=-1.0, max_body=0, prefix="x", tokens=("",), assume={"x": 1})
    assert [flaw.place for flaw in refused.value.flaws] == [
        *("port", "speed", "max_body", "prefix", "tokens", "assume x"),
    ]


def test_an_epoch_must_say_its_offset_and_lie_where_dates_can_be_reckoned() -> None:
    elsewhere = timezone(timedelta(hours=2))
    assert Settings(epoch=datetime(2026, 1, 1, tzinfo=elsewhere)).epoch is not None
    for epoch in (datetime(2026, 1, 1), datetime.min.replace(tzinfo=UTC)):  # noqa: DTZ001 because that is the point
        with pytest.raises(BadSettingsError) as refused:
            Settings(epoch=epoch)
        assert [flaw.place for flaw in refused.value.flaws] == ["epoch"]


# -- assumptions ------------------------------------------------------------------------------


@pytest.mark.parametrize("assumption", ASSUMPTIONS, ids=lambda assumption: assumption.name)
def test_every_assumption_reads_its_own_default_and_says_why_it_is_one(assumption: object) -> None:
    known = next(a for a in ASSUMPTIONS if a is assumption)
    assert known.read(known.default) == known.default
    assert known.read(str(known.default).lower()) == known.default
    assert known.choices is None or known.default in known.choices
    assert len(known.about) > 20


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("malformed_id_status", "400", 400),
        ("malformed_id_status", 404, 404),
        ("read_needs_token", "false", False),
        ("dialect", "legacy", "legacy"),
        ("default_target_branch", "results", "results"),
    ],
)
def test_texts_and_values_mean_the_same(name: str, raw: object, value: object) -> None:
    assert read_assumptions(ASSUMPTIONS, {name: raw}, "here") == ({name: value}, ())


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("malformed_id_status", "4OO"),
        ("malformed_id_status", "9" * 10_000),
        ("malformed_id_status", True),
        ("malformed_id_status", 400.0),
        ("read_needs_token", "yes"),
        ("read_needs_token", 1),
        ("read_needs_token", None),
        ("dialect", "Legacy"),
        ("dialect", ["legacy"]),
    ],
)
def test_what_an_assumption_does_not_take_is_told_by_what_it_takes(name: str, raw: object) -> None:
    known = next(a for a in ASSUMPTIONS if a.name == name)
    values, [flaw] = read_assumptions(ASSUMPTIONS, {name: raw}, "here")
    assert values == {}
    assert str(flaw).startswith(f"here {name}: expected {known.takes}, found ")
    assert len(str(flaw)) < 200


TOML_VALUES = st.one_of(
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.lists(st.text() | st.integers(), max_size=2),
)


@given(
    st.dictionaries(
        st.sampled_from([f.name for f in fields(Settings)]) | st.text(max_size=4), TOML_VALUES
    ),
    st.dictionaries(
        st.sampled_from([PREFIX + f.name.upper() for f in fields(Settings)]), st.text(max_size=6)
    ),
)
def test_no_value_raises_anything_but_bad_settings(
    flags: dict[str, object], environ: dict[str, str]
) -> None:
    nowhere = Path("/nowhere/at/all")
    try:
        found = load_settings(nowhere, environ, flags, read_spec)
    except BadSettingsError as error:
        told = [flaw.place for flaw in error.flaws]
    else:
        told = [found.host]
    assert told


def test_a_prefix_may_come_as_wsgi_servers_are_told_it(tmp_path: Path) -> None:
    environment = {"SCRIPT_NAME": "/hub/"}
    assert load_settings(tmp_path, environment, {}, str).prefix == "/hub"
    environment["OXEN_MOCK_PREFIX"] = "/mock"
    assert load_settings(tmp_path, environment, {}, str).prefix == "/mock"


def test_a_wrong_token_is_not_shown_in_the_complaint() -> None:
    with pytest.raises(BadSettingsError) as refused:
        Settings(tokens=("open sesame",))
    assert "sesame" not in str(refused.value)


def test_an_epoch_in_any_zone_is_the_same_instant_in_utc() -> None:
    elsewhere = datetime(2026, 1, 1, 14, tzinfo=timezone(timedelta(hours=2)))
    epoch = Settings(epoch=elsewhere).epoch
    assert epoch == elsewhere
    assert epoch is not None
    assert epoch.tzinfo is UTC
