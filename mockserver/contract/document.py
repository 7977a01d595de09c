"""Load an OpenAPI document: read it, have it repaired, and prove it.

What the repairs cannot mend is refused, with pointer and reason; users bring their own copy of
the hub's document, and a server that half understands one is worse than none.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from mockserver.contract.pointer import pointer, resolve
from mockserver.contract.repairs import (
    EXTENSION,
    METHODS,
    Repair,
    is_a_sample,
    mend,
)
from mockserver.contract.routes import PLACEHOLDER
from mockserver.contract.wording import shown
from mockserver.core.dataclass import dataclass
from mockserver.core.errors import FlawedError, UnreadableDocumentError
from mockserver.core.exchange import Kind, Violation
from mockserver.core.plain import represented, shortened
from mockserver.source import read_document, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jsonschema.exceptions import ValidationError

_READABLE = re.compile(r"3\.[012]\.\d+(-.+)?")


@dataclass(frozen=True, slots=True)
class Document:
    """A readable OpenAPI document with the repairs that made it so."""

    label: str
    value: dict[str, Any]
    repairs: tuple[Repair, ...]

    def plain(self) -> dict[str, Any]:
        """Value and repairs as values that JSON carries."""
        repairs = [[repair.pointer, repair.sentence] for repair in self.repairs]
        return {"value": self.value, "repairs": repairs}

    @classmethod
    def of(cls, label: str, plain: Mapping[str, Any]) -> Document:
        """What `plain` gave."""
        return cls(label, plain["value"], tuple(Repair(*told) for told in plain["repairs"]))


def load_document(text: str, label: str, *, proved: bool = False) -> Document:
    """Read, repair and prove a document; one that was `proved` before is taken at its word.

    Raises:
        UnreadableDocumentError: what cannot be mended, each with its JSON pointer.
    """
    try:
        value = read_document(text, label)
        _refuse(label, _misshapen(value))
        assert isinstance(value, dict)  # noqa: S101 because _misshapen has refused all else
        mended = unshared(value)
        repairs = tuple(mend(mended))
        if not proved:
            _refuse(label, _unusable(mended) or _invalid(mended))
    except RecursionError:
        _refuse(label, [_flaw((), "a nesting that can be followed", "one too deep")])
    except UnreadableDocumentError:
        raise
    except FlawedError as error:
        raise UnreadableDocumentError(f"{label} is not a readable document", error.flaws) from None
    return Document(label, mended, repairs)


def unshared(value: Any) -> Any:  # noqa: ANN401 because JSON has no narrower type
    """A copy in which nothing stands in two places, as YAML's aliases do: repairs are local."""
    if isinstance(value, dict):
        return {key: unshared(inner) for key, inner in value.items()}
    return [unshared(inner) for inner in value] if isinstance(value, list) else value


def _refuse(label: str, flaws: list[Violation]) -> None:
    if flaws:
        raise UnreadableDocumentError(f"{label} cannot be served", flaws)


def _flaw(path: tuple[str | int, ...], expected: str, found: str) -> Violation:
    place = pointer(shortened(str(step)) for step in path)
    return Violation(place or "/", expected, found, Kind.SOURCE)


def _kind(value: object) -> str:
    return "nothing" if value is None else shown(value)


def _misshapen(value: object) -> list[Violation]:
    """What is so far from an OpenAPI document that nothing else can be said about it."""
    if not isinstance(value, dict):
        return [_flaw((), "an OpenAPI document, a mapping", _kind(value))]
    version = value.get("openapi")
    if not isinstance(version, str) or not _READABLE.fullmatch(version):
        swagger = shortened(str(value.get("swagger")))
        found = f"swagger {swagger}" if "swagger" in value else represented(version)
        return [_flaw(("openapi",), "a version 3.0, 3.1 or 3.2, as in 3.0.0", found)]
    paths = value.get("paths")
    if not isinstance(paths, dict):
        return [_flaw(("paths",), "a mapping of paths", _kind(paths))]
    flaws = []
    for path, item in paths.items():
        if path.startswith(EXTENSION):
            continue
        if not isinstance(item, dict):
            flaws.append(_flaw(("paths", path), "a path item, a mapping", _kind(item)))
            continue
        holders: dict[tuple[str, ...], Any] = {("paths", path): item}
        holders |= {("paths", path, method): item[method] for method in METHODS if method in item}
        flaws += [flaw for place, holder in holders.items() for flaw in _unholdable(place, holder)]
        globs = [step[1:] for step in path.split("/") if step.startswith("*")]
        flaws += [
            _flaw(("paths", path), "each placeholder once", f"{shortened(name)} twice")
            for name, count in Counter([*PLACEHOLDER.findall(path), *globs]).items()
            if count > 1
        ]
    return flaws


def _unholdable(place: tuple[str, ...], holder: object) -> Iterator[Violation]:
    """What keeps an operation or a path item from being repaired."""
    if not isinstance(holder, dict):
        yield _flaw(place, "an operation, a mapping", _kind(holder))
    elif not isinstance(parameters := holder.get("parameters", []), list):
        found = _kind(parameters)
        yield _flaw((*place, "parameters"), "a list of parameters", found)


def _unusable(document: dict[str, Any]) -> list[Violation]:
    """References that lead nowhere or out of the document, and patterns Python cannot read."""
    flaws = []
    for path, value in walk(document):
        if not isinstance(value, dict) or is_a_sample(path) or path[-1:] == ("properties",):
            continue
        if isinstance(reference := value.get("$ref"), str):
            found = _lost(document, reference)
            if found:
                flaws.append(
                    _flaw((*path, "$ref"), "a reference to a part of this document", found)
                )
        if isinstance(pattern := value.get("pattern"), str):
            try:
                re.compile(pattern)
            except (re.error, OverflowError) as error:  # such as one of a{99999999999}
                found = f"{pattern[:60]!r}: {error}"
                flaws.append(_flaw((*path, "pattern"), "a regular expression", found))
    return flaws


def _lost(document: dict[str, Any], reference: str) -> str:
    """Why a reference leads nowhere; empty where it arrives."""
    seen: list[str] = []
    value: object = {"$ref": reference}
    while isinstance(value, dict) and isinstance(step := value.get("$ref"), str):
        if step in seen:
            return f"{shortened(reference)}, a circle"
        seen.append(step)
        try:
            value = resolve(document, step)
        except LookupError:
            return shortened(step) or "nothing"
    return ""


def _invalid(document: dict[str, Any]) -> list[Violation]:
    """What openapi-core's own validator still holds against the document."""
    from jsonschema.validators import validator_for  # noqa: PLC0415 because it comes with the rest
    from openapi_spec_validator import (  # noqa: PLC0415 because it takes a third of a second
        OpenAPIV30SpecValidator,
        OpenAPIV31SpecValidator,
        OpenAPIV32SpecValidator,
        schemas,
    )

    forms = {
        "3.0": (OpenAPIV30SpecValidator, schemas.schema_v30),
        "3.1": (OpenAPIV31SpecValidator, schemas.schema_v31),
        "3.2": (OpenAPIV32SpecValidator, schemas.schema_v32),
    }
    proof, form = forms[document["openapi"][:3]]
    validator = proof(document)
    # Left alone it takes jsonschema-rs where that is installed, which says less of what it finds.
    of_form = validator_for(form)(form)
    if not _is_in_form(document, form) and (flaws := _told(of_form.iter_errors(document))):
        return flaws
    # Its second half takes for granted that the first found nothing, and breaks where it did.
    validator.schema_validator = _Content()  # type: ignore[assignment]  # because no more of one is asked
    return _told(validator.iter_errors())


def _is_in_form(document: dict[str, Any], form: Mapping[str, Any]) -> bool:
    """A quick yes to the form of a document; a no tells nothing."""
    import jsonschema_rs  # noqa: PLC0415 because most documents come from the cache

    try:
        return jsonschema_rs.validator_for({**form}).is_valid(document)
    except ValueError:  # nothing that it takes
        return False


class _Content:
    """Stands where the form would be judged once more."""

    def iter_errors(self, _document: object) -> Iterator[ValidationError]:
        return iter(())


def _told(errors: Iterator[ValidationError]) -> list[Violation]:
    from jsonschema.exceptions import best_match  # noqa: PLC0415 because it comes with the rest

    flaws = []
    try:
        for error in errors:
            told = (best_match([error]) if error.context else None) or error
            reason = " ".join(str(told.message).split())[:160]
            flaws.append(_flaw(tuple(told.absolute_path), "a valid OpenAPI document", reason))
    except RecursionError:
        raise
    except Exception as error:  # noqa: BLE001 because it is no verdict that the validator stumbles
        reason = f"one that its validator stumbles over: {type(error).__name__} {error}"
        flaws.append(_flaw((), "a valid OpenAPI document", " ".join(reason.split())[:160]))
    return flaws
