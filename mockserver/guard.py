"""Who may use the control API: whoever brings its token, or else only this machine's own.

A server on loopback is not out of reach: every page in the developer's browser can send
requests to it. Two checks keep a hostile one from steering the mock or reading what it holds.
A page elsewhere gives itself away by its Origin (cross-site request forgery, RFC 6454). One
whose name was made to point here, so that the browser takes us for its own server, gives itself
away by the Host it asks for (DNS rebinding).
"""

from __future__ import annotations

import hmac
import re
from dataclasses import field
from typing import TYPE_CHECKING, Self

from mockserver.core.dataclass import dataclass
from mockserver.core.exchange import Kind, Violation
from mockserver.problems import RefusedError
from mockserver.settings import host_name, is_loopback_address

if TYPE_CHECKING:
    from mockserver.core.exchange import Request
    from mockserver.settings import Settings

TOKEN_HEADER = "X-Mock-Control-Token"  # noqa: S105 no token but where one stands
"""Where the control token may stand while Authorization says something else."""

_OPEN = re.compile(r"/_mock/(?:health|openapi/[^/]+)")
_ELSEWHERE = {"cross-site", "same-site"}
"""What a browser says of images, scripts and links, which carry no Origin (Fetch Metadata)."""

_BEARER = re.compile(r"(?i:bearer) +(\S+) *")
_HOST = re.compile(r"(\[[^\]]*\]|[^:]*)(?::[0-9]*)?")


@dataclass(frozen=True, slots=True)
class Guard:
    """What a request needs to be let through to the control API.

    Attributes:
        loopback: whether the server listens where only this machine reaches it.
        token: what a request must bring, or None.
        open_control: whether without a token any machine is let through, by any name.
        allowed_hosts: names beside those of loopback, as `host_name` has them.
        origins: the origins of pages that are let through, in lower case.
    """

    loopback: bool
    token: str | None = field(default=None, repr=False)
    open_control: bool = False
    allowed_hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The guard of a server with these settings."""
        return cls(
            loopback=settings.is_loopback,
            token=settings.control_token,
            open_control=settings.open_control,
            allowed_hosts=settings.allowed_hosts,
            origins=settings.control_origins,
        )

    def check(self, request: Request, remote: str) -> None:
        """Let a request to a control path pass; `remote` is the client's address, if known.

        Health and the documents are everybody's. A preflight of a page that is let through needs
        no token, because a browser sends none with it (the Fetch standard).

        Raises:
            RefusedError: 401 where the token is missing, else 403, each with what to do.
        """
        if _OPEN.fullmatch(request.path):
            return
        self._require_known_origin(request)
        if request.method == "OPTIONS" and self.allowed_origin(request) is not None:
            return
        if self.token is not None:
            self._require_token(request, self.token)
        elif not self.open_control:
            self._require_own_machine(remote)
            self._require_known_host(request)

    def allowed_origin(self, request: Request) -> str | None:
        """The origin of the request, as it was sent, if it is one that the server was told of."""
        origin = request.headers.get("origin")
        return origin if origin is not None and origin.lower() in self.origins else None

    def _require_known_origin(self, request: Request) -> None:
        """Against cross-site request forgery: a page says where it comes from, a program does not.

        The server's own origin has the host that was asked for; the scheme is left out, because
        what stands in front of the server may speak TLS. `null`, which any sandboxed frame can
        send (RFC 6454, 7.3), is nobody's. Even a look may make a sandbox, so images do not pass
        either.
        """
        origin = request.headers.get("origin")
        if origin is None and request.headers.get("sec-fetch-site") in _ELSEWHERE:
            raise _refused(
                "header Sec-Fetch-Site",
                "a request of no page, or of the server's own",
                "one that a page elsewhere has caused",
                "open the address itself; a page's own requests need --control-origin URL",
            )
        if origin is None or self.allowed_origin(request) is not None:
            return
        host = origin.lower().partition("://")[2]
        if not host or host != request.headers.get("host", "").lower():
            raise _refused(
                "header Origin",
                "the server's own, or one that it was told of",
                repr(origin)[:80],
                "start with --control-origin URL to let that page in",
            )

    def _require_token(self, request: Request, token: str) -> None:
        """Either place will do: the bearer token may be one of an API, or name a sandbox."""
        own = request.headers.get(TOKEN_HEADER.lower())
        bearer = _BEARER.fullmatch(request.headers.get("authorization", ""))
        given = [one for one in (own, bearer and bearer[1]) if one]
        # As WSGI carries the bytes of a header; all are compared, in a time that tells nothing.
        right = [
            hmac.compare_digest(one.encode("latin-1", "replace"), token.encode()) for one in given
        ]
        if not any(right):
            violation = Violation(
                f"header {TOKEN_HEADER}",
                "the token this server was started with (--control-token)",
                "another token" if given else "none",
                Kind.SECURITY,
                "send it there, or as Authorization: Bearer TOKEN",
            )
            challenge = (("WWW-Authenticate", "Bearer"),)
            raise RefusedError(401, str(violation), headers=challenge, violations=(violation,))

    def _require_own_machine(self, remote: str) -> None:
        """An app that somebody else serves may be reached from elsewhere, whatever `host` says."""
        if self.loopback and (not remote or is_loopback_address(remote)):
            return
        raise _refused(
            "the control API",
            "a token, as other machines reach this server",
            "that none was set",
            "start with --control-token TOKEN, or with --open-control to let everybody steer it",
        )

    def _require_known_host(self, request: Request) -> None:
        """Against DNS rebinding: a name that was made to point here is not one of ours.

        Names below localhost never leave the machine (RFC 6761, 6.3).
        """
        sent = request.headers.get("host")
        parts = _HOST.fullmatch(sent or "")
        name = host_name(parts[1]) if parts is not None else None
        if name is not None:
            ours = name == "localhost" or name.endswith(".localhost") or is_loopback_address(name)
            if ours or name in self.allowed_hosts:
                return
        raise _refused(
            "header Host",
            "localhost, an address of loopback, or a name that the server was told of",
            "no such header" if sent is None else repr(sent)[:80],
            f"start with --allowed-host {name or 'NAME'} if the name is yours",
        )


def _refused(place: str, expected: str, found: str, advice: str) -> RefusedError:
    violation = Violation(place, expected, found, Kind.SECURITY, advice)
    return RefusedError(403, str(violation), hint=advice, violations=(violation,))
