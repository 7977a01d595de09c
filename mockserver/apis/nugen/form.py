"""What Nugen's fixtures may say."""

from __future__ import annotations

from types import MappingProxyType

from mockserver.apis.nugen.assumptions import ASSUMPTIONS
from mockserver.apis.nugen.lifecycle import CYCLE
from mockserver.fixtures import Form, Kind

FORM = Form(
    kinds=MappingProxyType(
        {"evaluation": Kind(CYCLE, "happy-path"), "benchmark": Kind(CYCLE, "benchmark")}
    ),
    assumptions=ASSUMPTIONS,
    row="question",
    rows=10,
    lists_rows=True,
)
