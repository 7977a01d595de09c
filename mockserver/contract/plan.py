"""The plan: a quick yes to requests and answers that keep the contract, given by jsonschema-rs.

openapi-core takes half a second to be imported and milliseconds to find nothing wrong with a
list, jsonschema-rs microseconds. So the plan is asked first, and openapi-core hears of everything
that it does not say yes to: it alone refuses, and its words are the only ones. The plan may stay
silent on what is right and must never say yes to what is wrong; what is not known to mean the same
to both is therefore not planned.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.contract.parameters import ANY_TEXT, parameters_of
from mockserver.contract.repairs import EXTENSION, METHODS
from mockserver.contract.translation import COMPONENT, Compiler
from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mockserver.contract.parameters import Parameter
    from mockserver.contract.translation import Check
    from mockserver.core.exchange import Request, Response

    _Operation = tuple[str, str]
    _Sought = tuple[str, str, int | None, str]
    """Template, method, status (None for a request) and Content-Type, as they are sent."""

_REBASING = {"$self", "jsonSchemaDialect"}
"""What gives the references or the keywords of a whole document another meaning."""

_ROUTED = tuple(method for method in METHODS if method != "head")
"""The methods that are judged as what they are: HEAD is judged as GET."""

_TELLING = {"schema", "example", "examples"}
"""What a media type may say, of which only the schema can be broken."""

_MOST_SOUGHT = 1_000

_OF_A_HEADER = {"description", "required", "schema", "example", "examples"}
"""What a header of an answer may say, where any text will do."""


def essence(content_type: str) -> str:
    """A media type without its parameters: openapi-core stumbles over `; charset=utf-8`."""
    return content_type.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """Whether a body of this media type is a JSON text (RFC 8259, and the suffix of RFC 6839)."""
    return media_type == "application/json" or media_type.endswith("+json")


class Documented(NamedTuple):
    """A body as a document has it, of an answer or of a request.

    Attributes:
        method: in lower case.
        status: as the document writes it, as in "200", "2XX" or "default"; None for a request.
        media_type: without parameters.
    """

    template: str
    method: str
    status: str | None
    media_type: str


class _Body(NamedTuple):
    """What a body must be.

    Attributes:
        headers: those that must stand beside it, with any value.
    """

    schema: Any
    headers: tuple[str, ...]


class _Asked(NamedTuple):
    """What an operation asks for.

    Attributes:
        parameters: as they are listed, those of the operation before those of its path.
        takes_body: whether a body is looked at.
        needs_body: whether there must be one.
    """

    parameters: tuple[Mapping[str, Any], ...]
    takes_body: bool
    needs_body: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What of a document, in both directions, can be said yes to without openapi-core.

    Threads may share it: what one adds to it is what any other would have added.
    """

    _document: Mapping[str, Any]
    _compiler: Compiler
    _read: Callable[[bytes], object]
    _bodies: Mapping[Documented, _Body]
    _asked: Mapping[_Operation, _Asked]
    _checks: dict[Documented, Check | None] = field(default_factory=dict)
    _known: dict[_Operation, tuple[Parameter, ...] | None] = field(default_factory=dict)
    _sought: dict[_Sought, tuple[Check | None, tuple[str, ...]]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        document: Mapping[str, Any],
        formats: Mapping[str, Check],
        read: Callable[[bytes], object],
    ) -> Plan:
        """Find what may be planned; each schema is compiled when a value of it is first given.

        Args:
            document: a proved document, which does not change any more.
            formats: what is right where a schema names a format; others are not planned.
            read: reads a body as the judge does; raises ValueError for what is no JSON.
        """
        compiler = Compiler.of(document, formats)
        operations = {} if _REBASING & document.keys() else dict(_operations(document))
        bodies = {
            given: body
            for place, operation in operations.items()
            for given, body in _bodies(document, place, operation)
        }
        asked = {
            (template, method): _asked(document, document["paths"][template], operation)
            for (template, method), operation in operations.items()
        }
        return cls(document, compiler, read, bodies, asked)

    def planned(self) -> Mapping[Documented, Any]:
        """Every body that can be said yes to, with its schema."""
        return {given: body.schema for given, body in self._bodies.items() if self._check(given)}

    def planned_parameters(self) -> frozenset[tuple[str, str]]:
        """By template and method the operations whose parameters can be said yes to."""
        return frozenset(place for place in self._asked if self._parameters(place) is not None)

    def takes(self, template: str, request: Request) -> bool:
        """Whether the body of a request, or its absence, is right for certain."""
        method = request.routed_method.lower()
        asked = self._asked.get((template, method))
        if asked is None:
            return False
        if not asked.takes_body or not request.body:
            return not asked.needs_body
        sought = (template, method, None, request.headers.get("content-type", ""))
        return self._is_kept(self._found(sought)[0], request.body)

    def lets_in(self, template: str, request: Request, path: Mapping[str, str]) -> bool:
        """Whether the parameters of a request are right for certain, those of its path among them.

        Empty values in the query are never right here: openapi-core refuses them.
        """
        known = self._parameters((template, request.routed_method.lower()))
        if known is None:
            return False
        try:
            return all(parameter.is_kept(request, path) for parameter in known)
        except ValueError:  # no text that jsonschema-rs takes
            return False

    def says_yes(self, template: str, method: str, response: Response) -> bool:
        """Whether an answer keeps the contract for certain; a no tells nothing."""
        content_type = response.header("Content-Type") or ""
        check, headers = self._found((template, method.lower(), response.status, content_type))
        return self._is_kept(check, response.body) and all(
            response.header(name) is not None for name in headers
        )

    def _found(self, sought: _Sought) -> tuple[Check | None, tuple[str, ...]]:
        """What a body must keep, and the headers that must stand beside it, where it is planned."""
        if sought in self._sought:
            return self._sought[sought]
        template, method, status, content_type = sought
        told = None if status is None else str(status)
        given = Documented(template, method, told, essence(content_type))
        check = self._check(given)
        found = check, () if check is None else self._bodies[given].headers
        if len(self._sought) < _MOST_SOUGHT:  # for media types are told by anybody
            self._sought[sought] = found
        return found

    def _is_kept(self, check: Check | None, raw: bytes) -> bool:
        if check is None:
            return False
        try:
            return check(self._read(raw))
        except ValueError:  # no JSON, or nothing that jsonschema-rs takes
            return False

    def _check(self, given: Documented) -> Check | None:
        if given not in self._bodies:
            return None
        if given not in self._checks:
            self._checks[given] = self._compiler.compiled(self._bodies[given].schema)
        return self._checks[given]

    def _parameters(self, place: _Operation) -> tuple[Parameter, ...] | None:
        """What an operation must be asked with, or None where that is left to openapi-core."""
        if place not in self._asked:
            return None
        if place not in self._known:
            self._known[place] = self._read_parameters(self._asked[place].parameters)
        return self._known[place]

    def _read_parameters(
        self, listed: tuple[Mapping[str, Any], ...]
    ) -> tuple[Parameter, ...] | None:
        try:
            return parameters_of(self._document, listed, self._compiler)
        except Exception:  # noqa: BLE001 because whatever cannot be read is judged at length
            return None


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[_Operation, Mapping[str, Any]]]:
    for template, item in document["paths"].items():
        for method in _ROUTED if "$ref" not in item else ():
            if method in item:
                yield (template, method), item[method]


def _asked(
    document: Mapping[str, Any], item: Mapping[str, Any], operation: Mapping[str, Any]
) -> _Asked:
    listed = (*operation.get("parameters", ()), *item.get("parameters", ()))
    body = _shared(document, "requestBodies", operation.get("requestBody", {}))
    is_required = body.get("required", not body)  # of one that is not found anything may be asked
    takes_body = "requestBody" in operation
    return _Asked(listed, takes_body, takes_body and is_required is not False)


def _bodies(
    document: Mapping[str, Any], place: _Operation, operation: Mapping[str, Any]
) -> Iterator[tuple[Documented, _Body]]:
    """Every body in JSON that has a schema, and nothing else that could be broken."""
    for status, holder in _holders(document, operation):
        headers = _any_headers(holder.get("headers", {}))
        if headers is None:
            continue
        for media_type, described in holder.get("content", {}).items():
            if is_json(media_type) and _is_a_schema_alone(described):
                yield Documented(*place, status, media_type), _Body(described["schema"], headers)


def _is_a_schema_alone(described: Mapping[str, Any]) -> bool:
    said = {key for key in described if not key.startswith(EXTENSION)}
    return "schema" in said and said <= _TELLING


def _holders(
    document: Mapping[str, Any], operation: Mapping[str, Any]
) -> Iterator[tuple[str | None, Mapping[str, Any]]]:
    """By status the answers of an operation; by None its request."""
    yield None, _shared(document, "requestBodies", operation.get("requestBody", {}))
    for status, response in operation.get("responses", {}).items():
        if not status.startswith(EXTENSION):
            yield status, _shared(document, "responses", response)


def _shared(document: Mapping[str, Any], kind: str, holder: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part of a document itself, or the shared one that it refers to; empty for any other."""
    if "$ref" in holder:
        found = COMPONENT.fullmatch(holder["$ref"])
        known = document.get("components", {}).get(kind, {})
        holder = known.get(found[2], {}) if found and found[1] == kind else {}
    return {} if "$ref" in holder else holder


def _any_headers(headers: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The headers that an answer must have, or None where one of them may be wrong."""
    if not all(_is_any_text(header) for header in headers.values()):
        return None
    return tuple(name for name, header in headers.items() if header.get("required", False))


def _is_any_text(header: Mapping[str, Any]) -> bool:
    said, schema = {key for key in header if not key.startswith(EXTENSION)}, header.get("schema")
    if not isinstance(schema, dict) or not said <= _OF_A_HEADER:
        return False
    return schema.keys() <= ANY_TEXT and schema.get("type") == "string"
