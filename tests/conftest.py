"""What several files of tests need."""

from __future__ import annotations

import os

from hypothesis import settings

# A busy machine makes single examples slow, which is no finding; CI repeats the same examples.
settings.register_profile("mockserver", deadline=None)
settings.register_profile("mockserver-ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("mockserver-ci" if os.environ.get("CI") else "mockserver")
