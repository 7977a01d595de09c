"""A request as a command for a shell, without the tokens that it was sent with."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.fuzzing.exchanged import Sent
    from mockserver.fuzzing.target import Target

_OURS = frozenset({"user-agent", "accept", "accept-encoding"})
"""Headers that say nothing about the case, and that curl has others for."""


def curl(sent: Sent, target: Target) -> str:
    """The command that sends the same; `$TOKEN` stands for the token, as in a script."""
    parts = ["curl", *_how(sent), shlex.quote(target.origin + sent.target)]
    parts += _headers(sent, target)
    if not sent.body:
        return " ".join(parts)
    before, data = _body(sent.body)
    return " ".join([*before, *parts, "--data-binary", data])


def _how(sent: Sent) -> Iterator[str]:
    if set(sent.target) & set("[]{}"):
        yield "-g"
    if sent.method == "HEAD":
        yield "-I"
    elif sent.method != "GET" or sent.body:
        yield f"-X {shlex.quote(sent.method)}"


def _headers(sent: Sent, target: Target) -> Iterator[str]:
    for name, value in sent.headers:
        if name.lower() in _OURS:
            continue
        for secret, variable in (
            (target.token, "$TOKEN"),
            (target.control_token, "$CONTROL_TOKEN"),
        ):
            if secret is not None and value in {secret, f"Bearer {secret}"}:
                yield f'-H "{name}: {value.replace(secret, variable)}"'
                break
        else:
            yield f"-H {shlex.quote(f'{name}: {value}')}"


def _body(body: bytes) -> tuple[list[str], str]:
    """What stands before curl, and what it is given as the body."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = ""
    # An @ at the start would be the name of a file.
    if text.isprintable() and text and not text.startswith("@"):
        return [], shlex.quote(text)
    octal = "".join(f"\\{byte:03o}" for byte in body)
    return ["printf", f"'{octal}'", "|"], "@-"
