"""State machines for Hypothesis: evaluations live, and a client polls them, in any order of events.

A step adds an evaluation, lets time pass, cancels one, lets one fail, puts a fault in the client's
way, or has the client poll. What must always be true is said by whoever subclasses a machine.
"""

from __future__ import annotations

import sys
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, Generic, cast

from hypothesis import Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    multiple,
    precondition,
    rule,
)

from mockserver.client.errors import ControlError
from mockserver.durations import format_duration, parse_duration
from mockserver.strategies.lifetimes import LIFETIMES
from mockserver.strategies.scene import Face, Scene
from mockserver.strategies.spans import SPANS
from mockserver.strategies.telling import Standing
from mockserver.testing.apis import MockedApi, Nugen, Oxen

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from mockserver.client.ids import Identified
    from mockserver.strategies.followed import Followed
    from mockserver.strategies.lifetimes import Lifetime

    Step = TypeVar("Step", bound=Callable[..., object])

_MOST = 3
"""Evaluations that go on at the same time: few, so that much happens to each."""


def _told_as(name: str) -> Callable[[Step], Step]:
    """Have a step told by the name of the method that a subclass has for it."""

    def renamed(step: Step) -> Step:
        step.__name__ = name
        return step

    return renamed


class Life(RuleBasedStateMachine, Generic[Face]):
    """What happens to evaluations while a client polls them; `OxenLife` and `NugenLife` are it.

    Attributes:
        tolerates: exceptions that the client may raise from a call that a fault has struck.
        evaluation: the bundle of the evaluations, for rules of a subclass.
        evaluations: those of the example, the oldest first.
        sandbox: where it takes place, afresh for each example; its clock stands still.
        scene: the same, as the steps use it.
    """

    face: ClassVar[type[MockedApi]]
    tolerates: ClassVar[tuple[type[Exception], ...]] = ()
    evaluation: ClassVar[Bundle[Followed]] = Bundle("evaluation")

    def __init_subclass__(cls) -> None:
        """Settle what is plain: how long an example takes is no failure, nor is which lines run."""
        super().__init_subclass__()
        phases = tuple(phase for phase in Phase if phase is not Phase.explain)
        cls.TestCase.settings = settings(cls.TestCase.settings, phases=phases)

    def __init__(self) -> None:
        """Open a sandbox, and have the client connect to it."""
        super().__init__()
        self._outside = sys.exception()
        self.scene: Scene[Face] = Scene(cast("type[Face]", self.face))
        self.sandbox = self.scene.held
        self.evaluations = self.scene.evaluations
        try:
            self.connect(self.sandbox)
        except BaseException:
            self.scene.close()
            raise

    # -- what a subclass says -----------------------------------------------------------------

    def connect(self, sandbox: Face, /) -> None:
        """Make the client of an example, for `sandbox.url` and `sandbox.token`."""

    def poll(self, evaluation: Followed, /) -> object:
        """Have the client look at an evaluation; what is returned is kept as its view."""
        raise NotImplementedError(f"{type(self).__name__}: expected a method poll, found none")

    def create(self) -> Identified | None:
        """Have the client create an evaluation; returns its id, the answer that holds it, or None.

        None is for a client that has given up. Without this method only the sandbox adds some.
        """
        raise NotImplementedError

    def at_the_end(self, evaluation: Followed, view: Any, /) -> None:  # noqa: ANN401 what poll has returned
        """Claim something of the last view of an evaluation.

        When an example is over nothing goes wrong any more, time passes until every life has
        ended, and each evaluation is polled once more.
        """

    def disconnect(self) -> None:
        """Close what the client of an example has open."""

    # -- steps --------------------------------------------------------------------------------

    @precondition(lambda self: len(self.scene.going()) < _MOST)
    @rule(target=evaluation, life=LIFETIMES)
    def add(self, life: Lifetime) -> Followed:
        """A new evaluation, which lives as a fixture does, or otherwise."""
        return self.scene.add(life)

    @precondition(lambda self: type(self).create is not Life.create)
    @precondition(lambda self: len(self.scene.going()) < _MOST)
    @rule(target=evaluation)
    @_told_as("create")
    def _created(self) -> Followed | MultipleResults[Followed]:
        __tracebackhide__ = True
        made: Identified | None = None
        with self.scene.client_at_work(self.tolerates):
            made = self.create()
        return multiple() if made is None else self.scene.follow(made)

    @precondition(lambda self: bool(self.evaluations))
    @rule(by=SPANS)
    def advance(self, by: str) -> None:
        """Let time pass."""
        self.scene.advance(parse_duration(by))

    @precondition(lambda self: any(one.can_be_cancelled for one in self.evaluations))
    @rule(evaluation=evaluation.filter(lambda one: one.can_be_cancelled))
    def cancel(self, evaluation: Followed) -> None:
        """Somebody cancels an evaluation."""
        self.sandbox.cancel(evaluation.id)

    @precondition(lambda self: bool(self.scene.going()))
    @rule(
        evaluation=evaluation.filter(lambda one: not one.has_ended),
        at_row=st.none() | st.integers(0, 100),
    )
    def fail(self, evaluation: Followed, at_row: int | None) -> None:
        """An evaluation fails, now or once so many rows are done; nothing happens if it cannot."""
        try:
            self.sandbox.fail(evaluation.id, at_row)
        except ControlError as error:
            if error.status != HTTPStatus.CONFLICT:
                raise

    @precondition(lambda self: bool(self.evaluations))
    @rule(
        fault=st.sampled_from((503, 500, 429, "truncated", "malformed")),
        count=st.sampled_from((1, 2, 3)),
    )
    def inject(self, fault: int | str, count: int) -> None:
        """The next answers, so many, are this problem, or have a body that is broken like this."""
        what = "code" if isinstance(fault, int) else "body"
        self.scene.put_in_trouble(**{what: fault, "count": count})

    @precondition(lambda self: any(one.is_worth_a_look for one in self.evaluations))
    @rule(evaluation=evaluation.filter(lambda one: one.is_worth_a_look), after=SPANS)
    @_told_as("poll")
    def _polled(self, evaluation: Followed, after: str) -> None:
        __tracebackhide__ = True
        self.scene.advance(parse_duration(after))
        with self.scene.client_at_work(self.tolerates):
            evaluation.views.append(self.poll(evaluation))
            evaluation.was_seen_ended = evaluation.has_ended

    # A step is drawn as often as it has names: most are looks, and few lives are cut short.
    _polled_2 = _polled_3 = _polled_4 = _polled_5 = _polled_6 = _polled
    _added_2 = add
    _advanced_2 = advance

    # -- the end ------------------------------------------------------------------------------

    def teardown(self) -> None:
        """Come to the end of every life, unless the example is given up before."""
        __tracebackhide__ = True
        failure = sys.exception()
        if failure is self._outside:  # which is none of the example's
            failure = None
        try:
            if failure is None:
                self._come_to_the_end()
        except BaseException as error:
            failure = error
            raise
        finally:
            if failure is not None:
                note(Standing(self.scene))
            try:
                self.disconnect()
            finally:
                self.scene.close()

    def _come_to_the_end(self) -> None:
        __tracebackhide__ = True
        self.scene.end_trouble()
        if ahead := self.scene.ahead():
            self.scene.advance(ahead[-1])
            note(f"# {format_duration(ahead[-1])} later, when every life has ended:")
        for evaluation in self.evaluations:
            note(f"state.poll(after='0s', evaluation={evaluation!r})")
            self._polled(evaluation, "0s")
            self.at_the_end(evaluation, evaluation.views[-1])
        self.scene.judge_at_the_end()

    def check_invariants(self, settings: Any, output: Callable[[str], object], *rest: Any) -> None:  # noqa: ANN401 as Hypothesis has them
        """Check them, and tell of the one that fails alone: what one reads are the steps."""
        __tracebackhide__ = True
        told: list[str] = []
        try:
            super().check_invariants(settings, told.append, *rest)
        except BaseException:
            if told:
                output(told[-1])
            raise


class OxenLife(Life[Oxen]):
    """Evaluations of the Oxen hub, and a client that polls them.

    A subclass says how its client connects and polls, and what must always be true:

        class PollerLife(OxenLife):
            def connect(self, oxen):
                self.poller = Poller(oxen.url, oxen.token, "ox/cats")

            def poll(self, evaluation):
                return self.poller.look(evaluation.id)

            def at_the_end(self, evaluation, view):
                assert view.status == evaluation.status

        TestPollerLife = PollerLife.TestCase
    """

    face = Oxen


class NugenLife(Life[Nugen]):
    """The same for Nugen's evaluations, which nobody can cancel."""

    face = Nugen
