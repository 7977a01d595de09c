"""A life for Hypothesis: what its steps do, what it lets a client get away with, how it ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar

import httpx
from hypothesis import Phase
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from machines import CONTEXT, PlainLife, caught, steps, told

from mockserver.strategies import Followed, NugenLife, OxenLife
from mockserver.strategies.judge import CaughtError

if TYPE_CHECKING:
    from mockserver.client.ids import Identified
    from mockserver.testing import Nugen, Oxen

ENDS = {"completed", "errored", "cancelled"}
FEW: dict[str, Any] = {"max_examples": 15, "stateful_step_count": 20}


class Tolerant(PlainLife):
    """It lets every trouble through, as whoever calls it should expect."""

    tolerates = (httpx.HTTPError, ValueError)


def test_what_is_shown_is_the_truth_and_every_life_ends() -> None:
    class Life(Tolerant):
        def poll(self, evaluation: Followed) -> object:
            seen = super().poll(evaluation)
            assert seen == evaluation.truth
            assert evaluation.status == evaluation.truth["evaluation"]["status"]
            assert evaluation.has_ended == (evaluation.status in ENDS)
            return seen

        def at_the_end(self, evaluation: Followed, view: object) -> None:
            assert evaluation.has_ended
            assert view == evaluation.views[-1] == evaluation.truth
            assert not any(fault["spent"] is False for fault in self.sandbox.faults.list())

    assert caught(Life, **FEW) is None


def test_every_example_has_a_sandbox_of_its_own_and_all_are_alike() -> None:
    urls, born = [], set()

    class Life(Tolerant):
        def connect(self, oxen: Oxen) -> None:
            super().connect(oxen)
            urls.append(oxen.url)

        def disconnect(self) -> None:
            super().disconnect()
            for evaluation in self.evaluations[:1]:
                born.add((evaluation.id, self.sandbox.evaluations.get(evaluation.id)["born"][:19]))

    assert caught(Life, max_examples=15, stateful_step_count=1) is None
    assert len(urls) == len(set(urls))
    assert len(born) == 1


def test_every_status_is_seen_and_every_fault_met() -> None:
    seen: set[str] = set()
    struck: set[object] = set()

    class Life(Tolerant):
        def poll(self, evaluation: Followed) -> object:
            seen.add(evaluation.status)
            return super().poll(evaluation)

        @invariant()
        def remember(self) -> None:
            for fault in self.sandbox.faults.list():
                struck.add(fault["rule"].get("code") or fault["rule"].get("body"))

    assert caught(Life, max_examples=30) is None
    assert seen == {"queued", "running", "committing", *ENDS}
    assert struck == {429, 500, 503, "truncated", "malformed"}


# -- what a client may do ---------------------------------------------------------------------


def test_what_a_client_raises_is_a_failure_unless_it_is_tolerated() -> None:
    error = caught(PlainLife, max_examples=50)
    assert isinstance(error, httpx.HTTPStatusError)
    assert steps(error) == [
        "evaluation_0 = state.add(life='happy-path')",
        "state.inject(count=1, fault=503)",
        "state.poll(after='0s', evaluation=evaluation_0)",
    ]
    assert "503 GET /api/repos/ox/cats/evaluations/" in told(error)
    assert "struck by fault-1" in told(error)


def test_what_is_tolerated_is_so_only_where_a_fault_has_struck() -> None:
    class Life(Tolerant):
        def poll(self, evaluation: Followed) -> object:
            super().poll(evaluation)
            raise ValueError("for no reason")

    error = caught(Life, **FEW)
    assert isinstance(error, ValueError)
    assert len(steps(error)) <= 2


def test_a_client_that_breaks_the_contract_is_told_in_the_plugin_s_words() -> None:
    class Life(Tolerant):
        def poll(self, evaluation: Followed) -> object:
            return self.http.get(evaluation.id, headers={"Authorization": ""}).status_code

    error = caught(Life, **FEW)
    assert isinstance(error, CaughtError)
    assert str(error).startswith("broke the contract: header Authorization: expected Bearer and a")
    assert len(steps(error)) <= 2


def test_what_it_broke_is_told_beside_what_came_of_it() -> None:
    class Life(Tolerant):
        def poll(self, evaluation: Followed) -> object:
            asked = self.http.get(evaluation.id, headers={"Authorization": ""})
            return asked.raise_for_status()

    error = caught(Life, **FEW)
    assert isinstance(error, httpx.HTTPStatusError)
    assert "broke the contract: header Authorization: expected Bearer and a" in told(error)


def test_a_client_that_reaches_no_sandbox_is_told_so() -> None:
    class Life(Tolerant):
        def poll(self, evaluation: Followed) -> object:
            return self.http.get(f"/api/repos/ox/cats/evaluations/{evaluation.id}").status_code

        def connect(self, oxen: Oxen) -> None:
            base = oxen.url.partition("/sandbox/")[0]
            self.http = httpx.Client(verify=CONTEXT, base_url=base)

    error = caught(Life, **FEW)
    assert isinstance(error, CaughtError)
    assert str(error).startswith("reached no sandbox: GET /api/repos/ox/cats/evaluations/")


def test_a_breach_that_was_announced_must_come() -> None:
    class Life(Tolerant):
        def connect(self, oxen: Oxen) -> None:
            super().connect(oxen)
            oxen.expect_violation("body /prompt")

    error = caught(Life, **FEW)
    assert isinstance(error, CaughtError)
    assert str(error).startswith("kept the contract at body /prompt: expected it to be broken in")


# -- clients that create, and clients that wait -----------------------------------------------


class Creating(Tolerant):
    """It creates evaluations itself."""

    body: ClassVar[dict[str, str]] = {
        "prompt": "Is {it}?", "input_type": "text", "output_type": "text",
        "model_id": "41148aa1-906c-411c-b84b-847d980e8896", "target_column": "answer",
    }  # fmt: skip

    def create(self) -> Identified:
        made: dict[str, object] = (
            self.http.post("main/a.parquet", json=self.body).raise_for_status().json()
        )
        return made


def test_a_client_may_create_evaluations_itself() -> None:
    created = set()

    class Life(Creating):
        def at_the_end(self, evaluation: Followed, _view: object) -> None:
            found = self.sandbox.journal.find(evaluation=evaluation.id)["exchanges"]
            created.add(any(one["method"] == "POST" for one in found))

    assert caught(Life, **FEW) is None
    assert created == {True, False}


def test_a_create_that_breaks_the_contract_or_gives_no_id_is_a_failure() -> None:
    class Breaking(Creating):
        body: ClassVar[dict[str, str]] = {}

    class Lost(Creating):
        def create(self) -> Identified:
            return "d0c8585d-1234-5678-abcd-000000000000"

    error = caught(Breaking, **FEW)
    assert error is not None
    assert "broke the contract: body /prompt: expected a string (required)" in told(error)
    assert str(caught(Lost, **FEW)) == (
        "create: expected the id of what was created, found 'd0c8585d-1234-5678-abcd-000000000000'"
    )


class Waiting(Tolerant):
    """Its poll goes on until it sees an end, or has waited for too long."""

    longest = 600.0

    def connect(self, oxen: Oxen) -> None:
        super().connect(oxen)
        oxen.patch_sleep(f"{__name__}.time.sleep")

    def poll(self, evaluation: Followed) -> object:
        ends = time.monotonic() + self.longest
        while time.monotonic() < ends:
            seen: Any = super().poll(evaluation)
            if seen["evaluation"]["status"] in ENDS:
                return seen
            time.sleep(300)
        return None


def test_a_client_that_waits_takes_virtual_time_alone_and_each_of_its_calls_its_own() -> None:
    assert caught(Waiting, **FEW) is None


def test_a_client_that_waits_for_ever_is_caught_at_it() -> None:
    class Life(Waiting):
        longest = 1e9

    error = caught(Life, max_examples=100, phases=(Phase.generate,))
    assert error is not None
    assert "no time-out: the client has slept" in told(error)


# -- more of a subclass's own, and Nugen ------------------------------------------------------


def test_a_subclass_may_have_steps_of_its_own() -> None:
    class Life(Tolerant):
        small: Followed | None = None

        @rule(target=PlainLife.evaluation, rows=st.integers(1, 9))
        def add_a_small_one(self, rows: int) -> Followed:
            self.small = self.scene.add({"rows": rows})
            return self.small

        @rule(evaluation=PlainLife.evaluation)
        def look_into(self, evaluation: Followed) -> None:
            assert evaluation is not self.small

    error = caught(Life, max_examples=100, stateful_step_count=8)
    assert error is not None
    assert steps(error) == [
        "evaluation_0 = state.add_a_small_one(rows=1)",
        "state.look_into(evaluation=evaluation_0)",
    ]


def test_a_subclass_without_a_poll_is_told_so() -> None:
    class Life(OxenLife):
        """It says nothing."""

    assert str(caught(Life, **FEW)) == "Life: expected a method poll, found none"


class NugenBoard(NugenLife):
    """It shows what it was answered; where that was none, what it has shown before."""

    tolerates = (httpx.HTTPError, ValueError)
    ends: ClassVar[set[str]] = {"completed", "failed"}

    def connect(self, nugen: Nugen) -> None:
        self.http = httpx.Client(
            verify=CONTEXT,
            base_url=f"{nugen.url}/api/v3/evaluations/",
            headers={"Authorization": f"Bearer {nugen.token}"},
        )

    def disconnect(self) -> None:
        self.http.close()

    def poll(self, evaluation: Followed) -> str:
        seen = self.http.get(f"{evaluation.id}/status").raise_for_status().json()
        status: str = seen["status"]
        return status

    def at_the_end(self, evaluation: Followed, status: str) -> None:
        assert status == evaluation.status
        assert status in self.ends


def test_nugen_s_evaluations_live_too_and_nobody_can_cancel_them() -> None:
    assert caught(NugenBoard, **FEW) is None

    class Life(NugenBoard):
        ends: ClassVar[set[str]] = {"completed"}

    error = caught(Life, max_examples=100, stateful_step_count=8)
    assert isinstance(error, AssertionError)
    assert len(steps(error)) <= 3
    assert "cancel" not in told(error)


# -- how it ends --------------------------------------------------------------------------------


def test_a_failure_within_an_except_block_is_none_of_what_was_caught_there() -> None:
    class Life(Tolerant):
        def at_the_end(self, evaluation: Followed, _view: object) -> None:
            raise LookupError(f"{evaluation} has ended")

    try:
        int("no number")
    except ValueError:
        assert isinstance(caught(Life, **FEW), LookupError)
