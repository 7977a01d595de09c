"""Reports added up: those of many sandboxes, servers or workers into the one on a whole run."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mockserver.client import shapes

_COUNTS = ("sandboxes", "requests", "broken_requests", "broken_answers", "awaited", "faults")


def summed(reports: Sequence[shapes.Report]) -> shapes.Report:
    """The report on everything that these are about."""
    told: dict[str, Any] = {name: sum(_count(one, name) for one in reports) for name in _COUNTS}
    asked = _operations(reports)
    known = {name for one in reports for name in one["unused"]}
    told["operations"] = asked
    told["unused"] = sorted(known - {one["operation"] for one in asked})
    told["clients"] = _clients(row for one in reports for row in one["clients"])
    told["violations"] = _alike(
        (row for one in reports for row in one["violations"]), ("found", "advice")
    )
    told["missing"] = [row for one in reports for row in one["missing"]]
    told["clean"] = all(one["clean"] for one in reports)
    whole: shapes.Report = told  # type: ignore[assignment]  # because its keys are those of the reports
    return whole


def _count(report: shapes.Report, name: str) -> int:
    values: Mapping[str, Any] = {**report}
    return int(values[name])


def _operations(reports: Iterable[shapes.Report]) -> list[shapes.Asked]:
    codes: dict[str, Counter[str]] = {}
    for report in reports:
        for row in report["operations"]:
            codes.setdefault(row["operation"], Counter()).update(row["codes"])
    return [
        {"operation": name, "codes": dict(sorted(codes[name].items()))} for name in sorted(codes)
    ]


def _clients(rows: Iterable[shapes.Seen]) -> list[shapes.Seen]:
    """A row for each client and API: what any of its rows saw is seen."""
    alike: dict[str, list[shapes.Seen]] = {}
    for row in rows:
        key = json.dumps([row["client"], row["api"]], sort_keys=True)
        alike.setdefault(key, []).append(row)
    return [_of_one(alike[key]) for key in sorted(alike)]


def _of_one(rows: Sequence[shapes.Seen]) -> shapes.Seen:
    """The rows of one client and one API as one."""
    words = _in_order([half for row in rows for half in (row["saw"], row["never_saw"])])
    saw = {word for row in rows for word in row["saw"]}
    return {
        "client": rows[0]["client"],
        "api": rows[0]["api"],
        "saw": [word for word in words if word in saw],
        "never_saw": [word for word in words if saw and word not in saw],
        "polls_after_end": sum(row["polls_after_end"] for row in rows),
    }


def _in_order(lists: Sequence[Sequence[str]]) -> list[str]:
    """Every word once, in an order that all of these lists keep to; each is in that of a life."""
    words = list(dict.fromkeys(word for one in lists for word in one))
    before = {word: set[str]() for word in words}
    for one in lists:
        for index, word in enumerate(one):
            before[word].update(one[:index])
    ordered: list[str] = []
    while words:
        free = next((word for word in words if before[word] <= {*ordered}), words[0])
        ordered.append(free)
        words.remove(free)
    return ordered


def _alike(rows: Iterable[shapes.Broken], examples: Sequence[str]) -> list[shapes.Broken]:
    """Rows that differ only by their examples and counts are one, with the first one's example."""
    merged: dict[str, shapes.Broken] = {}
    for row in rows:
        same = {k: v for k, v in row.items() if k not in {*examples, "count"}}
        key = json.dumps(same, sort_keys=True)
        if key in merged:
            merged[key]["count"] += row["count"]
        else:
            merged[key] = {**row}
    return sorted(merged.values(), key=lambda row: -row["count"])
