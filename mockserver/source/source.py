"""A value read from text, and where each part of it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass
from mockserver.core.errors import FlawedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mockserver.core.exchange import Violation

    Path = tuple[str | int, ...]

DEEPEST = 200
"""How many levels of nesting are read; the deepest known API document has some forty."""
LARGEST_WHOLE = 4000
"""Digits of the longest integer read; Python itself refuses to convert past 4,300."""

TOO_DEEP = f"at most {DEEPEST} levels of nesting", "more"
NOT_UNICODE = "Unicode text", "half of a surrogate pair"


@dataclass(frozen=True, slots=True)
class Source:
    """A value read from text, and where each part of it stands.

    Attributes:
        value: mappings, lists, texts, numbers, booleans and None.
        label: the file's name as told to people.
        lines: the line of each value, by its path of keys and indices.
    """

    value: object
    label: str
    lines: Mapping[Path, int]

    def where(self, path: Sequence[str | int]) -> str:
        """`file:line` of the value at this path, or of the nearest one around it."""
        steps = tuple(path)
        while steps and steps not in self.lines:
            steps = steps[:-1]
        return f"{self.label}:{self.lines.get(steps, 1)}"


class LinesAsked(Mapping["Path", int]):
    """The lines of values, found when somebody asks for one; most starts tell none."""

    def __init__(self, find: Callable[[], Mapping[Path, int]]) -> None:
        """Find nothing yet."""
        self._find = find
        self._found: Mapping[Path, int] | None = None

    def _lines(self) -> Mapping[Path, int]:
        if self._found is None:
            self._found = self._find()
        return self._found

    def __getitem__(self, path: Path) -> int:
        """The line of the value at this path."""
        return self._lines()[path]

    def __iter__(self) -> Iterator[Path]:
        """Every path."""
        return iter(self._lines())

    def __len__(self) -> int:
        """How many values there are."""
        return len(self._lines())


class AmbiguousError(FlawedError):
    """A text that can be read, though another reader would understand it differently.

    Attributes:
        source: what it reads as here, so that more can be said of the rest of it at once.
    """

    def __init__(self, source: Source, flaws: Sequence[Violation]) -> None:
        """Keep what was read beside what is unclear about it."""
        super().__init__(f"{source.label} cannot be read", flaws)
        self.source = source


def is_unicode(text: str) -> bool:
    """Whether it can be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
