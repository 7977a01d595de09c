"""What differs between two documents in words, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.telling.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_BREAKS = "breaks"
"""Stands before what can break a client."""


def difference_lines(told: Mapping[str, Any]) -> Iterator[str]:
    """A comparison as lines; the verdict comes last, where a terminal leaves the eye."""
    served = f", of the API {told['api']}" if told["api"] else ""
    yield f"old: {_name(told['old'])}"
    yield f"new: {_name(told['new'])}{served}"
    yield from _changes("operations", told["operations"])
    yield from _changes("fields", told["fields"])
    yield from _repairs("repairs that are no longer needed", told["repairs"]["gone"])
    yield from _repairs("repairs that are needed now", told["repairs"]["new"])
    yield from _listed("overlay actions that select nothing now", told["overlay"])
    yield from _listed("what fixtures break now", told["fixtures"])
    yield ""
    yield _verdict(told)


def _name(document: Mapping[str, Any]) -> str:
    return f"{document['document']} (version {document['version']})"


def _changes(heading: str, changes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Each change once, with every operation in which it stands at the same place."""
    lines: dict[tuple[bool, str], list[str]] = {}
    for change in changes:
        at = f" {change['place']}" if change["place"] else ""
        also = f" (and at {', '.join(change['also'])})" if change["also"] else ""
        line = change["breaking"], f"{at}: {change['sentence']}{also}"
        lines.setdefault(line, []).append(change["operation"])
    body = [
        f"  {_BREAKS if breaking else '':<{len(_BREAKS)}}  {', '.join(operations)}{text}"
        for (breaking, text), operations in lines.items()
    ]
    yield from _section(heading, len(changes), body)


def _repairs(heading: str, repairs: Sequence[Mapping[str, str]]) -> Iterator[str]:
    lines = [
        line
        for repair in repairs
        for line in (f"  {repair['pointer']}", f"         {repair['sentence']}")
    ]
    yield from _section(heading, len(repairs), lines)


def _listed(heading: str, told: Sequence[str]) -> Iterator[str]:
    yield from _section(heading, len(told), [f"  {line}" for line in told])


def _section(heading: str, count: int, lines: Sequence[str]) -> Iterator[str]:
    if count:
        yield ""
        yield f"{heading}: {count}"
        yield from lines


def _verdict(told: Mapping[str, Any]) -> str:
    texts = f"; {counted(told['texts'], 'text')} for people changed" if told["texts"] else ""
    if not told["findings"]:
        return f"nothing found: to a client they are the same{texts}"
    can = f"{told['breaking'] or 'none'} of which can break a client"
    return f"{counted(told['findings'], 'finding')}, {can}{texts}"
