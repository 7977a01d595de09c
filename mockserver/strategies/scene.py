"""Where an example takes place: its sandbox, its evaluations, and the client at work there."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from mockserver.client.ids import evaluation_id
from mockserver.faults import Rule
from mockserver.strategies.followed import Followed
from mockserver.strategies.judge import CaughtError, Judge
from mockserver.strategies.lifetimes import default_life, names
from mockserver.strategies.stage import STAGE
from mockserver.testing.apis import MockedApi

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import timedelta

    from mockserver.client.ids import Identified
    from mockserver.strategies.lifetimes import Lifetime

Face = TypeVar("Face", bound=MockedApi)


class Scene(Generic[Face]):
    """A sandbox of an example's own, with what the steps do in it.

    Attributes:
        held: the sandbox, as a test holds it.
        api: the API whose evaluations live there.
        fixtures: the names of those whose lives they may lead, the default one first.
        evaluations: those that the client polls, the oldest first.
    """

    def __init__(self, face: type[Face]) -> None:
        """Open it; its clock stands still.

        Raises:
            MockserverError: the settings of the project make no sense.
        """
        self._opened = STAGE.open()
        self._judge = Judge(self._opened)
        self._sandbox = self._opened.world.sandbox
        self.held = face(self._opened)
        self.held.allow_polls_after_end()  # for it is the machine that polls, whatever it has seen
        self.api = face.api
        self.fixtures = names(self.api, self._opened.world.apis[self.api].catalog)
        self.evaluations: list[Followed] = []

    def add(self, lifetime: Lifetime) -> Followed:
        """A new evaluation that lives like this."""
        if isinstance(lifetime, str):
            return self.follow(self.held.add(lifetime))
        return self.follow(self.held.add(default_life(self.api), **lifetime))

    def follow(self, made: Identified) -> Followed:
        """An evaluation of the sandbox, for the client to poll from now on.

        Raises:
            CaughtError: it is none.
            TypeError: it holds no id.
        """
        world, id_ = self._opened.world, evaluation_id(made)
        if not world.sandbox.anywhere(id_):
            raise CaughtError(f"create: expected the id of what was created, found {id_!r}")
        self.evaluations.append(Followed(len(self.evaluations), id_, world))
        return self.evaluations[-1]

    def going(self) -> Sequence[Followed]:
        """The evaluations that have not ended."""
        return [one for one in self.evaluations if not one.has_ended]

    def ahead(self) -> Sequence[timedelta]:
        """How far away the changes are that are still to come, the next one first."""
        now = self._sandbox.now()
        changes = {instant for one in self.evaluations for instant in one.facts.changes()}
        return [instant - now for instant in sorted(changes) if instant > now]

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self._sandbox.move(lambda now: now + by)

    def put_in_trouble(self, **fault: Any) -> None:  # noqa: ANN401 as a rule of faults has it
        """Have this go wrong from now on, and nothing else."""
        self.end_trouble()
        self._sandbox.faults.add(Rule.of(fault), self._sandbox.now())

    def end_trouble(self) -> None:
        """Have nothing go wrong from now on."""
        for fault in self._sandbox.faults.all():
            self._sandbox.faults.remove(fault.id)

    @contextmanager
    def client_at_work(self, tolerates: tuple[type[Exception], ...]) -> Iterator[None]:
        """Judge what the client does in a block; what it may raise in trouble just ends that.

        Raises:
            CaughtError: it has broken the contract, or never gives up.
        """
        __tracebackhide__ = True
        before = self._sandbox.journal.last
        self._opened.sleeper.begin()
        try:
            yield
        except Exception as error:
            if not (isinstance(error, tolerates) and self._was_struck(before)):
                self._judge.note_on(error)
                raise
        self._judge.judge()

    def _was_struck(self, after: int) -> bool:
        found = self._sandbox.journal.find(after, lambda one: one.fault is not None, 1)
        return bool(found.entries)

    def judge_at_the_end(self) -> None:
        """Judge what was done, and what was to be done.

        Raises:
            CaughtError: the contract was broken, or an expected breach did not come.
        """
        __tracebackhide__ = True
        self._judge.judge_at_the_end()

    def close(self) -> None:
        """Give the sandbox up."""
        self._opened.close()
