"""What is written after a command: NAME=VALUE pairs, spans of time, files of JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from mockserver.core.errors import BadSettingsError
from mockserver.core.exchange import Kind, Violation
from mockserver.durations import parse_duration

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import timedelta

STANDARD = "-"
"""Stands for standard input or output in the place of a file."""


def span(
    _context: click.Context, _parameter: click.Parameter, text: str | None
) -> timedelta | None:
    """A span of time with its unit, as in 30s, for click to call back.

    Raises:
        click.BadParameter: the text is none.
    """
    try:
        return None if text is None else parse_duration(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def pairs(given: Sequence[str], texts: Collection[str] = ()) -> dict[str, object]:
    """What NAME=VALUE pairs say; of dotted names objects are made, and JSON is what it says.

    The values of `texts` are texts, whatever they look like.

    Raises:
        click.UsageError: a text is no such pair, or two of them contradict each other.
    """
    said: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        *outer, last = name.split(".")
        if not equals or not all((*outer, last)):
            raise click.UsageError(f"expected NAME=VALUE, found {text!r}")
        place = said
        for part in outer:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise click.UsageError(f"{name}: {part} has a value already")
        place[last] = value if name in texts else _value(value)
    return said


def _value(text: str) -> object:
    try:
        return json.loads(text, parse_constant=_no_json)
    except (ValueError, RecursionError):
        return text


def _no_json(constant: str) -> NoReturn:
    """NaN is for Python alone."""
    raise ValueError(constant)


def read_document(file: str) -> dict[str, Any]:
    """The JSON object in a file.

    Raises:
        BadSettingsError: there is none.
    """
    label = "<stdin>" if file == STANDARD else file
    try:
        raw = sys.stdin.buffer.read() if file == STANDARD else Path(file).read_bytes()
        document = json.loads(raw)
    except OSError as error:
        raise _unusable(label, "a readable file", error.strerror or str(error)) from None
    except (ValueError, RecursionError) as error:
        raise _unusable(label, "JSON", str(error)) from None
    if not isinstance(document, dict):
        raise _unusable(label, "a JSON object", f"one of another kind: {str(document)[:40]}")
    return document


def write_document(file: str, document: dict[str, Any]) -> None:
    """Write a document into a file, over what is there.

    Raises:
        BadSettingsError: it could not be written.
    """
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    try:
        Path(file).write_text(text, "utf-8", errors="surrogatepass")
    except OSError as error:
        raise _unusable(file, "a place to write to", error.strerror or str(error)) from None


def _unusable(place: str, expected: str, found: str) -> BadSettingsError:
    return BadSettingsError("it cannot be done", [Violation(place, expected, found, Kind.SOURCE)])
