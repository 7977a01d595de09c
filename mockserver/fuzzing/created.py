"""What a create has made is there: whoever looks for it with the same token is not told otherwise.

schemathesis has such a check, for paths that grow by the new id; in those of the hub the id comes
to stand where the file stood.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import field
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass
from mockserver.fuzzing.findings import Finding, Sort
from mockserver.fuzzing.links import names_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockserver.fuzzing.exchanged import Exchanged
    from mockserver.fuzzing.subject import Subject
    from mockserver.fuzzing.target import Target

    _Key = tuple[object, ...]

_MOST = 10_000
"""Things that are remembered, so that memory is bounded."""
_NOT_FOUND = 404
_RULE = "what was created is there"


@dataclass(frozen=True, slots=True)
class Created:
    """Remembers what was made, and by which command."""

    subject: Subject
    target: Target
    _made: OrderedDict[_Key, str] = field(default_factory=OrderedDict)

    def see(self, exchanged: Exchanged) -> Iterator[Finding]:
        """What is wrong with the answer to somebody who looks; creates are remembered."""
        operation, answer = self.subject.operation(exchanged.sent), exchanged.answer
        if operation is None or answer is None or self.subject.is_control:
            return  # by the control API things are deleted, too
        path = self.subject.parameters(exchanged.sent)
        made_by = self._made.get(_key(operation.short, path, exchanged))
        if answer.status == _NOT_FOUND and made_by is not None:
            yield Finding(
                sort=Sort.CONDUCT,
                api=self.subject.name,
                operation=operation.id,
                place="status",
                expected="what was created before, with the same token",
                found=str(answer.status),
                rule=_RULE,
                requests=(made_by, exchanged.curl(self.target)),
            )
        for link, found in self.subject.made(exchanged):
            kept = {name: value for name, value in path.items() if name in self._names(link.target)}
            key = _key(link.target, {**kept, link.parameter: found}, exchanged)
            self._made[key] = exchanged.curl(self.target)
            if len(self._made) > _MOST:
                self._made.popitem(last=False)

    def _names(self, operation: str) -> frozenset[str]:
        """The parameters of an operation's path."""
        templates = (
            one.template
            for one in self.subject.contract.operations.values()
            if one.short == operation
        )
        return frozenset(name for template in templates for name in names_in(template))


def _key(operation: str, path: Mapping[str, str], exchanged: Exchanged) -> _Key:
    return operation, exchanged.sent.header("authorization"), *sorted(path.items())
