"""Reports add up as the exchanges that they are about do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import Settings
from mockserver.assemble import assemble
from mockserver.client.address import read_address
from mockserver.client.caller import Caller
from mockserver.client.client import Client
from mockserver.core.exchange import Request
from mockserver.telling.coverage import coverage_lines
from mockserver.telling.summing import summed
from mockserver.testing.in_process import InProcess

if TYPE_CHECKING:
    from mockserver.client import shapes

GET = "/api/repos/ox/cats/evaluations/d0c8585d-1234-5678-abcd-ef0123456789"
BODIES = (b"", b"{}", b'{"prompt": 7}')


@pytest.fixture(scope="module")
def mock() -> Any:  # noqa: ANN401 as `assemble` gives it
    return assemble(Settings(speed=0))


def _ask(mock: Any, sandbox: str, kind: int, agent: str) -> None:  # noqa: ANN401 the same
    headers = {"authorization": "Bearer t", "user-agent": agent, "x-mock-sandbox": sandbox}
    method, path = ("GET", GET) if kind == 0 else ("POST", "/api/repos/ox/cats/evaluations/main/a")
    sent = {**headers, "content-type": "application/json"}
    mock.engine.answer(Request(method, path, (), sent, BODIES[kind]))


ASKED = st.lists(
    st.tuples(st.sampled_from(["one", "two"]), st.integers(0, 2), st.sampled_from(["a", "b"])),
    max_size=12,
)


@given(ASKED)
def test_reports_on_each_sandbox_sum_to_the_report_on_all(
    mock: Any, asked: list[tuple[str, int, str]]  # noqa: ANN401 the same
) -> None:  # fmt: skip
    whole = assemble_report(mock, [("both", kind, agent) for _, kind, agent in asked])
    parts = [
        assemble_report(mock, [one for one in asked if one[0] == name]) for name in ("one", "two")
    ]
    told = summed(parts)
    told["sandboxes"] = whole["sandboxes"] = 0
    assert _in_order(told) == _in_order(whole)


def assemble_report(mock: Any, asked: list[tuple[str, int, str]]) -> shapes.Report:  # noqa: ANN401 the same
    """The report on a fresh sandbox in which this was asked."""

    name = asked[0][0] if asked else "none"
    mock.engine.sandboxes.put(mock.maker.plain(name))
    for sandbox, kind, agent in asked:
        _ask(mock, sandbox, kind, agent)
    client = Client("http://127.0.0.1:1", name)
    base = "http://127.0.0.1:1"
    client._act_for(Caller(read_address(base), InProcess(mock.control, base), None, name))  # noqa: SLF001 no socket
    return client.report()


def _in_order(told: shapes.Report) -> dict[str, Any]:
    rows = {**told}
    return {
        key: sorted(map(str, value)) if isinstance(value, list) else value
        for key, value in rows.items()
    }


def test_coverage_says_what_nobody_has_seen(mock: Any) -> None:  # noqa: ANN401 the same
    told = assemble_report(mock, [("cover", 0, "a")])
    never = "running, committing, completed, errored, cancelled"
    assert list(coverage_lines(told)) == [
        f"life cycle of oxen: 1 of 6 statuses seen, never {never}"
    ]
