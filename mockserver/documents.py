"""Documents as they are served: read, mended, proved and tightened once, then from the cache."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mockserver.cache import cached
from mockserver.contract.contract import Contract
from mockserver.contract.document import Document, load_document
from mockserver.contract.strictness import Strict, tightened

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Text = tuple[str, str]
    """A label and the text behind it."""

_CODE = ("contract", "source")
"""What decides what becomes of a text."""


def own_contract(api: str, document: Text, overlays: Callable[[], Sequence[Text]]) -> Contract:
    """The contract of a document of ours, which tests of ours prove.

    It is taken at its word, and tightened when it is first judged by. Then an overlay action that
    selects nothing is an UnreadableDocumentError.
    """
    loaded = _loaded(document, proved=True)
    strict = partial(_strict, loaded, document, overlays, must_fit=True)
    return Contract.of(api, loaded, strict, is_own=True)


def users_contract(api: str, document: Text, overlays: Sequence[Text]) -> Contract:
    """The contract of a document that somebody else brings.

    Raises:
        UnreadableDocumentError: it cannot be served.
    """
    loaded = _loaded(document, proved=False)
    strict = partial(_strict, loaded, document, lambda: overlays, must_fit=False)
    contract = Contract.of(api, loaded, strict)
    contract.tighten()
    return contract


def _loaded(document: Text, *, proved: bool) -> Document:
    label, text = document
    plain = cached(
        "document of ours" if proved else "document",
        [text],
        _CODE,
        lambda: load_document(text, label, proved=proved).plain(),
    )
    return Document.of(label, plain)


def _strict(
    loaded: Document, document: Text, overlays: Callable[[], Sequence[Text]], *, must_fit: bool
) -> Strict:
    listed = overlays()

    def make() -> dict[str, object]:
        from mockserver.contract.overlay import load_overlay  # noqa: PLC0415 because a cache may know

        read = [load_overlay(text, label) for label, text in listed]
        return tightened(loaded, read, must_fit=must_fit).plain()

    texts = [document[1], *(part for one in listed for part in one)]
    return Strict.of(cached(f"strict {must_fit}", texts, _CODE, make))
