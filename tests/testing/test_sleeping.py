"""A client's sleep moves the clock and takes no time; one that never stops is told so."""

from __future__ import annotations

import pytest
from projects import run

pytest_plugins = ["pytester"]


def test_a_sleep_moves_the_clock_and_takes_no_time(project: pytest.Pytester) -> None:
    told = run(
        project,
        """
        REAL = time.sleep

        def test_named(oxen):
            oxen.patch_sleep("client.time.sleep")
            import client
            assert client.time.sleep is not time.sleep
            assert time.sleep is REAL  # this module's own, which nobody has named
            seen = wait(oxen, oxen.add("happy-path"))
            assert list(dict.fromkeys(seen)) == ["queued", "running", "committing", "completed"]
            assert len(seen) == 16

        def test_put_back(oxen):
            import client
            assert client.time is time
        """,
    )
    told.assert_outcomes(passed=2)
    assert told.duration < 15  # real seconds, and it has slept for 30


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
