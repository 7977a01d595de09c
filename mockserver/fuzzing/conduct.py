"""What the checks of schemathesis object to, in our own words: expected, found, what to do.

Its failures have codes that are never renumbered or used again, by which they are told apart.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mockserver.fuzzing.findings import Finding, Sort

if TYPE_CHECKING:
    from mockserver.fuzzing.exchanged import Exchanged
    from mockserver.fuzzing.subject import Subject

_OF_ANSWERS = range(103, 112)
"""Codes of what breaks the document, which our own judge tells with its place."""
_CODE = re.compile(r"ST(\d+)")
_WRONG = re.compile(r"Invalid component: (.*)", re.DOTALL)
_LONGEST = 300


class Failure(NamedTuple):
    """A failure as facts.

    Attributes:
        code: what tells it from others, as in ST401.
        title: its kind in a few words.
        message: all of it.
    """

    code: str
    title: str
    message: str


class _Words(NamedTuple):
    place: str
    expected: str
    advice: str = ""


_KNOWN = {
    "ST101": _Words("status", "no failure of the server (5xx)"),
    "ST102": _Words("status", "415, or 400, for a type that the operation does not take"),
    "ST201": _Words("status", "a refusal (4xx), for the request breaks the document"),
    "ST202": _Words("status", "no refusal, for the request keeps the document"),
    "ST203": _Words("status", "a refusal (401 where it is Authorization), for a header is missing"),
    "ST204": _Words("status", "405 with Allow, for the document has no such method there"),
    "ST205": _Words("header Allow", "the methods that the document has there"),
    "ST301": _Words("status", "404 or 410, for it was deleted before"),
    "ST302": _Words("status", "what was just created"),
    "ST401": _Words(
        "status",
        "401 or 403, for there was no token that counts",
        "a server that takes any token has to be told which it knows (oxen-mock serve --token)",
    ),
}


def is_double(failure: Failure) -> bool:
    """Whether it says what our own judge says, too, where that has objected to the same answer."""
    found = _CODE.fullmatch(failure.code)
    return found is not None and int(found[1]) in _OF_ANSWERS


def finding_of(
    failure: Failure, subject: Subject, exchanged: Exchanged, requests: tuple[str, ...]
) -> Finding:
    """A failure as a finding; `requests` are the commands that show it."""
    words = _KNOWN.get(failure.code, _Words(failure.title, "as the document has it"))
    operation = subject.operation(exchanged.sent)
    status = str(exchanged.answer.status) if exchanged.answer is not None else "no answer"
    found = status if words.place == "status" else _shortened(failure.message)
    return Finding(
        sort=Sort.DOCUMENT if is_double(failure) else Sort.CONDUCT,
        api=subject.name,
        operation="" if operation is None else operation.id,
        place=words.place,
        expected=words.expected,
        found=found,
        advice=words.advice or _wrong(failure.message),
        rule=failure.title,
        requests=requests,
    )


def _wrong(message: str) -> str:
    """What schemathesis has put into a request that breaks the document."""
    found = _WRONG.search(message)
    return _shortened(found[1]) if found else ""


def _shortened(text: str) -> str:
    told = " ".join(text.split())
    return told if len(told) <= _LONGEST else f"{told[:_LONGEST]}…"
