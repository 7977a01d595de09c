"""What the command line hands over to be judged: archives, or the body of one answer."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NoReturn

from mockserver.core.exchange import Kind, Violation
from mockserver.instants import NoInstantError, read_instant
from mockserver.judging.alone import Alone
from mockserver.judging.archive import LARGEST, BadArchiveError, read_archive
from mockserver.judging.judgement import Judge
from mockserver.judging.masking import Mask
from mockserver.judging.told import told_of
from mockserver.settings import LARGEST_BODY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockserver.judging.told import Told
    from mockserver.settings import Settings

_STDIN = "-"


def judge_archives(
    settings: Settings, files: Sequence[str], hosts: Sequence[str], *, published: bool
) -> Told:
    """Judge everything in these archives.

    Raises:
        MockserverError: one cannot be read, or there is nothing to judge in them.
    """
    judge = Judge(settings, published=published)
    entries = [entry for file in files for entry in read_archive(_read(file, LARGEST), _name(file))]
    return told_of(judge.judge(entries, hosts), Mask(entries))


def judge_body(
    settings: Settings, file: str, named: tuple[str, int | None, str | None], *, published: bool
) -> Told:
    """Judge the body of one answer, `named` by its operation, status and instant.

    Raises:
        MockserverError: it cannot be read, or there is no such operation.
    """
    operation, status, instant = named
    now = datetime.now(UTC) if instant is None else _instant(instant)
    judge = Judge(settings, published=published)
    alone = Alone(operation, status, now, _read(file, LARGEST_BODY), _name(file))
    return told_of(judge.judge_alone(alone), Mask(()))


def _instant(text: str) -> datetime:
    try:
        return read_instant(text)
    except NoInstantError as error:
        expected = f"{error.expected}, as in 2026-01-31T12:00:00Z"
        _refuse("--now", expected, error.found)


def _name(file: str) -> str:
    return "<stdin>" if file == _STDIN else file


def _read(file: str, most: int) -> bytes:
    """The bytes of a file, or of standard input."""
    try:
        if file == _STDIN:
            return _bounded(sys.stdin.buffer, file, most)
        with Path(file).open("rb") as opened:
            return _bounded(opened, file, most)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        _refuse(_name(file), "a file that can be read", str(reason))


def _bounded(opened: BinaryIO, file: str, most: int) -> bytes:
    raw = opened.read(most + 1)
    if len(raw) > most:
        _refuse(_name(file), f"at most {most:,} bytes", "more: record less, or filter it first")
    return raw


def _refuse(place: str, expected: str, found: str) -> NoReturn:
    flaw = Violation(place, expected, found, Kind.SOURCE)
    raise BadArchiveError("this cannot be judged", [flaw])
