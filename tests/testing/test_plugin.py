"""The pytest plugin as a project uses it: each test here runs pytest in a project of its own."""

from __future__ import annotations

import json
import re
import shlex
import textwrap

import inner_runs  # noqa: F401 before the first inner run
import pytest
import yaml

from mockserver.bundled import bundled
from mockserver.snapshots import read_snapshot

pytest_plugins = ["pytester"]

CLIENT = """
import time
import httpx

PATH = "/api/repos/ox/cats/evaluations/"
BODY = {"prompt": "Is {it}?", "input_type": "text", "output_type": "text",
        "model_id": "41148aa1-906c-411c-b84b-847d980e8896", "target_column": "answer"}

def headers(oxen):
    return {"Authorization": f"Bearer {oxen.token}"}

def look(oxen, evaluation):
    url = oxen.url + PATH + evaluation["id"]
    return httpx.get(url, headers=headers(oxen)).json()["evaluation"]

def create(oxen, **body):
    url = oxen.url + PATH + "main/a.parquet"
    return httpx.post(url, headers=headers(oxen), json={**BODY, **body})

def wait(oxen, evaluation):
    seen = []
    while seen[-1:] not in (["completed"], ["errored"], ["cancelled"]):
        if seen:
            time.sleep(2)
        seen.append(look(oxen, evaluation)["status"])
    return seen
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with a client; its tests run in this process, with the plugin that is installed."""
    pytester.makepyfile(client=CLIENT)
    return pytester


def run(project: pytest.Pytester, tests: str, *flags: str) -> pytest.RunResult:
    write(project, tests)
    return project.runpytest(*flags)


def write(project: pytest.Pytester, tests: str) -> None:
    imports = "from client import *\nimport pytest\n"
    project.makepyfile(test_it=imports + textwrap.dedent(tests))


def test_a_test_has_a_sandbox_of_its_own_whose_clock_stands_still(project: pytest.Pytester) -> None:
    told = run(
        project,
        """
        def test_life(oxen):
            assert not oxen.url.endswith("/")
            ev = oxen.add("happy-path", rows=50)
            start = oxen.clock.now
            assert look(oxen, ev)["status"] == "queued"
            assert oxen.clock.now == start
            oxen.clock.until(ev, "running")
            assert look(oxen, ev)["status"] == "running"
            oxen.clock.advance("24s")
            assert look(oxen, ev)["status"] == "committing"
            oxen.clock.next(ev)
            assert look(oxen, ev)["progress"] == {"processed": 50, "total": 50}
            assert oxen.report()["clean"]
            assert oxen.journal.wait(status_seen="completed")["code"] == 200

        def test_nothing_of_it_is_left(oxen):
            assert oxen.journal.find()["exchanges"] == []
            ev = oxen.add("slow")
            oxen.fail(ev, at_row=71)
            oxen.clock.until(ev, "errored")
            assert look(oxen, ev)["progress"]["processed"] == 71
            oxen.faults.add(operation="get_evaluation", code=503, count=1)
            assert httpx.get(oxen.url + PATH + ev["id"], headers=headers(oxen)).status_code == 503
        """,
    )
    told.assert_outcomes(passed=2)


def test_a_request_that_broke_the_contract_fails_the_test_that_passed(
    project: pytest.Pytester,
) -> None:
    told = run(project, "def test_create(oxen):\n    create(oxen, model_id='gpt-4o')")
    told.assert_outcomes(failed=1)
    told.stdout.fnmatch_lines(
        [
            '*broke the contract: body /model_id: expected a uuid, found "gpt-4o"',
            "*POST /api/repos/ox/cats/evaluations/main/a.parquet was answered 400",
            '*expect_violation("body /model_id")*',
            "*exchanges with the mock*",
            "*1 exchange, virtual time*sandbox test-create-*",
            "*400 POST /api/repos/ox/cats/evaluations/main/a.parquet*",
            "the last answer:",
            '*"type": "invalid_params"*',
        ]
    )


def test_a_request_that_broke_the_contract_is_told_beside_the_exception_it_led_to(
    project: pytest.Pytester,
) -> None:
    told = run(project, "def test_create(oxen):\n    create(oxen, prompt=7).raise_for_status()")
    told.assert_outcomes(failed=1)
    told.stdout.fnmatch_lines(
        ["E *'400 BAD REQUEST'*", "E *broke the contract: body /prompt: expected a string, found 7"]
    )


def test_what_is_broken_on_purpose_is_expected_and_must_come(project: pytest.Pytester) -> None:
    told = run(
        project,
        """
        def test_comes(oxen):
            oxen.expect_violation("body /prompt", operation="create_evaluation", count=2)
            create(oxen, prompt=7)
            create(oxen, prompt=None)

        def test_does_not(oxen):
            oxen.expect_violation("body /prompt")
        """,
    )
    told.assert_outcomes(passed=1, failed=1)
    told.stdout.fnmatch_lines(
        ["*kept the contract at body /prompt: expected it to be broken in 1 *"]
    )


def test_a_failed_test_names_the_command_that_leads_back_to_where_it_failed(
    project: pytest.Pytester,
) -> None:
    told = run(
        project,
        """
        def test_here(oxen):
            ev = oxen.add("errored-midway")
            oxen.clock.until(ev, "running")
            look(oxen, ev)
            assert False, ev["id"]
        """,
    )
    [line] = [line for line in told.outlines if "oxen-mock serve" in line]
    words = shlex.split(line)
    assert words[:4] == ["oxen-mock", "serve", "--frozen", "--restore"]
    snapshot = read_snapshot(json.loads((project.path / words[4]).read_text("utf-8")), "file")
    [found] = {*re.findall(r"AssertionError: ([0-9a-f-]{36})", told.stdout.str())}
    ids = {evaluation.id: evaluation for evaluation, _ in snapshot.state.evaluations}
    assert ids[found].life.at(snapshot.state.now - ids[found].born).status == "running"


def test_a_request_that_named_no_sandbox_fails_the_test(project: pytest.Pytester) -> None:
    told = run(
        project,
        """
        def test_join(oxen):
            from urllib.parse import urljoin
            httpx.get(urljoin(oxen.url, PATH + "x"), headers={"Authorization": "Bearer t"})

        def test_token(oxen, oxen_server):
            url = oxen_server.url + PATH + oxen.add("happy-path")["id"]
            assert httpx.get(url, headers=headers(oxen)).status_code == 200
        """,
    )
    told.assert_outcomes(passed=1, failed=1)
    told.stdout.fnmatch_lines(["*reached no sandbox: GET /api/repos/ox/cats/evaluations/x was *"])


def test_what_a_test_has_left_running_is_no_fault_of_the_next(project: pytest.Pytester) -> None:
    told = run(
        project,
        """
        left = []
        def test_first(oxen):
            left.append(oxen.url)
        def test_second(oxen):
            told = httpx.get(left[0] + PATH + "x", headers={"Authorization": "Bearer t"})
            assert told.status_code == 410
        """,
    )
    told.assert_outcomes(passed=2)


def test_ids_are_the_same_alone_in_order_and_in_parallel(project: pytest.Pytester) -> None:
    tests = """
        import pathlib
        @pytest.mark.parametrize("n", range(6))
        def test_id(oxen, n, request):
            made = create(oxen).json()["evaluation"]["id"]
            out = pathlib.Path(request.config.rootpath, "ids")
            out.mkdir(exist_ok=True)
            out.joinpath(f"{n}-{pathlib.Path.cwd().name}").write_text(made)
            print(f"made {n} {made}")
        """
    made = [
        sorted(re.findall(r"made (\d) (\S+)", run(project, tests, "-rA", *flags).stdout.str()))
        for flags in ((), ("-n2",), ("-k", "not 2"))
    ]
    assert made[0] == made[1]
    assert len(set(made[0])) == 6
    assert len({id_ for _, id_ in made[0]}) == 6
    assert made[2] == [pair for pair in made[0] if pair[0] != "2"]
    [other] = re.findall(
        r"made 0 (\S+)", run(project, tests, "-rA", "-k", "0", "--oxen-seed=8").stdout.str()
    )
    assert other not in dict(made[0]).values()


def test_a_marker_says_what_a_sandbox_is_made_of(project: pytest.Pytester) -> None:
    project.mkdir("lives").joinpath("brief.yaml").write_text(
        "phases: [queued: 1s, running: 1s, completed]\n"
    )
    told = run(
        project,
        """
        @pytest.mark.oxen(seed=7, settings={"dialect": "legacy", "epoch": "2026-01-31T12:00:00Z"})
        class TestLegacy:
            def test_older_body(self, oxen):
                old = {"prompt": "x", "type": "text", "model": "gpt-4o", "target_column": "a"}
                url = oxen.url + PATH + "main/a.parquet"
                made = httpx.post(url, headers=headers(oxen), json=old).json()["evaluation"]
                assert made["inserted_at"] == "2026-01-31T12:00:00Z"

            @pytest.mark.oxen(settings={"tokens": ["secret"]})
            def test_nearest_marker_adds(self, oxen):
                assert oxen.token == "secret"
                assert create(oxen, type="text").status_code == 200
                oxen.expect_violation("header Authorization")
                other = {"Authorization": "Bearer t"}
                assert httpx.get(oxen.url + PATH + "x", headers=other).status_code == 401
                httpx.get(oxen.url + PATH + "x", headers=other)

        @pytest.mark.oxen(fixtures="lives")
        def test_folder(oxen):
            oxen.clock.until(oxen.add("brief"), "completed")

        PHASES = [{"queued": "9s"}, {"running": "1s"}, "completed"]
        @pytest.mark.oxen(fixtures={"mine": {"phases": PHASES}})
        def test_values(oxen):
            ev = oxen.add("mine")
            oxen.clock.advance(8)
            assert look(oxen, ev)["status"] == "queued"

        @pytest.mark.oxen(sead=7)
        def test_slip(oxen): ...

        @pytest.mark.oxen(fixtures="nowhere", settings={"speeed": 1})
        def test_nowhere(oxen): ...
        """,
        "--strict-markers",
    )
    told.assert_outcomes(passed=3, failed=1, errors=2)
    told.stdout.fnmatch_lines_random(
        [
            "*the marker oxen: expected seed, spec, fixtures, settings, found sead",
            "*fixtures nowhere: expected a path in *found nothing there",
            "*header Authorization: expected a token this server was started with*",
        ]
    )


def test_a_marker_may_bring_a_document_and_whole_settings(project: pytest.Pytester) -> None:
    document = yaml.safe_load((bundled("spec") / "oxen.yaml").read_text("utf-8"))
    document["paths"]["/api/mine"] = {"get": {"responses": {"200": {"description": "Mine."}}}}
    project.path.joinpath("hub.json").write_text(json.dumps(document), "utf-8")
    told = run(
        project,
        """
        from mockserver import Settings

        @pytest.mark.oxen(spec="hub.json")
        def test_document(oxen):
            assert httpx.get(oxen.url + "/api/mine", headers=headers(oxen)).status_code == 501
            assert create(oxen).status_code == 200

        def test_without(oxen):
            oxen.expect_violation("path")
            assert httpx.get(oxen.url + "/api/mine", headers=headers(oxen)).status_code == 404

        @pytest.mark.oxen(spec="hub.json", settings=Settings(seed="8"))
        def test_both(oxen):
            assert httpx.get(oxen.url + "/api/mine", headers=headers(oxen)).status_code == 501
            assert oxen.world.sandbox.seed == "8"

        @pytest.mark.oxen(settings={"seed": 9})
        def test_seed(oxen):
            assert oxen.world.sandbox.seed == "9"

        @pytest.mark.oxen(settings={"port": 4010, "restore": "snapshot.json"})
        def test_of_servers(oxen): ...

        @pytest.mark.oxen(settings=Settings(tokens=("secret",), assume={"dialect": "legacy"}))
        def test_settings(oxen):
            assert oxen.token == "secret"
            start = oxen.clock.now
            assert create(oxen, type="text").status_code == 200
            assert oxen.clock.now == start

        def test_in_a_block(oxen_server):
            with oxen_server.sandbox(spec="hub.json", settings={"speed": 3600}) as oxen:
                assert httpx.get(oxen.url + "/api/mine", headers=headers(oxen)).status_code == 501
                assert oxen.clock.get()["rate"] == 3600
        """,
    )
    told.assert_outcomes(passed=6, errors=1)
    told.stdout.fnmatch_lines(
        ['*settings[[]"*"[]]: expected what a sandbox can have of its own, found a setting *']
    )


def test_a_sleep_moves_the_clock_and_takes_no_time(project: pytest.Pytester) -> None:
    told = run(
        project,
        """
        def test_named(oxen):
            oxen.patch_sleep("client.time.sleep")
            assert time.sleep is not oxen.sleep
            seen = wait(oxen, oxen.add("happy-path"))
            assert list(dict.fromkeys(seen)) == ["queued", "running", "committing", "completed"]
            assert len(seen) == 16

        def test_put_back(oxen):
            import client
            assert client.time is time
        """,
        "--durations=1",
    )
    told.assert_outcomes(passed=2)


def test_a_time_out_comes_in_virtual_time(project: pytest.Pytester) -> None:
    project.makepyfile(
        patient="""
        import time
        from time import monotonic, sleep

        def by_module(look, most):
            ends = time.monotonic() + most
            while time.monotonic() < ends:
                look()
                time.sleep(5)
            raise TimeoutError

        def by_name(look, most):
            ends = monotonic() + most
            while monotonic() < ends:
                look()
                sleep(5)
            raise TimeoutError
        """
    )
    told = run(
        project,
        """
        import patient
        @pytest.mark.parametrize("way, place", [
            (patient.by_module, "patient.time.sleep"), (patient.by_name, "patient.sleep")])
        def test_gives_up(oxen, way, place):
            oxen.patch_sleep(place)
            ev = oxen.add("stuck")
            with pytest.raises(TimeoutError):
                way(lambda: look(oxen, ev), 600)
            assert len(oxen.journal.find()["exchanges"]) == 100
        """,
    )
    told.assert_outcomes(passed=2)


def test_a_sleep_of_asyncio_is_virtual_too_and_so_are_its_time_outs(
    project: pytest.Pytester,
) -> None:
    project.makepyfile(
        patient="""
        import asyncio

        async def until(done, most):
            async with asyncio.timeout(most):
                while not await done():
                    await asyncio.sleep(2)

        async def with_wait_for(done, most):
            async def loop():
                while not await done():
                    await asyncio.sleep(2)
            await asyncio.wait_for(loop(), most)
        """
    )
    told = run(
        project,
        """
        import asyncio
        import patient

        @pytest.mark.parametrize("way", [patient.until, patient.with_wait_for])
        @pytest.mark.parametrize("fixture, most, good", [
            ("happy-path", 60, True), ("slow", 60, False)])
        def test_async(oxen, way, fixture, most, good):
            oxen.patch_sleep("patient.asyncio.sleep")
            ev = oxen.add(fixture)
            async def main():
                async with httpx.AsyncClient() as client:
                    async def done():
                        got = await client.get(oxen.url + PATH + ev["id"], headers=headers(oxen))
                        return got.json()["evaluation"]["status"] == "completed"
                    await way(done, most)
            if good:
                asyncio.run(main())
            else:
                with pytest.raises(TimeoutError):
                    asyncio.run(main())

        def test_handed_in(oxen):
            ev = oxen.add("happy-path")
            async def main(sleep):
                while look(oxen, ev)["status"] != "completed":
                    await sleep(5)
            asyncio.run(main(oxen.sleep))
        """,
    )
    told.assert_outcomes(passed=5)


def test_a_client_without_a_time_out_is_told_so_even_if_it_catches_every_exception(
    project: pytest.Pytester,
) -> None:
    told = run(
        project,
        """
        def test_for_ever(oxen):
            ev = oxen.add("stuck")
            while True:
                try:
                    look(oxen, ev)
                    oxen.sleep(300)
                except Exception:
                    pass

        def test_as_long_as_it_takes(oxen):
            oxen.longest_wait = "1d"
            ev = oxen.add("stuck")
            for _ in range(19):
                look(oxen, ev)
                oxen.sleep(3600)
        """,
    )
    told.assert_outcomes(passed=1, failed=1)
    told.stdout.fnmatch_lines(["E *no time-out: the client has slept 25 times, 2h5m of virtual *"])


def test_polls_after_the_end_fail_the_test_and_looks_without_a_sleep_do_not(
    project: pytest.Pytester,
) -> None:
    told = run(
        project,
        """
        def test_ignores_errored(oxen):
            oxen.patch_sleep("client.time.sleep")
            ev = oxen.add("errored-midway")
            while look(oxen, ev)["status"] != "completed":
                oxen.sleep(5)

        def test_once_more(oxen):
            ev = oxen.add("happy-path")
            while look(oxen, ev)["status"] != "completed":
                oxen.sleep(5)
            oxen.sleep(5)
            look(oxen, ev)

        def test_means_it(oxen):
            oxen.allow_polls_after_end()
            oxen.clock.until(oxen.add("happy-path"), "completed")
            ev = oxen.add("happy-path")
            oxen.clock.until(ev, "completed")
            look(oxen, ev), oxen.sleep(1), look(oxen, ev)

        def test_about_another_meanwhile(oxen):
            first, second = oxen.add("happy-path"), oxen.add("happy-path", rows=7)
            for ev in (first, second):
                while look(oxen, ev)["status"] != "completed":
                    oxen.sleep(5)
                oxen.sleep(5)
                second = oxen.add("happy-path")
            assert look(oxen, first)["status"] == "completed"

        def test_all_of_several_to_the_end_of_the_last(oxen):
            brief, slow = oxen.add("happy-path"), oxen.add("errored-midway", rows=9)
            while [look(oxen, ev)["status"] for ev in (slow, brief)] != ["errored", "completed"]:
                oxen.sleep(4)

        def test_reads_twice(oxen):
            oxen.sleep(1)
            ev = oxen.add("happy-path")
            oxen.clock.until(ev, "completed")
            look(oxen, ev), look(oxen, ev), oxen.clock.advance("1h"), look(oxen, ev)
        """,
    )
    told.assert_outcomes(passed=3, failed=3)
    told.stdout.fnmatch_lines(
        [
            "*polls after the end: evaluation *had been shown as errored, and the client *",
            "*polls after the end: evaluation *had been shown as completed, and the client *",
        ]
    )


def test_a_sleep_that_is_a_method_is_put_back_as_what_it_was(project: pytest.Pytester) -> None:
    project.makepyfile(
        waiting="""
        import time
        class Base:
            @staticmethod
            def rest(seconds):
                time.sleep(seconds)
        class Poller(Base):
            def pause(self, seconds):
                time.sleep(seconds)
        """
    )
    told = run(
        project,
        """
        from waiting import Base, Poller
        def test_virtual(oxen):
            oxen.patch_sleep("waiting.Poller.pause")
            oxen.patch_sleep("waiting.Poller.rest")
            start = oxen.clock.now
            Poller().pause(3000)
            Poller.rest(600)
            assert (oxen.clock.now - start).seconds == 3600

        def test_put_back():
            assert vars(Poller).keys() >= {"pause"} and "rest" not in vars(Poller)
            Poller().pause(0), Poller().rest(0), Base.rest(0)
        """,
    )
    told.assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("client.tme.sleep", "has no attribute 'tme'"),
        ("nowhere.time.sleep", "No module named 'nowhere'"),
        ("client.time.slep", "no function slep in client.time"),
        ("sleep", "''"),
    ],
)
def test_a_slip_in_the_place_of_a_sleep_is_told(
    project: pytest.Pytester, target: str, told: str
) -> None:
    found = run(project, f"def test_slip(oxen):\n    oxen.patch_sleep({target!r})")
    found.assert_outcomes(failed=1)
    assert 'as in "pkg.poller.time.sleep" or "pkg.poller.sleep"' in found.stdout.str()
    assert told in found.stdout.str()


def test_a_slip_of_the_test_s_own_is_told_where_it_stands(project: pytest.Pytester) -> None:
    told = run(project, "def test_slip(oxen):\n    oxen.add('happy-pth')")
    told.assert_outcomes(failed=1)
    told.stdout.fnmatch_lines(
        [
            ">   *oxen.add('happy-pth')",
            "E * is called 'oxen/happy-pth'; did you mean oxen/happy-path?",
            "",
            "test_it.py:4: ControlError",
        ],
        consecutive=True,
    )


def test_sandboxes_for_a_block_are_for_hypothesis(project: pytest.Pytester) -> None:
    told = run(
        project,
        """
        from hypothesis import assume, given, settings, strategies as st

        @settings(max_examples=20, database=None, deadline=None)
        @given(st.integers(1, 100))
        def test_rows(oxen_server, rows):
            with oxen_server.sandbox(seed="1") as oxen:
                ev = oxen.add("happy-path", rows=rows)
                oxen.clock.until(ev, "committing")
                assert look(oxen, ev)["progress"]["processed"] == rows

        @settings(max_examples=20, database=None, deadline=None)
        @given(st.integers(1, 100))
        def test_leaves_examples_out(oxen_server, rows):
            with oxen_server.sandbox() as oxen:
                create(oxen, prompt="x" if rows % 2 else 7)
                assume(rows % 2)

        @settings(max_examples=20, database=None, deadline=None)
        @given(st.integers(0, 100))
        def test_shrinks(oxen_server, prompt):
            with oxen_server.sandbox() as oxen:
                create(oxen, prompt=str(prompt) if prompt < 10 else prompt)
        """,
    )
    told.assert_outcomes(passed=2, failed=1)
    told.stdout.fnmatch_lines(
        ["*broke the contract: body /prompt: expected a string, found 10", "*exchanges with*"]
    )
    assert told.stdout.str().count("broke the contract") == 2  # the failure, and its summary


def test_both_apis_share_a_sandbox_and_its_clock(project: pytest.Pytester) -> None:
    told = run(
        project,
        """
        def test_both(oxen, nugen, nugen_server):
            assert oxen.url == nugen.url
            ev = nugen.add("slow")
            first = oxen.clock.now
            nugen.clock.advance("1m")
            assert (oxen.clock.now - first).seconds == 60
            url = nugen.url + f"/api/v3/evaluations/{ev['id']}/status"
            assert httpx.get(url, headers=headers(nugen)).json()["status"] == "pending"
            with nugen_server.sandbox() as other:
                assert other.url != nugen.url
                other.add("failed")
        """,
    )
    told.assert_outcomes(passed=1)


def test_clients_whose_base_url_cannot_be_set_are_sent_to_the_sandbox(
    project: pytest.Pytester,
) -> None:
    told = run(
        project,
        """
        import asyncio
        import requests

        HUB = "https://hub.oxen.ai"

        def test_httpx(oxen):
            ev = oxen.add("happy-path")
            with httpx.Client(transport=oxen.httpx_transport()) as client:
                answer = client.get(HUB + PATH + ev["id"], headers={"Authorization": "Bearer t"})
                assert answer.json()["evaluation"]["id"] == ev["id"]
                assert str(answer.url).startswith(HUB)
                url = HUB + PATH + "main%2Fa.parquet"
                made = client.post(url, json=BODY, headers=headers(oxen)).json()
                assert made["evaluation"]["resource"]["path"] == "a.parquet"
                with pytest.raises(ConnectionError, match="not sent"):
                    client.get("https://example.com/")

        def test_async_httpx(oxen):
            ev = oxen.add("happy-path")
            async def main():
                async with httpx.AsyncClient(transport=oxen.async_httpx_transport()) as client:
                    return await client.get(HUB + PATH + ev["id"], headers=headers(oxen))
            assert asyncio.run(main()).json()["evaluation"]["id"] == ev["id"]

        def test_requests(oxen):
            ev = oxen.add("happy-path")
            with requests.Session() as session:
                session.mount("https://", oxen.requests_adapter())
                url = HUB + PATH + ev["id"]
                answer = session.get(url, headers=headers(oxen), params={"a": "1"})
                assert answer.json()["evaluation"]["id"] == ev["id"]
                assert answer.url.startswith(HUB)
                url = HUB + PATH + "main%2Fa.parquet"
                made = session.post(url, json=BODY, headers=headers(oxen)).json()
                assert made["evaluation"]["resource"]["path"] == "a.parquet"
                with pytest.raises(ConnectionError, match="not sent"):
                    session.get("https://example.com/")

        def test_nugen(nugen):
            ev = nugen.add("slow")
            url = f"https://api.nugen.in/api/v3/evaluations/{ev['id']}/status"
            with httpx.Client(transport=nugen.httpx_transport()) as client:
                assert client.get(url, headers=headers(nugen)).status_code == 200
        """,
    )
    told.assert_outcomes(passed=4)


def test_the_report_on_a_run_is_written_with_its_coverage(project: pytest.Pytester) -> None:
    tests = """
        def test_good(oxen):
            look(oxen, oxen.add("happy-path"))
        def test_bad(oxen):
            create(oxen, prompt=7)
        def test_without():
            pass
        def test_given(oxen_server):
            with oxen_server.sandbox() as oxen:
                ev = oxen.add("happy-path")
                oxen.clock.until(ev, "completed")
                look(oxen, ev)
        """
    texts = []
    for flags in ((), ("-n2",)):
        told = run(project, tests, "--oxen-report=out/report.xml", *flags)
        told.stdout.fnmatch_lines(
            ["*oxen-mock: *report.xml*", "3 requests in 3 sandboxes*", "not clean: 1 request *"]
        )
        texts.append((project.path / "out/report.txt").read_text("utf-8"))
        xml = (project.path / "out/report.xml").read_text("utf-8")
        assert 'tests="3" failures="1"' in xml
        assert "body /prompt: expected a string, found 7" in xml
    assert texts[0] == texts[1]
    assert "life cycle of oxen: 2 of 6 statuses seen, never running, committing" in texts[0]


def test_other_fixtures_that_break_the_contract_as_they_end_are_told_of(
    project: pytest.Pytester,
) -> None:
    told = run(
        project,
        """
        @pytest.fixture
        def made(oxen):
            yield
            create(oxen, prompt=7)
        def test_good(made):
            pass
        """,
    )
    told.assert_outcomes(passed=1, errors=1)
    told.stdout.fnmatch_lines(["*broke the contract: body /prompt*"])


def test_a_test_that_is_run_again_starts_anew(project: pytest.Pytester) -> None:
    project.makeconftest(
        """
        from _pytest.runner import runtestprotocol
        def pytest_runtest_protocol(item, nextitem):
            for _ in range(2):
                for report in runtestprotocol(item, nextitem=nextitem, log=False):
                    item.ihook.pytest_runtest_logreport(report=report)
            return True
        """
    )
    told = run(
        project,
        """
        made = []
        def test_flaky(oxen):
            made.append(oxen.add("happy-path")["id"])
            create(oxen, prompt=7 if len(made) == 1 else "x")
            assert len(set(made)) == 1
        """,
    )
    told.assert_outcomes(passed=1, failed=1)


def test_skips_and_expected_failures_stay_what_they_are(project: pytest.Pytester) -> None:
    told = run(
        project,
        """
        def test_skip(oxen):
            create(oxen, prompt=7)
            pytest.skip("not today")

        @pytest.mark.xfail
        def test_xfail(oxen):
            create(oxen, prompt=7)

        import unittest
        class TestOld(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def take(self, oxen):
                self.oxen = oxen
            def test_old(self):
                create(self.oxen, prompt=7)
        """,
    )
    told.assert_outcomes(skipped=1, xfailed=1, failed=1)


@pytest.mark.parametrize("library", ["freezegun", "time_machine"])
def test_frozen_time_freezes_no_server(project: pytest.Pytester, library: str) -> None:
    pytest.importorskip(library)
    freeze = {
        "freezegun": "freezegun.freeze_time('2026-01-31T12:00:00Z')",
        "time_machine": "time_machine.travel('2026-01-31T12:00:00Z', tick=False)",
    }[library]
    write(
        project,
        f"""
        import {library}

        @pytest.fixture
        def frozen():
            with {freeze}:
                yield

        def test_frozen_first(frozen, oxen):
            assert look(oxen, oxen.add("happy-path"))["inserted_at"] == "2026-01-31T12:00:00Z"

        def test_frozen_later(oxen, frozen):
            oxen.patch_sleep("client.time.sleep")
            assert wait(oxen, oxen.add("happy-path"))[-1] == "completed"
            assert oxen.journal.find(wait="0s")["exchanges"]

        def test_not_frozen(oxen):
            assert look(oxen, oxen.add("happy-path"))["inserted_at"] > "2026-02"
        """,
    )
    told = project.runpytest_subprocess()  # where nothing is imported before it is asked for
    told.assert_outcomes(passed=3)


def test_a_run_that_uses_none_of_it_imports_none_of_it(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import sys
        def test_nothing():
            heavy = {"flask", "openapi_core", "werkzeug", "mockserver.engine", "yaml", "httpx"}
            assert not heavy & sys.modules.keys()
        """
    )
    told = project.runpytest_subprocess()
    told.assert_outcomes(passed=1)


def test_the_plugin_is_found_by_its_entry_point(project: pytest.Pytester) -> None:
    told = project.runpytest_subprocess("--help")
    told.stdout.fnmatch_lines(["*--oxen-report=FILE*"])
