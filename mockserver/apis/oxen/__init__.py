"""Oxen's hub: its two evaluation operations."""

from mockserver.apis.oxen.assumptions import ASSUMPTIONS
from mockserver.apis.oxen.evaluations import CREATE, GET, OxenApi
from mockserver.apis.oxen.wire import PLACES

__all__ = ["ASSUMPTIONS", "CREATE", "GET", "PLACES", "OxenApi"]
