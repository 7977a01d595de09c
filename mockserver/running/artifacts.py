"""What is kept of a run: the report in three forms, exchanges, and every sandbox as it was left."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from typing import TYPE_CHECKING, cast

from mockserver import __version__
from mockserver.control.report import report_on
from mockserver.core.errors import BadSettingsError
from mockserver.core.exchange import Kind, Violation
from mockserver.core.plain import plain
from mockserver.har import har_of
from mockserver.snapshots import snapshot_of
from mockserver.telling import wording
from mockserver.telling.junit import Case, junit
from mockserver.telling.report import report_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from mockserver.client import shapes
    from mockserver.core.exchange import Exchange
    from mockserver.running.run import Run
    from mockserver.sandboxes import World

SNAPSHOTS = "snapshots"
JOURNALS = "journals"

_PLAIN = re.compile(r"[a-z0-9_][a-z0-9._-]{0,79}")
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")
"""What no file can be called on Windows, whatever follows the first dot."""
_STRANGE = re.compile(r"[^A-Za-z0-9._-]+")


def file_name(name: str) -> str:
    """A sandbox's name as that of a file, on any system; different ones stay different.

    A mark is added to those that are changed, and to those with capitals, for some systems take
    "A" for "a".
    """
    if _PLAIN.fullmatch(name) and not _DEVICES.fullmatch(name):
        return name
    told = _STRANGE.sub("-", name).strip("-.")[:80]
    mark = hashlib.blake2b(name.encode(errors="surrogatepass"), digest_size=4).hexdigest()
    return f"{told}~{mark}" if told else f"sandbox~{mark}"


class Artifacts:
    """A folder for them."""

    def __init__(self, folder: Path) -> None:
        """Make it where it is missing.

        Raises:
            BadSettingsError: nothing can be written there.
        """
        self.folder = folder
        try:
            for one in (folder, folder / SNAPSHOTS, folder / JOURNALS):
                one.mkdir(parents=True, exist_ok=True)
                with tempfile.TemporaryFile(dir=one):
                    pass
        except OSError as error:
            raise _unusable(folder, error) from None

    def keep(self, ran: Run, report: shapes.Report) -> None:
        """Write everything, over what is there; `report` is over all sandboxes.

        Raises:
            BadSettingsError: something could not be written.
        """
        worlds = ran.mock.engine.sandboxes.all()
        try:
            self._write("report.json", _json(report))
            self._write("report.txt", _told(report))
            self._write("junit.xml", _junit(ran, report, worlds))
            self._write_journals(worlds, ran.facts.url)
            for world in worlds:
                snapshot = snapshot_of(world, __version__)
                self._write(f"{SNAPSHOTS}/{file_name(world.name)}.json", _json(snapshot))
        except OSError as error:
            raise _unusable(self.folder, error) from None

    def _write_journals(self, worlds: Iterable[World], base: str) -> None:
        """Each sandbox by itself where it was asked anything, and all one after another."""
        everything: list[Exchange] = []
        for world in worlds:
            exchanges = world.sandbox.journal.exchanges()
            everything += exchanges
            if exchanges:
                archive = har_of(exchanges, base, __version__)
                self._write(f"{JOURNALS}/{file_name(world.name)}.har", _json(archive))
        self._write("journal.har", _json(har_of(everything, base, __version__)))

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, "utf-8")


def _json(value: object) -> str:
    """In ASCII, for no other form carries half a pair of surrogates, which a client may send."""
    return json.dumps(value, indent=2) + "\n"


def _told(report: shapes.Report) -> str:
    return "".join(f"{plain(line)}\n" for line in report_lines(report))


def _junit(ran: Run, report: shapes.Report, worlds: Iterable[World]) -> str:
    """A case for each sandbox that was asked something, or should have been, and one for all."""
    cases = []
    for world in worlds:
        own = cast("shapes.Report", report_on(world))
        if own["requests"] or not own["clean"]:
            cases.append(Case(world.name, "oxen-mock.sandboxes", [*_wrong(own)], _told(own)))
    cases.append(Case("all sandboxes", "oxen-mock", [*_wrong(report)], _told(report), ran.seconds))
    facts = {"version": __version__, "seed": ran.facts.seed, "exit_code": str(ran.code)}
    return junit("oxen-mock", cases, facts)


def _wrong(told: shapes.Report) -> Iterator[str]:
    """What was broken, and what should have been and was not."""
    for broken in told["violations"]:
        whose = "" if broken["of"] == "request" else "answer of the mock's own, "
        of = wording.short(broken["operation"])
        yield f"{broken['count']} x {whose}{of}: {wording.violation_of(broken)}"
    for missing in told["missing"]:
        of = wording.short(missing["operation"])
        came = f"expected to be broken {missing['count']} x, came {missing['met']} x"
        yield f"{of}: {missing['place']}: {came}"


def _unusable(folder: Path, error: OSError) -> BadSettingsError:
    found = f"{error.filename or folder}: {error.strerror or error}"
    flaw = Violation(f"--artifacts {folder}", "a folder to write to", found, Kind.SOURCE)
    return BadSettingsError("nothing can be kept there", [flaw])
