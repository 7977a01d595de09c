"""What the plugin keeps on pytest's own objects; of its modules this one alone costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mockserver.testing.watch import Watch

WATCH: pytest.StashKey[Watch] = pytest.StashKey()
"""On a test: its sandboxes, once it has had one."""
ITEM: pytest.StashKey[pytest.Item] = pytest.StashKey()
"""On the configuration: the test that runs."""
