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
from mockserver.moods import Mood
from mockserver.settings import (
    FILE,
    PREFIX,
    Settings,
    find_file,
    host_name,
    is_loopback_address,
    load_settings,
)

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
    assert (Settings().host, Settings().port, Settings().rate) == ("127.0.0.1", 4010, 1.0)
    assert Settings().control_token is None
    assert not Settings().open_control


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
        mood = "published"
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
        mood=Mood.PUBLISHED,
        assume={"dialect": "legacy", "malformed_id_status": 400, "read_needs_token": False},
        max_body=1000,
        quiet=True,
        control_token="c",  # noqa: S106 no real one
        allowed_hosts=("box.local", "fd00::5"),
        control_origins=("http://localhost:5173",),
        require_sandbox=True,
        restore=tmp_path / "state.json",
        url_file=tmp_path / "mock.url",
    )
    same = {
        f.name for f in fields(Settings) if getattr(found, f.name) == getattr(Settings(), f.name)
    }
    assert same == {"open_control"}  # which does not go with a token
    assert load(tmp_path, "open_control = true") == Settings(open_control=True)


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
        "MOOD": "Broken",
        "MAX_BODY": "1000",
        "QUIET": "1",
        "OPEN_CONTROL": "true",
        "ALLOWED_HOSTS": "box.local, 10.0.0.5",
        "CONTROL_ORIGINS": "http://localhost:5173,https://box.local",
        "REQUIRE_SANDBOX": "1",
        "RESTORE": "state.json",
        "URL_FILE": "mock.url",
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
        mood=Mood.BROKEN,
        assume={"dialect": "legacy", "commit_samples": True},
        max_body=1000,
        quiet=True,
        open_control=True,
        allowed_hosts=("box.local", "10.0.0.5"),
        control_origins=("http://localhost:5173", "https://box.local"),
        require_sandbox=True,
        restore=Path("state.json"),
        url_file=Path("mock.url"),
    )
    found = load(tmp_path, None, {"OXEN_MOCK_CONTROL_TOKEN": "c"})
    assert found == Settings(control_token="c")  # noqa: S106 no real one


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
    text = 'fixtures = "more"\nspecs = "own/hub.yaml"\nrestore = "own/state.json"'
    (tmp_path / FILE).write_text(text, "utf-8")
    found = load(deep)
    assert found.fixtures == (tmp_path / "more",)
    assert found.specs[0][0] == str(tmp_path / "own" / "hub.yaml")
    assert found.restore == tmp_path / "own" / "state.json"


def test_a_path_on_the_command_line_is_relative_to_the_working_folder(tmp_path: Path) -> None:
    found = load(tmp_path, 'restore = "beside.json"', {}, restore="here.json")
    assert found.restore == Path("here.json")


def test_a_speed_that_nobody_told_is_1_unless_a_snapshot_has_another(tmp_path: Path) -> None:
    assert (Settings().speed, Settings().rate) == (None, 1.0)
    assert load(tmp_path).speed is None
    told = load(tmp_path, None, {}, speed=0)
    assert (told.speed, told.rate) == (0, 0)


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
        ("tokens = [1]", "tokens", "a list of texts, found others"),
        ("fixtures = 1", "fixtures", "a list of texts, found 1"),
        ("specs = [1]", "specs", "a list of texts, found [1]"),
        ("epoch = 'noon'", "epoch", "an instant as in 2026-01-31T12:00:00Z"),
        ("epoch = 12:00:00", "epoch", "an instant as in 2026"),
        ("epoch = 0001-01-01T00:00:00+01:00", "epoch", "an instant as in"),
        ("epoch = 0001-01-01T00:00:00Z", "epoch", ""),
        ("quiet = 'yes'", "quiet", "true or false, found 'yes'"),
        ("host = 1.5", "host", "a text, found 1.5"),
        ("control_token = ''", "control_token", "a token that is neither empty nor holds white"),
        ("control_token = ' a'", "control_token", "a token that is neither empty nor holds white"),
        (
            "control_token = 'sbx_a'",
            "control_token",
            "a token that is neither empty nor holds white space, and no sbx_NAME",
        ),
        ("control_token = ['a']", "control_token", "a text, found another"),
        ("open_control = 'yes'", "open_control", "true or false, found 'yes'"),
        (
            "control_token = 'a'\nopen_control = true",
            "open_control",
            "it or control_token, found both",
        ),
        ("allowed_hosts = 1", "allowed_hosts", "a list of texts, found 1"),
        (
            "allowed_hosts = ['box.local:80', 'box', '']",
            "allowed_hosts",
            "names as in box.local, without a port, found 'box.local:80', ''",
        ),
        ("allowed_hosts = ['*']", "allowed_hosts", "names as in box.local"),
        ("allowed_hosts = ['http://box']", "allowed_hosts", "names as in box.local"),
        ("control_origins = [1]", "control_origins", "a list of texts, found [1]"),
        (
            "control_origins = ['http://localhost:5173/']",
            "control_origins",
            "origins as in http://localhost:5173, with nothing after them, found 'http:",
        ),
        ("require_sandbox = 2", "require_sandbox", "true or false, found 2"),
        ("restore = ''", "restore", "the path of a file, found ''"),
        ("restore = 1", "restore", "the path of a file, found 1"),
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
        Settings(tokens=("open sesame",), control_token="shut sesame", open_control=True)  # noqa: S106 no real one
    assert "sesame" not in str(refused.value)


def test_a_token_of_a_wrong_type_is_not_shown_either(tmp_path: Path) -> None:
    found = flaws_of(tmp_path, 'tokens = ["sesame", 1]\ncontrol_token = ["sesame"]')
    assert len(found) == 2
    assert "sesame" not in "".join(found)


def test_settings_show_no_token() -> None:
    shown = repr(Settings(tokens=("sesame",), control_token="sesame"))  # noqa: S106 no real one
    assert "sesame" not in shown


def test_what_a_repeated_flag_has_wrong_is_told_by_the_flag(tmp_path: Path) -> None:
    found = flaws_of(
        tmp_path, tokens=("",), allowed_hosts=("a:1",), control_origins=("a",), control_token=""
    )
    assert [line.split(": ")[0] for line in found] == [
        *("--token", "--control-token", "--allowed-host", "--control-origin"),
    ]


# -- who can reach it, and by which name ------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "only_this_machine"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("localhost", True),
        ("LOCALHOST", True),
        ("0.0.0.0", False),  # noqa: S104 because nothing listens here
        ("::", False),
        ("192.168.0.1", False),
        ("::ffff:192.168.0.1", False),
        ("localhost.example.com", False),
        ("box.local", False),
        ("127.1", False),
        ("", False),
    ],
)
def test_loopback_is_localhost_or_an_address_of_loopback(
    host: str, only_this_machine: bool
) -> None:
    assert Settings(host=host).is_loopback is only_this_machine


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("localhost", "localhost"),
        ("Box.LAN", "box.lan"),
        ("box.lan.", "box.lan"),
        ("my_box-2", "my_box-2"),
        ("10.0.0.5", "10.0.0.5"),
        ("[::1]", "::1"),
        ("0:0::1", "::1"),
        ("[FD00:0:0::5]", "fd00::5"),
        ("", None),
        (".", None),
        ("a..b", None),
        ("box.lan..", None),
        (".box", None),
        ("box:80", None),
        ("[::1", None),
        ("::1]", None),
        ("[127.0.0.1]", None),
        ("[::1]:80", None),
        ("*.lan", None),
        ("a b", None),
        ("a,b", None),
        ("user@box", None),
        ("box/", None),
        ("box\n", None),
    ],
)
def test_names_are_compared_in_one_form(written: str, compared: str | None) -> None:
    assert host_name(written) == compared


@given(st.ip_addresses())
def test_an_address_is_compared_as_what_it_is_however_it_is_written(address: object) -> None:
    exploded = getattr(address, "exploded", "")
    assert host_name(exploded.upper()) == host_name(str(address)) == str(address)


@given(st.ip_addresses(v=4))
def test_an_address_in_the_form_of_ipv6_is_loopback_where_it_is_in_its_own(address: object) -> None:
    assert is_loopback_address(f"::ffff:{address}") is is_loopback_address(str(address))


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("http://localhost:5173", "http://localhost:5173"),
        ("HTTP://LocalHost:5173", "http://localhost:5173"),
        ("https://box.local", "https://box.local"),
        ("http://[::1]:5173", "http://[::1]:5173"),
        ("http://box.local:80", "http://box.local"),
        ("https://box.local:443", "https://box.local"),
        ("https://box.local:80", "https://box.local:80"),
        ("chrome-extension://abcdef", "chrome-extension://abcdef"),
    ],
)
def test_an_origin_is_kept_as_a_browser_writes_it(written: str, kept: str) -> None:
    assert Settings(control_origins=(written,)).control_origins == (kept,)


@pytest.mark.parametrize(
    "written",
    [
        *("", "*", "null", "localhost", "localhost:5173", "//localhost", "http://", "http:///"),
        *("http://localhost/", "http://localhost/x", "http://localhost?x", "http://localhost#x"),
        *("http://user@localhost", "http://localhost:", "http://localhost:x", "http://*.local"),
        *("http://localhost:65536", "http://::1", "http://[::1", "http://a b", "http://a,http://b"),
        *(" http://localhost", "http://localhost\n", "http://b\u00fccher.local"),
    ],
)
def test_what_is_no_origin_is_refused_with_what_was_found(written: str) -> None:
    with pytest.raises(BadSettingsError) as refused:
        Settings(control_origins=("http://localhost", written))
    [flaw] = refused.value.flaws
    assert (flaw.place, flaw.found) == ("control_origins", repr(written))
    assert "http://localhost:5173" in flaw.expected


def test_an_epoch_in_any_zone_is_the_same_instant_in_utc() -> None:
    elsewhere = datetime(2026, 1, 1, 14, tzinfo=timezone(timedelta(hours=2)))
    epoch = Settings(epoch=elsewhere).epoch
    assert epoch == elsewhere
    assert epoch is not None
    assert epoch.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"speed = 1{'0' * 400}", f"{FILE} speed: expected a number"),
        (f"port = 0x{'f' * 5_000}", f"{FILE} port: expected a number that has a use"),
        (f"port = {'9' * 5_000}", f"{FILE}: expected TOML"),
        (f"specs = {'[' * 2_000}", f"{FILE}: expected TOML"),
        (f"{'a' * 5_000} = 1", "expected the name of a setting"),
        ('"" = 1', "expected the name of a setting, found nothing"),
    ],
    ids=["endless speed", "endless port", "endless digits", "nested", "endless key", "no key"],
)
def test_what_no_file_should_hold_is_told_in_a_line_that_can_be_read(
    text: str, told: str, tmp_path: Path
) -> None:
    [flaw] = flaws_of(tmp_path, text)
    assert told in flaw
    assert len(flaw) < 700


def test_a_path_that_no_file_can_have_is_told(tmp_path: Path) -> None:
    def read(label: str) -> str:
        return Path(label).read_text("utf-8")

    with pytest.raises(BadSettingsError, match="null byte"):
        load_settings(tmp_path, {}, {"specs": ("a\0b",)}, read)
