"""An API's own address into that of a sandbox."""

from __future__ import annotations

from urllib.parse import urlsplit

from mockserver.core.errors import MockserverError

_PORTS = {"http": 80, "https": 443}


class ElsewhereError(MockserverError, ConnectionError):
    """A request to somewhere that no test may reach."""


def redirected(url: str, origins: tuple[str, ...], sandbox: str) -> str:
    """The URL in the sandbox; what has the sandbox's own address already stays.

    Raises:
        ElsewhereError: it leads to neither.
    """
    origin, rest = _parted(url)
    if origin in {_parted(one)[0] for one in origins}:
        return sandbox + rest
    if origin == _parted(sandbox)[0]:
        return url
    raise ElsewhereError(
        f"expected a request to {' or '.join(origins)}, which the sandbox stands in for, found one "
        f"to {origin}: it was not sent"
    )


def _parted(url: str) -> tuple[str, str]:
    """The origin of a URL, and all of it that follows, as it was written."""
    parts = urlsplit(url)
    port = parts.port or _PORTS.get(parts.scheme, 0)
    rest = url.partition("://")[2].partition("#")[0][len(parts.netloc) :]
    return f"{parts.scheme}://{(parts.hostname or '')}:{port}", rest
