"""Nugen as the engine sees it: its handlers, its wire form, its problems."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mockserver.apis.api import Assumed, Envelope
from mockserver.apis.nugen import benchmarks, envelope, evaluations, facts, recorded
from mockserver.apis.nugen.assumptions import ASSUMPTIONS
from mockserver.apis.nugen.benchmarks import Benchmarks
from mockserver.apis.nugen.evaluations import Evaluations
from mockserver.apis.nugen.form import FORM
from mockserver.apis.nugen.lifecycle import WORDS
from mockserver.apis.nugen.manner import manner_of
from mockserver.apis.nugen.wire import sighting_of
from mockserver.contract.json_text import NotJsonError, read_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from mockserver.apis.api import Call, Reply
    from mockserver.apis.recorded import Reading
    from mockserver.core.evaluation import Evaluation
    from mockserver.core.exchange import Request
    from mockserver.core.rules import Sighting
    from mockserver.fixtures import EvaluationFixture, Form

_IDENTITY: Mapping[str, tuple[str, ...]] = {
    evaluations.CREATE: ("evaluation_id", "benchmark_id"),
    evaluations.STATUS: ("evaluation_id", "benchmark_id"),
    benchmarks.CREATE: ("id", "benchmark_id"),
    benchmarks.STATUS: ("id", "benchmark_id"),
}
"""The operations whose answers tell a status, and what in them never changes."""


class NugenApi:
    """Evaluations and benchmarks over a sandbox; what one token made another does not see."""

    name: str = "nugen"
    title: str = "Nugen"
    document: str = "nugen.yaml"
    form: Form = FORM
    envelope: Envelope = envelope
    reading: Reading = recorded
    wrong_token: int = 403
    request_id: str | None = None
    known_words: tuple[str, ...] = tuple(
        dict.fromkeys(word for words in WORDS.values() for word in words.values())
    )

    subjects: Mapping[str, str] = MappingProxyType(
        {"evaluation_id": facts.EVALUATIONS, "benchmark_id": facts.BENCHMARKS}
    )

    def __init__(self, assumed: Mapping[str, object]) -> None:
        """Take what the settings assume; the rest has its default."""
        known = self._assumed = Assumed.of(ASSUMPTIONS, assumed)
        self._live = known.text("answer_style") == "live"
        self._evaluations, self._benchmarks = Evaluations(known), Benchmarks(known)
        self.handlers: Mapping[str, Callable[[Call], Reply]] = {
            evaluations.CREATE: self._evaluations.create,
            evaluations.LIST: self._evaluations.list,
            evaluations.STATUS: self._evaluations.status,
            evaluations.RESULTS: self._evaluations.results,
            evaluations.DOWNLOAD: self._evaluations.download,
            benchmarks.CREATE: self._benchmarks.create,
            benchmarks.STATUS: self._benchmarks.status,
            benchmarks.LIST: self._benchmarks.list,
            benchmarks.DATA: self._benchmarks.data,
        }

    @property
    def shown_words(self) -> tuple[str, ...]:
        """See `Api`."""
        return tuple(dict.fromkeys(WORDS[self._assumed.text("status_words")].values()))

    @property
    def overlays(self) -> tuple[str, ...]:
        """See `Api`."""
        return ("nugen.overlay.yaml", *(("nugen.live.overlay.yaml",) if self._live else ()))

    def needs_token(self, operation_id: str) -> bool:  # noqa: ARG002 because all of them do
        """See `Api`."""
        return True

    def subject(self, call: Call) -> Evaluation | None:
        """See `Api`."""
        owner = facts.owner_of(call.token or "")
        for name, collection in self.subjects.items():
            if (asked := call.match.parameters.get(name)) is not None:
                return call.sandbox.find(collection, owner, asked, call.now)
        return None

    def words(self, evaluation: Evaluation) -> Mapping[str, str]:
        """See `Api`."""
        return manner_of(self._assumed, evaluation).words

    def likely_cause(self, operation_id: str, request: Request) -> str:
        """See `Api`."""
        try:
            body = read_json(request.body)
        except NotJsonError:
            return ""
        metrics = body.get("custom_metrics") if isinstance(body, dict) else None
        if operation_id == evaluations.CREATE and isinstance(metrics, list):
            return (
                "A documented example sends custom_metrics as a list, which the documented schema "
                "refuses: it asks for an object"
            )
        return ""

    def sighting(self, operation_id: str, body: Mapping[str, Any], now: datetime) -> Sighting:
        """See `Api`."""
        return sighting_of(body, now, *_IDENTITY[operation_id])

    def from_fixture(self, fixture: EvaluationFixture, epoch: datetime) -> Evaluation:
        """See `Api`."""
        return facts.from_fixture(fixture, epoch)

    def answers(self, evaluation: Evaluation, now: datetime) -> Iterator[tuple[str, Reply]]:
        """See `Api`."""
        if evaluation.collection == facts.BENCHMARKS:
            return benchmarks.answers(self._benchmarks, evaluation, now)
        return evaluations.answers(self._evaluations, evaluation, now)

    def whose(self, evaluation: Evaluation) -> str:
        """See `Api`."""
        return "any token" if evaluation.scope is None else "one token"

    def repository(self, evaluation: Evaluation) -> str | None:  # noqa: ARG002 because none has any
        """See `Api`."""
        return None

    def example_path(self, evaluation: Evaluation) -> str:
        """See `Api`."""
        if evaluation.collection == facts.BENCHMARKS:
            return f"/api/v3/benchmark/status/{evaluation.id}"
        return f"/api/v3/evaluations/{evaluation.id}/status"

    def id_for(self, fixture: EvaluationFixture, text: str) -> str:
        """See `Api`."""
        live = self._assumed.text("answer_style", fixture.assumptions) == "live"
        if fixture.kind == "benchmark":
            return facts.id_from(text, "benchmark", seen=False)
        return facts.id_from(text, "eval", seen=live)
