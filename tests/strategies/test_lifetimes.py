"""The lives that a machine has evaluations lead: legal ones, that any client can meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from mockserver.strategies.lifetimes import default_life, drawn_lifetimes, names

if TYPE_CHECKING:
    from mockserver.strategies.lifetimes import Lifetime
    from mockserver.testing import Nugen, Oxen

# One sandbox for all examples will do: it keeps what was added, and nothing depends on it.
SHARED = [HealthCheck.function_scoped_fixture]


@settings(suppress_health_check=SHARED)
@given(drawn_lifetimes("oxen"))
def test_a_drawn_life_of_oxen_is_legal(oxen: Oxen, life: Lifetime) -> None:
    assert isinstance(life, dict)
    oxen.add(default_life("oxen"), **life)


@settings(suppress_health_check=SHARED)
@given(drawn_lifetimes("nugen"))
def test_a_drawn_life_of_nugen_is_legal(nugen: Nugen, life: Lifetime) -> None:
    assert isinstance(life, dict)
    nugen.add(default_life("nugen"), **life)


@pytest.mark.parametrize("end", ["completed", "errored", "cancelled"])
def test_a_drawn_life_comes_to_every_end_and_says_no_more_than_it_must(end: str) -> None:
    drawn: st.SearchStrategy[Lifetime] = drawn_lifetimes("oxen")
    least = find(drawn, lambda life: not isinstance(life, str) and life["phases"][-1] == end)
    assert not isinstance(least, str)
    assert "rows" not in least
    assert least["phases"][0] == {"queued": "1s"}


def test_the_lives_of_fixtures_are_those_that_any_client_can_meet(oxen: Oxen, nugen: Nugen) -> None:
    hub = names("oxen", oxen.world.apis["oxen"].catalog)
    assert hub[0] == "happy-path"
    assert {"stuck", "slow", "cancelled", "errored-committing"} < {*hub}
    other = names("nugen", nugen.world.apis["nugen"].catalog)
    assert other[0] == "happy-path"
    assert "failed" in other
    assert not {"upper-case", "live-style", "benchmark"} & {*other}
