"""A bug planted in the board of the examples is found by its life, and told in a handful of steps.

The machine and its claims are those of the examples, as they stand.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest
from machines import EXAMPLES, caught, imported, steps

CLIENT = (EXAMPLES / "board_poller.py").read_text("utf-8")
LIFE = (EXAMPLES / "test_board_poller_life.py").read_text("utf-8")
MOST_STEPS = 6


class Bug(NamedTuple):
    """A change to the client, the claim that it breaks, and steps without which it does not."""

    right: str
    wrong: str
    claim: str
    needed: tuple[str, ...]


BUGS = {
    "a trouble that passes takes the row back to where it began": Bug(
        "            if answer.status_code in PASSING:\n                return row\n",
        "            if answer.status_code in PASSING:\n                return Row()\n",
        "state.no_row_goes_backwards()",
        ("state.poll(", "state.inject(", "state.poll("),
    ),
    "committing is taken for an end": Bug(
        'ENDS = {"completed",',
        'ENDS = {"committing", "completed",',
        "state.nothing_is_given_up_before_its_end()",
        ("state.poll(",),
    ),
    "nobody knows that cancelled is an end": Bug(
        '"errored", "cancelled"}',
        '"errored", "canceled"}',
        "assert evaluation.id not in self.board.waits_for()",
        (),
    ),
    "what is no JSON is taken for the end": Bug(
        "        except (httpx.TransportError, ValueError):",
        "        except ValueError:\n"
        '            self.rows[evaluation_id] = Row("completed", 1.0)\n'
        "            return self.rows[evaluation_id]\n"
        "        except httpx.TransportError:",
        "state.nothing_is_given_up_before_its_end()",
        ("state.inject(count=1, fault='malformed')", "state.poll("),
    ),
}


def board_life(client: str, patch: pytest.MonkeyPatch) -> type:
    """The machine of the examples, over this client."""
    imported("board_poller", client, patch)
    life: type = imported("test_board_poller_life", LIFE, patch).BoardLife
    return life


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_a_planted_bug_is_found_within_200_examples_and_told_in_a_handful_of_steps(
    bug: Bug, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CLIENT.count(bug.right) == 1
    life = board_life(CLIENT.replace(bug.right, bug.wrong), monkeypatch)
    # Short examples: there is less to shrink, and a handful of steps is what is looked for.
    error = caught(life, max_examples=200, stateful_step_count=16)
    assert isinstance(error, AssertionError)
    found = steps(error)
    assert found[0].startswith("evaluation_0 = state.add(life=")
    assert len(found) <= MOST_STEPS
    left = iter(found)
    assert all(any(needed in step for step in left) for needed in bug.needed)
