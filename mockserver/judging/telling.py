"""A judgement in words for a person, as JSON, and as JUnit XML."""

from __future__ import annotations

import json
import textwrap
from itertools import groupby
from typing import TYPE_CHECKING

from mockserver.core.errors import FlawedError
from mockserver.core.exchange import Kind, Violation
from mockserver.core.plain import plain
from mockserver.judging.charge import Sort
from mockserver.judging.told import names_of
from mockserver.telling.junit import Case, junit
from mockserver.telling.wording import counted, short

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from mockserver.judging.told import Assumption, Finding, Told, Where


class UnwritableError(FlawedError):
    """A file that cannot be written where it was asked for."""


_WIDEST = 100
_MOST_NAMED = 5
"""Entries that are named of a finding that many have."""

_WRONG = {
    Sort.DOCUMENT: "of the published document",
    Sort.RULE: "of what can be true",
    Sort.REQUEST: "of the requests",
    Sort.ASSUMPTION: "of what is assumed",
}


def as_text(told: Told) -> Iterator[str]:
    """The judgement as lines; the verdict comes last, where a terminal leaves the eye."""
    names = names_of(told)
    parts = (
        [*_findings(told["findings"], names)],
        [line for one in told["assumptions"] for line in _assumption(one)],
        [line for note in told["notes"] for line in _wrapped(f"note: {note}", "  ")],
    )
    for lines in filter(None, parts):
        yield from map(plain, lines)
        yield ""
    yield _verdict(told)


def _findings(findings: Sequence[Finding], names: Mapping[tuple[str, int], str]) -> Iterator[str]:
    """A line each; several in a row that the same entries have stand below these."""
    for _, alike in groupby(findings, lambda finding: finding["entries"]):
        group = list(alike)
        first, *others = group[0]["entries"]
        where = f"{_name(first, names)} {first['method']} {first['path']} {first['status']}"
        named = ", ".join(_name(other, names) for other in others[:_MOST_NAMED])
        more = ", ..." if len(others) > _MOST_NAMED else ""
        also = f" ({len(others) + 1} x, also {named}{more})" if others else ""
        told = [f"{finding['kind']}: {_what(finding)}" for finding in group]
        if len(told) == 1:
            yield f"{where} - {told[0]}{also}"
        else:
            yield f"{where}{also}"
            yield from (f"    {line}" for line in told)


def _what(finding: Finding) -> str:
    told = f"{finding['place']}: expected {finding['expected']}, found {finding['found']}"
    notes = [finding["advice"], finding["source"] and f"assumed by {finding['source'].split()[0]}"]
    noted = "; ".join(filter(None, notes))
    return f"{told} ({noted})" if noted else told


def _name(where: Where, names: Mapping[tuple[str, int], str]) -> str:
    return names[where["file"], where["index"]]


def _assumption(one: Assumption) -> Iterator[str]:
    verdict = "confirmed" if one["holds"] else "refuted"
    value = f" = {one['assumed']}" if one["assumed"] else ""
    yield f"{verdict}: {one['name']}{value} (by {counted(one['count'], 'exchange')})"
    if one["setting"]:
        yield f"  shown: {', '.join(one['shown'])}; to have it so: {one['setting']}"
    elif not one["holds"] and one["shown"]:
        yield f"  shown: {', '.join(one['shown'])}"
    if not one["holds"]:
        yield from textwrap.wrap(one["about"], _WIDEST, initial_indent="  ", subsequent_indent="  ")


def _wrapped(text: str, indent: str) -> Sequence[str]:
    return textwrap.wrap(text, _WIDEST, subsequent_indent=indent, break_on_hyphens=False)


def _verdict(told: Told) -> str:
    judged = (
        f"{counted(len(told['exchanges']), 'exchange')} of "
        f"{counted(told['evaluations'], 'evaluation')} judged"
    )
    by = " by the published documents" if told["judged_by"] == "published" else ""
    if told["clean"]:
        return f"clean: {judged}{by}"
    wrong = [
        f"{told['counts'][sort.value]} {words}"
        for sort, words in _WRONG.items()
        if told["counts"][sort.value]
    ]
    count = counted(len(told["findings"]), "finding")
    return f"not clean: {count} ({', '.join(wrong)}) in {judged}{by}"


def as_json(told: Told) -> str:
    """The judgement as JSON, in ASCII, which every pipe carries."""
    return json.dumps(told, indent=2)


def as_junit(told: Told) -> str:
    """The judgement as JUnit XML: every exchange is a case."""
    names, wrong = names_of(told), dict[str, list[str]]()
    every = {names[where["file"], where["index"]]: where for where in told["exchanges"]}
    for finding in told["findings"]:
        for where in finding["entries"]:
            every.setdefault(_name(where, names), where)
            wrong.setdefault(_name(where, names), []).append(f"{finding['kind']}: {_what(finding)}")
    cases = [
        Case(
            f"{name} {where['method']} {where['path']} {where['status']}",
            short(where["operation"] or None),
            tuple(wrong.get(name, ())),
        )
        for name, where in every.items()
    ]
    facts = {"judged_by": told["judged_by"], "evaluations": str(told["evaluations"])}
    return junit("oxen-mock judge", cases, facts, "\n".join(as_text(told)))


def write_junit(told: Told, path: Path) -> None:
    """Write the judgement as JUnit XML.

    Raises:
        UnwritableError: it cannot be written there.
    """
    try:
        path.write_text(as_junit(told), "utf-8", errors="backslashreplace")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        flaw = Violation("--junit", "a file that can be written", f"{path}: {reason}", Kind.SOURCE)
        raise UnwritableError("the judgement cannot be written", [flaw]) from None
