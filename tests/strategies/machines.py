"""Machines run here and now, the board of the examples with bugs planted, and a plain client."""

from __future__ import annotations

import re
import ssl
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import httpx
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from mockserver.strategies import Followed, OxenLife

if TYPE_CHECKING:
    import pytest
    from hypothesis.stateful import RuleBasedStateMachine

    from mockserver.testing import Oxen

EXAMPLES = Path(__file__).parents[2] / "examples" / "python"
CONTEXT = ssl.create_default_context()

_STEP = re.compile(r"^(?:evaluation_\d+ = )?state\.(?!teardown)\w+\(.+", re.MULTILINE)


def caught(machine: type[RuleBasedStateMachine], **said: Any) -> BaseException | None:  # noqa: ANN401 as `settings` has them
    """What a machine fails with, the same each time; None where it holds."""
    chosen = settings(
        machine.TestCase.settings,
        **{"derandomize": True, "database": None, "report_multiple_bugs": False, **said},
    )
    try:
        run_state_machine_as_test(machine, settings=chosen)
    except BaseException as error:  # noqa: BLE001 because pytest's own failures are none of Exception
        return error
    return None


def told(error: BaseException) -> str:
    """What is read of a failure: its text, and what Hypothesis tells of the example."""
    return "\n".join([str(error), *getattr(error, "__notes__", ())])


def steps(error: BaseException) -> list[str]:
    """The steps of the example, without the end that every example comes to."""
    return _STEP.findall(told(error).partition("\nstate.teardown()")[0])


def imported(name: str, text: str, patch: pytest.MonkeyPatch) -> ModuleType:
    """A module of this text, under this name for as long as `patch` lasts."""
    module = ModuleType(name)
    patch.setitem(sys.modules, name, module)
    exec(compile(text, f"{name}.py", "exec"), vars(module))  # noqa: S102 because it is our own text
    return module


class PlainLife(OxenLife):
    """A client that keeps nothing: its views are what it was answered."""

    def connect(self, oxen: Oxen) -> None:
        self.http = httpx.Client(
            verify=CONTEXT,
            base_url=f"{oxen.url}/api/repos/ox/cats/evaluations/",
            headers={"Authorization": f"Bearer {oxen.token}"},
        )

    def disconnect(self) -> None:
        self.http.close()

    def poll(self, evaluation: Followed) -> object:
        return self.http.get(evaluation.id).raise_for_status().json()
