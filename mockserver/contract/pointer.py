"""JSON pointers (RFC 6901), by which every repair and every flaw names its place."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable


def pointer(path: Iterable[str | int]) -> str:
    """The pointer to a path of keys and indices."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def resolve(document: object, reference: str) -> object:
    """The value that a local reference such as `#/components/schemas/Error` points to.

    Raises:
        LookupError: it points nowhere in this document, or out of it.
    """
    if reference != "#" and not reference.startswith("#/"):
        raise LookupError(reference)
    here = document
    for raw in reference[1:].split("/")[1:]:
        step = unquote(raw).replace("~1", "/").replace("~0", "~")
        if isinstance(here, dict) and step in here:
            here = here[step]
        elif isinstance(here, list) and step in map(str, range(len(here))):
            here = here[int(step)]
        else:
            raise LookupError(reference)
    return here
