"""JUnit XML, as the servers of continuous integration read it.

There is no standard; this is the dialect that pytest writes as `xunit2` and that Jenkins' schema
takes: testsuites, testsuite, properties, testcase, failure, system-out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document may hold, escaped or not (https://www.w3.org/TR/xml/#charsets)."""


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that was judged.

    Attributes:
        of: what it belongs to, which tools show before its name.
        failures: what is wrong with it, each in a line; none where it is fine.
        told: what else there is to say, in lines of its own.
        seconds: how long it took, in real seconds.
    """

    name: str
    of: str
    failures: Sequence[str] = ()
    told: str = ""
    seconds: float = 0.0


def junit(
    name: str, cases: Sequence[Case], facts: Mapping[str, str] | None = None, told: str = ""
) -> str:
    """A document with one suite; `facts` are its properties, `told` is what it printed."""
    wrong = sum(bool(case.failures) for case in cases)
    seconds = sum(case.seconds for case in cases)
    counts = f'tests="{len(cases)}" failures="{wrong}" errors="0" skipped="0" time="{seconds:.3f}"'
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<testsuites>"]
    lines.append(f"<testsuite name={_quoted(name)} {counts}>")
    if facts:
        lines.append("<properties>")
        lines += [
            f"<property name={_quoted(key)} value={_quoted(value)}/>"
            for key, value in facts.items()
        ]
        lines.append("</properties>")
    for case in cases:
        lines += _case(case)
    if told:
        lines.append(f"<system-out>{_text(told)}</system-out>")
    return "\n".join([*lines, "</testsuite>", "</testsuites>", ""])


def _case(case: Case) -> Iterator[str]:
    start = f"<testcase classname={_quoted(case.of)} name={_quoted(case.name)}"
    yield f'{start} time="{case.seconds:.3f}">'
    if case.failures:
        # One element holds them all: where there are several, most tools show the first alone.
        told = "\n".join(case.failures)
        yield f"<failure message={_quoted(case.failures[0])}>{_text(told)}</failure>"
    if case.told:
        yield f"<system-out>{_text(case.told)}</system-out>"
    yield "</testcase>"


def _text(text: str) -> str:
    return escape(_NO_XML.sub("?", text))


def _quoted(text: str) -> str:
    return quoteattr(_NO_XML.sub("?", text), {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})
