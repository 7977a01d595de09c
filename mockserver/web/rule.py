"""A rule of Flask's that is read backwards only when somebody does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.routing import Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    Build = Callable[..., tuple[str, str]]


class OneWayRule(Rule):
    """Has what makes a URL of a rule compiled by the first `url_for`, of which there is none here.

    For Werkzeug compiles two functions a rule, which took a tenth of a start. They are made in a
    method that is not public: where it goes by another name, nothing is put off.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Build:
        made: list[Build] = []

        def build(rule: Rule, **values: object) -> tuple[str, str]:
            if not made:
                made.append(super(OneWayRule, self)._compile_builder(append_unknown))
            return made[0](rule, **values)

        return build
