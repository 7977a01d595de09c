"""httpx transports that send an API's own address to a sandbox."""

from __future__ import annotations

import httpx

from mockserver.testing.redirection import redirected


class SandboxTransport(httpx.HTTPTransport):
    """For `httpx.Client(transport=...)`; the request keeps its own address for the client."""

    def __init__(self, origins: tuple[str, ...], sandbox: str) -> None:
        """Send what is meant for one of these origins to the sandbox."""
        super().__init__()
        self._origins = origins
        self._sandbox = sandbox

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it, and nothing to anywhere else.

        Raises:
            ElsewhereError: it is meant for another origin.
        """
        return super().handle_request(_redirected(request, self._origins, self._sandbox))


class AsyncSandboxTransport(httpx.AsyncHTTPTransport):
    """For `httpx.AsyncClient(transport=...)`, the same."""

    def __init__(self, origins: tuple[str, ...], sandbox: str) -> None:
        """Send what is meant for one of these origins to the sandbox."""
        super().__init__()
        self._origins = origins
        self._sandbox = sandbox

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it, and nothing to anywhere else.

        Raises:
            ElsewhereError: it is meant for another origin.
        """
        sent = _redirected(request, self._origins, self._sandbox)
        return await super().handle_async_request(sent)


def _redirected(request: httpx.Request, origins: tuple[str, ...], sandbox: str) -> httpx.Request:
    url = httpx.URL(redirected(str(request.url), origins, sandbox))
    headers = httpx.Headers([(n, v) for n, v in request.headers.raw if n.lower() != b"host"])
    headers["Host"] = url.netloc.decode()
    return httpx.Request(
        request.method, url, headers=headers, stream=request.stream, extensions=request.extensions
    )
