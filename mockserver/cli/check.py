"""`oxen-mock check`."""

from __future__ import annotations

import sys
from typing import Any

from mockserver.cli.flags import settings_of, shared
from mockserver.cli.group import FINDINGS, main, tell


@main.command()
@shared
def check(**flags: Any) -> None:  # noqa: ANN401 because click hands over what it parsed
    """Prove every fixture against the strict contract and the temporal rules.

    Judged are the answers at every change of status and a microsecond either side.
    """
    from mockserver.apis.known import every_api  # noqa: PLC0415 because --help needs none of it
    from mockserver.loading import load_contracts, load_fixtures  # noqa: PLC0415 the same

    settings = settings_of(flags)
    apis = every_api(settings.assume)
    contracts = load_contracts(settings, apis)
    proved = load_fixtures(settings, apis, contracts)
    for violation in proved.left_out:
        tell(f"does not fit {contracts[apis[0].name].document.label}: {violation}")
    for violation in proved.idle:
        tell(f"note: {violation}")
    for name, catalog in proved.catalogs.items():
        lives, answers = len(catalog.evaluations), len(catalog.answers)
        broken = len(proved.left_out) if name == apis[0].name else 0
        tell(
            f"{name}: {lives} evaluations and {answers} answers: "
            f"{proved.judged[name]} answers judged, {broken or 'none'} broken"
        )
    if proved.left_out:
        sys.exit(FINDINGS)
