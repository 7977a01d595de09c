"""The command line: serve, run, check, judge, fuzz, show, spec, init, ctl.

Each has a module of its name here, which is imported when it is asked for.
"""

from mockserver.cli.group import main

__all__ = ["main"]
