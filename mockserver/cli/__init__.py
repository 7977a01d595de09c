"""The command line: serve, run, check, judge, show, spec, init, ctl."""

from mockserver.cli import check, init, judge, run, serve, show, spec
from mockserver.cli.group import main

__all__ = ["check", "init", "judge", "main", "run", "serve", "show", "spec"]
