"""What came of a run as plain values, without secrets: every way of telling it starts here."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from mockserver.core.dataclass import dataclass
from mockserver.judging.masking import Mask
from mockserver.telling.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockserver.fuzzing.budget import Meter
    from mockserver.fuzzing.findings import Finding
    from mockserver.fuzzing.tally import Tally
    from mockserver.fuzzing.target import Target


class Found(TypedDict):
    """A kind of finding; `requests` are commands that show it, the last of them what was wrong."""

    kind: str
    api: str
    operation: str
    place: str
    expected: str
    found: str
    advice: str
    rule: str
    source: str
    count: int
    requests: list[str]


class Answered(TypedDict):
    """How often an operation has answered each status; an empty one is what is of none."""

    api: str
    operation: str
    answers: dict[str, int]


class Told(TypedDict):
    """All of it."""

    clean: bool
    url: str
    seed: int
    requests: int
    seconds: float
    interrupted: bool
    findings: list[Found]
    operations: list[Answered]
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run has come to.

    Attributes:
        over: why it ended before its time; empty where it did not.
        only_gets: whether nothing else was to be sent.
        troubles: what schemathesis could not do, in its words.
    """

    target: Target
    seed: int
    meter: Meter
    findings: Sequence[Finding]
    tally: Tally
    over: str
    is_interrupted: bool
    only_gets: bool
    troubles: Sequence[str]


def told_of(outcome: Outcome) -> Told:
    """The outcome of a run."""
    mask = Mask((), outcome.target.secrets)
    return {
        "clean": not outcome.findings,
        "url": outcome.target.base,
        "seed": outcome.seed,
        "requests": outcome.meter.requests,
        "seconds": round(outcome.meter.seconds, 1),
        "interrupted": outcome.is_interrupted,
        "findings": [_found(one, mask) for one in outcome.findings],
        "operations": [
            {"api": api, "operation": operation, "answers": answers}
            for api, operation, answers in outcome.tally.every()
        ],
        "notes": [mask(note) for note in _notes(outcome)],
    }


def _found(finding: Finding, mask: Mask) -> Found:
    return {
        "kind": finding.sort.value,
        "api": finding.api,
        "operation": finding.operation,
        "place": mask(finding.place),
        "expected": mask(finding.expected),
        "found": mask(finding.found),
        "advice": mask(finding.advice),
        "rule": finding.rule,
        "source": finding.source,
        "count": finding.count,
        "requests": [mask(request) for request in finding.requests],
    }


def _notes(outcome: Outcome) -> Iterator[str]:
    """What has to be known to make something of the outcome."""
    if outcome.over:
        yield f"ended before its time: {outcome.over}"
    if outcome.only_gets:
        yield "only GET was sent: --max-creates N allows N requests that may create something"
    rows = [(api, name, answers) for api, name, answers in outcome.tally.every() if name]
    if missing := [last_part(name) for _, name, answers in rows if "501" in answers]:
        yield f"not implemented there, as the answer itself says (501): {', '.join(missing)}"
    for api in dict.fromkeys(api for api, _, _ in rows):
        of_api = [(name, answers) for one, name, answers in rows if one == api]
        never = [
            last_part(name) for name, answers in of_api if not any(a[0] == "2" for a in answers)
        ]
        if len(never) == len(of_api):
            yield f"nothing of {api} was ever answered by a success{_why(of_api)}"
        elif never := [name for name in never if name not in missing]:
            yield f"never answered by a success: {', '.join(never)} (--value may help)"
    if outcome.troubles:
        told = f"schemathesis could not do everything ({counted(len(outcome.troubles), 'trouble')})"
        yield f"{told}: {outcome.troubles[0]}"


def last_part(operation: str) -> str:
    """An operation as people say it; one without an id is called by its method and path."""
    return operation if " " in operation else operation.rpartition(".")[2]


def _why(rows: Sequence[tuple[str, dict[str, int]]]) -> str:
    codes = {code for _, answers in rows for code in answers}
    if codes & {"401", "403"}:
        return ": does the server know the token (--token)?"
    return ": is it the right URL, and are there examples of what is there (--value)?"
