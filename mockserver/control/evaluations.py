"""The evaluations of a sandbox: listed, added from fixtures, cancelled, made to fail."""

from __future__ import annotations

import difflib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mockserver.apis.known import FORMS
from mockserver.contract.wording import shown
from mockserver.control.call import PAGE
from mockserver.core.errors import BadFixturesError
from mockserver.core.evaluation import observe
from mockserver.core.exchange import Kind, Violation
from mockserver.fixture_files import read_values
from mockserver.instants import instant_text
from mockserver.loading import flaws_of
from mockserver.problems import RefusedError
from mockserver.selection import prefix_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.control.call import Call
    from mockserver.core.evaluation import Evaluation
    from mockserver.fixtures import EvaluationFixture
    from mockserver.sandboxes import World
    from mockserver.served import Served

_WEIGHT = 1_500
"""Bytes that an evaluation takes beside what its overrides hold."""


def list_evaluations(call: Call) -> dict[str, object]:
    """A page of them, bundled ones first."""
    world, now = call.world, call.sandbox.now()
    page, total = call.sandbox.page(call.offset, PAGE)
    after = call.offset + len(page)
    following = f"{call.base}{prefix_of(world.name)}/_mock/evaluations?offset={after}"
    return {
        "evaluations": [_in_short(world, call.base, evaluation, now) for evaluation in page],
        "total": total,
        "next": following if after < total else None,
    }


def get_evaluation(call: Call) -> dict[str, object]:
    """One of them with its whole life."""
    return _in_full(call, found(call.world, call.match.parameters["id"]))


def add_evaluation(call: Call) -> dict[str, object]:
    """A new one, created now, that lives as a fixture does, but for what is overridden."""
    world, overrides = call.world, call.body.get("overrides", {})
    served, fixture = _fixture(world, call.body["fixture"])
    starts = timedelta()
    if overrides:
        fixture = _overridden(served, fixture, overrides)
        starts = fixture.starts if "starts" in overrides else starts
    weight = _WEIGHT + len(json.dumps(overrides))

    def made(id_: str | None) -> Evaluation:
        born = served.api.from_fixture(replace(fixture, starts=starts), call.sandbox.now())
        return replace(born, id=id_ or born.id, weight=weight)

    if "id" in (overrides.get(fixture.kind) or {}):  # null takes away what the fixture says
        return _in_full(call, call.sandbox.keep(made(None)))
    created = call.sandbox.create(made, lambda text: served.api.id_for(fixture, text))
    return _in_full(call, created)


def delete_evaluation(call: Call) -> dict[str, object]:
    """Forget one."""
    call.sandbox.remove(found(call.world, call.match.parameters["id"]))
    return {}


def cancel_evaluation(call: Call) -> dict[str, object]:
    """Cancel one now."""
    evaluation = found(call.world, call.match.parameters["id"])
    return _in_full(call, call.sandbox.change(evaluation, lambda one, now: one.cancel(now)))


def set_outcome(call: Call) -> dict[str, object]:
    """Let one fail, once so many rows are done or now."""
    evaluation = found(call.world, call.match.parameters["id"])
    cycle, said = evaluation.timeline.cycle, call.body.get("at_row")
    row = None if said is None else int(said)  # 7.0 is an integer too
    message = call.body.get("message")
    if message is None and cycle.failed in cycle.explained:
        message = "Made to fail." if row is None else f"Made to fail at row {row}."
    return _in_full(
        call, call.sandbox.change(evaluation, lambda one, now: one.fail(now, row, message))
    )


def found(world: World, id_: str) -> Evaluation:
    """The evaluation of this id.

    Raises:
        RefusedError: 404 where there is none, 409 where several have it.
    """
    known = world.sandbox.anywhere(id_) or world.sandbox.anywhere(id_.lower())
    if not known:
        raise RefusedError(404, f"no evaluation of this sandbox has the id {id_[:100]!r}")
    if len(known) > 1:
        homes = ", ".join(f"{e.collection} of {e.scope or 'everybody'}" for e in known)
        raise RefusedError(409, f"several evaluations have the id {id_}: {homes}")
    return known[0]


def _fixture(world: World, name: str) -> tuple[Served, EvaluationFixture]:
    """The fixture of this name, which may have its API before it; else the first API's.

    Raises:
        RefusedError: 404 where there is none.
    """
    api, _, last = name.rpartition("/")
    for served in world.apis.values():
        fixture = served.catalog.evaluations.get(last)
        if fixture is not None and api in {"", served.api.name}:
            return served, fixture
    known = [
        f"{served.api.name}/{one}" if index or api else one
        for index, served in enumerate(world.apis.values())
        for one in served.catalog.evaluations
    ]
    near = difflib.get_close_matches(name, known, n=1)
    told = f"did you mean {near[0]}?" if near else f"there are {', '.join(known[:40])}"
    raise RefusedError(404, f"no fixture with an evaluation is called {name[:100]!r}; {told}")


def _overridden(
    served: Served, fixture: EvaluationFixture, overrides: Mapping[str, Any]
) -> EvaluationFixture:
    """The fixture with some of what it says replaced, read and proved as a file is.

    Raises:
        BadFixturesError: everything that is wrong with it then, or that it is another thing.
    """
    label = f"{served.api.name}/{fixture.name}"
    is_so = {"api": fixture.api, "kind": fixture.kind}
    other = [
        Violation(f"{label} /{name}", f"{so}, as it is", shown(overrides[name]), Kind.SOURCE)
        for name, so in is_so.items()
        if overrides.get(name, so) != so
    ]
    if other:  # nothing else that is wrong would mean anything
        raise BadFixturesError(f"{fixture.name} cannot be overridden like that", other)
    said: dict[str, Any] = {k: v for k, v in fixture.said.items() if k != "match"}
    for key, value in overrides.items():
        both = isinstance(value, dict) and isinstance(said.get(key), dict) and key != "pace"
        said[key] = {**said[key], **value} if both else value
    said = {key: value for key, value in said.items() if value is not None}
    catalogs, flaws = read_values({label: said}, FORMS)
    catalog = catalogs[served.api.name]
    flaws += flaws_of(served.api, served.contract, catalog, datetime.now(UTC))
    if flaws:
        raise BadFixturesError(f"{fixture.name} cannot be overridden like that", flaws)
    return catalog.evaluations[fixture.name]


def _in_short(world: World, base: str, evaluation: Evaluation, now: datetime) -> dict[str, object]:
    api = world.apis[evaluation.collection.partition("/")[0]].api
    status, change = None, None
    for moment in evaluation.life.moments():
        at = evaluation.born + moment.began
        if moment.ends == moment.began:
            continue  # nobody ever sees it
        if at > now:
            change = {"status": moment.status, "at": instant_text(at)}
            break
        status = moment.status
    path = quote(api.example_path(evaluation), safe="/")
    return {
        "id": evaluation.id,
        "api": api.name,
        "repository": api.repository(evaluation),
        "url": f"{base}{prefix_of(world.name)}{path}",
        "fixture": evaluation.fixture,
        "status": status,
        "next_change": change,
    }


def _in_full(call: Call, evaluation: Evaluation) -> dict[str, object]:
    now = call.sandbox.now()
    seen = observe(evaluation, max(now, evaluation.born))
    return {
        **_in_short(call.world, call.base, evaluation, now),
        "born": instant_text(evaluation.born),
        "progress": {"processed": seen.processed, "total": seen.total},
        "changes": [
            {"status": moment.status, "at": instant_text(evaluation.born + moment.began)}
            for moment in evaluation.life.moments()
            if moment.ends != moment.began
        ],
    }
