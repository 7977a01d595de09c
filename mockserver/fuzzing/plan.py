"""What schemathesis is told to do: which of its phases, by which checks, with which values."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import schemathesis

from mockserver.apis.oxen.operations import GET
from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockserver.fuzzing.subject import Subject
    from mockserver.fuzzing.target import Target

_WITHOUT_END = 10**9
"""Seconds; whoever counts what is spent ends it before. Without a limit phases come but once."""
_SCENARIOS = 25
"""Sequences that schemathesis draws before it begins anew with another seed."""
_LIKELY = 0.75
"""How often a parameter gets a value that we know, rather than one that is made up."""


class Pass(StrEnum):
    """A way of asking."""

    ALONE = "alone"
    """Each operation by itself: every way in which its document can be broken, in turn."""
    CHAINS = "chains"
    """Sequences of operations at random, where an answer often leads to the next request."""
    STATES = "states"
    """The same by a state machine, which holds what was made and deleted against what is found."""


@dataclass(frozen=True, slots=True)
class Way:
    """A pass, and what it may do.

    Attributes:
        until: how much of an API's share may be gone once it has ended.
        only_get: whether other operations are left out.
        documented: whether a path is sent no method that the document does not have for it.
        careful: whether what may create something is only sent as the document has it.
    """

    kind: Pass
    until: float
    only_get: bool = False
    documented: bool = False
    careful: bool = False


def ways(*, limited: bool, creates: bool) -> tuple[Way, ...]:
    """The passes over an API; where creates are counted, those that are allowed come first."""
    if not limited:
        return Way(Pass.ALONE, 0.3), Way(Pass.CHAINS, 0.7), Way(Pass.STATES, 1.0)
    first = (Way(Pass.CHAINS, 0.5, documented=True, careful=True),) if creates else ()
    shares = {Pass.ALONE: 0.6, Pass.CHAINS: 0.8, Pass.STATES: 1.0}
    return (*first, *(Way(kind, s, only_get=True, documented=True) for kind, s in shares.items()))


# A request that fits the document may be answered so. Beside what schemathesis lets pass:
_STATES_OF_ALL = ("402",)  # the account has no credits left: a state, and no word on the request
_STATES_OF_CONTROL = ("410",)  # documented: of a sandbox that is gone, which sequences do delete
_STATES = {
    # Documented: until the evaluation has completed.
    "nugen.get_evaluation_results": "400",
    "nugen.download_evaluation_results": "400",
}
_OF_IDS = "malformed_id_status"
"""The assumption of what an id gets that is no uuid; by the document it may be any text."""
_FINE = ("2xx", "3xx", "401", "403", "404", "409", "429", "5xx")
"""What schemathesis lets pass by itself; failures of the server are another check's."""

_NO_FAILURE = ("2xx", "3xx", "4xx", "501")
"""501 says that an operation is not there yet, as Nugen's document lets it be; where a document
does not name it, it is a status that is not documented."""

_FORGETS = "control.reset"
"""What it forgets, schemathesis would miss: it looks for everything that it has created."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One pass over one API."""

    subject: Subject
    target: Target
    seed: int
    way: Way
    assume: Mapping[str, object]

    def schema(self) -> schemathesis.BaseSchema:
        """The document as schemathesis reads it, for an app that is still to be said."""
        config = schemathesis.Config.from_dict(self._config())
        schema = schemathesis.openapi.from_dict(self.subject.document(), config=config)
        if self.way.only_get:
            return schema.include(method="GET")
        if self.way.kind is not Pass.ALONE and _FORGETS in self.subject.contract.operations:
            return schema.exclude(operation_id=_FORGETS)
        return schema

    def _config(self) -> dict[str, Any]:
        alone, states = self.way.kind is Pass.ALONE, self.way.kind is Pass.STATES
        coverage: dict[str, Any] = {"enabled": alone}
        if self.way.documented:
            coverage["unexpected-methods"] = []
        return {
            "seed": self.seed,
            "max-time": _WITHOUT_END,
            "max-redirects": 0,  # so a redirect is the answer, and no token goes elsewhere
            "rate-limit": "auto",  # wait where a server says so
            "continue-on-failure": True,
            "cache": {"enabled": False},  # nothing is remembered from one run to the next
            "analysis": {"constants": {"enabled": False}},  # our own source tells of no server
            "suppress-health-check": ["all"],
            # Else it cuts long answers before it reads them, and finds no JSON.
            "output": {"truncation": {"max-recorded-payload-size": 0}},
            "auth": {"auto-signup": False, **self._credentials()},
            "generation": {"database": "none", "no-shrink": True, "max-examples": _SCENARIOS},
            "phases": {
                "examples": {"enabled": alone},
                "coverage": coverage,
                "fuzzing": {"enabled": False},
                "stateful": {"enabled": states},
            },
            "checks": self._checks(),
            "operations": [*self._operations()],
            **self._values(),
        }

    def _credentials(self) -> dict[str, Any]:
        """What is shown, by the names that the document has for ways of showing it."""
        secret = self.target.control_token if self.subject.is_control else self.target.token
        schemes = self.subject.contract.strict.get("components", {}).get("securitySchemes", {})
        if secret is None or not schemes:
            return {}
        kinds = {
            name: "api_key" if one["type"] == "apiKey" else "bearer"
            for name, one in schemes.items()
        }
        return {"openapi": {name: {kind: secret} for name, kind in kinds.items()}}

    def _checks(self) -> dict[str, Any]:
        states = [*_STATES_OF_ALL, *(_STATES_OF_CONTROL if self.subject.is_control else ())]
        checks: dict[str, Any] = {
            "not_a_server_error": {"expected-statuses": [*_NO_FAILURE]},
            "positive_data_acceptance": {"expected-statuses": [*_FINE, *states]},
        }
        if self.way.kind is Pass.CHAINS:
            # There schemathesis 4.32 falls over its own second tries (a dictionary that grows while
            # it is gone through). The other passes have the check.
            checks["ignored_auth"] = {"enabled": False}
        return checks

    def _operations(self) -> Iterator[dict[str, Any]]:
        assumed = {GET: str(self.assume[_OF_IDS])} if _OF_IDS in self.assume else {}
        for name, status in (_STATES | assumed).items():
            if name in self.subject.contract.operations:
                expected = [*_FINE, *_STATES_OF_ALL, status]
                checks = {"positive_data_acceptance": {"expected-statuses": expected}}
                yield {"include-operation-id": name, "checks": checks}
        if self.way.careful:
            yield {"exclude-method": "GET", "generation": {"mode": "positive"}}

    def _values(self) -> dict[str, Any]:
        """What is to be tried beside what is made up."""
        known = {name: values for name, values in self.subject.values.items() if values}
        return {
            "dictionaries": {name: {"values": values} for name, values in known.items()},
            "parameters": {
                f"{place}.{name}": {"dictionary": name, "probability": _LIKELY}
                for name in known
                for place in self.subject.places[name]
            },
        }
