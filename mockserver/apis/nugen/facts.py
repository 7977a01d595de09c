"""Fixtures and requests into the facts of an evaluation or a benchmark."""

from __future__ import annotations

import hashlib
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mockserver.core.dataclass import dataclass
from mockserver.core.evaluation import FREE, Evaluation, Work

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from mockserver.fixtures import EvaluationFixture

EVALUATIONS, BENCHMARKS = "nugen/evaluation", "nugen/benchmark"
_DEFAULTS: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {
        "evaluation": {
            "model_id": "model-abc123",
            "benchmark_id": "benchmark-abc123",
            "judge_provider": "openai",
        },
        "benchmark": {
            "benchmark_name": "Questions on the documents",
            "documents": ["doc-abc123"],
            "source": "database",
        },
    }
)
_LATIN = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32, in which the ids that were seen are written."""

_WEIGHT = 1_500


@dataclass(frozen=True, slots=True)
class Asked:
    """What a create asks for: by field, for whom, of how many bytes."""

    fields: Mapping[str, object]
    owner: str
    questions: int | None
    weight: int


def owner_of(token: str) -> str:
    """Whose it is, told by a digest: a token itself is kept nowhere."""
    return hashlib.blake2b(token.encode(errors="replace"), digest_size=16).hexdigest()


def id_from(text: str, prefix: str, *, seen: bool) -> str:
    """An id that the same text always gives, as documented or as `seen`."""
    digest = hashlib.blake2b(text.encode(), digest_size=15).digest()
    if seen:
        return f"{prefix}_{''.join(_LATIN[byte % len(_LATIN)] for byte in digest)}"
    return f"{prefix}-{digest[:6].hex()}"


def from_fixture(fixture: EvaluationFixture, epoch: datetime) -> Evaluation:
    """What a fixture describes, born `starts` after the epoch."""
    fields = {**_DEFAULTS[fixture.kind], **fixture.fields}
    prefix = "eval" if fixture.kind == "evaluation" else "benchmark"
    id_ = fields.pop("id", None) or id_from(f"fixture/{fixture.name}", prefix, seen=False)
    owner = owner_of(fixture.scope) if fixture.scope is not None else None
    return _living(fixture, str(id_), epoch + fixture.starts, fields, owner, fixture.rows)


def created(fixture: EvaluationFixture, id_: str, asked: Asked, now: datetime) -> Evaluation:
    """What a create makes: born now, it lives as the fixture does."""
    inherited = {**_DEFAULTS[fixture.kind], **fixture.fields}
    own = ("judge_provider",) if fixture.kind == "evaluation" else ("source", "error", "questions")
    fields = {name: inherited[name] for name in own if name in inherited} | dict(asked.fields)
    rows = fixture.rows if asked.questions is None else asked.questions
    return _living(fixture, id_, now, fields, asked.owner, rows, asked.weight + _WEIGHT)


def _living(  # noqa: PLR0913, PLR0917 because these are the facts, and all of them are needed
    fixture: EvaluationFixture,
    id_: str,
    born: datetime,
    fields: Mapping[str, Any],
    owner: str | None,
    questions: int,
    weight: int = 0,
) -> Evaluation:
    return Evaluation(
        id=id_,
        born=born,
        timeline=fixture.timeline,
        work=_work(fixture, questions, models=1 if fields.get("model_id_2") is None else 2),
        fixed=fields,
        fixture=fixture.name,
        collection=f"nugen/{fixture.kind}",
        scope=owner,
        assumptions=fixture.assumptions,
        shows=fixture.shows,
        waivers=fixture.waivers,
        weight=weight,
    )


def _work(fixture: EvaluationFixture, questions: int, *, models: int) -> Work:
    """Every question is answered by each model, and each answer counts (seen)."""
    stops = questions
    if fixture.stops_at is not None:
        stops = fixture.stops_at * questions // max(fixture.rows, 1)
    pace: tuple[tuple[int, timedelta], ...] = ()
    if questions == fixture.rows:  # it tells of questions that another number may not have
        pace = tuple((number * models, instant) for number, instant in fixture.pace)
    return Work(questions * models, stops * models, FREE, pace)
