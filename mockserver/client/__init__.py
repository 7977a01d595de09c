"""The client of the control API: it steers a server and its sandboxes from Python.

Standard library only, so that a test suite can use it wherever the server runs.
"""

from mockserver.client.client import Client
from mockserver.client.errors import ControlError, NotSeenError, UnreachableError, UnusableError

__all__ = ["Client", "ControlError", "NotSeenError", "UnreachableError", "UnusableError"]
