"""Who is fuzzed: where it is, whether it is this machine, and the tokens that it is shown."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mockserver.client.address import read_address
from mockserver.client.errors import UnusableError
from mockserver.core.dataclass import dataclass
from mockserver.settings import is_loopback_address

if TYPE_CHECKING:
    from mockserver.client.address import Address


@dataclass(frozen=True, slots=True)
class Target:
    """A server.

    Attributes:
        token: what its APIs are shown, or None where none is known.
        control_token: the same for its control API.
    """

    address: Address
    token: str | None = field(repr=False)
    control_token: str | None = field(repr=False)

    @property
    def base(self) -> str:
        """Its URL, with the sandbox that it names, and no slash at the end."""
        return self.address.within(self.address.sandbox)

    @property
    def path(self) -> str:
        """What stands before every path of an API, percent-encoded."""
        return urlsplit(self.base).path

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return self.base.removesuffix(self.path)

    @property
    def is_near(self) -> bool:
        """Whether it surely is this machine; of any other name but localhost that is not known."""
        name = self.address.host.lower().removesuffix(".")
        return name == "localhost" or name.endswith(".localhost") or is_loopback_address(name)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must be told nobody."""
        return tuple(filter(None, (self.token, self.control_token)))


def read_target(url: str, token: str | None, control_token: str | None) -> Target:
    """The server that a person has typed.

    Raises:
        UnusableError: no server can be found by that URL, or no header can carry a token.
    """
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise UnusableError("expected a URL without a name and a password: give a token by --token")
    for flag, given in (("--token", token), ("--control-token", control_token)):
        if given is not None and (given.split() != [given] or not given.isascii()):
            raise UnusableError(f"{flag}: expected ASCII without white space, found something else")
    return Target(read_address(url), token or None, control_token or None)
