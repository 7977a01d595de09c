"""What is told of a run, and what a run that uses none of it pays."""

from __future__ import annotations

import pytest
from projects import run, write

pytest_plugins = ["pytester"]


def test_the_report_on_a_run_is_written_with_its_coverage(project: pytest.Pytester) -> None:
    tests = """
        def test_good(oxen):
            look(oxen, oxen.add("happy-path"))
        def test_bad(oxen):
            create(oxen, prompt=7)
        def test_without():
            pass
        def test_given(oxen_server):
            with oxen_server.sandbox() as oxen:
                ev = oxen.add("happy-path")
                oxen.clock.until(ev, "completed")
                look(oxen, ev)
        """
    texts = []
    for flags in ((), ("-n2",)):
        told = run(project, tests, "--oxen-report=out/report.xml", *flags)
        told.stdout.fnmatch_lines(
            ["*oxen-mock: *report.xml*", "3 requests in 3 sandboxes*", "not clean: 1 request *"]
        )
        texts.append((project.path / "out/report.txt").read_text("utf-8"))
        xml = (project.path / "out/report.xml").read_text("utf-8")
        assert 'tests="3" failures="1"' in xml
        assert "body /prompt: expected a string, found 7" in xml
    assert texts[0] == texts[1]
    assert "life cycle of oxen: 2 of 6 statuses seen, never running, committing" in texts[0]


def test_other_fixtures_that_break_the_contract_as_they_end_are_told_of(
    project: pytest.Pytester,
) -> None:
    told = run(
        project,
        """
        @pytest.fixture
        def made(oxen):
            yield
            create(oxen, prompt=7)
        def test_good(made):
            pass
        """,
    )
    told.assert_outcomes(passed=1, errors=1)
    told.stdout.fnmatch_lines(["*broke the contract: body /prompt*"])


def test_a_test_that_is_run_again_starts_anew(project: pytest.Pytester) -> None:
    project.makeconftest(
        """
        from _pytest.runner import runtestprotocol
        def pytest_runtest_protocol(item, nextitem):
            for _ in range(2):
                for report in runtestprotocol(item, nextitem=nextitem, log=False):
                    item.ihook.pytest_runtest_logreport(report=report)
            return True
        """
    )
    told = run(
        project,
        """
        made = []
        def test_flaky(oxen):
            made.append(oxen.add("happy-path")["id"])
            create(oxen, prompt=7 if len(made) == 1 else "x")
            assert len(set(made)) == 1
        """,
    )
    told.assert_outcomes(passed=1, failed=1)


def test_skips_and_expected_failures_stay_what_they_are(project: pytest.Pytester) -> None:
    told = run(
        project,
        """
        def test_skip(oxen):
            create(oxen, prompt=7)
            pytest.skip("not today")

        @pytest.mark.xfail
        def test_xfail(oxen):
            create(oxen, prompt=7)

        import unittest
        class TestOld(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def take(self, oxen):
                self.oxen = oxen
            def test_old(self):
                create(self.oxen, prompt=7)
        """,
    )
    told.assert_outcomes(skipped=1, xfailed=1, failed=1)


@pytest.mark.parametrize("library", ["freezegun", "time_machine"])
def test_frozen_time_freezes_no_server(project: pytest.Pytester, library: str) -> None:
    pytest.importorskip(library)
    freeze = {
        "freezegun": "freezegun.freeze_time('2026-01-31T12:00:00Z')",
        "time_machine": "time_machine.travel('2026-01-31T12:00:00Z', tick=False)",
    }[library]
    write(
        project,
        f"""
        import {library}

        @pytest.fixture
        def frozen():
            with {freeze}:
                yield

        def test_frozen_first(frozen, oxen):
            assert look(oxen, oxen.add("happy-path"))["inserted_at"] == "2026-01-31T12:00:00Z"

        def test_frozen_later(oxen, frozen):
            oxen.patch_sleep("client.time.sleep")
            assert wait(oxen, oxen.add("happy-path"))[-1] == "completed"
            assert oxen.journal.find(wait="0s")["exchanges"]

        def test_not_frozen(oxen):
            assert look(oxen, oxen.add("happy-path"))["inserted_at"] > "2026-02"
        """,
    )
    told = project.runpytest_subprocess()  # where nothing is imported before it is asked for
    told.assert_outcomes(passed=3)


def test_a_run_that_uses_none_of_it_imports_none_of_it(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import sys
        def test_nothing():
            heavy = {"flask", "openapi_core", "werkzeug", "mockserver.engine", "yaml", "httpx"}
            assert not heavy & sys.modules.keys()
        """
    )
    told = project.runpytest_subprocess()
    told.assert_outcomes(passed=1)


def test_the_plugin_is_found_by_its_entry_point(project: pytest.Pytester) -> None:
    told = project.runpytest_subprocess("--help")
    told.stdout.fnmatch_lines(["*--oxen-report=FILE*"])
