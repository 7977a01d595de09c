"""Oxen's hub: its two evaluation operations."""

from mockserver.apis.oxen.assumptions import ASSUMPTIONS
from mockserver.apis.oxen.evaluations import OxenApi
from mockserver.apis.oxen.operations import CREATE, GET

__all__ = ["ASSUMPTIONS", "CREATE", "GET", "OxenApi"]
