"""A guest on a mock: the control API is fuzzed in a sandbox of its own, and others are spared.

It makes sandboxes by the hundred, and a server keeps a bounded number of them: so those that were
there are never written to, and those that were made are deleted again, the oldest first.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from mockserver.client.errors import ControlError, UnreachableError

if TYPE_CHECKING:
    from mockserver.client import Client
    from mockserver.fuzzing.exchanged import Sent

_MOST = 50
"""Sandboxes that are kept at a time: more than a sequence of requests comes back to."""
_JOURNAL = "/_mock/journal"
_WAIT = re.compile(r"(?<=[?&]wait=)[0-9]{1,5}(?:ms|s)(?=&|$)")
_NAMED = re.compile(r"/_mock/sandboxes/(.+?)(?:/(?P<part>snapshot|restore))?", re.DOTALL)


class Guest:
    """Has a sandbox for as long as it stays."""

    def __init__(self, client: Client, name: str, seed: str) -> None:
        """Make the sandbox, in which time stands still.

        Raises:
            MockserverError: there is no control API, or we may not use it.
        """
        self._client = client
        self._others = {one["name"] for one in client.sandboxes.list()} | {name}
        self._ours: dict[str, None] = {}
        self._name = name
        client.sandboxes.put(name, seed=seed, rate=0)

    @property
    def url(self) -> str:
        """The base URL of its sandbox."""
        return self._client.in_sandbox(self._name).url

    def may(self, method: str, path: str) -> bool:
        """Whether a request on a decoded path leaves the sandboxes of others as they are."""
        found = _NAMED.fullmatch(path)
        return method == "GET" or found is None or found[1] not in self._others

    @staticmethod
    def hurried(sent: Sent, path: str) -> Sent:
        """A request as it is sent: one for the journal that may wait, waits no time to speak of.

        Its answer would be held back for up to 5 s until another request comes, and none does.
        """
        if path != _JOURNAL:
            return sent
        return replace(sent, target=_WAIT.sub("1ms", sent.target))

    def note(self, method: str, path: str) -> None:
        """Take notice of a request that was done, and tidy up."""
        found = _NAMED.fullmatch(path)
        if found is None:
            return
        if method == "PUT" or (method == "POST" and found["part"] == "restore"):
            self._ours[found[1]] = None
        elif method == "DELETE":
            self._ours.pop(found[1], None)
        while len(self._ours) > _MOST:
            self._delete(next(iter(self._ours)))

    def leave(self) -> None:
        """Delete every sandbox that was made, and its own."""
        with suppress(UnreachableError):  # then there is nobody to ask for the next one, either
            for name in (*self._ours, self._name):
                self._delete(name)

    def _delete(self, name: str) -> None:
        self._ours.pop(name, None)
        with suppress(ControlError):  # it has given way to another
            self._client.sandboxes.delete(name)
