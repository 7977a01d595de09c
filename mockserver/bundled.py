"""Where the bundled documents and fixtures lie: in the wheel, or beside a checkout's package."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def bundled(folder: str) -> Path:
    """The bundled `spec` or `fixtures` folder of this installation."""
    installed = _PACKAGE / "_bundled" / folder
    return installed if installed.is_dir() else _PACKAGE.parent / folder
