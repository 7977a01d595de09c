"""Every API there is; whatever speaks of all of them starts here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.apis.nugen import NugenApi
from mockserver.apis.oxen import OxenApi

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.apis.api import Api
    from mockserver.fixtures import Form

_KNOWN: tuple[type[OxenApi | NugenApi], ...] = (OxenApi, NugenApi)

FORMS: Mapping[str, Form] = {api.name: api.form for api in _KNOWN}
"""What the fixtures of each API may say, by its name."""

ASSUMPTIONS = tuple(known for form in FORMS.values() for known in form.assumptions)
"""Everything that is assumed of any of them; no two have the same name."""


def every_api(assumed: Mapping[str, object]) -> tuple[Api, ...]:
    """Every API, with what the settings assume of it."""
    return tuple(api(assumed) for api in _KNOWN)
