"""A plot for the README: requests per second as bars, readable on a light and a dark page."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from peers.figures import KINDS
from peers.servers import BOTH, OWN
from peers.table import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from peers.figures import Row

WIDTH = 760
LEFT = 200
"""Where bars begin: names stand before it."""
RIGHT = 110
"""Room for the label behind the longest bar."""
BAR, GAP, TOP = 13, 14, 62
WORDS = {"get": "GET", "create": "POST", "refused": "POST, refused"}
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600; font-size: 14px } .ours { font-weight: 700 } .small { font-size: 11px }
.get { fill: #0969da } .create { fill: #1a7f37 } .refused { fill: #bc4c00 }
.other { opacity: .55 } .floor { opacity: .25 } .axis { stroke: #8c959f }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .get { fill: #58a6ff } .create { fill: #3fb950 } .refused { fill: #f0883e }
}
"""


def plot(rows: Sequence[Row]) -> str:
    """An SVG with the servers that were measured, the quickest first."""
    shown = [row for row in rows if row.rate("get")]
    shown.sort(key=lambda row: -(row.rate("get") or 0))
    most = max((rate for row in shown for kind in KINDS if (rate := row.rate(kind))), default=1.0)
    parts: list[str] = []
    top = TOP
    for row in shown:
        parts += _group(row, top, (WIDTH - LEFT - RIGHT) / most)
        top += BAR * len(_kinds(row)) + GAP
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" role="img">',
        "<title>Requests per second of one process</title>",
        f"<style>{STYLE}</style>",
        '<text class="title" x="0" y="18">Requests per second, one process each</text>',
        *_legend(),
        *parts,
        f'<line class="axis" x1="{LEFT}" y1="{TOP - 6}" x2="{LEFT}" y2="{top - GAP + 6}"/>',
        "</svg>",
        "",
    ])  # fmt: skip


def _legend() -> Iterator[str]:
    x = LEFT
    for kind in KINDS:
        yield f'<rect class="{kind}" x="{x}" y="31" width="10" height="10"/>'
        yield f'<text class="small" x="{x + 15}" y="40">{WORDS[kind]}</text>'
        x += 40 + 7 * len(WORDS[kind])
    told = "pale: others; palest: those that do not check both sides"
    yield f'<text class="small" x="{WIDTH}" y="18" text-anchor="end">{told}</text>'


def _group(row: Row, top: int, scale: float) -> Iterator[str]:
    """The bars of one server, with its name before them."""
    key = row.server.key
    kinds = _kinds(row)
    name = escape(re.sub(r"\*", "", row.server.title))
    middle = top + BAR * len(kinds) / 2 + 4
    own = "ours" if key in OWN else ""
    shade = "" if own else "other" if _checks_both(row) else "floor"
    yield f'<text class="{own}" x="{LEFT - 8}" y="{middle:g}" text-anchor="end">{name}</text>'
    for place, kind in enumerate(kinds):
        rate = row.rate(kind) or 0.0
        y, wide = top + place * BAR, max(rate * scale, 1)
        yield (
            f'<rect class="{kind} {shade}" x="{LEFT}" y="{y}" width="{wide:.1f}" '
            f'height="{BAR - 2}"/>'
        )
        yield f'<text class="small" x="{LEFT + wide + 5:.1f}" y="{y + 10}">{number(rate)}</text>'


def _checks_both(row: Row) -> bool:
    return row.verified is not None and row.verified.checks >= BOTH


def _kinds(row: Row) -> list[str]:
    return [kind for kind in KINDS if row.rate(kind)]
