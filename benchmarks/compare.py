"""The mock beside its peers: each verified, then asked the same, in turn, one process each.

    python benchmarks/compare.py [--quick] [--out FILE] [--plot FILE] [--check]

It installs the peers by name from npm and PyPI into a folder of their own, once. Each server has to
show with good and bad requests, and with a wrong answer, that it does what the table says of it.
Then all are looked at, sent creates and sent creates that they have to refuse, round after round;
told are medians and what they lie between. A peer that cannot be had is named, and why. At the end
stand the targets; with `--check` it ends with 1 if one is missed or was not measured.

Nothing else should run. Once the peers are there, `--quick` takes less than three minutes on two
cores; its figures are rougher, and it has 5,000 evaluations where the whole run has 100,000.
"""
# ruff: noqa: INP001 because it is a program and no package

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from peers.alone import Examination
from peers.documents import write_all
from peers.figures import Alone
from peers.installing import NotInstalledError, default_folder
from peers.load import Loader
from peers.measuring import Comparison
from peers.plans import FULL, QUICK
from peers.plot import plot
from peers.processes import Cores
from peers.servers import OURS, SERVERS
from peers.table import heading, report
from peers.targets import targets
from peers.telling import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from peers.servers import Server


def main() -> None:
    """Measure and tell."""
    told = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # so that servers are ended too
    try:
        reached = run(told)
    except NotInstalledError as error:
        sys.exit(f"there is neither wrk nor autocannon, so nothing can be measured: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped; no server is left")
    if told.check and not reached:
        sys.exit(1)


def run(told: argparse.Namespace) -> bool:
    """Everything; whether all targets are reached."""
    plan, cores = QUICK if told.quick else FULL, Cores.of_this_machine()
    peers = told.peers.resolve()
    peers.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        documents = Path(scratch)
        write_all(documents)
        loader = Loader(peers, documents, cores)
        rows = Comparison(plan, loader, documents, peers, cores).run(told.only)
        alone = Alone()
        if told.alone:
            alone = Examination(plan, loader, documents, cores).run()
    found = targets(rows, alone)
    text = report(rows, alone, found, heading(plan, loader.name, cores))
    sys.stdout.write(text)
    if told.out:
        told.out.write_text(text, "utf-8")
    if told.plot:
        told.plot.write_text(plot(rows), "utf-8")
    say("done")
    return all(target.reached for target in found)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="shorter and fewer runs")
    keys = ", ".join(server.key for server in SERVERS)
    parser.add_argument(
        "--only",
        type=_chosen,
        default=SERVERS,
        metavar="NAME[,NAME]",
        help=f"these beside the mock itself: {keys}",
    )
    parser.add_argument(
        "--peers", type=Path, default=default_folder(), metavar="DIR", help="where peers are kept"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the tables here too")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="write a plot as SVG")
    parser.add_argument("--check", action="store_true", help="end with 1 if a target is missed")
    parser.add_argument(
        "--no-alone", dest="alone", action="store_false", help="leave out the mock alone"
    )
    if os.name != "posix":
        parser.error("this program needs Linux or macOS")
    return parser.parse_args()


def _chosen(text: str) -> Sequence[Server]:
    """The servers with these names, the mock among them.

    Raises:
        argparse.ArgumentTypeError: there is none of that name.
    """
    names = {name.strip() for name in text.split(",")}
    known = {server.key for server in SERVERS}
    if unknown := names - known:
        raise argparse.ArgumentTypeError(
            f"no {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}"
        )
    return [server for server in SERVERS if server.key in names | {OURS}]


if __name__ == "__main__":
    main()
