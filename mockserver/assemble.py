"""Settings into a running whole, wired by hand; nothing is global."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mockserver.apis.oxen import OxenApi
from mockserver.bundled import bundled
from mockserver.contract.contract import Contract
from mockserver.contract.overlay import load_overlay
from mockserver.core.clock import Clock
from mockserver.core.errors import BadFixturesError, UnreadableDocumentError
from mockserver.core.exchange import Kind, Violation
from mockserver.engine import Engine
from mockserver.fixture_files import read_catalog
from mockserver.fixtures import AnswerFixture, Catalog, EvaluationFixture
from mockserver.proving import prove, prove_answer
from mockserver.sandbox import Sandbox
from mockserver.settings import Settings
from mockserver.web.app import build_app
from mockserver.web.prefix import under_prefix

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    from flask import Flask

    from mockserver.apis.api import Api
    from mockserver.contract.overlay import Overlay
    from mockserver.core.exchange import Exchange
    from mockserver.proving import Proof


def load_contract(settings: Settings) -> Contract:
    """The contract to keep: the bundled document, or the user's own copy of it.

    Raises:
        UnreadableDocumentError: a document cannot be served, or there are two of one API.
    """
    overlays = overlays_of(settings)
    if not settings.specs:
        own = Contract.load("oxen", _spec("oxen.yaml"), "oxen.yaml", overlays)
        return own.require_all_overlays()
    contracts = [Contract.load("oxen", text, label, overlays) for label, text in settings.specs]
    if len(contracts) > 1:
        labels = " and ".join(label for label, _ in settings.specs)
        flaw = Violation("--spec", "one document for the hub", labels, Kind.SOURCE)
        raise UnreadableDocumentError("two documents describe the same API", [flaw])
    return contracts[0]


def notes_on(contract: Contract, api: Api) -> tuple[Violation, ...]:
    """What a user should know of a document that is served all the same."""
    notes = list(contract.idle)
    if not api.handlers.keys() & contract.operations.keys():
        label = contract.document.label
        expected = f"operations that are simulated, as {next(iter(api.handlers))}"
        found = "none: every operation gets the answer of a fixture, or 501"
        notes.insert(0, Violation(label, expected, found, Kind.SOURCE))
    return (*notes, *_unsent(contract))


def _unsent(contract: Contract) -> Iterator[Violation]:
    """Properties the document has and our overlay, which closes the schema, does not know."""
    schemas = contract.strict.get("components", {}).get("schemas", {})
    for name in contract.document.value.get("components", {}).get("schemas", {}):
        schema = schemas[name]  # true and false are schemas too, from OpenAPI 3.1 on
        if isinstance(schema, dict) and schema.get("additionalProperties") is False:
            for unsent in schema.get("properties", {}):
                if unsent not in schema.get("required", ()):
                    place = f"/components/schemas/{name}/properties/{unsent}"
                    found = "one that this mock does not know, and never sends"
                    yield Violation(place, "a known property", found, Kind.SOURCE)


def overlays_of(settings: Settings) -> tuple[Overlay, ...]:
    """The overlays in force, in the order in which they are applied."""
    names = ["oxen.overlay.yaml"]
    if settings.assume.get("dialect") == "legacy":
        names.append("oxen.legacy.overlay.yaml")
    return tuple(load_overlay(_spec(name), name) for name in names)


def _spec(name: str) -> str:
    return (bundled("spec") / name).read_text("utf-8")


def fixture_folders(settings: Settings) -> tuple[Path, ...]:
    """The folders of fixtures, the bundled one first."""
    return (bundled("fixtures"), *settings.fixtures)


@dataclass(frozen=True, slots=True)
class Proved:
    """Fixtures that keep the contract over their whole lives.

    Attributes:
        judged: how many answers were judged to know that.
        left_out: bundled fixtures that a user's own document does not allow, with the reason.
    """

    catalog: Catalog
    judged: int
    left_out: tuple[Violation, ...]


def load_fixtures(settings: Settings, api: Api, contract: Contract) -> Proved:
    """Read every fixture and prove it.

    Raises:
        BadFixturesError: what is wrong with the files, or with the answers they lead to.
    """
    catalog, flaws = read_catalog(fixture_folders(settings), api.assumptions)
    flaws += _default_life_flaws(catalog, api.default_life)
    left_out: list[Violation] = []
    evaluations, answers = dict(catalog.evaluations), dict(catalog.answers)
    epoch = settings.epoch or datetime.now(UTC)
    judged = 0
    fixtures: list[EvaluationFixture | AnswerFixture] = [*evaluations.values(), *answers.values()]
    for fixture in fixtures:
        if isinstance(fixture, AnswerFixture):
            proof = prove_answer(contract, fixture, epoch)
        else:
            proof = prove(api, contract, api.from_fixture(fixture, epoch))
        judged += proof.judged
        found = _once_each(proof, fixture.where)
        if found and settings.specs and fixture.file.is_relative_to(bundled("fixtures")):
            left_out += found
            answers.pop(fixture.name, None)
            if fixture.name != api.default_life:
                evaluations.pop(fixture.name, None)
        else:
            flaws += found
    if flaws:
        raise BadFixturesError("the fixtures cannot be used", flaws)
    return Proved(Catalog(evaluations, answers), judged, tuple(left_out))


def _default_life_flaws(catalog: Catalog, name: str) -> list[Violation]:
    """Creates that match nothing live this life, so an answer may not take its name."""
    if name in catalog.evaluations:
        return []
    place = catalog.answers[name].where(("kind",)) if name in catalog.answers else name
    expected = f"an evaluation named {name}, whose life creates follow by default"
    return [Violation(place, expected, "none", Kind.SOURCE)]


def _once_each(proof: Proof, where: Callable[[Sequence[str | int]], str]) -> list[Violation]:
    """Each way of breaking the contract once, at the line of the field, with its first instant."""
    told: dict[tuple[str, str], Violation] = {}
    for instant, violation in proof.broken:
        path = violation.place.removeprefix("body /").split("/")
        place = f"{where(path)} {violation.place.removeprefix('body ')}"
        advice = violation.advice or f"first at {instant.isoformat(timespec='microseconds')}"
        told.setdefault(
            (violation.place, violation.expected),
            Violation(place, violation.expected, violation.found, Kind.SOURCE, advice),
        )
    return list(told.values())


@dataclass(frozen=True, slots=True)
class Mock:
    """A wired server without a socket.

    Attributes:
        seed: what ids are drawn from, drawn itself where the settings gave none.
        left_out: bundled fixtures that the user's own document does not allow.
    """

    settings: Settings
    engine: Engine
    seed: str
    left_out: tuple[Violation, ...]

    def reload(self, saved: Collection[Path] = ()) -> tuple[str, ...]:
        """Read the fixtures again; changed and saved ones start anew, created evaluations stay.

        Returns the names of those that started anew or are gone.

        Raises:
            BadFixturesError: they cannot be used; the last good ones stay in force.
        """
        engine = self.engine
        old = engine.catalog
        new = load_fixtures(self.settings, engine.api, engine.contract).catalog
        now = engine.sandbox.now()
        saved = {path.resolve() for path in saved}
        fresh = {}
        for name in {**old.evaluations, **new.evaluations}:
            before, after = old.evaluations.get(name), new.evaluations.get(name)
            if before != after or (after is not None and after.file.resolve() in saved):
                fresh[name] = engine.api.from_fixture(after, now) if after is not None else None
        engine.sandbox.set_fixtures(fresh)
        names = {**old.answers, **new.answers}
        changed = [name for name in names if old.answers.get(name) != new.answers.get(name)]
        engine.catalog = new
        return (*fresh, *changed)


def assemble(
    settings: Settings,
    *,
    listeners: Sequence[Callable[[Exchange], None]] = (),
    real: Callable[[], int] = time.monotonic_ns,
) -> Mock:
    """Wire everything together.

    Raises:
        UnreadableDocumentError: a document cannot be served.
        BadFixturesError: fixtures cannot be used.
    """
    api = OxenApi(settings.assume)
    contract = load_contract(settings)
    proved = load_fixtures(settings, api, contract)
    seed = settings.seed if settings.seed is not None else secrets.token_hex(4)
    clock = Clock(settings.epoch or datetime.now(UTC), real(), settings.speed)
    sandbox = Sandbox(clock, seed, real)
    fixtures = proved.catalog.evaluations.values()
    sandbox.set_fixtures({f.name: api.from_fixture(f, clock.base) for f in fixtures})
    engine = Engine(
        api=api,
        contract=contract,
        catalog=proved.catalog,
        sandbox=sandbox,
        tokens=settings.tokens,
        listeners=listeners,
    )
    return Mock(settings, engine, seed, proved.left_out)


def create_app(
    settings: Settings | None = None, *, listeners: Sequence[Callable[[Exchange], None]] = ()
) -> Flask:
    """The mock as an ordinary Flask app, for a test client or any WSGI server.

    Raises:
        UnreadableDocumentError: a document cannot be served.
        BadFixturesError: fixtures cannot be used.
    """
    return app_of(assemble(settings or Settings(), listeners=listeners))


def app_of(mock: Mock) -> Flask:
    """The Flask app over a wired mock, under its prefix."""
    app = build_app(mock.engine, max_body=mock.settings.max_body)
    if mock.settings.prefix:
        app.wsgi_app = under_prefix(  # type: ignore[method-assign,assignment]  # because Flask means it so
            app.wsgi_app, mock.settings.prefix
        )
    return app
