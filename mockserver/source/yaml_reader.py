"""YAML text into plain values with their lines.

YAML is read by the core schema of version 1.2, where `no` is a word and a date is a text. A
fixture may not hold the plain scalars that 1.1 reads otherwise: whoever wrote them may have
meant either, so they are refused. A document may; it gets the text. Values are built from the
parser's events without recursion, so no nesting and no alias can run away with memory.
"""

from __future__ import annotations

import re
from dataclasses import field
from itertools import islice
from typing import TYPE_CHECKING

import yaml

from mockserver.core.dataclass import dataclass
from mockserver.core.errors import FlawedError
from mockserver.core.exchange import Kind, Violation
from mockserver.core.plain import shortened
from mockserver.source.source import (
    DEEPEST,
    LARGEST_WHOLE,
    NOT_UNICODE,
    TOO_DEEP,
    AmbiguousError,
    Source,
    is_unicode,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockserver.source.source import Path

_EVENTS: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
WORDS: Mapping[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?")
READ_TWO_WAYS = (
    (re.compile(r"(?i)y|n|yes|no|on|off"), "a yes/no value to some readers, a word to others"),
    (re.compile(r"\d{4}-\d\d?-\d\d?([Tt ].*)?"), "a date to some readers, a text to others"),
    (re.compile(r"[-+]?\d+(:[0-5]?\d)+(\.\d*)?"), "a number in base 60 to some readers"),
    (
        re.compile(r"[-+]?0[0-9_]+|0[xXoObB][0-9a-fA-F_]+"),
        "an octal or hexadecimal to some readers",
    ),
    (re.compile(r"[-+]?[0-9][0-9]*_[0-9_]*(\.[0-9_]*)?"), "a number to some readers"),
    (re.compile(r"(?i)[-+]?\.(inf|nan)"), "one that JSON cannot carry"),
)
_MOST_ILLEGAL = 20
"""Lines with such characters that are told; a binary file has little else."""

_OF_A_TEXT = frozenset({None, "!", "tag:yaml.org,2002:str"})


def read_yaml(text: str, label: str, *, refuse_ambiguous: bool, most_nodes: int) -> Source:
    """Read a text of at most so many values; lines are kept where ambiguity is refused.

    Raises:
        AmbiguousError: there is some, though the whole was read.
        FlawedError: what cannot be read at all, each flaw with its line.
    """
    builder = _Builder(label, refuse_ambiguous=refuse_ambiguous, most_nodes=most_nodes)
    text = text.lstrip("\ufeff")
    for line, found in islice(_illegal(text), _MOST_ILLEGAL):
        builder.flaw(line, *found)
    if builder.flaws:
        raise FlawedError(f"{builder.label} cannot be read", builder.flaws)
    try:
        for event in yaml.parse(text, Loader=_EVENTS):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        reason = f": {error.problem}" if error.problem else ""
        builder.flaw(line, "YAML", f"text that is not{reason}")
    except yaml.YAMLError as error:
        builder.flaw(1, "YAML", " ".join(str(error).split())[:120])
    except _GaveUpError:
        pass
    else:
        source = Source(builder.root, builder.label, builder.lines)
        if builder.flaws:
            raise AmbiguousError(source, builder.flaws)
        return source
    raise FlawedError(f"{builder.label} cannot be read", builder.flaws)


def _illegal(text: str) -> Iterator[tuple[int, tuple[str, str]]]:
    """The first character of each line that no YAML text may hold; parsers tell no line of it."""
    illegal = {character for character in set(text) if not _is_legal(character)}
    for number, line in enumerate(text.split("\n") if illegal else (), 1):
        if found := next((character for character in line if character in illegal), ""):
            code = f"the character U+{ord(found):04X}"
            yield number, ("printable text", code) if is_unicode(found) else NOT_UNICODE


def _is_legal(character: str) -> bool:
    """Whether YAML 1.2 allows it in a text (section 5.1); half a surrogate pair is not."""
    return (
        " " <= character <= "~"
        or character in "\t\n\r\x85"
        or "\xa0" <= character <= "\ud7ff"
        or "\ue000" <= character <= "\ufffd"
        or character >= "\U00010000"
    )


class _GaveUpError(Exception):
    """Reading on would cost too much, or makes no sense."""


@dataclass(slots=True)
class _Level:
    """A mapping or a list that is being filled."""

    holder: dict[str, object] | list[object]
    path: Path
    anchor: str | None
    nodes_before: int
    key: str | None = None
    seen: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Builder:
    """Builds values from parser events, keeping lines and flaws."""

    label: str
    refuse_ambiguous: bool
    most_nodes: int
    root: object = None
    lines: dict[Path, int] = field(default_factory=dict)
    flaws: list[Violation] = field(default_factory=list)
    _levels: list[_Level] = field(default_factory=list)
    _anchors: dict[str, tuple[object, int]] = field(default_factory=dict)
    _nodes: int = 0
    _documents: int = 0

    def flaw(self, line: int, expected: str, found: str) -> None:
        """Remember what is wrong at a line."""
        self.flaws.append(Violation(f"{self.label}:{line}", expected, found, Kind.SOURCE))

    def take(self, event: yaml.Event) -> None:
        """Take the next event of the parser."""
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.ScalarEvent):  # most are
            self._scalar(event, line)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self.flaw(line, "one document in a file", "a second one after ---")
                raise _GaveUpError
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event.anchor or "", line)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open({} if isinstance(event, yaml.MappingStartEvent) else [], event, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            level = self._levels.pop()
            if level.anchor:
                self._anchors[level.anchor] = (level.holder, self._nodes - level.nodes_before)

    def _open(
        self, holder: dict[str, object] | list[object], event: yaml.CollectionStartEvent, line: int
    ) -> None:
        if event.tag not in {None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}:
            self.flaw(line, "plain values", f"the tag {shortened(str(event.tag))}")
        if self._at_key():
            self.flaw(line, "a text as key", "a mapping or a list")
            raise _GaveUpError
        if len(self._levels) >= DEEPEST:
            self.flaw(line, *TOO_DEEP)
            raise _GaveUpError
        if event.anchor:
            self._anchors.pop(event.anchor, None)
        before = self._nodes
        path = self._place(holder, line)
        self._levels.append(_Level(holder, path, event.anchor, before))

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        if self._at_key():
            self._key(event, line)
            return
        value: object = event.value
        if event.tag not in _OF_A_TEXT:
            self.flaw(line, "plain values", f"the tag {shortened(str(event.tag))}")
        elif event.tag is None and event.implicit[0]:
            value = self._plain(event.value, line)
        self._place(value, line)
        if event.anchor:
            self._anchors[event.anchor] = (value, 1)

    def _key(self, event: yaml.ScalarEvent, line: int) -> None:
        level = self._levels[-1]
        if event.tag not in _OF_A_TEXT:
            self.flaw(line, "plain values", f"the tag {shortened(str(event.tag))}")
        if not is_unicode(event.value):
            self.flaw(line, *NOT_UNICODE)
        if event.value == "<<" and event.implicit[0]:
            self.flaw(line, "keys written out", "a merge key <<")
        if event.value in level.seen:
            self.flaw(line, "each key once", f"{shortened(event.value)} for the second time")
        level.seen.add(event.value)
        level.key = event.value

    def _plain(self, text: str, line: int) -> object:
        if text in WORDS:
            return WORDS[text]
        if _WHOLE.fullmatch(text):
            if len(text) <= LARGEST_WHOLE:
                return int(text)
            self.flaw(line, f"a number of at most {LARGEST_WHOLE} digits", f"{len(text)} digits")
        if _NUMBER.fullmatch(text):
            return self._float(text, line)
        if self.refuse_ambiguous:
            for pattern, why in READ_TWO_WAYS:
                if pattern.fullmatch(text):
                    expected = f'quotes around it ("{text[:40]}"), true, false or a number'
                    self.flaw(line, "a number" if "JSON" in why else expected, why)
                    break
        return text

    def _float(self, text: str, line: int) -> float:
        number = float(text)
        if number in {float("inf"), float("-inf")}:
            self.flaw(line, "a number that JSON can carry", shortened(text))
        return number

    def _alias(self, anchor: str, line: int) -> None:
        if self._at_key():
            self.flaw(line, "a text as key", f"the alias *{shortened(anchor)}")
            raise _GaveUpError
        if anchor not in self._anchors:
            open_above = any(level.anchor == anchor for level in self._levels)
            found = "a cycle" if open_above else "nothing of that name before it"
            self.flaw(line, f"*{shortened(anchor)} to repeat a finished value", found)
            raise _GaveUpError
        value, nodes = self._anchors[anchor]
        self._nodes += nodes - 1
        self._place(value, line)

    def _at_key(self) -> bool:
        if not self._levels:
            return False
        level = self._levels[-1]
        return isinstance(level.holder, dict) and level.key is None

    def _place(self, value: object, line: int) -> Path:
        """Put a value where it belongs and say at which path that is."""
        self._nodes += 1
        if self._nodes > self.most_nodes:
            self.flaw(line, f"at most {self.most_nodes} values, repeats included", "more")
            raise _GaveUpError
        if isinstance(value, str) and not is_unicode(value):
            self.flaw(line, *NOT_UNICODE)
        path: Path = ()
        if not self._levels:
            self.root = value
        else:
            level = self._levels[-1]
            if isinstance(level.holder, dict):
                path = (*level.path, level.key or "")
                level.holder[level.key or ""] = value
                level.key = None
            else:
                path = (*level.path, len(level.holder))
                level.holder.append(value)
        if self.refuse_ambiguous:
            self.lines[path] = line
        return path
