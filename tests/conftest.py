"""What several files of tests need."""

from __future__ import annotations

import os
import random
import shutil
import tempfile

import pytest
from hypothesis import HealthCheck, settings

# A busy machine makes single examples slow, which is no finding; CI repeats the same examples.
settings.register_profile("mockserver", deadline=None)
settings.register_profile("mockserver-ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("mockserver-ci" if os.environ.get("CI") else "mockserver")

# The profile by which our own parsers and judges are fuzzed: the same examples in every run, where
# --thorough does not ask for more and for others.
_A_HUNDRED = settings(
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("fuzz", _A_HUNDRED)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--thorough",
        type=int,
        default=0,
        metavar="TIMES",
        help="fuzz our parsers and judges by so many times as many examples, new ones in each run",
    )


_CACHE = pytest.StashKey[str]()


def pytest_sessionstart(session: pytest.Session) -> None:
    """A cache of the run's own, for all its processes: nobody's real one is read or written."""
    if not hasattr(session.config, "workerinput"):
        folder = session.config.stash[_CACHE] = tempfile.mkdtemp()
        os.environ["OXEN_MOCK_CACHE"] = os.path.join(folder, "cache")  # noqa: PTH118 it stays a text


def pytest_unconfigure(config: pytest.Config) -> None:
    if _CACHE in config.stash:
        shutil.rmtree(config.stash[_CACHE], ignore_errors=True)


@pytest.hookimpl(tryfirst=True)  # before Hypothesis's own plugin looks for a seed
def pytest_configure(config: pytest.Config) -> None:
    times: int = config.getoption("--thorough")
    if times < 0:
        raise pytest.UsageError(f"--thorough: expected 1 or more, found {times}")
    if times:
        more = settings(_A_HUNDRED, derandomize=False, max_examples=100 * times)
        settings.register_profile("fuzz", more)
        if config.option.hypothesis_seed is None:  # one for every worker of pytest-xdist, too
            config.option.hypothesis_seed = str(random.randrange(2**32))  # noqa: S311 no secret


def pytest_report_header(config: pytest.Config) -> str | None:
    times: int = config.getoption("--thorough")
    seed = config.option.hypothesis_seed
    return f"thorough: {times} times, again by --hypothesis-seed={seed}" if times else None


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with a client, whose tests run with the plugin that is installed."""
    from projects import CLIENT  # noqa: PLC0415 because it imports what only such tests need

    pytester.makepyfile(client=CLIENT)
    return pytester
