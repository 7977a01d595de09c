"""YAML and JSON text into plain values, with the line of every value, safely; and values into YAML.

YAML is read by the core schema of version 1.2, where `no` is a word and a date is a text. A
fixture may not hold the plain scalars that 1.1 reads otherwise: whoever wrote them may have
meant either, so they are refused. A document may; it gets the text. Values are built from the
parser's events without recursion, so no nesting and no alias can run away with memory.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import yaml

from mockserver.core.errors import FlawedError
from mockserver.core.exchange import Kind, Violation
from mockserver.core.plain import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Path = tuple[str | int, ...]

DEEPEST = 200
"""How many levels of nesting are read; the deepest known API document has some forty."""

_EVENTS: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS: Mapping[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?")
_READ_TWO_WAYS = (
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

_TOO_DEEP = f"at most {DEEPEST} levels of nesting", "more"
_NOT_UNICODE = "Unicode text", "half of a surrogate pair"
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*")
"""Texts that stand in YAML without quotes, unless they are a word for another value."""

_OF_A_TEXT = frozenset({None, "!", "tag:yaml.org,2002:str"})
_LARGEST_WHOLE = 4000
"""Digits of the longest integer read; Python itself refuses to convert past 4,300."""


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


class AmbiguousError(FlawedError):
    """A text that can be read, though another reader would understand it differently.

    Attributes:
        source: what it reads as here, so that more can be said of the rest of it at once.
    """

    def __init__(self, source: Source, flaws: Sequence[Violation]) -> None:
        """Keep what was read beside what is unclear about it."""
        super().__init__(f"{source.label} cannot be read", flaws)
        self.source = source


def read_fixture(text: str, label: str) -> Source:
    """Read a fixture, refusing whatever two YAML readers would understand differently.

    Raises:
        AmbiguousError: that it holds, though the whole of it was read.
        FlawedError: what cannot be read at all, each flaw with its line.
    """
    builder = _Builder(label, refuse_ambiguous=True, most_nodes=20_000)
    return _read_yaml(text, builder)


def read_document(text: str, label: str) -> object:
    """Read an OpenAPI document or an overlay, as JSON where it is JSON.

    Raises:
        FlawedError: what cannot be read, each flaw with its line.
    """
    if text.lstrip("\ufeff \t\r\n").startswith(("{", "[", '"')):
        try:
            return _read_json(text.lstrip("\ufeff"), label)
        except json.JSONDecodeError:
            pass  # YAML in flow style starts the same way
    builder = _Builder(label, refuse_ambiguous=False, most_nodes=500_000)
    return _read_yaml(text, builder).value


def _read_json(text: str, label: str) -> object:
    flaws: list[Violation] = []

    def pairs(items: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(items)
        if len(found) < len(items):
            counts = Counter(name for name, _ in items)
            twice = ", ".join(sorted(name for name in counts if counts[name] > 1))
            told = f"{shortened(twice)} twice"
            flaws.append(Violation(label, "each key once", told, Kind.SOURCE))
        return found

    def whole(digits: str) -> int:
        if len(digits) <= _LARGEST_WHOLE:
            return int(digits)
        expected = f"a number of at most {_LARGEST_WHOLE} digits"
        flaws.append(Violation(label, expected, f"{len(digits)} digits", Kind.SOURCE))
        return 0

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_int=whole)
    except RecursionError:
        flaws.append(Violation(label, *_TOO_DEEP, Kind.SOURCE))
    else:
        flaws += [Violation(label, *flaw, Kind.SOURCE) for flaw in _beyond_json(value)]
    if flaws:
        raise FlawedError(f"{label} cannot be read", flaws)
    return value


def _beyond_json(value: object) -> Iterator[tuple[str, str]]:
    """What Python's reader lets through: text that is not Unicode, infinities, any depth."""
    level, depth = [value], 1
    while level:
        within: list[object] = []
        for item in level:
            if isinstance(item, str) and not _is_unicode(item):
                yield _NOT_UNICODE
            elif isinstance(item, float) and not math.isfinite(item):
                yield "a number that JSON can carry", str(item)
            elif isinstance(item, dict):
                within += [*item, *item.values()]
            elif isinstance(item, list):
                within += item
        if depth > DEEPEST and any(isinstance(item, dict | list) for item in level):
            yield _TOO_DEEP
            return
        level, depth = within, depth + 1


def _read_yaml(text: str, builder: _Builder) -> Source:
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
            yield number, ("printable text", code) if _is_unicode(found) else _NOT_UNICODE


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
            self.flaw(line, *_TOO_DEEP)
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
        if not _is_unicode(event.value):
            self.flaw(line, *_NOT_UNICODE)
        if event.value == "<<" and event.implicit[0]:
            self.flaw(line, "keys written out", "a merge key <<")
        if event.value in level.seen:
            self.flaw(line, "each key once", f"{shortened(event.value)} for the second time")
        level.seen.add(event.value)
        level.key = event.value

    def _plain(self, text: str, line: int) -> object:
        if text in _WORDS:
            return _WORDS[text]
        if _WHOLE.fullmatch(text):
            if len(text) <= _LARGEST_WHOLE:
                return int(text)
            self.flaw(line, f"a number of at most {_LARGEST_WHOLE} digits", f"{len(text)} digits")
        if _NUMBER.fullmatch(text):
            return self._float(text, line)
        if self.refuse_ambiguous:
            for pattern, why in _READ_TWO_WAYS:
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
        if isinstance(value, str) and not _is_unicode(value):
            self.flaw(line, *_NOT_UNICODE)
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


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def dump(value: object) -> str:
    """A value as YAML in ASCII that readers of any version understand alike."""
    return yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, default_flow_style=False, width=math.inf
    )


class _Dumper(yaml.SafeDumper):
    """Quotes every text that some reader could take for something else; repeats what repeats."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 because all are written out
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 because entries stand below their key, indented
        super().increase_indent(flow, indentless=False)


def _text_node(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    is_a_word = text in _WORDS or any(pattern.fullmatch(text) for pattern, _ in _READ_TWO_WAYS)
    plain = _PLAIN.fullmatch(text) and not is_a_word
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _text_node)


def walk(value: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every value inside a value, itself first, with its path of keys and indices."""
    ahead = [(path, value)]
    while ahead:
        path, value = ahead.pop()
        yield path, value
        if isinstance(value, dict):
            ahead += [((*path, key), inner) for key, inner in reversed(value.items())]
        elif isinstance(value, list):
            last = len(value) - 1
            ahead += [((*path, last - n), inner) for n, inner in enumerate(reversed(value))]
