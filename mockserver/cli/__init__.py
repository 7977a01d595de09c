"""The command line: serve, run, check, judge, fuzz, show, spec, init, ctl."""

from mockserver.cli import check, fuzz, init, judge, run, serve, show, spec
from mockserver.cli.group import main

__all__ = ["check", "fuzz", "init", "judge", "main", "run", "serve", "show", "spec"]
