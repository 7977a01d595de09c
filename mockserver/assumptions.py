"""What is assumed of an API where nothing is known: each a default with a switch and a reason."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass
from mockserver.core.exchange import Kind, Violation
from mockserver.core.plain import represented, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Value = str | bool | int


_LONGEST_NUMBER = 20


@dataclass(frozen=True, slots=True)
class Assumption:
    """One switch.

    Attributes:
        default: what is assumed unless somebody says otherwise; its type is the switch's type.
        choices: the values it may take; None for any of its type.
        about: what it decides, and on what evidence the default stands.
        in_fixture: whether a single fixture may say otherwise for itself.
    """

    name: str
    default: Value
    choices: tuple[Value, ...] | None
    about: str
    in_fixture: bool = False

    def read(self, value: object) -> Value:
        """The value meant by a text from a flag or the environment, or by a value from a file.

        Raises:
            ValueError: it is none of those this switch takes; the text says which those are.
        """
        if isinstance(self.default, bool):
            words: Mapping[object, bool] = {True: True, False: False, "true": True, "false": False}
            if isinstance(value, bool | str) and value in words:
                return words[value]
        elif isinstance(self.default, int) and not isinstance(value, bool):
            if isinstance(value, str) and value.isdecimal() and len(value) < _LONGEST_NUMBER:
                value = int(value)
            if isinstance(value, int) and (self.choices is None or value in self.choices):
                return value
        elif isinstance(value, str) and (self.choices is None or value in self.choices):
            return value
        raise ValueError(self.takes)

    @property
    def takes(self) -> str:
        """The values it takes, in words."""
        if isinstance(self.default, bool):
            return "true or false"
        if self.choices is None:
            return "a text"
        return " or ".join(str(choice) for choice in self.choices)


def read_assumptions(
    known: Iterable[Assumption], given: Mapping[str, object], place: str
) -> tuple[Mapping[str, Value], tuple[Violation, ...]]:
    """The values given by name, and what is wrong with them; `place` says where they stand."""
    by_name = {assumption.name: assumption for assumption in known}
    values: dict[str, Value] = {}
    flaws = []
    for name, raw in given.items():
        if name not in by_name:
            near = difflib.get_close_matches(name, by_name, n=1)
            advice = f"did you mean {near[0]}?" if near else f"known: {', '.join(by_name)}"
            where, found = f"{place} {shortened(name)}", shortened(name) or "nothing"
            flaws.append(Violation(where, "the name of a setting", found, Kind.SOURCE, advice))
            continue
        try:
            values[name] = by_name[name].read(raw)
        except ValueError as error:
            flaws.append(Violation(f"{place} {name}", str(error), represented(raw), Kind.SOURCE))
    return values, tuple(flaws)
