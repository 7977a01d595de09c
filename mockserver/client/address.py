"""Where a server is, and how one of its sandboxes is named."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urlsplit

from mockserver.client.errors import UnusableError
from mockserver.core.dataclass import dataclass

DEFAULT = "default"
"""The sandbox of requests that name none."""

_IN_PATH = re.compile(r"(.*?)/sandbox/(.+)")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """A server by the parts of its URL.

    Attributes:
        base: the URL itself, without a sandbox and a final slash.
        path: what stands before every path, percent-encoded, as in "/hub"; may be empty.
        sandbox: the sandbox that the URL names, or None.
    """

    base: str
    scheme: str
    host: str
    port: int
    path: str
    sandbox: str | None

    def within(self, sandbox: str | None) -> str:
        """The URL that selects a sandbox, as the server itself tells it."""
        if sandbox in {None, DEFAULT}:
            return self.base
        return f"{self.base}/sandbox/{encoded(str(sandbox))}"


def read_address(url: str) -> Address:
    """The parts of a URL; one that selects a sandbox will do, as in http://HOST:PORT/sandbox/NAME.

    Raises:
        UnusableError: no server can be found by it.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _unusable(url) from None
    beside = parts.query or parts.fragment or parts.username is not None
    is_plain = url.isprintable() and url.split() == [url]
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or beside or not is_plain:
        raise _unusable(url)
    path, sandbox = quote(parts.path, safe="/%:@!$&'()*+,;=~").rstrip("/"), None
    if named := _IN_PATH.fullmatch(path):
        path, sandbox = named[1], unquote(named[2])
    return Address(
        base=f"{parts.scheme}://{parts.netloc}{path}",
        scheme=parts.scheme,
        host=parts.hostname,
        port=_DEFAULT_PORTS[parts.scheme] if port is None else port,
        path=path,
        sandbox=sandbox,
    )


def encoded(text: str) -> str:
    """A text as one segment of a path, or a header; no UTF-8 is the server's to refuse."""
    return quote(text, safe="", errors="surrogatepass")


def _unusable(url: str) -> UnusableError:
    expected = "the URL of a server as in http://127.0.0.1:4010, with nothing but a path after it"
    return UnusableError(f"expected {expected}, found {url!r}")
