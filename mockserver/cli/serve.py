"""`oxen-mock serve`."""

from __future__ import annotations

from typing import Any

import click

from mockserver.cli.flags import served, settings_of, shared
from mockserver.cli.group import main
from mockserver.uncollected import uncollected


@main.command()
@click.option("--port", type=int, help="The port to listen on; 0 takes a free one.  [4010]")
@click.option("--quiet", is_flag=True, help="Log no requests.")
@click.option("--url-file", metavar="FILE", help="Where to write the URL once it can be called.")
@served
@shared
def serve(**flags: Any) -> None:  # noqa: ANN401 because click hands over what it parsed
    """Serve the mock until Ctrl-C.

    \b
    oxen-mock serve --port 0 --frozen --seed 7
    oxen-mock serve --fixtures ./fixtures --token secret
    oxen-mock serve --dialect legacy --assume read_needs_token=false
    """  # noqa: D301 because click reads \b as: keep these lines
    with uncollected():
        from mockserver import url_file  # noqa: PLC0415 because --help needs none of it
        from mockserver.server import claim  # noqa: PLC0415 the same
        from mockserver.server import serve as serve_until_stopped  # noqa: PLC0415 the same
        from mockserver.serving import Loaded  # noqa: PLC0415 the same

        settings = settings_of(flags)
        loaded = Loaded(settings)  # whatever is wrong is told here, not in the worker
    address, holder = claim(settings.host, settings.port)
    try:
        loaded.listen_at(address)
        if settings.url_file is not None:
            url_file.clear(settings.url_file)
        serve_until_stopped(address, loaded, before_handover=loaded.forget)
    finally:
        if settings.url_file is not None:
            url_file.remove(settings.url_file, address.url + settings.prefix)
        if holder is not None:
            holder.close()
