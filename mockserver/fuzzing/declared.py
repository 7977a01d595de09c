"""What a fixture of this mock breaks on purpose, and says that it does.

An answer names the fixture that has spoken in X-Mock-Fixture. Where that is one of ours, or of the
folders that we were given, what it declares under `breaks` is no finding about the server.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from mockserver.bundled import bundled
from mockserver.fixture_files import read_catalogs
from mockserver.loading import fixture_folders

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mockserver.apis.api import Api
    from mockserver.fixtures import Catalog
    from mockserver.judging.charge import Charge
    from mockserver.judging.selecting import Ours
    from mockserver.settings import Settings

_HEADER = "X-Mock-Fixture"


class Declared:
    """The fixtures that we know, read when an answer of one is first found fault with."""

    def __init__(self, settings: Settings, apis: Sequence[Api]) -> None:
        """Read nothing yet."""
        self._settings, self._apis = settings, apis

    @cached_property
    def _catalogs(self) -> Mapping[str, Catalog]:
        forms = {api.name: api.form for api in self._apis}
        return read_catalogs(fixture_folders(self._settings), forms, [bundled("fixtures")])[0]

    def beyond(self, ours: Ours, charges: Sequence[Charge]) -> Iterator[Charge]:
        """Those charges that the fixture which has answered does not declare."""
        name = ours.entry.response.header(_HEADER)
        if not charges or name is None:
            yield from charges
            return
        fixture = self._catalogs[ours.api.name].evaluations.get(name)
        waivers = fixture.waivers if fixture is not None else ()
        for charge in charges:
            if not any(waiver.covers(charge.violation) for waiver in waivers):
                yield charge
