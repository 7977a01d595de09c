"""The sandboxes of a server, from afar."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from mockserver.client.address import encoded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockserver.client import shapes
    from mockserver.client.caller import Caller

_PATH = "/_mock/sandboxes"


class Sandboxes:
    """All of them, by name."""

    def __init__(self, caller: Caller) -> None:
        """Act on the server, whichever sandbox `caller` asks for."""
        self._caller = caller.of(None)

    def list(self) -> Iterator[shapes.Sandbox]:
        """Every one, the default one first; further pages are asked for as it goes on."""
        offset, is_last = 0, False
        while not is_last:
            page: shapes.SandboxPage = self._caller.get(_PATH, {"offset": str(offset)})
            yield from page["sandboxes"]
            offset += len(page["sandboxes"])
            is_last = page["next"] is None

    def get(self, name: str) -> shapes.Sandbox:
        """One of them.

        Raises:
            ControlError: 404 where there never was one, 410 where it is gone.
        """
        told: shapes.Sandbox = self._caller.get(_path(name))
        return told

    def put(  # noqa: PLR0913 because a sandbox can be told that much, all by name
        self,
        name: str,
        *,
        seed: str | None = None,
        epoch: str | datetime | None = None,
        rate: float | None = None,
        step: bool | None = None,
        mood: shapes.Mood | None = None,
        fixtures: Mapping[str, object] | None = None,
        settings: shapes.SandboxSettings | None = None,
        snapshot: Mapping[str, Any] | None = None,
    ) -> shapes.Sandbox:
        """Make one, or make it anew; what is not said is as the server was started.

        `epoch` is virtual time at its start, with a `mood` every answer is drawn, `fixtures` are
        values or the texts of files by name, `snapshot` is where it goes on from.
        """
        said = {
            "seed": seed,
            "epoch": epoch.isoformat() if isinstance(epoch, datetime) else epoch,
            "rate": rate,
            "step": step,
            "mood": mood,
            "fixtures": fixtures,
            "settings": settings,
            "from": snapshot,
        }
        options = {option: value for option, value in said.items() if value is not None}
        told: shapes.Sandbox = self._caller.send("PUT", _path(name), options)
        return told

    def delete(self, name: str) -> None:
        """Delete one; its name is gone until it is put again."""
        self._caller.send("DELETE", _path(name))

    def snapshot(self, name: str) -> dict[str, Any]:
        """One as a document that stands for itself."""
        told: dict[str, Any] = self._caller.send("POST", f"{_path(name)}/snapshot")
        return told

    def restore(self, name: str, document: Mapping[str, Any]) -> shapes.Sandbox:
        """Put one back to such a document, or make it from one."""
        told: shapes.Sandbox = self._caller.send("POST", f"{_path(name)}/restore", document)
        return told


def _path(name: str) -> str:
    return f"{_PATH}/{encoded(name)}"
