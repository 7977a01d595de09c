"""The house: imports run downward only, and each outside library has one home."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import mockserver

PACKAGE = Path(mockserver.__file__).parent

# From the roof down; a module may import what stands below its own line, and within its room.
ROOMS = (
    {"__main__", "pytest_plugin"},
    {"cli"},
    {"ctl"},
    {"fuzzing"},
    {"strategies"},
    {"serving", "running", "showing", "diffing", "judging", "starting"},
    {"testing"},
    {"server", "drawing", "requestlog", "url_file"},
    {"assemble", "keeping"},
    {"web"},
    {"control"},
    {"engine", "making"},
    {"dynamic"},
    {"gate"},
    {"passage"},
    {"admission"},
    {"standing"},
    {"snapshots"},
    {"loading"},
    {"proofs"},
    {"guard"},
    {"sandboxes"},
    {"settings", "canned", "nearest", "proving", "report", "har", "documents"},
    {"served"},
    {"apis"},
    {"sandbox"},
    {"agenda", "stepping", "state", "sightings"},
    {"store", "journal", "tally"},
    {"budget"},
    {"fixture_files"},
    {"answer_files", "evaluation_files"},
    {"fixtures"},
    {"contract"},
    {"tokens", "preferences", "faults", "expectations"},
    {"moods"},
    {"selection"},
    {"telling"},
    {"client"},
    {"problems", "source", "bundled", "cache", "assumptions", "durations", "instants"},
    {"uncollected"},
    {"core"},
)
HOMES = {
    "click": {"cli", "ctl"},
    "flask": {"web", "assemble"},  # assemble names the type it returns
    "granian": {"server"},
    "httpx": {"testing"},
    "hypothesis": {"strategies"},
    "jsonpath_rfc9535": {"contract"},
    "jsonschema": {"contract", "fixture_files"},
    "jsonschema_path": {"contract"},
    "jsonschema_rs": {"contract"},
    "msgspec": {"contract"},
    "openapi_core": {"contract"},
    "pytest": {"pytest_plugin", "testing"},
    "requests": {"testing"},
    "schemathesis": {"fuzzing"},
    "openapi_spec_validator": {"contract"},
    "watchfiles": {"serving"},
    "werkzeug": {"contract", "web", "keeping"},
    "yaml": {"source"},
}
IMPURE = {
    "asyncio",
    "io",
    "logging",
    "os",
    "pathlib",
    "random",
    "secrets",
    "socket",
    "threading",
    "time",
}


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    """Every module a file imports, those for type checking and those inside functions included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def modules() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


def test_every_module_has_a_place_in_the_house() -> None:
    placed = set().union(*ROOMS)
    assert {room_of(path) for path in modules()} == placed


def test_imports_run_downward_only() -> None:
    level = {room: index for index, rooms in enumerate(ROOMS) for room in rooms}
    upward = []
    for path in modules():
        here = room_of(path)
        for name in imports_of(path):
            parts = name.split(".")
            ours = parts[0] == "mockserver" and len(parts) > 1 and parts[1] != here
            if ours and level[parts[1]] <= level[here]:
                upward.append(f"{path.relative_to(PACKAGE)} imports {name}")
    assert upward == []


def test_each_outside_library_has_its_home() -> None:
    strays = []
    for path in modules():
        for name in {name.split(".")[0] for name in imports_of(path)}:
            outside = name not in sys.stdlib_module_names and name != "mockserver"
            if outside and room_of(path) not in HOMES.get(name, set()):
                strays.append(f"{path.relative_to(PACKAGE)} imports {name}")
    assert strays == []


def test_dataclasses_are_made_in_the_way_that_costs_a_start_next_to_nothing() -> None:
    strays = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in modules()
        if path != PACKAGE / "core" / "dataclass.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "dataclasses"
        for name in (alias.name for alias in node.names)
        if name == "dataclass"
    ]
    assert strays == []


def test_the_core_reads_no_clock_no_file_and_no_random_source() -> None:
    impure = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in modules()
        if room_of(path) == "core"
        for name in imports_of(path)
        if name.split(".")[0] in IMPURE
    ]
    assert impure == []
