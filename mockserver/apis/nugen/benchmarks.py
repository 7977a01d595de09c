"""What Nugen's benchmark operations do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockserver.apis.api import Reply
from mockserver.apis.nugen import facts
from mockserver.apis.nugen.evaluations import found_in, life_of
from mockserver.apis.nugen.lifecycle import COMPLETED, FAILED
from mockserver.apis.nugen.manner import DOCUMENTED, manner_of
from mockserver.apis.nugen.questions import question
from mockserver.core.evaluation import observe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from mockserver.apis.api import Assumed, Call
    from mockserver.core.evaluation import Evaluation, Snapshot

CREATE = "nugen.create_benchmark"
STATUS = "nugen.get_benchmark_status"
LIST = "nugen.list_benchmarks"
DATA = "nugen.get_benchmark_data"

_TIMES = ("start_time", "end_time")
_QUESTIONS = 10
"""How many questions a create gets that does not say (assumed: as in the documented example)."""


class Benchmarks:
    """The four operations on benchmarks."""

    def __init__(self, assumed: Assumed) -> None:
        """Take what is assumed of the API."""
        self._assumed = assumed

    def create(self, call: Call) -> Reply:
        """A new benchmark, whose questions are made from documents."""
        body: dict[str, Any] = dict(call.body) if isinstance(call.body, dict) else {}
        documents = body["documents"]
        life = life_of(call, "benchmark", {"document": documents[0]})
        owner = facts.owner_of(call.token or "")
        asked = facts.Asked(
            fields={"benchmark_name": f"Questions on {documents[0]}", "documents": documents},
            owner=owner,
            questions=int(body.get("num_questions") or _QUESTIONS),
            weight=len(call.request.body),
        )
        benchmark = call.sandbox.create(
            lambda id_: facts.created(life, id_, asked, call.now),
            lambda text: facts.id_from(text, "benchmark", seen=False),
        )
        manner = manner_of(self._assumed, benchmark)
        word = manner.words[observe(benchmark, call.now).status]
        told: dict[str, object] = {manner.id_key: benchmark.id, "status": word}
        return Reply(200, told, benchmark.fixture, (benchmark, owner), benchmark.waivers)

    def status(self, call: Call) -> Reply:
        """Whether the questions are there."""
        benchmark = self._found(call)
        shown = (benchmark, facts.owner_of(call.token or ""))
        return replace(self.status_reply(benchmark, call.now), shown=shown)

    def status_reply(self, benchmark: Evaluation, now: datetime) -> Reply:
        """The status at this instant."""
        manner, seen = manner_of(self._assumed, benchmark), observe(benchmark, now)
        body = {
            manner.id_key: benchmark.id,
            "benchmark_name": benchmark.fixed["benchmark_name"],
            "status": manner.words[seen.status],
            **manner.fields({name: manner.status_times.write(seen.times[name]) for name in _TIMES}),
        }
        return Reply(200, body, benchmark.fixture, None, benchmark.waivers)

    def list(self, call: Call) -> Reply:
        """Every benchmark of this token's owner, the newest first; it has no pages."""
        owner = facts.owner_of(call.token or "")
        return self.list_reply(call.sandbox.held(facts.BENCHMARKS, owner, call.now), call.now)

    def list_reply(self, benchmarks: Sequence[Evaluation], now: datetime) -> Reply:
        """The list at this instant."""
        waivers = tuple(dict.fromkeys(w for one in benchmarks for w in one.waivers))
        items = [self._item(benchmark, now) for benchmark in benchmarks]
        return Reply(200, {"benchmarks": items}, None, waivers=waivers)

    def _item(self, benchmark: Evaluation, now: datetime) -> dict[str, object]:
        manner, seen = manner_of(self._assumed, benchmark), observe(benchmark, now)
        return {
            manner.id_key: benchmark.id,
            "benchmark_name": benchmark.fixed["benchmark_name"],
            "status": manner.words[seen.status],
            manner.documents_key: benchmark.fixed["documents"],
            "num_questions": benchmark.work.rows,
            "created_at": DOCUMENTED.write(benchmark.born),
            "updated_at": DOCUMENTED.write(_updated(seen)),
        }

    def data(self, call: Call) -> Reply:
        """The questions with their answers; none until they are all there."""
        return self.data_reply(self._found(call), call.now)

    def data_reply(self, benchmark: Evaluation, now: datetime) -> Reply:
        """The data at this instant, in the key order that was seen."""
        manner, seen = manner_of(self._assumed, benchmark), observe(benchmark, now)
        fixed = benchmark.fixed
        body: dict[str, object] = {
            "benchmark_id": benchmark.id,
            "benchmark_name": fixed["benchmark_name"],
            "status": manner.words[seen.status],
            "s3_key": None,
            "s3_url": None,
            "document_ids": fixed["documents"],
            "num_questions": benchmark.work.rows,
            "questions": list(_questions(benchmark)) if seen.status == COMPLETED else [],
            "created_at": DOCUMENTED.write(benchmark.born),
            "updated_at": DOCUMENTED.write(_updated(seen)),
            "source": fixed["source"],
            "metadata": {
                "type": "generated",
                "name": fixed["benchmark_name"],
                "description": None,
                "original_filename": None,
            },
            "error": fixed.get("error") if seen.status == FAILED else None,
        }
        return Reply(200, body, benchmark.fixture, None, benchmark.waivers)

    @staticmethod
    def _found(call: Call) -> Evaluation:
        return found_in(call, facts.BENCHMARKS, call.match.parameters["benchmark_id"])


def _updated(seen: Snapshot) -> datetime:
    """The last time that something about it changed."""
    return max(instant for instant in seen.times.values() if instant is not None)


def _questions(benchmark: Evaluation) -> Iterator[dict[str, object]]:
    for number in range(1, benchmark.work.rows + 1):
        asked, answer = question(benchmark.fixed, number)
        yield {"question_num": number, "question": asked, "answer": answer, "image_url": None}


def answers(
    benchmarks: Benchmarks, benchmark: Evaluation, now: datetime
) -> Iterator[tuple[str, Reply]]:
    """Every answer that shows this benchmark, its status first."""
    yield STATUS, benchmarks.status_reply(benchmark, now)
    yield LIST, benchmarks.list_reply([benchmark], now)
    yield DATA, benchmarks.data_reply(benchmark, now)
