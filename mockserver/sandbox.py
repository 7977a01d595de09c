"""A sandbox: one world with a clock, a store, a journal and a seed of its own."""

from __future__ import annotations

import hashlib
import threading
import time
from functools import lru_cache
from typing import TYPE_CHECKING

from mockserver.agenda import Agenda
from mockserver.budget import Budget
from mockserver.core.clock import Clock
from mockserver.core.errors import MockserverError
from mockserver.expectations import Expectations
from mockserver.faults import Faults
from mockserver.journal import Journal
from mockserver.sightings import Sightings
from mockserver.state import State
from mockserver.stepping import Watched
from mockserver.store import MemoryStore
from mockserver.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from mockserver.core.evaluation import Evaluation
    from mockserver.core.exchange import Violation
    from mockserver.core.rules import Sighting
    from mockserver.moods import Mood
    from mockserver.store import Store


_SEED_BYTES = 5
_MOST_TOLD_APART = 0xFFFFFFFF
"""Requests of a sandbox whose ids are different."""
_SMALL = 600
"""Bytes of a fault, an expectation, or a thing that is counted, roughly."""


class NothingAheadError(MockserverError):
    """There is no such instant ahead of the clock."""


class NotThereError(MockserverError):
    """The evaluation to change is not there any more, or has just been changed."""


class Sandbox:
    """Everything that changes hangs here and is replaced under one lock.

    Attributes:
        epoch: the virtual instant of its start.
        seed: what its ids, its faults and its answers are drawn from.
        mood: the mood in which answers are drawn, or None where they are not.
    """

    def __init__(  # noqa: PLR0913 because a world is made of that much, the most of it by name
        self,
        clock: Clock,
        seed: str,
        real: Callable[[], int] = time.monotonic_ns,
        *,
        step: bool = False,
        mood: Mood | None = None,
        budget: Budget | None = None,
    ) -> None:
        """Start a world at the clock's base; `real` reads monotonic time in nanoseconds.

        In step mode each look at an evaluation moves the clock to the next change of status;
        with a mood every answer is drawn.
        What clients make it keep is charged to `budget`.
        """
        self._budget = budget = Budget(whole=budget)
        self._charged = self._made_from = 0
        self._lock = threading.RLock()
        self._clock = clock
        self._real = real
        self._step = step
        self._begun = (clock.rate, step)
        self._stepped_to = clock.base
        self._watched = Watched()
        self._made = 0
        self._asked = 0
        self._drawn = 0
        self._store: Store = MemoryStore(budget)
        self._agenda = Agenda(self._store.get)
        self._sightings = Sightings()
        self._of_fixtures: dict[str, Evaluation] = {}
        self.seed = seed
        self.mood = mood
        self.epoch = clock.base
        self.journal = Journal(budget)
        self.faults = Faults(seed)
        self.expectations = Expectations()
        self.tally = Tally()

    @property
    def is_plain(self) -> bool:
        """Whether nothing but time comes between an evaluation and an answer about it."""
        return not self._step and self.mood is None and not self.faults

    # -- the clock ----------------------------------------------------------------------------

    def now(self) -> datetime:
        """The virtual instant; read it once for a request and pass it down."""
        with self._lock:  # or a change of rate, read later, could show an earlier instant
            return self._clock.now(self._real())

    @property
    def rate(self) -> float:
        """Virtual seconds per real second; a whole number is told as one, however it came."""
        rate = self._clock.rate
        return int(rate) if rate == int(rate) else rate

    @property
    def step(self) -> bool:
        """Whether each look at an evaluation moves the clock."""
        return self._step

    def set_clock(self, rate: float | None, step: bool | None) -> None:
        """Change the rate, or step mode, or both; time goes on from where it stands."""
        with self._lock:
            if rate is not None:
                self._clock = self._clock.at_rate(rate, self._real())
            if step is not None:
                self._step = step
                self._watched = Watched()

    def move(self, to: Callable[[datetime], datetime]) -> datetime:
        """Move the clock to the instant that `to` says, given now, and say which.

        Raises:
            NothingAheadError: it is past, or `to` knows of none.
            ClockError: it is outside of the calendar.
        """
        with self._lock:
            now = self._clock.now(self._real())
            instant = to(now)
            if instant < now:
                raise NothingAheadError(f"{instant} has passed: it is {now}")
            self._clock = self._clock.advance(instant - now)
            return instant

    def next_change(self, now: datetime) -> datetime:
        """The next instant after this at which the status of any evaluation changes.

        For `move`, which holds the lock.

        Raises:
            NothingAheadError: nothing changes any more.
        """
        instant = self._agenda.next_change(now)
        if instant is None:
            raise NothingAheadError("no evaluation of this sandbox changes any more")
        return instant

    def looked_at(self, evaluation: Evaluation, now: datetime) -> None:
        """Somebody was shown this evaluation as it stood then: in step mode time may move on."""
        with self._lock:
            if not self._step or now < self._stepped_to:
                return  # a look from before the last step has seen nothing new
            keys = {*self._watched, evaluation.key}
            kept = {key: self._store.get(key) for key in keys}
            here = self._clock.now(self._real())
            ahead = {
                key: instant
                for key, one in kept.items()
                if one is not None and (instant := one.next_change(here)) is not None
            }
            if self._watched.look(evaluation.key, set(ahead)) and ahead:
                self._clock = self._clock.advance(min(ahead.values()) - here)
                self._stepped_to = min(ahead.values())
                self._watched.stepped()

    # -- evaluations --------------------------------------------------------------------------

    def find(self, collection: str, scope: str, id_: str, now: datetime) -> Evaluation | None:
        """The evaluation of this id that this scope holds at this instant."""
        found = self._store.find(collection, scope, id_)
        return found if found is not None and found.born <= now else None

    def held(self, collection: str, scope: str, now: datetime) -> tuple[Evaluation, ...]:
        """Every evaluation that this scope holds at this instant, the newest first."""
        with self._lock:
            held = self._store.held(collection, scope)
        found = [evaluation for evaluation in held[::-1] if evaluation.born <= now]
        return tuple(sorted(found, key=lambda e: e.born, reverse=True))

    def anywhere(self, id_: str) -> tuple[Evaluation, ...]:
        """Every evaluation of this id in any collection and scope, born or not."""
        return self._store.anywhere(id_)

    def evaluations(self) -> tuple[Evaluation, ...]:
        """Every evaluation there is, born or not."""
        with self._lock:
            return tuple(self._store)

    def page(self, offset: int, most: int) -> tuple[tuple[Evaluation, ...], int]:
        """Some of the evaluations, born or not, and how many there are in all."""
        with self._lock:
            return self._store.page(offset, most), len(self._store)

    def __len__(self) -> int:
        """How many evaluations there are, born or not."""
        return len(self._store)

    def create(
        self, make: Callable[[str], Evaluation], id_from: Callable[[str], str]
    ) -> Evaluation:
        """Keep a new evaluation; `make` is given its id, which no other one has.

        `id_from` makes an id of a text, the same of the same text.
        """
        with self._lock:
            return self._keep(make(self._new_id(id_from)))

    def keep(self, evaluation: Evaluation) -> Evaluation:
        """Keep a new evaluation that has its id already.

        Raises:
            NotThereError: another one has that id.
        """
        with self._lock:
            if self._store.anywhere(evaluation.id):
                raise NotThereError(f"the id {evaluation.id} is taken")
            return self._keep(evaluation)

    def _keep(self, created: Evaluation) -> Evaluation:
        self._store.put(created)
        self._agenda.add(created)
        for gone in self._store.keep_bounded(created):
            self._sightings.forget_one(gone)
        return created

    def _new_id(self, id_from: Callable[[str], str]) -> str:
        while True:
            self._made += 1
            drawn = id_from(f"{self.seed}/{self._made}")
            if not self._store.anywhere(drawn):
                return drawn

    def change(
        self, evaluation: Evaluation, how: Callable[[Evaluation, datetime], Evaluation]
    ) -> Evaluation:
        """Put what `how` makes of an evaluation, given now, into its place.

        Raises:
            NotThereError: it is gone, or was changed since it was found.
        """
        with self._lock:
            self._require(evaluation)
            changed = how(evaluation, self._clock.now(self._real()))
            self._store.put(changed)
            self._agenda.add(changed)
            for name, one in self._of_fixtures.items():
                if one is evaluation:
                    self._of_fixtures[name] = changed
            return changed

    def remove(self, evaluation: Evaluation) -> None:
        """Forget an evaluation.

        Raises:
            NotThereError: it is gone, or was changed since it was found.
        """
        with self._lock:
            self._require(evaluation)
            self._store.drop(evaluation)
            self._sightings.forget(evaluation.id)
            for name in [n for n, one in self._of_fixtures.items() if one is evaluation]:
                del self._of_fixtures[name]

    def _require(self, evaluation: Evaluation) -> None:
        if self._store.get(evaluation.key) is not evaluation:
            raise NotThereError(f"evaluation {evaluation.id} was changed by somebody else just now")

    def new_request_id(self) -> str:
        """An id for a request that brought none; the same requests in order get the same ids."""
        with self._lock:
            self._asked += 1
            return f"{self._asked & _MOST_TOLD_APART:08x}{_end_of_ids(self.seed)}"

    def new_answer_seed(self) -> str:
        """A seed for an answer that nobody has named one for; the same requests get the same."""
        with self._lock:
            self._drawn += 1
            drawn = f"{self.seed}/answer/{self._drawn}".encode()
        return hashlib.blake2b(drawn, digest_size=_SEED_BYTES).hexdigest()

    def set_fixtures(self, fresh: Mapping[str, Evaluation | None]) -> None:
        """Start the evaluations of these fixtures, or anew, or none any more.

        Fixtures go by any name, as long as it is the same each time.

        What was seen under their ids is forgotten, created evaluations are not touched. All
        at once, for an id may move from one fixture to another.
        """
        with self._lock:
            for name in fresh:
                before = self._of_fixtures.pop(name, None)
                if before is not None:
                    self._store.drop(before)
                    self._sightings.forget(before.id)
            for name, evaluation in fresh.items():
                if evaluation is not None:
                    self._of_fixtures[name] = evaluation
                    self._store.put(evaluation)
                    self._agenda.add(evaluation)
                    self._sightings.forget(evaluation.id)

    # -- as a whole ---------------------------------------------------------------------------

    def reset(self, fresh: Callable[[datetime], Mapping[str, Evaluation]]) -> Tally:
        """Start anew at the instant where it stands, with the evaluations that `fresh` makes.

        Ids are drawn from the beginning again, rate and step mode are as they were then, the
        journal is empty and nothing is counted; what was counted until now is returned.
        """
        with self._lock:
            now = self._clock.now(self._real())
            rate, self._step = self._begun
            self._clock = self._clock.at_rate(rate, self._real())
            self._made = self._asked = self._drawn = 0
            counted = self.close()
            self.tally, self.expectations = Tally(), Expectations()
            self.faults = Faults(self.seed)
            self.journal.clear()
            self._start_over(fresh(now).items())
            return counted

    def close(self) -> Tally:
        """Everything that was counted, expectations that were not met included."""
        for missing in self.expectations.missing():
            self.tally.miss(missing)
        return self.tally

    def charge(self, made_from: int) -> None:
        """Have the budget know what it was made from: bytes of fixtures, or of a snapshot."""
        with self._lock:
            self._made_from = made_from
            self.weigh()

    def weigh(self) -> None:
        """Bring the budget up to date with what is not charged as it comes, for it is small."""
        with self._lock:
            things = len(self.faults) + len(self.expectations) + self.tally.size
            weight = self._made_from + _SMALL * things
            if weight != self._charged:
                self._budget.add(weight - self._charged)
                self._charged = weight

    def release(self) -> None:
        """Give back what it keeps: nobody asks it any more."""
        with self._lock:
            self._budget.close()
            self._store.clear()
            self.journal.clear()

    def _start_over(self, evaluations: Iterable[tuple[str | None, Evaluation]]) -> None:
        """Have these evaluations and no others, and nothing seen of any."""
        self._store.clear()
        self._agenda = Agenda(self._store.get)
        self._sightings.clear()
        self._of_fixtures.clear()
        self._watched = Watched()
        self._stepped_to = self._clock.base
        for name, evaluation in evaluations:
            self._store.put(evaluation)
            self._agenda.add(evaluation)
            if name is None:
                self._store.keep_bounded(evaluation)
            else:
                self._of_fixtures[name] = evaluation

    def state(self) -> State:
        """Everything that decides what it answers from here on."""
        with self._lock:
            names = {id(evaluation): name for name, evaluation in self._of_fixtures.items()}
            return State(
                now=self._clock.now(self._real()),
                rate=self.rate,
                step=self._step,
                epoch=self.epoch,
                seed=self.seed,
                made=self._made,
                asked=self._asked,
                mood=self.mood,
                drawn=self._drawn,
                evaluations=tuple((one, names.get(id(one))) for one in self._store),
                faults=self.faults.all(),
                faults_made=self.faults.made,
                expectations=self.expectations.all(),
                expectations_made=self.expectations.made,
                watched=self._watched.state(),
            )

    def restore(self, state: State) -> None:
        """Put it back, or forth, to such a state: the only way in which its time goes back.

        What its journal holds and what was counted stays, for it has happened.
        """
        with self._lock:
            self._clock = Clock(state.now, self._real(), state.rate)
            self._step = state.step
            self._begun = (state.rate, state.step)
            self.epoch, self.seed = state.epoch, state.seed
            self._made, self._asked = state.made, state.asked
            self.mood, self._drawn = state.mood, state.drawn
            self.faults, self.expectations = Faults(state.seed), Expectations()
            self.faults.restore(state.faults, state.faults_made)
            self.expectations.restore(state.expectations, state.expectations_made)
            self.tally.forget_ends()
            self._start_over((name, one) for one, name in state.evaluations)
            self._watched.restore(dict(state.watched))

    def judge(self, scope: str, shown: Evaluation, seen: Sighting) -> tuple[Violation, ...]:
        """Judge what is about to be shown by the temporal rules, alone and after the last."""
        return self._sightings.judge(scope, shown, seen)

    def shows_again(self, scope: str, shown: Evaluation, seen: Sighting, now: datetime) -> bool:
        """Whether just this was shown last, which is then known to be shown at `now` too.

        What broke no rule breaks none when it is shown again.
        """
        return self._sightings.repeat(scope, shown, seen, now)


@lru_cache(maxsize=100)
def _end_of_ids(seed: str) -> str:
    """How the ids of all requests of a sandbox end; they begin with a number, which is quicker."""
    return uuid_from(f"{seed}/request")[8:]


def uuid_from(text: str) -> str:
    """A uuid (version 8 of RFC 9562, made from a hash) that the same text always gives."""
    raw = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    variant = "89ab"[int(raw[16], 16) & 3]
    return f"{raw[:8]}-{raw[8:12]}-8{raw[13:16]}-{variant}{raw[17:20]}-{raw[20:]}"
