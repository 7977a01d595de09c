"""Two documents compared: for clients, and for what this mock makes of them."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mockserver.apis.known import every_api
from mockserver.contract.contract import Contract
from mockserver.contract.described import described
from mockserver.contract.differences import differences, texts_that_differ
from mockserver.contract.document import Document, load_document
from mockserver.core.dataclass import dataclass
from mockserver.core.errors import BadFixturesError, UnreadableDocumentError
from mockserver.core.exchange import Kind, Violation
from mockserver.loading import load_contracts, load_fixtures, overlays_of, spec_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mockserver.apis.api import Api
    from mockserver.contract.changes import Difference
    from mockserver.contract.repairs import Repair
    from mockserver.settings import Settings


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a new document brings.

    Attributes:
        api: the API that they describe, by its name; None where it is none that is known here.
        differences: what differs for a client, in the repaired documents.
        repairs_gone: what the old one needed and the new one does not.
        idle: overlay actions that select something in the old one and nothing in the new one.
        unfit: what is wrong with fixtures by the new one that was not by the old one.
        texts: how many descriptions, titles and examples differ.
    """

    api: str | None
    old: Document
    new: Document
    differences: tuple[Difference, ...]
    repairs_gone: tuple[Repair, ...]
    repairs_new: tuple[Repair, ...]
    idle: tuple[Violation, ...]
    unfit: tuple[Violation, ...]
    texts: int

    def as_json(self) -> dict[str, Any]:
        """Everything, as a value that JSON can carry."""
        told = [_difference(difference) for difference in self.differences]
        kinds = [difference.is_of_a_field for difference in self.differences]
        findings = (*told, *self.repairs_gone, *self.repairs_new, *self.idle, *self.unfit)
        return {
            "api": self.api,
            "old": _document(self.old),
            "new": _document(self.new),
            "findings": len(findings),
            "breaking": sum(difference.is_breaking for difference in self.differences),
            "operations": [one for one, of_field in zip(told, kinds, strict=True) if not of_field],
            "fields": [one for one, of_field in zip(told, kinds, strict=True) if of_field],
            "repairs": {
                "gone": [asdict(repair) for repair in self.repairs_gone],
                "new": [asdict(repair) for repair in self.repairs_new],
            },
            "overlay": [str(violation) for violation in self.idle],
            "fixtures": [str(violation) for violation in self.unfit],
            "texts": self.texts,
        }


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        "operation": difference.operation,
        "place": difference.place,
        "also": list(difference.also),
        "change": difference.change,
        "sentence": difference.sentence,
        "breaking": difference.is_breaking,
        "keyword": difference.keyword or None,
        "old": difference.old,
        "new": difference.new,
    }


def _document(document: Document) -> dict[str, object]:
    return {"document": document.label, "version": document.value["info"]["version"]}


def compare(settings: Settings, labels: Sequence[str], read: Callable[[str], str]) -> Comparison:
    """Compare an old document with a new one, or with the one in force of the same API.

    `labels` are one or two names of documents, whose text `read` gives.

    Raises:
        UnreadableDocumentError: everything that keeps one of them from being compared.
    """
    apis = every_api(settings.assume)
    contracts = load_contracts(settings, apis)
    old, *given = _documents(labels, read)
    api = next(filter(None, (_api_of(one, apis, contracts) for one in (*given, old))), None)
    if not given and api is None:
        names = " or ".join(api.title for api in apis)
        advice = "say what to compare it with: oxen-mock spec --diff OLD NEW"
        flaw = Violation(old.label, f"paths of {names}", "none of them", Kind.SOURCE, advice)
        raise UnreadableDocumentError("there is no document of ours to compare it with", [flaw])
    new = given[0] if given else contracts[api.name].document if api else old
    pinned = replace(settings, epoch=settings.epoch or datetime.now(UTC))
    ours = _Ours(api, apis, pinned, contracts) if api else None
    idle, unfit = _unkept(ours, old, new) if ours else ((), ())
    return Comparison(
        api=api.name if api else None,
        old=old,
        new=new,
        differences=differences(old.value, new.value),
        repairs_gone=tuple(repair for repair in old.repairs if repair not in new.repairs),
        repairs_new=tuple(repair for repair in new.repairs if repair not in old.repairs),
        idle=idle,
        unfit=unfit,
        texts=texts_that_differ(old.value, new.value),
    )


def _documents(labels: Sequence[str], read: Callable[[str], str]) -> list[Document]:
    """The documents of these names, or everything that is wrong with any of them."""
    documents: list[Document] = []
    flaws: list[Violation] = []
    for label in labels:
        try:
            documents.append(load_document(read(label), label))
        except UnreadableDocumentError as error:
            flaws += [_within(label, flaw) for flaw in error.flaws]
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "bytes that are not UTF-8"
            flaws.append(Violation(label, "a readable file", reason, Kind.SOURCE))
    if flaws:
        raise UnreadableDocumentError("the documents cannot be compared", flaws)
    return documents


def _within(label: str, flaw: Violation) -> Violation:
    """A flaw that says of which document it is."""
    is_said = flaw.place.startswith(label)
    return flaw if is_said else replace(flaw, place=f"{label} {flaw.place}")


def _api_of(
    document: Document, apis: Sequence[Api], contracts: Mapping[str, Contract]
) -> Api | None:
    """The API that has most operations of this document, as published or as it is in force."""
    asked = {operation.asked for operation in described(document.value)}
    shared = {api.name: len(asked & _asked(api, contracts)) for api in apis}
    best = max(apis, key=lambda api: shared[api.name])
    return best if shared[best.name] else None


def _asked(api: Api, contracts: Mapping[str, Contract]) -> set[tuple[str, str]]:
    bundled = load_document(spec_text(api.document), api.document, proved=True)
    documents = (bundled, contracts[api.name].document)
    return {operation.asked for one in documents for operation in described(one.value)}


@dataclass(frozen=True, slots=True)
class _Ours:
    """What we have for an API, which a document of it is tried with.

    Attributes:
        settings: with one instant at which every fixture begins, so that flaws compare.
        contracts: of every API, as they are in force.
    """

    api: Api
    apis: Sequence[Api]
    settings: Settings
    contracts: Mapping[str, Contract]

    def contract(self, document: Document) -> Contract:
        """The contract of a document, which is loaded as it was repaired."""
        if document is self.contracts[self.api.name].document:
            return self.contracts[self.api.name]
        text = json.dumps(document.value)
        return Contract.load(self.api.name, text, document.label, overlays_of(self.api))

    def unfit(self, contract: Contract) -> list[Violation]:
        """What is wrong with the fixtures by this contract."""
        contracts = {**self.contracts, self.api.name: contract}
        try:
            return list(load_fixtures(self.settings, self.apis, contracts).left_out)
        except BadFixturesError as error:  # it tells of the user's own, and not of the bundled
            bundled_alone = replace(self.settings, fixtures=())
            proved = load_fixtures(bundled_alone, self.apis, contracts)
            return [*proved.left_out, *error.flaws]


def _unkept(
    ours: _Ours, old: Document, new: Document
) -> tuple[tuple[Violation, ...], tuple[Violation, ...]]:
    """Overlay actions and fixtures that do with the old document and not with the new one."""
    before, after = ours.contract(old), ours.contract(new)
    idle = tuple(flaw for flaw in after.idle if flaw not in before.idle)
    known = ours.unfit(before)
    return idle, tuple(flaw for flaw in ours.unfit(after) if flaw not in known)
