"""The engine: whatever is asked is answered, by the contract and the rules, and repeatably."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver import journal as journals
from mockserver.apis.oxen import CREATE, GET, OxenApi
from mockserver.assemble import Mock, assemble
from mockserver.budget import Budget
from mockserver.contract.routes import Match
from mockserver.core import rules
from mockserver.core.errors import BadFixturesError
from mockserver.core.exchange import Exchange, Request, Response
from mockserver.proving import prove
from mockserver.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from mockserver.core.evaluation import Evaluation
    from mockserver.engine import Engine
    from mockserver.sandbox import Sandbox

EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = 1_000_000_000
SEED_ID = "d0c8585d-1234-5678-abcd-ef0123456789"
EVALUATIONS = "/api/repos/ox/cats/evaluations"
GOOD: Mapping[str, object] = {
    "prompt": "Is it a cat? {image}",
    "input_type": "image",
    "output_type": "text",
    "model_id": "41148aa1-906c-411c-b84b-847d980e8896",
    "target_column": "answer",
}
TOKEN: Mapping[str, str] = {"authorization": "Bearer any-token"}


class World:
    """A mock whose real time moves only when it is told to."""

    def __init__(self, **said: Any) -> None:  # noqa: ANN401 because settings are of many types
        self.real = 0
        self.mock: Mock = assemble(
            Settings(**{"epoch": EPOCH, "seed": "engine", **said}), real=lambda: self.real
        )

    @property
    def engine(self) -> Engine:
        return self.mock.engine

    def get(self, path: str = f"{EVALUATIONS}/{SEED_ID}", **headers: str) -> Response:
        return self.engine.answer(Request("GET", path, headers={**TOKEN, **headers}))

    def create(self, *, prefer: str = "", path: str = "main/a.parquet", **more: object) -> Response:
        headers = {**TOKEN, "content-type": "application/json", "prefer": prefer}
        body = json.dumps({**GOOD, **more}).encode()
        return self.engine.answer(Request("POST", f"{EVALUATIONS}/{path}", (), headers, body))

    def created(self, **said: Any) -> str:  # noqa: ANN401 as create takes it
        answer = self.create(**said)
        assert answer.status == 200, answer.body
        return str(evaluation_in(answer)["id"])


def evaluation_in(answer: Response) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.body)["evaluation"]
    return found


def detail_of(answer: Response) -> str:
    return str(json.loads(answer.body)["error"].get("detail", ""))


@pytest.fixture(scope="module")
def still() -> World:
    """One world for tests that change nothing in it that another one looks at."""
    return World()


# -- the same question, the same answer -------------------------------------------------------


def test_asking_twice_at_the_same_instant_gives_the_same_body() -> None:
    world = World()
    own = world.created(auto_commit=True)
    living = world.engine.sandbox.evaluations()
    fixtures = [e.id for e in living if e.collection == "oxen/evaluation"]
    for at in (0, 3 * SECOND, 3 * SECOND + 1_000, 14 * SECOND, 27 * SECOND, 30 * SECOND, 10**15):
        world.real = at
        for id_ in (own, *fixtures):
            first, second = world.get(f"{EVALUATIONS}/{id_}"), world.get(f"{EVALUATIONS}/{id_}")
            assert first.status == 200
            assert first.body == second.body


def test_looking_changes_nothing_of_what_is_seen_later() -> None:
    watched, left_alone = World(), World()
    ids = [world.created(auto_commit=True) for world in (watched, left_alone)]
    for at in range(0, 31 * SECOND, SECOND):
        watched.real = at
        watched.get(f"{EVALUATIONS}/{ids[0]}")
    left_alone.real = watched.real
    path = f"{EVALUATIONS}/{ids[0]}"
    assert watched.get(path).body == left_alone.get(path).body


def _said_in_order(world: World) -> Iterator[Response]:
    for at in range(0, 40, 5):
        world.real = at * SECOND
        yield world.create(name=f"at {at}", auto_commit=at % 2 == 0)
        yield world.create(prefer="example=errored-midway")
        yield world.create(prompt=7)
        yield world.get()
        yield world.get("/nowhere")
    for evaluation in world.engine.sandbox.evaluations():
        yield world.get(f"{EVALUATIONS}/{evaluation.id}")


def test_the_same_seed_epoch_and_order_of_requests_give_equal_answers_to_the_byte() -> None:
    assert list(_said_in_order(World())) == list(_said_in_order(World()))


def test_another_seed_gives_other_ids() -> None:
    ids = {World(seed=seed).created() for seed in ("a", "b", "")}
    assert len(ids) == 3


def test_without_a_seed_two_worlds_differ() -> None:
    assert World(seed=None).created() != World(seed=None).created()


def test_no_two_creates_share_an_id() -> None:
    world = World()
    ids = [world.created() for _ in range(50)]
    assert len(set(ids)) == 50


def test_time_tells_in_every_answer_when_it_was_given() -> None:
    world = World(speed=60)
    world.real = SECOND
    for answer in (world.get(), world.get("/nowhere"), world.create(), world.create(prompt=1)):
        assert answer.header("X-Mock-Now") == "2026-03-01T12:01:00.000000Z"


# -- everything is answered -------------------------------------------------------------------


def test_every_operation_of_the_contract_is_answered() -> None:
    world = World()
    answers = {
        CREATE: world.create(),
        GET: world.get(),
    }
    assert answers.keys() == world.engine.apis["oxen"].contract.operations.keys()
    assert {answer.status for answer in answers.values()} == {200}


IDS = st.sampled_from([SEED_ID, SEED_ID.upper(), "00000000-0000-0000-0000-000000000000"])
SEGMENTS = st.one_of(
    st.sampled_from(
        ["api", "repos", "ox", "cats", "evaluations", "main", "a.parquet", "file", "ai", "models"]
    ),
    st.sampled_from(["", ".", "..", "{namespace}", "*resource_path", "_mock", "\x00", "\n", "🐂"]),
    IDS,
    st.text(max_size=8),
)
LIKELY = st.one_of(
    st.builds("/api/repos/{}/{}/evaluations/{}".format, SEGMENTS, SEGMENTS, SEGMENTS),
    st.builds("/api/repos/ox/cats/evaluations/{}/{}".format, SEGMENTS, SEGMENTS),
    st.builds("/api/repos/ox/cats/file/{}/{}".format, SEGMENTS, SEGMENTS),
    st.just("/api/ai/models"),
    st.builds("/{}".format, st.text()),
    st.lists(SEGMENTS, max_size=9).map("/".join).map("/{}".format),
)
METHODS = st.one_of(
    st.sampled_from(["GET", "POST", "POST", "HEAD", "OPTIONS", "DELETE", "PUT", "PATCH", "get"]),
    st.text(min_size=1, max_size=5),
)
NAMES = st.sampled_from(["happy-path", "errored-midway", "cancelled", "slow", "nope", ""])
PREFERS = st.one_of(
    st.just(""),
    st.builds("example={}".format, NAMES),
    st.builds("code={}".format, st.integers(0, 999)),
    st.sampled_from(["dynamic=strict, seed=7", 'example="slow"', "code=404, example=slow"]),
    st.text(max_size=20),
)
IN_A_HEADER = st.characters(exclude_characters="\r\n\0")  # which no server lets through
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "authorization": st.one_of(
            st.just("Bearer t"), st.just("Bearer t"), st.text(IN_A_HEADER, max_size=20)
        ),
        "content-type": st.one_of(
            st.sampled_from(["application/json", "application/json", "text/plain", ""])
        ),
        "prefer": PREFERS,
        "x-oxen-request-id": st.text(IN_A_HEADER, max_size=130),
        "x-odd": st.text(IN_A_HEADER, max_size=20),
    },
)
JSON: st.SearchStrategy[object] = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=9)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
OPTIONAL = """
    name is_sample sample_count batch_size auto_commit target_branch target_path commit_message
    type model id
"""
FIELDS = st.sampled_from([*GOOD, *OPTIONAL.split()])
CHANGED = st.dictionaries(
    FIELDS, st.one_of(JSON, st.booleans(), st.integers(), st.text()), max_size=3
)
BODIES = st.one_of(
    st.binary(max_size=40),
    JSON.map(lambda value: json.dumps(value).encode()),
    CHANGED.map(lambda changed: json.dumps({**GOOD, **changed}).encode()),
    CHANGED.map(lambda changed: json.dumps({**GOOD, **changed}).encode()),
)
REQUESTS = st.builds(
    Request,
    METHODS,
    LIKELY,
    st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=2).map(tuple),
    HEADERS,
    BODIES,
)
LONG_LIVED = World()


def _asked_to_fail(request: Request) -> bool:
    return "code" in request.headers.get("prefer", "").lower()


@settings(derandomize=True, deadline=None, database=None, max_examples=500)
@given(request=REQUESTS, step=st.integers(0, 5 * SECOND))
@example(request=Request("OPTIONS", "*"), step=0)
@example(request=Request("", ""), step=0)
@example(request=Request("POST", f"{EVALUATIONS}/a", (), TOKEN, b"\xff" * 9), step=0)
def test_any_request_is_answered_without_a_fault(request: Request, step: int) -> None:
    LONG_LIVED.real += step
    answer = LONG_LIVED.engine.answer(request)
    assert answer.status < 500 or _asked_to_fail(request), answer.body
    for name in ("X-Mock-Now", "X-Mock-Fixture", "x-oxen-request-id"):
        assert answer.header(name)
    for name, value in answer.headers:
        assert (name + value).isascii()
        assert (name + value).isprintable()
    if answer.status >= 400:
        told = json.loads(answer.body)
        assert request.path.startswith("/_mock") or told["status_message"] == told["error"]["type"]
    match = LONG_LIVED.engine.apis["oxen"].contract.routes.match(request.method, request.path)
    if isinstance(match, Match) and answer.status < 400:
        _assert_true(LONG_LIVED.engine, match, answer)


def _assert_true(engine: Engine, match: Match, answer: Response) -> None:
    """It keeps the strict contract, and the temporal rules."""
    operation = engine.apis["oxen"].contract.operations[match.name]
    assert engine.apis["oxen"].contract.check_answer(operation, answer) == ()
    now = datetime.fromisoformat(answer.header("X-Mock-Now") or "")
    sighting = engine.apis["oxen"].api.sighting(GET, json.loads(answer.body), now)
    assert rules.check(sighting) == ()


LIVES = sorted(LONG_LIVED.engine.apis["oxen"].catalog.evaluations)


@pytest.mark.parametrize("name", LIVES)
def test_every_life_a_create_can_live_keeps_contract_and_rules_to_its_end(
    still: World, name: str
) -> None:
    world = still
    for commit, sample in product((True, False), (True, False)):
        id_ = world.created(prefer=f"example={name}", auto_commit=commit, is_sample=sample)
        proof = prove(
            world.engine.apis["oxen"].api, world.engine.apis["oxen"].contract, _kept(world, id_)
        )
        assert proof.judged >= 3
        assert proof.broken == ()


def _kept(world: World, id_: str) -> Evaluation:
    [found] = world.engine.sandbox.anywhere(id_)
    return found


def test_a_sample_run_does_as_many_rows_as_there_are_at_the_most() -> None:
    world = World()
    counts = (-(10**30), -1, 0, 1, 10, 99, 100, 101, 10**30)
    ids = {count: world.created(is_sample=True, sample_count=count) for count in counts}
    seen: dict[int, list[rules.Sighting]] = {count: [] for count in counts}
    for at in range(0, 31 * SECOND, 2 * SECOND - 1):
        world.real = at
        for count, id_ in ids.items():
            shown = json.loads(world.get(f"{EVALUATIONS}/{id_}").body)
            seen[count].append(
                world.engine.apis["oxen"].api.sighting(GET, shown, world.engine.sandbox.now())
            )
    for count, sightings in seen.items():
        for before, after in pairwise(sightings):
            assert rules.check_pair(before, after) == ()
        assert sightings[-1].word == "completed"
        assert sightings[-1].counters["total"] == max(0, min(count, 100))


def test_costs_of_any_size_are_told_as_numbers(tmp_path: Path) -> None:
    usage = {"prompt_tokens": 10**25, "completion_tokens": 0.1, "credits": 10**25}
    fixture = {"phases": [{"queued": "1s"}, {"running": "5s"}, "completed"]}
    dear = {**fixture, "rows": 10**18, "usage": usage}
    (tmp_path / "dear.yaml").write_text(json.dumps(dear), "utf-8")
    world = World(fixtures=(tmp_path,))
    id_ = world.created(prefer="example=dear")
    world.real = 60 * SECOND
    found = evaluation_in(world.get(f"{EVALUATIONS}/{id_}"))
    assert found["tokens_used"] == 10**43 + 10**17
    assert found["credits_used"] == float(Decimal(10) ** 43)


# -- answers of ours that are wrong -----------------------------------------------------------


def test_an_answer_that_breaks_the_contract_is_a_500_naming_fixture_line_and_field() -> None:
    world = World()
    engine = world.engine
    happy = engine.apis["oxen"].catalog.evaluations["happy-path"]
    wrong = replace(happy, fields={**happy.fields, "created_by": {"id": 7, "username": "ox"}})
    changed = {**engine.apis["oxen"].catalog.evaluations, "happy-path": wrong}
    engine.apis["oxen"].catalog = replace(engine.apis["oxen"].catalog, evaluations=changed)
    answer = world.create()
    assert answer.status == 500
    assert json.loads(answer.body)["status_message"] == "unknown_error"
    assert answer.header("X-Mock-Fixture") == "happy-path"
    told = detail_of(answer)
    assert "happy-path.yaml:" in told
    assert "body /evaluation/created_by/id: expected a string, found 7" in told
    assert "body /evaluation/created_by/name" in told
    places = [v.place for v in engine.sandbox.journal.exchanges()[-1].violations]
    assert "body /evaluation/created_by/id" in places


def test_a_stored_evaluation_that_breaks_the_contract_is_a_500_until_it_is_mended() -> None:
    world = World()
    [right] = world.engine.sandbox.anywhere(SEED_ID)
    wrong = replace(right, fixed={**right.fixed, "prompt": None, "output_type": "audio"})
    world.engine.sandbox.set_fixtures({"oxen/happy-path": wrong})
    answer = world.get()
    assert answer.status == 500
    assert "/evaluation/prompt" in detail_of(answer)
    assert "/evaluation/output_type" in detail_of(answer)
    world.engine.sandbox.set_fixtures({"oxen/happy-path": right})
    assert world.get().status == 200


def shown_of(sandbox: Sandbox) -> Evaluation:
    found = sandbox.find("oxen/evaluation", "ox/cats", SEED_ID, sandbox.now())
    assert found is not None
    return found


def test_two_answers_that_contradict_each_other_are_found_in_whichever_order_they_come() -> None:
    world = World()
    world.real = 20 * SECOND
    api, sandbox = world.engine.apis["oxen"].api, world.engine.sandbox
    shown = json.loads(world.get().body)
    later = sandbox.now() + timedelta(seconds=1)
    shown["evaluation"]["progress"]["processed"] = 0
    for now in (later, sandbox.now() - timedelta(seconds=1)):
        seen = api.sighting(GET, shown, now)
        broken = sandbox.judge("ox/cats", shown_of(sandbox), seen)
        fell = "body /evaluation/progress/processed" in {violation.place for violation in broken}
        assert fell is (now == later)


def test_only_oxens_ids_are_compared_within_their_own_repository() -> None:
    world = World()
    world.real = 20 * SECOND
    world.get()
    shown = json.loads(world.get().body)
    shown["evaluation"]["repository_id"] = "another"
    seen = OxenApi({}).sighting(GET, shown, world.engine.sandbox.now())
    sandbox = world.engine.sandbox
    assert sandbox.judge("ox/dogs", shown_of(sandbox), seen) == ()
    assert sandbox.judge("ox/cats", shown_of(sandbox), seen) != ()


def test_a_sighting_of_what_stood_there_before_a_reload_is_not_held_against_what_stands_now() -> (
    None
):
    world = World()
    world.real = 20 * SECOND
    api, sandbox = world.engine.apis["oxen"].api, world.engine.sandbox
    before, now = shown_of(sandbox), sandbox.now()
    late = api.sighting(GET, json.loads(world.get().body), now)
    after = replace(before, fixed={**before.fixed, "prompt": "another"})
    sandbox.set_fixtures({"oxen/happy-path": after})
    assert sandbox.judge("ox/cats", before, late) == ()
    fresh = api.sighting(GET, next(api.answers(after, now))[1].body, now)
    assert sandbox.judge("ox/cats", after, fresh) == ()


# -- bounds -----------------------------------------------------------------------------------


def _exchange(**sent: Any) -> Exchange:  # noqa: ANN401 as Request takes it
    return Exchange(Request("GET", **{"path": "/", **sent}), Response(200), (), EPOCH)


def test_the_journal_keeps_the_newest_exchanges_and_no_more_than_so_many() -> None:
    kept = journals.Journal(Budget())
    for number in range(journals.MOST_EXCHANGES + 50):
        kept.add(_exchange(path=f"/{number}"))
    paths = [exchange.request.path for exchange in kept.exchanges()]
    assert len(paths) == journals.MOST_EXCHANGES
    assert paths[0] == "/50"
    assert paths[-1] == f"/{journals.MOST_EXCHANGES + 49}"


@pytest.mark.parametrize(
    "sent",
    [
        {"body": b"x" * 60_000},
        {"body": b"x" * 5_000_000},
        {"headers": {"x-long": "x" * 60_000}},
        {"path": "/" + "x" * 60_000},
        {"query": (("x", "x" * 60_000),)},
    ],
    ids=["bodies", "long bodies", "headers", "paths", "queries"],
)
def test_the_journal_is_bounded_in_bytes_whatever_it_is_that_is_long(sent: dict[str, Any]) -> None:
    kept = journals.Journal(Budget())
    for _ in range(journals.MOST_EXCHANGES):
        kept.add(_exchange(**sent))
    held = sum(
        len(e.request.body)
        + len(e.request.path)
        + sum(len(value) for value in e.request.headers.values())
        + sum(len(value) for _, value in e.request.query)
        for e in kept.exchanges()
    )
    assert 0 < held <= journals.MOST_BYTES


def test_past_its_bound_the_store_forgets_the_oldest_created_evaluation_and_no_fixture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mockserver.store.MOST_CREATED", 10)
    world = World()
    ids = [world.created() for _ in range(25)]
    there = [world.get(f"{EVALUATIONS}/{id_}").status == 200 for id_ in ids]
    assert there == [False] * 15 + [True] * 10
    assert world.get().status == 200


def test_what_large_creates_leave_in_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.store.MOST_BYTES", 3_000_000)
    world = World()
    tracemalloc.start()
    try:
        for _ in range(25):
            world.created(prompt="x" * 1_000_000)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 15_000_000


SECRETS = [
    "Bearer {}",
    "bearer   {}",
    "{}",
    "Basic {}",
    "Bearer {} and more",
    "{} and more",
    "Token {}",
    "Bearer one, Bearer {}",
    '{}="quoted"',
]


@pytest.mark.parametrize("form", SECRETS)
@pytest.mark.parametrize("secret", ["s3cr3t", "sk-live-0123456789", "x" * 300])
def test_no_token_is_ever_whole_in_the_journal_or_in_an_answer(
    still: World, form: str, secret: str
) -> None:
    answer = still.get(authorization=form.format(secret), cookie=f"session={secret}")
    kept = still.engine.sandbox.journal.exchanges()[-1]
    assert secret not in repr(kept.request)
    assert secret not in repr(answer)
    assert kept.request.headers["authorization"].endswith("...")


def test_the_journal_tells_two_long_tokens_apart(still: World) -> None:
    kept = []
    for token in ("alpha-0123456789", "omega-0123456789"):
        still.get(authorization=f"Bearer {token}")
        kept.append(still.engine.sandbox.journal.exchanges()[-1].request.headers["authorization"])
    assert kept == ["Bearer alph...", "Bearer omeg..."]


def test_the_journal_says_what_was_asked_answered_and_wrong() -> None:
    world = World()
    world.create(prompt=7, prefer="odd=1")
    world.create(prefer="odd=1")
    refused, taken = world.engine.sandbox.journal.exchanges()
    assert [violation.place for violation in refused.violations] == ["body /prompt"]
    assert refused.response.status == 400
    assert refused.operation_id == taken.operation_id == CREATE
    assert taken.fixture == "happy-path"
    assert taken.seen == "queued"
    assert "odd" in taken.hint
    assert taken.now == EPOCH


def test_listeners_hear_of_every_exchange_in_order() -> None:
    heard: list[Exchange] = []
    mock = assemble(Settings(epoch=EPOCH), listeners=[heard.append], real=lambda: 0)
    for path in ("/api/ai/models", "/nowhere", EVALUATIONS):
        mock.engine.answer(Request("GET", path, headers=TOKEN))
    assert [exchange.request.path for exchange in heard] == [
        "/api/ai/models",
        "/nowhere",
        EVALUATIONS,
    ]
    assert heard == list(mock.engine.sandbox.journal.exchanges())


# -- reloading --------------------------------------------------------------------------------

OWN_ID = "aaaaaaaa-0000-4000-8000-000000000001"
OTHER_ID = "aaaaaaaa-0000-4000-8000-000000000002"


def _save(folder: Path, name: str, **said: object) -> Path:
    """A fixture file of a short life; `id`, and whatever else a fixture holds."""
    id_ = said.pop("id", OWN_ID)
    life = [{"queued": "10s"}, {"running": "10s"}, "completed"]
    fixture = {"phases": life, "evaluation": {"id": id_}, **said}
    file = folder / f"{name}.yaml"
    file.write_text(json.dumps(fixture), "utf-8")
    return file


def _status(world: World, id_: str, repository: str = "ox/cats") -> str:
    answer = world.get(f"/api/repos/{repository}/evaluations/{id_}")
    return str(evaluation_in(answer)["status"]) if answer.status == 200 else str(answer.status)


def test_a_reload_restarts_what_has_changed_and_leaves_everything_else_alone(
    tmp_path: Path,
) -> None:
    _save(tmp_path, "changing")
    _save(tmp_path, "staying", id=OTHER_ID)
    world = World(fixtures=(tmp_path,))
    created = world.created(auto_commit=True)
    world.real = 12 * SECOND
    before = world.get(f"{EVALUATIONS}/{created}").body
    assert _status(world, OWN_ID) == _status(world, OTHER_ID) == "running"
    _save(tmp_path, "changing", rows=7)
    assert world.mock.reload() == ("oxen/changing",)
    assert _status(world, OWN_ID) == "queued"
    assert _status(world, OTHER_ID) == "running"
    assert world.get(f"{EVALUATIONS}/{created}").body == before
    world.real = 23 * SECOND
    found = evaluation_in(world.get(f"{EVALUATIONS}/{OWN_ID}"))
    assert found["progress"]["total"] == 7
    assert found["inserted_at"] == "2026-03-01T12:00:12Z"


def test_a_file_saved_as_it_was_restarts_too(tmp_path: Path) -> None:
    file = _save(tmp_path, "own")
    world = World(fixtures=(tmp_path,))
    world.real = 12 * SECOND
    assert world.mock.reload() == ()
    assert _status(world, OWN_ID) == "running"
    assert world.mock.reload([file]) == ("oxen/own",)
    assert _status(world, OWN_ID) == "queued"


def test_a_broken_save_keeps_the_last_good_version(tmp_path: Path) -> None:
    file = _save(tmp_path, "own")
    world = World(fixtures=(tmp_path,))
    world.real = 12 * SECOND
    for broken in (b"phases: [", b"\xff", b"phases: [completed]", b"", b"{}", b"a: &a [*a]"):
        file.write_bytes(broken)
        with pytest.raises(BadFixturesError, match=r"own\.yaml"):
            world.mock.reload([file])
        assert _status(world, OWN_ID) == "running"
        assert world.create(prefer="example=own").status == 200


def test_new_gone_and_answering_fixtures_are_taken_up(tmp_path: Path) -> None:
    world = World(fixtures=(tmp_path,))
    assert _status(world, OWN_ID) == "404"
    assert world.get("/api/new").status == 404
    file = _save(tmp_path, "new")
    answer = {"kind": "answer", "path": "/api/new", "status": 200, "body": {"is": "new"}}
    (tmp_path / "answer.yaml").write_text(json.dumps(answer), "utf-8")
    assert set(world.mock.reload()) == {"oxen/new", "oxen/answer"}
    assert _status(world, OWN_ID) == "queued"
    assert json.loads(world.get("/api/new").body) == {"is": "new"}
    file.unlink()
    assert world.mock.reload() == ("oxen/new",)
    assert _status(world, OWN_ID) == "404"


def test_a_created_evaluation_outlives_the_fixture_whose_life_it_follows(tmp_path: Path) -> None:
    file = _save(tmp_path, "own")
    world = World(fixtures=(tmp_path,))
    id_ = world.created(prefer="example=own")
    file.unlink()
    world.mock.reload()
    world.real = 15 * SECOND
    assert _status(world, id_) == "running"
    assert world.create(prefer="example=own").status == 400


def test_an_id_may_move_from_one_fixture_to_another(tmp_path: Path) -> None:
    _save(tmp_path, "a", id=OWN_ID)
    _save(tmp_path, "z", id=OTHER_ID)
    world = World(fixtures=(tmp_path,))
    _save(tmp_path, "a", id=OTHER_ID)
    _save(tmp_path, "z", id=OWN_ID)
    world.mock.reload()
    assert world.get(f"{EVALUATIONS}/{OWN_ID}").header("X-Mock-Fixture") == "z"
    assert world.get(f"{EVALUATIONS}/{OTHER_ID}").header("X-Mock-Fixture") == "a"


def test_a_repository_may_get_an_evaluation_of_its_own_under_an_id_that_all_share(
    tmp_path: Path,
) -> None:
    _save(tmp_path, "shared")
    world = World(fixtures=(tmp_path,))
    world.real = 15 * SECOND
    assert _status(world, OWN_ID) == "running"
    _save(tmp_path, "own", repository="ox/cats")
    world.mock.reload()
    assert _status(world, OWN_ID) == "queued"
    assert _status(world, OWN_ID, "ox/dogs") == "running"


def test_an_answer_cannot_take_the_name_of_the_default_life(tmp_path: Path) -> None:
    answer = {"kind": "answer", "path": "/api/new", "status": 200}
    (tmp_path / "happy-path.yaml").write_text(json.dumps(answer), "utf-8")
    with pytest.raises(BadFixturesError, match=r"happy-path\.yaml:1.*default"):
        World(fixtures=(tmp_path,))
