"""Values into YAML."""

from __future__ import annotations

import math


def dump(value: object) -> str:
    """A value as YAML in ASCII that readers of any version understand alike."""
    import yaml  # noqa: PLC0415 because few commands write any

    from mockserver.source.dumper import Dumper  # noqa: PLC0415 the same

    return yaml.dump(
        value, Dumper=Dumper, sort_keys=False, default_flow_style=False, width=math.inf
    )
