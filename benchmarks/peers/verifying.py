"""Whether a server does what the table says of it: good and bad requests, and a wrong answer."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from peers.asked import FLAWS, WRONG, creates, look, refusals
from peers.documents import LONGEST_PROMPT
from peers.processes import ServerError, asked, running
from peers.servers import OWN, first_of_ours, own_command

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from peers.processes import Running
    from peers.servers import Server

OK, BAD, BROKEN = range(200, 300), range(400, 500), range(500, 600)
LOOKS = 25
SHOWN = 200
"""Characters of an answer that are told where it is not what it must be."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was seen of a server.

    Attributes:
        checks: what it has refused: a request without a token, each bad body, its own wrong answer.
        moving: of `LOOKS` looks, how many showed something else than the others.
        size: bytes of an answer.
    """

    checks: frozenset[str]
    moving: int
    size: int


def verify(server: Server, live: Running, documents: Path) -> Verified:
    """Ask a server everything.

    Raises:
        ServerError: it does not take what is good, or does not check what it claims to.
    """
    _require(live.ask(creates(server.file)[0], 1), OK, "a good create")
    seen = frozenset(
        name
        for name, holds in (
            ("token", _wants_token(live)),
            ("body", _refuses_bodies(server, live)),
            ("answer", _refuses_answers(server, live, documents)),
        )
        if holds
    )
    if missing := server.checks - seen:
        raise ServerError(f"it lets pass what it should check: {', '.join(sorted(missing))}")
    shown = looks(server, live)
    return Verified(seen, len(set(shown)), len(shown[0]))


def looks(server: Server, live: Running) -> list[bytes]:
    """The bodies of some looks, one after the other.

    Raises:
        ServerError: one of them shows no evaluation.
    """
    with live.connected() as connection:
        found = [asked(connection, look(server.looks)) for _ in range(LOOKS)]
    for answer in found:
        _require(answer, OK, "a look")
        evaluation = json.loads(answer[1])["evaluation"]
        if not {"id", "status", "progress"} <= evaluation.keys():
            raise ServerError(f"a look shows no evaluation: {answer[1][:SHOWN]!r}")
    return [body for _, body in found]


def sample(server: Server, live: Running, kind: str, first: int) -> None:
    """Ask a few requests of a kind, and look at the answers; their numbers begin with `first`.

    Raises:
        ServerError: an answer is not what this kind has to get.
    """
    if kind == "get":
        looks(server, live)
        return
    asks = {"create": creates, "refused": refusals}[kind](server.file)
    wanted = BAD if kind == "refused" else OK
    for number, one in enumerate(asks[:LOOKS]):
        answer = live.ask(one, first + number)
        _require(answer, wanted, f"a {kind} request")
        if kind == "create" and "evaluation" not in json.loads(answer[1]):
            raise ServerError(f"a create shows no evaluation: {answer[1][:SHOWN]!r}")


def _require(answer: tuple[int, bytes], wanted: range, what: str) -> None:
    status, body = answer
    if status not in wanted:
        family = f"{wanted[0] // 100}xx"
        raise ServerError(f"{what}: expected {family}, found {status} {body[:SHOWN]!r}")


def _wants_token(live: Running) -> bool:
    with live.connected() as connection:
        connection.request("GET", look().path)
        with connection.getresponse() as answer:
            answer.read()
            return answer.status in BAD


def _refuses_bodies(server: Server, live: Running) -> bool:
    """Whether it refuses a body for each of the flaws."""
    return all(live.ask(bad, 1)[0] in BAD for bad in refusals(server.file)[: len(FLAWS)])


def _refuses_answers(server: Server, live: Running, documents: Path) -> bool:
    """Whether an answer that is wrong on purpose does not leave it."""
    if server.key not in OWN:
        return live.ask(look(), more=WRONG)[0] in BROKEN
    # The mock has no wrong answers of its own; it is given a document that an echo can break.
    good = creates(server.file)[0]
    body = {**json.loads(good.body), "prompt": "long " * LONGEST_PROMPT}
    with _narrowed(documents) as narrow:
        _require(narrow.ask(good, 1), OK, "a good create under the narrowed document")
        return narrow.ask(replace(good, body=json.dumps(body)))[0] in BROKEN


@contextmanager
def _narrowed(documents: Path) -> Iterator[Running]:
    command = own_command("--spec", str(documents / "narrowed.json"))
    with running(command, first_of_ours(), documents) as live:
        yield live
