"""Choices of a seed are the same for ever, and favour nothing."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.dynamic.choices import Seeded


@given(st.text(), st.integers(-(10**40), 10**40), st.integers(0, 10**40))
def test_the_same_seed_chooses_the_same_and_within_bounds(seed: str, least: int, span: int) -> None:
    one, other = Seeded(seed), Seeded(seed)
    for _ in range(5):
        drawn = one.whole(least, least + span)
        assert least <= drawn <= least + span
        assert drawn == other.whole(least, least + span)


def test_what_a_seed_chooses_does_not_change_from_release_to_release() -> None:
    choices = Seeded("published/7")
    assert [choices.whole(0, 999) for _ in range(6)] == [443, 51, 42, 53, 335, 528]


def test_no_choice_is_favoured() -> None:
    choices = Seeded("7")
    counts = Counter(choices.pick("abcdef") for _ in range(6_000))
    assert all(850 < count < 1_150 for count in counts.values())
    yes = sum(choices.chance(30) for _ in range(10_000))
    assert 2_800 < yes < 3_200


@pytest.mark.parametrize("percent", [0, 100])
def test_never_is_never_and_always_is_always(percent: int) -> None:
    choices = Seeded("7")
    assert {choices.chance(percent) for _ in range(200)} == {percent == 100}
