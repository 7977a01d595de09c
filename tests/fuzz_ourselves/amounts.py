"""How many examples a fuzz test takes."""

from __future__ import annotations

from hypothesis import settings


def hundreds(count: float) -> settings:
    """So many hundreds of examples, or as many times that as --thorough says."""
    profile = settings.get_profile("fuzz")
    return settings(profile, max_examples=round(profile.max_examples * count))
