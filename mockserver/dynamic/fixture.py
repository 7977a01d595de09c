"""A drawn life as a fixture, so that an API makes an evaluation of it as of any other."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.fixtures import EvaluationFixture

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockserver.apis.api import Api
    from mockserver.dynamic.lives import Life

NAME = "drawn"
"""What speaks in an answer that no fixture has to do with."""


def fixture_of(
    api: Api, kind: str, life: Life, fields: Mapping[str, object], name: str = NAME
) -> EvaluationFixture:
    """A fixture of this kind that lives this life; `fields` are what it was asked."""
    return EvaluationFixture(
        api=api.name,
        kind=kind,
        name=name,
        file=Path(NAME),
        where=_nowhere,
        said={},
        about="drawn",
        scope=None,
        starts=timedelta(),
        timeline=life.timeline,
        rows=life.rows,
        stops_at=life.stops_at,
        error_message=life.error_message,
        usage=life.usage,
        pace=(),
        fields=fields,
        shows={},
        match={},
        assumptions={},
        waivers=(),
    )


def _nowhere(path: Sequence[str | int]) -> str:  # noqa: ARG001 because there is no file
    return "drawn"
