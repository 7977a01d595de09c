"""How a value is written in YAML."""

from __future__ import annotations

import re

import yaml

from mockserver.source.yaml_reader import READ_TWO_WAYS, WORDS

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*")
"""Texts that stand in YAML without quotes, unless they are a word for another value."""


class Dumper(yaml.SafeDumper):
    """Quotes every text that some reader could take for something else; repeats what repeats."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 because all are written out
        """Whether to write a value without a name for it: always."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 because entries stand below their key, indented
        """Begin a level."""
        super().increase_indent(flow, indentless=False)


def _text_node(dumper: Dumper, text: str) -> yaml.ScalarNode:
    is_a_word = text in WORDS or any(pattern.fullmatch(text) for pattern, _ in READ_TWO_WAYS)
    plain = _PLAIN.fullmatch(text) and not is_a_word
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


Dumper.add_representer(str, _text_node)
