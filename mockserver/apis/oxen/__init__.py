"""Oxen's hub: its two evaluation operations."""

from mockserver.apis.oxen.assumptions import ASSUMPTIONS
from mockserver.apis.oxen.evaluations import CREATE, GET, OxenApi

__all__ = ["ASSUMPTIONS", "CREATE", "GET", "OxenApi"]
