"""What `oxen-mock show` and `oxen-mock spec` print."""

from __future__ import annotations

import difflib
import json
import shutil
import sys
import textwrap
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mockserver.apis.oxen import ASSUMPTIONS, OxenApi
from mockserver.assemble import load_contract, load_fixtures, notes_on, overlays_of
from mockserver.core.errors import BadSettingsError
from mockserver.core.exchange import Kind, Violation
from mockserver.core.timeline import ZERO
from mockserver.drawing import draw_life
from mockserver.durations import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.contract.contract import Contract, Operation
    from mockserver.fixtures import Catalog
    from mockserver.settings import Settings


def life_of(settings: Settings, name: str) -> Iterator[str]:
    """The life of the fixture with this name, or whose evaluation has this id, as lines.

    Raises:
        BadSettingsError: there is no such fixture.
    """
    api = OxenApi(settings.assume)
    catalog = load_fixtures(settings, api, load_contract(settings)).catalog
    epoch = datetime.now(UTC)
    for fixture in catalog.evaluations.values():
        evaluation = api.from_fixture(fixture, epoch)
        if name in {fixture.name, evaluation.id}:
            width = shutil.get_terminal_size((80, 24)).columns
            repository = evaluation.repository or "any repository"
            yield f"{fixture.name}  {evaluation.id}  {repository}"
            yield from textwrap.wrap(fixture.about, max(40, min(width, 100)))
            if fixture.starts:
                when = "before" if fixture.starts < ZERO else "after"
                yield f"created {format_duration(abs(fixture.starts))} {when} the server starts"
            yield ""
            yield from draw_life(evaluation, width=width, ascii_only=not _draws_lines())
            return
    known = (*catalog.evaluations,)
    near = difflib.get_close_matches(name, known, n=1)
    advice = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
    flaw = Violation("NAME", "the name or id of an evaluation fixture", name, Kind.SOURCE, advice)
    raise BadSettingsError("no such fixture", [flaw])


def _draws_lines() -> bool:
    """Whether what we print to can carry the characters that draw lines."""
    try:
        "─├".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _how(operation: Operation, api: OxenApi, catalog: Catalog) -> str:
    if operation.id in api.handlers:
        return "simulated"
    path = operation.template
    answer = next(catalog.answers_for(operation.id, operation.method, path), None)
    return f"answered by {answer.name}" if answer is not None else "not simulated"


def told_as_json(settings: Settings) -> str:
    """Everything about the contract in force, as JSON."""
    contract, api, catalog = _parts(settings)
    told = {
        "api": contract.api,
        "document": contract.document.label,
        "version": contract.document.value.get("info", {}).get("version"),
        "operations": [
            {
                "id": operation.id,
                "method": operation.method,
                "path": operation.template,
                "served": _how(operation, api, catalog),
            }
            for operation in contract.operations.values()
        ],
        "repairs": [
            {"pointer": repair.pointer, "sentence": repair.sentence} for repair in contract.repairs
        ],
        "notes": [str(note) for note in notes_on(contract, api)],
        "assumptions": [
            {
                "name": known.name,
                "value": settings.assume.get(known.name, known.default),
                "default": known.default,
                "takes": known.takes,
                "about": known.about,
            }
            for known in ASSUMPTIONS
        ],
        "overlay": [
            {"target": action.target, "description": action.description}
            for overlay in overlays_of(settings)
            for action in overlay.actions
        ],
    }
    return json.dumps({"documents": [told]}, indent=2)  # ASCII, which every pipe carries


def told_as_text(settings: Settings) -> Iterator[str]:
    """Everything about the contract in force, for a person."""
    contract, api, catalog = _parts(settings)
    version = contract.document.value.get("info", {}).get("version")
    yield f"{contract.document.label} (version {version}), served as the API {contract.api}"
    yield ""
    yield f"operations: {len(contract.operations)}"
    for operation in contract.operations.values():
        how = _how(operation, api, catalog)
        yield f"  {operation.method:<6} {operation.template}"
        yield f"         {operation.short}: {how}"
    yield ""
    yield f"repairs: {len(contract.repairs)}"
    for repair in contract.repairs:
        yield f"  {repair.pointer}"
        yield f"         {repair.sentence}"
    if notes := notes_on(contract, api):
        yield ""
        yield f"what does not fit this document: {len(notes)}"
        yield from (f"  {note}" for note in notes)
    yield ""
    yield "assumptions (--assume NAME=VALUE):"
    for known in ASSUMPTIONS:
        value = settings.assume.get(known.name, known.default)
        takes = f"{known.takes}; {_plain(known.default)} by default"
        yield f"  {known.name} = {_plain(value)}   (takes {takes})"
        yield from textwrap.wrap(known.about, 90, initial_indent=" " * 9, subsequent_indent=" " * 9)
    for overlay in overlays_of(settings):
        yield ""
        yield f"what {overlay.label} tightens or assumes in our own answers:"
        for action in overlay.actions:
            yield f"  {action.target}"
            yield from textwrap.wrap(
                action.description, 90, initial_indent=" " * 9, subsequent_indent=" " * 9
            )


def _plain(value: object) -> str:
    return json.dumps(value)


def _parts(settings: Settings) -> tuple[Contract, OxenApi, Catalog]:
    contract, api = load_contract(settings), OxenApi(settings.assume)
    return contract, api, load_fixtures(settings, api, contract).catalog
