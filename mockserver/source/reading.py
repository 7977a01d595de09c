"""What is read: fixtures, of which every reader must think alike, and documents.

Neither reader is imported before it has a text to read: most starts find in the cache what the
texts say (`cache.py`).
"""

from __future__ import annotations

from json import JSONDecodeError

from mockserver.source.source import LinesAsked, Source


def read_fixture(text: str, label: str) -> Source:
    """Read a fixture, refusing whatever two YAML readers would understand differently.

    Raises:
        AmbiguousError: that it holds, though the whole of it was read.
        FlawedError: what cannot be read at all, each flaw with its line.
    """
    from mockserver.source.yaml_reader import read_yaml  # noqa: PLC0415 because yaml takes a while

    return read_yaml(text, label, refuse_ambiguous=True, most_nodes=20_000)


def read_before(value: object, text: str, label: str) -> Source:
    """What `read_fixture` gave of a text before; it is read again where a line is asked for."""
    return Source(value, label, LinesAsked(lambda: read_fixture(text, label).lines))


def read_document(text: str, label: str) -> object:
    """Read an OpenAPI document or an overlay, as JSON where it is JSON.

    Raises:
        FlawedError: what cannot be read, each flaw with its line.
    """
    if text.lstrip("\ufeff \t\r\n").startswith(("{", "[", '"')):
        from mockserver.source.json_reader import read_json  # noqa: PLC0415 the same

        try:
            return read_json(text.lstrip("\ufeff"), label)
        except JSONDecodeError:
            pass  # YAML in flow style starts the same way
    from mockserver.source.yaml_reader import read_yaml  # noqa: PLC0415 the same

    return read_yaml(text, label, refuse_ambiguous=False, most_nodes=500_000).value
