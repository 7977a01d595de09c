"""Our own verdict on every exchange, as `oxen-mock judge` gives it, while they come.

One client asks, and waits for each answer before it asks again: so the order in which it asks is
the order of the looks at an evaluation, and each is held against the one before it.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import field
from typing import TYPE_CHECKING, NamedTuple

from mockserver.core.dataclass import dataclass
from mockserver.fuzzing.findings import Finding, Sort
from mockserver.judging.assumed import Shown, charges_of, weigh
from mockserver.judging.selecting import select
from mockserver.judging.sequence import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockserver.core.exchange import Violation
    from mockserver.fuzzing.declared import Declared
    from mockserver.fuzzing.exchanged import Exchanged
    from mockserver.fuzzing.subject import Subject
    from mockserver.fuzzing.target import Target
    from mockserver.judging.charge import Charge
    from mockserver.judging.judgement import Judge
    from mockserver.judging.selecting import Ours
    from mockserver.judging.trial import Trial

_NOT_FOUND = 404
_MOST = 10_000
"""Things that are remembered, so that memory is bounded; what was seen last stays longest."""


class _Known(NamedTuple):
    """What has been seen of something that lives, and the command that has shown it last."""

    row: Row
    shown_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Witness:
    """Judges the exchanges with one API.

    Attributes:
        assume: what is assumed, by name.
    """

    subject: Subject
    target: Target
    assume: Mapping[str, object]
    judge: Judge
    declared: Declared
    _lives: OrderedDict[tuple[str, ...], _Known] = field(default_factory=OrderedDict)

    def see(self, exchanged: Exchanged) -> Iterator[Finding]:
        """Everything that is wrong with an answer."""
        if self.subject.is_control:
            yield from self._of_control(exchanged)
            return
        entry = exchanged.entry(self.target.address.host)
        for ours in select((entry,), self.judge.parts, (), self.target.address.path).ours:
            trial = self.judge.trial(ours, shows_tokens=True)
            charges = [*trial.of_answer(), *self._assumed(ours, trial)]
            for charge in self.declared.beyond(ours, charges):
                yield self._charged(exchanged, charge)
            for look in trial.seen():
                known = self._lives.pop(look.scope, None) or _Known(Row())
                for violation in known.row.judge(look):
                    found = self._found(exchanged, Sort.RULE, ours.operation.id, violation)
                    yield found.after(known.shown_by)
                self._lives[look.scope] = known._replace(shown_by=(exchanged.curl(self.target),))
            while len(self._lives) > _MOST:
                self._lives.popitem(last=False)

    def _of_control(self, exchanged: Exchanged) -> Iterator[Finding]:
        """The control API has no life cycle, and its document no other strictness."""
        operation, answer = self.subject.operation(exchanged.sent), exchanged.answer
        if operation is not None and answer is not None:
            for violation in self.subject.contract.check_answer(operation, answer):
                yield self._found(exchanged, Sort.DOCUMENT, operation.id, violation)

    def _assumed(self, ours: Ours, trial: Trial) -> Iterator[Charge]:
        """What an answer says of assumptions, where it surely is about what is assumed.

        A refusal of what nobody has to take says nothing, and a 404 may be about anything in the
        path that is made up.
        """
        if not trial.recorded.succeeded:
            path, known = ours.match.parameters, self.subject.values
            made_up = [name for name, value in path.items() if value not in known.get(name, ())]
            lost = ours.entry.response.status == _NOT_FOUND and len(made_up) > 1
            if lost or ours.contract.check_request(ours.match, ours.entry.request):
                return
        shown = [Shown(name, value, ours) for name, value in trial.shows()]
        for weighed, against in weigh(shown, ours.api.form.assumptions, self.assume):
            yield from charges_of(weighed, against)

    def _charged(self, exchanged: Exchanged, charge: Charge) -> Finding:
        source = charge.source.overlay if charge.source is not None else ""
        sort = Sort(charge.sort.value)
        return self._found(exchanged, sort, charge.operation, charge.violation, source)

    def _found(
        self,
        exchanged: Exchanged,
        sort: Sort,
        operation: str,
        wrong: Violation,
        source: str = "",
    ) -> Finding:
        return Finding(
            sort=sort,
            api=self.subject.name,
            operation=operation,
            place=wrong.place,
            expected=wrong.expected,
            found=wrong.found,
            advice=wrong.advice,
            rule=wrong.rule,
            source=source,
            requests=(exchanged.curl(self.target),),
        )
