"""Oxen's evaluations: what create and get do.

Facts about the hub are documented unless a comment says that they were seen or inferred.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from sys import intern
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mockserver.apis.api import Assumed, Call, Envelope, Reply
from mockserver.apis.oxen import envelope, recorded
from mockserver.apis.oxen.assumptions import ASSUMPTIONS
from mockserver.apis.oxen.lifecycle import CYCLE, WORDS, Status
from mockserver.apis.oxen.operations import CREATE, GET
from mockserver.apis.oxen.wire import from_wire, on_wire
from mockserver.contract.formats import is_uuid
from mockserver.contract.json_text import NotJsonError, read_json
from mockserver.core.compact import compact
from mockserver.core.evaluation import Evaluation, Work, observe
from mockserver.durations import format_duration
from mockserver.fixtures import Form, Kind
from mockserver.problems import RefusedError
from mockserver.sandbox import uuid_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from mockserver.apis.recorded import Reading
    from mockserver.core.exchange import Request
    from mockserver.core.rules import Sighting
    from mockserver.fixtures import Catalog, EvaluationFixture

_DEFAULTS: Mapping[str, object] = MappingProxyType(
    {
        "name": None,
        "prompt": "Classify: {text}",
        "input_type": "text",
        "output_type": "text",
        "is_sample": False,
        "sample_count": 10,
        "resource": {"path": "data.parquet", "version": "main"},
        "target_branch": None,
        "target_column": "prediction",
        "target_path": None,
        "model": None,
        "created_by": {
            "id": "0b9a4f4e-5f0e-4f39-9d0c-3f6a5f0c2a11",
            "username": "ox",
            "name": "Ox",
            "image": None,
        },
    }
)
_COLLECTION = "oxen/evaluation"
_MOST_NAMES = 200
"""Of repositories and files whose reading is remembered, for many creates name the same."""
_OLDER = (b'"type"', b'"model"')
"""Without one of these a body is not the hub's older one, unless it is written in escapes."""
_UNNAMEABLE = re.compile(r"[\x00-\x1f\x7f]")


FORM = Form(
    kinds=MappingProxyType({"evaluation": Kind(CYCLE, "happy-path")}),
    assumptions=ASSUMPTIONS,
    row="row",
    rows=100,
    lists_rows=False,
)


class OxenApi:
    """The hub's two evaluation operations over a sandbox."""

    name: str = "oxen"
    title: str = "the Oxen hub"
    document: str = "oxen.yaml"
    form: Form = FORM
    envelope: Envelope = envelope
    reading: Reading = recorded
    wrong_token: int = 401
    request_id: str | None = "x-oxen-request-id"
    known_words: tuple[str, ...] = tuple(WORDS.values())
    subjects: Mapping[str, str] = MappingProxyType({"evaluation_id": _COLLECTION})

    def __init__(self, assumed: Mapping[str, object]) -> None:
        """Take what the settings assume; the rest has its default."""
        self._assumed = Assumed.of(ASSUMPTIONS, assumed)
        self.handlers: Mapping[str, Callable[[Call], Reply]] = {CREATE: self.create, GET: self.get}

    @property
    def shown_words(self) -> tuple[str, ...]:
        """See `Api`."""
        return self.known_words

    @property
    def overlays(self) -> tuple[str, ...]:
        """See `Api`."""
        legacy = self._assumed.text("dialect") == "legacy"
        return ("oxen.overlay.yaml", *(("oxen.legacy.overlay.yaml",) if legacy else ()))

    def needs_token(self, operation_id: str) -> bool:
        """See `Api`."""
        return operation_id != GET or self._assumed.flag("read_needs_token", {})

    def likely_cause(self, operation_id: str, request: Request) -> str:
        """See `Api`."""
        if operation_id != CREATE or self._assumed.text("dialect") == "legacy":
            return ""
        if not any(name in request.body for name in _OLDER):
            return ""
        try:
            body = read_json(request.body)
        except NotJsonError:
            return ""
        if isinstance(body, dict) and {"type", "model"} & body.keys():
            return (
                "This is the hub's older body (type, model); the documented one has input_type, "
                "output_type and model_id. To have the older one taken too: --dialect legacy"
            )
        return ""

    def subject(self, call: Call) -> Evaluation | None:
        """See `Api`."""
        asked = call.match.parameters.get("evaluation_id")
        if asked is None:
            return None
        repository = "/".join(call.match.parameters[name] for name in ("namespace", "repo_name"))
        return call.sandbox.find(_COLLECTION, repository, asked.lower(), call.now)

    def words(self, evaluation: Evaluation) -> Mapping[str, str]:  # noqa: ARG002 because all speak alike
        """See `Api`."""
        return WORDS

    # -- operations ------------------------------------------------------------------------

    def get(self, call: Call) -> Reply:
        """One evaluation as it stands now."""
        repository = _repository(call.match.parameters)
        found = self.subject(call)
        if found is None:
            asked = call.match.parameters["evaluation_id"]
            status, hint = self._missing(call, repository, asked)
            raise RefusedError(status, hint if status != 404 else "", hint=hint)  # noqa: PLR2004 404 has no detail
        reply = self._shown(found, repository, call.now)
        if call.example is None:
            return reply
        return replace(reply, hint="example is a preference for creates; ignored here")

    def _missing(self, call: Call, repository: str, asked: str) -> tuple[int, str]:
        """The status for an id that is not there, and what is nearest."""
        if not is_uuid(asked):
            return self._assumed.number(
                "malformed_id_status"
            ), f"ids are uuids, {asked[:60]!r} is none"
        anywhere = call.sandbox.anywhere(asked.lower())
        elsewhere = [e for e in anywhere if e.collection == _COLLECTION]
        for evaluation in elsewhere:
            if evaluation.scope in {None, repository} and evaluation.born > call.now:
                wait = format_duration(evaluation.born - call.now)
                return 404, f"will be created in {wait}, as {evaluation.fixture} says"
        if elsewhere:
            where = ", ".join(str(evaluation.scope) for evaluation in elsewhere[:3])
            return 404, f"exists under {where}"
        age = format_duration(call.now - call.sandbox.epoch)
        return 404, (
            f"no such id; the server started {age} ago (virtual time) "
            "and created evaluations live in memory"
        )

    def create(self, call: Call) -> Reply:
        """A new evaluation, queued now, living as the fixture it follows says."""
        body: dict[str, Any] = dict(call.body) if isinstance(call.body, dict) else {}
        version, path = _resource(call.match.parameters["resource_path"], call.catalog)
        model = str(body.get("model_id", body.get("model", "")))
        life = self._life(call, path, model, body)
        repository = _repository(call.match.parameters)
        is_sample = bool(body.get("is_sample", False))
        commits = body.get("auto_commit", False) and (
            not is_sample or self._assumed.flag("commit_samples", {})
        )
        timeline = life.timeline
        if not commits:
            timeline = timeline.instead_of(Status.COMMITTING, Status.COMPLETED)
        branch = self._assumed.text("default_target_branch")
        target = self._assumed.text("default_target_path")
        asked = {
            "name": body.get("name"),
            "prompt": body["prompt"],
            "input_type": _shared(body.get("input_type", "text")),
            "output_type": _shared(body.get("output_type", body.get("type", "text"))),
            "is_sample": is_sample,
            "sample_count": int(body.get("sample_count", 10)),
            "resource": {"path": path, "version": version},
            "target_branch": body.get("target_branch", branch or None),
            "target_column": _shared(body["target_column"]),
            "target_path": body.get("target_path", target or None),
            "model": _model(model, call.catalog),
            "created_by": life.fields.get("created_by", _DEFAULTS["created_by"]),
        }
        fixed, ends = compact(asked), timeline.phases[-1].status
        created = call.sandbox.create(
            lambda id_: Evaluation(
                id=id_,
                born=call.now,
                timeline=timeline,
                work=_work(life, fixed, ends),
                fixed=fixed,
                fixture=life.name,
                collection=_COLLECTION,
                scope=repository,
                error_message=life.error_message if ends == Status.ERRORED else None,
                assumptions=life.assumptions,
                waivers=life.waivers,
                weight=len(call.request.body) + len(call.request.path) + 1_000,
            ),
            uuid_from,
        )
        return self._shown(created, repository, call.now)

    def _life(
        self, call: Call, path: str, model: str, body: Mapping[str, Any]
    ) -> EvaluationFixture:
        if call.example is not None:
            return call.catalog.evaluations[call.example]
        asked = {
            "path": path,
            "model": model,
            "name": str(body.get("name", "")),
            "prompt": str(body["prompt"]),
        }
        return call.catalog.life_of("evaluation", asked, FORM)

    # -- fixtures --------------------------------------------------------------------------

    def from_fixture(self, fixture: EvaluationFixture, epoch: datetime) -> Evaluation:
        """See `Api`."""
        fixed = {**_DEFAULTS, **{k: v for k, v in fixture.fields.items() if k != "id"}}
        id_ = fixture.fields.get("id", uuid_from(f"fixture/{fixture.name}"))
        ends = fixture.timeline.phases[-1].status
        return Evaluation(
            id=str(id_).lower(),
            born=epoch + fixture.starts,
            timeline=fixture.timeline,
            work=_work(fixture, fixed, ends),
            fixed=fixed,
            fixture=fixture.name,
            collection=_COLLECTION,
            scope=fixture.scope,
            error_message=fixture.error_message,
            assumptions=fixture.assumptions,
            waivers=fixture.waivers,
        )

    def id_for(self, fixture: EvaluationFixture, text: str) -> str:  # noqa: ARG002 because all ids are uuids
        """See `Api`."""
        return uuid_from(text)

    # -- the wire --------------------------------------------------------------------------

    def answers(self, evaluation: Evaluation, now: datetime) -> Iterator[tuple[str, Reply]]:
        """See `Api`."""
        yield GET, self._shown(evaluation, evaluation.scope or "ox/cats", now)

    def whose(self, evaluation: Evaluation) -> str:
        """See `Api`."""
        return evaluation.scope or "any repository"

    def repository(self, evaluation: Evaluation) -> str | None:
        """See `Api`."""
        return evaluation.scope

    def example_path(self, evaluation: Evaluation) -> str:
        """See `Api`."""
        return f"/api/repos/{evaluation.scope or 'ox/cats'}/evaluations/{evaluation.id}"

    def _shown(self, evaluation: Evaluation, repository: str, now: datetime) -> Reply:
        fractions = self._assumed.flag("fractional_seconds", evaluation.assumptions)
        seen = observe(evaluation, now)
        resource = on_wire(evaluation, repository, seen, fractions=fractions)
        body = {"evaluation": resource, "status": "success", "status_message": "resource_found"}
        shown = (evaluation, repository)
        waivers = evaluation.waivers
        return Reply(200, body, evaluation.fixture, shown, waivers, until=seen.until)

    def sighting(
        self,
        operation_id: str,  # noqa: ARG002 because both operations answer alike
        body: Mapping[str, Any],
        now: datetime,
    ) -> Sighting:
        """See `Api`."""
        return from_wire(body["evaluation"], now)


def _repository(parameters: Mapping[str, str]) -> str:
    """The repository a path names.

    Raises:
        RefusedError: no repository can be named like that.
    """
    return _named(parameters["namespace"], parameters["repo_name"])


@lru_cache(maxsize=_MOST_NAMES)
def _named(namespace: str, repo_name: str) -> str:
    names = (namespace, repo_name)
    if {".", ".."} & set(names) or any(_UNNAMEABLE.search(name) for name in names):
        raise RefusedError(
            404, hint="no repository is named . or .. or has a control character in its name"
        )
    return intern("/".join(names))


def _shared(value: object) -> object:
    """The same; a text that others have too, as many have these, is kept once for all."""
    return intern(value) if type(value) is str else value


def _resource(resource_path: str, catalog: Catalog) -> tuple[str, str]:
    """Branch and file of a resource path, as oxen-server splits it: the longest known branch.

    Raises:
        RefusedError: no file can be named like that.
    """
    return _parted(resource_path, catalog.branches())


@lru_cache(maxsize=_MOST_NAMES)
def _parted(resource_path: str, branches: tuple[str, ...]) -> tuple[str, str]:
    segments = resource_path.split("/")
    if {"", ".", ".."} & set(segments) or _UNNAMEABLE.search(resource_path):
        raise RefusedError(
            404,
            hint="no file has an empty, . or .. segment or a control character in its path",
        )
    for branch in branches:
        if resource_path == branch or resource_path.startswith(f"{branch}/"):
            return branch, intern(resource_path[len(branch) + 1 :])
    version, _, path = resource_path.partition("/")
    return intern(version), intern(path)


def _model(asked: str, catalog: Catalog) -> Mapping[str, object]:
    """The model a fixture knows by this id or name, or one that has nothing but what was asked."""
    for fixture in catalog.evaluations.values():
        model = fixture.fields.get("model")
        if isinstance(model, dict) and asked.lower() in {model.get("id"), model.get("name")}:
            return model
    asked = intern(asked)
    return {"id": asked} if is_uuid(asked) else {"name": asked}


def _work(life: EvaluationFixture, fixed: Mapping[str, Any], ends: str) -> Work:
    rows = life.rows
    if fixed["is_sample"]:
        rows = max(0, min(fixed["sample_count"], rows))
    stops = rows
    if life.stops_at is not None and ends in {Status.ERRORED, Status.CANCELLED}:
        stops = life.stops_at * rows // max(life.rows, 1)  # a sample stops as far into its rows
    pace = life.pace if rows == life.rows else ()  # it tells of rows that a sample may not have
    return Work(rows, stops, life.usage, pace)
