"""An API as it is fuzzed: its document, and what schemathesis has to be told beside it."""

from __future__ import annotations

import copy
import difflib
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from mockserver.contract.json_text import NotJsonError, read_json
from mockserver.contract.pointer import resolve
from mockserver.contract.routes import Match
from mockserver.control.control import NAME as CONTROL
from mockserver.core.dataclass import dataclass
from mockserver.core.errors import BadSettingsError
from mockserver.core.exchange import Kind, Violation
from mockserver.fuzzing.links import add_links, links_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from mockserver.contract.contract import Contract, Operation
    from mockserver.fuzzing.exchanged import Exchanged, Sent
    from mockserver.fuzzing.links import Link

_MOST_LEARNT = 20
"""Ids that are kept of what creates have made; the newest are."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One API on one server.

    Attributes:
        root: what stands before its paths there, percent-encoded.
        values: what is to be tried for parameters, by their names; ids are learnt on the way.
        places: where they stand, in a path or in a query, by the same names.
        open: the operations that are assumed to ask for no token, whatever the document says.
    """

    contract: Contract
    root: str
    values: dict[str, list[str]]
    places: Mapping[str, Collection[str]]
    open: Collection[str] = ()

    @classmethod
    def of(
        cls,
        contract: Contract,
        root: str,
        given: Mapping[str, Sequence[str]],
        needs_token: Callable[[str], bool] = lambda _: True,
    ) -> Subject:
        """An API with the examples of its document, or those that a person has given instead."""
        values: dict[str, list[str]] = {}
        places: dict[str, set[str]] = {}
        for name, told in _parameters(contract.strict):
            places.setdefault(name, set()).add(told["in"])
            values[name] = list(dict.fromkeys([*values.get(name, []), *_examples(told)]))
        ours = {name: [*given[name]] for name in values if name in given}
        without = tuple(name for name in contract.operations if not needs_token(name))
        return cls(contract, root, values | ours, places, without)

    @property
    def name(self) -> str:
        """The API's name."""
        return self.contract.api

    @property
    def is_control(self) -> bool:
        """Whether it is the control API of this mock."""
        return self.name == CONTROL

    def document(self) -> dict[str, Any]:
        """The strict document with links, for no server in particular."""
        document: dict[str, Any] = copy.deepcopy(dict(self.contract.strict))
        document.pop("servers", None)
        for operation in map(self.contract.operations.__getitem__, self.open):
            document["paths"][operation.template][operation.method.lower()]["security"] = []
        add_links(document, self.contract)
        return document

    def operation(self, sent: Sent) -> Operation | None:
        """The operation that a request asks for, where there is one."""
        path, routes = self.path(sent), self.contract.routes
        match = routes.match(sent.method, path)
        if not isinstance(match, Match):
            return None
        # Documented: of a sandbox whose name ends in /snapshot nothing else can be asked there.
        nearer = next(route for route in routes.routes if route.pattern.fullmatch(path))
        if self.is_control and match.route is not nearer:
            return None
        return self.contract.operations[match.name]

    def parameters(self, sent: Sent) -> Mapping[str, str]:
        """What the path of a request says, by the names of its operation's parameters."""
        match = self.contract.routes.match(sent.method, self.path(sent))
        return match.parameters if isinstance(match, Match) else {}

    def path(self, sent: Sent) -> str:
        """The path of a request within the API, decoded."""
        return unquote(sent.path.removeprefix(self.root))

    def made(self, exchanged: Exchanged) -> Iterator[tuple[Link, str]]:
        """The id of what a create has made, with each operation that looks at it."""
        operation, answer = self.operation(exchanged.sent), exchanged.answer
        if operation is None or answer is None or answer.status != operation.success:
            return
        for link, source, _ in links_of(self.contract):
            if link.pointer and source == operation:
                found = _at(answer.body, link.pointer)
                if isinstance(found, str):
                    yield link, found

    def learn(self, exchanged: Exchanged) -> None:
        """Keep the ids of what was made, for others to look at it later."""
        for link, found in self.made(exchanged):
            known = self.values.setdefault(link.parameter, [])
            if found not in known:
                known.append(found)
                del known[:-_MOST_LEARNT]


def require_known(values: Mapping[str, Sequence[str]], subjects: Sequence[Subject]) -> None:
    """Have a person told who gives a value for a parameter that there is not.

    Raises:
        BadSettingsError: none of these has it.
    """
    known = sorted({name for subject in subjects for name in subject.values})
    flaws = []
    for name in values.keys() - set(known):
        near = difflib.get_close_matches(name, known, n=1)
        advice = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        expected = "a parameter of a path or a query"
        flaws.append(Violation("--value", expected, repr(name)[:80], Kind.SOURCE, advice))
    if flaws:
        raise BadSettingsError("the values cannot be tried", flaws)


def _parameters(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for item in document["paths"].values():
        holders = [item, *(held for held in item.values() if isinstance(held, dict))]
        for holder in holders:
            for told in holder.get("parameters", ()):
                if told.get("in") in {"path", "query"}:
                    yield told["name"], told


def _examples(parameter: Mapping[str, Any]) -> Iterator[str]:
    schema = parameter.get("schema", {})
    for holder in (parameter, schema):
        if isinstance(example := holder.get("example"), str):
            yield example
    yield from (example for example in schema.get("examples", ()) if isinstance(example, str))


def _at(body: bytes, pointer: str) -> object:
    try:
        return resolve(read_json(body), f"#{pointer}")
    except (NotJsonError, LookupError):
        return None
