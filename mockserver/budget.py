"""One budget of memory for every sandbox of a server."""

from __future__ import annotations

import threading


class Budget:
    """Counts the bytes that clients have made the server keep, roughly."""

    def __init__(self) -> None:
        """Start at nothing."""
        self._lock = threading.Lock()
        self.used = 0

    def add(self, count: int) -> None:
        """So many bytes more, or less where it is negative."""
        with self._lock:
            self.used += count
