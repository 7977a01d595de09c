"""Moods: what a drawn answer keeps."""

from __future__ import annotations

from enum import StrEnum


class Mood(StrEnum):
    """How far a drawn answer goes."""

    STRICT = "strict"
    """What this mock sends: the strict contract and every rule over one look are kept."""
    PUBLISHED = "published"
    """Anything that the published document permits, which is more than any server sends."""
    BROKEN = "broken"
    """A strict answer with one thing broken, which has a name."""


MOODS = tuple(mood.value for mood in Mood)
"""The words for them, as they are typed."""
