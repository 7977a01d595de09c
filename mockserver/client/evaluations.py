"""The evaluations of a sandbox, from afar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.client.address import encoded
from mockserver.client.ids import evaluation_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockserver.client import shapes
    from mockserver.client.caller import Caller
    from mockserver.client.ids import Identified

_PATH = "/_mock/evaluations"


class Evaluations:
    """Evaluations and benchmarks; each goes by its id, or by an answer that holds it."""

    def __init__(self, caller: Caller) -> None:
        """Act on the sandbox that `caller` asks for."""
        self._caller = caller

    def list(self) -> Iterator[shapes.Evaluation]:
        """Every one, those of the fixtures first; further pages are asked for as it goes on."""
        offset, is_last = 0, False
        while not is_last:
            page: shapes.EvaluationPage = self._caller.get(_PATH, {"offset": str(offset)})
            yield from page["evaluations"]
            offset += len(page["evaluations"])
            is_last = page["next"] is None

    def get(self, id: Identified) -> shapes.EvaluationDetail:  # noqa: A002 the API's word
        """One with its whole life."""
        told: shapes.EvaluationDetail = self._caller.get(_path(id))
        return told

    def add(self, fixture: str, /, **overrides: object) -> shapes.EvaluationDetail:
        """A new one, created now, that lives as a fixture does, but for what is overridden.

        Overrides are the words of a fixture file: `rows=20`, `phases=[...]`,
        `repository="ox/cats"`, `evaluation={"name": "Cats"}`. `nugen/NAME` is one of Nugen's
        where both APIs have the name.
        """
        body: dict[str, object] = {"fixture": fixture}
        if overrides:
            body["overrides"] = overrides
        return self._written("POST", _PATH, body)

    def cancel(self, id: Identified) -> shapes.EvaluationDetail:  # noqa: A002 the same
        """Cancel one now."""
        return self._written("POST", f"{_path(id)}/cancel", {})

    def fail(
        self,
        id: Identified,  # noqa: A002 the same
        at_row: int | None = None,
        message: str | None = None,
    ) -> shapes.EvaluationDetail:
        """Let one fail: once so many rows are done, or now."""
        said = {"at_row": at_row, "message": message}
        outcome = {name: value for name, value in said.items() if value is not None}
        return self._written("POST", f"{_path(id)}/outcome", outcome)

    def delete(self, id: Identified) -> None:  # noqa: A002 the same
        """Forget one."""
        self._caller.send("DELETE", _path(id))

    def _written(
        self, method: str, path: str, body: Mapping[str, object]
    ) -> shapes.EvaluationDetail:
        told: shapes.EvaluationDetail = self._caller.send(method, path, body)
        return told


def _path(id_: Identified) -> str:
    return f"{_PATH}/{encoded(evaluation_id(id_))}"
