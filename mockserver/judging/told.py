"""A judgement as plain values, without secrets: what every way of telling it is made from."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypedDict

from mockserver.judging.charge import Sort
from mockserver.telling.wording import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mockserver.judging.assumed import Weighed
    from mockserver.judging.charge import Charge
    from mockserver.judging.entry import Entry
    from mockserver.judging.judgement import Judgement
    from mockserver.judging.masking import Mask

_LONGEST_PATH = 200


class Where(TypedDict):
    """An entry of an archive; `index` counts `log.entries` from 0."""

    file: str
    index: int
    operation: str
    method: str
    path: str
    status: int


class Finding(TypedDict):
    """Something wrong, with every entry that has it; `source` is what assumes otherwise."""

    kind: str
    place: str
    expected: str
    found: str
    advice: str
    rule: str
    source: str
    entries: list[Where]


class Assumption(TypedDict):
    """An assumption that the traffic speaks of; `count` is how many exchanges do."""

    name: str
    holds: bool
    assumed: str
    shown: list[str]
    setting: str
    about: str
    count: int


class Told(TypedDict):
    """All of it."""

    clean: bool
    judged_by: str
    exchanges: list[Where]
    evaluations: int
    counts: dict[str, int]
    findings: list[Finding]
    assumptions: list[Assumption]
    notes: list[str]


def told_of(judgement: Judgement, mask: Mask) -> Told:
    """The judgement; findings that differ in nothing but their entries are one."""
    findings = _folded(judgement.charges, mask)
    counts = Counter(finding["kind"] for finding in findings)
    return {
        "clean": not findings,
        "judged_by": "published" if judgement.published else "strict",
        "exchanges": [
            _where(exchange.entry, exchange.operation.id, mask) for exchange in judgement.exchanges
        ],
        "evaluations": judgement.evaluations,
        "counts": {sort.value: counts[sort.value] for sort in Sort},
        "findings": findings,
        "assumptions": [_assumption(weighed, mask) for weighed in judgement.weighed],
        "notes": [mask(note) for note in judgement.notes],
    }


def _folded(charges: Iterable[Charge], mask: Mask) -> list[Finding]:
    folded: dict[tuple[str, ...], Finding] = {}
    for charge in charges:
        wrong = charge.violation
        facts: dict[str, str] = {
            "kind": charge.sort.value,
            "place": mask(wrong.place),
            "expected": mask(wrong.expected),
            "found": mask(wrong.found),
            "advice": mask(wrong.advice),
            "rule": wrong.rule,
            "source": f"{charge.source.overlay} {charge.source.target}" if charge.source else "",
        }
        one = folded.setdefault(tuple(facts.values()), {**facts, "entries": []})  # type: ignore[typeddict-item]  # because its keys are those above
        where = _where(charge.entry, charge.operation, mask)
        if where not in one["entries"]:
            one["entries"].append(where)
    return list(folded.values())


def _where(entry: Entry, operation: str, mask: Mask) -> Where:
    return {
        "file": entry.file,
        "index": entry.index,
        "operation": operation,
        "method": mask(entry.request.method[:10]),
        "path": mask(_path(entry.request.path)),
        "status": entry.response.status,
    }


def _path(path: str) -> str:
    told = written(path)
    return told if len(told) <= _LONGEST_PATH else f"{told[:_LONGEST_PATH]}…"


def _assumption(weighed: Weighed, mask: Mask) -> Assumption:
    return {
        "name": weighed.name,
        "holds": weighed.holds,
        "assumed": mask(weighed.assumed),
        "shown": [mask(value) for value in weighed.shown],
        "setting": mask(weighed.setting),
        "about": weighed.about,
        "count": len(weighed.exchanges),
    }


def names_of(told: Told) -> Mapping[tuple[str, int], str]:
    """What each entry is called: its index, after its file where there are several."""
    every = [
        *told["exchanges"],
        *(where for finding in told["findings"] for where in finding["entries"]),
    ]
    several = len({where["file"] for where in every}) > 1
    return {
        (where["file"], where["index"]): f"{where['file'] if several else ''}[{where['index']}]"
        for where in every
    }
