"""What `oxen-mock show` and `oxen-mock spec` print."""

from __future__ import annotations

import difflib
import json
import shutil
import sys
import textwrap
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mockserver.apis.known import every_api
from mockserver.contract.as_overlay import repairs_as_overlay
from mockserver.core.errors import BadSettingsError, UnreadableDocumentError
from mockserver.core.exchange import Kind, Violation
from mockserver.core.timeline import ZERO
from mockserver.drawing import draw_life
from mockserver.durations import format_duration
from mockserver.loading import (
    load_contracts,
    load_fixtures,
    notes_on,
    overlays_of,
    spec_text,
)
from mockserver.served import Served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.contract.contract import Operation
    from mockserver.core.evaluation import Evaluation
    from mockserver.fixtures import EvaluationFixture
    from mockserver.settings import Settings


def life_of(settings: Settings, name: str) -> Iterator[str]:
    """The life of every fixture of this name, or whose evaluation has this id, as lines.

    Where two APIs have a fixture of the same name, `oxen/slow` says which is meant.

    Raises:
        BadSettingsError: there is no such fixture.
    """
    parts = _parts(settings)
    epoch = datetime.now(UTC)
    known, drawn = [], 0
    for served in parts:
        for fixture in served.catalog.evaluations.values():
            evaluation = served.api.from_fixture(fixture, epoch)
            full = f"{served.api.name}/{fixture.name}"
            known += [fixture.name, full]
            if name in {fixture.name, full, evaluation.id}:
                yield from [""] if drawn else []
                yield from _drawn(
                    f"{full}  {evaluation.id}  {served.api.whose(evaluation)}", fixture, evaluation
                )
                drawn += 1
    if drawn == 0:
        near = difflib.get_close_matches(name, known, n=1)
        there = [one for one in known if "/" in one]
        advice = f"did you mean {near[0]}?" if near else f"there are {', '.join(there)}"
        expected = "the name or id of an evaluation fixture"
        flaw = Violation("NAME", expected, name, Kind.SOURCE, advice)
        raise BadSettingsError("no such fixture", [flaw])


def _drawn(heading: str, fixture: EvaluationFixture, evaluation: Evaluation) -> Iterator[str]:
    width = shutil.get_terminal_size((80, 24)).columns
    yield heading
    yield from textwrap.wrap(fixture.about, max(40, min(width, 100)))
    if fixture.starts:
        when = "before" if fixture.starts < ZERO else "after"
        yield f"created {format_duration(abs(fixture.starts))} {when} the server starts"
    for waiver in fixture.waivers:
        yield from textwrap.wrap(f"breaks {waiver.rule} at {waiver.place}: {waiver.why}", width)
    yield ""
    yield from draw_life(evaluation, width=width, ascii_only=not _draws_lines())


def _draws_lines() -> bool:
    """Whether what we print to can carry the characters that draw lines."""
    try:
        "─├".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _how(operation: Operation, served: Served) -> str:
    if operation.id in served.api.handlers:
        return "simulated"
    answers = served.catalog.answers_for(operation.id, operation.method, operation.template)
    answer = next(answers, None)
    return f"answered by {answer.name}" if answer is not None else "not simulated"


def told_as_json(settings: Settings) -> str:
    """Everything about the contracts in force, as JSON."""
    documents = [_document(served, settings) for served in _parts(settings)]
    return json.dumps({"documents": documents}, indent=2)  # ASCII, which every pipe carries


def _document(served: Served, settings: Settings) -> dict[str, object]:
    contract, api = served.contract, served.api
    return {
        "api": contract.api,
        "document": contract.document.label,
        "version": contract.document.value.get("info", {}).get("version"),
        "operations": [
            {
                "id": operation.id,
                "method": operation.method,
                "path": operation.template,
                "served": _how(operation, served),
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
            for known in api.form.assumptions
        ],
        "overlay": [
            {"target": action.target, "description": action.description}
            for overlay in overlays_of(api)
            for action in overlay.actions
        ],
    }


def told_as_text(settings: Settings) -> Iterator[str]:
    """Everything about the contracts in force, for a person."""
    for index, served in enumerate(_parts(settings)):
        if index:
            yield ""
        yield from _told(served, settings)


def _told(served: Served, settings: Settings) -> Iterator[str]:
    contract, api = served.contract, served.api
    version = contract.document.value.get("info", {}).get("version")
    yield f"{contract.document.label} (version {version}), served as the API {contract.api}"
    yield ""
    yield f"operations: {len(contract.operations)}"
    for operation in contract.operations.values():
        yield f"  {operation.method:<6} {operation.template}"
        yield f"         {operation.short}: {_how(operation, served)}"
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
    for known in api.form.assumptions:
        value = settings.assume.get(known.name, known.default)
        takes = f"{known.takes}; {_plain(known.default)} by default"
        yield f"  {known.name} = {_plain(value)}   (takes {takes})"
        yield from _indented(known.about)
    for overlay in overlays_of(api):
        yield ""
        yield f"what {overlay.label} tightens or assumes in our own answers:"
        for action in overlay.actions:
            yield f"  {action.target}"
            yield from _indented(action.description)


def overlay_of_repairs(settings: Settings) -> tuple[str, dict[str, object] | None]:
    """The hub's document in force by its name, and its repairs as an overlay, if it needs any.

    Raises:
        UnreadableDocumentError: the document cannot be served, or there are several.
    """
    hub = every_api(settings.assume)[0]
    if not settings.specs:
        return hub.document, repairs_as_overlay(spec_text(hub.document), hub.document)
    (label, text), *others = settings.specs
    if others:
        found = ", ".join(label for label, _ in settings.specs)
        flaw = Violation("--spec", "one document, whose repairs are told", found, Kind.SOURCE)
        raise UnreadableDocumentError("an overlay changes one document", [flaw])
    return label, repairs_as_overlay(text, label)


def _indented(text: str) -> list[str]:
    return textwrap.wrap(text, 90, initial_indent=" " * 9, subsequent_indent=" " * 9)


def _plain(value: object) -> str:
    return json.dumps(value)


def _parts(settings: Settings) -> tuple[Served, ...]:
    apis = every_api(settings.assume)
    contracts = load_contracts(settings, apis)
    catalogs = load_fixtures(settings, apis, contracts).catalogs
    return tuple(Served(api, contracts[api.name], catalogs[api.name]) for api in apis)
