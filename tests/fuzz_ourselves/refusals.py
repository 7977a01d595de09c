"""What every refusal of ours owes to the person who wrote what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from mockserver.core.errors import FlawedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mockserver.core.exchange import Violation

T = TypeVar("T")
LONGEST = 600
"""Characters of a flaw in a line; a label and a list of known names take the most of it."""


def told_well(flaws: Iterable[Violation], start: str = "") -> None:
    """Each has its place, what was expected and what was found, in one short line."""
    for flaw in flaws:
        assert flaw.place.startswith(start)
        assert flaw.place
        assert flaw.expected
        assert flaw.found
        assert str(flaw).isprintable(), repr(str(flaw))
        assert len(str(flaw)) <= LONGEST, len(str(flaw))


def taken(
    read: Callable[[], T], refusal: type[FlawedError] = FlawedError, start: str = ""
) -> T | None:
    """What is read, or None where it is refused by flaws that are told well."""
    try:
        return read()
    except refusal as error:
        flaws = error.flaws
    assert flaws
    told_well(flaws, start)
    return None


def meant(read: Callable[[], T], refusal: type[Exception], start: str = "") -> T | None:
    """What is read, or None where it is refused by a reason in a line."""
    try:
        return read()
    except refusal as error:
        refused = error
    assert type(refused) is refusal
    assert str(refused).startswith(start)
    assert str(refused).isprintable(), repr(str(refused))
    assert 0 < len(str(refused)) <= LONGEST
    return None
