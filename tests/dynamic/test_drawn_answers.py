"""Drawn answers keep what their mood says, and no more: judged as recorded traffic is."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from verdicts import OPERATIONS, broken_rules, request_for

from mockserver.dynamic.answers import answer_broken_by, drawn_answer, drawn_life
from mockserver.dynamic.choices import Seeded
from mockserver.dynamic.mutations import MUTATIONS
from mockserver.dynamic.pair_mutations import PAIR_MUTATIONS
from mockserver.moods import Mood

if TYPE_CHECKING:
    from mockserver.dynamic.answers import Drawn
    from mockserver.dynamic.mutation import Group

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
SEEDS = [str(seed) for seed in range(20)]
MORE_SEEDS = [str(seed) for seed in range(40)]
"""For what not every life has room for."""
LONG = {"get_benchmark_data", "download_evaluation_results"}
"""Answers that list hundreds of things, which openapi-core takes its time to refuse."""
TOGETHER = {"an-answer-from-before"}
"""What breaks several rules at once: nothing in an old answer is as it should be by now."""


@pytest.mark.parametrize(("api", "operation"), OPERATIONS)
def test_a_strict_answer_breaks_nothing(api: str, operation: str) -> None:
    where, wanted = request_for(api, operation)
    for seed in SEEDS:
        drawn = drawn_answer(where.drawer, Seeded(seed), wanted, Mood.STRICT)
        assert broken_rules(where, wanted, [drawn]) == set(), seed


@pytest.mark.parametrize(("api", "operation"), OPERATIONS)
def test_the_answers_of_a_strict_life_break_nothing_in_a_row(api: str, operation: str) -> None:
    where, wanted = request_for(api, operation)
    for seed in SEEDS:
        drawn = drawn_life(where.drawer, Seeded(seed), wanted, Mood.STRICT)
        assert broken_rules(where, wanted, drawn) == set(), seed


@pytest.mark.parametrize(("api", "operation"), OPERATIONS)
def test_a_published_answer_keeps_the_published_document(api: str, operation: str) -> None:
    where, wanted = request_for(api, operation)
    documented = where.drawer.published.of(wanted.operation, wanted.operation.success)
    others = 0
    for seed in SEEDS:
        drawn = drawn_answer(where.drawer, Seeded(seed), wanted, Mood.PUBLISHED)
        others += drawn.response != drawn.sample.response
        if where.drawer.published.of(wanted.operation, drawn.response.status) is not None:
            found = where.drawer.leniently.check_answer(wanted.operation, drawn.response)
            assert found == (), seed
    assert others > 0 or documented is None


@pytest.mark.parametrize(("api", "operation"), OPERATIONS)
def test_a_broken_answer_has_a_name_and_breaks_what_belongs_to_it_alone(
    api: str, operation: str
) -> None:
    where, wanted = request_for(api, operation)
    for seed in SEEDS[: 5 if operation in LONG else None]:
        drawn = drawn_answer(where.drawer, Seeded(seed), wanted, Mood.BROKEN)
        assert drawn.mutation is not None
        caught = {MUTATIONS[drawn.mutation].caught_by}
        assert broken_rules(where, wanted, [drawn]) == caught, (seed, drawn.mutation)


@pytest.mark.parametrize("name", MUTATIONS)
def test_every_mutation_is_caught_by_its_rule_and_nothing_else_wherever_it_can_be(
    name: str,
) -> None:
    done = 0
    for api, operation in OPERATIONS:
        where, wanted = request_for(api, operation)
        for seed in SEEDS[: 1 if operation in LONG else 8]:
            drawn = answer_broken_by(where.drawer, Seeded(seed), wanted, [name])
            if drawn is not None:
                done += 1
                found = broken_rules(where, wanted, [drawn])
                assert found == {MUTATIONS[name].caught_by}, (operation, seed)
    assert done >= 5


@pytest.mark.parametrize("name", PAIR_MUTATIONS)
def test_every_mutation_of_a_life_is_caught_by_its_rule_and_only_by_what_came_before(
    name: str,
) -> None:
    done = 0
    for api, operation in OPERATIONS:
        where, wanted = request_for(api, operation)
        for seed in MORE_SEEDS:
            drawn = drawn_life(where.drawer, Seeded(seed), wanted, Mood.BROKEN, [name])
            if drawn:
                done += 1
                assert [one.mutation for one in drawn] == [*[None] * (len(drawn) - 1), name]
                assert broken_rules(where, wanted, drawn[-1:]) == set()
                found = broken_rules(where, wanted, drawn)
                expected = {PAIR_MUTATIONS[name].caught_by}
                assert found >= expected if name in TOGETHER else found == expected
    assert done >= 10


def test_statuses_mutations_and_departures_are_spread_evenly() -> None:
    where, wanted = request_for("oxen", "get_evaluation")
    statuses: Counter[str] = Counter()
    groups: Counter[Group] = Counter()
    names: Counter[str] = Counter()
    for seed in range(600):
        strict = drawn_answer(where.drawer, Seeded(f"{seed}"), wanted, Mood.STRICT)
        statuses[json.loads(strict.response.body)["evaluation"]["status"]] += 1
        broken = drawn_answer(where.drawer, Seeded(f"{seed}"), wanted, Mood.BROKEN)
        assert broken.mutation is not None
        names[broken.mutation] += 1
        groups[MUTATIONS[broken.mutation].group] += 1
    assert len(statuses) == 6
    assert min(statuses.values()) > 70  # of a hundred
    assert min(groups.values()) > 150  # of two hundred
    only_elsewhere = {"not-what-was-asked", "created-long-ago", "a-text-that-says-otherwise"}
    assert names.keys() == MUTATIONS.keys() - only_elsewhere


def test_published_answers_meet_everything_that_a_document_permits() -> None:
    where, wanted = request_for("oxen", "get_evaluation")
    found: Counter[str] = Counter()
    for seed in range(400):
        drawn = drawn_answer(where.drawer, Seeded(f"{seed}"), wanted, Mood.PUBLISHED)
        body = json.loads(drawn.response.body)
        evaluation = body.get("evaluation")
        found["nothing at all"] += body == {}
        found["an empty object"] += evaluation == {}
        found["a field more"] += bool(body.keys() - {"evaluation", "status", "status_message"})
        if evaluation:
            found["a field missing"] += "status" not in evaluation
            found["null"] += evaluation.get("name", 0) is None
            found["a field more within"] += len(evaluation.keys() - _known(drawn)) > 0
            found["an unknown model"] += (
                bool(evaluation.get("model") or {}) and "id" not in (evaluation["model"])
            )
            found["a large number"] += abs(evaluation.get("tokens_used", 0)) > 2**53
            found["a negative number"] += evaluation.get("tokens_used", 0) < 0
        found["beyond ASCII"] += b"\xf0\x9f" in drawn.response.body
    missing = [name for name, count in found.items() if count < 3]
    assert missing == []


def _known(drawn: Drawn) -> set[str]:
    return set(json.loads(drawn.sample.response.body)["evaluation"])


def test_the_readme_says_how_many_mutations_the_published_document_lets_through() -> None:
    done: set[str] = set()
    noticed: set[str] = set()
    for operation in ("get_evaluation", "create_evaluation"):
        where, wanted = request_for("oxen", operation)
        for name in MUTATIONS:
            for seed in SEEDS:
                drawn = answer_broken_by(where.drawer, Seeded(seed), wanted, [name])
                if drawn is not None:
                    done.add(name)
                    if where.drawer.leniently.check_answer(wanted.operation, drawn.response):
                        noticed.add(name)
    told = f"Of the {len(done)} mutations that an answer of the hub's can have, the published"
    assert f"{told} document lets {len(done - noticed)} through;" in " ".join(README.split())
