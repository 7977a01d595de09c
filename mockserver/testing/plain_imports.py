"""Imports past pytest's rewriting of asserts, which would compile this whole package anew.

pytest rewrites the asserts of every module in a package that has a plugin, to word their failures.
None of ours is there for a test to fail by; and where nothing may be written, as in most
containers, compiling them again cost each process of a run a quarter of a second.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def plain_imports() -> Iterator[None]:
    """Import as Python does, from the files that are compiled already."""
    rewriting = [finder for finder in sys.meta_path if hasattr(finder, "mark_rewrite")]
    for finder in rewriting:
        sys.meta_path.remove(finder)
    try:
        yield
    finally:
        sys.meta_path[:0] = rewriting
