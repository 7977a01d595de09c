"""What several files of tests need."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# A busy machine makes single examples slow, which is no finding; CI repeats the same examples.
settings.register_profile("mockserver", deadline=None)
settings.register_profile("mockserver-ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("mockserver-ci" if os.environ.get("CI") else "mockserver")


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with a client, whose tests run with the plugin that is installed."""
    from projects import CLIENT  # noqa: PLC0415 because it imports what only such tests need

    pytester.makepyfile(client=CLIENT)
    return pytester
