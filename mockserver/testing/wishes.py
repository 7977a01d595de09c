"""What a test asks of its sandbox: the marker `oxen`, the project's settings, the run's seed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockserver.apis.known import ASSUMPTIONS
from mockserver.core.dataclass import dataclass
from mockserver.core.errors import BadSettingsError
from mockserver.core.exchange import Kind, Violation
from mockserver.making import Options
from mockserver.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterable

KNOWN = ("seed", "spec", "fixtures", "settings")
"""What the marker may say."""

_OF_ASSUMPTIONS = {assumption.name for assumption in ASSUMPTIONS}
_OF_SERVERS = {"host", "port", "quiet", "url_file", "require_sandbox", "restore"}
"""Settings that say nothing of a sandbox; to go on from a snapshot, `oxen.restore(document)`."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked of a sandbox, by markers or by a call.

    Attributes:
        seed: what its ids are drawn from; None has it drawn from the test's id.
        spec: a document of the hub's API in place of the bundled one.
        fixtures: a folder, several, or fixtures by name, as values or as the texts of files.
        settings: settings by the names of `oxen-mock.toml`, assumptions too, or `Settings`.
    """

    seed: str | int | None = None
    spec: str | Path | None = None
    fixtures: str | Path | Iterable[str | Path] | Mapping[str, object] = ()
    settings: Settings | Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, said: Iterable[Mapping[str, Any]]) -> Wishes:
        """What several markers say together, the nearest to the test first.

        Raises:
            BadSettingsError: one says what no marker may say.
        """
        flaws, wishes = [], dict[str, Any]()
        for one in said:
            unknown = one.keys() - set(KNOWN)
            flaws += [_flaw("the marker oxen", ", ".join(KNOWN), name) for name in unknown]
            both = wishes.get("settings"), one.get("settings")
            wishes = {**one, **wishes}
            if isinstance(both[0], Mapping) and isinstance(both[1], Mapping):
                wishes["settings"] = {**both[1], **both[0]}
        if flaws:
            raise BadSettingsError("a test asks for what there is not", flaws)
        return cls(**wishes)

    def over(self, more: Wishes) -> Wishes:
        """These, and what they leave open as `more` has it."""
        return Wishes.of([self._said(), more._said()])

    def _said(self) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in KNOWN}
        return {name: value for name, value in values.items() if value not in (None, (), {})}


@dataclass(frozen=True, slots=True)
class Granted:
    """What comes of wishes: the server that is needed, and what is particular to the sandbox."""

    settings: Settings
    options: Options


def granted(wishes: Wishes, root: Path, beside: Path) -> Granted:
    """The settings of the project in `root`, with what is wished for on top.

    Paths are looked for in the folder `beside` the test first, then in the root.

    Raises:
        BadSettingsError: everything that is wrong with either.
    """
    own, is_named = wishes.fixtures, isinstance(wishes.fixtures, Mapping)
    folders: list[str] = []
    if not is_named:
        listed = [own] if isinstance(own, str | Path) else own
        folders = [str(_there(one, root, beside, "fixtures")) for one in listed]
    settings = _settings(wishes, root, beside)
    said = _said_of(wishes.settings)
    settings = replace(settings, fixtures=(*settings.fixtures, *map(Path, folders)))
    options = Options(
        seed=said.get("seed"),
        epoch=settings.epoch,
        rate=settings.speed if said.get("speed") is not None else 0.0,
        mood=settings.mood,
        assume=settings.assume,
        fixtures=dict(own) if isinstance(own, Mapping) else {},
    )
    shared = replace(
        settings, host="127.0.0.1", speed=0.0, epoch=None, seed=None, mood=None, assume={},
        quiet=True, require_sandbox=True, restore=None,
    )  # fmt: skip
    return Granted(shared, options)


def run_seed(option: str | None, root: Path) -> str:
    """What the seeds of a run's sandboxes are drawn from, the same in every worker of it.

    Raises:
        BadSettingsError: the settings make no sense.
    """
    return option or load_settings(root, os.environ, {}, _read).seed or "0"


def _settings(wishes: Wishes, root: Path, beside: Path) -> Settings:
    specs: tuple[str, ...] = ()
    if wishes.spec is not None:
        specs = (str(_there(wishes.spec, root, beside, "spec")),)
    if isinstance(wishes.settings, Settings):
        given = tuple((label, _read(label)) for label in specs) or wishes.settings.specs
        return replace(wishes.settings, specs=given)
    if foreign := _OF_SERVERS & wishes.settings.keys():
        expected = "what a sandbox can have of its own"
        flaws = [
            _flaw(f'settings["{one}"]', expected, "a setting of a server")
            for one in sorted(foreign)
        ]
        raise BadSettingsError("a test asks for what there is not", flaws)
    flags = {n: v for n, v in wishes.settings.items() if n not in _OF_ASSUMPTIONS}
    assume = {n: v for n, v in wishes.settings.items() if n in _OF_ASSUMPTIONS}
    more = flags.pop("assume", {})
    if not isinstance(more, Mapping):
        flaw = _flaw('settings["assume"]', "assumptions by name", repr(more)[:80])
        raise BadSettingsError("a test asks for what there is not", [flaw])
    if specs:
        flags["specs"] = specs
    try:
        return load_settings(root, os.environ, {**flags, "assume": {**more, **assume}}, _read)
    except BadSettingsError as error:
        flaws = [replace(flaw, place=_as_marked(flaw.place)) for flaw in error.flaws]
        raise BadSettingsError("the settings of a test make no sense", flaws) from None


def _as_marked(place: str) -> str:
    """Where a setting was said, which is no flag of the command line."""
    name = place.removeprefix("--").replace("-", "_")
    return place if name == place else f'settings["{name}"]'


def _said_of(settings: Settings | Mapping[str, object]) -> Mapping[str, Any]:
    """What settings say of time and chance, where a sandbox has its own unless somebody does."""
    if isinstance(settings, Settings):
        return {"seed": settings.seed, "speed": settings.speed}
    seed = settings.get("seed")
    return {"seed": None if seed is None else str(seed), "speed": settings.get("speed")}


def _there(path: str | Path, root: Path, beside: Path, what: str) -> Path:
    for folder in (beside, root):
        if (folder / path).exists():
            return folder / path
    flaw = _flaw(f"{what} {path}", f"a path in {beside} or {root}", "nothing there")
    raise BadSettingsError("a test asks for what there is not", [flaw])


def _read(label: str) -> str:
    return Path(label).read_text("utf-8")


def _flaw(place: str, expected: str, found: str) -> Violation:
    return Violation(place, expected, found, Kind.SOURCE)
