"""A requests adapter that sends an API's own address to a sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter

from mockserver.testing.redirection import redirected

if TYPE_CHECKING:
    import requests


class SandboxAdapter(HTTPAdapter):
    """For `session.mount("https://", ...)`; the answer keeps the address that was asked for."""

    def __init__(self, origins: tuple[str, ...], sandbox: str, **options: Any) -> None:  # noqa: ANN401 as requests has them
        """Send what is meant for one of these origins to the sandbox."""
        super().__init__(**options)
        self._origins = origins
        self._sandbox = sandbox

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:  # noqa: ANN401 as requests hands them over
        """Send it, and nothing to anywhere else.

        Raises:
            ElsewhereError: it is meant for another origin.
        """
        sent = request.copy()
        sent.url = redirected(str(request.url), self._origins, self._sandbox)
        response = super().send(sent, *args, **more)
        response.request, response.url = request, str(request.url)
        return response
