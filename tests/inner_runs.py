"""For tests that run pytest within this process: what such a run imports first is gone after it.

pytest's `pytester` puts `sys.modules` back when an inner run has ended. A library that was first
imported there would exist twice from then on, and what one copy raises the other does not know. So
whatever an inner run may import is imported here, before the first of them.
"""

from __future__ import annotations

import anyio._backends._asyncio  # noqa: F401
import freezegun  # noqa: F401
import httpcore  # noqa: F401
import httpx  # noqa: F401
import jsonpath_rfc9535  # noqa: F401
import openapi_core  # noqa: F401
import requests  # noqa: F401
import time_machine  # noqa: F401

from mockserver.contract import validator  # noqa: F401
from mockserver.strategies import life  # noqa: F401
from mockserver.testing import session  # noqa: F401
