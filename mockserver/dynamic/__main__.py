"""Prints the table of mutations, as docs/mutations.md has it."""

import sys

from mockserver.dynamic.table import table

sys.stdout.write(table())
