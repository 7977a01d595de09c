"""The report on a whole run of tests: JUnit XML, and what was exercised in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.telling.coverage import coverage_lines
from mockserver.telling.junit import Case, junit
from mockserver.telling.report import report_lines
from mockserver.telling.summing import summed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

    from mockserver.client import shapes


class RunReport:
    """Collects what the tests tell, those of other processes too, and writes it at the end."""

    def __init__(self, file: Path) -> None:
        """Write to this file, and to one of the same name that ends in .txt."""
        self._file = file
        self._cases: dict[str, Case] = {}
        self._reports: list[shapes.Report] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what a test tells; of one that was run again the last word counts."""
        told = getattr(report, "oxen_mock", None)
        if told is None:
            return
        self._reports += told["reports"]
        path, _, name = report.nodeid.partition("::")
        failures = told["broken"].splitlines()
        case = Case(name or path, path, failures, seconds=report.duration)
        self._cases[report.nodeid] = case

    def pytest_sessionfinish(self) -> None:
        """Write both files."""
        lines = "\n".join(self._lines())
        self._file.parent.mkdir(parents=True, exist_ok=True)
        cases = list(self._cases.values())
        self._file.write_text(junit("oxen-mock", cases, told=lines), "utf-8")
        self._file.with_suffix(".txt").write_text(f"{lines}\n", "utf-8")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the same."""
        terminalreporter.section(f"oxen-mock: {self._file}")
        for line in self._lines():
            terminalreporter.write_line(line)

    def _lines(self) -> Iterator[str]:
        if not self._reports:
            yield "no test has used the mock"
            return
        whole = summed(self._reports)
        yield from report_lines(whole)
        yield ""
        yield from coverage_lines(whole)
