"""What the command finds in its environment: where the server is, by any name that it asks for."""

from __future__ import annotations

import re
from dataclasses import asdict, field, fields
from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass
from mockserver.core.errors import BadSettingsError
from mockserver.core.exchange import Kind, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PIECE = re.compile(r"\{\{|\}\}|\{(?P<known>[^{}]*)\}|[{}]")
"""What braces can be: a literal one, written twice; a placeholder; or one too few."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What templates know of a server, most of it only once it listens.

    Attributes:
        url: its base URL, prefix included.
        host: the numeric address in it, without the brackets of IPv6.
        token: one that it accepts.
        seed: what ids are drawn from.
    """

    url: str
    host: str
    port: int
    token: str = field(repr=False)
    seed: str


_KNOWN = ", ".join(f"{{{one.name}}}" for one in fields(Facts))


def read_templates(given: Sequence[str]) -> dict[str, str]:
    """Templates by the names of their variables, from texts as in VITE_URL={url}.

    Raises:
        BadSettingsError: everything that is wrong with any of them.
    """
    flaws = [flaw for text in given for flaw in _flaws(text)]
    if flaws:
        raise BadSettingsError("the variables cannot be set", flaws)
    return {name: template for name, _, template in (text.partition("=") for text in given)}


def _flaws(text: str) -> Iterator[Violation]:
    """What is wrong; of a template only its placeholders are told, the rest may be a secret."""
    name, equals, template = text.partition("=")
    if not equals:
        expected = "NAME=TEMPLATE as in VITE_API={url}"
        yield Violation("--env", expected, repr(text)[:80], Kind.SOURCE)
        return
    if not _NAME.fullmatch(name):
        expected = "a name of letters, digits and _, no digit first"
        yield Violation("--env", expected, repr(name)[:80], Kind.SOURCE)
    for piece in _PIECE.finditer(template):
        found = piece[0][:80]
        if found in {"{", "}"}:
            advice = f"for a brace write {found * 2}"
            expected = f"a placeholder ({_KNOWN})"
            yield Violation(f"--env {name[:80]}", expected, f"a lone {found}", Kind.SOURCE, advice)
        elif piece["known"] is not None and piece["known"] not in Facts.__slots__:
            advice = f"known: {_KNOWN}; for braces write {{{{ and }}}}"
            expected = "a placeholder that is known"
            yield Violation(f"--env {name[:80]}", expected, found, Kind.SOURCE, advice)


def variables(
    facts: Facts, templates: Mapping[str, str], control_token: str | None
) -> dict[str, str]:
    """What is set for the command; a template may put something else in the place of ours."""
    ours = {
        "OXEN_MOCK_URL": facts.url,
        "OXEN_BASE_URL": facts.url,
        "OXEN_API_KEY": facts.token,
    }
    if control_token is not None:
        ours["OXEN_MOCK_CONTROL_TOKEN"] = control_token
    return ours | {name: _filled(template, facts) for name, template in templates.items()}


def _filled(template: str, facts: Facts) -> str:
    values = asdict(facts)

    def fill(piece: re.Match[str]) -> str:
        return str(values[piece["known"]]) if piece["known"] is not None else piece[0][0]

    return _PIECE.sub(fill, template)
