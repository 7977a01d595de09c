"""Which statuses of a life anybody has seen, and which nobody has."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.client import shapes


def coverage_lines(told: shapes.Report) -> Iterator[str]:
    """A line for each API that was looked at: how many of its statuses were seen, and which not."""
    words: dict[str, dict[str, None]] = {}
    seen: dict[str, set[str]] = {}
    for row in told["clients"]:
        if row["saw"]:
            known = words.setdefault(row["api"], {})
            known |= dict.fromkeys([*row["saw"], *row["never_saw"]])
            seen.setdefault(row["api"], set()).update(row["saw"])
    for api, known in words.items():
        missed = [word for word in known if word not in seen[api]]
        counts = f"{len(seen[api])} of {len(known)} statuses seen"
        never = f", never {', '.join(missed)}" if missed else ""
        yield f"life cycle of {api}: {counts}{never}"
