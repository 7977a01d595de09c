"""What is assumed of Nugen where two ways were published or seen, each with its evidence."""

from __future__ import annotations

from mockserver.assumptions import Assumption

ASSUMPTIONS = (
    Assumption(
        name="status_words",
        default="pending",
        choices=("pending", "PROCESSING"),
        about="pending, completed, failed and a benchmark's id and documents, as documented; or "
        "PROCESSING, READY, FAILED and benchmark_id and document_ids, as of July 2026",
        in_fixture=True,
    ),
    Assumption(
        name="answer_style",
        default="documented",
        choices=("documented", "live"),
        about="documented: a field is absent while unset, times end in Z; live, as the one status "
        "that was seen: every key, null while unset, its times without a zone",
        in_fixture=True,
    ),
)
