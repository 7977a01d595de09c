"""What goes wrong on purpose: rules for which calls, and what comes of a call that is struck."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import fields, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, Self

from mockserver.core.dataclass import dataclass
from mockserver.core.errors import NoRoomError
from mockserver.problems import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from mockserver.core.exchange import Response

MOST_FAULTS = 1_000
"""A bound on what clients can make a sandbox keep; spent faults count until they are removed."""

_WHOLE = ("after_row", "nth", "count", "code", "retry_after")


@dataclass(frozen=True, slots=True)
class Subject:
    """The evaluation that a call is about, as far as a rule can ask for it.

    Attributes:
        id: its id.
        names: its status by every name it has: the life cycle's and the wire's.
        processed: rows that are done.
    """

    id: str
    names: frozenset[str]
    processed: int


@dataclass(frozen=True, slots=True)
class Rule:
    """Which calls are struck (all of it must be true), and by what; None where nothing is said.

    Attributes:
        operation: the operation, by its whole operationId.
        id: the evaluation it is about.
        status: where that evaluation stands, by any of its names.
        after_row: how many of its rows are done at least.
        nth: which of the calls that the rest is true of, counted from 1.
        probability: how likely each of those is struck.
        count: how many are struck at the most.
        seconds: virtual seconds to live.
        code: the status to answer with, in place of the operation.
        retry_after: seconds that Retry-After says beside it.
        delay: real seconds to hold the answer back.
        body: what to do to the body.
    """

    operation: str | None = None
    id: str | None = None
    status: str | None = None
    after_row: int | None = None
    nth: int | None = None
    probability: float | None = None
    count: int | None = None
    seconds: float | None = None
    code: int | None = None
    retry_after: int | None = None
    delay: float | None = None
    body: Literal["truncated", "malformed"] | None = None

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """The rule that keeps the schema NewFault; what `as_json` gave comes back the same."""
        whole = {name: int(told[name]) for name in _WHOLE if name in told}  # 2.0 is an integer too
        return cls(**{**told, **whole})

    def as_json(self) -> dict[str, object]:
        """What is said, by the same names."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not None}

    def covers(self, operation_id: str | None, subject: Subject | None) -> bool:
        """Whether it is about this call, leaving aside which of such calls it strikes."""
        if self.operation not in {None, operation_id}:
            return False
        if subject is None:
            return self.id is None and self.status is None and self.after_row is None
        return (
            self.id in {None, subject.id}
            and (self.status is None or self.status in subject.names)
            and (self.after_row is None or subject.processed >= self.after_row)
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule at work, with what has come of it.

    Attributes:
        since: the virtual instant at which it was added.
        matched: calls its rule was true of while it lived, whether or not it struck.
        struck: calls it struck.
    """

    id: str
    rule: Rule
    since: datetime
    matched: int = 0
    struck: int = 0

    def expires(self) -> datetime | None:
        """The virtual instant from which on it strikes no more, or None."""
        seconds = self.rule.seconds
        return None if seconds is None else self.since + timedelta(seconds=seconds)

    def is_spent(self, now: datetime) -> bool:
        """Whether it never strikes again: it has struck enough, its call or its time is over."""
        expires = self.expires()
        return (
            (self.rule.count is not None and self.struck >= self.rule.count)
            or (self.rule.nth is not None and self.matched >= self.rule.nth)
            or (expires is not None and now >= expires)
        )

    def meet(self, seed: str) -> tuple[Fault, bool]:
        """The fault after one more call that its rule is true of, and whether that was struck."""
        matched = self.matched + 1
        struck = self.rule.nth in {None, matched} and self._is_drawn(seed, matched)
        return replace(self, matched=matched, struck=self.struck + struck), struck

    def _is_drawn(self, seed: str, matched: int) -> bool:
        if self.rule.probability is None:
            return True
        text = f"{seed}/{self.id}/{matched}"
        digest = hashlib.blake2b(text.encode(errors="replace"), digest_size=8).digest()
        # As many bits as a float has: with all 64 the largest would be rounded up to 1.
        return (int.from_bytes(digest) >> 11) / 2**53 < self.rule.probability


class Faults:
    """The faults of one sandbox; the same seed and the same calls give the same strikes."""

    def __init__(self, seed: str) -> None:
        """Start with none; the seed is what probabilities are drawn from."""
        self._lock = threading.Lock()
        self._seed = seed
        self._made = 0
        self._faults: dict[str, Fault] = {}

    @property
    def made(self) -> int:
        """How many ids were given since the start; that of a removed fault is not given again."""
        return self._made

    def add(self, rule: Rule, now: datetime) -> Fault:
        """Have this rule strike from now on, after those that were added before it.

        Raises:
            NoRoomError: there are as many faults as are kept.
        """
        with self._lock:
            if len(self._faults) >= MOST_FAULTS:
                raise NoRoomError(
                    f"a sandbox keeps {MOST_FAULTS:,} faults, spent ones included: take some away "
                    "with DELETE /_mock/faults/{id}, or all of them with POST /_mock/reset"
                )
            fault = Fault(self._new_id(), rule, now)
            self._faults[fault.id] = fault
            return fault

    def _new_id(self) -> str:
        while True:
            self._made += 1
            id_ = f"fault-{self._made}"
            if id_ not in self._faults:  # what was restored may say less than was made
                return id_

    def remove(self, id_: str) -> bool:
        """Take a fault away; False where there is none of this id."""
        with self._lock:
            return self._faults.pop(id_, None) is not None

    def __len__(self) -> int:
        """How many there are, spent ones included."""
        return len(self._faults)

    def all(self) -> tuple[Fault, ...]:
        """Every fault, spent ones included, in the order in which they were added."""
        with self._lock:
            return tuple(self._faults.values())

    def restore(self, faults: Iterable[Fault], made: int) -> None:
        """Have these in place of all that are here, so that they go on where they stood."""
        with self._lock:
            self._faults = {fault.id: fault for fault in faults}
            self._made = made

    def strike(
        self, operation_id: str | None, subject: Subject | None, now: datetime
    ) -> Fault | None:
        """The fault that strikes this call, or None; call it once for each call.

        The first that strikes is the only one: those after it do not even count the call.
        """
        with self._lock:
            for fault in tuple(self._faults.values()):
                if fault.is_spent(now) or not fault.rule.covers(operation_id, subject):
                    continue
                met, struck = fault.meet(self._seed)
                self._faults[fault.id] = met
                if struck:
                    return met
        return None


def refusal(rule: Rule) -> RefusedError:
    """What a rule that has a code has for an answer, in place of the operation's own.

    Raises:
        ValueError: the rule has no code.
    """
    if rule.code is None:
        raise ValueError(f"expected a rule with a code, found {rule.as_json()}")
    detail = "a fault on purpose, added at /_mock/faults; it says nothing about the request"
    waiting = rule.retry_after
    headers = () if waiting is None else (("Retry-After", str(waiting)),)
    return RefusedError(rule.code, detail, headers=headers)


def spoiled(response: Response, rule: Rule) -> Response:
    """The same answer with its body spoiled and held back as the rule says.

    A body without a byte has nothing that could be missing, and is no JSON as it is.
    """
    if rule.delay is not None:
        response = replace(response, held=rule.delay)
    if rule.body == "truncated" and response.body:
        return replace(response, cut=len(response.body) // 2)
    if rule.body == "malformed":
        return replace(response, body=_malformed(response.body))
    return response


def _malformed(body: bytes) -> bytes:
    """The body without its last character; a number, which may still be one, gets another."""
    short = body.rstrip(b" \t\r\n")[:-1]
    return short + b"{" if _may_be_json(short) else short


def _may_be_json(raw: bytes) -> bool:
    try:
        json.loads(raw, parse_int=str)  # Python would not read a very long number, others do
    except RecursionError:
        return True
    except ValueError:
        return False
    return True
