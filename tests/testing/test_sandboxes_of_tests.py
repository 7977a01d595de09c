"""What the sandbox of a test is made of, and where it is reached."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import yaml
from projects import run

from mockserver.bundled import bundled

if TYPE_CHECKING:
    import pytest

pytest_plugins = ["pytester"]


def test_ids_are_the_same_alone_in_order_and_in_parallel(project: pytest.Pytester) -> None:
    tests = """
        @pytest.mark.parametrize("n", range(6))
        def test_id(oxen, n):
            made = create(oxen).json()["evaluation"]["id"]
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


def test_a_sandbox_may_have_a_mood(project: pytest.Pytester) -> None:
    told = run(
        project,
        """
        @pytest.mark.oxen(seed=7, settings={"mood": "published"})
        def test_marked(oxen, oxen_server):
            answer = create(oxen)
            assert answer.headers["X-Mock-Mood"] == "published"
            with oxen_server.sandbox(settings={"mood": "strict"}) as other:
                assert create(other).headers["X-Mock-Mood"] == "strict"

        def test_not_marked(oxen):
            assert "X-Mock-Mood" not in create(oxen).headers
        """,
    )
    told.assert_outcomes(passed=2)


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
