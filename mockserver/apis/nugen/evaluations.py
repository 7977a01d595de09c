"""What Nugen's evaluation operations do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockserver.apis.api import Reply
from mockserver.apis.nugen import facts
from mockserver.apis.nugen.form import FORM
from mockserver.apis.nugen.lifecycle import COMPLETED, RUNNING, WAITING
from mockserver.apis.nugen.manner import DOCUMENTED, manner_of
from mockserver.apis.nugen.results import download_of, metrics_of, not_completed, results_of
from mockserver.apis.nugen.wire import status_of
from mockserver.core.evaluation import observe
from mockserver.durations import format_duration
from mockserver.problems import RefusedError
from mockserver.sandbox import uuid_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from mockserver.apis.api import Assumed, Call
    from mockserver.core.evaluation import Evaluation
    from mockserver.fixtures import EvaluationFixture

CREATE = "nugen.create_evaluation"
LIST = "nugen.list_evaluations"
STATUS = "nugen.get_evaluation_status"
RESULTS = "nugen.get_evaluation_results"
DOWNLOAD = "nugen.download_evaluation_results"

_PAGE = 10
_IN_PROGRESS = "in_progress"
"""A word that the filter is documented to take and that no answer is documented to show."""


class Evaluations:
    """The five operations on evaluations."""

    def __init__(self, assumed: Assumed) -> None:
        """Take what is assumed of the API."""
        self._assumed = assumed

    def create(self, call: Call) -> Reply:
        """A new evaluation of one model, or of two against each other."""
        body: dict[str, Any] = dict(call.body) if isinstance(call.body, dict) else {}
        matched = {"model": body["model_id"], "benchmark": body["benchmark_id"]}
        life = life_of(call, "evaluation", matched)
        owner = facts.owner_of(call.token or "")
        benchmark = call.sandbox.find(facts.BENCHMARKS, owner, body["benchmark_id"], call.now)
        known = ("model_id", "benchmark_id", "custom_metrics", "model_id_2")
        asked = facts.Asked(
            fields={name: body[name] for name in known if body.get(name) is not None},
            owner=owner,
            questions=benchmark.work.rows if benchmark is not None else None,
            weight=len(call.request.body),
        )
        live = self._assumed.text("answer_style", life.assumptions) == "live"
        evaluation = call.sandbox.create(
            lambda id_: facts.created(life, id_, asked, call.now),
            lambda text: facts.id_from(text, "eval", seen=live),
        )
        return self._created(evaluation, owner, call.now)

    def _created(self, evaluation: Evaluation, owner: str, now: datetime) -> Reply:
        manner = manner_of(self._assumed, evaluation)
        body: dict[str, object] = {
            "evaluation_id": evaluation.id,
            "model_id": evaluation.fixed["model_id"],
            "status": manner.words[WAITING],
            "benchmark_id": evaluation.fixed["benchmark_id"],
            "created_at": DOCUMENTED.write(now),
            "message": "Evaluation created; poll its status until it is completed.",
        }
        return Reply(200, body, evaluation.fixture, (evaluation, owner), evaluation.waivers)

    def status(self, call: Call) -> Reply:
        """How far an evaluation has come."""
        evaluation = self._found(call)
        owner = facts.owner_of(call.token or "")
        ignored = "example is a preference for creates; ignored here" if call.example else ""
        reply = self.status_reply(evaluation, call.now)
        return replace(reply, shown=(evaluation, owner), hint=ignored)

    def status_reply(self, evaluation: Evaluation, now: datetime) -> Reply:
        """The status at this instant."""
        manner = manner_of(self._assumed, evaluation)
        seen = observe(evaluation, now)
        body = status_of(evaluation, seen, manner)
        waivers = evaluation.waivers
        return Reply(200, body, evaluation.fixture, None, waivers, until=seen.until)

    def results(self, call: Call) -> Reply:
        """What came out, once it has completed."""
        return self.results_reply(self._found(call), call.now)

    def results_reply(self, evaluation: Evaluation, now: datetime) -> Reply:
        """The results at this instant, or why there are none yet."""
        seen = observe(evaluation, now)
        if seen.status != COMPLETED:
            return Reply(400, not_completed(evaluation), evaluation.fixture)
        body = results_of(evaluation, seen, manner_of(self._assumed, evaluation))
        return Reply(200, body, evaluation.fixture, None, evaluation.waivers)

    def download(self, call: Call) -> Reply:
        """The results with every answer, as a file."""
        evaluation = self._found(call)
        owner = facts.owner_of(call.token or "")
        id_ = str(evaluation.fixed["benchmark_id"])
        benchmark = call.sandbox.find(facts.BENCHMARKS, owner, id_, call.now)
        return self.download_reply(evaluation, benchmark.fixed if benchmark else {}, call.now)

    def download_reply(
        self, evaluation: Evaluation, benchmark: Mapping[str, object], now: datetime
    ) -> Reply:
        """The file at this instant, or why there is none yet."""
        seen = observe(evaluation, now)
        if seen.status != COMPLETED:
            return Reply(400, not_completed(evaluation), evaluation.fixture)
        manner = manner_of(self._assumed, evaluation)
        body, name = download_of(evaluation, seen, manner, benchmark)
        attached = (("Content-Disposition", f"attachment; filename={name}"),)
        return Reply(
            200,
            body,
            evaluation.fixture,
            waivers=evaluation.waivers,
            headers=attached,
            indented=True,
        )

    def list(self, call: Call) -> Reply:
        """The evaluations of this token's owner, the newest first."""
        owner = facts.owner_of(call.token or "")
        query = dict(call.request.query)
        held = call.sandbox.held(facts.EVALUATIONS, owner, call.now)
        kept = [e for e in held if self._matches(e, query, call.now)]
        limit, offset = int(query.get("limit", _PAGE)), int(query.get("offset", 0))
        page = kept[offset : offset + limit]
        return self.list_reply(page, (len(kept), limit, offset), owner, call.now)

    def list_reply(
        self, page: Sequence[Evaluation], bounds: tuple[int, int, int], owner: str, now: datetime
    ) -> Reply:
        """A page of the list; `bounds` are how many match in all, limit and offset."""
        total, limit, offset = bounds
        body: dict[str, object] = {
            "user_id": uuid_from(f"user/{owner}"),
            "evaluations": [self._item(evaluation, now) for evaluation in page],
            "total": total,
            "limit": limit,
            "offset": offset,
        }
        waivers = tuple(dict.fromkeys(w for evaluation in page for w in evaluation.waivers))
        return Reply(200, body, None, waivers=waivers)

    def _item(self, evaluation: Evaluation, now: datetime) -> dict[str, object]:
        manner, seen = manner_of(self._assumed, evaluation), observe(evaluation, now)
        return {
            "evaluation_id": evaluation.id,
            "model_id": evaluation.fixed["model_id"],
            "benchmark_id": evaluation.fixed["benchmark_id"],
            "status": manner.words[seen.status],
            "judge_provider": evaluation.fixed.get("judge_provider"),
            "created_at": DOCUMENTED.write(evaluation.born),
            "metrics": metrics_of(evaluation, seen) if seen.status == COMPLETED else None,
        }

    def _matches(self, evaluation: Evaluation, query: Mapping[str, str], now: datetime) -> bool:
        word, model = query.get("status"), query.get("model_id")
        if model is not None and model != evaluation.fixed["model_id"]:
            return False
        if word is None:
            return True
        status = evaluation.life.at(now - evaluation.born).status
        if word == _IN_PROGRESS:
            return status == RUNNING
        return manner_of(self._assumed, evaluation).words[status] == word

    @staticmethod
    def _found(call: Call) -> Evaluation:
        return found_in(call, facts.EVALUATIONS, call.match.parameters["evaluation_id"])


def life_of(call: Call, kind: str, matched: Mapping[str, str]) -> EvaluationFixture:
    """The fixture whose life a create follows.

    Raises:
        RefusedError: the one that the client prefers describes another kind of thing.
    """
    if call.example is None:
        return call.catalog.life_of(kind, matched, FORM)
    life = call.catalog.evaluations[call.example]
    if life.kind != kind:
        known = ", ".join(fixture.name for fixture in call.catalog.of_kind(kind))
        found = f"{life.name}, a {life.kind}"
        raise RefusedError(
            400,
            "header Prefer: example: expected the name of a fixture of "
            f"kind {kind} ({known}), found {found}",
        )
    return life


def found_in(call: Call, collection: str, id_: str) -> Evaluation:
    """What this token's owner has of this id; others' is as good as none.

    Raises:
        RefusedError: 404, whose wording is assumed; the hint says what is nearest.
    """
    found = call.sandbox.find(collection, facts.owner_of(call.token or ""), id_, call.now)
    if found is None:
        what = collection.partition("/")[2].capitalize()
        raise RefusedError(404, f"{what} not found", hint=_nearest(call, collection, id_))
    return found


def _nearest(call: Call, collection: str, id_: str) -> str:
    elsewhere = [e for e in call.sandbox.anywhere(id_) if e.collection == collection]
    born = [e for e in elsewhere if e.born <= call.now]
    if born:
        return "it belongs to another token"
    if elsewhere:
        wait = format_duration(elsewhere[0].born - call.now)
        return f"will be created in {wait}, as {elsewhere[0].fixture} says"
    age = format_duration(call.now - call.sandbox.epoch)
    return (
        f"no such id; the server started {age} ago (virtual time) "
        "and what was created lives in memory"
    )


def answers(
    evaluations: Evaluations, evaluation: Evaluation, now: datetime
) -> Iterator[tuple[str, Reply]]:
    """Every answer that shows this evaluation, its status first."""
    yield STATUS, evaluations.status_reply(evaluation, now)
    yield RESULTS, evaluations.results_reply(evaluation, now)
    yield DOWNLOAD, evaluations.download_reply(evaluation, {}, now)
    yield LIST, evaluations.list_reply([evaluation], (1, _PAGE, 0), evaluation.scope or "", now)
