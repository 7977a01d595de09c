"""The first word with a server: whether anybody is there, and is who was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from mockserver.client.errors import UnreachableError, UnusableError
from mockserver.fuzzing.exchanged import Sent
from mockserver.fuzzing.wire import UnansweredError

if TYPE_CHECKING:
    from mockserver.core.exchange import Response
    from mockserver.fuzzing.subject import Subject
    from mockserver.fuzzing.target import Target
    from mockserver.fuzzing.wire import Wire

_ANYTHING = "x"
"""Stands for a parameter of which no value is known."""


def make_contact(wire: Wire, target: Target, subject: Subject) -> None:
    """Ask one thing, without a token, that any server of this API has some answer to.

    Raises:
        UnreachableError: nobody answers.
        UnusableError: the answer leads to another server.
    """
    try:
        answer = wire.ask(Sent("GET", subject.root + _path(subject)))
    except UnansweredError as error:
        raise UnreachableError(f"nothing answers at {target.base} ({error})") from None
    elsewhere = _elsewhere(answer, target)
    if elsewhere:
        raise UnusableError(f"{target.base} leads to {elsewhere}: give the URL of that one")


def _path(subject: Subject) -> str:
    operations = subject.contract.operations.values()
    template = next((one.template for one in operations if one.method == "GET"), "/")
    path = template
    for name, values in subject.values.items():
        value = values[0] if values else _ANYTHING
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return path


def _elsewhere(answer: Response, target: Target) -> str:
    """Scheme and host of another server that a redirect leads to; what follows may be secret."""
    if answer.status not in range(300, 400):
        return ""
    location = urlsplit(urljoin(target.base, answer.header("Location") or ""))
    origin = f"{location.scheme}://{location.netloc.rpartition('@')[2]}"
    return "" if origin == target.origin else origin
