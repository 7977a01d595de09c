"""Snapshots that somebody has edited: restored to what can be shown, or refused."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from amounts import hundreds
from asking import MOCK, SANDBOX, asked, sent, shown_at
from drawn_values import altered
from hypothesis import given
from hypothesis import strategies as st
from mangled import ANY_TEXT, JSON, as_bytes, bits, mangled
from refusals import taken

from mockserver.core.errors import BadSnapshotError
from mockserver.snapshots import read_snapshot_file

if TYPE_CHECKING:
    from pathlib import Path

PATH = f"/_mock/sandboxes/{SANDBOX}"
OWN = {"phases": [{"queued": "3s"}, {"running": "24s"}, "completed"], "pace": {"50": "2s"}}
NUGENS = {
    "api": "nugen",
    "phases": [{"waiting": "3s"}, "failed"],
    "shows": {"failed": ["progress"]},
}
ODD: tuple[Any, ...] = (
    *(None, True, -1, 0, 1.5, 10**20, 10**400, 1e300, "", "x", [], {}, [[]], "queued", "completed"),
    *("2026-03-01T12:00:03.000000Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
    "nugen/evaluation",
    *([["queued", 1], ["running", 10**15], ["completed", None]], [["queued", None]], [[5, 10**18]]),
    *("9" * 400, "0." + "0" * 399 + "1", "oxen/benchmark", "ox/cats", "errored", [1, 2, 3, 4]),
)
NAMES = ("id", "at", "row", "status", "model", "name", "", "format", "pending", "eval-1", "ended")


def original() -> dict[str, Any]:
    """A snapshot of a sandbox in which a bit of everything has happened."""
    asked("PUT", PATH, {"fixtures": {"own": OWN, "nugen/own": NUGENS}, "settings": {}})
    for fault in ({"code": 503, "count": 2}, {"status": "running", "delay": 0.1, "seconds": 60}):
        assert asked("POST", "/_mock/faults", fault)[0] == 201
    assert asked("POST", "/_mock/expectations", {"place": "body"})[0] == 201
    assert asked("POST", "/_mock/clock/advance", {"seconds": 3})[0] == 200
    for path in shown_at()[:6]:
        asked("GET", path)
    status, snapshot = asked("POST", f"{PATH}/snapshot", {})
    assert status == 200
    told: dict[str, Any] = snapshot
    told["evaluations"] = told["evaluations"][:2] + told["evaluations"][-4:]
    return told


ORIGINAL = original()
SMALL = {**ORIGINAL, "evaluations": ORIGINAL["evaluations"][-2:], "watched": []}


@hundreds(0.7)
@given(st.data())
def test_an_edited_snapshot_is_restored_and_shown_or_is_refused(data: st.DataObject) -> None:
    part = data.draw(st.sampled_from(("evaluations", "evaluations", "faults", "watched", "")))
    value: Any = copy.deepcopy(ORIGINAL)
    if part:
        value[part] = data.draw(altered(value[part], 3, ODD, NAMES))
    else:
        value = data.draw(altered(value, 3, ODD, NAMES))
    status, told = asked("POST", f"{PATH}/restore", value)
    assert status in {200, 201} or (status in {400, 409} and told["detail"]), told
    if status in {400, 409}:
        assert all(flaw["place"] and flaw["found"] for flaw in told.get("violations", ()))
        return
    for path in shown_at():
        assert asked("GET", path)[0] in {200, 400, 401, 404, 500, 503}  # what is said of it is odd
    for _ in range(2):
        assert asked("POST", "/_mock/clock/advance", {"to": "next"})[0] in {200, 409}
    taken = asked("POST", f"{PATH}/snapshot", {})
    assert taken[0] == 200, taken
    assert asked("POST", f"{PATH}/restore", taken[1])[0] == 200
    assert asked("POST", f"{PATH}/snapshot", {}) == taken


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("snapshots") / "state.json"


@hundreds(1.5)
@given(raw=as_bytes(ANY_TEXT | mangled([json.dumps(SMALL, indent=1)], bits(JSON))))
def test_a_file_is_a_snapshot_or_is_refused(file: Path, raw: bytes) -> None:
    file.write_bytes(raw)
    check = MOCK.control.check_snapshot
    taken(lambda: read_snapshot_file(file, check), BadSnapshotError, str(file))


BODIES = [
    json.dumps(body)
    for body in (
        {"seed": "s", "epoch": "2026-03-01T12:00:00Z", "rate": 1, "step": True, "fixtures": {}},
        {"settings": {"assume": {"dialect": "legacy"}}, "fixtures": {"a": OWN}},
        {
            "operation": "get_evaluation",
            "nth": 2,
            "probability": 0.5,
            "code": 503,
            "retry_after": 1,
        },
        {"to": "next"},
        {"seconds": 30, "to": "2026-03-02T12:00:00Z", "place": "body *", "row": 3, "message": "no"},
        {
            "fixture": "happy-path",
            "repository": "ox/cats",
            "id": "d0c8585d-1234-5678-abcd-ef0123456789",
        },
    )
]
ROUTES = [
    (operation.method, operation.template.replace("{name}", SANDBOX).replace("{id}", "fault-1"))
    for operation in MOCK.control.contract.operations.values()
    if operation.takes_body
]


@hundreds(2)
@given(st.sampled_from(ROUTES), as_bytes(ANY_TEXT | mangled(BODIES, bits(JSON))))
def test_no_body_makes_the_control_api_fail(route: tuple[str, str], raw: bytes) -> None:
    status, told = sent(*route, raw)
    assert status < 500, told
    assert status < 400 or told["detail"]
