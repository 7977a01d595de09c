"""The operations of a document as a client meets them, references followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.contract.pointer import pointer
from mockserver.contract.repairs import METHODS, SPANS_SLASHES
from mockserver.contract.routes import PLACEHOLDER
from mockserver.contract.shape import Schemas
from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SCHEME = ("type", "scheme", "in", "name", "openIdConnectUrl")
_NOT_READ = frozenset({"accept", "authorization", "content-type"})
"""Header parameters that OpenAPI has us ignore."""


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """One operation of one document.

    Attributes:
        asked: its method and path without the names of parameters, by which clients reach it.
        names: the path's parameters in their order.
        parameters: all of them by where they stand and their name; those of the path by position.
        security: each way in that is enough, in words; empty for none at all.
        at: where the operation stands, as a JSON pointer.
    """

    method: str
    template: str
    asked: tuple[str, str]
    value: Mapping[str, Any]
    names: tuple[str, ...]
    parameters: Mapping[tuple[str, str | int], Mapping[str, Any]]
    security: frozenset[str]
    schemas: Schemas
    at: str

    @property
    def id(self) -> str | None:
        """Its operationId, if it has one."""
        told = self.value.get("operationId")
        return None if told is None else str(told)

    @property
    def short(self) -> str:
        """As people say it: the last part of its id."""
        return self.reached if self.id is None else self.id.rpartition(".")[2]

    @property
    def reached(self) -> str:
        """Its method and path as they are written."""
        return f"{self.method} {self.template}"

    @property
    def body(self) -> dict[str, Any]:
        """What it says of the request's body; nothing where it takes none."""
        return self.schemas.resolved(self.value.get("requestBody"))


def described(document: Mapping[str, Any]) -> list[Described]:
    """Every operation of a repaired document."""
    schemas = Schemas(document)
    return [
        _operation(document, schemas, template, schemas.resolved(item), method)
        for template, item in document["paths"].items()
        for method in METHODS
        if method in schemas.resolved(item)
    ]


def _operation(
    document: Mapping[str, Any],
    schemas: Schemas,
    template: str,
    item: Mapping[str, Any],
    method: str,
) -> Described:
    value = item[method]
    names = tuple(PLACEHOLDER.findall(template))
    written = (*item.get("parameters", ()), *value.get("parameters", ()))
    parameters = _parameters(map(schemas.resolved, written), names)
    spanning = {
        names[key]
        for (place, key), parameter in parameters.items()
        if place == "path" and isinstance(key, int) and parameter.get(SPANS_SLASHES)
    }
    unnamed = PLACEHOLDER.sub(lambda found: "{*}" if found[1] in spanning else "{}", template)
    return Described(
        method=method.upper(),
        template=template,
        asked=(method.upper(), unnamed),
        value=value,
        names=names,
        parameters=parameters,
        security=_security(document, value),
        schemas=schemas,
        at=pointer(("paths", template, method)),
    )


def _parameters(
    listed: Iterable[dict[str, Any]], names: tuple[str, ...]
) -> dict[tuple[str, str | int], dict[str, Any]]:
    """Those that say something of a request; an operation's own stand for its path's."""
    parameters: dict[tuple[str, str | int], dict[str, Any]] = {}
    for parameter in listed:
        place, name = str(parameter.get("in")), str(parameter.get("name"))
        is_stray = name not in names if place == "path" else name.lower() in _NOT_READ
        if place not in {"path", "header"} or not is_stray:
            parameters[place, _key(place, name, names)] = parameter
    return parameters


def _key(place: str, name: str, names: tuple[str, ...]) -> str | int:
    """What a parameter is known by: its position in the path, or its name; headers have no case."""
    if place == "path":
        return names.index(name)
    return name.lower() if place == "header" else name


def _security(document: Mapping[str, Any], value: Mapping[str, Any]) -> frozenset[str]:
    """Each way in that is enough, in words."""
    schemes = document.get("components", {}).get("securitySchemes", {})
    listed = value.get("security", document.get("security", []))
    return frozenset(
        " and ".join(_scheme(name, scopes, schemes) for name, scopes in sorted(way.items()))
        for way in listed or [{}]
    )


def _scheme(name: str, scopes: list[str], schemes: Mapping[str, Any]) -> str:
    """A security scheme with all that makes it what it is."""
    scheme = schemes.get(name, {})
    kind = " ".join(str(scheme[word]) for word in _SCHEME if word in scheme)
    wanted = f" for {', '.join(sorted(scopes))}" if scopes else ""
    return f"{name}{f' ({kind})' if kind else ''}{wanted}"
