"""What comes nearest to a request that matched nothing."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from mockserver.problems import CONTROL, is_control

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockserver.contract.routes import Route
    from mockserver.core.exchange import Request

_LIKE = 0.6
"""The share of a template's own words that a path must hold to be told of it."""

_LONGEST = 200


def nearest(routes: Sequence[Route], request: Request, apis: Sequence[str]) -> str:
    """A hint for a path that nobody has; `apis` are the names of those that are served."""
    if is_control(request.path):
        documents = " and ".join(f"{CONTROL}openapi/{api}.json" for api in apis)
        return f"there are {CONTROL}health, {documents}, and .strict.json of each"
    meant = tidied(routes, request)
    if meant:
        return meant
    ranked = sorted(((_likeness(route, request), route.template) for route in routes), reverse=True)
    if ranked and ranked[0][0][0] >= _LIKE:
        return f"nearest: {ranked[0][1]}"
    return f"no path is like this one; there are {', '.join(r.template for r in routes[:3])}"


def tidied(routes: Sequence[Route], request: Request) -> str:
    """The same path without a slash too many, or with the /api it lacks, where that is a path."""
    segments = [segment for segment in request.path[:_LONGEST].split("/") if segment]
    tidy = "/" + "/".join(segments)
    for attempt, why in ((tidy, " without empty segments or a final slash"), (f"/api{tidy}", "")):
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
