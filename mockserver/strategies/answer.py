"""A drawn answer, as a client's code gets one, and in words short enough to be read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mockserver.contract.json_text import NotJsonError, read_json
from mockserver.contract.pointer import pointer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from mockserver.core.exchange import Response
    from mockserver.dynamic.answers import Drawn
    from mockserver.moods import Mood

_MOST_TOLD = 6
_LONGEST_VALUE = 60


class Answer:
    """What a server answered: named as httpx and requests name it, so that it stands in for theirs.

    Attributes:
        status_code: the status of HTTP.
        headers: by name, as they are sent.
        content: the body.
        mood: how it was drawn.
        mutation: how it is broken, by name; None where it is not.
        now: the instant at which it was given.
    """

    def __init__(self, drawn: Drawn, mood: Mood) -> None:
        """Take what was drawn."""
        response = drawn.response
        self.status_code = response.status
        self.headers = dict(response.headers)
        self.content = response.body
        self.mood = mood
        self.mutation = drawn.mutation
        self.now: datetime = drawn.now
        self.response: Response = response
        self._strict = drawn.sample

    @property
    def text(self) -> str:
        """The body as a text."""
        return self.content.decode(errors="replace")

    def json(self) -> Any:  # noqa: ANN401 any JSON value
        """The value of the body.

        Raises:
            ValueError: it is no JSON, as of many a broken answer.
        """
        return json.loads(self.content)

    def departures(self) -> list[str]:
        """Where it is otherwise than a strict answer, each in a few words."""
        strict = self._strict
        told = list(_headed(strict.response, self.response))
        try:
            return [*told, *_differences(strict.told, read_json(self.content), ())]
        except NotJsonError as error:
            return [*told, f"the body is {error}"]

    def __repr__(self) -> str:
        """How it was drawn, what is different about it, and the body."""
        named = f"Answer {self.status_code} {self.mood}"
        if self.mutation is not None:
            named += f" by {self.mutation}"
        departures = self.departures() if self.mood != "strict" else []
        more = ["..."] if len(departures) > _MOST_TOLD else []
        where = "; ".join([*departures[:_MOST_TOLD], *more])
        return f"<{named}{f' ({where})' if where else ''} {self.text}>"


def _headed(strict: Response, response: Response) -> Iterator[str]:
    if strict.status != response.status:
        yield f"status {response.status} in place of {strict.status}"
    was, now = strict.header("Content-Type"), response.header("Content-Type")
    if was != now:
        yield f"Content-Type {now} in place of {was}"


def _differences(was: object, now: object, path: tuple[str | int, ...]) -> Iterator[str]:
    """What is different about a value, each with its JSON pointer."""
    if isinstance(was, dict) and isinstance(now, dict):
        if was and not now:
            yield f"{pointer(path) or 'the body'} has nothing in it"
            return
        yield from (f"{pointer((*path, name))} left out" for name in was if name not in now)
        for name in now:
            if name in was:
                yield from _differences(was[name], now[name], (*path, name))
            else:
                yield f"{pointer((*path, name))} more: {_short(now[name])}"
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for index, pair in enumerate(zip(was, now, strict=True)):
            yield from _differences(*pair, (*path, index))
    elif (type(was), was) != (type(now), now):
        yield f"{pointer(path) or 'the body'} {_short(now)} in place of {_short(was)}"


def _short(value: object) -> str:
    told = json.dumps(value, ensure_ascii=False)
    return told if len(told) <= _LONGEST_VALUE else f"{told[:_LONGEST_VALUE]}..."
