"""What comes nearest to a request that matched nothing."""

from __future__ import annotations

import difflib
from itertools import zip_longest
from typing import TYPE_CHECKING

from mockserver.contract.routes import PLACEHOLDER, Route
from mockserver.contract.wording import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockserver.core.exchange import Request

_LIKE = 0.6
"""The share of a template's own words that a path must hold to be told of it."""

_LONGEST = 200
_TIDY = "without empty segments or a final slash"


def nearest(routes: Sequence[Route], request: Request) -> str:
    """A hint for a path that nobody has."""
    meant = tidied(routes, request)
    if meant:
        return meant
    ranked = [((_likeness(route, request), route.template), route) for route in routes]
    if ranked:
        (likeness, template), route = max(ranked, key=lambda one: one[0])
        if likeness[0] >= _LIKE:
            return f"nearest: {template}{_why_not(route, request.path)}"
    return f"no path is like this one; there are {', '.join(r.template for r in routes[:3])}"


def tidied(routes: Sequence[Route], request: Request) -> str:
    """The same path without a slash too many, or with the /api it lacks, where that is a path."""
    if len(request.path) > _LONGEST:
        return ""  # a part of it may be a path, but is not the one that was meant
    tidy = "/" + "/".join(_segments(request.path))
    for attempt, why in ((tidy, f" {_TIDY}"), (f"/api{tidy}", "")):
        for route in routes:
            if (
                attempt != request.path
                and request.routed_method in route.names
                and route.pattern.fullmatch(attempt)
            ):
                return f"nearest: {attempt}{why}"
    return ""


def _likeness(route: Route, request: Request) -> tuple[float, bool, int]:
    """How many of its own words the path holds, whether the method fits, how alike in length."""
    given = request.path[:_LONGEST].split("/")
    steps = route.template.split("/")
    words = [step for step in steps if step and "{" not in step]
    held = sum(bool(difflib.get_close_matches(word, given, n=1, cutoff=0.8)) for word in words)
    share = held / len(words) if words else 0.0
    return share, request.routed_method in route.names, -abs(len(steps) - len(given))


def _why_not(route: Route, path: str) -> str:
    """Why a template does not take a path: how many segments it has, and the first one amiss."""
    steps, given = _segments(route.template), _segments(path)
    amiss = next(_amiss(route, steps, given), "")
    too_many = len(given) > len(steps) and not any(_spans(route, step) for step in steps)
    if len(given) < len(steps) or too_many:
        least = "" if not route.globs else "at least "
        plural = "" if len(steps) == 1 else "s"
        return f", which has {least}{len(steps)} segment{plural} and not {len(given)}: {amiss}"
    if amiss:
        return f", where {amiss}"
    return f", {_TIDY}" if path != "/" + "/".join(given) else ""


def _amiss(route: Route, steps: Sequence[str], given: Sequence[str]) -> Iterator[str]:
    """Every segment of a path that is not what the template has there."""
    for at, step, found in _aligned(route, steps, given):
        if step is None:
            yield f"segment {at}, {shown(found)}, is too many"
        elif found is None:
            yield f"segment {at}, {step}, is missing"
        elif not Route.of(step, (), {}).pattern.fullmatch(found):
            yield f"segment {at} is {shown(step)} and not {shown(found)}"


def _aligned(
    route: Route, steps: Sequence[str], given: Sequence[str]
) -> Iterator[tuple[int, str | None, str | None]]:
    """What stands beside what, counted as the path's segments are, from 1.

    Where something spans segments, what stands before it counts from the start and what stands
    after it from the end.
    """
    spanning = [at for at, step in enumerate(steps) if _spans(route, step)]
    if not spanning or len(given) < len(steps):
        for at, (step, found) in enumerate(zip_longest(steps, given), 1):
            yield at, step, found
        return
    more = len(given) - len(steps)
    for at, step in enumerate(steps):
        if at < spanning[0]:
            yield at + 1, step, given[at]
        elif at > spanning[-1]:
            yield at + more + 1, step, given[at + more]


def _spans(route: Route, step: str) -> bool:
    return not route.globs.isdisjoint(PLACEHOLDER.findall(step))


def _segments(path: str) -> list[str]:
    """The segments of a path that are not empty."""
    return [segment for segment in path.split("/") if segment]
