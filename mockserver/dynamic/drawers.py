"""The drawers of a server's APIs, each made when its first answer is drawn."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.apis.api import Api
    from mockserver.contract.contract import Contract
    from mockserver.core.exchange import Response
    from mockserver.dynamic.answers import Drawn
    from mockserver.dynamic.drawer import Drawer
    from mockserver.dynamic.wanted import Wanted
    from mockserver.moods import Mood

_MOST = 16
"""More are only asked for by sandboxes with assumptions of their own, many at once."""


class Drawers:
    """Kept by API and contract; any number of threads may ask."""

    def __init__(self) -> None:
        """Have none yet."""
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, int], Drawer] = OrderedDict()

    def draw(  # noqa: PLR0913, PLR0917 because all of it decides, and nothing else does
        self,
        api: Api,
        contract: Contract,
        wanted: Wanted,
        mood: Mood,
        seed: str,
        given: Response | None,
    ) -> Drawn:
        """An answer of this API to a request; of one that is `given` what the mood makes of it."""
        from mockserver.dynamic.answers import answer_made_of, drawn_answer  # noqa: PLC0415 because most servers draw nothing
        from mockserver.dynamic.choices import Seeded  # noqa: PLC0415 the same

        drawer, choices = self._of(api, contract), Seeded(f"{mood}/{seed}")
        if given is None:
            return drawn_answer(drawer, choices, wanted, mood)
        return answer_made_of(drawer, choices, wanted, mood, given)

    def _of(self, api: Api, contract: Contract) -> Drawer:
        from mockserver.dynamic.drawer import Drawer  # noqa: PLC0415 the same

        key = id(api), id(contract)  # which stay theirs while the drawer holds them
        with self._lock:
            if key not in self._kept:
                self._kept[key] = Drawer(api, contract)
            self._kept.move_to_end(key)
            drawer = self._kept[key]
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
            return drawer
