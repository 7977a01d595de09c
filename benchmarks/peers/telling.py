"""What is said on the way."""

from __future__ import annotations

import sys
import time

BEGUN = time.monotonic()


def say(text: str) -> None:
    """Tell whoever waits what happens now, apart from the table."""
    sys.stderr.write(f"[{time.monotonic() - BEGUN:5.0f} s] {text}\n")
    sys.stderr.flush()
