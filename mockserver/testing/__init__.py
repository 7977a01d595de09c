"""For tests: sandboxes of a mock in this process, and what of a client's time stands in for it.

`mockserver.pytest_plugin` makes fixtures of these; the names below are for annotations. Each is
imported when it is first asked for, so that a run which uses none of it pays nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.testing.apis import Nugen, Oxen
    from mockserver.testing.session import Server

__all__ = ["Nugen", "Oxen", "Server"]

_HOMES = {"Nugen": "apis", "Oxen": "apis", "Server": "session"}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'mockserver.testing' has no attribute {name!r}")
    return getattr(import_module(f"mockserver.testing.{_HOMES[name]}"), name)
