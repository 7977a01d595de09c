"""The proofs of fixtures, those of bundled ones from the cache where they were made before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mockserver.cache import cached
from mockserver.fixtures import Catalog
from mockserver.proving import Proof, prove, prove_answer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from mockserver.apis.api import Api
    from mockserver.contract.contract import Contract
    from mockserver.fixtures import AnswerFixture, EvaluationFixture

    Proofs = list[tuple[EvaluationFixture | AnswerFixture, Proof]]

_EVERYTHING = ("",)
"""The code that has a part in a proof: that of the whole package."""


def proofs_of(api: Api, contract: Contract, catalog: Catalog, epoch: datetime) -> Proofs:
    """Prove every fixture of a catalog, as if the server had started at this instant."""
    lives = catalog.evaluations.values()
    proofs: Proofs = []
    proofs += [(life, prove(api, contract, api.from_fixture(life, epoch))) for life in lives]
    answers = catalog.answers.values()
    return [*proofs, *((answer, prove_answer(contract, answer, epoch)) for answer in answers)]


def proofs_before(
    made_of: Sequence[str], api: Api, contract: Contract, catalog: Catalog, epoch: datetime
) -> Proofs:
    """The same, from the cache where these same fixtures were proved before.

    `made_of` is what decides beside the fixtures. The instant is none of it, for no proof depends
    on when the server starts.
    """
    fixtures: list[EvaluationFixture | AnswerFixture] = [*catalog.evaluations.values()]
    fixtures += catalog.answers.values()
    said = json.dumps([[api.name, fixture.name, fixture.said] for fixture in fixtures])

    def make() -> list[dict[str, Any]]:
        return [proof.plain(epoch) for _, proof in proofs_of(api, contract, catalog, epoch)]

    plain = cached("proofs", [said, *made_of], _EVERYTHING, make)
    return [(one, Proof.of(told, epoch)) for one, told in zip(fixtures, plain, strict=True)]


def outside(folder: Path, catalog: Catalog) -> Catalog:
    """The fixtures that lie elsewhere."""
    return Catalog(
        {n: f for n, f in catalog.evaluations.items() if not f.file.is_relative_to(folder)},
        {n: f for n, f in catalog.answers.items() if not f.file.is_relative_to(folder)},
    )


def inside(folder: Path, catalog: Catalog) -> Catalog:
    """The fixtures that lie there."""
    return Catalog(
        {n: f for n, f in catalog.evaluations.items() if f.file.is_relative_to(folder)},
        {n: f for n, f in catalog.answers.items() if f.file.is_relative_to(folder)},
    )
