"""One test: its sandboxes, and what is told of them when it ends."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

import pytest

from mockserver.core.dataclass import dataclass
from mockserver.core.errors import MockserverError
from mockserver.testing.apis import MockedApi
from mockserver.testing.story import kept, story_of
from mockserver.testing.verdict import contract_broken_in, strays

if TYPE_CHECKING:
    from pathlib import Path

    from mockserver.client import shapes
    from mockserver.testing.servers import Opened, Running


@dataclass(slots=True)
class Watch:
    """What is known of a test that has had a sandbox.

    Attributes:
        snapshots: the folder where sandboxes of failed tests are written down.
        seen_from: the folder where whoever runs the tests stands.
        counts: whether reports are asked for.
        opened: how many sandboxes it has had.
        own: that of its fixtures, while it is open.
        stories: what there is to tell of sandboxes that failed, by heading.
        reports: on its sandboxes, for the report on the run.
        broken: what was broken, for the same.
        passed: whether it has ended and nothing was broken.
    """

    snapshots: Path
    seen_from: Path
    counts: bool
    opened: int = 0
    own: Opened | None = None
    stories: dict[str, str] = field(default_factory=dict)
    reports: list[shapes.Report] = field(default_factory=list)
    broken: str = ""
    passed: bool = False
    _strays_after: dict[int, int] = field(default_factory=dict)

    def begin(self, running: Running) -> None:
        """A sandbox of this server is opened: what reaches none of them counts from here on."""
        self._strays_after.setdefault(id(running), running.default.sandbox.journal.last)

    def judge(self, opened: Opened) -> None:
        """Let the test fail for what was broken in a sandbox.

        Raises:
            Failed: pytest's own; something was.
        """
        told = filter(None, (self._of_contract(opened), opened.sleeper.caught()))
        if broken := "\n".join(told):
            self.broken, self.passed = broken, False
            raise pytest.fail.Exception(broken, pytrace=False)
        self.passed = True

    def judge_late(self, opened: Opened) -> None:
        """Tell of what other fixtures have broken as they ended, after a test that passed.

        Raises:
            Failed: pytest's own; something was.
        """
        if self.passed:
            self.judge(opened)

    def note_on(self, error: BaseException, opened: Opened) -> bool:
        """Have an exception of the test's say what was broken before it came.

        Returns whether it is a failure: a skip is none, nor is how Hypothesis leaves an example.
        """
        if isinstance(error, pytest.skip.Exception) or _is_of_hypothesis(error):
            return False
        if isinstance(error, MockserverError):
            _leave_where_it_was_called(error)
        broken = self._of_contract(opened)
        self.broken = broken or opened.sleeper.failure
        if broken:
            error.add_note(broken)
        return True

    def _of_contract(self, opened: Opened) -> str:
        running = opened.running
        stray = strays(running.default, self._strays_after[id(running)])
        return "\n".join(filter(None, (contract_broken_in(opened.world), stray)))

    def keep_story(self, opened: Opened) -> None:
        """Keep what there is to tell of a sandbox that failed, and the way back into it."""
        held = MockedApi(opened)
        self.stories["exchanges with the mock"] = story_of(held)
        command = kept(held, opened.running.settings, self.snapshots, self.seen_from)
        self.stories["the mock as this test left it"] = f"  {command}"

    def keep_report(self, opened: Opened) -> None:
        """Keep the counts of a sandbox, where they are asked for."""
        if self.counts:
            self.reports.append(MockedApi(opened).report())


def _is_of_hypothesis(error: BaseException) -> bool:
    return type(error).__module__.partition(".")[0] == "hypothesis"


def _leave_where_it_was_called(error: MockserverError) -> None:
    """Cut what lies within this package off its traceback: the slip is the caller's."""
    last, step = None, error.__traceback__
    while step is not None:
        if not step.tb_frame.f_globals.get("__name__", "").startswith("mockserver."):
            last = step
        step = step.tb_next
    if last is not None:
        last.tb_next = None
