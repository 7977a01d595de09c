"""Mutations of what carries a body: its status, its type, its text. Proxies do such things."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mockserver.dynamic.mutation import Group, Mutation
from mockserver.dynamic.worlds import any_status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockserver.dynamic.mutation import Edit, Ground

_PAGE = b"<!doctype html><title>502 Bad Gateway</title><h1>Bad Gateway</h1>"
_NO_STATUS = 299
"""A success that nobody has registered, so that no document names it."""


def a_page_in_place_of_json(ground: Ground) -> Iterator[Edit]:
    """A page of HTML comes, and says that it is JSON."""
    yield lambda: ground.with_raw(_PAGE)


def half_of_the_body(ground: Ground) -> Iterator[Edit]:
    """The text of the body ends in the middle."""
    raw = ground.sample.response.body
    if len(raw) > 1:
        yield lambda: ground.with_raw(raw[: len(raw) // 2])


def a_mark_before_the_body(ground: Ground) -> Iterator[Edit]:
    """The body begins with a byte order mark, which JSON may not (RFC 8259, 8.1)."""
    yield lambda: ground.with_raw("\ufeff".encode() + ground.sample.response.body)


def something_after_the_body(ground: Ground) -> Iterator[Edit]:
    """A second value follows the first."""
    yield lambda: ground.with_raw(ground.sample.response.body + b" {}")


def not_a_number(ground: Ground) -> Iterator[Edit]:
    """NaN stands for a number, which JSON does not know."""
    for path, value, _ in ground.places:
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield ground.place(path, float("nan"))


def a_name_twice(ground: Ground) -> Iterator[Edit]:
    """An object has a name twice; readers differ in which one they take."""
    raw = ground.sample.response.body
    if raw.startswith(b'{"'):
        name = raw[: raw.index(b'"', 2) + 1]
        yield lambda: ground.with_raw(name + b":null," + raw[1:])


def another_charset(ground: Ground) -> Iterator[Edit]:
    """The body says that it is in an encoding that JSON is not sent in."""
    yield lambda: ground.with_type("application/json; charset=iso-8859-1")


def another_media_type(ground: Ground) -> Iterator[Edit]:
    """The body is JSON, and says that it is HTML."""
    yield lambda: ground.with_type("text/html")


def no_media_type(ground: Ground) -> Iterator[Edit]:
    """The answer does not say what its body is."""
    yield lambda: ground.with_type(None)


def no_body(ground: Ground) -> Iterator[Edit]:
    """The body is empty."""
    yield lambda: ground.with_raw(b"")


def a_status_that_nobody_knows(ground: Ground) -> Iterator[Edit]:
    """A success comes with a status that the document does not name."""
    yield lambda: replace(ground.sample.response, status=_NO_STATUS)


def _of_text(edits: Callable[[Ground], Iterator[Edit]], caught_by: str) -> Mutation:
    name = edits.__name__.replace("_", "-")

    def where_there_is_json(ground: Ground) -> Iterator[Edit]:
        return edits(ground) if ground.sketch is not None else iter(())

    return Mutation(
        name, edits.__doc__ or "", Group.TEXT, caught_by, where_there_is_json, any_status
    )


TEXT_MUTATIONS = (
    _of_text(a_page_in_place_of_json, "body"),
    _of_text(half_of_the_body, "body"),
    _of_text(a_mark_before_the_body, "body"),
    _of_text(something_after_the_body, "body"),
    _of_text(not_a_number, "body"),
    _of_text(no_body, "body"),
    _of_text(a_name_twice, "HTTP and JSON"),
    _of_text(another_charset, "HTTP and JSON"),
    _of_text(another_media_type, "header Content-Type"),
    _of_text(no_media_type, "header Content-Type"),
    _of_text(a_status_that_nobody_knows, "status"),
)
