"""A run in words for a person, as JSON, and as JUnit XML."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

from mockserver.core.plain import plain
from mockserver.fuzzing.archive import write_text
from mockserver.fuzzing.findings import Sort
from mockserver.fuzzing.told import last_part
from mockserver.telling.junit import Case, junit
from mockserver.telling.wording import counted, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mockserver.fuzzing.told import Answered, Found, Told

_WIDEST = 100
_NONE = "(no operation)"
_WRONG = {
    Sort.DOCUMENT: "of the published document",
    Sort.RULE: "of what can be true",
    Sort.CONDUCT: "of how requests are treated",
    Sort.ASSUMPTION: "of what is assumed",
}


def as_text(told: Told) -> Iterator[str]:
    """The outcome as lines; the verdict comes last, where a terminal leaves the eye."""
    for finding in told["findings"]:
        yield plain(f"{_where(finding)} - {_what(finding)}")
        yield f"  {_how_often(finding)}"
        yield from (f"    {plain(request)}" for request in finding["requests"])
        yield ""
    if told["operations"]:
        rows = [(*_named(row), _codes(row)) for row in told["operations"]]
        yield from table(("api", "operation", "answered"), rows)
        yield ""
    for note in told["notes"]:
        yield from textwrap.wrap(
            plain(f"note: {note}"), _WIDEST, subsequent_indent="  ", break_on_hyphens=False
        )
    if told["notes"]:
        yield ""
    yield _verdict(told)


def _where(finding: Found) -> str:
    return f"{finding['api']} {last_part(finding['operation']) or _NONE}"


def _what(finding: Found) -> str:
    told = f"{finding['place']}: expected {finding['expected']}, found {finding['found']}"
    source = finding["source"] and f"assumed by {finding['source']}"
    noted = "; ".join(filter(None, [finding["advice"], source]))
    return f"{finding['kind']}: {told}{f' ({noted})' if noted else ''}"


def _how_often(finding: Found) -> str:
    steps = "one after the other" if len(finding["requests"]) > 1 else "the shortest"
    return f"{finding['count']} x; {steps}:"


def _named(row: Answered) -> tuple[str, str]:
    return row["api"], last_part(row["operation"]) or _NONE


def _codes(row: Answered) -> str:
    return ", ".join(f"{count} x {code}" for code, count in row["answers"].items())


def _verdict(told: Told) -> str:
    asked = (
        f"{counted(told['requests'], 'request')} to {told['url']} in {told['seconds']:g} s; "
        f"the seed was {told['seed']}"
    )
    end = ", interrupted" if told["interrupted"] else ""
    if told["clean"]:
        return f"clean: {asked}{end}"
    counts = {sort: sum(one["kind"] == sort.value for one in told["findings"]) for sort in Sort}
    wrong = [f"{counts[sort]} {words}" for sort, words in _WRONG.items() if counts[sort]]
    findings = counted(len(told["findings"]), "finding")
    return f"not clean: {findings} ({', '.join(wrong)}) in {asked}{end}"


def as_json(told: Told) -> str:
    """The outcome as JSON, in ASCII, which every pipe carries."""
    return json.dumps(told, indent=2)


def as_junit(told: Told) -> str:
    """The outcome as JUnit XML: every operation is a case."""
    wrong: dict[tuple[str, str], list[Found]] = {}
    for finding in told["findings"]:
        wrong.setdefault((finding["api"], finding["operation"]), []).append(finding)
    cases = [
        Case(
            name=_named(row)[1],
            of=row["api"],
            failures=[_failure(one) for one in wrong.get((row["api"], row["operation"]), ())],
            told=_codes(row),
        )
        for row in told["operations"]
    ]
    facts = {"url": told["url"], "seed": str(told["seed"]), "requests": str(told["requests"])}
    return junit("oxen-mock fuzz", cases, facts, "\n".join(as_text(told)))


def _failure(finding: Found) -> str:
    return "\n  ".join([f"{finding['count']} x {_what(finding)}", *finding["requests"]])


def write_junit(told: Told, path: Path) -> None:
    """Write the outcome as JUnit XML.

    Raises:
        UnwritableError: it cannot be written there.
    """
    write_text("--junit", path, as_junit(told))


def notice(url: str, apis: Sequence[str], creates: int | None, *, is_near: bool) -> Iterator[str]:
    """What somebody should know before anything is sent."""
    yield f"fuzzing {', '.join(apis)} at {url}"
    if creates is None:
        return
    why = "" if is_near else "this is not surely your own machine: "
    if creates:
        count = counted(creates, "request")
        yield f"{why}at most {count} that may create something; each may cost money"
    else:
        told = "--max-creates N allows N requests that may create something and cost money"
        yield f"{why}only GET is sent ({told})"
