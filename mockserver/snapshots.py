"""Snapshots: a sandbox as a JSON document that stands for itself, and back.

Nothing in it depends on the server that took it: fixtures that are not bundled go with it, and so
do assumptions. Tokens do not: they are secrets. Spans are whole microseconds, so nothing is lost.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from mockserver.apis.known import FORMS
from mockserver.assumptions import read_assumptions
from mockserver.bundled import bundled
from mockserver.core.dataclass import dataclass
from mockserver.core.errors import BadSnapshotError, MockserverError
from mockserver.core.evaluation import Ending, Evaluation, Usage, Work
from mockserver.core.exchange import Kind, Violation, Waiver
from mockserver.core.timeline import Phase, Timeline
from mockserver.evaluation_files import FARTHEST_START
from mockserver.expectations import Expectation
from mockserver.faults import Fault, Rule
from mockserver.instants import NoInstantError, instant_text, read_instant
from mockserver.moods import Mood
from mockserver.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from mockserver.fixtures import AnswerFixture, EvaluationFixture
    from mockserver.sandboxes import World

FORMAT = 1
"""The version of this form; `spec/control.yaml` refuses a document of another one."""

_MICROSECOND = timedelta(microseconds=1)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a document says.

    Attributes:
        state: everything that decides what the sandbox answers, its fixtures and settings aside.
        fixtures: the fixtures that are not bundled, as values, by API and name.
        label: what the document is called where something is wrong with it.
    """

    state: State
    assume: Mapping[str, object]
    fixtures: Mapping[str, object]
    label: str


def snapshot_of(world: World, version: str) -> dict[str, object]:
    """A world as a document; `version` is that of the package."""
    state = world.sandbox.state()
    return {
        "format": FORMAT,
        "made_by": version,
        "name": world.name,
        "seed": state.seed,
        "epoch": instant_text(state.epoch),
        "now": instant_text(state.now),
        "rate": state.rate,
        "step": state.step,
        "made": state.made,
        "asked": state.asked,
        "mood": state.mood,
        "drawn": state.drawn,
        "settings": {"assume": dict(world.assume)},
        "fixtures": dict(_fixtures(world)),
        "evaluations": [_told(evaluation, name) for evaluation, name in state.evaluations],
        "faults": [_fault(fault) for fault in state.faults],
        "faults_made": state.faults_made,
        "expectations": [asdict(expectation) for expectation in state.expectations],
        "expectations_made": state.expectations_made,
        "watched": [[*key, seen] for key, seen in state.watched],
    }


def _fixtures(world: World) -> Iterator[tuple[str, object]]:
    """The fixtures that another server might not have."""
    for api, served in world.apis.items():
        catalog = served.catalog
        lives: Mapping[str, EvaluationFixture | AnswerFixture] = catalog.evaluations
        for name, fixture in {**lives, **catalog.answers}.items():
            if not fixture.file.is_relative_to(bundled("fixtures")):
                yield f"{api}/{name}", {"api": api, **fixture.said}


def _told(evaluation: Evaluation, of_fixture: str | None) -> dict[str, object]:
    work, ending = evaluation.work, evaluation.ending
    return {
        "id": evaluation.id,
        "collection": evaluation.collection,
        "scope": evaluation.scope,
        "fixture": evaluation.fixture,
        "of_fixture": of_fixture,
        "born": instant_text(evaluation.born),
        "phases": [[phase.status, _span(phase.lasts)] for phase in evaluation.timeline.phases],
        "work": {
            "rows": work.rows,
            "stops_at": work.stops_at,
            "usage": {name: f"{cost:f}" for name, cost in asdict(work.usage).items()},
            "pace": [[row, _span(at)] for row, at in work.pace],
        },
        "fixed": dict(evaluation.fixed),
        "error_message": evaluation.error_message,
        "ending": None
        if ending is None
        else {
            "at": instant_text(ending.at),
            "status": ending.status,
            "error_message": ending.error_message,
            "row": ending.row,
        },
        "assumptions": dict(evaluation.assumptions),
        "shows": {status: sorted(fields) for status, fields in evaluation.shows.items()},
        "waivers": [asdict(waiver) for waiver in evaluation.waivers],
        "weight": evaluation.weight,
    }


def _span(span: timedelta | None) -> int | None:
    return None if span is None else span // _MICROSECOND


def _fault(fault: Fault) -> dict[str, object]:
    return {
        "id": fault.id,
        "rule": fault.rule.as_json(),
        "since": instant_text(fault.since),
        "matched": fault.matched,
        "struck": fault.struck,
    }


def read_snapshot_file(path: Path, check: Callable[[bytes], Sequence[Violation]]) -> Snapshot:
    """The snapshot that a file holds; `check` says what of the schema of snapshots it breaks.

    Raises:
        BadSnapshotError: it cannot be read, or is none.
    """
    try:
        raw = path.read_bytes()
    except (OSError, ValueError) as error:  # as for a path that no file can have
        reason = getattr(error, "strerror", None) or str(error)
        flaw = Violation(str(path), "a file that can be read", reason, Kind.SOURCE)
        raise BadSnapshotError("it cannot be restored", [flaw]) from None
    if broken := check(raw):
        other = [violation for violation in broken if violation.place == "body /format"]
        broken = other or broken  # nothing else can be said of a form that we do not know
        flaws = [replace(v, place=v.place.replace("body", str(path), 1)) for v in broken]
        raise BadSnapshotError("it cannot be restored", flaws)
    return read_snapshot(json.loads(raw), str(path))


def read_snapshot(value: Mapping[str, Any], label: str) -> Snapshot:
    """What a document says that keeps the schema of snapshots.

    Raises:
        BadSnapshotError: everything in it that no sandbox can be.
    """
    flaws: list[Violation] = []
    each = partial(_each, value, label, flaws)
    instants = {}
    for name in ("now", "epoch"):
        try:
            instants[name] = read_instant(value[name])
        except NoInstantError as error:
            flaws.append(Violation(f"{label} /{name}", error.expected, error.found, Kind.SOURCE))
    if flaws:
        raise BadSnapshotError("it cannot be restored", flaws)
    state = State(
        now=instants["now"],
        rate=float(value["rate"]),
        step=value["step"],
        epoch=instants["epoch"],
        seed=value["seed"],
        made=value["made"],
        asked=value["asked"],
        mood=None if value.get("mood") is None else Mood(value["mood"]),
        drawn=value.get("drawn", 0),
        evaluations=each("evaluations", _evaluation),
        faults=each("faults", _fault_of),
        faults_made=value["faults_made"],
        expectations=each("expectations", lambda told: Expectation(**told)),
        expectations_made=value["expectations_made"],
        watched=tuple(((c, scope, id_), seen) for c, scope, id_, seen in value["watched"]),
    )
    if flaws:
        raise BadSnapshotError("it cannot be restored", flaws)
    return Snapshot(state, value["settings"].get("assume", {}), value["fixtures"], label)


def _each(
    value: Mapping[str, Any],
    label: str,
    flaws: list[Violation],
    key: str,
    read: Callable[[Any], _T],
) -> tuple[_T, ...]:
    """Every item of a list, read; what cannot be is told in `flaws`."""
    found = []
    for index, item in enumerate(value[key]):
        try:
            found.append(read(item))
        except (MockserverError, ValueError, OverflowError) as error:
            place, reason = f"{label} /{key}/{index}", " ".join(str(error).split())[:300]
            flaws.append(Violation(place, "what a sandbox can hold", reason, Kind.SOURCE))
    return tuple(found)


def _lasting(count: int | None) -> timedelta | None:
    return None if count is None else timedelta(microseconds=count)


def _evaluation(told: Mapping[str, Any]) -> tuple[Evaluation, str | None]:
    api, _, kind = told["collection"].partition("/")
    if api not in FORMS or kind not in FORMS[api].kinds:
        known = ", ".join(f"{a}/{k}" for a, form in FORMS.items() for k in form.kinds)
        raise ValueError(f"collection: expected one of {known}, found {told['collection']!r}")
    assumptions, wrong = read_assumptions(FORMS[api].assumptions, told["assumptions"], "assume")
    if wrong:
        raise ValueError("; ".join(map(str, wrong)))
    phases = tuple(Phase(status, _lasting(lasts)) for status, lasts in told["phases"])
    ending = told["ending"]
    evaluation = Evaluation(
        id=told["id"],
        born=read_instant(told["born"], FARTHEST_START),
        timeline=Timeline(FORMS[api].kinds[kind].cycle, phases),
        work=_work(told["work"]),
        fixed=told["fixed"],
        fixture=told["fixture"],
        collection=told["collection"],
        scope=told["scope"],
        error_message=told["error_message"],
        ending=None if ending is None else Ending(**{**ending, "at": read_instant(ending["at"])}),
        assumptions=assumptions,
        shows={status: frozenset(fields) for status, fields in told["shows"].items()},
        waivers=tuple(Waiver(**waiver) for waiver in told["waivers"]),
        weight=told["weight"],
    )
    return evaluation, told["of_fixture"]


def _work(told: Mapping[str, Any]) -> Work:
    usage = Usage(**{name: Decimal(cost) for name, cost in told["usage"].items()})
    pace = tuple((row, timedelta(microseconds=at)) for row, at in told["pace"])
    return Work(told["rows"], told["stops_at"], usage, pace)


def _fault_of(told: Mapping[str, Any]) -> Fault:
    rule = Rule.of(told["rule"])
    return Fault(told["id"], rule, read_instant(told["since"]), told["matched"], told["struck"])
