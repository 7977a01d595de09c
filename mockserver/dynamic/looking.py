"""Where an answer tells what it shows in the core's words, and how it writes its times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.apis.times import TimeFormat
from mockserver.dynamic.drawer import path_of
from mockserver.dynamic.edits import at, stands_at

if TYPE_CHECKING:
    from datetime import datetime

    from mockserver.core.rules import Sighting
    from mockserver.dynamic.mutation import Ground
    from mockserver.dynamic.sketch import Path


def there(ground: Ground, seen: Sighting, name: str) -> Path | None:
    """Where something of a sighting stands in the body, or None."""
    path = path_of(seen.places[name]) if name in seen.places else ()
    return path if path and stands_at(ground.sample.told, path) else None


def counted(ground: Ground, seen: Sighting, name: str) -> Path | None:
    """Where a counter stands from which nothing else in the answer follows, or None."""
    if name not in seen.counters or (name in {"processed", "total"} and seen.implied):
        return None
    return there(ground, seen, name)


def is_any_text(ground: Ground, path: Path) -> bool:
    """Whether a text stands there for which any other would do."""
    shape = ground.said_of(path)
    is_text = isinstance(at(ground.sample.told, path), str)
    return is_text and shape.choices is None and not shape.keywords


def written(ground: Ground, seen: Sighting, instant: datetime) -> str:
    """An instant as this answer writes its times."""
    set_ = (name for name, known in seen.times.items() if known is not None)
    path = next(path for name in set_ if (path := there(ground, seen, name)))
    like = str(at(ground.sample.told, path))
    return TimeFormat("." in like, "Z" if like.endswith("Z") else "").write(instant)
