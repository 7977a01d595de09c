"""`oxen-mock ctl`: everything that the control API can do, from a shell."""

from mockserver.ctl import clock, evaluations, faults, journal, report, sandboxes
from mockserver.ctl.group import ctl

__all__ = ["clock", "ctl", "evaluations", "faults", "journal", "report", "sandboxes"]
