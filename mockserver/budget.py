"""What clients have made the server keep: one count for all sandboxes, a part of it for each."""

from __future__ import annotations

import threading


class Budget:
    """Counts bytes, roughly; a budget may be a part of a whole one, which counts them too.

    They share one lock, for both change together.
    """

    def __init__(self, whole: Budget | None = None) -> None:
        """Start at nothing."""
        self._lock: threading.Lock = threading.Lock() if whole is None else whole._lock  # noqa: SLF001 a part of it
        self._whole = whole
        self._is_open = True
        self.used = 0

    def add(self, count: int) -> None:
        """So many bytes more, or less where it is negative; none once it is closed."""
        with self._lock:
            if self._is_open:
                self._count(count)

    def close(self) -> None:
        """Give everything back: whoever still adds something was too late."""
        with self._lock:
            self._count(-self.used)
            self._is_open = False

    def _count(self, count: int) -> None:
        self.used += count
        if self._whole is not None and self._whole._is_open:  # noqa: SLF001 the same
            self._whole._count(count)  # noqa: SLF001 the same
