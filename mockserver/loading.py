"""What is served, loaded and proved: the contract and the fixtures of every API."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from mockserver.apis.known import ASSUMPTIONS
from mockserver.bundled import bundled
from mockserver.core.dataclass import dataclass
from mockserver.core.errors import BadFixturesError, UnreadableDocumentError
from mockserver.core.exchange import Kind, Violation
from mockserver.documents import own_contract, users_contract
from mockserver.fixture_files import read_catalogs
from mockserver.fixtures import Catalog
from mockserver.proofs import inside, outside, proofs_before, proofs_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from mockserver.apis.api import Api
    from mockserver.contract.contract import Contract
    from mockserver.contract.overlay import Overlay
    from mockserver.fixtures import AnswerFixture, EvaluationFixture
    from mockserver.proving import Proof
    from mockserver.settings import Settings


def load_contracts(settings: Settings, apis: Sequence[Api]) -> Mapping[str, Contract]:
    """The contract of each API by its name: the bundled document, or the user's own of the hub's.

    Raises:
        UnreadableDocumentError: a document cannot be served, or two describe the same API.
    """
    if len(settings.specs) > 1:
        labels = " and ".join(label for label, _ in settings.specs)
        flaw = Violation("--spec", "one document for the hub", labels, Kind.SOURCE)
        raise UnreadableDocumentError("two documents describe the same API", [flaw])
    hub, *others = apis
    copies = [users_contract(hub.name, copy, _overlay_texts(hub)) for copy in settings.specs]
    loaded = [*(copies or [_load_own(hub)]), *map(_load_own, others)]
    contracts = {contract.api: contract for contract in loaded}
    _refuse_collisions(contracts)
    return contracts


def _load_own(api: Api) -> Contract:
    document = (api.document, spec_text(api.document))
    return own_contract(api.name, document, partial(_overlay_texts, api))


def _refuse_collisions(contracts: Mapping[str, Contract]) -> None:
    """No path may be served by two APIs: the second would never be asked."""
    flaws: list[Violation] = []
    taken: dict[str, Contract] = {}
    for contract in contracts.values():
        for route in contract.routes.routes:
            other = taken.setdefault(route.template, contract)
            if other is not contract:
                place, expected = other.document.label, f"no path of the API {contract.api}"
                advice = "--spec takes a copy of the hub's document"
                flaws.append(Violation(place, expected, route.template, Kind.SOURCE, advice))
    if flaws:
        raise UnreadableDocumentError("two documents describe the same path", flaws)


def notes_on(contract: Contract, api: Api) -> tuple[Violation, ...]:
    """What a user should know of a document that is served all the same."""
    notes = [] if contract.is_own else list(contract.idle)
    if not api.handlers.keys() & contract.operations.keys():
        label = contract.document.label
        expected = f"operations that are simulated, as {next(iter(api.handlers))}"
        found = "none: every operation gets the answer of a fixture, or 501"
        notes.insert(0, Violation(label, expected, found, Kind.SOURCE))
    return tuple(notes) if contract.is_own else (*notes, *_unsent(contract))


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


def overlays_of(api: Api) -> tuple[Overlay, ...]:
    """The overlays in force, in the order in which they are applied."""
    from mockserver.contract.overlay import load_overlay  # noqa: PLC0415 because a cache may know

    return tuple(load_overlay(text, name) for name, text in _overlay_texts(api))


def _overlay_texts(api: Api) -> tuple[tuple[str, str], ...]:
    return tuple((name, spec_text(name)) for name in api.overlays)


def spec_text(name: str) -> str:
    """The text of a bundled document."""
    return (bundled("spec") / name).read_text("utf-8")


def fixture_folders(settings: Settings) -> tuple[Path, ...]:
    """The folders of fixtures, the bundled one first."""
    return (bundled("fixtures"), *settings.fixtures)


@dataclass(frozen=True, slots=True)
class Proved:
    """Fixtures that keep the contract over their whole lives.

    Attributes:
        catalogs: the fixtures of each API, by its name.
        judged: how many answers of each API were judged here to know that.
        left_out: bundled fixtures that a user's own document does not allow, with the reason.
        idle: what fixtures say they break and do not.
    """

    catalogs: Mapping[str, Catalog]
    judged: Mapping[str, int]
    left_out: tuple[Violation, ...]
    idle: tuple[Violation, ...]


def load_fixtures(
    settings: Settings,
    apis: Sequence[Api],
    contracts: Mapping[str, Contract],
    *,
    trusting: bool = False,
) -> Proved:
    """Read every fixture of every API and prove it.

    With `trusting` the bundled ones are taken at their word where they are served as they come, by
    our own documents and nothing assumed otherwise than by default: so a test of ours proves them.
    Elsewhere what came of proving them is read from the cache, where it was done before.

    Raises:
        BadFixturesError: what is wrong with the files, or with the answers they lead to.
    """
    own = bundled("fixtures")
    is_known = trusting and _as_it_comes(settings, contracts)
    forms = {api.name: api.form for api in apis}
    catalogs, flaws = read_catalogs(fixture_folders(settings), forms, [own] if trusting else ())
    for api in apis:
        flaws += default_life_flaws(catalogs[api.name], api)
    kept: dict[str, Catalog] = {}
    judged: dict[str, int] = {}
    left_out: list[Violation] = []
    idle: list[Violation] = []
    epoch = settings.epoch or datetime.now(UTC)
    for api in apis:
        catalog, contract = catalogs[api.name], contracts[api.name]
        unknown = outside(own, catalog) if trusting else catalog
        proofs = proofs_of(api, contract, unknown, epoch)
        if trusting and not is_known:
            made_of = _texts_behind(settings, api, contract)
            proofs += proofs_before(made_of, api, contract, inside(own, catalog), epoch)
        judged[api.name] = sum(proof.judged for _, proof in proofs)
        idle += [flaw for fixture, proof in proofs for flaw in _idle(fixture, proof)]
        gone = set()
        for fixture, proof in proofs:
            found = _once_each(proof, fixture.where)
            if found and fixture.file.is_relative_to(own) and not contract.is_own:
                left_out += found
                gone.add(fixture.name)
            else:
                flaws += found
        kept[api.name] = _without(catalog, gone, api)
    if flaws:
        raise BadFixturesError("the fixtures cannot be used", flaws)
    return Proved(kept, judged, tuple(left_out), tuple(idle))


def _as_it_comes(settings: Settings, contracts: Mapping[str, Contract]) -> bool:
    """Whether the documents are ours and nothing is assumed otherwise than by default."""
    defaults = {known.name: known.default for known in ASSUMPTIONS}
    return all(contract.is_own for contract in contracts.values()) and all(
        defaults.get(name) == said for name, said in settings.assume.items()
    )


def _texts_behind(settings: Settings, api: Api, contract: Contract) -> tuple[str, ...]:
    """Everything but the fixtures themselves that decides whether they keep a contract."""
    specs = [spec_text(api.document)] if contract.is_own else [text for _, text in settings.specs]
    overlays = [part for one in _overlay_texts(api) for part in one]
    return (*specs, *overlays, repr(sorted(settings.assume.items())), str(settings.epoch))


def flaws_of(api: Api, contract: Contract, catalog: Catalog, epoch: datetime) -> list[Violation]:
    """What is wrong with the answers that the fixtures of a catalog lead to."""
    return [
        flaw
        for fixture, proof in proofs_of(api, contract, catalog, epoch)
        for flaw in _once_each(proof, fixture.where)
    ]


def _idle(fixture: EvaluationFixture | AnswerFixture, proof: Proof) -> Iterator[Violation]:
    for waiver in proof.idle:
        found = f"{waiver.rule} at {waiver.place}, which none of its answers breaks"
        expected = "only rules that are broken"
        yield Violation(f"{fixture.where(('breaks',))} /breaks", expected, found, Kind.SOURCE)


def _without(catalog: Catalog, gone: Collection[str], api: Api) -> Catalog:
    """The catalog without these, but for the lives that creates live by default."""
    default = {kind.default_life for kind in api.form.kinds.values()}
    return Catalog(
        {n: f for n, f in catalog.evaluations.items() if n not in gone or n in default},
        {n: f for n, f in catalog.answers.items() if n not in gone},
    )


def default_life_flaws(catalog: Catalog, api: Api) -> Iterator[Violation]:
    """Creates that match nothing live these lives, so nothing else may take their names."""
    for name, kind in api.form.kinds.items():
        life = kind.default_life
        known = catalog.evaluations.get(life)
        if known is not None and known.kind == name:
            continue
        other = known or catalog.answers.get(life)
        place = other.where(("kind",)) if other is not None else life
        expected = f"a fixture of kind {name} named {life}, whose life creates follow by default"
        yield Violation(place, expected, "none", Kind.SOURCE)


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
