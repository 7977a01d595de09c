"""YAML and JSON text into plain values, safely and with their lines; and values into YAML."""

from mockserver.source.dumping import dump
from mockserver.source.reading import read_before, read_document, read_fixture
from mockserver.source.source import DEEPEST, AmbiguousError, Source
from mockserver.source.walking import walk

__all__ = [
    "DEEPEST",
    "AmbiguousError",
    "Source",
    "dump",
    "read_before",
    "read_document",
    "read_fixture",
    "walk",
]
