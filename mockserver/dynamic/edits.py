"""JSON values with one place changed; what they were made of stays as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.dynamic.sketch import Path


def at(value: Any, path: Path) -> Any:  # noqa: ANN401 any JSON value
    """What stands at a place that there is."""
    for step in path:
        value = value[step]
    return value


def stands_at(value: Any, path: Path) -> bool:  # noqa: ANN401 the same
    """Whether there is such a place."""
    try:
        at(value, path)
    except (LookupError, TypeError):  # of no field, no item, or of what holds neither
        return False
    return True


def placed(value: Any, path: Path, other: object) -> Any:  # noqa: ANN401 the same
    """The value with something else at a place; a field that there is not is added."""
    if not path:
        return other
    step, *rest = path
    if isinstance(value, list):
        here = int(step)
        return [placed(v, tuple(rest), other) if n == here else v for n, v in enumerate(value)]
    return {**value, step: placed(value[step], tuple(rest), other) if rest else other}


def without(value: Any, path: Path) -> Any:  # noqa: ANN401 the same
    """The value without the field at a place."""
    holder = at(value, path[:-1])
    return placed(value, path[:-1], {k: v for k, v in holder.items() if k != path[-1]})
