"""What answers of one API are drawn from: its documents, and what its fixtures may say."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from mockserver.apis.recorded import Recorded
from mockserver.core.evaluation import Usage
from mockserver.core.timeline import ZERO, Phase, Timeline
from mockserver.dynamic.fixture import fixture_of
from mockserver.dynamic.lives import FIRST_BIRTH, Life, orders
from mockserver.dynamic.sketch import Sketches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockserver.apis.api import Api
    from mockserver.apis.recorded import Look
    from mockserver.contract.contract import Contract, Operation
    from mockserver.core.evaluation import Evaluation
    from mockserver.dynamic.sketch import Path, Sketch
    from mockserver.fixtures import EvaluationFixture

_ITSELF = frozenset({"id", "repository_id"})
"""What an evaluation shows of itself, and was not asked."""


class Drawer:
    """One API with its contract in both strictnesses, prepared for drawing.

    Each place of a document is worked out when it is first drawn, and then kept.
    """

    def __init__(self, api: Api, contract: Contract) -> None:
        """Draw answers of this API that keep this contract, or do not."""
        self.api = api
        self.contract = contract

    @cached_property
    def strict(self) -> Sketches:
        """Answers as this mock sends them."""
        return Sketches(self.contract.strict)

    @cached_property
    def published(self) -> Sketches:
        """Answers as the published document has them."""
        return Sketches(self.contract.document.value)

    @cached_property
    def leniently(self) -> Contract:
        """The contract, its verdicts given by the published document."""
        return self.contract.judged_by(self.contract.document.value)

    @cached_property
    def free(self) -> Mapping[str, Mapping[str, Sketch]]:
        """What a create may ask for at will, by kind and field, as the strict answers show it."""
        return {kind: dict(self._free(kind)) for kind in self.api.form.kinds}

    @cached_property
    def tells_status(self) -> tuple[str, Path]:
        """The operation that tells an evaluation's status, and where in its answer that stands."""
        operation, look, _ = next(self._shown(self._plain(next(iter(self.api.form.kinds)))))
        return operation.id, path_of(look.seen.places["status"])

    def _free(self, kind: str) -> Iterator[tuple[str, Sketch]]:
        plain = self._plain(kind)
        for _, look, sketch in self._shown(plain):
            places = look.seen.places
            for name in plain.fixed:
                if sketch is not None and name in places and name not in _ITSELF:
                    yield name, sketch.at(path_of(places[name]))

    def _plain(self, kind: str) -> Evaluation:
        """One of this kind, which has ended as soon as it was born."""
        return self.api.from_fixture(self.plain_fixture(kind), FIRST_BIRTH)

    def plain_fixture(self, kind: str) -> EvaluationFixture:
        """The plainest fixture of a kind: it succeeds as soon as it is born."""
        cycle = self.api.form.kinds[kind].cycle
        *passed, end = orders(cycle)[0]
        timeline = Timeline(cycle, (*(Phase(one, ZERO) for one in passed), Phase(end)))
        return fixture_of(self.api, kind, Life(timeline, 1, None, Usage(), None), {})

    def _shown(self, one: Evaluation) -> Iterator[tuple[Operation, Look, Sketch | None]]:
        """What the answers about something show of it, and what is said of those answers."""
        for name, reply in self.api.answers(one, FIRST_BIRTH):
            if (operation := self.contract.operations.get(name)) is not None:
                sketch = self.strict.of(operation, reply.status)
                exchange = Recorded(name, {}, {}, {}, False, reply.status, reply.body)  # noqa: FBT003 it says nothing of a token
                for look in self.api.reading.looks(exchange, FIRST_BIRTH):
                    yield operation, look, sketch


def path_of(place: str) -> Path:
    """The steps to a place in a body, as violations name it: "body /evaluation/status"."""
    steps = place.removeprefix("body").strip().split("/")[1:]
    read = (step.replace("~1", "/").replace("~0", "~") for step in steps)
    return tuple(int(step) if step.isdecimal() else step for step in read)
