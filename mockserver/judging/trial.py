"""One exchange judged by itself: its request, its answer, and the one by the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from mockserver.apis.recorded import Recorded
from mockserver.contract.json_text import NotJsonError, read_json
from mockserver.contract.placeholders import left_in
from mockserver.core import rules
from mockserver.core.asked import check_asked
from mockserver.core.dataclass import dataclass
from mockserver.core.exchange import Kind, Violation
from mockserver.judging.charge import Charge, Sort
from mockserver.judging.sequence import Seen
from mockserver.judging.texts import check_texts
from mockserver.judging.when import when_of
from mockserver.problems import RefusedError
from mockserver.selection import HEADER
from mockserver.tokens import require_token

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mockserver.apis.recorded import Look
    from mockserver.contract.contract import Contract
    from mockserver.core.asked import Asked
    from mockserver.judging.overlaid import Tightening, Tightenings
    from mockserver.judging.selecting import Ours

_FIRST_ERROR = 400
_OF_A_BODY = frozenset({Kind.BODY, Kind.MEDIA_TYPE})
_SKEW = timedelta(seconds=1)
"""How far the clocks of one service may differ: one machine stamps, another answers."""

_UNNAMED = "no document names it, and that it names every error is assumed"


@dataclass(frozen=True, slots=True)
class Bench:
    """What an API's exchanges are judged by.

    Attributes:
        published: the contract as published; requests are judged by it, and answers where asked.
        strict: the contract with the overlays in force, which answers are judged by unless not.
        tightenings: the overlays' actions; None where answers are judged as published.
    """

    published: Contract
    strict: Contract
    tightenings: Tightenings | None


class Trial:
    """One exchange, with what it is judged by."""

    def __init__(self, exchange: Ours, bench: Bench, *, shows_tokens: bool) -> None:
        """Read it; `shows_tokens` says whether its recorder would show a token that was sent."""
        self.exchange = exchange
        self._bench = bench
        self._entry, self._operation = exchange.entry, exchange.operation
        self._when = when_of(exchange.entry)
        headers = self._entry.request.headers
        credentials = headers.keys() & {"authorization", "cookie"} or self._entry.hidden
        self._has_no_token = shows_tokens and not credentials

    @cached_property
    def recorded(self) -> Recorded:
        """The exchange in the words of its API's reading."""
        entry = self._entry
        return Recorded(
            operation=self._operation.id,
            parameters=self.exchange.match.parameters,
            query=dict(entry.request.query),
            sent=_object(entry.request.body) if entry.sent_whole else {},
            tokenless=self._has_no_token,
            status=entry.response.status,
            told=_object(entry.response.body) if entry.answer_whole else {},
        )

    @cached_property
    def undocumented_error(self) -> bool:
        """Whether it was answered by an error that the published document does not name.

        A document need not name every error (OpenAPI 3.0.4, 4.8.16), but every success.
        """
        is_error = self._entry.response.status >= _FIRST_ERROR
        return is_error and any(one.place == "status" for one in self._published)

    @cached_property
    def _published(self) -> Sequence[Violation]:
        return self._broken(self._bench.published)

    @cached_property
    def _strict(self) -> Sequence[Violation]:
        return self._broken(self._bench.strict)

    def of_request(self) -> Iterator[Charge]:
        """Everything wrong with what was sent."""
        for violation in self._wrong_with_request():
            yield self._charge(Sort.REQUEST, violation)

    def of_answer(self) -> Iterator[Charge]:
        """Everything wrong with what was answered, whatever came before and after."""
        told = set()
        for charge in self._wrong_with_answer():
            told.add(charge.violation.place)
            yield charge
        for violation in self._untrue():
            if violation.place not in told:
                yield self._charge(Sort.RULE, violation)

    def _charge(self, sort: Sort, violation: Violation, source: Tightening | None = None) -> Charge:
        return Charge(sort, self._entry, self._operation.id, violation, source)

    def _wrong_with_request(self) -> Iterator[Violation]:
        """What breaks the published document; an assumption in force may allow more."""
        request, api = self._entry.request, self.exchange.api
        needs_token = self._operation.secured and api.needs_token(self._operation.id)
        if needs_token and (self._has_no_token or "authorization" in request.headers):
            try:
                require_token(request, (), 401)
            except RefusedError as error:
                yield from error.violations
        yield from left_in(self.exchange.match)
        judges = (self._bench.published, self._bench.strict)
        found = [judge.check_request(self.exchange.match, request) for judge in judges]
        if not all(found):
            return
        cause = api.likely_cause(self._operation.id, request) if self._entry.sent_whole else ""
        for violation in found[-1]:
            if self._entry.sent_whole or violation.kind not in _OF_A_BODY:
                yield replace(violation, advice=violation.advice or cause)
                cause = ""

    def _wrong_with_answer(self) -> Iterator[Charge]:
        if self._bench.tightenings is None:
            for violation in self._published:
                if violation.place != "status" or not self.undocumented_error:
                    yield self._charge(Sort.DOCUMENT, violation)
            return
        published = {found.place for found in self._published}
        for violation in self._strict:
            if violation.place == "status" and self.undocumented_error:
                unnamed = replace(violation, advice=_UNNAMED)
                yield self._charge(Sort.ASSUMPTION, unnamed)
            elif violation.place in published:
                yield self._charge(Sort.DOCUMENT, violation)
            else:
                answer = self._entry.response
                source = self._bench.tightenings.broken_by(self._operation, answer, violation)
                yield self._charge(Sort.ASSUMPTION, violation, source)

    def _broken(self, contract: Contract) -> list[Violation]:
        """What of an answer breaks a contract, as far as it is known."""
        try:
            found = contract.check_answer(self._operation, self._entry.response)
        except RecursionError:
            expected, there = "a nesting that can be followed", "one too deep"
            found = (Violation("body", expected, there, Kind.ANSWER),)
        if self._entry.answer_whole:
            return list(found)
        return [one for one in found if not one.place.startswith("body")]

    def _untrue(self) -> Iterator[Violation]:
        """What cannot be true of an answer, by itself and as the answer to its request."""
        if self._entry.answer_whole:
            yield from check_texts(self._entry.response)
        asked = self._asked
        for look in self._looks:
            yield from rules.check(look.seen)
            if not look.thing.startswith("results of"):
                yield from check_asked(asked, look.seen)
        for place, expected, found in self.exchange.api.reading.disagreements(self.recorded):
            rule = "an answer agrees with itself and its request"
            yield Violation(place, str(expected), str(found), Kind.RULE, f"rule: {rule}", rule=rule)

    @cached_property
    def _asked(self) -> Asked:
        asked = self.exchange.api.reading.asked(self.recorded)
        return replace(asked, sent=self._when.earliest - _SKEW if self._when.is_theirs else None)

    @cached_property
    def _looks(self) -> Sequence[Look]:
        if not self.recorded.succeeded:
            return ()
        return tuple(self.exchange.api.reading.looks(self.recorded, self._when.latest))

    def seen(self) -> Iterator[Seen]:
        """Its looks, for the rules over two of them."""
        for look in self._looks:
            sighting = replace(look.seen, now=self._when.earliest)
            yield Seen(self.exchange, (*self._scope(), look.thing), self._asked.creates, sighting)

    def _scope(self) -> tuple[str, ...]:
        """In which world, and for whom."""
        request, path = self._entry.request, self.exchange.match.parameters
        repository = "/".join(path.get(name, "") for name in ("namespace", "repo_name"))
        whose = request.headers.get("authorization", "") if repository == "/" else ""
        return self.exchange.base, request.headers.get(HEADER.lower(), ""), repository, whose

    def keeps(self) -> Tightening | None:
        """What is assumed of an error that came just as it is assumed to."""
        tightenings, status = self._bench.tightenings, self._entry.response.status
        is_told = status >= _FIRST_ERROR and self._entry.answer_whole
        if tightenings is None or not is_told or self._strict:
            return None
        return tightenings.kept_by(self._operation, status)

    def shows(self) -> Iterator[tuple[str, str | bool | int]]:
        """What it says of assumptions that can be set.

        Answers of this mock say nothing of what a fixture may decide for itself.
        """
        spoken = self._entry.response.header("X-Mock-Fixture") is not None
        own = {one.name for one in self.exchange.api.form.assumptions if one.in_fixture}
        for name, value in self.exchange.api.reading.shows(self.recorded):
            if not (spoken and name in own):
                yield name, value


def _object(raw: bytes) -> Mapping[str, object]:
    try:
        value = read_json(raw)
    except NotJsonError:
        return {}
    return value if isinstance(value, dict) else {}
