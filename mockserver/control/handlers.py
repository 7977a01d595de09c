"""What each operation of the control API does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.control import (
    clock,
    documents,
    evaluations,
    expectations,
    faults,
    journal,
    report,
    sandboxes,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockserver.contract.contract import Contract
    from mockserver.control.call import Call

    Answer = dict[str, object] | tuple[int, dict[str, object]]
    Handler = Callable[[Call], Answer]


def handlers_by(own: Callable[[], Contract]) -> Mapping[str, Handler]:
    """The handlers by the names of their operations; `own` gives the control API's contract."""
    return {
        "get_health": documents.get_health,
        "get_document": lambda call: documents.document_of(call, own()),
        "list_sandboxes": sandboxes.list_sandboxes,
        "get_sandbox": sandboxes.get_sandbox,
        "put_sandbox": sandboxes.put_sandbox,
        "delete_sandbox": sandboxes.delete_sandbox,
        "take_snapshot": sandboxes.take_snapshot,
        "restore_snapshot": sandboxes.restore_snapshot,
        "get_clock": clock.get_clock,
        "put_clock": clock.put_clock,
        "advance_clock": clock.advance_clock,
        "list_evaluations": evaluations.list_evaluations,
        "add_evaluation": evaluations.add_evaluation,
        "get_evaluation": evaluations.get_evaluation,
        "delete_evaluation": evaluations.delete_evaluation,
        "cancel_evaluation": evaluations.cancel_evaluation,
        "set_outcome": evaluations.set_outcome,
        "reset": sandboxes.reset,
        "list_faults": faults.list_faults,
        "add_fault": faults.add_fault,
        "delete_fault": faults.delete_fault,
        "get_journal": journal.get_journal,
        "get_har": journal.get_har,
        "list_expectations": expectations.list_expectations,
        "add_expectation": expectations.add_expectation,
        "delete_expectation": expectations.delete_expectation,
        "get_report": report.get_report,
    }
