"""Spans of time, however they come: as 30, "30s" or a timedelta."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeAlias

from mockserver.durations import parse_duration

Span: TypeAlias = float | str | timedelta
"""A number is seconds; a text has its unit, as in "1m30s"."""


def seconds_of(span: Span) -> float:
    """The seconds of a span.

    Raises:
        ValueError: a text without a unit.
    """
    if isinstance(span, str):
        span = parse_duration(span)
    return span.total_seconds() if isinstance(span, timedelta) else span
