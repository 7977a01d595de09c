"""The pytest plugin: a sandbox of the mock for each test, judged where the test ends.

It comes with the package (entry point `pytest11`) and costs a run that does not use it nothing:
what it needs is imported when a test asks for one of its fixtures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockserver.testing.plain_imports import plain_imports
from mockserver.testing.stash import ITEM, WATCH

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from mockserver.testing.apis import Nugen, Oxen
    from mockserver.testing.servers import Opened
    from mockserver.testing.session import Server, Session

_FIXTURES = {"oxen", "oxen_server", "nugen", "nugen_server"}
_MARKER = (
    "(seed=..., spec=..., fixtures=..., settings=...): what the sandbox of a test is made of: what "
    "ids are drawn from, a document of your own, fixtures (a folder, or values by name), settings "
    "and assumptions by name."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the plugin."""
    group = parser.getgroup("oxen", "the mock of Oxen's evaluation API")
    group.addoption(
        "--oxen-report",
        metavar="FILE",
        help="Write what was exercised and what was broken as JUnit XML, and as text beside it.",
    )
    group.addoption(
        "--oxen-seed",
        metavar="SEED",
        help="What ids are drawn from, with the id of each test.  [that of the settings, or 0]",
    )


def pytest_configure(config: pytest.Config) -> None:
    """The markers; and what collects the report, where one is asked for."""
    for name in ("oxen", "nugen"):
        config.addinivalue_line("markers", name + _MARKER)
    file = config.getoption("oxen_report")
    if file is not None and not hasattr(config, "workerinput"):
        from mockserver.testing.run_report import RunReport  # noqa: PLC0415 because most runs want none

        config.pluginmanager.register(RunReport(config.invocation_params.dir / file))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Import now what a test will need: later somebody may have frozen time, which is kept."""
    if any(not _FIXTURES.isdisjoint(getattr(item, "fixturenames", ())) for item in session.items):
        with plain_imports():
            import mockserver.testing.session  # noqa: F401, PLC0415 because most runs need none of it


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Keep in mind which test runs, for fixtures that outlive one; one run again starts anew."""
    item.config.stash[ITEM] = item
    if WATCH in item.stash:
        del item.stash[WATCH]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Let a test fail that has broken the contract, whatever it found itself."""
    try:
        result = yield
    except BaseException as error:
        watch = item.stash.get(WATCH, None)
        if watch is not None and watch.own is not None:
            watch.note_on(error, watch.own)
        raise
    watch = item.stash.get(WATCH, None)
    if watch is not None and watch.own is not None:
        watch.judge(watch.own)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell in the report of a failed test what was asked and answered."""
    report = yield
    watch = item.stash.get(WATCH, None)
    if watch is not None:
        if watch.own is not None and report.failed:
            watch.keep_story(watch.own)
        if watch.own is not None and report.when == "call":
            watch.keep_report(watch.own)
        if report.failed:
            report.sections += watch.stories.items()
        if watch.counts and report.when == "call":
            # On the report itself, for so it comes over from other processes.
            vars(report)["oxen_mock"] = {"reports": watch.reports, "broken": watch.broken}
    return report


@pytest.fixture(scope="session")
def _mock_session(pytestconfig: pytest.Config) -> Iterator[Session]:
    from mockserver.testing.session import Session  # noqa: PLC0415 because most runs need none of it

    session = Session(pytestconfig, counts=pytestconfig.getoption("oxen_report") is not None)
    yield session
    session.stop()


@pytest.fixture
def _mock_sandbox(request: pytest.FixtureRequest, _mock_session: Session) -> Iterator[Opened]:
    from mockserver.testing.wishes import Wishes  # noqa: PLC0415 the same

    watch = _mock_session.watch(request.node)
    opened = watch.own = _mock_session.open(request.node, Wishes())
    yield opened
    watch.own = None
    try:
        watch.judge_late(opened)
    finally:
        opened.close()


@pytest.fixture
def oxen(_mock_sandbox: Opened) -> Oxen:
    """A sandbox of the test's own, as a client of the Oxen hub sees it; its clock stands still."""
    from mockserver.testing.apis import Oxen  # noqa: PLC0415 the same

    return Oxen(_mock_sandbox)


@pytest.fixture
def nugen(_mock_sandbox: Opened) -> Nugen:
    """The same sandbox as a client of Nugen sees it."""
    from mockserver.testing.apis import Nugen  # noqa: PLC0415 the same

    return Nugen(_mock_sandbox)


@pytest.fixture(scope="session")
def oxen_server(_mock_session: Session, pytestconfig: pytest.Config) -> Server[Oxen]:
    """Where sandboxes for a block come from: `with oxen_server.sandbox(seed="7") as oxen`."""
    from mockserver.testing.apis import Oxen  # noqa: PLC0415 the same
    from mockserver.testing.session import Server  # noqa: PLC0415 the same

    return Server(_mock_session, pytestconfig, Oxen)


@pytest.fixture(scope="session")
def nugen_server(_mock_session: Session, pytestconfig: pytest.Config) -> Server[Nugen]:
    """The same for Nugen."""
    from mockserver.testing.apis import Nugen  # noqa: PLC0415 the same
    from mockserver.testing.session import Server  # noqa: PLC0415 the same

    return Server(_mock_session, pytestconfig, Nugen)
