"""What is said of a fixture when it is read holds when it is served: its answers keep the contract.

A server takes a fixture or refuses it. One that it has taken never makes it answer 500, at whatever
instant of its life somebody looks.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from amounts import hundreds
from asking import EPOCH, asked, shown_at
from drawn_fixtures import fixtures
from hypothesis import given
from hypothesis import strategies as st

from mockserver.apis.api import response_of
from mockserver.apis.known import FORMS, every_api
from mockserver.core import rules
from mockserver.core.exchange import unwaived
from mockserver.fixture_files import read_values
from mockserver.loading import flaws_of, load_contracts
from mockserver.settings import Settings
from mockserver.source import dump

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from mockserver.core.evaluation import Evaluation
    from mockserver.core.rules import Sighting

APIS = {api.name: api for api in every_api({})}
CONTRACTS = load_contracts(Settings(), tuple(APIS.values()))
ROUTES = ("/api/a", "/api/x/b", "/api/x/y/z", "/x/y/z/c", "/", "//")
"""Paths at which a drawn answer may be given."""


def accepted(value: object) -> Iterator[tuple[str, Evaluation]]:
    """What a fixture describes and its API, where nothing is wrong with it nor with its answers."""
    catalogs, flaws = read_values({"a": value}, FORMS)
    for name, api in APIS.items() if not flaws else ():
        if not flaws_of(api, CONTRACTS[name], catalogs[name], EPOCH):
            for fixture in catalogs[name].evaluations.values():
                yield name, api.from_fixture(fixture, EPOCH)


def instants(evaluation: Evaluation, places: list[tuple[int, float]]) -> list[datetime]:
    """Instants within the phases of a life, which is proved at their seams; and after its end."""
    changes = evaluation.changes()
    phases = list(pairwise([*changes, changes[-1] + timedelta(hours=1)]))
    spans = [(phases[at % len(phases)], share) for at, share in places]
    return sorted(began + (ends - began) * share for (began, ends), share in spans)


PLACES = st.lists(st.tuples(st.integers(0, 5), st.floats(0, 1)), min_size=2, max_size=5)


def test_an_accepted_life_keeps_contract_and_rules_at_every_other_instant_too() -> None:
    looks: list[Sighting] = []

    @hundreds(1)
    @given(fixtures(), PLACES)
    def look_in_between(value: object, places: list[tuple[int, float]]) -> None:
        for name, evaluation in accepted(value):
            seen = [kept(name, evaluation, now) for now in instants(evaluation, places)]
            looks.extend(seen)
            if not evaluation.waivers:  # what is misshapen on purpose shows nothing
                assert not any(map(rules.check, seen))
                assert not any(rules.check_pair(*two) for two in pairwise(seen))

    look_in_between()
    assert len(looks) > 100, "too few of the drawn fixtures are accepted"


def kept(name: str, evaluation: Evaluation, now: datetime) -> Sighting:
    """What is seen at an instant, where every answer keeps the contract."""
    api, contract = APIS[name], CONTRACTS[name]
    replies = dict(api.answers(evaluation, now))
    for operation, reply in replies.items():
        broken = contract.check_answer(contract.operations[operation], response_of(reply))
        assert not unwaived(broken, evaluation.waivers)
    operation, reply = next(iter(replies.items()))
    return api.sighting(operation, reply.body, now)


def made(value: object) -> bool:
    """Whether a sandbox was made with this fixture; where not, it is told why."""
    status, told = asked("PUT", "/_mock/sandboxes/drawn", {"fixtures": {"a": value}})
    assert status in {200, 201} or (status in {400, 409} and told["violations"]), told
    return status in {200, 201}


@hundreds(0.8)
@given(fixtures(), st.sampled_from([{"to": "next"}, {"seconds": 0.0007}, {"seconds": 10**8}]))
def test_a_fixture_is_refused_when_a_sandbox_is_made_or_its_answers_are_no_fault_of_ours(
    value: Any,  # noqa: ANN401 because JSON has no narrower type
    step: object,
) -> None:
    if not made(value):
        return
    fine = {200, 404, 405, value.get("status", 200)}
    paths = ROUTES if "status" in value else shown_at("a")
    for _ in range(2):
        assert {asked("GET", path)[0] for path in paths} <= fine
        assert asked("POST", "/_mock/clock/advance", step)[0] in {200, 409}
    status, snapshot = asked("POST", "/_mock/sandboxes/drawn/snapshot", {})
    assert status == 200, snapshot
    status, told = asked("POST", "/_mock/sandboxes/drawn/restore", snapshot)
    assert status == 200, told


@hundreds(0.3)
@given(fixtures())
def test_a_sandbox_takes_a_fixture_as_text_where_it_takes_it_as_value(value: object) -> None:
    assert made(value) == made(dump(value))
