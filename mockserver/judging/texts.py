"""What HTTP and JSON themselves ask of an answer, which no document has to say."""

from __future__ import annotations

import json
import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from mockserver.core.exchange import Kind, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockserver.core.exchange import Response

_CHARSET = re.compile(r"(?i);\s*charset\s*=\s*\"?([^\s;\"]+)")
_UTF_8 = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_LONGEST_NAME = 60


def every_name_stands_once(answer: Response) -> Iterator[Violation]:
    """An object of JSON has no name twice: readers differ in which one they take (RFC 8259, 4)."""
    twice: dict[str, None] = {}

    def noted(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found: dict[str, object] = {}
        for name, value in pairs:
            if name in found:
                twice[name] = None
            found[name] = value
        return found

    try:
        json.loads(answer.body, object_pairs_hook=noted)
    except (ValueError, RecursionError):
        return  # which the contract has told of
    for name in twice:
        yield _broken("body", "every name once", f"{name[:_LONGEST_NAME]!r} more than once")


def json_comes_in_utf_8(answer: Response) -> Iterator[Violation]:
    """JSON is sent in UTF-8, and is not said to be in anything else (RFC 8259, 8.1)."""
    content_type = answer.header("Content-Type") or ""
    said = _CHARSET.search(content_type)
    if "json" in content_type.lower() and said and said[1].lower() not in _UTF_8:
        yield _broken("header Content-Type", "charset=utf-8, or none", f"charset={said[1][:40]}")


def a_wait_is_seconds_or_a_date(answer: Response) -> Iterator[Violation]:
    """Retry-After is a number of whole seconds, or a date (RFC 9110, 10.2.3)."""
    said = answer.header("Retry-After")
    if said is None or (said.isascii() and said.isdigit()):
        return
    try:
        parsedate_to_datetime(said)
    except (ValueError, IndexError, TypeError, OverflowError):
        yield _broken("header Retry-After", "whole seconds, or a date", repr(said[:40]))


RULES: tuple[Callable[[Response], Iterator[Violation]], ...] = (
    every_name_stands_once,
    json_comes_in_utf_8,
    a_wait_is_seconds_or_a_date,
)


def check_texts(answer: Response) -> tuple[Violation, ...]:
    """Everything in which an answer is no good HTTP or no good JSON."""
    return tuple(violation for rule in RULES for violation in rule(answer))


def _broken(place: str, expected: str, found: str) -> Violation:
    return Violation(place, expected, found, Kind.RULE, rule="HTTP and JSON")
