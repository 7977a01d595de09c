"""Which entries of an archive are exchanges of an API, and what becomes of the others."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mockserver.contract.routes import Match, Mismatch
from mockserver.core.dataclass import dataclass
from mockserver.selection import PREFIX

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from mockserver.apis.api import Api
    from mockserver.contract.contract import Contract, Operation
    from mockserver.judging.entry import Entry

_SANDBOX = re.compile(rf"({re.escape(PREFIX)}[^/]+)(/.*)", re.DOTALL)
_BELOW = "/api/"


@dataclass(frozen=True, slots=True)
class Ours:
    """An entry that is an exchange of an API.

    Attributes:
        entry: its request's path is the one within the API.
        base: host and what stands before that path: what is there is one world.
    """

    entry: Entry
    base: str
    api: Api
    contract: Contract
    match: Match

    @property
    def operation(self) -> Operation:
        """The operation that was asked for."""
        return self.contract.operations[self.match.name]


@dataclass(frozen=True, slots=True)
class Selected:
    """What was found in archives.

    Attributes:
        ours: the exchanges to judge.
        lost: entries below `/api/` on a host of theirs that no document describes.
        left_out: how many others there are, by what they are.
    """

    ours: tuple[Ours, ...]
    lost: tuple[Entry, ...]
    left_out: Counter[str]


def select(
    entries: Sequence[Entry],
    parts: Sequence[tuple[Api, Contract]],
    hosts: Collection[str],
    prefix: str,
) -> Selected:
    """The exchanges of these APIs, on these hosts; without hosts on whichever have any.

    Their paths may begin with a sandbox of this mock, or with the prefix.
    """
    left_out: Counter[str] = Counter()
    ours: list[Ours] = []
    others: list[Entry] = []
    for entry in entries:
        if hosts and not _is_of(entry.host, hosts):
            left_out["to other hosts"] += 1
        elif found := next(_matches(entry, parts, prefix), None):
            why = "preflights" if entry.request.method == "OPTIONS" else entry.unanswered
            if why:
                left_out[why] += 1
            else:
                ours.append(found)
        else:
            others.append(entry)
    known = {one.entry.host for one in ours}
    lost = []
    for entry in others:
        if entry.host not in known and not hosts:
            left_out["to other hosts"] += 1
        elif entry.request.method == "OPTIONS":
            left_out["preflights"] += 1
        elif entry.unanswered or not _below(entry, prefix):
            left_out["of other paths"] += 1
        else:
            lost.append(entry)
    return Selected(tuple(ours), tuple(lost), left_out)


def _is_of(host: str, hosts: Collection[str]) -> bool:
    """Whether a host is one of these; one that is named without its port has any."""
    return any(host == named or host.rpartition(":")[0] == named for named in map(str.lower, hosts))


def _below(entry: Entry, prefix: str) -> bool:
    return any(path.startswith(_BELOW) for _, path in _ways(entry.url_path, prefix))


def _matches(entry: Entry, parts: Sequence[tuple[Api, Contract]], prefix: str) -> Iterator[Ours]:
    """Every way in which an entry is an exchange; a preflight is one of what it asks about."""
    for before, path in _ways(entry.url_path, prefix):
        for api, contract in parts:
            match = contract.routes.match(entry.request.method, path)
            if isinstance(match, Mismatch) and entry.request.method == "OPTIONS" and match.allowed:
                match = contract.routes.match(match.allowed[0], path)
            if isinstance(match, Match):
                inner = replace(entry, request=replace(entry.request, path=path))
                yield Ours(inner, entry.host + before, api, contract, match)


def _ways(url_path: str, prefix: str) -> Iterator[tuple[str, str]]:
    """What may stand before the path of an API, with that path, decoded."""
    for start in dict.fromkeys(("", prefix)):
        if not url_path.startswith(start):
            continue
        rest = url_path[len(start) :]
        yield start, unquote(rest)
        if found := _SANDBOX.fullmatch(rest):
            yield start + found[1], unquote(found[2])
