"""The TypeScript example: its types hold and its tests pass, as its README says to run them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from node_packages import installed, run, workspace

EXAMPLE = Path(__file__).parents[2] / "examples" / "typescript"


def test_its_types_hold_and_its_tests_pass_with_a_server_of_their_own(tmp_path: Path) -> None:
    folder = workspace(EXAMPLE, installed(EXAMPLE), tmp_path)
    run(["npm", "run", "types"], folder)
    told = run([sys.executable, "-m", "mockserver", "run", "--", "npm", "test"], folder)
    assert re.search(r"Tests +\d+ passed \(", told), told
    assert told.splitlines()[-1].startswith("clean"), told
