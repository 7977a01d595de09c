"""An evaluation in an example: what the client has seen of it, and what is true of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mockserver.apis.api import Api
    from mockserver.core.evaluation import Evaluation
    from mockserver.sandboxes import World


class Followed:
    """An evaluation that a client polls.

    Attributes:
        id: by which the client asks for it.
        views: what the client's polls have given, the oldest first.
        was_seen_ended: whether it was polled after its end.
    """

    def __init__(self, number: int, id_: str, world: World) -> None:
        """Follow it from now on; `number` is its place among those of the example."""
        self.id = id_
        self.views: list[Any] = []
        self.was_seen_ended = False
        self._number = number
        self._world = world
        self._stood: tuple[Evaluation, datetime, str] | None = None

    @property
    def status(self) -> str:
        """The status that it has now, whether or not anybody has looked, in the API's word."""
        return self._api.words(self.facts)[self._stands_at]

    @property
    def has_ended(self) -> bool:
        """Whether it has come to its end."""
        return self._stands_at in self.facts.timeline.cycle.terminal

    @property
    def truth(self) -> Mapping[str, Any]:
        """The body of the answer that a client would get who asked for it now."""
        _, reply = next(self._api.answers(self.facts, self._now))
        return reply.body

    @property
    def can_be_cancelled(self) -> bool:
        """Whether a cancel is legal where it stands."""
        cycle = self.facts.timeline.cycle
        return cycle.cancelled in cycle.successors[self._stands_at]

    @property
    def is_worth_a_look(self) -> bool:
        """Whether a poll may show what none has shown; after the end one is enough."""
        return not self.has_ended or not self.was_seen_ended

    @property
    def facts(self) -> Evaluation:
        """What the sandbox knows of it."""
        return self._world.sandbox.anywhere(self.id)[0]

    @property
    def _stands_at(self) -> str:
        """The status that it has now, in the word of its life cycle; every step asks for it."""
        facts, now = self.facts, self._now
        if self._stood is None or self._stood[0] is not facts or self._stood[1] != now:
            self._stood = facts, now, facts.life.at(now - facts.born).status
        return self._stood[2]

    @property
    def _now(self) -> datetime:
        return self._world.sandbox.now()

    @property
    def _api(self) -> Api:
        return self._world.apis[self.facts.collection.partition("/")[0]].api

    def __repr__(self) -> str:
        """The name that it has among the steps of an example."""
        return f"evaluation_{self._number}"
