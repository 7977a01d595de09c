"""The command as a process: found, started, told of signals, and not left behind.

Which process group it is in decides who tells it of Ctrl-C. Where standard input is a terminal it
stays in ours: only processes of the group that the terminal has in front may read from it, and the
terminal itself sends Ctrl-C to all of them. Anywhere else it leads a session of its own, so that
whatever it has started can be ended with it; a mere group of its own would be stopped (SIGTTIN) as
soon as it opened the terminal after all. Nothing here can help where we are killed by SIGKILL:
what Linux has for that (PR_SET_PDEATHSIG) must be set between fork and exec, where a process with
threads runs no Python safely.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from mockserver.core.errors import BadSettingsError
from mockserver.core.exchange import Kind, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import FrameType

NOT_FOUND = 127
NOT_EXECUTABLE = 126
"""As shells end where a command is not there, or cannot be run (POSIX, 2.8.2)."""
OF_SIGNALS = 128
"""As shells tell a signal: this and its number."""

_OF_TERMINALS = ("SIGINT", "SIGQUIT", "SIGBREAK")
"""What a terminal sends to every process that it has in front."""
_PASSED_ON = ("SIGTERM", "SIGHUP")
_GRACE = 2.0
"""Seconds that processes have to end after SIGTERM once the command itself has ended."""
_LAST = 1.0
"""Seconds until processes are given up that not even SIGKILL seems to end."""
_SAME = 0.5
"""Seconds within which two Ctrl-C are one: npm hands on what the terminal has told us already."""
_TICK = 0.2 if sys.platform == "win32" else None
"""Seconds of a wait at a time: on Windows no handler of signals runs before it has ended."""


class UnstartableError(BadSettingsError):
    """The command cannot be started.

    Attributes:
        code: what a shell would end with.
    """

    def __init__(self, name: str, found: str, code: int, advice: str = "") -> None:
        """Word it."""
        flaw = Violation(repr(name), "a program on PATH or its path", found, Kind.SOURCE, advice)
        super().__init__("the command cannot be run", [flaw])
        self.code = code


def find(words: Sequence[str]) -> list[str]:
    """The command with its program by the path at which it is.

    Found by us, because Windows itself would look for .exe alone, and npm is npm.cmd there.

    Raises:
        UnstartableError: there is no such program.
    """
    name = words[0]
    path = shutil.which(name)
    if path is not None:
        return [path, *words[1:]]
    if os.path.dirname(name) and os.path.exists(name):  # noqa: PTH110, PTH120 a Path would drop ./
        found = "a folder" if os.path.isdir(name) else "a file that is not executable"  # noqa: PTH112 the same
        raise UnstartableError(name, found, NOT_EXECUTABLE)
    advice = ""
    if "=" in name:
        advice = "variables are set by --env NAME=VALUE"
    elif name.split() != [name]:
        advice = "no shell reads it: give each word by itself, or sh -c and the line"
    raise UnstartableError(name, "nothing there", NOT_FOUND, advice)


def run_to_end(words: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command that `find` has found until it has ended; the code as shells tell it.

    A signal that we get ends the command and not us: 128 and its number is the code then.

    Raises:
        UnstartableError: the system does not take it for a program.
    """
    command = _Command()
    with command.told_of_signals():
        command.start(words, environment)
        try:
            ended = command.wait()
        finally:
            command.end_rest()
    if command.told is not None:
        return OF_SIGNALS + command.told
    return ended if ended >= 0 else OF_SIGNALS - ended


class _Command:
    """The process and those that it starts.

    Attributes:
        told: the first signal that we got for it.
    """

    def __init__(self) -> None:
        self.told: int | None = None
        self._leads = os.name == "posix" and not os.isatty(0)
        self._process: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []  # signals that came while it was being started
        self._interrupted: float | None = None

    @contextmanager
    def told_of_signals(self) -> Iterator[None]:
        """Be asked what to do with signals; those that were ignored before stay ignored.

        So do all once one has come: from then on we are at the end ourselves.
        """
        before = {}
        for name in (*_OF_TERMINALS, *_PASSED_ON):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) not in {signal.SIG_IGN, None}:
                before[number] = signal.signal(number, self._on_signal)
        try:
            yield
        finally:
            for number, handler in before.items():
                # Who has told us to end is impatient, and shall not lose the report by it.
                signal.signal(number, handler if self.told is None else signal.SIG_IGN)

    def start(self, words: Sequence[str], environment: Mapping[str, str]) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603 it is what the user has typed
                words, env=environment, start_new_session=self._leads
            )
        except OSError as error:
            reason = error.strerror or str(error)
            raise UnstartableError(words[0], reason, NOT_EXECUTABLE) from None
        for number in self._early:
            self._send(number)

    def wait(self) -> int:
        assert self._process is not None  # noqa: S101 for mypy: it has been started
        while True:
            with suppress(subprocess.TimeoutExpired):
                return self._process.wait(_TICK)

    def end_rest(self) -> None:
        """End what it has started and left behind; in a group of ours that cannot be told apart."""
        if self._process is None:
            return
        if not self._leads:
            if self._process.poll() is None:
                self._process.kill()
            return
        if self._signalled(signal.SIGTERM) and not self._gone_within(_GRACE):
            self._signalled(signal.SIGKILL)
            self._gone_within(_LAST)

    def _gone_within(self, seconds: float) -> bool:
        ends = time.monotonic() + seconds
        while self._signalled(0):
            if time.monotonic() > ends:
                return False
            time.sleep(0.01)
        return True

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self.told = self.told or number
        if number == signal.SIGINT:
            now, before = time.monotonic(), self._interrupted
            if before is not None:
                if now - before > _SAME:
                    self._kill()
                return
            self._interrupted = now
        of_terminal = signal.Signals(number).name in _OF_TERMINALS
        if self._leads or not of_terminal:  # else the terminal has told the command already
            self._send(number)

    def _send(self, number: int) -> None:
        if self._process is None:
            self._early.append(number)
        elif self._leads and self._process.returncode is None:
            self._signalled(number)
        else:
            self._process.send_signal(number)

    def _kill(self) -> None:
        if self._process is not None and self._leads:
            self._signalled(signal.SIGKILL)
        elif self._process is not None:
            self._process.kill()

    def _signalled(self, number: int) -> bool:
        """Whether there was anyone of its group to send this to."""
        if sys.platform == "win32" or self._process is None:
            return False
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):  # macOS says the latter of the dead
            return False
        return True
