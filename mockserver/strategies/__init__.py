"""Hypothesis strategies for whoever tests a client of the APIs."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from mockserver.strategies.answer import Answer
from mockserver.strategies.answers import answers, evaluations, lives, timelines

if TYPE_CHECKING:
    from mockserver.strategies.followed import Followed
    from mockserver.strategies.life import NugenLife, OxenLife

__all__ = [
    "Answer",
    "Followed",
    "NugenLife",
    "OxenLife",
    "answers",
    "evaluations",
    "lives",
    "timelines",
]

_OF_MACHINES = {"Followed": "followed", "NugenLife": "life", "OxenLife": "life"}


def __getattr__(name: str) -> object:
    """Import the machines when they are first used (PEP 562): they bring the server along."""
    if name not in _OF_MACHINES:
        raise AttributeError(f"module 'mockserver.strategies' has no attribute {name!r}")
    return getattr(import_module(f"mockserver.strategies.{_OF_MACHINES[name]}"), name)
