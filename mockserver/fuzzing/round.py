"""One pass of schemathesis over one API: its events followed, its failures taken.

What is used of schemathesis is its engine (`engine.from_schema`, the stream of events that its own
command reads too) and the recorder that each event brings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemathesis import engine
from schemathesis.engine.events import NonFatalError

from mockserver.fuzzing.conduct import Failure, finding_of, is_double
from mockserver.fuzzing.door import Door
from mockserver.fuzzing.plan import Pass

if TYPE_CHECKING:
    from schemathesis.core.failures import Failure as Told
    from schemathesis.engine.core import EventStream
    from schemathesis.engine.recorder import ScenarioRecorder

    from mockserver.fuzzing.asker import Asker
    from mockserver.fuzzing.exchanged import Exchanged, Sent
    from mockserver.fuzzing.plan import Plan

_OF_STATES = "ST3"
"""The beginning of the codes of failures that a single request does not show."""


class Round:
    """One pass; what it finds goes where the asker puts what it finds itself."""

    def __init__(self, plan: Plan, asker: Asker) -> None:
        """Begin nothing yet."""
        self._plan, self._asker = plan, asker
        self._stream: EventStream | None = None
        self._door = Door(self._ask, asker.subject.root, self.stop)
        self.troubles: dict[str, None] = {}

    def stop(self) -> None:
        """Have it end as soon as what is under way is done; any thread may say so."""
        if self._stream is not None:
            self._stream.stop()

    def run(self) -> None:
        """Ask until there is enough."""
        schema = self._plan.schema()
        schema.app = self._door
        made = engine.from_schema(schema)
        self._stream = made.fuzz() if self._plan.way.kind is Pass.CHAINS else made.execute()
        for event in self._stream:
            recorder = getattr(event, "recorder", None)
            if recorder is not None:
                self._take(recorder)
            elif isinstance(event, NonFatalError):
                self.troubles[f"{event.label}: {event.value}"] = None
        if self._door.crash is not None:
            raise self._door.crash

    def _ask(self, sent: Sent) -> Exchanged | None:
        exchanged = self._asker.ask(sent)
        if self._asker.has_enough:
            self.stop()
        return exchanged

    def _take(self, recorder: ScenarioRecorder) -> None:
        """Take the failures of a scenario that is over, and forget its exchanges."""
        for case, nodes in recorder.checks.items():
            exchanged = self._door.kept.get(case)
            if exchanged is None:
                continue  # it was not sent, or not answered, which is a finding already
            for node in nodes:
                if node.failure_info is not None:
                    self._object(recorder, case, exchanged, node.failure_info.failure)
        kept = self._door.kept
        last = max((kept[c].number for c in kept.keys() & recorder.interactions.keys()), default=-1)
        for case in [*kept]:
            if kept[case].number <= last:  # those before are of draws that were thrown away
                del kept[case]

    def _object(
        self, recorder: ScenarioRecorder, case: str, exchanged: Exchanged, told: Told
    ) -> None:
        """Take a failure, unless it doubles what we have found in the same answer."""
        failure = Failure(told.code, told.title, str(told.message))
        if is_double(failure) and exchanged.number in self._asker.doubted:
            return
        chain = [case]
        if failure.code.startswith(_OF_STATES):
            related = told.related_case_ids()
            chain = [
                c.id for c in recorder.iter_chain_cases(case_id=case, related_case_ids=related)
            ]
        target = self._asker.means.target
        shown = tuple(self._door.kept[c].curl(target) for c in chain if c in self._door.kept)
        found = finding_of(failure, self._asker.subject, exchanged, shown)
        self._asker.means.findings.add(found)
