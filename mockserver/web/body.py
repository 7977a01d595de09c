"""Read a request's body within bounds, and past them far enough for the client to hear why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core.exchange import Kind, Violation
from mockserver.problems import RefusedError
from mockserver.settings import LARGEST_BODY

if TYPE_CHECKING:
    from typing import IO

_CHUNK = 65_536


def read_body(stream: IO[bytes], most: int, announced: int | None) -> bytes:
    """The whole body, if it has at most `most` bytes and as many as were announced.

    A longer one is read on and thrown away, up to a bound: a client that sends before it
    reads would otherwise see a broken pipe and not our answer.

    Raises:
        RefusedError: 413 for a longer one, 400 for one that ends early or is misframed.
    """
    kept, size = [], 0
    try:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size <= most:
                kept.append(chunk)
            elif size > LARGEST_BODY:
                break
    except (OSError, ValueError):
        raise cut_short() from None
    except Exception as error:
        from werkzeug.exceptions import HTTPException  # noqa: PLC0415 because Flask's streams alone raise one

        if isinstance(error, HTTPException):
            raise cut_short() from None
        raise
    if size > most:
        more = "or more " if size > LARGEST_BODY else ""
        found = f"{size} {more}".rstrip()
        advice = "--max-body changes the limit"
        large = Violation("body", f"at most {most} bytes", found, Kind.BODY, advice)
        raise RefusedError(413, str(large), violations=(large,))
    if announced is not None and size < announced:  # not every server tells that it was cut
        raise _broken(f"{size} of the {announced} bytes announced")
    return b"".join(kept)


def cut_short() -> RefusedError:
    """The refusal of a body that is not whole."""
    return _broken("one that is cut short or misframed")


def _broken(found: str) -> RefusedError:
    broken = Violation("body", "a whole one, framed as announced", found, Kind.BODY)
    return RefusedError(400, str(broken), violations=(broken,))
