"""How Nugen speaks of one evaluation: which words, which fields, which times. All of it is data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.apis.nugen.lifecycle import WORDS
from mockserver.apis.times import TimeFormat
from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.apis.api import Assumed
    from mockserver.core.evaluation import Evaluation

DOCUMENTED = TimeFormat(fractions=False, zone="Z")
_SEEN = TimeFormat(fractions=True, zone="")


@dataclass(frozen=True, slots=True)
class Manner:
    """One way of speaking.

    Attributes:
        words: what each status is called.
        status_times: how a status writes its start and end; all other times are as documented,
            for the one answer that was seen with other ones is a status.
        id_key: what a benchmark's own id is called where it is spoken of alone.
        documents_key: what a benchmark's documents are called.
        shows_unset: whether a field that is unset is sent as null, and not left out.
    """

    words: Mapping[str, str]
    status_times: TimeFormat
    id_key: str
    documents_key: str
    shows_unset: bool

    def fields(
        self, told: Mapping[str, object], only: frozenset[str] | None = None
    ) -> dict[str, object]:
        """These fields as they are sent: of those that may be absent `only` some, if it says."""
        if self.shows_unset:
            return dict(told)
        return {
            name: value
            for name, value in told.items()
            if value is not None and (only is None or name in only)
        }


def manner_of(assumed: Assumed, evaluation: Evaluation) -> Manner:
    """How this evaluation, or benchmark, is spoken of: its fixture's own word goes first."""
    chosen = assumed.text("status_words", evaluation.assumptions)
    live = assumed.text("answer_style", evaluation.assumptions) == "live"
    documented = chosen == "pending"
    return Manner(
        words=WORDS[chosen],
        status_times=_SEEN if live else DOCUMENTED,
        id_key="id" if documented else "benchmark_id",
        documents_key="documents" if documented else "document_ids",
        shows_unset=live,
    )
