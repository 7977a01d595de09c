"""The cache: what was made of texts before is found again whole, or is made again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from drawn_values import altered
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver import cache
from mockserver.apis.known import every_api
from mockserver.bundled import bundled
from mockserver.cache import cached
from mockserver.contract.contract import Contract
from mockserver.core.errors import UnreadableDocumentError
from mockserver.documents import users_contract
from mockserver.fixture_files import read_catalogs
from mockserver.loading import load_contracts, load_fixtures, overlays_of, spec_text
from mockserver.proving import prove
from mockserver.settings import Settings
from mockserver.source import read_document, read_fixture, walk

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.loading import Proved

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner)
)
OVERLAYS = [("oxen.overlay.yaml", spec_text("oxen.overlay.yaml"))]
HUBS: Any = read_document(spec_text("oxen.yaml"), "oxen.yaml")
ODD: tuple[Any, ...] = (
    *(None, True, 0, 1.5, 10**400, "", "\ud7ff", [], {}),
    *({"$ref": "#"}, {"nullable": True}, {"format": "date_time", "type": "string"}),
)
EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
posix = pytest.mark.skipif(os.name != "posix", reason="permissions as POSIX has them")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = tmp_path / "cache"
    monkeypatch.setenv(cache.VARIABLE, str(found))
    return found


class Maker:
    """Makes a value, and counts how often."""

    def __init__(self, value: object) -> None:
        self.value = value
        self.made = 0

    def __call__(self) -> object:
        self.made += 1
        return self.value


def kept(value: object, *, texts: tuple[str, ...] = ("a text",), kind: str = "any") -> bool:
    """Whether this value was there for these texts, and none had to be made."""
    make = Maker(value)
    assert cached(kind, texts, ["cache.py"], make) == value
    return not make.made


def never() -> object:
    raise AssertionError("this was to be found in the cache")


# -- what is kept -----------------------------------------------------------------------------


@same_folder
@given(VALUES, st.lists(st.text(st.characters(exclude_categories=())), min_size=1, max_size=3))
def test_what_was_made_of_texts_is_found_again_as_it_was(
    folder: Path, value: object, texts: list[str]
) -> None:
    kind = json.dumps(value)  # another value is another kind of thing here
    cached(kind, texts, ["cache.py"], lambda: value)
    found = cached(kind, texts, ["cache.py"], never)
    assert (found, repr(found)) == (value, repr(value))
    assert folder.is_dir()


@same_folder
@given(st.lists(st.text(max_size=3), max_size=4), st.lists(st.text(max_size=3), max_size=4))
def test_other_texts_are_never_taken_for_these(
    folder: Path, some: list[str], others: list[str]
) -> None:
    """Nor is one text for two that say the same together."""
    cached("texts", some, ["cache.py"], lambda: some)
    assert cached("texts", others, ["cache.py"], lambda: others) == others
    assert folder.is_dir()


@pytest.mark.usefixtures("folder")
def test_another_kind_of_thing_is_never_taken_for_this() -> None:
    assert not kept(1, kind="document")
    assert not kept(2, kind="strict")
    assert kept(1, kind="document")


def test_what_other_code_of_ours_has_made_is_made_anew(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "package"
    (package / "contract" / "deep").mkdir(parents=True)
    repairs = package / "contract" / "deep" / "repairs.py"
    repairs.write_text("mend = 1\n", "utf-8")
    monkeypatch.setattr(cache, "_PACKAGE", str(package))

    def found(value: int) -> object:
        cache._identity.cache_clear()  # noqa: SLF001 as in another process
        return cached("document", ["text"], ["contract"], lambda: value)

    try:
        assert [found(1), found(2)] == [1, 1]
        repairs.write_text("mend = 2\n", "utf-8")
        assert [found(3), found(4)] == [3, 3]
        assert len([*folder.iterdir()]) == 2
    finally:
        cache._identity.cache_clear()  # noqa: SLF001 the same


def test_what_cannot_be_made_is_not_kept(folder: Path) -> None:
    def fail() -> object:
        raise UnreadableDocumentError("no document", [])

    for _ in range(2):
        with pytest.raises(UnreadableDocumentError):
            cached("document", ["text"], ["cache.py"], fail)
    assert not folder.exists()


# -- what may become of it --------------------------------------------------------------------


def entry(folder: Path) -> Path:
    [found] = folder.iterdir()
    return found


@same_folder
@given(st.data())
def test_an_entry_that_is_broken_in_any_place_is_made_anew(
    folder: Path, data: st.DataObject
) -> None:
    value = {"paths": {"/a": [1, 2.5, None, "é"]}}
    kept(value)
    whole = entry(folder).read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1), "at")
    cut, flipped = whole[:at], whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))])
    broken = data.draw(
        st.sampled_from([cut, flipped + whole[at + 1 :], whole + b"x", b"", b"{}", whole * 2])
    )
    entry(folder).write_bytes(broken)
    assert not kept(value)
    assert entry(folder).read_bytes() == whole
    assert kept(value)


def test_an_entry_with_a_digest_of_its_own_that_is_no_json_is_made_anew(folder: Path) -> None:
    kept(1)
    for body in (b"{", b"[" * 100_000, b"\xff"):
        told = cache._FORM + cache._digest(body) + b"\n" + body  # noqa: SLF001 to forge one
        entry(folder).write_bytes(told)
        assert not kept(1)


def test_an_entry_that_is_deleted_is_made_anew_and_so_is_the_whole_folder(folder: Path) -> None:
    kept(1)
    entry(folder).unlink()
    assert not kept(1)
    entry(folder).unlink()
    folder.rmdir()
    assert not kept(1)
    assert kept(1)


def test_a_folder_in_the_place_of_an_entry_is_no_error(folder: Path) -> None:
    kept(1)
    path = entry(folder)
    path.unlink()
    path.mkdir()
    assert not kept(1)
    assert [*folder.iterdir()] == [path]  # and what was begun is gone


@pytest.mark.parametrize("place", ["file", "file/below", "file/far/below", "nul\0", "x" * 5_000])
def test_where_nothing_can_be_written_nothing_is_kept_and_nobody_is_bothered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], place: str
) -> None:
    (tmp_path / "file").write_text("mine", "utf-8")
    monkeypatch.setattr(cache, "_folder", lambda: tmp_path / place)
    assert not kept(1)
    assert not kept(1)
    assert (tmp_path / "file").read_text("utf-8") == "mine"
    assert capfd.readouterr() == ("", "")


def test_a_value_that_is_too_deep_for_json_is_not_kept(folder: Path) -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert cached("deep", ["text"], ["cache.py"], lambda: deep) is deep
    assert not folder.exists()


def test_it_can_be_turned_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for word in ("off", "OFF"):
        monkeypatch.setenv(cache.VARIABLE, word)
        assert not kept(1)
        assert not kept(1)
    assert [*tmp_path.iterdir()] == []


# -- whose it is ------------------------------------------------------------------------------


@posix
def test_only_its_user_may_look_into_it(folder: Path) -> None:
    kept(1)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert entry(folder).stat().st_mode & 0o777 == 0o600


@posix
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_where_others_may_write_nothing_is_believed(folder: Path, mode: int) -> None:
    kept(1)
    folder.chmod(mode)
    assert not kept(1)
    folder.chmod(0o755)
    assert kept(1)


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {"XDG_CACHE_HOME": "/x"}, "/x/oxen-mockserver"),
        ("linux", {"XDG_CACHE_HOME": "x"}, "/home/me/.cache/oxen-mockserver"),
        ("linux", {}, "/home/me/.cache/oxen-mockserver"),
        ("darwin", {"XDG_CACHE_HOME": "/x"}, "/home/me/Library/Caches/oxen-mockserver"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/oxen-mockserver"),
        ("win32", {}, None),
    ],
)
@posix
def test_it_is_where_the_platform_has_caches(
    monkeypatch: pytest.MonkeyPatch,
    platform: str,
    variables: dict[str, str],
    expected: str | None,
) -> None:
    for name in (cache.VARIABLE, "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/me")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    found = cache._folder()  # noqa: SLF001 nothing is written there
    assert found == (None if expected is None else Path(expected))


# -- how much of it ---------------------------------------------------------------------------


def test_the_oldest_give_way(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_ENTRIES", 3)
    for number in range(4):
        kept(number, texts=(str(number),))
        for path in folder.iterdir():  # a day passes
            os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 86_400))
    assert [kept(number, texts=(str(number),)) for number in (3, 2, 1)] == [True] * 3
    assert not kept(0, texts=("0",))


def test_so_do_the_largest_together(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_BYTES", 3_000)
    for number in range(4):
        kept("x" * 1_000, texts=(str(number),))
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 3_000
    assert kept("x" * 1_000, texts=("3",))


def test_what_is_too_large_is_not_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "LARGEST_ENTRY", 3_000)
    assert not kept("x" * 4_000)
    assert not kept("x" * 4_000)
    assert not folder.exists()


def test_what_somebody_began_and_left_gives_way_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MOST_ENTRIES", 2)
    folder.mkdir(0o700)
    for number in range(5):
        (folder / f"{number:016x}.begun").write_bytes(b"half")
    others = ("notes.txt", "package.json", "tsconfig.json", "1.begun")
    for name in others:
        (folder / name).write_text("somebody's own", "utf-8")
    kept(1)
    assert len([*folder.iterdir()]) == 2 + len(others)
    assert all((folder / name).exists() for name in others)


# -- who writes at once -----------------------------------------------------------------------


def test_threads_that_keep_the_same_at_once_leave_one_whole_entry(folder: Path) -> None:
    start, value = Barrier(8), {"a": "x" * 100_000}

    def ask(_: int) -> object:
        start.wait()
        return cached("any", ["text"], ["cache.py"], lambda: value)

    with ThreadPoolExecutor(8) as threads:
        assert all(found == value for found in threads.map(ask, range(8)))
    assert entry(folder).suffix == ".json"
    assert cached("any", ["text"], ["cache.py"], never) == value


def test_processes_that_start_at_once_serve_the_same(folder: Path) -> None:
    code = (
        "import hashlib, json; from mockserver.assemble import assemble;"
        "from mockserver.settings import Settings;"
        "served = assemble(Settings()).engine.apis.values();"
        "print([hashlib.sha256(json.dumps([s.contract.document.value, s.contract.strict])"
        ".encode()).hexdigest() for s in served])"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(4)
    ]
    told = {process.communicate()[0] for process in processes}
    assert [process.returncode for process in processes] == [0] * 4
    assert len(told) == 1
    assert {path.suffix for path in folder.iterdir()} == {".json"}


# -- documents --------------------------------------------------------------------------------


def served(text: str) -> tuple[object, ...] | str:
    """Everything that a contract is made of, or why there is none."""
    try:
        contract = users_contract("oxen", ("mine.yaml", text), OVERLAYS)
    except UnreadableDocumentError as error:
        return str(error)
    return facts(contract)


def facts(contract: Contract) -> tuple[object, ...]:
    told = (contract.document, contract.operations, contract.strict, contract.idle)
    return (*told, json.dumps([contract.document.value, contract.strict]))


def test_our_documents_come_from_the_cache_as_they_were_loaded(folder: Path) -> None:
    for api in every_api({}):
        text = spec_text(api.document)
        fresh = Contract.load_own(api.name, text, api.document, partial(overlays_of, api))
        for _ in range(2):
            assert facts(load_contracts(Settings(), every_api({}))[api.name]) == facts(fresh)
    assert len([*folder.iterdir()]) == 4


@settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.data())
def test_a_document_from_the_cache_is_served_as_if_it_had_just_been_loaded(
    folder: Path, data: st.DataObject
) -> None:
    text = json.dumps(data.draw(altered(HUBS, 2, ODD)))
    overlays = overlays_of(every_api({})[0])
    try:
        fresh: object = facts(Contract.load("oxen", text, "mine.yaml", overlays))
    except UnreadableDocumentError as error:
        fresh = str(error)
    before = {*folder.iterdir()} if folder.exists() else set()
    assert served(text) == fresh
    assert served(text) == fresh
    if isinstance(fresh, str):
        assert ({*folder.iterdir()} if folder.exists() else set()) == before


@pytest.mark.usefixtures("folder")
def test_a_document_is_proved_once() -> None:
    text = spec_text("oxen.yaml")
    with patch("mockserver.contract.document._invalid", return_value=[]) as invalid:
        served(text)
        served(text)
        assert invalid.call_count == 1
        served(f"{text}\n# an edit")
        assert invalid.call_count == 2


@pytest.mark.usefixtures("folder")
def test_one_of_ours_that_a_user_brings_is_proved_like_any_other() -> None:
    text = spec_text("oxen.yaml")
    load_contracts(Settings(), every_api({}))
    with patch("mockserver.contract.document._invalid", return_value=[]) as invalid:
        served(text)
    assert invalid.call_count == 1


@pytest.mark.usefixtures("folder")
def test_an_edit_of_a_document_is_seen() -> None:
    text = spec_text("oxen.yaml")
    for title in ("one", "two", "one"):
        found = users_contract("oxen", ("m", text.replace("title: oxen", f"title: {title}")), [])
        assert found.document.value["info"]["title"] == title


# -- fixtures and proofs ----------------------------------------------------------------------


@pytest.mark.usefixtures("folder")
def test_a_fixture_from_the_cache_says_the_same_at_the_same_lines() -> None:
    forms, own = {api.name: api.form for api in every_api({})}, bundled("fixtures")
    for _ in range(2):
        catalogs, flaws = read_catalogs([own], forms, [own])
        assert flaws == []
        for catalog in catalogs.values():
            fixtures: list[Any] = [*catalog.evaluations.values(), *catalog.answers.values()]
            for fixture in fixtures:
                source = read_fixture(fixture.file.read_text("utf-8"), str(fixture.file))
                assert fixture.said == source.value
                for path, _value in walk(source.value):
                    assert fixture.where(path) == source.where(path)


def proved(text: str, *, trusting: bool) -> Proved:
    given_, apis = Settings(specs=(("mine.yaml", text),), epoch=EPOCH), every_api({})
    return load_fixtures(given_, apis, load_contracts(given_, apis), trusting=trusting)


NARROWER = spec_text("oxen.yaml").replace("enum:\n            - text\n", "enum:\n            - x\n")


@pytest.mark.parametrize("text", [spec_text("oxen.yaml"), NARROWER], ids=["ours", "narrower"])
@pytest.mark.usefixtures("folder")
def test_proofs_from_the_cache_are_those_that_were_made(text: str) -> None:
    made = proved(text, trusting=False)
    first = proved(text, trusting=True)
    with patch("mockserver.proofs.prove", side_effect=AssertionError):
        again = proved(text, trusting=True)
    told = [(one.judged, one.left_out, one.idle) for one in (made, first, again)]
    assert told[0] == told[1] == told[2]
    assert bool(made.left_out) == (text == NARROWER)
    assert made.catalogs["oxen"].evaluations.keys() == again.catalogs["oxen"].evaluations.keys()


@pytest.mark.usefixtures("folder")
def test_fixtures_are_proved_again_by_another_document_or_assumption() -> None:
    def asked(**given_: Any) -> int:  # noqa: ANN401 whatever settings are
        chosen = Settings(**given_)
        apis = every_api(chosen.assume)
        with patch("mockserver.proofs.prove", wraps=prove) as proving:
            load_fixtures(chosen, apis, load_contracts(chosen, apis), trusting=True)
        return proving.call_count

    text = spec_text("oxen.yaml")
    mine: Callable[[str], dict[str, Any]] = lambda text: {"specs": (("mine.yaml", text),)}  # noqa: E731 it is no more than a word
    assert asked() == 0
    assert asked(**mine(text)) > 0
    assert asked(**mine(text)) == 0
    assert asked(**mine(f"{text}\n")) > 0
    assert asked(**mine(text), assume={"fractional_seconds": True}) > 0
    assert asked(**mine(text)) == 0
