"""What goes wrong in the mock itself, told as every other problem is; the log has the traceback."""

from __future__ import annotations

import logging

from mockserver.problems import RefusedError

_log = logging.getLogger("mockserver")


def own_error(error: Exception) -> RefusedError:
    """The refusal of a request that we stumbled over."""
    _log.error("an error of the mock's own", exc_info=error)
    return RefusedError(500, f"an error of the mock's own: {type(error).__name__}")
