"""The comparison with the peers: what can be tried without a peer and without load."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
pytestmark = pytest.mark.skipif(
    not BENCHMARKS.is_dir(), reason="a source archive has no benchmarks"
)


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=BENCHMARKS,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def told(code: str) -> str:
    done = run("-c", code)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "program", ["compare.py", "control.py", "fuzz.py", "serve.py", "start.py", "where.py"]
)
def test_every_program_tells_how_it_is_run(program: str) -> None:
    assert "usage:" in run(program, "--help").stdout


def test_a_server_that_there_is_not_is_refused_and_those_that_there_are_are_named() -> None:
    refused = run("compare.py", "--only", "prisma")
    assert refused.returncode == 2
    assert "no prisma; there are bare, connexion" in refused.stderr


def test_documents_have_as_many_paths_as_they_say_and_can_be_served(tmp_path: Path) -> None:
    folder = f"Path({str(tmp_path)!r})"
    told(f"from pathlib import Path; import peers.documents as d; d.write_all({folder})")
    for count in (32, 500):
        file = tmp_path / f"hub-{count}.json"
        assert len(json.loads(file.read_text("utf-8"))["paths"]) == count
    listed = run("-m", "mockserver", "spec", "--spec", str(tmp_path / "hub-32.json"))
    assert listed.returncode == 0, listed.stdout + listed.stderr


FOUND = """
from peers.figures import Alone, Row
from peers.load import Load
from peers.servers import SERVERS
from peers.targets import targets
rows = [Row(server, "1.0") for server in SERVERS[:6]]
for place, row in enumerate(rows):
    row.loads = {"get": [Load(1000 * (place + 1), 1.0, 0, 500.0, 900.0)]}
rows[2].problem = "a <reason>"
alone = Alone({"import": [40.0], "bytes an evaluation": [4096.0]})
found = targets(rows, alone)
"""


def test_a_target_is_reached_or_missed_by_how_much_or_was_not_measured() -> None:
    verdicts = json.loads(
        told(FOUND + "import json; print(json.dumps({t.about: t.verdict() for t in found}))")
    )
    assert verdicts["`import mockserver`"] == "reached"
    assert verdicts["memory of an evaluation"] == "**missed** by 100 %"
    assert verdicts["in process, through Flask"] == "not measured"


def test_the_plot_is_an_svg_with_a_bar_for_each_that_was_measured() -> None:
    drawn = ET.fromstring(told(FOUND + "from peers.plot import plot; print(plot(rows))"))  # noqa: S314 because we have written it
    names = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert "oxen-mockserver" in names
    assert "6,000" in names


def test_the_table_names_what_was_not_measured_and_why() -> None:
    table = told(
        FOUND + "from peers.table import report; print(report(rows, alone, found, ['today']))"
    )
    assert "- bare WSGI callable: a <reason>" in table
    assert "| `import mockserver` | 40.0 ms |" in table
