"""A stand-in for the Oxen hub's evaluation API that keeps its contract and lives over time.

The names below are the public ones; each is imported when it is first asked for, so that
importing this package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.assemble import create_app
    from mockserver.client import Client, ControlError
    from mockserver.core.errors import (
        BadFixturesError,
        BadSettingsError,
        MockserverError,
        UnreadableDocumentError,
    )
    from mockserver.server import ThreadServer
    from mockserver.settings import Settings

__version__ = "0.1.0"

__all__ = [
    "BadFixturesError",
    "BadSettingsError",
    "Client",
    "ControlError",
    "MockserverError",
    "Settings",
    "ThreadServer",
    "UnreadableDocumentError",
    "__version__",
    "create_app",
]

_HOMES = {
    "BadFixturesError": "mockserver.core.errors",
    "BadSettingsError": "mockserver.core.errors",
    "Client": "mockserver.client",
    "ControlError": "mockserver.client",
    "MockserverError": "mockserver.core.errors",
    "UnreadableDocumentError": "mockserver.core.errors",
    "Settings": "mockserver.settings",
    "ThreadServer": "mockserver.server",
    "create_app": "mockserver.assemble",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'mockserver' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """The public names, imported yet or not."""
    return sorted(__all__)
