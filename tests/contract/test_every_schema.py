"""Of every schema of every bundled document: hundreds of values gone wrong, judged alike by all.

The plan says yes where openapi-core finds nothing and only there; openapi-core as we use it finds
what it finds where it goes through every part of a value by itself.
"""

from __future__ import annotations

import copy
import json
import random
from typing import TYPE_CHECKING, Any

import pytest
from contracts import CONTRACTS, FORMATS, PLANNED, PLANS, TAKEN, answer
from drawn_values import STRANGE, TEXTS_OF_PARAMETERS, places, values
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from untuned import gone_through

from mockserver.contract.validator import Validator
from mockserver.core.exchange import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.contract.contract import Operation
    from mockserver.contract.plan import Documented

BUNDLED = [name for name in CONTRACTS if not name.startswith("3.")]
OURS = {name: Validator(CONTRACTS[name].strict, FORMATS) for name in BUNDLED}
THROUGH = {name: gone_through(CONTRACTS[name].strict, FORMATS) for name in BUNDLED}
BODIES = [(name, given_) for name, given_ in (*PLANNED, *TAKEN) if name in BUNDLED]
ASKED = [
    (name, operation)
    for name in BUNDLED
    for operation in CONTRACTS[name].operations.values()
    if (operation.template, operation.method.lower()) in PLANS[name].planned_parameters()
]
VALUES = 6
MUTANTS = 40


def mutant(value: object, chance: random.Random) -> Any:  # noqa: ANN401 because JSON has no narrower type
    """A copy of a value with up to three things about it altered."""
    changed = copy.deepcopy(value)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        known = list(places(changed))
        strange = copy.deepcopy(chance.choice(STRANGE))
        if not known:
            return strange
        holder, key = chance.choice(known)
        ways = ["drop", "replace", "replace", "wrap", "add", "text", "borrow", "misspell"]
        match chance.choice(ways):
            case "drop":
                del holder[key]
            case "add" if isinstance(holder, dict):
                holder[chance.choice(["extra", "", "id", "x-y"])] = strange
            case "add":
                holder.append(strange)
            case "wrap":
                holder[key] = chance.choice([[holder[key]], {"a": holder[key]}])
            case "text" if isinstance(holder[key], str):
                holder[key] += chance.choice(["\n", " ", "Z", "0", "é"])
            case "borrow":
                other, its = chance.choice(known)
                holder[key] = copy.deepcopy(other[its])
            case "misspell" if isinstance(holder, dict):
                holder[key[:-1]] = holder.pop(key)
            case _:
                holder[key] = strange
    return changed


def in_json(value: object) -> bytes:
    """A value as a body; some of the strange ones are none."""
    return json.dumps(value).encode()


@pytest.mark.parametrize(("name", "documented"), BODIES, ids=str)
@given(data=st.data(), seed=st.integers(0, 2**32))
@settings(max_examples=VALUES, deadline=None, suppress_health_check=list(HealthCheck))
def test_hundreds_of_values_gone_wrong_are_judged_alike_by_all(
    name: str, documented: Documented, data: st.DataObject, seed: int
) -> None:
    plan, chance = PLANS[name], random.Random(seed)  # noqa: S311 no secret
    value = data.draw(values(plan.planned()[documented], CONTRACTS[name].strict))
    for changed in (value, *(mutant(value, chance) for _ in range(MUTANTS))):
        raw = in_json(changed)
        if documented.status is None:
            headers = {"content-type": documented.media_type}
            request = Request(documented.method.upper(), "/", (), headers, raw)
            says_yes = plan.takes(documented.template, request)
            found = tuple(THROUGH[name].body(documented.template, request))
            told = tuple(OURS[name].body(documented.template, request))
        else:
            asked = (documented.template, documented.method.upper(), answer(documented, raw))
            says_yes = plan.says_yes(*asked)
            found = tuple(THROUGH[name].response(*asked))
            told = tuple(OURS[name].response(*asked))
        assert says_yes == (found == ()), changed
        assert told == found, changed


def texts(chance: random.Random) -> Iterator[str]:
    """What may be sent for a parameter: the odd, and two of those in a row."""
    yield from TEXTS_OF_PARAMETERS
    for _ in range(160):
        yield chance.choice(TEXTS_OF_PARAMETERS) + chance.choice(TEXTS_OF_PARAMETERS)


@pytest.mark.parametrize(("name", "operation"), ASKED, ids=lambda of: getattr(of, "id", of))
def test_hundreds_of_texts_for_each_parameter_are_judged_alike_by_all(
    name: str, operation: Operation
) -> None:
    item: Any = CONTRACTS[name].strict["paths"][operation.template]
    listed = (*item[operation.method.lower()].get("parameters", ()), *item.get("parameters", ()))
    plan, chance = PLANS[name], random.Random(operation.id)  # noqa: S311 no secret
    said = [False]
    for parameter in listed:
        for text in texts(chance):
            sent = {(p["in"], p["name"]): "1" for p in listed if p["in"] == "path"}
            sent[parameter["in"], parameter["name"]] = text
            path = {key: value for (place, key), value in sent.items() if place == "path"}
            query = tuple((key, value) for (place, key), value in sent.items() if place == "query")
            headers = {
                key.lower(): value.replace("\n", "")  # which no server lets through
                for (place, key), value in sent.items()
                if place == "header"
            }
            request = Request(operation.method, "/", query, headers)
            asked = (operation.template, request, path)
            found = tuple(THROUGH[name].parameters(*asked))
            said.append(plan.lets_in(*asked))
            assert not said[-1] or found == (), (parameter, text)
            assert tuple(OURS[name].parameters(*asked)) == found
    assert any(said) or not listed


def test_every_schema_of_the_bundled_documents_is_among_them() -> None:
    for name in BUNDLED:
        plan, tried = PLANS[name], [given_ for of, given_ in BODIES if of == name]
        schemas = {json.dumps(plan.planned()[given_]) for given_ in tried}
        every = {json.dumps(schema) for schema in plan.planned().values()}
        assert schemas == every
        assert len(plan.planned_parameters()) == len(CONTRACTS[name].operations)
